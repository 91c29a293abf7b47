"""Kaplan-Meier curves as results: quantiles, values at given times, tables and texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._show import Row, Shown, left_out_text, plain, stack
from oncohort.stats.bands import survival_band
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Floats, Label
from oncohort.stats.times import nearest_times

if TYPE_CHECKING:
    import pandas
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
    label: Label = None
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
        >>> from oncohort.stats import kaplan_meier
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
        >>> from oncohort.stats import kaplan_meier
        >>> row = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 0]).at([2.5])[0]
        >>> row.survival, row.at_risk, row.events
        (0.5, 2.0, 2.0)
        """
        wanted = nearest_times(times, self.time)
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

        columns: dict[str, object] = (
            {} if self.label is None else {"group": [self.label] * len(self.time)}
        )
        for name in ("time", "at_risk", "events", "censored", "survival", "se", "low", "high"):
            columns[name] = getattr(self, name)
        return pl.DataFrame(columns).with_columns(pl.selectors.float().fill_nan(None))

    def _rows(self) -> Sequence[Row]:
        return self.to_frame().to_dicts()

    def to_pandas(self) -> pandas.DataFrame:
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

    groups: Mapping[Label, KaplanMeier]
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
        return stack([km.to_frame() for km in self.groups.values()])

    def to_pandas(self) -> pandas.DataFrame:
        """The same table as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(self.to_frame().to_dict(as_series=False))

    def _printed(self) -> Sequence[Row]:
        return [_summary(km) for km in self.groups.values()]

    def _title(self) -> str:
        return f"Kaplan-Meier: {self.n} rows, {self.n_events} events"

    def _notes(self) -> Sequence[str]:
        return [self.method, *self.notes, left_out_text(self.left_out)]


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
