"""Propensity scores on awkward data: separation, one group, everything missing, no event."""

from __future__ import annotations

from typing import Any

import pytest
from cohorts import cohort, patients
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.analyses import propensity
from oncohort.analyses.result import Numbers, Result
from oncohort.problems import ProtocolError

TEXT = (
    "[endpoints.os]\n[variables.arm]\nlevels = { a = 'A', b = 'B' }\n[variables.age]\n"
    "kind = 'continuous'\n[variables.sex]\nlevels = { m = 'Male', f = 'Female' }\n"
    "[propensity]\ntreatment = 'arm'\nvariables = ['age', 'sex']\n"
    "methods = ['matching', 'iptw', 'overlap']\n"
)
N = 24


def run(text: str = TEXT, **columns: list[Any]) -> tuple[Result, Numbers]:
    base: dict[str, list[Any]] = {
        "days": [40 + (i * 37) % 301 for i in range(N)],
        "dead": [i % 4 != 0 for i in range(N)],
        "arm": ["ab"[(i * i) % 3 % 2] for i in range(N)],
        "age": [40.0 + (i * 11) % 17 for i in range(N)],
        "sex": ["mf"[(i // 3) % 2] for i in range(N)],
    } | columns
    p, c = cohort(text, patients(len(base["arm"]), **base))
    found = propensity.analyse(p, c)
    assert found is not None
    return found, Numbers([found])


def test_separation_is_named_and_firth_is_a_way_out() -> None:
    arm = ["a" if i < 12 else "b" for i in range(N)]
    age = [40.0 + i for i in range(N)]
    result, n = run(arm=arm, age=age)
    assert n["propensity.os.hr[method=iptw]"].state == "not_estimable"
    assert n["propensity.os.hr[method=iptw]"].note
    assert n["propensity.os.hr[method=unadjusted]"].value is not None
    [error] = [p for p in result.problems if p.id == "propensity.no-score"]
    assert "firth" in error.todo
    _, firth = run(TEXT + "penalty = 'firth'\n", arm=arm, age=age)
    assert firth["propensity.os.hr[method=iptw]"].value is not None


def test_one_treatment_only() -> None:
    result, n = run(arm=["a"] * N)
    assert [p.id for p in result.problems] == ["propensity.no-score"]
    assert n["propensity.os.hr[method=matching]"].note.startswith("the treatment has 1 level")


def test_three_treatments_are_asked_about() -> None:
    text = TEXT.replace("{ a = 'A', b = 'B' }", "{ a = 'A', b = 'B', c = 'C' }")
    result, _ = run(text, arm=["abc"[i % 3] for i in range(N)])
    assert "3 levels" in result.problems[0].what


def test_everything_missing() -> None:
    result, n = run(age=[None] * N)
    assert n["propensity.excluded.count"].value == N
    assert result.problems[0].id == "propensity.no-score"


def test_missing_values_are_counted_by_name() -> None:
    _, n = run(age=[None if i < 2 else 40.0 + (i * 11) % 17 for i in range(N)])
    assert n["propensity.excluded.count"].value == 2
    assert n.populations["propensity.excluded.count"].patients == ("1", "2")


def test_no_event() -> None:
    _, n = run(dead=[False] * N)
    assert n["propensity.os.hr[method=overlap]"].note == "no event"


def test_no_pair_within_the_caliper() -> None:
    text = TEXT.replace("variables = ['age', 'sex']", "variables = ['age']")
    age = [40.0 + (i % 7) if i % 2 else 60.5 - (i % 5) * 3 for i in range(N)]
    arm = ["b" if (i % 2 and i != 3) or i == 4 else "a" for i in range(N)]
    _, n = run(text + "caliper = 0.00001\n", age=age, arm=arm)
    assert n["propensity.matched.pairs"].value is not None
    ratio = n["propensity.os.hr[method=matching]"]
    assert ratio.value is not None or ratio.note


def test_a_treatment_that_explains_itself_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="treatment itself"):
        run(TEXT.replace("['age', 'sex']", "['age', 'arm']"))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 40),
            st.booleans(),
            st.sampled_from("ab"),
            st.one_of(st.none(), st.integers(40, 45)),
            st.sampled_from("mf"),
        ),
        min_size=2,
        max_size=16,
    )
)
def test_any_cohort_gives_numbers_or_reasons(
    rows: list[tuple[int, bool, str, int | None, str]],
) -> None:
    days, dead, arm, age, sex = (list(v) for v in zip(*rows, strict=True))
    years = [None if a is None else float(a) for a in age]
    _, n = run(days=days, dead=dead, arm=arm, age=years, sex=sex)
    for estimate in n.values():
        assert estimate.value is not None or estimate.note or estimate.state == "not_reached"
