"""Cox proportional hazards regression."""

from __future__ import annotations

import warnings as _warnings
from collections.abc import Mapping, Sequence

import numpy as np

from oncohort.stats._cox.model import TIES, CoxData, Model, covariance, fit_model
from oncohort.stats._cox.result import CoxResult
from oncohort.stats._cox.rows import read
from oncohort.stats._jackknife import whole
from oncohort.stats.errors import (
    CollinearWarning,
    ConvergenceWarning,
    EventsPerVariableWarning,
    FitWarning,
    InputError,
    SeparationWarning,
)
from oncohort.stats.inputs import Column
from oncohort.vocabulary.plurals import counted


def cox(
    time: Column,
    event: Column,
    X: Column,
    *,
    entry: Column | None = None,
    strata: Column | None = None,
    weights: Column | None = None,
    cluster: Column | None = None,
    offset: Column | None = None,
    ties: str = "efron",
    penalty: str | None = None,
    interval: str = "wald",
    names: Sequence[str] | None = None,
    level: float = 0.95,
    terms: Mapping[str, Sequence[str | int]] | None = None,
    robust: bool | None = None,
    ridge: float = 0.0,
) -> CoxResult:
    """Cox proportional hazards regression (Cox 1972, J R Stat Soc B 34:187).

    Parameters
    ----------
    time
        ``(n,)`` follow-up time, any unit; the end of the interval if `entry` is given.
    event
        ``(n,)`` bool or 0/1. Other codes raise :class:`EventCodingError`.
    X
        ``(n, p)`` or ``(n,)`` numeric covariates: array, series, or a polars, pandas or pyarrow
        frame (its column names are kept). Rows with a missing value are left out and counted.
    entry
        ``(n,)`` time at which a row comes under observation (left truncation), or the start of
        a (start, stop] record of time-dependent covariates. At risk from just after `entry`.
    strata
        ``(n,)`` labels; a tuple of label columns is crossed.
    weights
        ``(n,)`` case weights above zero.
    cluster
        ``(n,)`` labels; rows of one label are correlated: robust variance by cluster.
    offset
        ``(n,)`` known part of the log hazard.
    ties
        "efron" (Efron 1977, JASA 72:557), "breslow", "exact" (conditional; Kalbfleisch and
        Prentice, for discrete time) or "marginal" (SAS TIES=EXACT).
    penalty
        None, or "firth" (Heinze and Schemper 2001, Biometrics 57:114): finite estimates under
        separation, less bias in small samples.
    interval
        "wald", "profile" (likelihood ratio) or "score".
    terms
        Term name to its columns (names or positions): a factor with several levels is one term.
        Columns not named are terms of their own.
    robust
        Sandwich variance (Lin and Wei 1989); by default where `cluster` is given, or where
        weights are not whole numbers (with Wald intervals and no penalty).
    ridge
        Penalty ``ridge / 2 * sum(b**2)``.

    Returns
    -------
    CoxResult

    Raises
    ------
    TimeError, EventCodingError, WeightError, NoEventsError, InputError

    Notes
    -----
    R: ``survival::coxph(Surv(time, event) ~ x)``; Firth: ``coxphf::coxphf``.

    Examples
    --------
    Six rows that can be worked by hand (Breslow: ``b = log((3 + sqrt(33)) / 2)``):

    >>> import warnings; warnings.simplefilter("ignore")  # four events: too few, and said so
    >>> from oncohort.stats.cox import cox
    >>> fit = cox([9, 1, 1, 6, 6, 8], [1, 1, 0, 1, 1, 0], [0, 1, 1, 1, 0, 0], ties="breslow")
    >>> round(float(fit.coef[0]), 7)
    1.4752849
    """
    data = read(
        time,
        event,
        X,
        entry=entry,
        strata=strata,
        weights=weights,
        cluster=cluster,
        offset=offset,
        names=names,
    )
    return fit_data(
        data,
        ties=ties,
        penalty=penalty,
        interval=interval,
        level=level,
        terms=terms,
        robust=robust,
        ridge=ridge,
    )


def _sandwich(
    data: CoxData, ties: str, penalty: str | None, interval: str, robust: bool | None
) -> bool:
    """Is the variance the robust one? Raise where it does not go with the other choices."""
    if robust is False and data.cluster is not None:
        raise InputError("cluster asks for the robust variance; robust=False contradicts it")
    if robust is None and penalty is None and interval == "wald" and ties in ("efron", "breslow"):
        robust = not whole(data.weight)
    sandwich = bool(robust) or data.cluster is not None
    if sandwich and interval != "wald":
        raise InputError("the robust variance goes with Wald intervals only")
    if ties in ("exact", "marginal") and (sandwich or data.weight is not None):
        raise InputError(f"ties={ties!r} goes without weights and without the robust variance")
    return sandwich


def fit_data(
    data: CoxData,
    *,
    ties: str = "efron",
    penalty: str | None = None,
    interval: str = "wald",
    level: float = 0.95,
    terms: Mapping[str, Sequence[str | int]] | None = None,
    robust: bool | None = None,
    ridge: float = 0.0,
) -> CoxResult:
    """Fit validated rows."""
    _check_choices(ties, penalty, interval, level, ridge)
    sandwich = _sandwich(data, ties, penalty, interval, robust)
    if penalty == "firth" and interval == "score":
        raise InputError("penalty='firth' goes with Wald or profile intervals")
    model = fit_model(
        data,
        ties=ties,
        penalty=penalty,
        ridge=ridge,
        term_columns=None if terms is None else term_columns(terms, data.names),
    )
    fit = model.fit
    coef = np.where(fit.aliased, np.nan, fit.beta)
    naive = covariance(model)
    if fit.diverging.any():
        coef = np.where(fit.diverging, np.copysign(np.inf, fit.beta), coef)
    cov = naive
    if sandwich:
        from oncohort.stats.residuals import robust_covariance

        cov = robust_covariance(model, naive)
    events = int(np.count_nonzero(data.event))
    notes = _notes(model, events)
    for note in notes:
        _warnings.warn(note, stacklevel=3)
    return CoxResult(
        names=data.names,
        coef=coef,
        covariance=cov,
        naive_covariance=naive,
        loglik_null=fit.null.loglik,
        loglik=fit.end.loglik,
        n=data.n,
        events=events,
        iterations=fit.iterations,
        converged=fit.converged,
        level=level,
        interval=interval,
        left_out=data.left_out,
        warnings=notes,
        robust=sandwich,
        aliased=fit.aliased,
        diverging=fit.diverging,
        model=model,
    )


def _check_choices(
    ties: str, penalty: str | None, interval: str, level: float, ridge: float
) -> None:
    if ties not in TIES:
        raise InputError(f"ties must be one of {', '.join(TIES)}, not {ties!r}")
    if penalty not in (None, "firth"):
        raise InputError(f"penalty must be None or firth, not {penalty!r}")
    if penalty == "firth" and (ridge or ties not in ("efron", "breslow")):
        raise InputError("penalty='firth' goes with Efron or Breslow ties and without ridge")
    if not (np.isfinite(ridge) and ridge >= 0):
        raise InputError(f"ridge must be zero or more, it is {ridge}")
    if interval not in ("wald", "profile", "score"):
        raise InputError(f"interval must be wald, profile or score, not {interval!r}")
    if not 0 < level < 1:
        raise InputError(f"level must lie between 0 and 1, it is {level}")


def term_columns(
    terms: Mapping[str, Sequence[str | int]], names: Sequence[str]
) -> dict[str, tuple[int, ...]]:
    """Column positions of each term; columns not named are terms of their own."""
    found: dict[str, tuple[int, ...]] = {}
    taken: dict[int, str] = {}
    for term, columns in terms.items():
        listed = [columns] if isinstance(columns, str | int) else list(columns)
        at = []
        for column in listed:
            if isinstance(column, str):
                if column not in names:
                    raise InputError(f"term {term!r}: no column {column!r} in X")
                j = list(names).index(column)
            else:
                j = int(column)
                if not 0 <= j < len(names):
                    raise InputError(f"term {term!r}: X has no column {j}")
            if j in taken:
                raise InputError(f"column {names[j]!r} is in terms {taken[j]!r} and {term!r}")
            taken[j] = term
            at.append(j)
        found[term] = tuple(at)
    order = {min(at): (term, at) for term, at in found.items() if at}
    for j, name in enumerate(names):
        if j not in taken:
            order[j] = (name, (j,))
    empty = {term: at for term, at in found.items() if not at}
    return dict(order[j] for j in sorted(order)) | empty


def _notes(model: Model, events: int) -> tuple[FitWarning, ...]:
    fit, names = model.fit, model.data.names
    notes: list[FitWarning] = []
    if fit.aliased.any():
        bad = [names[j] for j in np.flatnonzero(fit.aliased)]
        notes.append(
            CollinearWarning(
                f"{', '.join(bad)}: constant within risk sets, or a combination of columns "
                "before; not estimated",
                bad,
            )
        )
    empty = [term for term, columns in model.term_columns.items() if not columns]
    if empty:
        notes.append(
            CollinearWarning(
                f"{', '.join(empty)}: no column (a factor with one level has none); not estimated",
                empty,
            )
        )
    if fit.diverging.any():
        bad = [names[j] for j in np.flatnonzero(fit.diverging)]
        notes.append(
            SeparationWarning(
                f"{', '.join(bad)}: the likelihood rises without end (separation: at each event "
                "the patient with the extreme value failed); no finite hazard ratio. "
                "penalty='firth' gives a finite estimate",
                bad,
            )
        )
    elif not fit.converged:
        notes.append(
            ConvergenceWarning(f"Newton's method did not settle in {fit.iterations} iterations")
        )
    estimated = int((~fit.aliased).sum())
    if estimated and events < 10 * estimated:
        notes.append(
            EventsPerVariableWarning(
                f"{events} events for {counted(estimated, 'coefficient')}: "
                "fewer than 10 per variable, "
                "estimates are unstable and biased away from 1"
            )
        )
    return tuple(notes)
