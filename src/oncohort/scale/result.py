"""A Cox model fitted over partitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

import numpy as np
import polars as pl

from oncohort.dataclass import dataclass
from oncohort.scale.sums import Floats, Ints
from oncohort.stats._coefficients import Coefficients
from oncohort.stats._cox.result import ChiSquared
from oncohort.stats._show import left_out_text
from oncohort.stats.baseline import patterns
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Matrix
from oncohort.stats.times import nearest_times


@dataclass(frozen=True, slots=True)
class Baseline:
    """Increments of the baseline hazard at the mean covariates, by stratum and time.

    Attributes
    ----------
    stratum
        ``(G,)`` codes: positions in `strata`.
    time, increment
        ``(G,)``.
    strata
        Labels; empty without strata.
    """

    stratum: Ints
    time: Floats
    increment: Floats
    strata: tuple[object, ...] = ()

    @classmethod
    def of(
        cls, stratum: Ints, time: Floats, increment: Floats, strata: tuple[object, ...]
    ) -> Baseline:
        """In order of stratum and time."""
        if (np.diff(time) < 0).all() and (np.diff(stratum) == 0).all():
            return cls(stratum, time[::-1].copy(), increment[::-1].copy(), strata)
        order = np.lexsort((time, stratum))
        return cls(stratum[order], time[order], increment[order], strata)

    def curve(self, stratum: object = None) -> tuple[Floats, Floats]:
        """Event times of a stratum and the cumulative hazard at each."""
        code = 0
        if self.strata:
            if stratum not in self.strata:
                raise InputError(f"strata are {', '.join(map(repr, self.strata))}, not {stratum!r}")
            code = self.strata.index(stratum)
        own = self.stratum == code
        return self.time[own], np.cumsum(self.increment[own])


@dataclass(frozen=True, eq=False, repr=False)
class ScaledCox(Coefficients):
    """A Cox model fitted over partitions; the numbers are those of the pooled fit.

    Attributes
    ----------
    coef, covariance
        ``(p,)``, ``(p, p)``; NaN for a column that can't be estimated, infinite under separation.
    naive_covariance
        ``(p, p)`` inverse information; `covariance` is the sandwich if `robust`, of rows or
        `by_cluster`.
    center
        ``(p,)`` mean covariates, at which the baseline hazard stands.
    left_out
        Reason to number of rows.
    where
        How the rows were held, in words.
    transform, proportional
        Of time; the tests of proportional hazards of each column and of all ("global"), where
        they were asked for.
    """

    names: tuple[str, ...]
    coef: Floats
    covariance: Floats
    naive_covariance: Floats
    loglik_null: float
    loglik: float
    n: int
    events: int
    partitions: int
    iterations: int
    converged: bool
    ties: str
    level: float
    center: Floats
    baseline: Baseline
    where: str
    robust: bool = False
    by_cluster: bool = False
    left_out: dict[str, int] = field(default_factory=dict)
    transform: str = ""
    proportional: tuple[ChiSquared, ...] = ()

    @property
    def method(self) -> str:
        """The method in words."""
        by = " by cluster" if self.by_cluster else ""
        variance = f"robust sandwich variance{by}, " if self.robust else ""
        return (
            f"Cox model, {self.where}, {self.ties.capitalize()} ties, {variance}"
            f"{100 * self.level:g} % Wald intervals; {self.n} rows, {self.events} events"
        )

    def _title(self) -> str:
        return self.method

    def _notes(self) -> Sequence[str]:
        notes = [left_out_text(self.left_out)]
        if not self.converged and not np.isinf(self.coef).any():
            notes.append(f"Newton's method did not settle in {self.iterations} iterations")
        notes += self._not_estimated()
        if self.proportional:
            told = "; ".join(str(test) for test in self.proportional)
            notes.append(f"proportional hazards (score test, time by {self.transform}): {told}")
        return notes

    def baseline_hazard(self) -> pl.DataFrame:
        """Cumulative baseline hazard at the mean covariates: stratum, time, hazard."""
        labels = self.baseline.strata or (None,)
        parts = []
        for label in labels:
            time, hazard = self.baseline.curve(label)
            parts.append(
                pl.DataFrame({"time": time, "hazard": hazard}).with_columns(stratum=pl.lit(label))
            )
        return pl.concat(parts, how="vertical_relaxed").select("stratum", "time", "hazard")

    def predict_survival(self, x: Matrix, times: Matrix, *, stratum: object = None) -> Floats:
        """Survival of patients with covariates `x` at `times`, ``(m, k)``.

        Parameters
        ----------
        x
            ``(p,)`` or ``(m, p)``.
        times
            ``(k,)``; before the first event of the stratum survival is 1.
        """
        rows = patterns(x, len(self.coef))
        at, hazard = self.baseline.curve(stratum)
        where = np.searchsorted(at, nearest_times(times, at), side="right")
        until = np.concatenate([[0.0], hazard])[where]
        risk = np.exp((rows - self.center) @ np.nan_to_num(self.coef))
        return np.asarray(np.exp(-risk[:, None] * until))
