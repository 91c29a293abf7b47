"""Table I: what the patients were like when treatment started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from oncohort.analyses.counting import COHORT, count, percent, summary
from oncohort.analyses.result import Estimate, Population, Result, key_of
from oncohort.endpoints.cohort import Cohort, VariableInfo
from oncohort.problems import OncohortError
from oncohort.protocol import Protocol

if TYPE_CHECKING:
    from oncohort.stats.test_result import TestResult

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
    levels: dict[str, Any],
) -> tuple[list[Estimate], list[Population]]:
    """One variable among some patients: its summary or its categories, and who lacks it."""
    assert protocol.baseline is not None
    path = ("baseline", info.key)
    absent = tuple(frame.filter(pl.col(info.key).is_null())["patient"].to_list())
    missing, who = count(
        (*path, "missing"), f"{info.label}: missing", absent, population=population, **levels
    )
    estimates, populations = [missing], [who]
    if info.kind == "continuous":
        chosen = protocol.baseline.summaries.get(info.key, protocol.baseline.summary)
        estimates += summary(
            path,
            info.label,
            frame[info.key].to_list(),
            unit=info.unit,
            population=population,
            statistics=STATISTICS[chosen],
            **levels,
        )
        return estimates, populations
    known = frame.height - len(absent)
    n = known if protocol.baseline.percent_of == "known" else frame.height
    for level, label in info.levels.items():
        those = tuple(frame.filter(pl.col(info.key) == level)["patient"].to_list())
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


def _between(cohort: Cohort, info: VariableInfo, by: VariableInfo) -> Estimate:
    """The test between the groups of `by`: exact for counts, ranks for numbers."""
    frame = cohort.frame.select(info.key, by.key).drop_nulls()
    groups = [g for g in by.levels if frame.filter(pl.col(by.key) == g).height]
    common: dict[str, Any] = {"kind": "p", "n": frame.height, "population": COHORT}
    key = key_of("baseline", info.key, "p")
    label = f"{info.label}: difference between groups, p"
    why = "needs two groups and two values"
    if len(groups) > 1 and frame[info.key].n_unique() > 1:
        try:
            test = _test(frame, info, by, groups)
        except (OncohortError, ArithmeticError) as error:
            why = str(error)
        else:
            return Estimate(
                key,
                label,
                float(test.p),
                method=f"{test.method}, two-sided",
                excluded={"missing": cohort.n - frame.height} if cohort.n > frame.height else {},
                **common,
            )
    return Estimate(key, label, None, "not_estimable", note=why, **common)


def _test(
    frame: pl.DataFrame, info: VariableInfo, by: VariableInfo, groups: list[str]
) -> TestResult:
    from oncohort import stats

    if info.kind == "continuous":
        samples = [frame.filter(pl.col(by.key) == g)[info.key].to_numpy() for g in groups]
        if len(samples) == 2:
            return stats.wilcoxon(*samples)
        return stats.kruskal_wallis(*samples)
    levels = [v for v in info.levels if frame.filter(pl.col(info.key) == v).height]
    table = [
        [frame.filter((pl.col(by.key) == g) & (pl.col(info.key) == v)).height for g in groups]
        for v in levels
    ]
    return stats.fisher_exact(table)


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
        if by is not None and protocol.baseline.test and info.key != by.key:
            estimates.append(_between(cohort, info, by))
    methods = (
        "Groups were compared by Fisher's exact test (categories) and the Wilcoxon rank-sum "
        "or Kruskal-Wallis test (numbers).",
    )
    told = methods if by is not None and protocol.baseline.test else ()
    return Result("baseline", tuple(estimates), (), tuple(populations), told)


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
