"""Response by group: best response, rates with differences, and the bars of each group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from oncohort.analyses.counting import percent
from oncohort.analyses.rates import Groups, Outcome, by_group, groups_of
from oncohort.analyses.result import Curve, Estimate, Population, key_of
from oncohort.endpoints.cohort import Cohort

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oncohort.protocol.analysis import Response

Words = tuple[str, ...]
Grouped = tuple[list[Estimate], list[Curve], list[Population]]


def response_by_group(
    rule: Response,
    cohort: Cohort,
    levels: Mapping[str, tuple[str, str]],
    rates: Mapping[str, tuple[str, Words]],
    waterfall: Curve | None,
) -> Grouped:
    """Everything that `[response] by` asks for.

    Parameters
    ----------
    levels
        Key of each best response to its word and label.
    rates
        Key of each rate to its label and the responses that it counts.
    waterfall
        The bars of all patients, in drawing order.
    """
    estimates: list[Estimate] = []
    curves: list[Curve] = []
    populations: list[Population] = []
    for key in rule.by:
        groups = groups_of(cohort, "response", key)
        if groups is None:
            continue
        number, who = groups.missing()
        es, ps = _best(cohort, groups, levels)
        estimates += [number, *es]
        populations += [who, *groups.populations, *ps]
        for name, (label, words) in rates.items():
            have = set(cohort.members(pl.col("best_response").is_in(list(words))))
            es, ps = by_group(Outcome(("response", name), label, have), groups, test=rule.test)
            estimates += es
            populations += ps
        if waterfall is not None:
            curves += _bars(groups, waterfall)
    return estimates, curves, populations


def _best(
    cohort: Cohort, groups: Groups, levels: Mapping[str, tuple[str, str]]
) -> tuple[list[Estimate], list[Population]]:
    """Best response in each group; who has none is not evaluable."""
    estimates: list[Estimate] = []
    populations: list[Population] = []
    best = dict(cohort.frame.select("patient", "best_response").iter_rows())
    seen = {word or "NE" for word in best.values()}
    for level, (word, label) in levels.items():
        if word == "Non-CR/Non-PD" and word not in seen:
            continue
        for group, patients in groups.parts:
            es, who = percent(
                ("response", "best"),
                f"{label}, {groups.info.label}: {groups.info.levels[group]}",
                [p for p in patients if (best[p] or "NE") == word],
                len(patients),
                population=groups.id(group),
                interval=True,
                group=group,
                level=level,
                variable=groups.info.key,
            )
            estimates += es
            populations.append(who)
    return estimates, populations


def _bars(groups: Groups, waterfall: Curve) -> list[Curve]:
    """The bars of each group, in the order of all bars."""
    out = []
    columns = waterfall.columns
    for group, patients in groups.parts:
        group_patients = set(patients)
        at = [i for i, p in enumerate(columns["patient"]) if p in group_patients]
        out.append(
            Curve(
                key_of("response", "waterfall", group=group, variable=groups.info.key),
                f"{waterfall.label}, {groups.info.label}: {groups.info.levels[group]}",
                {name: tuple(values[i] for i in at) for name, values in columns.items()},
                unit=waterfall.unit,
                population=groups.id(group),
            )
        )
    return out
