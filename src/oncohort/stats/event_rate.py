"""Events over person-time, with the exact interval of a Poisson count."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._show import Row, Shown
from oncohort.stats.distributions import poisson_limits
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import check_level


@dataclass(frozen=True, slots=True, repr=False)
class EventRate(Shown):
    """``events / time`` with its interval, in events per unit of time."""

    events: int
    time: float
    value: float
    low: float
    high: float
    level: float

    def _rows(self) -> Sequence[Row]:
        return [
            {
                "events": self.events,
                "time": self.time,
                "value": self.value,
                "low": self.low,
                "high": self.high,
                "level": self.level,
            }
        ]

    def _printed(self) -> Sequence[Row]:
        return []

    def _title(self) -> str:
        return (
            f"{self.events} / {self.time:g} = {self.value:.4g} "
            f"({100 * self.level:g} % interval {self.low:.4g} to {self.high:.4g})"
        )

    def _notes(self) -> Sequence[str]:
        return ["Interval: exact (Garwood 1936, Biometrika 28:437)"]


def event_rate(events: int, time: float, *, level: float = 0.95) -> EventRate:
    """A rate with the exact interval of a Poisson count (Garwood 1936).

    Parameters
    ----------
    events
        A whole count, not below 0.
    time
        Person-time, above 0.

    Notes
    -----
    R: ``poisson.test``.

    Examples
    --------
    >>> event_rate(4, 38.5)
    4 / 38.5 = 0.1039 (95 % interval 0.02831 to 0.266)
    Interval: exact (Garwood 1936, Biometrika 28:437)
    """
    check_level(level)
    if events != int(events) or events < 0:
        raise InputError(f"events must be a whole count, not below 0, not {events}")
    if not (np.isfinite(time) and time > 0):
        raise InputError(f"time must be above 0, it is {time}")
    x = int(events)
    low, high = poisson_limits(x, level)
    return EventRate(x, float(time), x / time, low / time, high / time, level)
