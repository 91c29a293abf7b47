"""Means, spreads, proportions and printed tests: what can't be, and what only looks odd."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.audit import Finding, audit, audit_report
from oncohort.audit.checks.cross_tables import cross_p
from oncohort.audit.checks.summaries import debit, greatest_sd, grim, grimmer, least_sd
from oncohort.audit.checks.tests import p_range
from oncohort.audit.document import Paper, Row, Table
from oncohort.audit.extract.paper import extract
from oncohort.audit.run import audit_published
from oncohort.published.model import (
    Continuous,
    Population,
    Published,
    Rate,
    TwoByTwo,
    Where,
)
from oncohort.published.model import (
    Test as PrintedTest,
)

pytestmark = pytest.mark.usefixtures("rules_alone")

HEAD = """Results

A total of 42 consecutive patients were included. The 42 patients had a good outcome.

"""


def found(published: Published, unusual: bool = False) -> list[Finding]:
    return list(audit_published(published).shown(unusual))


def summary(**values: object) -> Published:
    return Published(summaries=(Continuous(**{"name": "Age", "n": "42", **values}),))  # type: ignore[arg-type]


# ---- means and spreads ------------------------------------------------------------------


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.integers(0, 90), min_size=2, max_size=60),
    st.integers(0, 3),
    st.integers(0, 3),
    st.booleans(),
)
def test_whole_numbers_always_pass(values: list[int], dm: int, ds: int, sample: bool) -> None:
    mean, sd = np.mean(values), np.std(values, ddof=int(sample))
    assert grim(f"{mean:.{dm}f}", len(values))
    assert grimmer(f"{mean:.{dm}f}", f"{sd:.{ds}f}", len(values))


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 1), min_size=2, max_size=60), st.integers(1, 3))
def test_yes_and_no_always_pass(values: list[int], digits: int) -> None:
    sd = np.std(values, ddof=1)
    assert debit(f"{np.mean(values):.{digits}f}", f"{sd:.{digits}f}", len(values))


@settings(deadline=None, max_examples=150)
@given(st.lists(st.floats(-50, 50), min_size=2, max_size=40))
def test_bounds_of_the_standard_deviation_hold(values: list[float]) -> None:
    mean, low, high = float(np.mean(values)), min(values), max(values)
    if not low <= mean <= high:
        return
    slack = 1e-9 * (1 + high - low)
    assert np.std(values, ddof=1) <= greatest_sd(len(values), mean, low, high) + slack
    assert np.std(values) >= least_sd(len(values), high - low) - slack


def test_grim_and_grimmer_find_what_no_whole_numbers_have() -> None:
    assert not grim("2.15", 9)
    assert not grimmer("3.44", "0.69", 18)
    assert not debit("0.30", "0.35", 40)


def test_a_median_outside_its_range_is_impossible() -> None:
    (finding,) = found(summary(median="62", low="65", high="83", spread="range"))
    assert (finding.id, finding.certainty.value) == ("summaries.order", "impossible")
    assert found(summary(median="62", low="41", high="83", spread="range")) == []
    assert found(summary(median="62", low="62", high="83", spread="range")) == []
    assert found(summary(name="Karnofsky", median="90", low="100", high="60", spread="range")) == []


def test_a_mean_of_counts_that_no_sum_gives() -> None:
    lesions = summary(name="Number of lesions", mean="2.15", sd="1.10", n="9")
    (finding,) = found(lesions)
    assert (finding.id, finding.certainty.value) == ("summaries.grim", "impossible if")
    assert "at least 8 of 9 are known" in finding.headline


def test_ages_need_not_be_whole() -> None:
    ages = summary(mean="62.15", sd="9.10", n="9", whole=True)
    assert found(ages) == []
    assert [f.id for f in found(ages, unusual=True)] == ["summaries.grim"]


AGREEING = tuple(
    Continuous(name, n="42", mean="62.0", sd="10.0", median="61", low="41", high="83",
               spread="range")
    for name in ("Height", "Weight")
)  # fmt: skip
"""Variables whose mean and SD agree with their median and range: they show how rows are joined."""


def test_a_spread_that_the_range_does_not_allow() -> None:
    mean = Continuous("Age", n="42", mean="62.0", sd="25.0")
    span = Continuous("Age", n="42", median="62", low="41", high="83", spread="range")
    assert found(Published(summaries=(mean, span))) == []
    shown = (mean, span, *AGREEING)
    assert [f.id for f in found(Published(summaries=shown))] == ["summaries.sd-range"]
    narrow = (Continuous("Age", n="42", mean="62.0", sd="2.0"), span, *AGREEING)
    assert [f.id for f in found(Published(summaries=narrow))] == ["summaries.sd-range"]
    fine = Continuous("Age", n="42", mean="62.0", sd="10.0")
    assert found(Published(summaries=(fine, span)), unusual=True) == []


def test_mean_and_median_too_far_apart() -> None:
    mean = Continuous("Age", n="42", mean="62.0", sd="5.0")
    median = Continuous("Age", n="42", median="70", low="41", high="83", spread="range")
    told = {f.id for f in found(Published(summaries=(mean, median, *AGREEING)))}
    assert "summaries.mean-median" in told


def test_rows_that_break_in_every_column_are_two_variables_read_as_one() -> None:
    def column(name: str, mean: str, median: str) -> tuple[Continuous, ...]:
        where = Where("table", "Table 1", "", name)
        return (
            Continuous("eGFR", n="900", mean=mean, sd="14.7", where=where),
            Continuous("eGFR", n="900", median=median, low="5", high="987", where=where),
            *(replace(other, where=where) for other in AGREEING),
        )

    both = (*column("Drug", "38.8", "261"), *column("Control", "36.4", "273"))
    assert not found(Published(summaries=both))
    (first, second) = found(Published(summaries=both), unusual=True)
    assert (
        first.id == second.id == "summaries.mean-median" and "other columns" in first.readings[-1]
    )
    one = (*column("Drug", "38.8", "261"), *column("Control", "36.4", "33"))
    assert [f.id for f in found(Published(summaries=one))] == ["summaries.mean-median"]


# ---- intervals of proportions ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high"),
    [("23.6", "54.4"), ("24", "54"), ("25.0", "53.2"), ("23.4", "52.8"), ("24.8", "53.2")],
)
def test_intervals_by_any_method_pass(low: str, high: str) -> None:
    rate = Rate("ORR", "38.1", "16", "42", low, high, "95")
    assert found(Published(rates=(rate,)), unusual=True) == []


def test_an_interval_by_no_method() -> None:
    rate = Rate("ORR", "38.1", "16", "42", "30.6", "46.1", "95")
    (finding,) = found(Published(rates=(rate,)))
    assert (finding.id, finding.certainty.value) == ("proportions.interval", "impossible if")
    assert "16 of 42" in finding.headline


def test_a_rate_outside_its_interval() -> None:
    rate = Rate("ORR", "38.1", "16", "42", "43.6", "54.4", "95")
    others = (
        Rate("DCR", "81.0", "34", "42", "65.9", "91.4", "95"),
        Rate("CR", "9.5", "4", "42", "2.7", "22.6", "95"),
    )
    assert [f.id for f in found(Published(rates=(rate, *others)))] == ["proportions.inside"]
    assert found(Published(rates=(rate,))) == []


def test_another_denominator_is_tried_first() -> None:
    rate = Rate("ORR", "40.0", low="24.9", high="56.7", population="cohort")
    sizes = (Population("cohort", "all", "42"), Population("stated-40", "", "40"))
    assert found(Published(rates=(rate,), populations=sizes), unusual=True) == []


# ---- statistics with degrees of freedom and p -------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "t(40) = 2.10, p = 0.042", "t(40) = −2.10, p = .042", "F(2, 39) = 3.40, p = 0.044",
        "χ2(1, N = 42) = 3.90, p = 0.048", "χ2 = 3.90, df = 1, p = 0.05", "z = 1.96, p = 0.05",
        "r(40) = .31, p = 0.046", "t(40) = 2.10, p < 0.05", "chi-squared (1) = 3.9, p=0.048",
    ],
)  # fmt: skip
def test_right_statistics(words: str) -> None:
    report = audit_report(HEAD + f"Age differed between the groups ({words}).\n")
    assert report.shown(unusual=True) == ()
    assert report.checked >= 2


@pytest.mark.parametrize(
    "words",
    ["t(40) = 2.10, p = 0.42", "F(2, 39) = 3.40, p = 0.004", "χ2(1) = 3.90, p = 0.48",
     "t(40) = 1.10, p < 0.05"],
)  # fmt: skip
def test_wrong_statistics(words: str) -> None:
    others = (
        "Others did too: t(40) = 2.30, p = .027, F(2, 39) = 3.60, p = .037, χ2(1) = 4.2, p = .040."
    )
    assert audit(HEAD + others + "\n") == []
    (finding,) = audit(HEAD + f"{others} Age differed between the groups ({words}).\n")
    assert (finding.id, finding.certainty.value) == ("tests.statistic", "inconsistent")


@pytest.mark.parametrize(
    "words",
    ["t(40) = 2.10, one-sided p = 0.021", "t(40) = 2.10, p = 0.021",
     "t(40) = 2.10, p = 0.42, Bonferroni-corrected", "the value was t = 2.10"],
)  # fmt: skip
def test_legal_statistics_are_not_spoken_of(words: str) -> None:
    assert audit(HEAD + f"Age differed between the groups ({words}).\n") == []


def test_p_range_of_a_rounded_statistic_holds_the_true_p() -> None:
    low, high = p_range(PrintedTest("chi2", "3.8", ("1",), "")) or (1.0, 0.0)
    assert low < 0.05 < high


# ---- 2 x 2 tables -------------------------------------------------------------------------


def test_p_of_cross_tables_equal_r() -> None:
    # R 4: chisq.test(matrix(c(12, 5, 8, 15), 2), correct = FALSE / TRUE), fisher.test(...)
    p = cross_p(12, 8, 5, 15)
    assert math.isclose(p["chi-squared"], 0.02516, abs_tol=5e-6)
    assert math.isclose(p["chi-squared with Yates's correction"], 0.05497, abs_tol=5e-6)
    assert math.isclose(p["Fisher"], 0.05355, abs_tol=5e-6)


OTHERS = (
    TwoByTwo("Stage", (("10", "10"), ("10", "10")), "1.00"),
    TwoByTwo("Smoker", (("3", "1"), ("1", "3")), "0.157"),
)


def cross(p: str, others: tuple[TwoByTwo, ...] = OTHERS) -> list[Finding]:
    table = TwoByTwo("Sex", (("12", "8"), ("5", "15")), p)
    return found(Published(cross_tables=(table, *others)))


def test_a_p_of_no_test_of_these_counts() -> None:
    (finding,) = cross("0.63")
    assert (finding.id, finding.certainty.value) == ("tests.cross", "impossible if")
    # With no other rows that have the p of such a test, it may be of another one.
    assert cross("0.63", ()) == []
    for right in ("0.025", "0.055", "0.054", "0.05", "<0.05", "0.03"):
        assert cross(right) == []


def test_a_two_armed_table_is_read_as_cross_tables() -> None:
    def published(p: str) -> Published:
        rows = (
            Row(("Sex", "", "", p)),
            Row(("Male", "12 (60.0)", "5 (25.0)", ""), 1),
            Row(("Female", "8 (40.0)", "15 (75.0)", ""), 1),
            Row(("Stage", "", "", "")),
            Row(("I", "10 (50.0)", "10 (50.0)", "1.00"), 1),
            Row(("II", "10 (50.0)", "10 (50.0)", ""), 1),
            Row(("Smoker", "", "", "")),
            Row(("Yes", "12 (60.0)", "12 (60.0)", "1.00"), 1),
            Row(("No", "8 (40.0)", "8 (40.0)", ""), 1),
        )
        header = (("Characteristic", "A (n = 20), n (%)", "B (n = 20), n (%)", "P value"),)
        table = Table("Table 1", "Characteristics by arm", header, rows)
        return extract(Paper("", (table,)))[0]

    assert [t.name for t in published("0.63").cross_tables] == ["Sex", "Stage", "Smoker"]
    assert [f.id for f in found(published("0.63"))] == ["tests.cross"]
    assert found(published("0.05")) == []
    assert len(published("0.05").variables) == 6


@pytest.mark.parametrize(
    ("median", "low", "high", "told"),
    [("1.204", "350", "5.600", False), ("1204", "350", "5.600", False),
     ("2.1", "350", "5600", False), ("63", "52", "60", True), ("9999", "350", "5.600", True),
     ("48.16", "44", "45", True)],
)  # fmt: skip
def test_points_between_thousands(median: str, low: str, high: str, told: bool) -> None:
    one = Continuous("CRP", n="42", median=median, low=low, high=high, spread="range")
    published = Published(summaries=(one,))
    found = [f for f in audit_published(published).findings if f.id == "summaries.order"]
    assert bool(found) is told
