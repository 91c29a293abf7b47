"""How well a Cox model predicts, with what it flatters itself on its own patients taken off.

Discrimination (Harrell's and Uno's C, time-dependent area under the ROC curve), calibration at
stated times (groups of predicted risk against Kaplan-Meier, and the slope), and net benefit
(Vickers and Elkin 2006, Med Decis Making 26:565; for survival Vickers et al. 2008, BMC Med Inform
Decis Mak 8:53). Each is corrected for optimism by bootstrap (Harrell, Lee and Mark 1996, Stat Med
15:361): a model fitted to a sample is scored on the sample and on the original rows, and the mean
difference is taken off. Selection of variables is not repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats import engine
from oncohort.stats._cox.design import Bools, Floats, Ints
from oncohort.stats._cox.model import CoxData
from oncohort.stats._cox.result import CoxResult
from oncohort.stats.bootstrap_cox import REASONS, _plain, _slope
from oncohort.stats.concordance import Concordance, _concordance, model_concordance
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Column
from oncohort.stats.time_roc import TimeRoc, time_roc

THRESHOLDS = tuple(round(0.01 * i, 2) for i in range(1, 100))
"""Risks at which the net benefit is computed."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Predicted against observed survival at one time, in groups of rising predicted survival.

    Attributes
    ----------
    predicted, observed, low, high
        ``(g,)`` mean predicted survival; Kaplan-Meier with its log-log interval.
    corrected
        ``(g,)`` observed minus the mean optimism of its distance to the prediction.
    n, events
        ``(g,)`` patients, and events by the time.
    """

    time: float
    predicted: Floats
    observed: Floats
    low: Floats
    high: Floats
    corrected: Floats
    n: Ints
    events: Ints


@dataclass(frozen=True, slots=True, eq=False)
class NetBenefit:
    """Net benefit at one time over thresholds of risk.

    Attributes
    ----------
    model, corrected, treat_all
        ``(k,)``; treating nobody has 0.
    """

    time: float
    thresholds: Floats
    model: Floats
    corrected: Floats
    treat_all: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Performance of a model, apparent and corrected.

    Attributes
    ----------
    harrell, uno
        Apparent, with intervals; Uno's C counts events up to `tau`.
    harrell_corrected, uno_corrected, slope
        Corrected for optimism; a slope below one: predictions are too extreme.
    roc
        Per time the ROC curve of the linear predictor, apparent.
    auc_corrected
        Per time.
    survival
        ``(n, t)`` predicted survival of each row at each time.
    risk
        ``(n,)`` linear predictor.
    usable, left_out
        Replicates that were estimated, and why others were not.
    """

    times: tuple[float, ...]
    tau: float
    harrell: Concordance
    uno: Concordance
    harrell_corrected: float
    uno_corrected: float
    slope: float
    roc: tuple[TimeRoc, ...]
    auc_corrected: tuple[float, ...]
    calibration: tuple[Calibration, ...]
    benefit: tuple[NetBenefit, ...]
    survival: Floats
    risk: Floats
    usable: int
    replicates: int
    left_out: dict[str, int]
    seed: int


def hazard_at(time: Floats, event: Bools, weight: Floats, at: Sequence[float]) -> Floats:
    """``(t,)`` cumulative baseline hazard (Efron) of rows with relative hazards `weight`.

    Examples
    --------
    >>> hazard_at(np.array([1.0, 2.0]), np.array([True, True]), np.ones(2), [0.5, 1, 2]).tolist()
    [0.0, 0.5, 1.5]
    """
    order = np.argsort(time, kind="stable")
    t, e, w = time[order], event[order], weight[order]
    at_risk = np.cumsum(w[::-1])[::-1]
    values, first = np.unique(t, return_index=True)
    died = np.add.reduceat(e.astype(np.float64), first)
    tied = np.add.reduceat(np.where(e, w, 0.0), first)
    steps = np.zeros(len(values))
    for k in range(int(died.max(initial=0))):
        share = k / np.maximum(died, 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            steps += np.where(died > k, 1.0 / (at_risk[first] - share * tied), 0.0)
    total = np.concatenate([[0.0], np.cumsum(steps)])
    return np.asarray(total[np.searchsorted(values, np.asarray(at), side="right")])


def _km_at(time: Floats, event: Bools, inside: Bools, at: float) -> Floats:
    """``(k,)`` Kaplan-Meier at a time of each of ``(k, n)`` sets of rows.

    Of nobody, and of a set that is not followed to the time, it is not a number.
    """
    order = np.argsort(time, kind="stable")
    t, e, m = time[order], event[order], inside[:, order].astype(np.float64)
    values, first = np.unique(t, return_index=True)
    at_risk = np.cumsum(m[:, ::-1], axis=1)[:, ::-1][:, first]
    died = np.add.reduceat(m * e, first, axis=1)
    before = values <= at
    with np.errstate(invalid="ignore", divide="ignore"):
        factors = np.where(at_risk > 0, 1.0 - died / at_risk, 1.0)[:, before]
    survival = np.prod(factors, axis=1)
    last = np.max(np.where(m > 0, t, -np.inf), axis=1)
    open_ = (survival > 0) & (last < at)
    return np.asarray(np.where(open_ | (m.sum(axis=1) == 0), np.nan, survival))


def _groups(predicted: Floats, number: int) -> Ints:
    """Group of each row by quantiles of the predicted survival, lowest first."""
    cuts = np.unique(np.quantile(predicted, np.arange(1, number) / number))
    return np.asarray(np.searchsorted(cuts, predicted, side="left"))


def _net_benefit(time: Floats, event: Bools, risk: Floats, at: float, thresholds: Floats) -> Floats:
    """Net benefit of treating those whose risk is at least each threshold."""
    chosen = risk >= thresholds[:, None]
    share = chosen.mean(axis=1)
    odds = thresholds / (1 - thresholds)
    survival = _km_at(time, event, chosen, at)
    benefit = (1 - survival) * share - survival * share * odds
    return np.asarray(np.where(share > 0, benefit, 0.0))


@dataclass(frozen=True, slots=True)
class _Scores:
    """What one model scores on one set of rows."""

    harrell: float
    uno: float
    auc: tuple[float, ...]
    distance: tuple[Floats, ...]
    """Per time: observed minus mean predicted survival of each group."""
    benefit: tuple[Floats, ...]


def _scores(
    t: Floats,
    e: Bools,
    risk: Floats,
    hazard: Floats,
    times: Sequence[float],
    tau: float,
    groups: int,
    thresholds: Floats,
) -> _Scores:
    """Scores of linear predictors and a baseline hazard at the times."""

    def c(kind: str, until: float | None) -> float:
        return _concordance(t, e, risk, None, None, None, None, kind, until, 0.95).c

    aucs, distances, benefits = [], [], []
    for at, h in zip(times, hazard, strict=True):
        survival = np.exp(-h * np.exp(risk))
        aucs.append(time_roc(t, e, risk, at=at).auc)
        inside = _groups(survival, groups) == np.arange(groups)[:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = (inside @ survival) / inside.sum(axis=1)
        distances.append(_km_at(t, e, inside, at) - mean)
        benefits.append(_net_benefit(t, e, 1 - survival, at, thresholds))
    return _Scores(
        c("harrell", None), c("uno", tau), tuple(aucs), tuple(distances), tuple(benefits)
    )


def _predictable(data: CoxData, at: Sequence[float]) -> None:
    """Raise where the performance at a time can't be known from the rows of a model."""
    given = (data.entry, data.strata, data.weight, data.cluster, data.offset)
    if any(v is not None for v in given):
        raise InputError(
            "performance is computed for models without delayed entry, strata, weights and clusters"
        )
    if not at:
        raise InputError("at least one time is needed")
    for v in at:
        if not (data.event & (data.time <= v)).any():
            raise InputError(f"no event by {v:g}")
        if not (data.time > v).any():
            raise InputError(f"nobody is followed beyond {v:g}")


def predict_performance(
    result: CoxResult,
    times: Sequence[float],
    *,
    groups: int = 4,
    replicates: int = 200,
    seed: int = 0,
    samples: Column | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Prediction:
    """Discrimination, calibration and net benefit of a Cox model, corrected for optimism.

    Parameters
    ----------
    result
        A fit without penalty, strata, delayed entry, weights or clusters.
    times
        At which survival is predicted, in the unit of the fit's times.
    groups
        Of predicted survival, for calibration.
    samples
        ``(b, n)`` row numbers of the bootstrap samples, instead of drawing them from `seed`.

    Raises
    ------
    InputError
        The model is none of those, a time is before the first event or nobody is followed to it.

    Notes
    -----
    R: ``rms::validate``, ``rms::calibrate(cmethod = "KM")``, ``timeROC::timeROC``,
    ``dcurves::dca``.

    Examples
    --------
    >>> import numpy as np
    >>> from oncohort.stats.cox import cox
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(120, 2))
    >>> fit = cox(rng.exponential(np.exp(-x[:, 0])), np.ones(120), x)
    >>> p = predict_performance(fit, [0.5], replicates=20, seed=1)
    >>> abs(p.harrell_corrected - p.harrell.c) < 0.02, 0 < p.auc_corrected[0] < 1
    (True, True)
    """
    model = _plain(result)
    data = model.data
    at = tuple(float(v) for v in times)
    _predictable(data, at)
    t, e, x = data.time, data.event, data.x
    thresholds = np.array(THRESHOLDS)
    tau = max(at)
    risk = x @ result.coef
    hazard = hazard_at(t, e, np.exp(risk), at)
    whole = _scores(t, e, risk, hazard, at, tau, groups, thresholds)
    gains, slopes, failed = _optimism(
        result, at, tau, groups, thresholds, replicates, seed, samples, progress
    )
    survival = np.exp(-np.outer(np.exp(risk), hazard))
    harrell = model_concordance(result)
    uno = _concordance(t, e, risk, None, None, None, None, "uno", tau, result.level)
    return Prediction(
        at,
        tau,
        harrell,
        uno,
        whole.harrell - float(np.mean([g.harrell for g in gains])),
        whole.uno - float(np.mean([g.uno for g in gains])),
        float(np.mean(slopes)),
        tuple(time_roc(t, e, risk, at=v) for v in at),
        tuple(whole.auc[i] - float(np.mean([g.auc[i] for g in gains])) for i in range(len(at))),
        tuple(
            _calibration(t, e, survival[:, i], v, groups, [g.distance[i] for g in gains])
            for i, v in enumerate(at)
        ),
        tuple(
            NetBenefit(
                v,
                thresholds,
                whole.benefit[i],
                whole.benefit[i] - _mean([g.benefit[i] for g in gains]),
                _net_benefit(t, e, np.ones(len(t)), v, thresholds),
            )
            for i, v in enumerate(at)
        ),
        survival,
        risk,
        len(gains),
        len(gains) + sum(failed.values()),
        failed,
        seed,
    )


def _mean(values: Sequence[Floats]) -> Floats:
    """``(k,)`` means over samples of what is known; of nothing not a number."""
    stacked = np.array(values)
    known = np.isfinite(stacked)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, stacked, 0.0).sum(axis=0) / known.sum(axis=0))


def _drawn(n: int, replicates: int, seed: int, samples: Column | None) -> Ints:
    """``(b, n)`` rows of each sample."""
    if samples is None:
        if replicates < 2:
            raise InputError(f"replicates must be 2 or more, it is {replicates}")
        return np.random.default_rng(seed).integers(0, n, (replicates, n))
    rows = np.asarray(samples)
    if rows.ndim != 2 or rows.shape[1] != n or rows.min() < 0 or rows.max() >= n:
        raise InputError(f"samples must be rows of {n} row numbers from 0 to {n - 1}")
    return rows


def _optimism(
    result: CoxResult,
    times: Sequence[float],
    tau: float,
    groups: int,
    thresholds: Floats,
    replicates: int,
    seed: int,
    samples: Column | None,
    progress: Callable[[int, int], None] | None,
) -> tuple[list[_Scores], list[float], dict[str, int]]:
    """Per replicate: by how much it flatters itself, and its slope on the original rows."""
    model = result.model
    d, data = model.design, model.data
    t, e, x = data.time, data.event, data.x
    drawn = _drawn(len(t), replicates, seed, samples)
    gains: list[_Scores] = []
    slopes: list[float] = []
    failed: dict[str, int] = {}
    block = 50
    for start in range(0, len(drawn), block):
        part = drawn[start : start + block]
        counts = np.stack([np.bincount(rows, minlength=len(t)) for rows in part]).astype(np.int32)
        stack = engine.fit_stack(d, np.ascontiguousarray(counts[:, d.rows]))
        for rows, beta, status in zip(part, stack.beta, stack.status, strict=True):
            gain = None if status else _gain(t, e, x, rows, beta, times, tau, groups, thresholds)
            if gain is None:
                why = REASONS[int(status)] if status else "nobody on one side of a time"
                failed[why] = failed.get(why, 0) + 1
                continue
            gains.append(gain)
            slopes.append(_slope(d, beta))
        if progress is not None:
            progress(min(start + block, len(drawn)), len(drawn))
    if not gains:
        raise InputError("no bootstrap sample could be estimated")
    return gains, slopes, failed


def _gain(
    t: Floats,
    e: Bools,
    x: Floats,
    rows: Ints,
    beta: Floats,
    times: Sequence[float],
    tau: float,
    groups: int,
    thresholds: Floats,
) -> _Scores | None:
    """Scores of a sample's model on the sample, minus those on the original rows."""
    risk = x @ beta
    ts, es, rs = t[rows], e[rows], risk[rows]
    hazard = hazard_at(ts, es, np.exp(rs), times)
    try:
        own = _scores(ts, es, rs, hazard, times, tau, groups, thresholds)
        there = _scores(t, e, risk, hazard, times, tau, groups, thresholds)
    except InputError:
        return None

    def less(a: tuple[Floats, ...], b: tuple[Floats, ...]) -> tuple[Floats, ...]:
        return tuple(np.asarray(p - q) for p, q in zip(a, b, strict=True))

    return _Scores(
        own.harrell - there.harrell,
        own.uno - there.uno,
        tuple(p - q for p, q in zip(own.auc, there.auc, strict=True)),
        less(own.distance, there.distance),
        less(own.benefit, there.benefit),
    )


def _calibration(
    t: Floats, e: Bools, survival: Floats, at: float, groups: int, gains: list[Floats]
) -> Calibration:
    """Groups of predicted survival with what was observed in them."""
    from oncohort.stats.curves import kaplan_meier

    code = _groups(survival, groups)
    present = np.unique(code)
    columns: dict[str, list[float]] = {k: [] for k in ("predicted", "observed", "low", "high")}
    sizes, events, corrected = [], [], []
    with np.errstate(invalid="ignore"):
        stacked = np.array(gains)
    for g in present:
        inside = code == g
        [row] = kaplan_meier(t[inside], e[inside], interval="log-log").at([at])
        observed = float("nan") if row.survival is None else float(row.survival)
        columns["predicted"].append(float(survival[inside].mean()))
        columns["observed"].append(observed)
        for end in ("low", "high"):
            value = getattr(row, end)
            columns[end].append(float("nan") if value is None else float(value))
        optimism = stacked[:, g]
        optimism = optimism[np.isfinite(optimism)]
        corrected.append(observed - float(optimism.mean()) if len(optimism) else float("nan"))
        sizes.append(int(inside.sum()))
        events.append(int((e[inside] & (t[inside] <= at)).sum()))
    return Calibration(
        at,
        np.array(columns["predicted"]),
        np.array(columns["observed"]),
        np.array(columns["low"]),
        np.array(columns["high"]),
        np.array(corrected),
        np.array(sizes),
        np.array(events),
    )
