"""Points of a nomogram: what each value of each variable adds, and what the sum predicts.

The variable whose effect has the widest range reaches from 0 to 100 points, and the others are in
proportion (Lubsen 1978; Iasonos et al. 2008, J Clin Oncol 26:1364; R ``rms::nomogram``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._cox.design import Floats
from oncohort.stats.errors import InputError


@dataclass(frozen=True, slots=True, eq=False)
class Nomogram:
    """A nomogram.

    Attributes
    ----------
    points
        Variable = points of each of its values, the least 0.
    per_point
        Linear predictor of one point.
    start
        Linear predictor of 0 points.
    highest
        Sum of the largest points of all variables.
    """

    points: Mapping[str, Floats]
    per_point: float
    start: float
    highest: float

    def survival(self, points: Sequence[float], hazard: float) -> Floats:
        """Predicted survival of sums of points, with the baseline hazard at a time."""
        risk = self.start + self.per_point * np.asarray(points, dtype=np.float64)
        return np.asarray(np.exp(-hazard * np.exp(risk)))


def nomogram(effects: Mapping[str, Sequence[float]]) -> Nomogram:
    """Points of each value of each variable.

    Parameters
    ----------
    effects
        Variable = what each of its values adds to the linear predictor.

    Raises
    ------
    InputError
        No variable has any effect.

    Examples
    --------
    >>> n = nomogram({"age": [0.4, 0.8, 1.2], "sex": [0.0, 0.2]})
    >>> n.points["age"].tolist(), n.points["sex"].round(9).tolist(), round(n.highest, 9)
    ([0.0, 50.0, 100.0], [0.0, 25.0], 125.0)
    """
    arrays = {k: np.asarray(v, dtype=np.float64) for k, v in effects.items()}
    if not arrays or not all(len(v) and np.isfinite(v).all() for v in arrays.values()):
        raise InputError("every variable needs finite effects")
    widest = max(float(np.ptp(v)) for v in arrays.values())
    if not widest > 0:
        raise InputError("no variable has any effect: there are no points")
    per_point = widest / 100
    points = {k: (v - v.min()) / per_point for k, v in arrays.items()}
    return Nomogram(
        points,
        per_point,
        float(sum(v.min() for v in arrays.values())),
        float(sum(v.max() for v in points.values())),
    )
