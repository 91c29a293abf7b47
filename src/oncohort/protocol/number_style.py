"""Numbers to text. Nothing else in the package formats a result.

The rules are data (`vocabulary/journals.toml`): percentages without decimals below n = 200
(Annals of Internal Medicine), p-values with three decimals below 0.20 and ``<0.001`` (SAMPL;
Annals).
"""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Literal

from oncohort.dataclass import dataclass
from oncohort.vocabulary.boundaries import Option
from oncohort.vocabulary.journals import JOURNALS

if TYPE_CHECKING:
    from oncohort.analyses.result import Estimate, Kind
    from oncohort.protocol.analysis import Style as StyleSection

NOT_REACHED = "NR"
NOT_ESTIMABLE = "NE"
MINUS = "\u2212"
DASH = "\u2013"
NBSP = "\u00a0"
SIGNIFICANT = 0.05
"""A p-value below it is told as a finding."""


_WIDE = Context(prec=400)
"""Every double has fewer digits before and behind its point than this."""


def rounded(value: float, digits: int) -> str:
    """Half away from zero, as people round; a true minus sign, and no "-0".

    Examples
    --------
    >>> rounded(2.675, 2), rounded(-0.04, 1), rounded(0.5, 0), rounded(1e40, 0)
    ('2.68', '0.0', '1', '10000000000000000000000000000000000000000')
    """
    exact = Decimal(repr(round(float(value), 10)))
    if not exact.is_finite():
        return NOT_ESTIMABLE
    text = str(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, context=_WIDE))
    if text.startswith("-"):
        text = text[1:] if not text.strip("-0.") else MINUS + text[1:]
    return text


def _decimals(value: float, significant: int) -> int:
    """Decimals that show so many significant digits of the rounded value; at least two.

    Examples
    --------
    >>> [rounded(v, _decimals(v, 2)) for v in (0.00996, 0.0996, 0.023, 0.64)]
    ['0.010', '0.10', '0.023', '0.64']
    """
    size = Decimal(f"{value:.{significant - 1}e}").adjusted()
    return max(2, significant - 1 - size)


@dataclass(frozen=True, slots=True)
class Style:
    """One journal's rules.

    Examples
    --------
    >>> s = style_of()
    >>> s.p(0.0123), s.p(0.00004), s.p(0.64), s.percent(38.095), s.percent(100.0)
    ('0.012', '<0.001', '0.64', '38.1', '100')
    >>> s.p(0.0496), s.p(0.0504)  # the side of 0.05 is seen
    ('0.0496', '0.050')
    >>> s.interval(23.57, 54.36, "proportion"), s.interval(-12.0, 3.0, "percentage")
    ('23.6–54.4', '−12.0 to 3.0')
    """

    key: str
    name: str
    percent_digits: int
    percent_whole_below: int
    time_digits: int
    hr_digits: int
    change_digits: int
    p_rule: tuple[tuple[float, int], ...]
    p_least: float
    p_significant: int
    p_symbol: str
    p_leading_zero: bool
    numerals: Literal["roman", "arabic"]
    one_column_mm: float
    two_columns_mm: float
    points: float

    def percent(self, value: float, n: int | None = None) -> str:
        """A percentage without its sign; exactly 0 and 100 have no decimals."""
        if value in (0, 100):
            return str(int(value))
        digits = self.percent_digits
        if n is not None and n < self.percent_whole_below:
            digits = 0
        return rounded(value, digits)

    def p(self, value: float) -> str:
        """A p-value: never "0.000", never "1.00"."""
        if value < self.p_least:
            text = f"<{self.p_least:g}"
        else:
            digits = next((d for bound, d in self.p_rule if value < bound), 2)
            if self.p_significant:
                digits = _decimals(value, self.p_significant)
            text = rounded(value, digits)
            if value < SIGNIFICANT <= float(text):  # 0.0496 is not told as "0.050"
                text = rounded(value, 4)
                if float(text) >= SIGNIFICANT:
                    text = f"<{SIGNIFICANT:g}"
        if text.startswith("1"):
            text = ">0.99"
        return text if self.p_leading_zero else text.replace("0.", ".", 1)

    def p_phrase(self, value: float) -> str:
        """ "p = 0.012", "p < 0.001": for sentences and figures."""
        text = self.p(value)
        sign, number = (text[0], text[1:]) if text[0] in "<>" else ("=", text)
        return f"{self.p_symbol}{NBSP}{sign}{NBSP}{number}"

    def number(self, value: float) -> str:
        """A number without a kind of its own: up to three significant digits."""
        if float(value).is_integer():
            return rounded(value, 0)
        size = abs(value)
        return rounded(value, 0 if size >= 100 else 1 if size >= 1 else 2)

    def one(self, value: float, kind: Kind, n: int | None = None, digits: int | None = None) -> str:
        """A single number of a kind."""
        if kind == "count":
            return str(int(value))
        if kind == "p":
            return self.p(value)
        if kind == "ratio":
            return self.ratio(value)
        if kind == "proportion" and digits is None:
            return self.percent(value, n)
        if kind == "value" and digits is None:
            return self.number(value)
        if kind == "percentage" and digits is None:
            digits = 0 if abs(value) in (0, 100) else self.change_digits
        return rounded(value, self.time_digits if digits is None else digits)

    def ratio(self, value: float) -> str:
        """A hazard ratio: never "0.00"; one of hundreds without decimals."""
        least = 10.0**-self.hr_digits
        if value < least / 2:
            return f"<{least:g}"
        if value >= 999.95:
            return ">999"
        return rounded(value, 1 if value >= 100 - least / 2 else self.hr_digits)

    def interval(
        self,
        low: float | None,
        high: float | None,
        kind: Kind,
        n: int | None = None,
        digits: int | None = None,
    ) -> str:
        """Both ends with an en dash, or "to" where one is negative; NR for an end not reached."""
        ends = [
            NOT_REACHED if end is None else self.one(end, kind, n, digits) for end in (low, high)
        ]
        joint = " to " if any(e.startswith(MINUS) for e in ends) else DASH
        return joint.join(ends)

    def value(self, estimate: Estimate, digits: int | None = None) -> str:
        """The estimate's number, or NR, or NE; without unit."""
        if estimate.value is None:
            return NOT_REACHED if estimate.state == "not_reached" else NOT_ESTIMABLE
        return self.one(estimate.value, estimate.kind, estimate.n, digits)

    def ci(self, estimate: Estimate, digits: int | None = None) -> str:
        """The estimate's interval without its level; empty where neither end is known."""
        if estimate.level is None or estimate.state == "not_estimable":
            return ""
        if estimate.low == estimate.high:  # neither is known, or the interval has no width
            return ""
        return self.interval(estimate.low, estimate.high, estimate.kind, estimate.n, digits)

    def with_unit(self, estimate: Estimate) -> str:
        """ "10.5 months", "38.1%"; counts stand alone."""
        if estimate.value is None or estimate.kind == "count" or not estimate.unit:
            return self.value(estimate)
        return self.value(estimate) + ("%" if estimate.unit == "%" else NBSP + estimate.unit)

    def in_words(self, estimate: Estimate) -> str:
        """The number with its unit, or in words that there is none."""
        if estimate.value is not None:
            return self.with_unit(estimate)
        return "not reached" if estimate.state == "not_reached" else "not estimable"

    def interval_words(self, estimate: Estimate) -> str:
        """ "95% CI 7.4–14.2"; empty where there is no interval."""
        ci = self.ci(estimate)
        return f"{self.level(estimate.level)} CI {ci}" if ci else ""

    def value_ci(self, estimate: Estimate) -> str:
        """ "10.6 (7.9–13.5)"; the number alone where it has no interval."""
        ci = self.ci(estimate)
        return f"{self.value(estimate)} ({ci})" if ci else self.value(estimate)

    def level(self, level: float | None) -> str:
        """ "95 %" as it stands before "CI"."""
        return f"{rounded(100 * (level or 0.95), 0)}%"

    def numeral(self, number: int) -> str:
        """Number of a table: I, II, III where the journal wants it."""
        if self.numerals == "arabic":
            return str(number)
        out = ""
        for size, letters in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
            while number >= size:
                out += letters
                number -= size
        return out


RENAMED = {"percent": "percent_digits", "time": "time_digits", "hr": "hr_digits"} | {
    "change": "change_digits",
    "p": "p_rule",
}


def style_of(section: StyleSection | None = None) -> Style:
    """The style that a protocol asks for.

    Raises
    ------
    KeyError
        If the journal is unknown (the protocol's model forbids that).
    """
    journal = section.journal if section is not None else "default"
    raw = {RENAMED.get(k, k): v for k, v in {**JOURNALS["default"], **JOURNALS[journal]}.items()}
    raw["p_rule"] = tuple((float(b), int(d)) for b, d in raw["p_rule"])
    style = Style(key=journal, **{f.name: raw[f.name] for f in fields(Style) if f.name != "key"})
    if section is not None and section.digits:
        wanted: dict[str, Option] = {f"{k}_digits": v for k, v in section.digits.items()}
        style = replace(style, **wanted)
    return style
