"""Bootstrap of a Cox model: all replicates as one stacked computation; and optimism correction.

Rows (or whole clusters) are drawn with replacement; rows drawn twice that died are tied deaths.
A replicate where the model can't be estimated (separation, no events, a constant column) is
counted and left out of the summaries, never replaced in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from oncohort.dataclass import dataclass
from oncohort.stats import engine
from oncohort.stats._cox.design import Design, Floats, empty_rows
from oncohort.stats._cox.result import CoxResult
from oncohort.stats.concordance import Concordance, _concordance, model_concordance
from oncohort.stats.distributions import ndtri
from oncohort.stats.errors import InputError

if TYPE_CHECKING:
    import polars

    from oncohort.stats._cox.model import Model

Progress = Callable[[int, int], None]
"""Called with replicates done and replicates in all."""

REASONS = {1: "separated or not settled", 2: "no events", 3: "a column constant or collinear"}


@dataclass(frozen=True, slots=True)
class CoxBootstrap:
    """Coefficients of every replicate.

    Attributes
    ----------
    coef, se
        ``(B, p)`` of all replicates, also of those left out.
    usable
        ``(B,)`` replicates that were estimated.
    left_out
        Reason to number of replicates.
    """

    names: tuple[str, ...]
    estimate: Floats
    coef: Floats
    se: Floats
    usable: NDArray[np.bool_]
    left_out: dict[str, int]
    seed: int
    clustered: bool

    @property
    def method(self) -> str:
        """The resampling in words."""
        unit = "clusters" if self.clustered else "rows"
        return (
            f"Bootstrap of {unit}, {len(self.coef)} replicates "
            f"({int(self.usable.sum())} estimable), seed {self.seed}"
        )

    @property
    def bias(self) -> Floats:
        """``(p,)`` mean of the replicates minus the estimate."""
        return np.asarray(self.coef[self.usable].mean(axis=0) - self.estimate)

    @property
    def standard_error(self) -> Floats:
        """``(p,)`` standard deviation of the replicates."""
        return np.asarray(self.coef[self.usable].std(axis=0, ddof=1))

    def interval(self, level: float = 0.95, kind: str = "percentile") -> Floats:
        """``(p, 2)`` interval of the log hazard ratio: "percentile", "basic" or "normal"."""
        tail = 0.5 * (1.0 - level)
        if kind == "normal":
            half = float(ndtri(1.0 - tail)) * self.standard_error
            middle = self.estimate - self.bias
            return np.column_stack([middle - half, middle + half])
        ends = np.quantile(self.coef[self.usable], [tail, 1.0 - tail], axis=0).T
        if kind == "percentile":
            return np.asarray(ends)
        if kind == "basic":
            return np.asarray(2.0 * self.estimate[:, None] - ends[:, ::-1])
        raise InputError(f"kind must be percentile, basic or normal, not {kind!r}")

    def to_frame(self) -> polars.DataFrame:
        """Tidy polars table: variable, hr, low, high (percentile), bias, se."""
        import polars as pl

        ends = np.exp(self.interval())
        return pl.DataFrame(
            {
                "variable": list(self.names),
                "hr": np.exp(self.estimate),
                "low": ends[:, 0],
                "high": ends[:, 1],
                "bias": self.bias,
                "se": self.standard_error,
            }
        )

    def __repr__(self) -> str:
        lines = [self.method]
        for row in self.to_frame().iter_rows(named=True):
            lines.append(
                f"{row['variable']}: HR {row['hr']:.4g} ({row['low']:.4g} to {row['high']:.4g}), "
                f"bias {row['bias']:.3g}, SE {row['se']:.3g}"
            )
        lines += [f"left out: {n} replicates, {why}" for why, n in self.left_out.items()]
        return "\n".join(lines)


def bootstrap_cox(
    result: CoxResult,
    replicates: int = 1000,
    *,
    seed: int,
    progress: Progress | None = None,
) -> CoxBootstrap:
    """Refit a Cox model on bootstrap samples of its rows, or of its clusters.

    No study asks for it: ratios in a paper have Wald or profile intervals; it is for checking them.

    Parameters
    ----------
    result
        A fit without a penalty, with Efron or Breslow ties.
    seed
        Of numpy's default generator: the same seed, the same replicates.
    progress
        Called as ``progress(done, replicates)``. Ctrl-C stops between blocks of replicates.

    Examples
    --------
    >>> import numpy as np
    >>> from oncohort.stats.cox import cox
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=80)
    >>> fit = cox(rng.exponential(np.exp(-x)), np.ones(80), x)
    >>> boot = bootstrap_cox(fit, 200, seed=7)
    >>> low, high = boot.interval()[0]
    >>> bool(low < fit.coef[0] < high)
    True
    """
    model = _plain(result)
    d = model.design
    parts = []
    for counts in _samples(result, replicates, seed, progress):
        parts.append(engine.fit_stack(d, np.ascontiguousarray(counts[:, d.rows])))
    coef = np.concatenate([part.beta for part in parts])
    se = np.concatenate([part.se for part in parts])
    status = np.concatenate([part.status for part in parts])
    left_out = {
        why: int((status == code).sum()) for code, why in REASONS.items() if (status == code).any()
    }
    return CoxBootstrap(
        result.names,
        result.coef,
        coef,
        se,
        status == 0,
        left_out,
        seed,
        model.data.cluster is not None,
    )


def _plain(result: CoxResult) -> Model:
    model = result.model
    if model.penalty is not None or model.ridge or model.ties not in ("efron", "breslow"):
        raise InputError("the stacked bootstrap needs Efron or Breslow ties and no penalty")
    if not np.isfinite(result.coef).all():
        raise InputError(
            "the model itself has coefficients that can't be estimated (separation, or collinear "
            "columns): nothing to resample"
        )
    return model


def _samples(
    result: CoxResult, replicates: int, seed: int, progress: Progress | None
) -> Iterator[NDArray[np.int32]]:
    """Blocks of ``(b, n)`` counts of rows drawn."""
    if replicates < 2:
        raise InputError(f"replicates must be 2 or more, it is {replicates}")
    n = result.n
    cluster = result.model.data.cluster
    units = n if cluster is None else int(cluster.max()) + 1
    rng = np.random.default_rng(seed)
    block = int(min(max(2_000_000 // n, 1), 1000))
    done = 0
    while done < replicates:
        b = min(block, replicates - done)
        drawn = rng.integers(0, units, (b, units)) + np.arange(b)[:, None] * units
        tally = np.bincount(drawn.ravel(), minlength=b * units).reshape(b, units)
        counts: NDArray[np.int32] = tally.astype(np.int32)
        yield counts if cluster is None else counts[:, cluster]
        done += b
        if progress is not None:
            progress(done, replicates)


@dataclass(frozen=True, slots=True)
class Validation:
    """Optimism-corrected performance of a Cox model.

    Attributes
    ----------
    apparent
        Harrell's C of the model on its own data.
    c
        Corrected C: apparent minus the mean optimism of the replicates.
    slope
        Corrected calibration slope: below one, predictions are too extreme.
    optimism
        ``(usable,)`` per replicate.
    """

    apparent: Concordance
    c: float
    slope: float
    optimism: Floats
    slopes: Floats
    replicates: int
    left_out: dict[str, int]
    seed: int

    @property
    def method(self) -> str:
        """The correction in words."""
        return (
            "Optimism-corrected by bootstrap (Harrell 1996): each replicate's model is tested on "
            f"the original rows; {len(self.optimism)} of {self.replicates} replicates estimable, "
            f"seed {self.seed}"
        )

    def __repr__(self) -> str:
        return (
            f"C {self.c:.4f} (apparent {self.apparent.c:.4f}), slope {self.slope:.4f}. "
            f"{self.method}"
        )


def validate_cox(
    result: CoxResult,
    replicates: int = 200,
    *,
    seed: int,
    progress: Progress | None = None,
) -> Validation:
    """Optimism-corrected C and calibration slope by bootstrap.

    Each replicate's model is scored on its own sample and on the original rows; the mean
    difference is the optimism (Harrell, Lee and Mark 1996, Stat Med 15:361). Selection of
    variables is not repeated: a model chosen by its p-values is more optimistic than this says.
    No study asks for it: it is for a model of one's own, made outside a study. A study asks
    for the same, and more, by `[prediction]` (:func:`oncohort.stats.predict_performance`).

    Notes
    -----
    R: ``rms::validate(fit, B = replicates)`` (C = Dxy / 2 + 0.5).

    Examples
    --------
    >>> import numpy as np
    >>> from oncohort.stats.cox import cox
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(60, 3))
    >>> fit = cox(rng.exponential(np.exp(-x[:, 0])), np.ones(60), x)
    >>> report = validate_cox(fit, 50, seed=1)
    >>> report.c < report.apparent.c and report.slope < 1
    True
    """
    model = _plain(result)
    d, data = model.design, model.data
    apparent = model_concordance(result)
    optimism: list[float] = []
    slopes: list[float] = []
    failed: dict[str, int] = {}

    def c_of(risk: Floats, weight: Floats | None) -> float:
        return _concordance(
            data.time,
            data.event,
            risk,
            data.entry,
            data.strata,
            weight,
            None,
            "harrell",
            None,
            result.level,
        ).c

    base = 0.0 if data.offset is None else data.offset
    for counts in _samples(result, replicates, seed, progress):
        stack = engine.fit_stack(d, np.ascontiguousarray(counts[:, d.rows]))
        for row, beta, status in zip(counts, stack.beta, stack.status, strict=True):
            if status:
                why = REASONS[int(status)]
                failed[why] = failed.get(why, 0) + 1
                continue
            risk = data.x @ beta + base
            weight = row if data.weight is None else row * data.weight
            own = c_of(risk, weight.astype(np.float64))
            optimism.append(own - c_of(risk, data.weight))
            slopes.append(_slope(d, beta))
    if not optimism:
        raise InputError("no replicate could be estimated")
    gain = np.array(optimism)
    return Validation(
        apparent,
        apparent.c - float(gain.mean()),
        float(np.mean(slopes)),
        gain,
        np.array(slopes),
        replicates,
        failed,
        seed,
    )


def _slope(d: Design, beta: Floats) -> float:
    """Coefficient of the linear predictor ``x beta`` on the original rows."""
    x = empty_rows(len(d.x), 1)
    x[:, 0] = d.x @ beta
    scale = np.array([float(np.sqrt(np.mean(x * x)))])
    fit = engine.fit(replace(d, x=x, center=np.zeros(1), scale=scale))
    return float(fit.beta[0])
