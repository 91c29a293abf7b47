"""The catalogue of problems: severity and texts of every id, read from `catalogue/*.toml`.

One file per first part of the id: `values.unreadable` is the table `[unreadable]` of
`values.toml`. Texts have `{named}` holes (:mod:`oncohort.problems.making`). An id that is said in
several ways has named cases, `[unreadable.cases.further]`; a case gives only what differs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from oncohort.dataclass import dataclass
from oncohort.problems.model import Severity

_FOLDER = Path(__file__).parent / "catalogue"


@dataclass(frozen=True, slots=True)
class Case:
    """One way in which a problem is said: its severity and its texts, with `{named}` holes."""

    severity: Severity
    what: str
    """What is wrong, one sentence."""
    why: str
    """Why it matters."""
    todo: str
    """What the user should do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One id of the catalogue."""

    id: str
    finds: str
    """What the rule looks for, without a particular value: for `oncohort rules`."""
    case: Case
    """The problem as it is said where no case is named."""
    leaves_out: str = ""
    """What becomes of the numbers where the problem names no values and no results: why an error
    or a question leaves nothing out by itself."""
    cases: Mapping[str, Case] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def severity(self) -> Severity:
        """How much the problem matters, where no case says otherwise."""
        return self.case.severity

    @property
    def severities(self) -> frozenset[Severity]:
        """All severities with which it can be raised."""
        return frozenset({self.case.severity, *(c.severity for c in self.cases.values())})

    @property
    def plain_todos(self) -> frozenset[str]:
        """What to do, where it is said without a hole: nothing of a chart or protocol is in it."""
        texts = (c.todo for c in (self.case, *self.cases.values()))
        return frozenset(t for t in texts if t and not {"{", "}"} & set(t))


def _case(raw: Mapping[str, str], base: Case | None = None) -> Case:
    return Case(
        Severity(raw["severity"]) if "severity" in raw or base is None else base.severity,
        raw.get("what", base.what if base else ""),
        raw.get("why", base.why if base else ""),
        raw.get("todo", base.todo if base else ""),
    )


@cache
def _group(name: str) -> Mapping[str, Entry]:
    path = _FOLDER / f"{name}.toml"
    if not path.is_file():
        return MappingProxyType({})
    out: dict[str, Entry] = {}
    for rest, raw in tomllib.loads(path.read_text(encoding="utf-8")).items():
        base = _case(raw)
        cases = {k: _case(c, base) for k, c in raw.get("cases", {}).items()}
        id_, left = f"{name}.{rest}", raw.get("leaves_out", "")
        out[id_] = Entry(id_, raw["finds"], base, left, MappingProxyType(cases))
    return MappingProxyType(out)


def entry(id_: str) -> Entry:
    """The entry of one id.

    Raises
    ------
    KeyError
        The catalogue doesn't know the id.

    Examples
    --------
    >>> entry("patients.orphan").severity
    <Severity.ERROR: 'error'>
    """
    return _group(id_.partition(".")[0])[id_]


def catalogue() -> Mapping[str, Entry]:
    """Every entry by its id, sorted.

    Examples
    --------
    >>> "patients.orphan" in catalogue()
    True
    """
    names = sorted(p.stem for p in _FOLDER.glob("*.toml"))
    found = {id_: one for name in names for id_, one in _group(name).items()}
    return MappingProxyType(dict(sorted(found.items())))
