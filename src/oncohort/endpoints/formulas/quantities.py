"""Numbers with their dimensions, and what can't be computed from them.

A unit is one of the known ones (`records.units`), a unit of time, or any other word, which then
agrees only with itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType

from oncohort.dataclass import dataclass
from oncohort.protocol.formula import Expression
from oncohort.records.units import UnitError, unit
from oncohort.vocabulary.times import DAYS_PER_UNIT

_TIMES = {
    f"{word[:-1]}{ending}": days for word, days in DAYS_PER_UNIT.items() for ending in ("", "s")
}
NONE = "1"
"""The unit of a pure number."""


class Undefined(Exception):
    """The formula has no value for these numbers; `id` is that of the problem."""

    def __init__(self, id_: str, part: Expression | None = None) -> None:
        super().__init__(id_)
        self.id = id_
        self.part = part


class WrongUnits(Exception):
    """The formula adds or compares what can't be added or compared."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in base units, and the power of each kind of unit in it."""

    value: float
    kinds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def alike(self, other: Quantity) -> bool:
        """Can the two be added?"""
        return dict(self.kinds) == dict(other.kinds)

    @property
    def words(self) -> str:
        """The dimension in words."""
        if not self.kinds:
            return "a pure number"
        return " ".join(k if p == 1 else f"{k}^{p:g}" for k, p in sorted(self.kinds.items()))


def times(a: Quantity, b: Quantity, sign: int = 1) -> Quantity:
    """The product, or with sign -1 the quotient."""
    kinds = dict(a.kinds)
    for kind, power in b.kinds.items():
        kinds[kind] = kinds.get(kind, 0.0) + sign * power
    value = a.value * b.value if sign > 0 else a.value / b.value
    return Quantity(value, {k: p for k, p in kinds.items() if p})


def factor_of(text: str, test: str | None = None) -> tuple[float, Mapping[str, float]]:
    """How many base units one of a unit is, and its kinds.

    Examples
    --------
    >>> factor_of("weeks"), factor_of("g/dL"), factor_of("points")
    ((7.0, {'time': 1.0}), (10.0, {'mass': 1.0}), (1.0, {'points': 1.0}))
    """
    word = text.strip()
    if word in ("", NONE):
        return 1.0, {}
    if word.lower() in _TIMES:
        return _TIMES[word.lower()], {"time": 1.0}
    try:
        known = unit(word, test)
    except UnitError:
        return 1.0, {word: 1.0}
    if known.kind in ("ratio", "time"):
        return float(known.factor), {} if known.kind == "ratio" else {"seconds": 1.0}
    return float(known.factor), {known.kind: 1.0}


def quantity(value: float, text: str, test: str | None = None) -> Quantity:
    """A value with its unit."""
    factor, kinds = factor_of(text, test)
    return Quantity(value * factor, kinds)


def in_unit(amount: Quantity, text: str) -> float:
    """How many of a unit a quantity is.

    Raises
    ------
    WrongUnits
        It is of another dimension.
    """
    factor, kinds = factor_of(text)
    if dict(kinds) != dict(amount.kinds):
        raise WrongUnits(f"{amount.words} can't be given in {text}")
    return amount.value / factor
