"""How a number enters models: per so many units, as a logarithm, or as a spline."""

from __future__ import annotations

from math import e as EULER
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from oncohort.dataclass import dataclass

if TYPE_CHECKING:
    from oncohort.protocol.data import Variable

_FOLDS = {2.0: "per doubling", 10.0: "per tenfold increase", EULER: "per e-fold increase"}


@dataclass(frozen=True, slots=True)
class Effect:
    """The columns that a number makes in a model, and what its ratio compares.

    Attributes
    ----------
    per
        Units of one step.
    sd
        The step is one standard deviation of the cohort.
    log
        Base of the logarithm; 0 for none.
    knots
        Of a restricted cubic spline; empty for a straight line.
    middle
        Median of the cohort: the reference of a spline.
    low, high
        Quartiles of the cohort: the ratio of a spline compares the upper with the lower.
    """

    per: float = 1.0
    sd: bool = False
    log: float = 0.0
    knots: tuple[float, ...] = ()
    middle: float = 0.0
    low: float = 0.0
    high: float = 0.0

    @property
    def plain(self) -> bool:
        """Is one step one unit?"""
        return self == Effect()

    @property
    def width(self) -> int:
        """How many columns it makes."""
        return max(1, len(self.knots) - 1)

    def columns(self, values: object) -> npt.NDArray[np.float64]:
        """``(n, width)`` columns of a model for ``(n,)`` values."""
        x = np.asarray(values, dtype=np.float64)
        if self.knots:
            from oncohort.stats.splines import restricted_cubic

            return restricted_cubic(x, self.knots)
        if self.log:
            return np.asarray(np.log(x) / np.log(self.log))[:, None]
        return np.asarray(x / self.per)[:, None]

    def contrast(self) -> npt.NDArray[np.float64]:
        """``(width,)`` what the ratio multiplies the coefficients by."""
        if not self.knots:
            return np.ones(1)
        low, high = self.columns([self.low, self.high])
        return np.asarray(high - low)

    def step(self, unit: str) -> str:
        """What one step is, in words; empty where it is one unit.

        Examples
        --------
        >>> Effect(per=10).step("years"), Effect(log=2.0).step("mg/L")
        ('per 10 years', 'per doubling')
        >>> Effect(knots=(1.0, 2.0, 3.0), low=1.5, high=2.5).step("mg/L")
        '2.5 vs. 1.5 mg/L'
        """
        if self.knots:
            return f"{_short(self.high)} vs. {_short(self.low)} {unit}".rstrip()
        if self.log:
            return _FOLDS[self.log]
        if self.sd:
            return f"per SD ({_short(self.per)} {unit}".rstrip() + ")"
        sign = "" if unit == "%" else " "
        return "" if self.per == 1 else f"per {self.per:g}{sign}{unit}".rstrip()


def _short(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def effect_of(variable: Variable, values: object) -> Effect:
    """The effect that a variable declares, with what it takes from the cohort.

    Parameters
    ----------
    values
        ``(n,)`` known values of the cohort.

    Raises
    ------
    InputError
        The values are too much alike for the knots, or have no spread.

    Examples
    --------
    >>> from oncohort.protocol.data import Variable
    >>> effect_of(Variable(per="sd"), [1.0, 2.0, 3.0]).per
    1.0
    """
    from oncohort.stats.errors import InputError

    x = np.asarray(values, dtype=np.float64)
    if variable.log is not None:
        return Effect(log=EULER if variable.log == "e" else float(variable.log))
    if variable.per == "sd":
        spread = float(x.std(ddof=1)) if len(x) > 1 else 0.0
        if not spread > 0:
            raise InputError("all known values are alike: there is no standard deviation")
        return Effect(per=spread, sd=True)
    if variable.per is not None:
        return Effect(per=float(variable.per))
    if variable.knots is None:
        return Effect()
    from oncohort.stats.splines import knots_of

    given = variable.knots
    knots = knots_of(x, given) if isinstance(given, int) else np.asarray(given)
    if not len(x):
        raise InputError("there is no known value")
    low, middle, high = (float(q) for q in np.quantile(x, (0.25, 0.5, 0.75)))
    if low == high:
        raise InputError("the quartiles are alike: there is nothing that a ratio could compare")
    inside = (x > knots[0]) & (x < knots[-1])
    if not inside.any():
        raise InputError("no value lies between the outer knots")
    return Effect(knots=tuple(float(k) for k in knots), low=low, middle=middle, high=high)
