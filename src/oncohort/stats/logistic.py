"""Logistic regression of a binary outcome, plain and with Firth's penalty."""

from __future__ import annotations

import warnings as _warnings
from collections.abc import Mapping, Sequence

import numpy as np

from oncohort.stats._binomial import BinomialModel, fit_binomial
from oncohort.stats._cox.newton import inverse
from oncohort.stats._cox.rows import covariates
from oncohort.stats.cox import term_columns
from oncohort.stats.errors import (
    CollinearWarning,
    ConvergenceWarning,
    EventsPerVariableWarning,
    FitWarning,
    InputError,
    NoEventsError,
    SeparationWarning,
    WeightError,
)
from oncohort.stats.inputs import (
    Bools,
    Column,
    Floats,
    Ints,
    Matrix,
    as_array,
    as_events,
    as_numbers,
    check_choice,
    check_level,
    row_list,
)
from oncohort.stats.logistic_result import LogisticResult
from oncohort.vocabulary.plurals import counted


def logistic(
    outcome: Column,
    X: Matrix,
    *,
    weights: Column | None = None,
    offset: Column | None = None,
    penalty: str | None = None,
    interval: str | None = None,
    names: Sequence[str] | None = None,
    terms: Mapping[str, Sequence[str | int]] | None = None,
    level: float = 0.95,
) -> LogisticResult:
    """Logistic regression with an intercept.

    Parameters
    ----------
    outcome
        ``(n,)`` bool or 0/1. Other codes raise :class:`EventCodingError`.
    X
        ``(n, k)`` or ``(n,)`` numeric covariates: array, series, or a polars, pandas or pyarrow
        frame (its column names are kept). Rows with a missing value are left out and counted. No
        columns at all is the intercept alone.
    weights
        ``(n,)`` case weights above zero.
    offset
        ``(n,)`` known part of the log odds.
    penalty
        None, or "firth" (Firth 1993, Biometrika 80:27; Heinze and Schemper 2002, Stat Med
        21:2409): finite estimates under separation, less bias in small samples.
    interval
        "wald" or "profile" (likelihood ratio; p-values too). Default: Wald, and profile with
        Firth's penalty, as in R's ``logistf``.
    terms
        Term name to its columns (names or positions): a factor with several levels is one term.
        Columns not named are terms of their own.

    Raises
    ------
    EventCodingError, WeightError, InputError
    NoEventsError
        Nobody, or everybody, has the outcome.

    Notes
    -----
    R: ``glm(y ~ x, binomial)``; Firth: ``logistf::logistf``.

    Examples
    --------
    Of 12 treated patients 8 responded, of 10 controls 3: the odds ratio is (8 * 7) / (4 * 3).

    >>> import warnings; warnings.simplefilter("ignore")  # few events, and said so
    >>> response = [1] * 8 + [0] * 4 + [1] * 3 + [0] * 7
    >>> fit = logistic(response, [1] * 12 + [0] * 10, names=["treated"])
    >>> round(float(fit.odds_ratio[0]), 6)
    4.666667
    """
    check_level(level)
    if penalty not in (None, "firth"):
        raise InputError(f"penalty must be None or firth, not {penalty!r}")
    if interval is None:
        interval = "wald" if penalty is None else "profile"
    check_choice(interval, ("wald", "profile"), "interval")
    y, x, w, o, labels, kept, left_out = _read(outcome, X, weights, offset, names)
    model = fit_binomial(y, x, w, o, penalty)
    columns: dict[str, tuple[int, ...]] = {name: (j,) for j, name in enumerate(labels)}
    if terms is not None:
        columns = term_columns(terms, labels)
    events = int(y.sum())
    notes = _notes(model, labels, events, len(y))
    for note in notes:
        _warnings.warn(note, stacklevel=2)
    return LogisticResult(
        names=labels,
        n=len(y),
        events=events,
        level=level,
        interval=interval,
        penalty=penalty,
        left_out=left_out,
        warnings=notes,
        term_columns=columns,
        rows_used=kept,
        weighted=weights is not None,
        model=model,
        covariance=_covariance(model),
    )


_Rows = tuple[Floats, Floats, Floats, Floats, tuple[str, ...], Ints, dict[str, int]]


def _read(
    outcome: Column,
    X: Matrix,
    weights: Column | None,
    offset: Column | None,
    names: Sequence[str] | None,
) -> _Rows:
    """Validated rows; those with a missing covariate, weight or offset are left out."""
    raw = as_array(outcome)
    n = len(raw) if raw.ndim else 0
    if not n:
        raise InputError("outcome is empty: there are no rows")
    event = as_events(outcome, n, "outcome")
    if len(X) != n:
        raise InputError(f"X has {len(X)} rows, outcome has {n}")
    x, found = covariates(X, n)
    labels = tuple(str(name) for name in (names if names is not None else found))
    if len(labels) != x.shape[1]:
        raise InputError(f"names has {len(labels)} entries, X has {x.shape[1]} columns")
    infinite = np.isinf(x).any(axis=0)
    if infinite.any():
        bad = ", ".join(labels[j] for j in np.flatnonzero(infinite))
        raise InputError(f"infinite values in column {bad}")
    keep: Bools = np.ones(n, dtype=np.bool_)
    left_out: dict[str, int] = {}

    def drop(gone: Bools, why: str) -> None:
        nonlocal keep
        count = int((keep & gone).sum())
        if count:
            left_out[why] = count
        keep = keep & ~gone

    gaps = np.isnan(x)
    lacking = ", ".join(labels[j] for j in np.flatnonzero(gaps.any(axis=0)))
    drop(np.asarray(gaps.any(axis=1)), f"missing value in {lacking}")
    w = np.ones(n) if weights is None else as_numbers(weights, "weights", n)
    o = np.zeros(n) if offset is None else as_numbers(offset, "offset", n)
    for what, values in (("weights", w), ("offset", o)):
        if np.isinf(values).any():
            raise InputError(f"infinite {what} in rows {row_list(np.isinf(values))}")
        drop(np.isnan(values), f"missing {what}")
    if (keep & (w <= 0)).any():
        raise WeightError(f"weights must be above zero: rows {row_list(keep & (w <= 0))}")
    if not keep.any():
        why = ", ".join(f"{count} with {reason}" for reason, count in left_out.items())
        raise InputError(f"no rows are left: {why}")
    y = event[keep].astype(np.float64)
    if y.min() == y.max():
        who = "every row has" if y[0] else "no row has"
        raise NoEventsError(f"{who} the outcome: a logistic model can't be estimated")
    return y, x[keep], w[keep], o[keep], labels, np.flatnonzero(keep), left_out


def _covariance(model: BinomialModel) -> Floats:
    """Inverse Fisher information of the columns as given, intercept first."""
    likelihood, fit = model.likelihood, model.fit
    info = likelihood.information(fit.beta)
    move = np.eye(len(info))
    if not fit.diverging.any():
        move[0, 1:] = -likelihood.centre
        out = inverse(info, model.free)
        return np.asarray(np.where(np.isnan(out), np.nan, move @ np.nan_to_num(out) @ move.T))
    # Without a finite estimate a column leaves; the intercept too where it has none.
    move[0, 1:] = likelihood.centre
    known = model.free & ~fit.diverging
    known[0] = not model.intercept_diverges
    return inverse(move.T @ info @ move, known)


def _notes(
    model: BinomialModel, names: tuple[str, ...], events: int, n: int
) -> tuple[FitWarning, ...]:
    aliased, diverging = model.fit.aliased[1:], model.fit.diverging[1:]
    notes: list[FitWarning] = []
    if aliased.any():
        bad = [names[j] for j in np.flatnonzero(aliased)]
        notes.append(
            CollinearWarning(
                f"{', '.join(bad)}: constant, or a combination of columns before; not estimated",
                bad,
            )
        )
    if diverging.any():
        bad = [names[j] for j in np.flatnonzero(diverging)]
        notes.append(
            SeparationWarning(
                f"{', '.join(bad)}: the likelihood rises without end (separation: at some values "
                "all rows have the outcome, or none has); no finite odds ratio. penalty='firth' "
                "gives a finite estimate",
                bad,
            )
        )
    elif not model.fit.converged:
        notes.append(
            ConvergenceWarning(
                f"Newton's method did not settle in {model.fit.iterations} iterations"
            )
        )
    estimated = int((~aliased).sum())
    rarer = min(events, n - events)
    if estimated and rarer < 10 * estimated:
        what = "events" if rarer == events else "rows without the event"
        notes.append(
            EventsPerVariableWarning(
                f"{rarer} {what} for {counted(estimated, 'coefficient')}: fewer "
                "than 10 per variable, estimates are unstable and biased away from 1"
            )
        )
    return tuple(notes)
