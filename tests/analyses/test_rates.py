"""Rates by group: intervals, differences, odds ratios, awkward groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cohorts import cohort, patients
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort import stats
from oncohort.analyses import response
from oncohort.analyses.result import Numbers

TEXT = """
[variables.arm]
levels = {{ a = "A", b = "B", c = "対照群", d = "D", e = "E", f = "F" }}
reference = "{reference}"
[response]
source = "charted"
best_change = "change"
by = ["arm"]
test = "{test}"
"""


def numbers(
    best: list[Any], arms: list[Any], *, reference: str = "a", test: str = "fisher"
) -> Numbers:
    change = [{"CR": -100.0, "PR": -50.0, "SD": 0.0, "PD": 30.0}.get(b) for b in best]
    frame = patients(len(best), best_response=best, arm=arms, change=change)
    found = response.analyse(*cohort(TEXT.format(reference=reference, test=test), frame))
    assert found is not None
    return Numbers([found])


BEST = ["CR", "PR", "SD", "PD", "PR", "SD", None, "PD", "PR", "SD", "CR", "PD"]


def test_two_groups_counted_by_hand() -> None:
    n = numbers(BEST, ["a"] * 5 + ["b"] * 7)
    a, b = (n[f"response.orr.percent[group={g},variable=arm]"] for g in "ab")
    assert (a.value, a.n, b.value, b.n) == (60, 5, pytest.approx(200 / 7), 7)
    exact = stats.proportion(3, 5)
    assert (a.low, a.high) == (pytest.approx(100 * exact.low), pytest.approx(100 * exact.high))
    d = n["response.orr.difference[group=b,variable=arm]"]
    ours = stats.proportion_difference(2, 7, 3, 5)
    assert d.value == pytest.approx(100 * ours.value) and d.low == pytest.approx(100 * ours.low)
    assert d.interval_method == "Newcombe hybrid score"
    odds = n["response.orr.odds_ratio[group=b,variable=arm]"]
    assert odds.value == pytest.approx((2 * 2) / (5 * 3))
    p = n["response.orr.p[variable=arm]"]
    assert p.value == pytest.approx(stats.fisher_exact([[3, 2], [2, 5]]).p)
    assert n["response.best.count[group=b,level=ne,variable=arm]"].value == 1
    assert n["response.dcr.count[group=b,variable=arm]"].value == 4
    bars = n.curves["response.waterfall[group=b,variable=arm]"].columns
    assert bars["patient"] == ("8", "12", "6", "10", "9", "11")
    assert n.populations["response.group[group=a,variable=arm]"].patients == tuple("12345")


@pytest.mark.parametrize("test", ["fisher", "chi-squared", "trend"])
def test_six_groups_and_each_test(test: str) -> None:
    arms = [g for g in "abcdef" for _ in range(4)]
    n = numbers(BEST * 2, arms, reference="c", test=test)
    counts = [n[f"response.orr.count[group={g},variable=arm]"].value for g in "abcdef"]
    table = [counts, [4 - x for x in counts]]
    run = {
        "fisher": stats.fisher_exact,
        "chi-squared": stats.chi_squared,
        "trend": stats.trend_test,
    }
    assert n["response.orr.p[variable=arm]"].value == pytest.approx(run[test](table).p)
    against = [e.key["group"] for e in n.of("response", "orr", "difference")]
    assert against == ["a", "b", "d", "e", "f"]


def test_no_test_where_none_is_asked_for() -> None:
    n = numbers(BEST, ["a", "b"] * 6, test="none")
    assert "response.orr.p[variable=arm]" not in n
    assert "none" not in n.section("response").methods[-1]  # type: ignore[union-attr]


def test_zero_events_one_group_and_patients_in_none() -> None:
    n = numbers(["SD", "PD", "CR", "PR", "SD", None], ["a", "a", "b", "b", None, None])
    assert n["response.groups.missing[variable=arm]"].value == 2
    odds = n["response.orr.odds_ratio[group=b,variable=arm]"]
    assert odds.state == "not_estimable" and "nobody, or everybody" in odds.note
    assert n["response.orr.difference[group=b,variable=arm]"].value == 100
    assert n["response.orr.difference[group=c,variable=arm]"].note == "no patient in the group"
    assert n["response.orr.percent[group=c,variable=arm]"].state == "not_estimable"
    none = numbers(["SD", "PD", "SD", "PD"], ["a", "b", "a", "b"])
    assert none["response.orr.percent[group=a,variable=arm]"].value == 0
    assert none["response.orr.p[variable=arm]"].state == "not_estimable"
    one = numbers(BEST, ["b"] * 12, reference="a")
    assert one["response.orr.difference[group=b,variable=arm]"].state == "not_estimable"
    assert one["response.orr.p[variable=arm]"].state == "not_estimable"


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["CR", "PR", "SD", "PD"]))))
@settings(max_examples=25, deadline=None)
def test_groups_add_up_to_all_patients(rows: list[tuple[str, str]]) -> None:
    rows = [("a", "SD"), ("b", "PR"), *rows]
    n = numbers([b for _, b in rows], [a for a, _ in rows])
    for rate in ("orr", "dcr"):
        whole = n[f"response.{rate}.count"].value
        assert whole == sum(e.value or 0 for e in n.of("response", rate, "count", variable="arm"))
    d = n["response.orr.difference[group=b,variable=arm]"]
    assert d.low is not None and d.high is not None and d.value is not None
    assert -100 <= d.low <= d.value + 1e-9 and d.value - 1e-9 <= d.high <= 100
    assert np.isfinite(d.value)
