"""The tests and standardized differences of Table I: which one compares which variable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import TYPE_CHECKING

import polars as pl

from oncohort.analyses.counting import COHORT
from oncohort.analyses.result import Estimate, Fields, key_of
from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import Cohort, VariableInfo
from oncohort.problems import OncohortError, Place, Problem, problem
from oncohort.protocol.analysis import Baseline
from oncohort.stats.inputs import Column

if TYPE_CHECKING:
    from oncohort.stats.test_result import TestResult

OF_NUMBERS = ("wilcoxon", "kruskal-wallis", "t", "welch", "trend")
OF_CATEGORIES = ("fisher", "chi-squared", "trend")
SMALL = 5.0
"""Expected count below which the chi-squared distribution is a poor guide (Cochran 1954)."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A variable's values in the groups that have any."""

    info: VariableInfo
    by: VariableInfo
    frame: pl.DataFrame
    groups: tuple[str, ...]
    missing: int

    @property
    def samples(self) -> list[Column]:
        """The numbers of each group."""
        return [self._of(g)[self.info.key].to_numpy() for g in self.groups]

    @property
    def table(self) -> list[list[int]]:
        """Counts, a row for each level that somebody has, a column for each group."""
        levels = [v for v in self.info.levels if (self.frame[self.info.key] == v).any()]
        parts = [self._of(g)[self.info.key] for g in self.groups]
        return [[int((part == v).sum()) for part in parts] for v in levels]

    def _of(self, group: str) -> pl.DataFrame:
        return self.frame.filter(pl.col(self.by.key) == group)


def compared(cohort: Cohort, info: VariableInfo, by: VariableInfo) -> Compared:
    """The patients with a known value and a known group."""
    frame = cohort.frame.select(info.key, by.key).drop_nulls()
    groups = tuple(g for g in by.levels if (frame[by.key] == g).any())
    return Compared(info, by, frame, groups, cohort.n - frame.height)


def chosen(rule: Baseline, info: VariableInfo) -> str:
    """The test of a variable: as declared, else by its kind and by how it is summarised.

    Examples
    --------
    >>> rule = Baseline(variables=["age"], by="arm", summaries={"age": "mean_sd"})
    >>> chosen(rule, VariableInfo("age", "Age", "continuous"))
    'welch'
    """
    if info.key in rule.tests:
        return rule.tests[info.key]
    if info.kind != "continuous":
        return "fisher"
    return "welch" if rule.summaries.get(info.key, rule.summary) == "mean_sd" else "wilcoxon"


def _of_numbers(test: str, samples: Sequence[Column]) -> TestResult:
    from oncohort import stats

    if test == "trend":
        return stats.jonckheere(*samples)
    if test == "kruskal-wallis" or (test == "wilcoxon" and len(samples) > 2):
        return stats.kruskal_wallis(*samples)
    if test == "wilcoxon":
        return stats.wilcoxon(*samples)
    if len(samples) > 2:
        return stats.anova(*samples, equal_variance=test == "t")
    return stats.t_test(*samples, equal_variance=test == "t")


def _of_categories(test: str, table: list[list[int]]) -> TestResult:
    from oncohort import stats

    if test == "trend":
        return stats.trend_test(table)
    return stats.chi_squared(table) if test == "chi-squared" else stats.fisher_exact(table)


@dataclass(frozen=True, slots=True)
class Tested:
    """What the comparison of one variable gave."""

    estimates: tuple[Estimate, ...] = ()
    problems: tuple[Problem, ...] = ()
    method: str = field(default="")
    """The test in words, for Methods; empty where none was done."""


def between(rule: Baseline, cohort: Cohort, info: VariableInfo, by: VariableInfo) -> Tested:
    """The test of one variable between the groups of `by`, with what a reader must know."""
    test = chosen(rule, info)
    if test == "none":
        return Tested()
    have = compared(cohort, info, by)
    numbers = info.kind == "continuous"
    fits = test in (OF_NUMBERS if numbers else OF_CATEGORIES)
    why = "needs two groups and two values"
    found: TestResult | None = None
    if not fits:
        why = f'the test "{test}" does not fit {"numbers" if numbers else "categories"}'
    elif len(have.groups) > 1 and have.frame[info.key].n_unique() > 1:
        try:
            found = _of_numbers(test, have.samples) if numbers else _of_categories(test, have.table)
        except (OncohortError, ArithmeticError) as error:
            why = str(error)
    common: Fields = {
        "kind": "p",
        "n": have.frame.height,
        "population": COHORT,
        "excluded": {"missing": have.missing} if have.missing else {},
    }
    key = key_of("baseline", info.key, "p")
    label = f"{info.label}: difference between groups, p"
    if found is None:
        problems_found = [] if fits else [_unfit(info, test, numbers)]
        none = Estimate(key, label, None, "not_estimable", note=why, **common)
        return Tested((none,), tuple(problems_found))
    number = Estimate(key, label, float(found.p), method=in_words(found.method), **common)
    small = _small(info, have) if test == "chi-squared" else []
    return Tested((number,), tuple(small), found.method)


def in_words(method: str) -> str:
    """The test with its sides, where it has any: of a chi-squared or an F there is one.

    Examples
    --------
    >>> in_words("Fisher's exact test"), in_words("Kruskal-Wallis test")
    ("Fisher's exact test, two-sided", 'Kruskal-Wallis test')
    """
    one = ("Kruskal", "Pearson", "analysis of variance", "Armitage", "linear-by-linear")
    return method if any(word in method for word in one) else f"{method}, two-sided"


def _unfit(info: VariableInfo, test: str, numbers: bool) -> Problem:
    fitting = OF_NUMBERS if numbers else OF_CATEGORIES
    return problem(
        "baseline.test",
        place=Place(file="study.toml", key=f"baseline.tests.{info.key}"),
        label=info.label,
        test=test,
        kind="numbers" if numbers else "categories",
        fitting=[f'"{name}"' for name in fitting],
    )


def _small(info: VariableInfo, have: Compared) -> list[Problem]:
    """A chi-squared test with small expected counts."""
    table = have.table
    rows, columns = [sum(r) for r in table], [sum(c) for c in zip(*table, strict=True)]
    least = min(r * c for r in rows for c in columns) / have.frame.height
    if least >= SMALL:
        return []
    return [
        problem(
            "baseline.small-expected",
            place=Place(file="study.toml", key=f"baseline.tests.{info.key}"),
            label=info.label,
            key=info.key,
            least=f"{least:.2g}",
        )
    ]


def difference(cohort: Cohort, info: VariableInfo, by: VariableInfo) -> Estimate:
    """The standardized mean difference of a variable between the groups."""
    from oncohort import stats

    have = compared(cohort, info, by)
    key = key_of("baseline", info.key, "smd")
    label = f"{info.label}: standardized mean difference"
    common: Fields = {"kind": "value", "n": have.frame.height, "population": COHORT}
    if have.missing:
        common["excluded"] = {"missing": have.missing}
    try:
        found = stats.standardized_difference(
            have.frame[info.key], have.frame[by.key], categorical=info.kind != "continuous"
        )
    except OncohortError as error:
        return Estimate(key, label, None, "not_estimable", note=str(error), **common)
    return Estimate(key, label, found.value, method=found.method, **common)
