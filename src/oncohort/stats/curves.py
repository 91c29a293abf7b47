"""Kaplan-Meier and Nelson-Aalen curves, their quantiles, and reverse Kaplan-Meier follow-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from oncohort.stats._counts import Counts, count, counts_by_group
from oncohort.stats._show import Row, Shown, left_out_text, plain
from oncohort.stats.bands import interval_name, survival_band
from oncohort.stats.errors import InputError, NoEventsError
from oncohort.stats.inputs import (
    Bools,
    Floats,
    SurvivalData,
    check_choice,
    check_level,
    read_survival,
    snap_times,
)

if TYPE_CHECKING:
    import polars

State = Literal["ok", "not_reached", "not_estimable"]

FLAT = float(np.sqrt(np.finfo(np.float64).eps))
"""A curve closer than this to a level is at it, as in R."""


@dataclass(frozen=True, slots=True)
class Quantile:
    """Time by which a share `p` has had the event, with its interval.

    Attributes
    ----------
    value
        In the unit of time; none where the curve does not come down to ``1 - p``.
    low, high
        Ends of the interval; none where the band does not come down to ``1 - p``.
    flat
        The curve is exactly ``1 - p`` over a stretch, and `value` is its middle.
    """

    p: float
    value: float | None
    state: State
    low: float | None
    high: float | None
    level: float
    method: str
    flat: bool = False

    def __str__(self) -> str:
        what = "median" if self.p == 0.5 else f"{100 * self.p:g} % quantile"
        value = "not reached" if self.value is None else f"{self.value:.6g}"
        ends = [("not reached" if e is None else f"{e:.6g}") for e in (self.low, self.high)]
        return f"{what} {value} ({100 * self.level:g} % interval {ends[0]} to {ends[1]})"


@dataclass(frozen=True, slots=True)
class AtTime:
    """A curve at one time.

    Attributes
    ----------
    survival, se, low, high
        None after the last observation (unless the curve has come to 0 by then); the ends also
        where they are undefined.
    at_risk
        Under observation just before `time` (weighted, where there are weights).
    events, censored
        Up to and including `time`.
    """

    time: float
    survival: float | None
    se: float | None
    low: float | None
    high: float | None
    at_risk: float
    events: float
    censored: float
    state: State = "ok"


@dataclass(frozen=True, eq=False, repr=False)
class KaplanMeier(Shown):
    """One Kaplan-Meier curve.

    Attributes
    ----------
    time
        ``(k,)`` distinct times at which someone had the event or was censored, increasing.
    at_risk, events, censored
        ``(k,)`` just before, at and at each time; sums of weights where there are weights.
    survival, se, low, high
        ``(k,)`` estimate, standard error and interval. Once the curve is at 0, `se` and the
        interval are undefined (not-a-number here, null in :meth:`to_frame`).
    n, n_events
        Rows and rows with an event.
    label
        Level of the group; none for a curve of all rows.
    """

    time: Floats
    at_risk: Floats
    events: Floats
    censored: Floats
    survival: Floats
    se: Floats
    n: int
    n_events: int
    level: float
    interval: str
    method: str
    label: Any = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    entry_times: Floats | None = None
    """Distinct entry times, and in `entered` the sum of weights that has entered by each."""
    entered: Floats | None = None

    @cached_property
    def _band(self) -> tuple[Floats, Floats]:
        return survival_band(self.survival, self.se, self.interval, self.level)

    @property
    def low(self) -> Floats:
        return self._band[0]

    @property
    def high(self) -> Floats:
        return self._band[1]

    @property
    def median(self) -> Quantile:
        """Median survival time with its Brookmeyer-Crowley interval."""
        return self.quantile(0.5)

    def quantile(self, p: float) -> Quantile:
        """Time by which a share `p` has had the event.

        The first time at which the curve is at or below ``1 - p``. Where the curve is exactly
        ``1 - p`` up to its next step, the middle of that stretch (R's convention; SAS's too);
        where it stays there to the end, the beginning. The interval inverts the pointwise band
        at the same level (Brookmeyer and Crowley 1982, Biometrics 38:29), with the same
        convention.

        Parameters
        ----------
        p
            Strictly between 0 and 1.

        Examples
        --------
        >>> kaplan_meier([1, 2, 3, 4], [1, 1, 1, 0]).quantile(0.5).value
        2.5
        """
        if not 0 < p < 1:
            raise InputError(f"p must lie between 0 and 1, it is {p}")
        value, flat = _crossing(self.time, self.survival, 1.0 - p)
        low, _ = _crossing(self.time, self.low, 1.0 - p)
        high, _ = _crossing(self.time, self.high, 1.0 - p)
        return Quantile(
            p,
            value,
            "ok" if value is not None else "not_reached",
            low,
            high,
            self.level,
            f"Kaplan-Meier; Brookmeyer-Crowley interval from the {self.interval} band"
            + ("; middle of the stretch where the curve is exactly level" if flat else ""),
            flat,
        )

    def at(self, times: Iterable[float] | float) -> list[AtTime]:
        """The curve at given times.

        Examples
        --------
        >>> row = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 0]).at([2.5])[0]
        >>> row.survival, row.at_risk, row.events
        (0.5, 2.0, 2.0)
        """
        wanted = np.atleast_1d(np.asarray(times, dtype=np.float64))
        if not np.isfinite(wanted).all():
            raise InputError("times must be finite")
        at = np.searchsorted(self.time, wanted, side="right")
        risk = self._at_risk(wanted)
        done = np.concatenate([[0.0], np.cumsum(self.events)])
        lost = np.concatenate([[0.0], np.cumsum(self.censored)])
        out = []
        for j, t in enumerate(wanted.tolist()):
            i = int(at[j])
            counts = (float(risk[j]), float(done[i]), float(lost[i]))
            s, se, low, high = (
                (1.0, 0.0, 1.0, 1.0)
                if i == 0
                else tuple(float(a[i - 1]) for a in (self.survival, self.se, self.low, self.high))
            )
            if t > self.time[-1] and s > 0:
                out.append(AtTime(t, None, None, None, None, *counts, "not_estimable"))
            else:
                out.append(AtTime(t, s, plain(se), plain(low), plain(high), *counts))
        return out

    def _at_risk(self, times: Floats) -> Floats:
        left = np.concatenate([[0.0], np.cumsum(self.events + self.censored)])
        gone = left[np.searchsorted(self.time, times, side="left")]
        if self.entry_times is None or self.entered is None:
            return np.asarray(left[-1] - gone)
        here = np.searchsorted(self.entry_times, times, side="left")
        # At the very start those who enter there are counted, as in a table of numbers at risk.
        here = np.where((here == 0) & (times == self.entry_times[0]), 1, here)
        risk = np.concatenate([[0.0], self.entered])[here] - gone
        return np.asarray(np.where(risk < 1e-9 * left[-1], 0.0, risk))

    def to_frame(self) -> polars.DataFrame:
        """Tidy polars table, one row per distinct time."""
        import polars as pl

        columns: dict[str, Any] = (
            {} if self.label is None else {"group": [self.label] * len(self.time)}
        )
        for name in ("time", "at_risk", "events", "censored", "survival", "se", "low", "high"):
            columns[name] = getattr(self, name)
        return pl.DataFrame(columns).with_columns(pl.selectors.float().fill_nan(None))

    def _rows(self) -> Sequence[Row]:
        return self.to_frame().to_dicts()

    def to_pandas(self) -> Any:
        """The same table as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(self.to_frame().to_dict(as_series=False))

    def _printed(self) -> Sequence[Row]:
        return [_summary(self)]

    def _title(self) -> str:
        return f"Kaplan-Meier: {self.n} rows, {self.n_events} events"

    def _notes(self) -> Sequence[str]:
        return [self.method, *self.notes, left_out_text(self.left_out)]


def _summary(km: KaplanMeier) -> Row:
    median = km.median
    reached = [
        "not reached" if v is None else f"{v:.6g}" for v in (median.value, median.low, median.high)
    ]
    row: Row = {} if km.label is None else {"group": km.label}
    return row | {
        "n": km.n,
        "events": km.n_events,
        "median": reached[0],
        f"{100 * km.level:g} % interval": f"{reached[1]} to {reached[2]}",
    }


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class KaplanMeierResult(Shown):
    """Kaplan-Meier curves: of all rows, or one per group.

    Without groups every attribute of :class:`KaplanMeier` (``time``, ``survival``, ``median``,
    ``at`` ...) is read from here; with groups, from ``result.groups[level]``.

    Attributes
    ----------
    groups
        Level to curve, in the order of the levels; one entry with key none without groups.
    n, n_events
        Rows used and rows with an event, over all groups.
    left_out
        Reason to number of rows left out.
    """

    groups: Mapping[Any, KaplanMeier]
    n: int
    n_events: int
    method: str
    left_out: Mapping[str, int]
    level: float
    interval: str

    @property
    def curve(self) -> KaplanMeier:
        """The only curve."""
        if len(self.groups) != 1:
            names = ", ".join(repr(name) for name in self.groups)
            raise InputError(f"there are {len(self.groups)} curves: choose one of groups[{names}]")
        return next(iter(self.groups.values()))

    @property
    def time(self) -> Floats:
        return self.curve.time

    @property
    def at_risk(self) -> Floats:
        return self.curve.at_risk

    @property
    def events(self) -> Floats:
        return self.curve.events

    @property
    def censored(self) -> Floats:
        return self.curve.censored

    @property
    def survival(self) -> Floats:
        return self.curve.survival

    @property
    def se(self) -> Floats:
        return self.curve.se

    @property
    def low(self) -> Floats:
        return self.curve.low

    @property
    def high(self) -> Floats:
        return self.curve.high

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader has to know about any of the curves."""
        return tuple(note for km in self.groups.values() for note in km.notes)

    @property
    def median(self) -> Quantile:
        """Median of the only curve."""
        return self.curve.median

    def quantile(self, p: float) -> Quantile:
        """Quantile of the only curve; see :meth:`KaplanMeier.quantile`."""
        return self.curve.quantile(p)

    def at(self, times: Iterable[float] | float) -> list[AtTime]:
        """The only curve at given times; see :meth:`KaplanMeier.at`."""
        return self.curve.at(times)

    def to_frame(self) -> polars.DataFrame:
        """Tidy polars table of all curves, one row per group and distinct time."""
        import polars as pl

        return pl.concat([km.to_frame() for km in self.groups.values()])

    def to_pandas(self) -> Any:
        """The same table as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(self.to_frame().to_dict(as_series=False))

    def _printed(self) -> Sequence[Row]:
        return [_summary(km) for km in self.groups.values()]

    def _title(self) -> str:
        return f"Kaplan-Meier: {self.n} rows, {self.n_events} events"

    def _notes(self) -> Sequence[str]:
        return [self.method, *self.notes, left_out_text(self.left_out)]


def kaplan_meier(
    time: Any,
    event: Any,
    *,
    entry: Any = None,
    weights: Any = None,
    group: Any = None,
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
    data = read_survival(time, event, entry=entry, weights=weights, group=group)
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
    data = _snapped(data)
    sandwich = robust
    if sandwich is None:
        sandwich = data.weight is not None and bool(np.any(data.weight != np.floor(data.weight)))
    method = _words(data, interval, level, sandwich)
    curves: dict[Any, KaplanMeier] = {}
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


def _snapped(data: SurvivalData) -> SurvivalData:
    """Times and entries made equal where rounding alone parts them (times alone: in count)."""
    if data.entry is None:
        return data
    time, entry = snap_times(data.time, data.entry)
    return replace(data, time=time, entry=entry)


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
    label: Any,
    interval: str,
    level: float,
    method: str,
    robust: bool,
) -> KaplanMeier:
    left = c.at_risk - c.events
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.asarray(
            np.cumprod(np.where(c.at_risk > 0, left / c.at_risk, 1.0)), dtype=np.float64
        )
        greenwood = np.cumsum(np.where(c.events > 0, c.events / (c.at_risk * left), 0.0))
        if robust:
            se: Floats = survival * np.sqrt(_jackknife(c, rows))
        else:
            se = survival * np.sqrt(greenwood)
    se[survival <= 0] = np.nan
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


def _curve_notes(c: Counts, survival: Floats, label: Any) -> tuple[str, ...]:
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


def _jackknife(c: Counts, rows: SurvivalData) -> Floats:
    """Sum over rows of the squared weighted influence on -log S, at each time.

    A row's influence is ``[it had its event by t] / (n - d) - (G(min(t, time)) - G(entry))`` with
    ``G`` the running sum of ``d / (n (n - d))``, so all rows are summed by times, not one by one.
    """
    weight = np.ones(rows.n) if rows.weight is None else rows.weight
    left = c.at_risk - c.events
    with np.errstate(divide="ignore", invalid="ignore"):
        g = np.cumsum(np.where(c.events > 0, c.events / (c.at_risk * left), 0.0))
        own = np.where(left > 0, 1.0 / left, 0.0)
    g = np.where(np.isfinite(g), g, 0.0)
    out = np.searchsorted(c.time, rows.time, side="right") - 1
    start = np.zeros(rows.n)
    joins = np.zeros(rows.n, dtype=np.int64)
    if rows.entry is not None:
        joins = np.searchsorted(c.time, rows.entry, side="right")
        start = np.concatenate([[0.0], g])[joins]
    k = len(c.time)
    final = np.where(rows.event, own[out], 0.0) - (g[out] - start)
    settled = np.cumsum(np.bincount(out, (weight * final) ** 2, minlength=k))
    w2 = weight * weight
    sums = []
    for value in (w2, w2 * start, w2 * start * start):
        came = np.bincount(np.minimum(joins, k), value, minlength=k + 1)[:k]
        sums.append(np.cumsum(came) - np.cumsum(np.bincount(out, value, minlength=k)))
    waiting = sums[0] * g * g - 2 * g * sums[1] + sums[2]
    return np.asarray(settled + np.maximum(waiting, 0.0))


def _crossing(time: Floats, curve: Floats, level: float) -> tuple[float | None, bool]:
    """First time at which a falling curve is at or below `level`; the middle of a flat stretch."""
    below = np.flatnonzero(curve < level + FLAT)
    if not len(below):
        return None, False
    i = int(below[0])
    if abs(float(curve[i]) - level) < FLAT:
        lower = np.flatnonzero(curve < curve[i] - FLAT)
        if len(lower):
            return float(0.5 * (time[i] + time[lower[0]])), True
    return float(time[i]), False


def follow_up(
    time: Any,
    event: Any,
    *,
    entry: Any = None,
    group: Any = None,
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
    if data.event.all():
        raise NoEventsError("no row is censored: follow-up by reverse Kaplan-Meier has no events")
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
        groups={k: replace(v, method=words) for k, v in result.groups.items()},
    )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NelsonAalen(Shown):
    """A cumulative hazard.

    Attributes
    ----------
    time, at_risk, events
        ``(k,)`` as in :class:`KaplanMeier`.
    hazard, se, low, high
        ``(k,)`` cumulative hazard, its standard error and interval.
    """

    time: Floats
    at_risk: Floats
    events: Floats
    hazard: Floats
    se: Floats
    low: Floats
    high: Floats
    n: int
    n_events: int
    level: float
    method: str
    left_out: Mapping[str, int] = field(default_factory=dict)

    def _rows(self) -> Sequence[Row]:
        names = ("time", "at_risk", "events", "hazard", "se", "low", "high")
        columns = [getattr(self, name).tolist() for name in names]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

    def _printed(self) -> Sequence[Row]:
        rows = self._rows()
        return rows if len(rows) <= 12 else [*rows[:6], *rows[-6:]]

    def _title(self) -> str:
        return f"Nelson-Aalen: {self.n} rows, {self.n_events} events"

    def _notes(self) -> Sequence[str]:
        return [self.method, left_out_text(self.left_out)]


def nelson_aalen(
    time: Any,
    event: Any,
    *,
    entry: Any = None,
    weights: Any = None,
    interval: str = "log",
    ties: str = "aalen",
    level: float = 0.95,
) -> NelsonAalen:
    """Nelson-Aalen estimate of the cumulative hazard (Nelson 1972; Aalen 1978, Ann Stat 6:701).

    Parameters
    ----------
    time, event, entry, weights, level
        As in :func:`kaplan_meier`.
    interval
        "log" or "plain".
    ties
        "aalen": ``sum d / n`` with variance ``sum d / n^2`` (R ``ctype = 1``).
        "fleming-harrington": tied events one after the other, ``1/n + 1/(n-1) + ...`` with the
        squares as variance (R ``ctype = 2``).

    Examples
    --------
    >>> h = nelson_aalen([1, 2, 2, 3], [1, 1, 1, 0])
    >>> [round(float(v), 4) for v in h.hazard]
    [0.25, 0.9167, 0.9167]
    """
    check_choice(interval, ("log", "plain"), "interval")
    check_choice(ties, ("aalen", "fleming-harrington"), "ties")
    check_level(level)
    data = _snapped(read_survival(time, event, entry=entry, weights=weights))
    c = count(data)
    with np.errstate(divide="ignore", invalid="ignore"):
        if ties == "aalen":
            step = np.where(c.events > 0, c.events / c.at_risk, 0.0)
            variance = np.where(c.events > 0, c.events / c.at_risk**2, 0.0)
        else:
            step, variance = _one_by_one(c, data)
    hazard, se = np.cumsum(step), np.sqrt(np.cumsum(variance))
    from scipy.special import ndtri

    z = float(ndtri(0.5 + 0.5 * level))
    if interval == "plain":
        low, high = np.maximum(hazard - z * se, 0.0), hazard + z * se
    else:
        width = np.exp(z * se / np.where(hazard > 0, hazard, 1.0))
        low, high = hazard / width, hazard * width
    how = "tied events together" if ties == "aalen" else "tied events one after the other"
    return NelsonAalen(
        c.time,
        c.at_risk,
        c.events,
        hazard,
        se,
        low,
        high,
        data.n,
        int(np.count_nonzero(data.event)),
        level,
        f"Nelson-Aalen estimate, {how}, {100 * level:g} % pointwise intervals on the "
        f"{interval} scale.",
        data.left_out,
    )


def _one_by_one(c: Counts, data: SurvivalData) -> tuple[Floats, Floats]:
    """Hazard and variance steps with the tied events of a time one after the other."""
    at = np.searchsorted(c.time, data.time[data.event], side="right") - 1
    rows = np.bincount(at, minlength=len(c.time))
    step, variance = np.zeros(len(c.time)), np.zeros(len(c.time))
    for ahead in range(int(rows.max(initial=0))):
        more = rows > ahead
        mean = c.events[more] / rows[more]
        left = c.at_risk[more] - ahead * mean
        step[more] += mean / left
        variance[more] += mean / left**2
    return step, variance
