"""Responders against non-responders without immortal time: landmark and time-dependent response.

Who responds must have lived until the response, so comparing responders with non-responders from
the start of treatment favours responders whatever the drug does (Anderson, Cain and Gelber 1983,
J Clin Oncol 1:710). Both methods here remove that: the landmark looks only at patients still under
observation at a fixed time and at what was known then; the time-dependent analysis lets a patient
count as non-responder until the response.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._show import Row, Shown, left_out_text, p_text
from oncohort.stats.curve_result import KaplanMeierResult
from oncohort.stats.curves import kaplan_meier
from oncohort.stats.errors import InputError, TimeError, TooFewGroupsError
from oncohort.stats.inputs import (
    Bools,
    Column,
    Floats,
    Ints,
    SurvivalData,
    as_numbers,
    read_survival,
    row_list,
)
from oncohort.stats.rank_tests import LogRankResult, logrank
from oncohort.stats.times import snap_times

if TYPE_CHECKING:
    from oncohort.stats._cox.result import CoxResult


def _read(
    time: Column, event: Column, change: Column, *more: float
) -> tuple[SurvivalData, Floats, Floats]:
    """Rows, times of change and further times, joined where rounding alone parts them."""
    data = read_survival(time, event)
    when = _change_times(change, data.n)
    known = np.isfinite(when)
    t, inner, others = snap_times(data.time, when[known], np.array(more, dtype=np.float64))
    when[known] = inner
    return replace(data, time=t), when, others


def _change_times(values: Column, n: int) -> Floats:
    """Times of response; infinite where there was none."""
    out = as_numbers(values, "response_time", n)
    out = np.where(np.isnan(out), np.inf, out)
    if (out < 0).any():
        raise TimeError(
            f"negative response_time in rows {row_list(out < 0)}",
            np.flatnonzero(out < 0).tolist(),
        )
    return out


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LandmarkResult(Shown):
    """Survival after a landmark by response at the landmark.

    Attributes
    ----------
    time, event, responded
        ``(n,)`` rows in the analysis: time since the landmark, and response by then.
    rows
        Their positions in the input.
    curves
        Kaplan-Meier of each group, from the landmark on (keys false, true).
    test
        Log-rank test.
    cox
        Hazard ratio of responders; none without events in both groups together.
    left_out
        Who was not under observation any more at the landmark, by reason.
    """

    landmark: float
    time: Floats
    event: Bools
    responded: Bools
    rows: Ints
    curves: KaplanMeierResult
    test: LogRankResult
    cox: CoxResult
    method: str
    left_out: Mapping[str, int] = field(default_factory=dict)

    def _rows(self) -> Sequence[Row]:
        out = []
        for key, km in self.curves.groups.items():
            m = km.median
            out.append(
                {
                    "responded": bool(key),
                    "n": km.n,
                    "events": km.n_events,
                    "median": m.value,
                    "low": m.low,
                    "high": m.high,
                }
            )
        return out

    def _title(self) -> str:
        return f"Landmark analysis at {self.landmark:g}"

    def _notes(self) -> Sequence[str]:
        hr = self.cox
        return [
            f"responders against non-responders: hazard ratio {hr.hr[0]:.3g} "
            f"({100 * hr.level:g} % interval {hr.low[0]:.3g} to {hr.high[0]:.3g}), log-rank "
            f"{p_text(self.test.p)}",
            self.method,
            left_out_text(self.left_out),
        ]


def landmark(
    time: Column,
    event: Column,
    response_time: Column,
    *,
    at: float,
    interval: str = "log-log",
    level: float = 0.95,
) -> LandmarkResult:
    """Compare survival from a landmark on by response up to it.

    Parameters
    ----------
    time, event
        ``(n,)`` as in :func:`oncohort.stats.kaplan_meier`.
    response_time
        ``(n,)`` time of response; none or not-a-number without one. Responses after the landmark
        do not count.
    at
        The landmark: chosen before looking at the data, in the unit of time.

    Returns
    -------
    LandmarkResult

    Raises
    ------
    TooFewGroupsError
        No responder, or no non-responder, is left at the landmark.

    Examples
    --------
    >>> import warnings; warnings.simplefilter("ignore")
    >>> result = landmark([2, 5, 8, 9, 12, 14, 16, 20], [1, 1, 1, 1, 1, 0, 1, 0],
    ...                   [None, None, 3, None, 2, 3, 7, None], at=4)
    >>> result.left_out
    {'event by the landmark': 1}
    >>> [row["n"] for row in result._rows()]
    [4, 3]
    """
    if not at > 0 or not np.isfinite(at):
        raise InputError(f"the landmark must be above zero and finite, it is {at}")
    data, response, (start,) = _read(time, event, response_time, at)
    late = (response > data.time) & np.isfinite(response)
    if late.any():
        raise TimeError(
            f"response after the end of follow-up in rows {row_list(late)}",
            np.flatnonzero(late).tolist(),
        )
    keep = data.time > start
    left_out = {}
    for happened, why in ((True, "event by the landmark"), (False, "censored by the landmark")):
        count = int((~keep & (data.event == happened)).sum())
        if count:
            left_out[why] = count
    responded = (response <= start)[keep]
    if not len(responded) or responded.all() or not responded.any():
        raise TooFewGroupsError(
            f"at the landmark {at:g} there are {int(responded.sum())} responders and "
            f"{int((~responded).sum())} others: no comparison"
        )
    t, e = data.time[keep] - start, data.event[keep]
    from oncohort.stats.cox import cox

    return LandmarkResult(
        float(at),
        t,
        e,
        responded,
        np.flatnonzero(keep),
        kaplan_meier(t, e, group=responded, interval=interval, level=level),
        logrank(t, e, responded),
        cox(t, e, responded.astype(np.float64), names=["responded"], level=level),
        f"Landmark analysis: patients under observation at {at:g}, by response up to then, "
        "survival counted from the landmark; log-rank test and Cox model.",
        left_out,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Spells:
    """Records split at a change: ``(start, stop]`` with the state during it.

    Attributes
    ----------
    start, stop, event, state
        ``(m,)``; `state` is false before the change and true after it.
    row
        ``(m,)`` position of the patient in the input.
    """

    start: Floats
    stop: Floats
    event: Bools
    state: Bools
    row: Ints


def split_at_change(time: Column, event: Column, change_time: Column) -> Spells:
    """Split each record where its state changes.

    A change at time 0 leaves one record, one at or after the end of follow-up changes nothing.

    Examples
    --------
    >>> s = split_at_change([10, 6], [1, 0], [4, None])
    >>> s.start.tolist(), s.stop.tolist(), s.state.tolist()
    ([0.0, 4.0, 0.0], [4.0, 10.0, 6.0], [False, True, False])
    """
    data, change, _ = _read(time, event, change_time)
    zero = data.time <= 0
    if zero.any():
        raise TimeError(
            f"time 0 in rows {row_list(zero)}: a record needs a length to be split",
            np.flatnonzero(zero).tolist(),
        )
    inside = (change > 0) & (change < data.time)
    row = np.repeat(np.arange(data.n), 1 + inside)
    second = np.concatenate([[False], row[1:] == row[:-1]])
    first = np.concatenate([row[1:] == row[:-1], [False]])
    start = np.where(second, change[row], 0.0)
    stop = np.where(first, change[row], data.time[row])
    happened = data.event[row] & ~first
    state = second | (change[row] <= 0)
    return Spells(start, stop, happened, state, row)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TimeDependentResult(Shown):
    """Response as a time-dependent covariate.

    Attributes
    ----------
    cox
        Hazard ratio of being a responder, from the response on.
    test
        Mantel-Byar test: the log-rank test with patients changing group at their response.
    curves
        Simon-Makuch curves: Kaplan-Meier estimates of both states with late entry (keys false,
        true).
    """

    spells: Spells
    cox: CoxResult
    test: LogRankResult
    curves: KaplanMeierResult
    n: int
    n_responders: int
    method: str

    def _rows(self) -> Sequence[Row]:
        return self.cox._rows()

    def _title(self) -> str:
        return f"Time-dependent response: {self.n} patients, {self.n_responders} responders"

    def _notes(self) -> Sequence[str]:
        return [f"Mantel-Byar test {p_text(self.test.p)}", self.method]


def time_dependent_response(
    time: Column,
    event: Column,
    response_time: Column,
    *,
    interval: str = "log-log",
    level: float = 0.95,
) -> TimeDependentResult:
    """Compare the hazard after response with that before or without it.

    Parameters
    ----------
    time, event, response_time
        As in :func:`landmark`; times above zero.

    Notes
    -----
    Mantel and Byar 1974, JASA 69:81; Simon and Makuch 1984, Stat Med 3:35.
    R: ``coxph(Surv(start, stop, event) ~ response)`` on records split by ``tmerge``.

    Examples
    --------
    >>> import warnings; warnings.simplefilter("ignore")
    >>> result = time_dependent_response([2, 5, 8, 9, 12, 14], [1, 1, 1, 1, 1, 0],
    ...                                  [None, None, 3, None, 2, 5])
    >>> result.n_responders
    3
    """
    spells = split_at_change(time, event, response_time)
    if spells.state.all() or not spells.state.any():
        raise TooFewGroupsError("everyone, or no one, is a responder all the time: no comparison")
    from oncohort.stats.cox import cox

    curves = kaplan_meier(
        spells.stop,
        spells.event,
        entry=spells.start,
        group=spells.state,
        interval=interval,
        level=level,
    )
    test = logrank(spells.stop, spells.event, spells.state, entry=spells.start)
    return TimeDependentResult(
        spells,
        cox(
            spells.stop,
            spells.event,
            spells.state.astype(np.float64),
            entry=spells.start,
            names=["responded"],
            level=level,
        ),
        replace(test, method="Mantel-Byar test"),
        curves,
        int(spells.row.max()) + 1,
        len(np.unique(spells.row[spells.state])),
        "Response as a time-dependent covariate of a Cox model (a patient counts as a "
        "non-responder until the response), Mantel-Byar test, Simon-Makuch curves.",
    )
