"""Table I: what the patients were like when treatment started."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from oncohort.analyses.baseline_tests import Tested, between, difference
from oncohort.analyses.counting import COHORT, count, percent, summary
from oncohort.analyses.result import Estimate, Population, Result, key_of
from oncohort.endpoints.cohort import Cohort, VariableInfo
from oncohort.protocol import Protocol
from oncohort.protocol.analysis import Baseline
from oncohort.vocabulary.boundaries import Option

STATISTICS = {
    "median_range": ("median", "minimum", "maximum"),
    "median_iqr": ("median", "q1", "q3"),
    "mean_sd": ("mean", "sd"),
}


def _one(
    protocol: Protocol,
    info: VariableInfo,
    frame: pl.DataFrame,
    population: str,
    levels: Mapping[str, Option],
) -> tuple[list[Estimate], list[Population]]:
    """One variable among some patients: its summary or its categories, and who lacks it."""
    assert protocol.baseline is not None
    path = ("baseline", info.key)
    held = frame[info.key].to_list()
    patients = frame["patient"].to_list()
    absent = tuple(p for p, value in zip(patients, held, strict=True) if value is None)
    missing, who = count(
        (*path, "missing"), f"{info.label}: missing", absent, population=population, **levels
    )
    estimates, populations = [missing], [who]
    if info.kind == "continuous":
        chosen = protocol.baseline.summaries.get(info.key, protocol.baseline.summary)
        estimates += summary(
            path,
            info.label,
            held,
            unit=info.unit,
            population=population,
            statistics=STATISTICS[chosen],
            **levels,
        )
        return estimates, populations
    known = frame.height - len(absent)
    n = known if protocol.baseline.percent_of == "known" else frame.height
    for level, label in info.levels.items():
        those = tuple(p for p, value in zip(patients, held, strict=True) if value == level)
        numbers, members = percent(
            path,
            f"{info.label}: {label}",
            those,
            n,
            population=population,
            excluded={"missing": len(absent)} if absent and n == known else None,
            level=level,
            **levels,
        )
        estimates += numbers
        populations.append(members)
    return estimates, populations


def analyse(protocol: Protocol, cohort: Cohort) -> Result | None:
    """Summaries of the declared variables, for all and by group where asked."""
    if protocol.baseline is None or not protocol.baseline.variables:
        return None
    estimates: list[Estimate] = []
    populations: list[Population] = []
    by = cohort.meaning.variables.get(protocol.baseline.by) if protocol.baseline.by else None
    if by is not None and not by.levels:
        by = None
    parts: list[tuple[Population, pl.DataFrame]] = []
    if by is not None:
        nowhere = cohort.members(pl.col(by.key).is_null())
        number, who = count(
            ("baseline", "group", "missing"), f"{by.label}: missing, in no group", nowhere
        )
        estimates.append(number)
        populations.append(who)
        parts = _groups(cohort, by)
    known = cohort.meaning.variables
    wanted = [known[k] for k in protocol.baseline.variables if k in known]
    populations += [who for who, _ in parts] if wanted else []
    for info in wanted:
        es, ps = _one(protocol, info, cohort.frame, COHORT, {})
        estimates += es
        populations += ps
        for (whole, part), group in zip(parts, by.levels if by is not None else (), strict=True):
            es, ps = _one(protocol, info, part, whole.id, {"group": group})
            estimates += es
            populations += ps
    tested = _tested(protocol.baseline, cohort, wanted, by)
    estimates += [e for one in tested for e in one.estimates]
    return Result(
        "baseline",
        tuple(estimates),
        (),
        tuple(populations),
        _methods(protocol.baseline, tested) if by is not None else (),
        tuple(p for one in tested for p in one.problems),
    )


def _tested(
    rule: Baseline, cohort: Cohort, wanted: list[VariableInfo], by: VariableInfo | None
) -> list[Tested]:
    """The tests and the standardized differences that are asked for."""
    if by is None:
        return []
    others = [info for info in wanted if info.key != by.key]
    out = [between(rule, cohort, i, by) for i in others if rule.test or i.key in rule.tests]
    return out + [Tested((difference(cohort, i, by),)) for i in others if rule.smd]


def _methods(rule: Baseline, tested: list[Tested]) -> tuple[str, ...]:
    """The tests that ran, and what a standardized difference is."""
    ran = list(dict.fromkeys(one.method for one in tested if one.method))
    told = []
    if ran:
        several = ", ".join(ran[:-1]) + f" and {ran[-1]}" if len(ran) > 1 else ran[0]
        told.append(f"Groups were compared by {several}.")
    if rule.smd:
        told.append(
            "Standardized mean differences between the groups are given beside; below 0.1 counts "
            "as balanced."
        )
    return tuple(told)


def group_id(group: str) -> str:
    """Id of the patients of one group of Table I."""
    return key_of("baseline", "group", group=group).id


def _groups(cohort: Cohort, by: VariableInfo) -> list[tuple[Population, pl.DataFrame]]:
    """The patients of each group, in the order of its levels."""
    out = []
    for group, label in by.levels.items():
        part = cohort.frame.filter(pl.col(by.key) == group)
        who = Population(group_id(group), f"{by.label}: {label}", tuple(part["patient"].to_list()))
        out.append((who, part))
    return out
