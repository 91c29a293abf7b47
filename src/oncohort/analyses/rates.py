"""Rates by group: each with its exact interval, differences, odds ratios and a test."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field

import numpy as np
import polars as pl

from oncohort.analyses.counting import Path, count, percent
from oncohort.analyses.result import Estimate, Fields, Key, Population, key_of
from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import Cohort, VariableInfo
from oncohort.problems import OncohortError, OncohortWarning

INTERVAL = "Newcombe hybrid score"
NOBODY = "no patient in the group"


@dataclass(frozen=True, slots=True)
class Groups:
    """The patients of each group of a variable, in the order of its levels.

    Attributes
    ----------
    section
        First part of the ids of its populations.
    """

    info: VariableInfo
    section: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    nowhere: tuple[str, ...]

    @property
    def reference(self) -> str:
        """The group that the others are compared with."""
        levels = [level for level, _ in self.parts]
        return self.info.reference if self.info.reference in levels else levels[0]

    def id(self, group: str) -> str:
        """Id of the population of one group."""
        return key_of(self.section, "group", group=group, variable=self.info.key).id

    @property
    def populations(self) -> tuple[Population, ...]:
        """The groups as populations."""
        label = self.info.label
        return tuple(
            Population(self.id(level), f"{label}: {self.info.levels[level]}", patients)
            for level, patients in self.parts
        )

    def missing(self) -> tuple[Estimate, Population]:
        """How many are in no group."""
        path = (self.section, "groups", "missing")
        label = f"{self.info.label}: missing, in no group"
        return count(path, label, self.nowhere, variable=self.info.key)


def groups_of(cohort: Cohort, section: str, key: str) -> Groups | None:
    """The groups of a variable; None where it has none, or is left out."""
    info = cohort.meaning.variables.get(key)
    if info is None or not info.levels or key not in cohort.frame.columns:
        return None
    parts = tuple((level, cohort.members(pl.col(key) == level)) for level in info.levels)
    return Groups(info, section, parts, cohort.members(pl.col(key).is_null()))


def in_no_groups(
    cohort: Cohort, section: str, names: Iterable[str]
) -> tuple[list[Estimate], list[Population]]:
    """How many patients are in no group of each variable, whatever is compared in its groups."""
    every = (groups_of(cohort, section, name) for name in dict.fromkeys(names))
    found = [groups.missing() for groups in every if groups is not None]
    return [number for number, _ in found], [who for _, who in found]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who has something, among whom it is known.

    Parameters
    ----------
    path
        Gives `path.count`, `path.percent`, `path.difference`, `path.odds_ratio`, `path.p`.
    known
        Those in whom it is known; None: in everybody.
    """

    path: Path
    label: str
    members: Collection[str]
    known: Collection[str] | None = None
    heading: str = ""
    levels: Mapping[str, str] = field(default_factory=dict)
    """Further levels of the ids: ``{"grade": "any"}``."""

    def of(self, patients: Sequence[str]) -> tuple[list[str], list[str]]:
        """Of these patients, who has it, and in whom it is known."""
        known = [p for p in patients if self.known is None or p in self.known]
        return [p for p in known if p in self.members], known


def by_group(
    outcome: Outcome, groups: Groups, *, test: str = "fisher", compare: bool = True
) -> tuple[list[Estimate], list[Population]]:
    """The rate in each group, and how the groups differ.

    Parameters
    ----------
    test
        "fisher", "chi-squared", "trend" (groups in their order) or "none".
    compare
        With differences and odds ratios against the reference group.
    """
    estimates: list[Estimate] = []
    populations: list[Population] = []
    counts: dict[str, tuple[int, int]] = {}
    for level, patients in groups.parts:
        have, known = outcome.of(patients)
        counts[level] = len(have), len(known)
        unknown = len(patients) - len(known)
        label = f"{outcome.label}, {groups.info.label}: {groups.info.levels[level]}"
        es, who = percent(
            outcome.path,
            label,
            have,
            len(known),
            population=groups.id(level),
            interval=True,
            excluded={"missing": unknown} if unknown else None,
            heading=outcome.heading,
            group=level,
            variable=groups.info.key,
            **outcome.levels,
        )
        estimates += es
        populations.append(who)
    if compare:
        for level in counts:
            if level != groups.reference:
                estimates += _against(outcome, groups, level, counts)
    if test != "none" and len(groups.parts) > 1:
        estimates.append(_tested(outcome, groups, counts, test))
    return estimates, populations


def _against(
    outcome: Outcome, groups: Groups, level: str, counts: dict[str, tuple[int, int]]
) -> list[Estimate]:
    """Difference and odds ratio of one group against the reference."""
    (x, n), (x0, n0) = counts[level], counts[groups.reference]
    names = groups.info.levels
    label = f"{outcome.label}, {names[level]} against {names[groups.reference]}"
    levels = {"group": level, "variable": groups.info.key, **outcome.levels}
    common: dict[str, object] = {"n": n + n0, "events": x + x0, "population": groups.id(level)}
    return [
        _difference(key_of(*outcome.path, "difference", **levels), label, (x, n, x0, n0), common),
        _odds(key_of(*outcome.path, "odds_ratio", **levels), label, (x, n, x0, n0), common),
    ]


def _difference(key: Key, label: str, cells: tuple[int, int, int, int], common: Fields) -> Estimate:
    from oncohort.stats import proportion_difference

    kind: Fields = {"kind": "percentage", "unit": "percentage points"}
    label = f"{label}: difference"
    if not (cells[1] and cells[3]):
        return Estimate(key, label, None, "not_estimable", note=NOBODY, **kind, **common)
    d = proportion_difference(*cells)
    return Estimate(
        key,
        label,
        100 * d.value,
        low=100 * d.low,
        high=100 * d.high,
        level=d.level,
        interval_method=INTERVAL,
        method="difference of proportions",
        **kind,
        **common,
    )


def _odds(key: Key, label: str, cells: tuple[int, int, int, int], common: Fields) -> Estimate:
    from oncohort.stats import logistic

    x, n, x0, n0 = cells
    label = f"{label}: odds ratio"
    why = NOBODY
    if n and n0:
        outcome = np.repeat([1, 0, 1, 0], [x, n - x, x0, n0 - x0])
        group = np.repeat([1, 1, 0, 0], [x, n - x, x0, n0 - x0])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", OncohortWarning)
                fit = logistic(outcome, group)
        except OncohortError:
            why = "nobody, or everybody, in both groups"
        else:
            if np.isfinite(fit.coef[0]):
                return Estimate(
                    key,
                    label,
                    float(fit.odds_ratio[0]),
                    low=float(fit.low[0]),
                    high=float(fit.high[0]),
                    level=fit.level,
                    interval_method="Wald",
                    method="odds ratio (logistic regression)",
                    kind="ratio",
                    **common,
                )
            why = "nobody, or everybody, in one of the groups"
    return Estimate(key, label, None, "not_estimable", note=why, kind="ratio", **common)


def _tested(
    outcome: Outcome, groups: Groups, counts: dict[str, tuple[int, int]], test: str
) -> Estimate:
    """The test between all groups."""
    from oncohort import stats
    from oncohort.analyses.baseline_tests import in_words

    key = key_of(*outcome.path, "p", variable=groups.info.key, **outcome.levels)
    label = f"{outcome.label}: difference between groups of {groups.info.label}, p"
    n = sum(size for _, size in counts.values())
    common: Fields = {"kind": "p", "n": n, "population": "cohort"}
    gone = len(groups.nowhere) + sum(len(p) for _, p in groups.parts) - n
    if gone:
        common["excluded"] = {"missing": gone}
    table = [[x for x, _ in counts.values()], [size - x for x, size in counts.values()]]
    try:
        if test == "trend":
            found = stats.trend_test(table)
        else:
            found = stats.fisher_exact(table) if test == "fisher" else stats.chi_squared(table)
    except (OncohortError, ArithmeticError) as error:
        return Estimate(key, label, None, "not_estimable", note=str(error), **common)
    return Estimate(key, label, float(found.p), method=in_words(found.method), **common)


TESTS = {
    "fisher": "Fisher's exact test",
    "chi-squared": "Pearson's chi-squared test",
    "trend": "the Cochran-Armitage test for trend",
}


def methods(test: str) -> str:
    """What was done, in a sentence."""
    told = (
        "Rates of groups have exact (Clopper-Pearson) 95% intervals, differences against the "
        f"reference group {INTERVAL} intervals, odds ratios Wald intervals"
    )
    return f"{told}; groups were compared by {TESTS[test]}." if test in TESTS else f"{told}."
