"""Nelson-Aalen estimate of the cumulative hazard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._counts import Counts, count
from oncohort.stats._jackknife import hazard_influence, jackknife, whole
from oncohort.stats._show import Row, Shown, left_out_text
from oncohort.stats.distributions import ndtri
from oncohort.stats.inputs import (
    Column,
    Floats,
    SurvivalData,
    check_choice,
    check_level,
    read_survival,
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
    time: Column,
    event: Column,
    *,
    entry: Column | None = None,
    weights: Column | None = None,
    interval: str = "log",
    ties: str = "aalen",
    level: float = 0.95,
    robust: bool | None = None,
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
    robust
        Variance of the infinitesimal jackknife; by default where weights are not whole numbers,
        as in R.

    Examples
    --------
    >>> h = nelson_aalen([1, 2, 2, 3], [1, 1, 1, 0])
    >>> [round(float(v), 4) for v in h.hazard]
    [0.25, 0.9167, 0.9167]
    """
    check_choice(interval, ("log", "plain"), "interval")
    check_choice(ties, ("aalen", "fleming-harrington"), "ties")
    check_level(level)
    data = read_survival(time, event, entry=entry, weights=weights)
    c = count(data)
    with np.errstate(divide="ignore", invalid="ignore"):
        if ties == "aalen":
            step = np.where(c.events > 0, c.events / c.at_risk, 0.0)
            variance = np.where(c.events > 0, c.events / c.at_risk**2, 0.0)
        else:
            step, variance = _one_by_one(c, data)
    hazard, se = np.cumsum(step), np.sqrt(np.cumsum(variance))
    if robust is None:
        robust = not whole(data.weight)
    if robust:
        influence = hazard_influence(c, data, one_by_one=ties == "fleming-harrington")
        se = np.sqrt(jackknife(c, data, *influence))
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
        f"Nelson-Aalen estimate, {how}, "
        f"{'variance of the infinitesimal jackknife (robust), ' if robust else ''}"
        f"{100 * level:g} % pointwise intervals on the {interval} scale.",
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
