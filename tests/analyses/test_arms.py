"""Arms and subgroups on awkward data: what can't be estimated is said, nothing crashes."""

from __future__ import annotations

import pytest
from cohorts import cohort, patients
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort import stats
from oncohort.analyses import arms
from oncohort.analyses.result import Numbers, Result
from oncohort.problems import ProtocolError

TEXT = (
    "[endpoints.os]\n[variables.arm]\nlevels = { a = 'A', b = 'B' }\n"
    "[variables.sex]\nlevels = { m = 'Male', f = 'Female' }\n"
    "[arms]\nvariable = 'arm'\nstrata = ['sex']\nsubgroups = ['sex']\n"
)


def compared(text: str, n: int, **columns: object) -> tuple[Result, Numbers]:
    p, c = cohort(text, patients(n, **columns))  # type: ignore[arg-type]
    found = arms.analyse(p, c)
    assert found is not None
    return found, Numbers([found])


def test_no_event_in_one_arm_is_not_estimable_with_its_reason() -> None:
    _, n = compared(
        TEXT, 12, days=list(range(100, 220, 10)), dead=[True] * 6 + [False] * 6,
        arm=["a"] * 6 + ["b"] * 6, sex=["m", "f"] * 6,
    )  # fmt: skip
    hr = n["arms.os.hr[arm=b,model=unstratified]"]
    assert (hr.value, hr.state) == (None, "not_estimable")
    assert "finite" in hr.note or "infinite" in hr.note
    assert n["arms.os.events[arm=b]"].value == 0
    assert n["arms.os.logrank[model=unstratified]"].value is not None


def test_a_subgroup_of_one_patient() -> None:
    _, n = compared(
        TEXT, 9, days=[50, 60, 70, 80, 90, 100, 110, 120, 130],
        arm=["a", "b", "a", "b", "a", "b", "a", "b", "a"], sex=["f"] + ["m"] * 8,
    )  # fmt: skip
    one = n["arms.os.subgroup.sex.hr[arm=b,level=f]"]
    assert (one.value, one.state) == (None, "not_estimable")
    assert one.note == "nobody is in this arm"
    assert n["arms.os.subgroup.sex.n[arm=a,level=f]"].value == 1
    assert n["arms.os.subgroup.sex.hr[arm=b,level=m]"].value is not None
    assert n["arms.os.subgroup.sex.interaction_p"].state == "not_estimable"


def test_strata_of_one_patient_leave_nothing_to_compare() -> None:
    text = TEXT.replace("levels = { m = 'Male', f = 'Female' }", "")
    _, n = compared(
        text, 6, days=[50, 60, 70, 80, 90, 100], arm=["a", "b"] * 3,
        sex=[f"s{i}" for i in range(6)],
    )  # fmt: skip
    assert n["arms.os.hr[arm=b,model=stratified]"].state == "not_estimable"
    test = n["arms.os.logrank[model=stratified]"]
    assert (test.state, bool(test.note)) == ("not_estimable", True)
    assert n["arms.os.hr[arm=b,model=unstratified]"].value is not None


def test_missing_arms_and_subgroups_are_counted() -> None:
    _, n = compared(
        TEXT, 8, days=[50, 60, 70, 80, 90, 100, 110, 120],
        arm=["a", "b", "a", "b", "a", "b", "a", None],
        sex=["m", "f", "m", "f", "m", None, None, "f"],
    )  # fmt: skip
    assert n["arms.os.missing"].value == 1
    assert n["arms.os.subgroup.sex.missing"].value == 2
    assert n["arms.os.logrank[model=stratified]"].excluded == {"missing": 2}


def test_the_reference_arm_can_be_chosen() -> None:
    days = [50, 45, 60, 100, 70, 65, 80, 120]
    columns: dict[str, object] = {
        "days": days,
        "arm": ["a", "b"] * 4,
        "sex": ["m", "m", "f", "f"] * 2,
    }
    _, first = compared(TEXT, 8, **columns)
    _, other = compared(TEXT.replace("strata", "reference = 'b'\nstrata"), 8, **columns)
    one = first["arms.os.hr[arm=b,model=unstratified]"].value
    two = other["arms.os.hr[arm=a,model=unstratified]"].value
    assert one is not None and two == pytest.approx(1 / one)


def test_a_reference_that_is_no_level_is_an_error_of_the_protocol() -> None:
    with pytest.raises(ProtocolError, match="no level"):
        compared(TEXT + "reference = 'c'\n", 4, days=[1, 2, 3, 4], arm=["a"] * 4, sex=["m"] * 4)


def test_everything_missing() -> None:
    _, n = compared(TEXT, 4, days=[10, 20, 30, 40], arm=[None] * 4, sex=[None] * 4)
    assert n["arms.os.missing"].value == 4
    assert n["arms.os.logrank[model=unstratified]"].state == "not_estimable"
    assert n["arms.os.hr[arm=b,model=unstratified]"].note


def test_a_number_makes_no_subgroups() -> None:
    text = TEXT.replace(
        "[variables.sex]\nlevels = { m = 'Male', f = 'Female' }\n", "[variables.sex]\n"
    )
    p, c = cohort(
        text, patients(4, days=[1, 2, 3, 4], arm=["a", "b"] * 2, sex=[1.5, 2.5, 3.5, 4.5])
    )
    found = [q for q in c.problems if q.id == "variables.no-groups"]
    blocks = {b for error in found for b in error.blocks}
    assert blocks == {"arms.os", "arms.os.subgroup.sex"}
    assert arms.analyse(p, c) is not None


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 30),
            st.booleans(),
            st.sampled_from("ab"),
            st.sampled_from(["m", "f", None]),
        ),
        min_size=2,
        max_size=14,
    )
)
def test_any_cohort_gives_numbers_or_reasons(rows: list[tuple[int, bool, str, str | None]]) -> None:
    days, dead, arm, sex = (list(v) for v in zip(*rows, strict=True))
    _, n = compared(TEXT, len(rows), days=days, dead=dead, arm=arm, sex=sex)
    for estimate in n.values():
        assert estimate.value is not None or estimate.note
    whole = sum(n[f"arms.os.n[arm={a}]"].value or 0 for a in "ab")
    assert whole == len(rows)
    level_sum = sum(
        n[f"arms.os.subgroup.sex.n[arm={a},level={s}]"].value or 0 for a in "ab" for s in "mf"
    )
    missing = n.get("arms.os.subgroup.sex.missing")
    assert level_sum + ((missing.value or 0) if missing else 0) == len(rows)


def test_with_two_arms_the_stratified_test_is_that_of_stats() -> None:
    days = [50, 45, 60, 100, 70, 65, 80, 120]
    arm, sex = ["a", "b"] * 4, ["m", "m", "f", "f"] * 2
    _, n = compared(TEXT, 8, days=days, arm=arm, sex=sex)
    test = stats.logrank(days, [True] * 8, arm, strata=sex)
    assert n["arms.os.logrank[model=stratified]"].value == pytest.approx(test.p)
