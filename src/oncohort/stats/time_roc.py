"""Time-dependent ROC: how well a number tells who has the event by a time from who has not.

Cases had the event by the time, controls are still without it (cumulative/dynamic). Who was
censored before is neither; the others are weighted by the inverse of the probability of not being
censored (Uno, Cai, Tian and Wei 2007, J Am Stat Assoc 102:527; Blanche, Dartigues and
Jacqmin-Gadda 2013, Stat Med 32:5381). Without censoring before the time it is the plain ROC.
"""

from __future__ import annotations

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._cox.design import Bools, Floats
from oncohort.stats.concordance import censoring_survival
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Column, as_numbers, read_survival


@dataclass(frozen=True, slots=True, eq=False)
class TimeRoc:
    """A time-dependent ROC curve.

    Attributes
    ----------
    thresholds
        ``(k,)`` rising; positive is above.
    sensitivity, specificity
        ``(k,)`` at each threshold.
    auc
        Area under the curve, ties counted one half.
    cases, controls
        Rows with the event by the time, and without it then.
    censored
        Rows censored before the time: neither.
    """

    time: float
    thresholds: Floats
    sensitivity: Floats
    specificity: Floats
    auc: float
    cases: int
    controls: int
    censored: int

    @property
    def youden(self) -> Floats:
        """``(k,)`` sensitivity + specificity - 1 (Youden 1950, Cancer 3:32)."""
        return np.asarray(self.sensitivity + self.specificity - 1)

    @property
    def best(self) -> int:
        """Position of the threshold with the largest absolute Youden index; of ties the first."""
        inside = np.abs(self.youden)
        return int(np.argmax(np.round(inside, 12)))


def status_weights(time: Floats, event: Bools, at: float) -> tuple[Floats, Floats]:
    """``(n,)`` weights of the cases and of the controls at a time; 0 for who is neither."""
    before = censoring_survival(time, event, np.ones(len(time)))
    cases = event & (time <= at)
    controls = time > at
    values, where = np.unique(time, return_inverse=True)
    lost = np.bincount(where, weights=~event, minlength=len(values))
    dead = np.bincount(where, weights=event, minlength=len(values))
    leaving = lost + dead
    at_risk = np.cumsum(leaving[::-1])[::-1] - dead
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.where(lost > 0, 1.0 - lost / at_risk, 1.0)
        staying = float(np.prod(factor[values <= at]))
        case_weight = np.where(cases, 1.0 / before, 0.0)
        control_weight = np.where(controls, 1.0 / staying if staying > 0 else 0.0, 0.0)
    return case_weight, control_weight


def time_roc(time: Column, event: Column, marker: Column, *, at: float) -> TimeRoc:
    """Time-dependent ROC of a marker of which higher values mean earlier events.

    Parameters
    ----------
    time, event
        As in :func:`oncohort.stats.kaplan_meier`.
    marker
        ``(n,)``; rows without it are left out.
    at
        The time by which events count.

    Raises
    ------
    InputError
        Nobody had the event by then, or nobody is without it then.

    Notes
    -----
    R: ``timeROC::timeROC(T, delta, marker, cause = 1, times = at, weighting = "marginal")``;
    without censoring before the time ``pROC::roc``.

    Examples
    --------
    >>> roc = time_roc([1, 2, 3, 9, 9, 9], [1, 1, 1, 0, 0, 0], [5, 6, 2, 3, 1, 1], at=5)
    >>> round(roc.auc, 4), float(roc.thresholds[roc.best])
    (0.8889, 1.0)
    """
    data = read_survival(time, event)
    x = as_numbers(marker, "marker", data.n)
    known = np.isfinite(x)
    t, e, x = data.time[known], data.event[known], x[known]
    if not np.isfinite(at):
        raise InputError(f"the time must be a number, it is {at}")
    if not len(t):
        raise InputError("no row has the marker")
    w, v = status_weights(t, e, float(at))
    if not w.sum() > 0:
        raise InputError(f"nobody had the event by {at:g}")
    if not v.sum() > 0:
        raise InputError(f"nobody is known to be without the event after {at:g}")
    values, where = np.unique(x, return_inverse=True)
    case = np.bincount(where, weights=w, minlength=len(values)) / w.sum()
    control = np.bincount(where, weights=v, minlength=len(values)) / v.sum()
    below = np.cumsum(control) - control
    auc = float(case @ (below + control / 2))
    return TimeRoc(
        float(at),
        np.concatenate([[-np.inf], values]),
        np.concatenate([[1.0], 1.0 - np.cumsum(case)]),
        np.concatenate([[0.0], np.cumsum(control)]),
        auc,
        int((w > 0).sum()),
        int((v > 0).sum()),
        int((~e & (t <= at)).sum()),
    )
