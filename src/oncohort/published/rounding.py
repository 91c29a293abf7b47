"""What a printed number allows: the interval of true values behind its digits.

A printed number is a string. ``"71.4"`` says that the true value lay between 71.35 and 71.45 if
it was rounded, between 71.4 and 71.5 if it was cut off. An auditor that may not be wrong has to
allow for every convention, so the interval here is the envelope of rounding half up, rounding
half to even, and truncation, with both ends included.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

from oncohort.dataclass import dataclass

HALF_UP = "half-up"
HALF_EVEN = "half-even"
TRUNCATION = "truncation"
CONVENTIONS: tuple[str, ...] = (HALF_UP, HALF_EVEN, TRUNCATION)
_KEPT = 20_000
"""Readings of printed numbers that are kept: the same figures are asked for again and again."""

_RELATIONS = {
    "<": "<",
    ">": ">",
    "≤": "<=",
    "≦": "<=",
    "⩽": "<=",
    "≥": ">=",
    "≧": ">=",
    "⩾": ">=",
    "<=": "<=",
    ">=": ">=",
    "=": "=",
    "~": "~",
    "≈": "~",
    "∼": "~",
}
_NUMBER = re.compile(
    r"^(?P<relation><=|>=|[<>≤≥≦≧⩽⩾=~≈∼])?\s*+"
    r"(?P<sign>[-+−–]?)\s*+"
    r"(?P<digits>\d{1,3}(?:[,  ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?:\s*+[x×*]\s*+10\s*+\^?\s*+(?P<power>[-−–]?\d+)|[eE](?P<exponent>[-+−–]?\d+))?$"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A printed number, read but not interpreted.

    Parameters
    ----------
    text
        As printed.
    value
        Its face value, exact.
    unit
        One unit of the last printed digit (``Fraction(1, 10)`` for ``71.4``).
    relation
        ``"="``, ``"<"``, ``">"``, ``"<="``, ``">="`` or ``"~"`` (about).
    """

    text: str
    value: Fraction
    unit: Fraction
    relation: str = "="

    @property
    def whole(self) -> bool:
        """Whether it was printed without decimals."""
        return self.unit >= 1

    @property
    def exact(self) -> bool:
        """Whether it was printed as an equality."""
        return self.relation == "="


@dataclass(frozen=True, slots=True)
class Interval:
    """Closed interval of true values."""

    low: Fraction
    high: Fraction

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int | float | Fraction) and self.low <= value <= self.high

    def overlaps(self, other: Interval) -> bool:
        """Whether some true value could be printed as either."""
        return self.low <= other.high and other.low <= self.high

    def __str__(self) -> str:
        return f"{_plain(self.low)} to {_plain(self.high)}"


def _plain(value: Fraction) -> str:
    return f"{float(value):.10g}"


@lru_cache(maxsize=_KEPT)
def number(text: str) -> Number | None:
    """Read one printed number; None if the text is anything else.

    Middle dots, no-break blanks, thousands separators, a leading relation, a percent sign and
    powers of ten are understood. A decimal comma is not: it can't be told from a thousands
    separator, so readers that know the language turn it into a point first.

    Examples
    --------
    >>> number("71.4").value
    Fraction(357, 5)
    >>> number("p<0.001") is None
    True
    >>> number("<0.001").relation
    '<'
    >>> number("1,204").value
    Fraction(1204, 1)
    """
    cleaned = (
        text.strip()
        .replace("·", ".")
        .replace("‧", ".")
        .replace("\u00a0", " ")
        .replace("\u2009", " ")
        .replace("\u202f", " ")
    )
    cleaned = cleaned.removesuffix("%").strip()
    match = _NUMBER.match(cleaned)
    if match is None:
        return None
    digits = re.sub(r"[,\s]", "", match["digits"])
    try:
        decimal = Decimal(digits)
    except InvalidOperation:
        return None
    exponent = decimal.as_tuple().exponent
    places = -int(exponent) if isinstance(exponent, int) else 0
    power_text = match["power"] or match["exponent"] or "0"
    power = int(re.sub("[−–]", "-", power_text))
    if abs(power) > 300:
        return None
    scale = Fraction(10) ** power
    value = Fraction(decimal) * scale
    if match["sign"] in {"-", "−", "–"}:
        value = -value
    return Number(
        text.strip(),
        value,
        Fraction(1, 10**places) * scale,
        _RELATIONS[match["relation"] or "="],
    )


@lru_cache(maxsize=_KEPT)
def interval(text: str | Number, conventions: tuple[str, ...] = CONVENTIONS) -> Interval | None:
    """Interval of true values that the printed number allows, ends included.

    Parameters
    ----------
    text
        The number as printed (or already read). Inequalities have no interval: None.
    conventions
        Which ways of shortening a number to allow for. Truncation is towards zero.

    Examples
    --------
    >>> str(interval("71.4"))
    '71.35 to 71.5'
    >>> str(interval("71.4", ("half-up",)))
    '71.35 to 71.45'
    >>> str(interval("0.1", ("half-even",)))
    '0.05 to 0.15'
    """
    read = number(text) if isinstance(text, str) else text
    if read is None or not read.exact:
        return None
    lows: list[Fraction] = []
    highs: list[Fraction] = []
    if HALF_UP in conventions or HALF_EVEN in conventions:
        lows.append(read.value - read.unit / 2)
        highs.append(read.value + read.unit / 2)
    if TRUNCATION in conventions:
        if read.value >= 0:
            lows.append(read.value)
            highs.append(read.value + read.unit)
        if read.value <= 0:
            lows.append(read.value - read.unit)
            highs.append(read.value)
    if not lows:
        raise ValueError(f"unknown rounding conventions {conventions!r}")
    return Interval(min(lows), max(highs))


def probability(text: str) -> Interval | None:
    """Interval of true p-values (or other probabilities) behind a printed one.

    Inequalities count: ``"<0.001"`` is 0 to 0.001, ``">0.05"`` is 0.05 to 1. A printed zero is
    taken as "less than one unit". None if it is not a probability at all.

    Examples
    --------
    >>> str(probability("<0.001"))
    '0 to 0.001'
    >>> str(probability("0.000"))
    '0 to 0.001'
    """
    read = number(text)
    if read is None or read.value < 0 or read.value > 1:
        return None
    if read.relation in {"<", "<="}:
        return Interval(Fraction(0), read.value)
    if read.relation in {">", ">="}:
        return Interval(read.value, Fraction(1))
    if read.relation == "~":
        return None
    allowed = interval(read)
    if allowed is None:
        return None
    return Interval(max(allowed.low, Fraction(0)), min(allowed.high, Fraction(1)))


def could_be(count: int, denominator: int, percent: str | Number) -> bool:
    """Whether ``count`` of ``denominator`` may be printed as ``percent``.

    Examples
    --------
    >>> could_be(32, 42, "71.4")
    False
    >>> could_be(30, 42, "71.4")
    True
    """
    allowed = interval(percent)
    if allowed is None or denominator <= 0:
        return False
    return allowed.low <= Fraction(100 * count, denominator) <= allowed.high


@lru_cache(maxsize=_KEPT)
def denominators(count: int, percent: str | Number) -> range:
    """Every whole denominator with which ``count`` may be printed as ``percent``.

    An empty range proves that the two can't belong together. A count of zero fits every
    denominator if the percentage allows zero; the range then runs to a million.

    Examples
    --------
    >>> denominators(32, "71.4")
    range(45, 45)
    >>> denominators(30, "71.4")
    range(42, 43)
    """
    allowed = interval(percent)
    if allowed is None:
        return range(0)
    largest = 1_000_000
    if count == 0:
        return range(1, largest) if allowed.low <= 0 else range(0)
    if allowed.high <= 0:
        return range(0)
    smallest = -((-100 * count) // allowed.high)
    biggest = largest if allowed.low <= 0 else (100 * count) // allowed.low
    return range(max(int(smallest), 1), min(int(biggest), largest) + 1)


def compatible(first: str, second: str) -> bool:
    """Whether two printed numbers can be the same quantity, whatever their digits.

    Examples
    --------
    >>> compatible("10.3", "10")
    True
    >>> compatible("10.3", "10.6")
    False
    """
    one, two = interval(first), interval(second)
    return one is None or two is None or one.overlaps(two)


def prints_as(value: float, printed: str) -> bool:
    """Whether a value may be printed so (rounded or cut off).

    Examples
    --------
    >>> prints_as(71.42857, "71.4"), prints_as(0.0004, "<0.001"), prints_as(71.46, "71.3")
    (True, True, False)
    """
    read = number(printed)
    if read is None:
        return False
    allowed = interval(read)
    if allowed is None:
        bounds = probability(printed)
        return bounds is not None and float(bounds.low) <= value <= float(bounds.high)
    slack = float(read.unit) * 1e-9
    return float(allowed.low) - slack <= value <= float(allowed.high) + slack


def off_by(value: float, printed: str) -> float | None:
    """How far a value is from what may be printed so."""
    read = number(printed)
    allowed = interval(read) if read is not None else None
    if allowed is None:
        bounds = probability(printed)
        if bounds is None:
            return None
        allowed = bounds
    low, high = float(allowed.low), float(allowed.high)
    return low - value if value < low else value - high if value > high else 0.0
