"""Which numbers moved between two runs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from oncohort.dataclass import dataclass
from oncohort.foreign_texts import json_of
from oncohort.problems import Place, ReadError, problem
from oncohort.regular_files import regular
from oncohort.vocabulary.boundaries import Parsed

FIELDS = ("value", "state", "low", "high", "n", "events", "method", "interval_method", "note")


@dataclass(frozen=True, slots=True)
class Change:
    """One number that differs."""

    id: str
    kind: Literal["added", "removed", "changed"]
    field: str = ""
    old: object = None
    new: object = None
    label: str = ""
    places: tuple[str, ...] = ()
    """Where the number stands in the paper."""

    def __str__(self) -> str:
        name = f"{self.label} ({self.id})" if self.label else self.id
        where = f" [in {'; '.join(self.places)}]" if self.places else ""
        if self.kind != "changed":
            return f"{self.kind} {name}{where}"
        return f"changed {name}: {self.field} {shown(self.old)} -> {shown(self.new)}{where}"


def shown(value: object) -> str:
    """A value for people: four significant digits, words where there is none.

    Examples
    --------
    >>> shown(10.480492813141684), shown(42), shown(None), shown(0.00123456)
    ('10.48', '42', 'none', '0.001235')
    """
    if value is None:
        return "none"
    return f"{value:.4g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


def _read(path: Path) -> tuple[dict[str, Parsed], dict[str, Parsed]]:
    """The numbers of a file of results, and where they stand in its paper."""
    if path.is_dir():
        inner = path / "results" / "results.json"
        path = inner if inner.exists() else path / "results.json"
    try:
        data = json_of(regular(path).read_text(encoding="utf-8"))
        estimates, places = data["estimates"], data.get("places", {})
        if not _tables(estimates, dict) or not _tables(places, list):
            raise TypeError("estimates or places is no table")
    except (OSError, ValueError, KeyError, TypeError) as error:
        wrong = problem("diff.unreadable", place=Place(file=str(path)), path=path, reason=error)
        raise ReadError("", [wrong]) from error
    return estimates, places


def diff(old: str | Path, new: str | Path, *, tolerance: float = 1e-9) -> list[Change]:
    """Numbers that were added, removed or changed, in the order of their ids.

    Parameters
    ----------
    old, new
        Results folders, `results.json` files, or study folders.
    tolerance
        Relative difference up to which two numbers are the same.
    """
    (before, stood), (after, stands) = _read(Path(old)), _read(Path(new))
    out: list[Change] = []
    for key in sorted(before.keys() | after.keys()):
        where = tuple(map(str, stands.get(key) or stood.get(key) or ()))
        if key not in after:
            out.append(Change(key, "removed", label=before[key].get("label", ""), places=where))
        elif key not in before:
            out.append(Change(key, "added", label=after[key].get("label", ""), places=where))
        else:
            a, b = before[key], after[key]
            out += [
                Change(key, "changed", f, a.get(f), b.get(f), b.get("label", ""), where)
                for f in FIELDS
                if not _same(a.get(f), b.get(f), tolerance)
            ]
    return out


def _tables(value: object, inner: type) -> bool:
    """Is it a table whose every value is of this kind?"""
    return isinstance(value, dict) and all(isinstance(v, inner) for v in value.values())


def _same(a: object, b: object, tolerance: float) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float) and a != b:
        try:
            return abs(a - b) <= tolerance * max(abs(a), abs(b))
        except OverflowError:  # a whole number beyond all others
            return False
    return bool(a == b)
