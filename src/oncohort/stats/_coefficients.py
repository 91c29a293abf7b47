"""One table of coefficients for every model: ratios, intervals and tests of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from oncohort.stats._show import Row, Shown, p_cell, range_cell, ratio_cell
from oncohort.stats.distributions import ndtr, ndtri
from oncohort.stats.inputs import Floats


class Coefficients(Shown):
    """Base of fitted models: what follows from coefficients and their covariance.

    A subclass has `names`, `coef`, `covariance` and `level`; one whose intervals or tests are not
    Wald's says so itself.
    """

    RATIO: ClassVar[str] = "hr"
    """Name of the exponential of a coefficient in tables."""

    if TYPE_CHECKING:

        @property
        def names(self) -> tuple[str, ...]: ...

        @property
        def coef(self) -> Floats: ...

        @property
        def covariance(self) -> Floats: ...

        @property
        def level(self) -> float: ...

    @cached_property
    def se(self) -> Floats:
        """``(k,)`` standard errors of the coefficients."""
        return np.sqrt(np.diagonal(self.covariance))

    @cached_property
    def hr(self) -> Floats:
        """``(k,)`` hazard ratios."""
        return np.exp(self.coef)

    @cached_property
    def z(self) -> Floats:
        """``(k,)`` Wald z."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.coef / self.se)

    @cached_property
    def wald_p(self) -> Floats:
        """``(k,)`` two-sided p-values of ``z``."""
        return np.asarray(2.0 * ndtr(-np.abs(self.z)))

    @cached_property
    def p(self) -> Floats:
        """``(k,)`` two-sided p-values."""
        return self.wald_p

    @cached_property
    def coef_interval(self) -> Floats:
        """``(k, 2)`` interval of the coefficients at `level`."""
        return self.wald_interval

    @cached_property
    def wald_interval(self) -> Floats:
        """``(k, 2)`` Wald interval of the coefficients at `level`."""
        half = float(ndtri(0.5 + 0.5 * self.level)) * self.se
        with np.errstate(invalid="ignore"):
            return np.column_stack([self.coef - half, self.coef + half])

    @cached_property
    def low(self) -> Floats:
        """``(k,)`` lower ends of the intervals of the ratios."""
        return np.exp(self.coef_interval[:, 0])

    @cached_property
    def high(self) -> Floats:
        """``(k,)`` upper ends of the intervals of the ratios."""
        return np.exp(self.coef_interval[:, 1])

    def _rows(self) -> Sequence[Row]:
        ratio = np.exp(self.coef)
        return [
            {
                "variable": name,
                "coef": float(self.coef[j]),
                "se": float(self.se[j]),
                self.RATIO: float(ratio[j]),
                "low": float(self.low[j]),
                "high": float(self.high[j]),
                "z": float(self.z[j]),
                "p": float(self.p[j]),
            }
            for j, name in enumerate(self.names)
        ]

    def _printed(self) -> Sequence[Row]:
        return [
            {
                "variable": row["variable"],
                "HR" if self.RATIO == "hr" else "OR": ratio_cell(row[self.RATIO]),
                f"{100 * self.level:g} % interval": range_cell(row["low"], row["high"]),
                "p": p_cell(row["p"]),
            }
            for row in self._rows()
        ]

    def _not_estimated(self) -> Sequence[str]:
        """What to say of columns without a finite coefficient."""
        endless = [n for n, b in zip(self.names, self.coef, strict=True) if np.isinf(b)]
        absent = [n for n, b in zip(self.names, self.coef, strict=True) if np.isnan(b)]
        notes = []
        if endless:
            notes.append(
                f"{', '.join(endless)}: the likelihood rises without end (separation); no finite "
                "hazard ratio"
            )
        if absent:
            notes.append(
                f"{', '.join(absent)}: constant within risk sets, or a combination of columns "
                "before; not estimated"
            )
        return notes
