"""Table I: what the patients were like when treatment started."""

from __future__ import annotations

from typing import Any

import polars as pl

from oncohort.analyses.counting import COHORT, count, percent, summary
from oncohort.analyses.result import Estimate, Population, Result, result_id
from oncohort.endpoints.cohort import Cohort, VariableInfo
from oncohort.protocol import Protocol

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
    keys: dict[str, Any],
) -> tuple[list[Estimate], list[Population]]:
    assert protocol.baseline is not None
    path = f"baseline.{info.key}"
    absent = tuple(frame.filter(pl.col(info.key).is_null())["patient"].to_list())
    missing, who = count(
        f"{path}.missing", f"{info.label}: missing", absent, population=population, **keys
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
            **keys,
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
            **keys,
        )
        estimates += numbers
        populations.append(members)
    return estimates, populations


def _between(cohort: Cohort, info: VariableInfo, by: VariableInfo) -> Estimate:
    """The test between the groups of `by`: exact for counts, ranks for numbers."""
    from oncohort import stats

    frame = cohort.frame.select(info.key, by.key).drop_nulls()
    name = result_id(f"baseline.{info.key}.p")
    groups = [g for g in by.levels if frame.filter(pl.col(by.key) == g).height]
    label = f"{info.label}: difference between groups, p"
    n = frame.height
    if len(groups) < 2 or frame[info.key].n_unique() < 2:
        return Estimate(
            name,
            label,
            None,
            "not_estimable",
            n=n,
            population=COHORT,
            note="needs two groups and two values",
        )
    if info.kind == "continuous":
        samples = [frame.filter(pl.col(by.key) == g)[info.key].to_numpy() for g in groups]
        if len(samples) == 2:
            test = stats.wilcoxon(*samples)
        else:
            test = stats.kruskal_wallis(*samples)
    else:
        levels = [v for v in info.levels if frame.filter(pl.col(info.key) == v).height]
        table = [
            [frame.filter((pl.col(by.key) == g) & (pl.col(info.key) == v)).height for g in groups]
            for v in levels
        ]
        test = stats.fisher_exact(table)
    return Estimate(
        name,
        label,
        float(test.p),
        method=f"{test.method}, two-sided",
        n=n,
        population=COHORT,
        excluded={"missing": cohort.n - n} if cohort.n > n else {},
    )


def analyse(protocol: Protocol, cohort: Cohort) -> Result | None:
    """Summaries of the declared variables, for all and by group where asked."""
    if protocol.baseline is None or not protocol.baseline.variables:
        return None
    estimates: list[Estimate] = []
    populations: list[Population] = []
    methods: list[str] = []
    by = cohort.variables.get(protocol.baseline.by) if protocol.baseline.by else None
    if by is not None and not by.levels:
        by = None
    if by is not None:
        nowhere = cohort.members(pl.col(by.key).is_null())
        number, who = count("baseline.group.missing", f"{by.label}: missing, in no group", nowhere)
        estimates.append(number)
        populations.append(who)
    for name in protocol.baseline.variables:
        info = cohort.variables.get(name)
        if info is None:
            continue
        es, ps = _one(protocol, info, cohort.frame, COHORT, {})
        estimates += es
        populations += ps
        if by is None:
            continue
        for group, label in by.levels.items():
            part = cohort.frame.filter(pl.col(by.key) == group)
            whole = f"baseline.group[group={group}]"
            if all(p.id != whole for p in populations):
                populations.append(
                    Population(whole, f"{by.label}: {label}", tuple(part["patient"].to_list()))
                )
            es, ps = _one(protocol, info, part, whole, {"group": group})
            estimates += es
            populations += ps
        if protocol.baseline.test and info.key != by.key:
            estimates.append(_between(cohort, info, by))
    if by is not None and protocol.baseline.test:
        methods.append(
            "Groups were compared by Fisher's exact test (categories) and the Wilcoxon rank-sum "
            "or Kruskal-Wallis test (numbers)."
        )
    return Result("baseline", tuple(estimates), (), tuple(populations), tuple(methods))
