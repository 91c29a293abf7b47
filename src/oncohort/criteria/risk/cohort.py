"""A risk model for a cohort: evidence per factor, bounds, groups, charted against derived."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from oncohort.criteria.risk.dates import first_systemic, interval_evidence, performance_evidence
from oncohort.criteria.risk.labs import lab_evidence
from oncohort.criteria.risk.score import LabFactor, Limit, indeterminate_problem, scored
from oncohort.dataclass import dataclass

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from oncohort.criteria.assessed import Assessed
    from oncohort.criteria.calcium import CalciumFormula
    from oncohort.criteria.performance import EcogMap

__all__ = ["RiskModel", "assess_model"]


@dataclass(frozen=True, slots=True)
class RiskModel:
    """A score: its factors, how laboratory ones are judged, and its groups."""

    prefix: str
    """Of the columns."""
    title: str
    factors: tuple[str, ...]
    """In the score's order; ``kps`` and ``time`` beside the laboratory ones."""
    labs: tuple[LabFactor, ...]
    groups: tuple[tuple[int, str], ...]
    """Lowest number of factors of each group, ascending."""


def assess_model(
    model: RiskModel,
    patients: IntoDataFrame,
    labs: IntoDataFrame | None,
    performance: IntoDataFrame | None,
    therapies: IntoDataFrame | None,
    *,
    origin: str,
    window: tuple[int, int],
    time_from: str,
    time_to: str,
    formula: CalciumFormula,
    ecog_map: EcogMap | None,
    limits: Sequence[Limit],
    charted: str | None,
) -> Assessed:
    """Score a cohort; the parameters are those of :func:`oncohort.criteria.risk.imdc.assess`."""
    from oncohort.criteria.assessed import Assessed
    from oncohort.criteria.frames import frame_in

    people = frame_in(patients, "patients")
    values = None if labs is None else frame_in(labs, "labs", ("patient", "test", "value"))
    status, lines = (
        None if frame is None else frame_in(frame, name, needed)
        for frame, name, needed in (
            (performance, "performance", ("patient", "date", "scale", "value")),
            (therapies, "therapies", ("patient", "start")),
        )
    )
    lab_rows, problems = lab_evidence(
        model.labs, values, people, origin=origin, window=window, limits=limits, formula=formula
    )
    kps_rows, more = performance_evidence(
        people, status, origin=origin, window=window, mapping=ecog_map
    )
    parts = [kps_rows, lab_rows]
    problems += more
    if "time" in model.factors:
        dated, more = first_systemic(people, lines, time_to)
        problems += more
        time_rows, more = interval_evidence(dated, start=time_from, end=time_to)
        parts.append(time_rows)
        problems += more
    evidence = pl.concat(parts, how="vertical_relaxed")
    table, more = scored(
        evidence,
        people,
        prefix=model.prefix,
        factors=model.factors,
        groups=model.groups,
        charted=charted,
    )
    problems += more + indeterminate_problem(table, model.prefix, model.title)
    return Assessed(table, evidence, tuple(problems))
