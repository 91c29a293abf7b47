"""Regression under competing risks: Fine-Gray (subdistribution) and cause-specific hazards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._coefficients import Coefficients
from oncohort.stats._cox.newton import inverse, newton
from oncohort.stats._cox.rows import covariates
from oncohort.stats._show import Row, left_out_text, p_text, plain
from oncohort.stats._subdistribution import (
    Rows,
    fine_gray_terms,
    hazard_influence,
    meat,
    prepare,
    residuals,
    sums,
)
from oncohort.stats.baseline import patterns
from oncohort.stats.competing import CompetingData, read_competing
from oncohort.stats.distributions import chdtrc, ndtri
from oncohort.stats.errors import (
    CollinearWarning,
    ConvergenceWarning,
    EventsPerVariableWarning,
    FitWarning,
    InputError,
    NoEventsError,
    SeparationWarning,
)
from oncohort.stats.inputs import (
    Bools,
    Column,
    Floats,
    Label,
    SurvivalData,
    as_numbers,
    check_level,
)
from oncohort.stats.times import nearest_times
from oncohort.vocabulary.boundaries import Option

if TYPE_CHECKING:
    from types import ModuleType

    from oncohort.stats._cox.result import CoxResult


@dataclass(frozen=True, slots=True)
class PredictedIncidence:
    """Predicted cumulative incidence of one patient at one time.

    Attributes
    ----------
    row
        Which of the patients asked for, from 0.
    se
        Of the incidence.
    """

    row: int
    time: float
    incidence: float
    se: float
    low: float
    high: float
    level: float


def _predicted(
    row: int, time: float, hazard: float, se: float, z: float, level: float
) -> PredictedIncidence:
    """Incidence and interval from a cumulative hazard and its standard error."""
    if hazard <= 0:
        return PredictedIncidence(row, time, 0.0, 0.0, 0.0, 0.0, level)
    width = float(np.exp(z * se / hazard))
    value, low, high = (-float(np.expm1(-h)) for h in (hazard, hazard / width, hazard * width))
    return PredictedIncidence(row, time, value, se * float(np.exp(-hazard)), low, high, level)


@dataclass(frozen=True, eq=False, repr=False)
class FineGrayResult(Coefficients):
    """A fitted Fine-Gray model.

    Attributes
    ----------
    coef, se, z, p
        ``(k,)`` log subdistribution hazard ratio, standard error, Wald z and two-sided p. An
        aliased column has NaN, one with a monotone likelihood an infinite coefficient.
    hr, low, high
        ``(k,)`` subdistribution hazard ratio with its interval.
    n, n_events, n_competing, n_censored
        Rows, and those with the cause, another event, none.
    """

    names: tuple[str, ...]
    coef: Floats
    covariance: Floats
    model_covariance: Floats
    loglik_null: float
    loglik: float
    n: int
    n_events: int
    n_competing: int
    n_censored: int
    level: float
    method: str
    cause: Label
    left_out: Mapping[str, int]
    warnings: tuple[FitWarning, ...]
    rows: Rows = field(repr=False)
    beta: Floats = field(repr=False)

    @property
    def wald_test(self) -> tuple[float, int, float]:
        """Chi-squared, degrees of freedom and p of all coefficients being zero."""
        free = np.isfinite(self.se)
        b = self.coef[free]
        chi2 = float(b @ np.linalg.solve(self.covariance[np.ix_(free, free)], b))
        return chi2, int(free.sum()), float(chdtrc(int(free.sum()), chi2))

    def predict(self, x: Column) -> tuple[Floats, Floats]:
        """Cumulative incidence for covariate values.

        Parameters
        ----------
        x
            ``(k,)`` or ``(m, k)`` values, columns as in the fit.

        Returns
        -------
        times, incidence
            ``(t,)`` event times of the cause, and ``(t,)`` or ``(m, t)`` incidence just after.
        """
        values = np.asarray(x, dtype=np.float64)
        rows = np.atleast_2d(values)
        if rows.shape[1] != len(self.names):
            raise InputError(f"x has {rows.shape[1]} values, the model {len(self.names)} columns")
        if not np.isfinite(self.coef).all():
            raise InputError("no prediction: a coefficient is aliased or infinite")
        risk_sets = sums(self.rows, self.beta)
        hazard = np.cumsum(risk_sets.step[::-1])
        risk = np.exp((rows - self.rows.center) @ self.beta)
        incidence = -np.expm1(-risk[:, None] * hazard[None])
        return self.rows.times[::-1].copy(), incidence[0] if values.ndim == 1 else incidence

    def incidence(
        self, x: object, times: Iterable[float] | float, *, level: float | None = None
    ) -> tuple[PredictedIncidence, ...]:
        """Cumulative incidence of one patient or several at given times, with intervals.

        The variance is that of the infinitesimal jackknife of coefficients, baseline and
        censoring weights together; intervals on the log-log scale.

        Parameters
        ----------
        x
            ``(k,)`` or ``(m, k)`` values, columns as in the fit.
        times
            In the unit of time.

        Returns
        -------
        tuple of PredictedIncidence
            Patient after patient, times in the order asked for.
        """
        rows = patterns(x, len(self.names))
        if not np.isfinite(self.coef).all():
            raise InputError("no prediction: a coefficient is aliased or infinite")
        chosen = check_level(self.level if level is None else level)
        z = float(ndtri(0.5 + 0.5 * chosen))
        shifts = rows - self.rows.center
        found: list[list[PredictedIncidence]] = [[] for _ in rows]
        for t in nearest_times(times, self.rows.times[::-1]).tolist():
            baseline, influence = hazard_influence(self.rows, self.beta, self.model_covariance, t)
            for row, shift in enumerate(shifts):
                combination = np.concatenate([[1.0], shift * baseline])
                variance = float(combination @ meat(self.rows, influence) @ combination)
                risk = float(np.exp(shift @ self.beta))
                found[row].append(
                    _predicted(row, t, risk * baseline, risk * variance**0.5, z, chosen)
                )
        return tuple(p for patient in found for p in patient)

    def _rows(self) -> Sequence[Row]:
        shown = super()._rows()
        return [{k: v if k == "variable" else plain(v) for k, v in row.items()} for row in shown]

    def _printed(self) -> Sequence[Row]:
        return self._rows()

    def _title(self) -> str:
        return (
            f"Fine-Gray model of {self.cause!r}: {self.n} rows, {self.n_events} events, "
            f"{self.n_competing} competing events, {self.n_censored} censored"
        )

    def _notes(self) -> Sequence[str]:
        chi2, df, p = self.wald_test if np.isfinite(self.se).any() else (0.0, 0, 1.0)
        return [
            f"Wald test: {chi2:.4g} on {df} df, {p_text(p)}" if df else "",
            self.method,
            left_out_text(self.left_out),
            *(f"warning: {w}" for w in self.warnings),
        ]


def fine_gray(
    time: Column,
    event_type: Column,
    X: Column,
    *,
    cause: Label,
    censored: object = 0,
    censoring_group: Column | None = None,
    entry: Column | None = None,
    weights: Column | None = None,
    names: Sequence[str] | None = None,
    level: float = 0.95,
) -> FineGrayResult:
    """Regression on the cumulative incidence of a cause (Fine and Gray 1999, JASA 94:496).

    Parameters
    ----------
    time
        ``(n,)`` follow-up times.
    event_type, censored
        As in :func:`oncohort.stats.cumulative_incidence`.
    X
        ``(n, k)`` or ``(n,)`` numeric covariates, array or frame. Rows with a missing value are
        left out and counted.
    cause
        The type of event that is modelled.
    censoring_group
        ``(n,)`` labels: the censoring distribution is estimated in each (it must not depend on
        the covariates within them). After a group's last follow-up none of it stays at risk.
    entry
        ``(n,)`` late entry: rows with another event are weighted by the distribution of entries
        too (Geskus 2011), and the variance takes these weights as known.
    weights
        ``(n,)`` case weights above zero, also in the censoring distribution. Whole numbers are
        numbers of rows.
    names, level
        As in :func:`oncohort.stats.cox`.

    Returns
    -------
    FineGrayResult

    Notes
    -----
    Breslow's ties and the variance of Fine and Gray, as R ``cmprsk::crr``.
    ``survival::finegray`` with ``coxph`` uses Efron's ties unless told otherwise and leaves the
    estimated censoring out of the variance.

    Examples
    --------
    >>> import warnings; warnings.simplefilter("ignore")  # few events, and said so
    >>> fit = fine_gray([1, 2, 3, 4, 5, 6], [1, 2, 1, 0, 1, 0], [1, 0, 1, 0, 0, 1], cause=1)
    >>> fit.n_events, fit.n_competing
    (3, 1)
    """
    import warnings as _warnings

    check_level(level)
    data = read_competing(
        time, event_type, censored=censored, entry=entry, weights=weights, group=censoring_group
    )
    everyone = len(data.cause) if data.rows.kept is None else len(as_numbers(time, "time"))
    matrix, found = covariates(X, everyone)
    labels = tuple(str(name) for name in (names if names is not None else found))
    if len(labels) != matrix.shape[1]:
        raise InputError(f"names has {len(labels)} entries, X has {matrix.shape[1]} columns")
    if data.rows.kept is not None:
        matrix = matrix[data.rows.kept]
    if np.isinf(matrix).any():
        bad = [labels[j] for j in np.flatnonzero(np.isinf(matrix).any(axis=0))]
        raise InputError(f"infinite values in column {', '.join(bad)}")
    left_out = dict(data.left_out)
    gaps = np.isnan(matrix).any(axis=1)
    if gaps.any():
        columns = [labels[j] for j in np.flatnonzero(np.isnan(matrix).any(axis=0))]
        left_out[f"missing value in {', '.join(columns)}"] = int(gaps.sum())
        data, matrix = data.part(~gaps), matrix[~gaps]
    return _fit(data, matrix, labels, cause, level, left_out, _warnings)


def _fit(
    data: CompetingData,
    x: Floats,
    names: tuple[str, ...],
    cause: Label,
    level: float,
    left_out: Mapping[str, int],
    raiser: ModuleType,
) -> FineGrayResult:
    code = data.position(cause)
    if not (data.cause == code).any():
        raise NoEventsError(f"no event of type {cause!r} among the rows used")
    groups = np.zeros(len(x), dtype=np.int64) if data.rows.group is None else data.rows.group.codes
    rows = data.rows
    d = prepare(rows.time, data.cause, x, code, groups, rows.entry, rows.weight)
    p = x.shape[1]
    scale = d.x.std(axis=0)
    scale[scale <= 1e-13 * np.abs(d.center)] = 0.0
    fit = newton(
        lambda beta: fine_gray_terms(d, beta), p, scale, unit=float(d.w[d.cause_rows].mean())
    )
    free = ~fit.aliased & ~fit.diverging
    model_covariance = inverse(fit.end.info, free)
    index = np.flatnonzero(free)
    covariance = np.full((p, p), np.nan)
    if len(index):
        residual = residuals(d, fit.beta)[:, index]
        bread = model_covariance[np.ix_(index, index)]
        covariance[np.ix_(index, index)] = bread @ meat(d, residual) @ bread
    coef = np.where(fit.aliased, np.nan, fit.beta)
    coef = np.where(fit.diverging, np.where(fit.beta > 0, np.inf, -np.inf), coef)
    events = int((data.cause == code).sum())
    notes = _notes(fit.aliased, fit.diverging, fit.converged, fit.iterations, names, events)
    for note in notes:
        raiser.warn(note, stacklevel=4)
    return FineGrayResult(
        names,
        coef,
        covariance,
        model_covariance,
        float(fit.null.loglik),
        float(fit.end.loglik),
        len(x),
        events,
        int(((data.cause > 0) & (data.cause != code)).sum()),
        int((data.cause == 0).sum()),
        level,
        _method(data.rows, level),
        cause,
        left_out,
        notes,
        d,
        fit.beta,
    )


def _method(rows: SurvivalData, level: float) -> str:
    """The model, its weights and its variance in words."""
    method = "Fine-Gray model of the subdistribution hazard, Breslow's approximation for ties, "
    method += "censoring weights by Kaplan-Meier"
    if rows.group is not None:
        method += f" in each of {len(rows.group.levels)} censoring groups"
    if rows.weight is not None:
        method += ", case weights"
    kind = "with the censoring distribution's part"
    if rows.entry is not None:
        method += " and the entries' distribution (left truncation)"
        kind = "with these weights as known"
    return f"{method}, sandwich variance {kind}, {100 * level:g} % Wald intervals and tests."


def _notes(
    aliased: Bools,
    diverging: Bools,
    converged: bool,
    iterations: int,
    names: tuple[str, ...],
    events: int,
) -> tuple[FitWarning, ...]:
    notes: list[FitWarning] = []
    if aliased.any():
        bad = [names[int(j)] for j in np.flatnonzero(aliased)]
        notes.append(
            CollinearWarning(
                f"{', '.join(bad)}: constant, or a combination of columns before; not estimated",
                bad,
            )
        )
    if diverging.any():
        bad = [names[int(j)] for j in np.flatnonzero(diverging)]
        notes.append(
            SeparationWarning(
                f"{', '.join(bad)}: the likelihood rises without end (separation); no finite "
                "subdistribution hazard ratio",
                bad,
            )
        )
    elif not converged:
        notes.append(
            ConvergenceWarning(f"Newton's method did not settle in {iterations} iterations")
        )
    estimated = int((~aliased).sum())
    if estimated and events < 10 * estimated:
        notes.append(
            EventsPerVariableWarning(
                f"{events} events for {estimated} coefficient{'s' * (estimated > 1)}: "
                "fewer than 10 per variable"
            )
        )
    return tuple(notes)


def cause_specific_cox(
    time: Column,
    event_type: Column,
    X: Column,
    *,
    cause: Label,
    censored: object = 0,
    **options: Option,
) -> CoxResult:
    """Cox model of one cause with the other events as censored.

    Its hazard ratios speak of the rate among those still event-free; :func:`fine_gray`'s of the
    cumulative incidence. Report both (Latouche et al. 2013, J Clin Epidemiol 66:648).

    Parameters
    ----------
    time, event_type, cause, censored
        As in :func:`fine_gray`.
    X, **options
        As in :func:`oncohort.stats.cox`.

    Notes
    -----
    R: ``survival::coxph(Surv(time, type == cause) ~ x)``.

    Examples
    --------
    >>> import warnings; warnings.simplefilter("ignore")
    >>> fit = cause_specific_cox([1, 2, 3, 4, 5, 6], [1, 2, 1, 0, 1, 0], [1, 0, 1, 0, 0, 1],
    ...                          cause=1)
    >>> fit.events
    3
    """
    from oncohort.stats.cox import cox

    data = read_competing(time, event_type, censored=censored)
    return cox(time, data.cause == data.position(cause), X, **options)
