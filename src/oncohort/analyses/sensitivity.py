"""The same endpoint under other censoring rules, side by side."""

from __future__ import annotations

import polars as pl

from oncohort.analyses.counting import COHORT
from oncohort.analyses.result import Estimate, Result, result_id, slug
from oncohort.analyses.survival import median_estimate
from oncohort.endpoints import derive
from oncohort.endpoints.cohort import DAYS_PER_UNIT, Cohort
from oncohort.protocol import Protocol


def analyse(
    protocol: Protocol, cohort: Cohort, blocked: frozenset[str] = frozenset()
) -> Result | None:
    """Events, reasons of censoring and median of each endpoint under each named rule set."""
    unit = protocol.study.time_unit
    estimates: list[Estimate] = []
    for key, sets in cohort.alternatives.items():
        if key in blocked:
            continue
        info = cohort.endpoints[key]
        for rules, rule in sets.items():
            derived = derive(cohort.facts, rule, patients=cohort.frame)
            frame = derived.filter(pl.col("time").is_not_null())
            if frame.is_empty():
                continue
            path = f"sensitivity.{key}"
            label = f"{info.label}, {cohort.rule_sets.get(rules, rules)}"
            events = frame["event"].to_numpy()
            censored = frame.filter(~pl.col("event"))
            for what, value in (
                ("n", frame.height),
                ("events", int(events.sum())),
                ("censored", censored.height),
            ):
                estimates.append(
                    Estimate(
                        result_id(f"{path}.{what}", rules=rules),
                        f"{label}: {what}",
                        value,
                        n=frame.height,
                        unit="patients",
                        population=COHORT,
                        method="count",
                    )
                )
            for reason in sorted(censored["reason"].drop_nulls().unique().to_list()):
                estimates.append(
                    Estimate(
                        result_id(f"{path}.censored", reason=slug(reason), rules=rules),
                        f"{label}: censored, {reason.replace('-', ' ')}",
                        censored.filter(pl.col("reason") == reason).height,
                        n=frame.height,
                        unit="patients",
                        population=COHORT,
                        method="count",
                    )
                )
            estimates.append(
                median_estimate(
                    result_id(f"{path}.median", rules=rules),
                    f"{label}: median",
                    frame["time"].to_numpy() / DAYS_PER_UNIT[unit],
                    events,
                    unit=unit,
                    population=COHORT,
                    method=f"Kaplan-Meier; {cohort.rule_sets.get(rules, rules)}",
                    interval=protocol.endpoints[key].interval,
                )
            )
    if not estimates:
        return None
    methods = (
        "In sensitivity analyses, progression-type endpoints were derived again under other "
        "censoring rules.",
    )
    return Result("sensitivity", tuple(estimates), (), (), methods)
