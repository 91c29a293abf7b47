"""MSKCC scores: fixed limits at, below and above; groups; cohort and one patient agree."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import polars as pl
import pytest

from oncohort.criteria import mskcc

FIRST: dict[str, Any] = {
    "kps": 80,
    "hemoglobin": 13.5,
    "hemoglobin_lower": 13.5,
    "corrected_calcium": 10.0,
    "ldh": 330,
    "ldh_upper": 220,
    "diagnosis": date(2012, 1, 1),
    "first_systemic": date(2013, 1, 1),
}


def test_first_line_at_every_limit_is_favorable() -> None:
    assert mskcc.score(**FIRST).group == "favorable"


@pytest.mark.parametrize(
    ("change", "factor"),
    [
        ({"kps": 70}, "kps"),
        ({"hemoglobin": 13.4}, "hemoglobin"),
        ({"corrected_calcium": 10.1}, "calcium"),
        ({"ldh": 331}, "ldh"),
        ({"first_systemic": date(2012, 12, 31)}, "time"),
    ],
)
def test_first_line_factors(change: dict[str, Any], factor: str) -> None:
    found = mskcc.score(**(FIRST | change))
    assert [f.name for f in found.factors if f.present] == [factor]


@pytest.mark.parametrize(
    ("count", "group"), [(1, "intermediate"), (2, "intermediate"), (3, "poor")]
)
def test_first_line_groups(count: int, group: str) -> None:
    worse: list[dict[str, Any]] = [{"kps": 50}, {"hemoglobin": 9}, {"ldh": 900}]
    values = dict(FIRST)
    for change in worse[:count]:
        values |= change
    assert mskcc.score(**values).group == group


@pytest.mark.parametrize(
    ("sex", "hemoglobin", "present"),
    [("male", 13.0, True), ("male", 13.1, False), ("female", 11.5, True), ("female", 11.6, False)],
)
def test_second_line_hemoglobin_at_the_limit_counts(
    sex: Any, hemoglobin: float, present: bool
) -> None:
    found = mskcc.score_second_line(kps=90, hemoglobin=hemoglobin, sex=sex, corrected_calcium=9)
    assert found.factors[1].present is present


@pytest.mark.parametrize(("calcium", "group"), [(9.9, "favorable"), (10.0, "intermediate")])
def test_second_line_calcium_at_the_limit_counts(calcium: float, group: str) -> None:
    found = mskcc.score_second_line(kps=90, hemoglobin=15, sex="male", corrected_calcium=calcium)
    assert found.group == group


def test_second_line_two_factors_are_poor_and_unknown_sex_leaves_it_open() -> None:
    poor = mskcc.score_second_line(kps=70, hemoglobin=15, sex="male", corrected_calcium=11)
    assert poor.group == "poor"
    open_ = mskcc.score_second_line(kps=90, hemoglobin=12, corrected_calcium=9)
    assert (open_.group, open_.missing) == (None, ("hemoglobin",))


def test_cohort_both_lines() -> None:
    day = date(2014, 3, 1)
    patients = pl.DataFrame(
        {
            "patient": ["a"],
            "sex": ["female"],
            "kps": [70],
            "treatment_start": [day],
            "diagnosis_date": [date(2010, 1, 1)],
            "first_systemic_date": [date(2013, 1, 1)],
            "chart": ["poor"],
        }
    )
    labs = pl.DataFrame(
        [
            ("a", day, "Hb", 115.0, "g/L", 115.0, 150.0),
            ("a", day, "LDH", 400.0, "IU/L", 120.0, 220.0),
            ("a", day, "Ca", 9.5, "mg/dL", 8.6, 10.2),
            ("a", day, "Alb", 2.5, "g/dL", 3.8, 5.3),
        ],
        schema=["patient", "date", "test", "value", "unit", "lower_limit", "upper_limit"],
        orient="row",
    )
    first = mskcc.assess(patients, labs, charted="chart")
    row = first.table.row(0, named=True)
    # corrected by the score's own formula: 9.5 - 0.707 x (2.5 - 3.4) = 10.136
    assert [row[f"mskcc_{f}"] for f in mskcc.FIRST_LINE] == [True, False, True, True, False]
    assert (row["mskcc_group"], row["mskcc_agrees"]) == ("poor", True)
    second = mskcc.assess(patients, labs, line="second").table.row(0, named=True)
    assert second["mskcc_second_line_low"] == 3
    assert second["mskcc_second_line_group"] == "poor"
    plain = mskcc.assess(patients, labs, formula="none").table.row(0, named=True)
    assert plain["mskcc_calcium"] is False


@pytest.mark.parametrize("line", ["first", "second"])
def test_what_is_said_of_each_line_is_in_the_catalogue(line: Literal["first", "second"]) -> None:
    patients = pl.DataFrame({"patient": ["a"], "treatment_start": [date(2014, 1, 6)]})
    ids = {p.id for p in mskcc.assess(patients, line=line).problems}
    assert ids == {"mskcc.indeterminate"}
