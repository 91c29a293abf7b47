"""The result model: every number of a paper, once, with its id.

An analysis yields a frozen :class:`Result`: estimates, named curves, and the populations
(sets of patients) that they point at. Tables, figures and sentences only point at ids, so a
number cannot differ between abstract, text and table.

What a number is of stands in its key (:class:`Key`), which sort of number it is in its `kind`.
The id is made from the key, the format is chosen by the kind; neither is ever taken apart again.

Examples
--------
>>> key = key_of("prognosis", "os", "hr", variable="crp", model="multi")
>>> key.id, key.section, key.subject, key["variable"]
('prognosis.os.hr[model=multi,variable=crp]', 'prognosis', 'os', 'crp')
>>> orr = key_of("response", "orr", "percent")
>>> e = Estimate(orr, "Objective response rate", 38.1, kind="proportion", low=23.6, high=54.4)
>>> e.id, e.state
('response.orr.percent', 'ok')
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

from oncohort.dataclass import dataclass
from oncohort.problems import Place, ProtocolError, problem
from oncohort.vocabulary.boundaries import Parsed

if TYPE_CHECKING:
    from oncohort.problems import Problem

State = Literal["ok", "not_reached", "not_estimable"]

Kind = Literal["count", "proportion", "percentage", "time", "ratio", "p", "value"]
"""What sort of number: patients or events; a share of `n` in percent; another percentage (a change,
a dose intensity); a time in the study's unit; a hazard ratio; a p-value; anything else."""

_EMPTY: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Key:
    """What a number is of: a path from section to statistic, and levels that tell rows apart."""

    path: tuple[str, ...]
    levels: tuple[tuple[str, str], ...] = ()
    """Names and values, in order of the names."""

    @property
    def id(self) -> str:
        """The path joined by points, then the levels in brackets."""
        dotted = ".".join(self.path)
        if not self.levels:
            return dotted
        return f"{dotted}[{','.join(f'{name}={value}' for name, value in self.levels)}]"

    @property
    def section(self) -> str:
        """The section of the paper that makes the number."""
        return self.path[0]

    @property
    def subject(self) -> str:
        """What lies between section and statistic: an endpoint, a variable, a drug, a term."""
        return ".".join(self.path[1:-1])

    def get(self, name: str) -> str | None:
        """The value of a level, or None."""
        return dict(self.levels).get(name)

    def __getitem__(self, name: str) -> str:
        return dict(self.levels)[name]


def key_of(*path: str, **levels: object) -> Key:
    """A key from its path and levels, the levels in order of their names."""
    return Key(path, tuple((name, str(levels[name])) for name in sorted(levels)))


def _unknown(number: float | None) -> bool:
    return isinstance(number, float) and not math.isfinite(number)


Fields: TypeAlias = dict[str, Any]
"""Fields of estimates (or columns of a row) by name, put together before the estimate is made."""


class Shared(TypedDict, total=False):
    """Fields that several estimates of one analysis share."""

    n: int | None
    population: str
    heading: str
    members: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number (or its honest absence) with what is needed to judge it.

    A value that is NaN or infinite becomes the state ``not_estimable`` with a note, so that one
    number that could not be computed is never the end of a run.

    Parameters
    ----------
    key
        What the number is of; its id is made from it.
    kind
        What sort of number it is; its format is chosen by it.
    value
        The number in `unit`; ``None`` where `state` is not ``ok``.
    low, high
        Ends of the interval at `level`. An end that is ``None`` while `level` is given was
        not reached.
    n
        Patients in the analysis: the denominator of a proportion.
    events
        Events among them, where the estimate rests on events.
    excluded
        Patients left out, by reason.
    population
        Id of the population analysed.
    members
        Id of the population counted, for counts and proportions.
    note
        A word that must stand beside the number (a convention, an imputed date).
    heading
        Name of its row in a table, where the label says more than that.
    """

    key: Key
    label: str
    value: float | int | None
    state: State = "ok"
    low: float | None = None
    high: float | None = None
    level: float | None = None
    interval_method: str = ""
    method: str = ""
    n: int | None = None
    events: int | None = None
    excluded: Mapping[str, int] = field(default_factory=lambda: _EMPTY)
    unit: str = ""
    population: str = ""
    members: str = ""
    note: str = ""
    heading: str = ""
    kind: Kind = field(kw_only=True)

    @property
    def id(self) -> str:
        """The id, made from the key."""
        return self.key.id

    def __post_init__(self) -> None:
        self._settle()
        if (self.value is None) == (self.state == "ok"):
            raise ValueError(f"{self.id}: value {self.value} with state {self.state!r}")

    def _settle(self) -> None:
        """NaN and infinity are states: of the number, or of an end of its interval."""
        low, high = (None if _unknown(end) else end for end in (self.low, self.high))
        if low is not self.low or high is not self.high:
            nothing = math.isnan(self.low or 0.0) or math.isnan(self.high or 0.0)
            object.__setattr__(self, "low", low)
            object.__setattr__(self, "high", high)
            if nothing and low is None and high is None:
                object.__setattr__(self, "level", None)
        if _unknown(self.value):
            note = "; ".join(n for n in (self.note, "the calculation gave no finite number") if n)
            for name, value in (("value", None), ("state", "not_estimable"), ("note", note)):
                object.__setattr__(self, name, value)
            for name in ("low", "high", "level"):
                object.__setattr__(self, name, None)

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON; empty fields are left out, ``value`` never is."""
        raw: dict[str, object] = {
            "label": self.label,
            "kind": self.kind,
            "value": self.value,
            "state": self.state,
            "low": self.low,
            "high": self.high,
            "level": self.level,
            "interval_method": self.interval_method,
            "method": self.method,
            "n": self.n,
            "events": self.events,
            "excluded": dict(self.excluded),
            "unit": self.unit,
            "population": self.population,
            "members": self.members,
            "note": self.note,
        }
        return {k: v for k, v in raw.items() if k == "value" or v not in (None, "", {})}


@dataclass(frozen=True, slots=True)
class Curve:
    """Numbers that belong together in columns: a survival curve, the bars of a waterfall.

    `columns` maps names to equally long tuples. A column called ``patient`` holds patient ids
    and is left out of everything that is shared.
    """

    key: Key
    label: str
    columns: Mapping[str, tuple[Parsed, ...]]
    method: str = ""
    unit: str = ""
    population: str = ""

    @property
    def id(self) -> str:
        """The id, made from the key."""
        return self.key.id

    def __post_init__(self) -> None:
        lengths = {k: len(v) for k, v in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"{self.id}: columns of unequal length {lengths}")

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "label": self.label,
            "columns": {k: list(v) for k, v in self.columns.items()},
            "method": self.method,
            "unit": self.unit,
            "population": self.population,
        }


@dataclass(frozen=True, slots=True)
class Population:
    """A named set of patients."""

    id: str
    label: str
    patients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What one analysis yields."""

    section: str
    estimates: tuple[Estimate, ...] = ()
    curves: tuple[Curve, ...] = ()
    populations: tuple[Population, ...] = ()
    methods: tuple[str, ...] = ()
    """Sentences that say which methods really ran, for the paper's methods section."""
    problems: tuple[Problem, ...] = ()
    """What a reader of these numbers must know."""


def _twice(id_: str) -> ProtocolError:
    """The error of names in the protocol that give two results one id."""
    return ProtocolError("", [problem("protocol.same-id", place=Place(file="study.toml"), id=id_)])


class Numbers(Mapping[str, Estimate]):
    """All estimates, curves and populations of a study, by id."""

    def __init__(self, results: Iterable[Result]) -> None:
        self.results = tuple(results)
        self._estimates: dict[str, Estimate] = {}
        self.curves: dict[str, Curve] = {}
        self.populations: dict[str, Population] = {}
        self._paths: dict[tuple[str, ...], list[Estimate]] = {}
        for result in self.results:
            for estimate in result.estimates:
                if estimate.id in self._estimates:
                    raise _twice(estimate.id)
                self._estimates[estimate.id] = estimate
                self._paths.setdefault(estimate.key.path, []).append(estimate)
            for curve in result.curves:
                if curve.id in self.curves:
                    raise _twice(curve.id)
                self.curves[curve.id] = curve
            for population in result.populations:
                known = self.populations.get(population.id)
                if known is not None and known.patients != population.patients:
                    raise ValueError(f"two populations have the id {population.id}")
                self.populations[population.id] = population

    def __getitem__(self, key: str) -> Estimate:
        return self._estimates[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._estimates)

    def __len__(self) -> int:
        return len(self._estimates)

    def section(self, name: str) -> Result | None:
        """The result of one section, or None where it was left out."""
        return next((r for r in self.results if r.section == name), None)

    def of(self, *path: str, **levels: str) -> list[Estimate]:
        """Estimates with this path and these levels (they may have more), in the order made."""
        return [
            e
            for e in self._paths.get(path, ())
            if all(e.key.get(name) == value for name, value in levels.items())
        ]

    def subjects(self, section: str) -> list[str]:
        """What a section has numbers of, in the order they were made."""
        found = (e.key for e in self._estimates.values() if len(e.key.path) > 2)
        return list(dict.fromkeys(k.subject for k in found if k.section == section))
