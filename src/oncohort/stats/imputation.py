"""Multiple imputation by chained equations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Bools, Column, Floats, Ints, Matrix

DONORS = 5
"""Patients with the nearest predictions, one of whom lends his value (as in R ``mice``)."""
RIDGE = 1e-5
"""Share of the diagonal that is added to it, so that collinear predictors do no harm."""
PRIOR_SD = 2.5
"""Of the slopes of categorical models, per standard deviation of the predictor."""
INTERCEPT_SD = 10.0
STEPS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Imputed:
    """Completed data sets.

    Attributes
    ----------
    values
        ``(m, n, k)`` data without a gap.
    missing
        ``(k,)`` values that were missing.
    chain_means
        ``(iterations, m, k)`` mean of the imputed values after each round (NaN where nothing was
        missing): to see whether the chains have settled.
    """

    values: Floats
    missing: tuple[int, ...]
    chain_means: Floats
    seed: tuple[int, ...]
    method: str


def impute(
    values: Matrix,
    levels: Sequence[int | None],
    *,
    complete: Column | None = None,
    imputations: int = 20,
    iterations: int = 10,
    seed: int | Sequence[int] = 1,
) -> Imputed:
    """Multiple imputation by chained equations (van Buuren and Groothuis-Oudshoorn 2011).

    Numbers are imputed by predictive mean matching (the value of one of the 5 patients with the
    nearest predictions), levels by a multinomial logistic model; coefficients are drawn anew each
    time, so that the completed data sets differ as much as one is unsure. Slopes of the logistic
    models have a weak prior (SD 2.5 per SD of the predictor), which keeps them finite where a
    predictor tells the levels apart perfectly.

    Parameters
    ----------
    values
        ``(n, k)`` numbers; levels as whole numbers from 0. NaN is missing.
    levels
        Number of levels of each column; None for a number.
    complete
        ``(n, q)`` further predictors without gaps: here belongs the outcome. For survival, the
        event indicator and the cumulative hazard at the patient's own time (White and Royston
        2009, Stat Med 28:1982).
    iterations
        Rounds over all columns before each data set is taken.
    seed
        Of numpy's default generator: the same seed, the same values.

    Raises
    ------
    InputError
        A column has no value at all, or the shapes do not fit.

    Notes
    -----
    R: ``mice::mice``; the random numbers differ, the distribution does not.

    Examples
    --------
    >>> x = np.arange(40.0); y = np.where(x > 30, np.nan, 2 * x)
    >>> done = impute(np.column_stack([x, y]), [None, None], imputations=3, seed=7)
    >>> done.missing, done.values.shape
    ((0, 9), (3, 40, 2))
    >>> bool(np.isin(done.values[:, 31:, 1], y[:31]).all())
    True
    """
    data, extra = _read(values, levels, complete, imputations, iterations)
    gaps = np.isnan(data)
    counts = gaps.sum(axis=0)
    if (counts == len(data)).any():
        empty = int(np.argmax(counts))
        raise InputError(f"column {empty} has no value at all: there is nothing to impute it from")
    order = [int(j) for j in np.argsort(counts, kind="stable") if counts[j]]
    seeds = (seed,) if isinstance(seed, int) else tuple(seed)
    rng = np.random.default_rng(seeds)
    done = np.empty((imputations, *data.shape))
    means = np.full((iterations, imputations, data.shape[1]), np.nan)
    for m in range(imputations):
        now = data.copy()
        for j in order:
            known = data[~gaps[:, j], j]
            now[gaps[:, j], j] = rng.choice(known, counts[j])
        for round_ in range(iterations if order else 0):
            for j in order:
                x = _predictors(now, levels, extra, j)
                draw = _matched if levels[j] is None else _levels
                now[gaps[:, j], j] = draw(x, data[:, j], gaps[:, j], rng)
                means[round_, m, j] = now[gaps[:, j], j].mean()
        done[m] = now
    words = (
        f"Multiple imputation by chained equations: {imputations} data sets, {iterations} rounds, "
        f"predictive mean matching and multinomial logistic models, seed "
        f"{'-'.join(str(s) for s in seeds)}."
    )
    return Imputed(done, tuple(int(c) for c in counts), means, seeds, words)


def _read(
    values: Matrix,
    levels: Sequence[int | None],
    complete: Column | None,
    imputations: int,
    iterations: int,
) -> tuple[Floats, Floats]:
    data = np.asarray(values, dtype=np.float64)
    if data.ndim != 2 or data.shape[1] != len(levels):
        raise InputError(f"values have shape {data.shape}, levels names {len(levels)} columns")
    if imputations < 1 or iterations < 1:
        raise InputError("imputations and iterations must be at least 1")
    extra = np.empty((len(data), 0)) if complete is None else np.asarray(complete, dtype=np.float64)
    if extra.ndim == 1:
        extra = extra[:, None]
    if extra.shape[0] != len(data) or not np.isfinite(extra).all():
        raise InputError("complete must have a row for each row of values, and no gap")
    return data, extra


def _predictors(now: Floats, levels: Sequence[int | None], extra: Floats, j: int) -> Floats:
    """Intercept and all other columns, each with mean 0 and SD 1; levels as 0 and 1."""
    columns = [extra[:, q] for q in range(extra.shape[1])]
    for other, k in enumerate(levels):
        if other == j:
            continue
        if k is None:
            columns.append(now[:, other])
        else:
            columns += [(now[:, other] == level).astype(float) for level in range(1, k)]
    kept = []
    for column in columns:
        spread = column.std()
        if spread > 1e-12:
            kept.append((column - column.mean()) / spread)
    return np.column_stack([np.ones(len(now)), *kept])


def _matched(x: Floats, y: Floats, gap: Bools, rng: np.random.Generator) -> Floats:
    """Predictive mean matching: predictions of the known by the fitted coefficients, of the
    missing by drawn ones."""
    seen, known = x[~gap], y[~gap]
    gram = seen.T @ seen
    gram = gram + RIDGE * np.diag(np.diag(gram))
    root = np.linalg.cholesky(np.linalg.inv(gram))
    beta = np.linalg.solve(gram, seen.T @ known)
    rest = known - seen @ beta
    df = max(len(known) - x.shape[1], 1)
    sigma = np.sqrt(float(rest @ rest) / rng.chisquare(df))
    drawn = beta + sigma * (root @ rng.standard_normal(len(beta)))
    fitted, wanted = seen @ beta, x[gap] @ drawn
    donors = min(DONORS, len(known))
    picked = rng.integers(0, donors, len(wanted))
    nearest = np.argsort(np.abs(wanted[:, None] - fitted[None, :]), axis=1, kind="stable")
    return np.asarray(known[nearest[np.arange(len(wanted)), picked]])


def _levels(x: Floats, y: Floats, gap: Bools, rng: np.random.Generator) -> Floats:
    """A level drawn from its probabilities under drawn coefficients."""
    seen, known = x[~gap], y[~gap]
    present = np.unique(known)
    if len(present) == 1:
        return np.full(int(gap.sum()), present[0])
    codes = np.searchsorted(present, known)
    beta, root = _multinomial(seen, codes, len(present))
    drawn = beta + (root @ rng.standard_normal(beta.size)).reshape(beta.shape)
    p = _probabilities(x[gap], drawn)
    cut = np.cumsum(p, axis=1)
    cut[:, -1] = 1.0
    u = rng.random(len(p))
    return np.asarray(present[(u[:, None] >= cut).sum(axis=1)])


def _probabilities(x: Floats, beta: Floats) -> Floats:
    """``(n, levels)``; the first level is the reference."""
    eta = np.column_stack([np.zeros(len(x)), x @ beta.T])
    eta -= eta.max(axis=1, keepdims=True)
    p = np.exp(eta)
    return np.asarray(p / p.sum(axis=1, keepdims=True))


def _multinomial(x: Floats, codes: Ints, k: int) -> tuple[Floats, Floats]:
    """Mode of the coefficients, ``(k - 1, p)``, and the root of their covariance."""
    p = x.shape[1]
    precision = np.tile(np.r_[1 / INTERCEPT_SD**2, np.full(p - 1, 1 / PRIOR_SD**2)], k - 1)
    hit = (codes[:, None] == np.arange(1, k)).astype(float)
    beta = np.zeros((k - 1, p))

    def height(b: Floats) -> float:
        with np.errstate(divide="ignore"):
            fit = np.log(np.maximum(_probabilities(x, b)[np.arange(len(x)), codes], 1e-300)).sum()
        return float(fit - 0.5 * (precision * b.ravel() ** 2).sum())

    hessian = np.eye(beta.size)
    at = height(beta)
    for _ in range(STEPS):
        prob = _probabilities(x, beta)[:, 1:]
        score = ((hit - prob).T @ x).ravel() - precision * beta.ravel()
        hessian = np.diag(precision)
        for a in range(k - 1):
            for b in range(k - 1):
                w = prob[:, a] * ((a == b) - prob[:, b])
                hessian[a * p : (a + 1) * p, b * p : (b + 1) * p] += (x * w[:, None]).T @ x
        step = np.linalg.solve(hessian, score).reshape(beta.shape)
        size = 1.0
        while height(beta + size * step) < at and size > 1e-8:
            size /= 2
        beta = beta + size * step
        new = height(beta)
        if abs(new - at) < 1e-10 * (1 + abs(at)):
            break
        at = new
    return beta, np.linalg.cholesky(np.linalg.inv(hessian))
