"""Test of proportional hazards: does a coefficient change over time?

The score test of adding ``x g(t)`` to the model, with the exact information of the extended model
at the fit (Grambsch and Therneau 1994, Biometrika 81:515, in the form of R survival >= 3). Older
software, and lifelines, use an approximation that takes the information as constant over time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._cox.design import Floats
from oncohort.stats._cox.model import Model
from oncohort.stats._cox.newton import solve
from oncohort.stats._cox.result import ChiSquared, CoxResult
from oncohort.stats._cox.terms import hazard, information, weighted
from oncohort.stats.errors import InputError
from oncohort.stats.residuals import Schoenfeld, schoenfeld

if TYPE_CHECKING:
    import polars

TRANSFORMS = ("km", "rank", "identity", "log")


@dataclass(frozen=True, slots=True)
class PHTest:
    """Per term and global tests of proportional hazards; small p: not proportional."""

    transform: str
    terms: tuple[ChiSquared, ...]
    overall: ChiSquared
    residuals: Schoenfeld
    transformed: Floats
    """``g(t)`` of each event, in the order of the residuals: for the plot of beta(t)."""

    @property
    def method(self) -> str:
        """The test in words."""
        return (
            "Score test of proportional hazards (Grambsch and Therneau, exact information), "
            f"time transformed by {self.transform}"
        )

    def to_frame(self) -> polars.DataFrame:
        """Tidy polars table: term, statistic, df, p."""
        import polars as pl

        return pl.DataFrame(
            [
                {"term": t.name, "statistic": t.statistic, "df": t.df, "p": t.p}
                for t in (*self.terms, self.overall)
            ]
        )

    def __repr__(self) -> str:
        return "\n".join([self.method, *(str(t) for t in (*self.terms, self.overall))])


def ph_test(result: CoxResult, transform: str = "km") -> PHTest:
    """Test proportional hazards of each term and of all.

    Parameters
    ----------
    result
        A fit with Efron or Breslow ties.
    transform
        Function of time: "km" (one minus Kaplan-Meier before t), "rank", "identity", "log".

    Notes
    -----
    R: ``cox.zph(fit, transform)``.

    Examples
    --------
    >>> import numpy as np
    >>> from oncohort.stats.cox import cox
    >>> rng = np.random.default_rng(1)
    >>> fit = cox(rng.exponential(size=200), np.ones(200), rng.normal(size=200), names=["crp"])
    >>> bool(ph_test(fit).overall.p > 0.001)
    True
    """
    model = result.model
    if transform not in TRANSFORMS:
        raise InputError(f"transform must be one of {', '.join(TRANSFORMS)}, not {transform!r}")
    if model.ties not in ("efron", "breslow"):
        raise InputError("the test of proportional hazards needs Efron or Breslow ties")
    sch = schoenfeld(result)
    d = model.design
    of_event = time_transform(model, sch.time, transform)
    of_event = of_event - of_event.mean()
    # The same value for all events at a time: look it up for each group.
    values, first = np.unique(sch.time, return_index=True)
    of_group = of_event[first][np.searchsorted(values, d.times)]
    h = hazard(d, model.beta)
    i11 = information(d, h)
    i12 = information(d, weighted(d, h, of_group))
    i22 = information(d, weighted(d, h, of_group * of_group))
    free = np.flatnonzero(model.free & ~model.fit.diverging)
    weight = None if d.weight is None else model.data.weight
    value = sch.residual * of_event[:, None]
    if weight is not None:
        position = {int(row): i for i, row in enumerate(model.kept)}
        value = value * weight[[position[int(row)] for row in sch.rows]][:, None]
    u = value.sum(axis=0)

    def test(name: str, columns: list[int]) -> ChiSquared:
        chosen = np.intersect1d(columns, free)
        if not len(chosen):
            return ChiSquared(name, float("nan"), 0, float("nan"))
        block = np.block(
            [
                [i11[np.ix_(free, free)], i12[np.ix_(free, chosen)]],
                [i12[np.ix_(chosen, free)], i22[np.ix_(chosen, chosen)]],
            ]
        )
        right = np.concatenate([np.zeros(len(free)), u[chosen]])
        return ChiSquared.of(name, float(right @ solve(block, right)), len(chosen))

    tests = tuple(test(term, list(columns)) for term, columns in model.term_columns.items())
    overall = test("global", list(range(d.p)))
    return PHTest(transform, tests, overall, sch, of_event)


def time_transform(model: Model, times: Floats, transform: str) -> Floats:
    """``g(t)`` at each event time."""
    if transform == "identity":
        return times.astype(np.float64)
    if transform == "log":
        if times.min(initial=1.0) <= 0:
            raise InputError("the log transform needs event times above zero")
        return np.log(times)
    if transform == "rank":
        values, counts = np.unique(model.data.time, return_counts=True)
        below = np.concatenate([[0], np.cumsum(counts)[:-1]])
        return np.asarray((below + (counts + 1) / 2.0)[np.searchsorted(values, times)])
    values = np.unique(times)
    data = model.data
    stop = np.sort(data.time)
    deaths = np.searchsorted(np.sort(times), values, side="right") - np.searchsorted(
        np.sort(times), values, side="left"
    )
    at_risk = data.n - np.searchsorted(stop, values, side="left")
    if data.entry is not None:
        at_risk = at_risk - (data.n - np.searchsorted(np.sort(data.entry), values, side="left"))
    survival = np.cumprod(1.0 - deaths / at_risk)
    before = np.concatenate([[1.0], survival[:-1]])
    return np.asarray((1.0 - before)[np.searchsorted(values, times)])
