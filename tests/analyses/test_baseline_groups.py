"""Table I between groups: which test, what a reader must know, awkward groups."""

from __future__ import annotations

from typing import Any

import pytest
from cohorts import cohort, patients
from pydantic import ValidationError

from oncohort import stats
from oncohort.analyses import baseline
from oncohort.analyses.result import Numbers, Result
from oncohort.problems import OncohortError
from oncohort.protocol import parse_protocol

AGES = [40.0, 44.0, 47.0, 61.0, 66.0, 58.0, 71.0, 59.0, 73.0, 52.0, 49.0, 80.0]
SEX = ["m", "f", "m", "m", "f", "f", "f", "m", "f", "f", "m", "f"]
TEXT = """
[variables.arm]
levels = {{ a = "A", b = "B", c = "対照群" }}
[variables.age]
kind = "continuous"
[variables.sex]
[baseline]
variables = ["age", "sex"]
by = "arm"
{more}
"""


def result(more: str, arms: list[Any], ages: list[Any] | None = None) -> Result:
    frame = patients(len(arms), arm=arms, age=ages or AGES[: len(arms)], sex=SEX[: len(arms)])
    found = baseline.analyse(*cohort(TEXT.format(more=more), frame))
    assert found is not None
    return found


TWO, THREE = ["a", "b"] * 6, ["a", "b", "c"] * 4


@pytest.mark.parametrize(
    ("test", "arms", "ours"),
    [
        ("wilcoxon", TWO, lambda *x: stats.wilcoxon(*x)),
        ("wilcoxon", THREE, lambda *x: stats.kruskal_wallis(*x)),
        ("kruskal-wallis", TWO, lambda *x: stats.kruskal_wallis(*x)),
        ("t", TWO, lambda *x: stats.t_test(*x, equal_variance=True)),
        ("welch", TWO, lambda *x: stats.t_test(*x)),
        ("t", THREE, lambda *x: stats.anova(*x, equal_variance=True)),
        ("welch", THREE, lambda *x: stats.anova(*x)),
        ("trend", THREE, lambda *x: stats.jonckheere(*x)),
    ],
)
def test_each_test_of_numbers_is_the_one_named(test: str, arms: list[str], ours: Any) -> None:
    found = result(f'tests = {{ age = "{test}" }}', arms)
    samples = [[v for v, g in zip(AGES, arms, strict=True) if g == k] for k in sorted(set(arms))]
    p = Numbers([found])["baseline.age.p"]
    assert p.value == pytest.approx(ours(*samples).p)
    assert p.method.startswith(ours(*samples).method)
    assert ours(*samples).method in found.methods[0]


def test_mean_and_sd_go_with_the_t_test() -> None:
    found = Numbers([result('summaries = { age = "mean_sd" }\ntest = true', TWO)])
    assert found["baseline.age.p"].method == "Welch's t test, two-sided"
    assert found["baseline.sex.p"].method == "Fisher's exact test, two-sided"


def test_small_expected_counts_are_told() -> None:
    found = result('tests = { sex = "chi-squared" }', TWO)
    (told,) = found.problems
    assert told.id == "baseline.small-expected" and 'sex = "fisher"' in told.todo
    assert Numbers([found])["baseline.sex.p"].value is not None


@pytest.mark.parametrize(("key", "test"), [("sex", "t"), ("age", "fisher"), ("age", "chi-squared")])
def test_a_test_that_does_not_fit_gives_no_p(key: str, test: str) -> None:
    found = result(f'tests = {{ {key} = "{test}" }}', TWO)
    p = Numbers([found])[f"baseline.{key}.p"]
    assert (p.value, p.state) == (None, "not_estimable") and "does not fit" in p.note
    assert [told.id for told in found.problems] == ["baseline.test"]


def test_none_leaves_one_test_out() -> None:
    found = Numbers([result('test = true\ntests = { sex = "none" }', TWO)])
    assert "baseline.age.p" in found and "baseline.sex.p" not in found


def test_one_group_an_empty_group_and_nobody_known() -> None:
    more = "test = true\nsmd = true"
    one = Numbers([result(more, ["a"] * 12)])
    assert one["baseline.age.p"].state == one["baseline.age.smd"].state == "not_estimable"
    empty = Numbers([result(more, TWO)])  # nobody in c
    assert empty["baseline.age.p"].n == 12
    assert empty["baseline.sex.percent[group=c,level=f]"].state == "not_estimable"
    unknown = Numbers([result(more, TWO, [None] * 6 + [50.0] * 6)])
    assert unknown["baseline.age.p"].state == "not_estimable"
    assert unknown["baseline.age.p"].excluded == {"missing": 6}


def test_patients_without_a_group_are_counted_and_left_out() -> None:
    found = Numbers([result("test = true\nsmd = true", [*TWO[:10], None, None])])
    assert found["baseline.group.missing"].value == 2
    p = found["baseline.age.p"]
    assert (p.n, p.excluded) == (10, {"missing": 2})
    ours = stats.standardized_difference(AGES[:10], TWO[:10])
    assert found["baseline.age.smd"].value == pytest.approx(ours.value)


@pytest.mark.parametrize("more", ["smd = true", 'tests = { age = "t" }'])
def test_a_comparison_without_groups_is_refused(more: str) -> None:
    text = TEXT.format(more=more).replace('by = "arm"\n', "")
    with pytest.raises((OncohortError, ValidationError), match="by = "):
        parse_protocol('[study]\nschema = 1\ntitle = "A"\ndata = "x.csv"\n' + text)


def test_a_test_of_a_variable_that_is_not_in_the_table_is_refused() -> None:
    text = TEXT.format(more='tests = { height = "t" }')
    with pytest.raises((OncohortError, ValidationError), match="height"):
        parse_protocol('[study]\nschema = 1\ntitle = "A"\ndata = "x.csv"\n' + text)
