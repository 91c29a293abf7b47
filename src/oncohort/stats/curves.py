"""Kaplan-Meier curves, and follow-up by the reverse Kaplan-Meier method."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from oncohort.stats._counts import Counts, counts_by_group
from oncohort.stats._jackknife import jackknife, log_survival_influence
from oncohort.stats.bands import interval_name
from oncohort.stats.curve_result import KaplanMeier, KaplanMeierResult
from oncohort.stats.engine import kernel
from oncohort.stats.inputs import (
    Bools,
    Column,
    Floats,
    Label,
    SurvivalData,
    check_choice,
    check_level,
    read_survival,
)


def kaplan_meier(
    time: Column,
    event: Column,
    *,
    entry: Column | None = None,
    weights: Column | None = None,
    group: Column | None = None,
    interval: str = "log-log",
    level: float = 0.95,
    robust: bool | None = None,
) -> KaplanMeierResult:
    """Kaplan-Meier estimate of survival (Kaplan and Meier 1958, JASA 53:457).

    Parameters
    ----------
    time
        ``(n,)`` follow-up times, any unit. Censoring at a time counts after events at it.
    event
        ``(n,)`` bool or 0/1.
    entry
        ``(n,)`` time at which a row came under observation (left truncation): at risk from just
        after it.
    weights
        ``(n,)`` case weights above zero.
    group
        ``(n,)`` labels: one curve per level. Rows without a label are left out and counted.
    interval
        "log-log" (default), "log", "plain", "logit" or "arcsine"; see :mod:`.bands`.
    level
        Of the pointwise intervals.
    robust
        Variance of the infinitesimal jackknife instead of Greenwood's (Greenwood 1926); by
        default where weights are not whole numbers, as in R.

    Returns
    -------
    KaplanMeierResult

    Raises
    ------
    TimeError, EntryError, EventCodingError, WeightError, InputError

    Notes
    -----
    R: ``survival::survfit(Surv(time, event) ~ 1, conf.type = "log-log")``. Times that differ by
    rounding alone are one time, as there.

    Examples
    --------
    >>> km = kaplan_meier([6, 7, 9, 10, 11], [1, 0, 1, 1, 0])
    >>> [round(float(s), 4) for s in km.survival]
    [0.8, 0.8, 0.5333, 0.2667, 0.2667]
    >>> print(km.median)
    median 10 (95 % interval 6 to not reached)
    """
    alone = entry is None and weights is None and group is None
    data = read_survival(
        time, event, entry=entry, weights=weights, group=group, join=not alone
    )  # alone: joined when they are counted
    return from_data(
        data, interval=interval_name(interval), level=check_level(level), robust=robust
    )


def from_data(
    data: SurvivalData,
    *,
    interval: str,
    level: float,
    robust: bool | None = None,
    events_first: bool = True,
) -> KaplanMeierResult:
    """Curves of checked rows; `events_first` false lets those censored leave before events."""
    sandwich = robust
    if sandwich is None:
        sandwich = data.weight is not None and bool(np.any(data.weight != np.floor(data.weight)))
    method = _words(data, interval, level, sandwich)
    curves: dict[Label, KaplanMeier] = {}
    for label, rows, counts in counts_by_group(data, events_first=events_first):
        curves[label] = _curve(counts, rows, label, interval, level, method, sandwich)
    if data.group is None:
        curves = {None: replace(curves[None], left_out=data.left_out)}
    return KaplanMeierResult(
        curves,
        data.n,
        int(np.count_nonzero(data.event)),
        method,
        data.left_out,
        level,
        interval,
    )


def _words(data: SurvivalData, interval: str, level: float, robust: bool) -> str:
    parts = ["Kaplan-Meier estimate"]
    if data.entry is not None:
        parts.append("left truncation at the entry times")
    if data.weight is not None:
        parts.append("case weights")
    parts.append(
        "variance of the infinitesimal jackknife (robust)" if robust else "Greenwood's variance"
    )
    parts.append(f"{100 * level:g} % pointwise intervals on the {interval} scale")
    parts.append("intervals of quantiles by inverting the same band (Brookmeyer-Crowley)")
    return ", ".join(parts) + "."


def _curve(
    c: Counts,
    rows: SurvivalData,
    label: object,
    interval: str,
    level: float,
    method: str,
    robust: bool,
) -> KaplanMeier:
    if robust:
        survival, _ = _product_limit(c)
        with np.errstate(divide="ignore", invalid="ignore"):
            se: Floats = survival * np.sqrt(jackknife(c, rows, *log_survival_influence(c)))
        se[survival <= 0] = np.nan
    else:
        survival, se = _product_limit(c)
    return KaplanMeier(
        c.time,
        c.at_risk,
        c.events,
        c.censored,
        survival,
        se,
        n=rows.n,
        n_events=int(np.count_nonzero(rows.event)),
        level=level,
        interval=interval,
        method=method,
        label=label,
        notes=_curve_notes(c, survival, label),
        entry_times=c.entry_times,
        entered=c.entered,
    )


def _product_limit(c: Counts) -> tuple[Floats, Floats]:
    """The estimate and Greenwood's standard error, not-a-number once the curve is at 0."""
    compiled = kernel()
    if compiled is not None and len(c.time):
        survival, se = np.empty(len(c.time)), np.empty(len(c.time))
        at_risk, events = np.ascontiguousarray(c.at_risk), np.ascontiguousarray(c.events)
        compiled.product_limit(at_risk, events, survival, se)
        return survival, se
    left = c.at_risk - c.events
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(c.at_risk > 0, left / c.at_risk, 1.0)
        survival = np.asarray(np.cumprod(factor), dtype=np.float64)
        greenwood = np.cumsum(np.where(c.events > 0, c.events / (c.at_risk * left), 0.0))
        se = survival * np.sqrt(greenwood)
    se[survival <= 0] = np.nan
    return survival, se


def _curve_notes(c: Counts, survival: Floats, label: object) -> tuple[str, ...]:
    who = "" if label is None else f"{label}: "
    notes = []
    if not c.events.any():
        notes.append(f"{who}no event, so the curve stays at 1 and its variance is 0")
    if c.entry_times is not None and len(survival):
        zero = np.flatnonzero(survival <= 0)
        if len(zero) and zero[0] < len(survival) - 1:
            notes.append(
                f"{who}everyone at risk at {c.time[zero[0]]:g} had the event while others had yet "
                "to enter: the curve is 0 from there on and says nothing about them"
            )
    return tuple(notes)


_NO_CENSORING = "no one is censored: all were followed to their event, and no median is reached"


def follow_up(
    time: Column,
    event: Column,
    *,
    entry: Column | None = None,
    group: Column | None = None,
    interval: str = "log-log",
    level: float = 0.95,
    ties: str = "events-first",
) -> KaplanMeierResult:
    """Reverse Kaplan-Meier curve of follow-up: being censored is the event.

    Its median is the median follow-up (Schemper and Smith 1996, Control Clin Trials 17:343).

    Parameters
    ----------
    time, event, entry, group, interval, level
        As in :func:`kaplan_meier`; `event` is that of the survival analysis, not reversed.
    ties
        "events-first": who has the event at a time is no longer at risk of being censored at
        it (the censoring distribution; R ``prodlim(reverse = TRUE)``). "together": they are
        still counted (R ``survfit(Surv(time, 1 - event) ~ 1)``).

    Examples
    --------
    >>> follow_up([5, 8, 12, 12, 20], [1, 0, 1, 0, 0]).median.value
    12.0
    """
    check_choice(ties, ("events-first", "together"), "ties")
    data = read_survival(time, event, entry=entry, group=group)
    reverse: Bools = ~data.event
    result = from_data(
        replace(data, event=reverse),
        interval=interval_name(interval),
        level=check_level(level),
        events_first=ties == "together",
    )
    words = "Follow-up by reverse Kaplan-Meier (being censored is the event): " + result.method
    return replace(
        result,
        method=words,
        groups={
            k: replace(v, method=words, notes=() if v.n_events else (_NO_CENSORING,))
            for k, v in result.groups.items()
        },
    )
