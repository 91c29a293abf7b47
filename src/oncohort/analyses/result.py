"""The result model: every number of a paper, once, with its id.

An analysis yields a frozen :class:`Result`: estimates, named curves, and the populations
(sets of patients) that they point at. Tables, figures and sentences only point at ids, so a
number cannot differ between abstract, text and table.

Examples
--------
>>> result_id("prognosis.os.hr", variable="crp", model="multi")
'prognosis.os.hr[model=multi,variable=crp]'
>>> e = Estimate("response.orr", "Objective response rate", 38.1, low=23.6, high=54.4, level=0.95)
>>> e.state
'ok'
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

State = Literal["ok", "not_reached", "not_estimable"]

_EMPTY: Mapping[str, int] = MappingProxyType({})


def slug(text: str) -> str:
    """ASCII key of a label: lower case, words joined by ``_``; ``>=`` and ``<`` spelled out.

    Examples
    --------
    >>> slug("Hand-foot syndrome"), slug(">=0.8 mg/dL")
    ('hand_foot_syndrome', 'ge0.8_mg_dl')
    """
    out = text.lower().replace("≥", "ge").replace("≤", "le").replace(">=", "ge")
    out = out.replace("<=", "le").replace("<", "lt").replace(">", "gt")
    return re.sub(r"[^a-z0-9.+-]+", "_", out.replace("-", "_")).strip("_")


def result_id(path: str, /, **keys: object) -> str:
    """Build an id: dotted path, then keys in order of their names."""
    if not keys:
        return path
    inner = ",".join(f"{k}={keys[k]}" for k in sorted(keys))
    return f"{path}[{inner}]"


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number (or its honest absence) with what is needed to judge it.

    Parameters
    ----------
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
    """

    id: str
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

    def __post_init__(self) -> None:
        for name in ("value", "low", "high"):
            number = getattr(self, name)
            if isinstance(number, float) and not math.isfinite(number):
                raise ValueError(f"{self.id}: {name} is {number}; use a state instead")
        if (self.value is None) == (self.state == "ok"):
            raise ValueError(f"{self.id}: value {self.value} with state {self.state!r}")

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; empty fields are left out, ``value`` never is."""
        raw: dict[str, Any] = {
            "label": self.label,
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

    id: str
    label: str
    columns: Mapping[str, tuple[Any, ...]]
    method: str = ""
    unit: str = ""
    population: str = ""

    def __post_init__(self) -> None:
        lengths = {k: len(v) for k, v in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"{self.id}: columns of unequal length {lengths}")

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def to_dict(self) -> dict[str, Any]:
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


class Numbers(Mapping[str, Estimate]):
    """All estimates, curves and populations of a study, by id."""

    def __init__(self, results: Iterable[Result]) -> None:
        self.results = tuple(results)
        self._estimates: dict[str, Estimate] = {}
        self.curves: dict[str, Curve] = {}
        self.populations: dict[str, Population] = {}
        for result in self.results:
            for estimate in result.estimates:
                if estimate.id in self._estimates:
                    raise ValueError(f"two estimates have the id {estimate.id}")
                self._estimates[estimate.id] = estimate
            for curve in result.curves:
                if curve.id in self.curves:
                    raise ValueError(f"two curves have the id {curve.id}")
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

    def start(self, prefix: str) -> list[Estimate]:
        """Estimates whose id begins with `prefix`, in the order they were made."""
        return [e for k, e in self._estimates.items() if k.startswith(prefix)]


def parse_id(text: str) -> tuple[str, dict[str, str]]:
    """Take an id apart again.

    Examples
    --------
    >>> parse_id("prognosis.os.hr[model=multi,variable=crp]")
    ('prognosis.os.hr', {'model': 'multi', 'variable': 'crp'})
    """
    path, _, rest = text.partition("[")
    keys = dict(part.split("=", 1) for part in rest.rstrip("]").split(",")) if rest else {}
    return path, keys
