"""The nomogram of a prediction model as numbers: points of values, and what their sum predicts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from oncohort.analyses.counting import COHORT
from oncohort.analyses.result import Curve, Estimate, key_of

if TYPE_CHECKING:
    from oncohort.analyses.cox_models import Term
    from oncohort.analyses.prediction import Model

SURVIVALS = (95, 90, 80, 70, 60, 50, 40, 30, 20, 10, 5)
"""Percentages of predicted survival that are marked on the scales of the sum."""


def round_values(low: float, high: float, most: int = 7) -> list[float]:
    """Round values that cover a range, at most so many; one where it has no width.

    Examples
    --------
    >>> round_values(37.0, 81.0), round_values(0.5, 0.5)
    ([30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0], [0.5])
    """
    if not high > low:
        return [low]
    size = 10.0 ** math.floor(math.log10((high - low) / most))
    for step in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0):
        first = math.floor(low / (step * size) + 1e-9)
        last = math.ceil(high / (step * size) - 1e-9)
        if last - first + 1 <= most:
            break
    return [float(f"{i * step * size:.10g}") for i in range(first, last + 1)]


def round_ratios(low: float, high: float) -> list[float]:
    """The same for a logarithm: 1, 2 and 5 times powers of ten, or the powers where they are many.

    Examples
    --------
    >>> round_ratios(0.3, 28.0)
    [0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0]
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if len(powers) < 5 else (1,)
    marks = [float(f"{m * 10.0**p:.10g}") for p in powers for m in steps]
    first = max((i for i, v in enumerate(marks) if v <= low), default=0)
    last = min((i for i, v in enumerate(marks) if v >= high), default=len(marks) - 1)
    return marks[first : last + 1]


def _values(m: Model, term: Term) -> tuple[list[str], list[float], list[float]]:
    """Names of the marks, their numbers (positions for levels), and their effects."""
    terms = m.fitted.terms
    at = sum(len(t.columns) for t in terms[: terms.index(term)])
    coef = np.asarray(m.fitted.model.coef)[at : at + len(term.columns)]
    if term.levels:
        names = [v for v in term.info.levels if v in term.levels or v == term.info.reference]
        own = dict(zip(term.levels, coef.tolist(), strict=True))
        return names, [float(i) for i in range(len(names))], [own.get(v, 0.0) for v in names]
    held = m.fitted.frame[term.info.key].to_numpy().astype(np.float64)
    cover = round_ratios if term.info.effect.log else round_values
    values = cover(float(held.min()), float(held.max()))
    effects = term.info.effect.columns(values) @ coef
    return [f"{v:g}" for v in values], values, effects.tolist()


def points_of(m: Model, hazard: npt.NDArray[np.float64]) -> tuple[list[Estimate], list[Curve]]:
    """Points of each value, and the sum of points at each predicted survival."""
    from oncohort.stats import nomogram

    marks = {t.info.key: (t, *_values(m, t)) for t in m.fitted.terms}
    found = nomogram({k: effects for k, (_, _, _, effects) in marks.items()})
    out: list[Estimate] = []
    curves: list[Curve] = []
    for key, (term, names, values, _) in marks.items():
        points = found.points[key]
        for name, p in zip(names, points, strict=True):
            levels = {"variable": key, "level" if term.levels else "value": name}
            shown = term.info.levels[name] if term.levels else f"{name} {term.info.unit}".rstrip()
            out.append(
                m.number(
                    "points", f"{term.info.label}, {shown}: points", float(p), levels=levels,
                    method="effect in proportion to the widest, which has 100 points",
                )
            )  # fmt: skip
        curves.append(
            Curve(
                key_of("prediction", m.info.key, "axis", variable=key),
                f"{m.info.label}: points of {term.info.label}",
                {
                    "name": tuple(names),
                    "value": tuple(values),
                    "points": tuple(float(p) for p in points),
                },
                unit=term.info.unit,
                population=COHORT,
            )
        )
    unit = m.protocol.study.time_unit
    for time, h in zip(m.rule.times, hazard, strict=True):
        for percent in SURVIVALS:
            risk = math.log(-math.log(percent / 100) / float(h))
            total = (risk - found.start) / found.per_point
            if -1e-9 <= total <= found.highest + 1e-9:
                out.append(
                    m.number(
                        "total", f"points for {percent}% survival at {time:g} {unit}",
                        max(total, 0.0), levels={"survival": str(percent), "time": f"{time:g}"},
                        method="inverted from the model",
                    )
                )  # fmt: skip
    out.append(m.number("highest", "largest sum of points", found.highest, method="sum"))
    return out, curves
