"""Blood or urine: values are graded only as what they can be."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from oncohort.criteria import ctcae
from oncohort.records.specimens import specimen_of, specimen_problem


@pytest.mark.parametrize(
    ("text", "specimen"),
    [
        ("Blood", "blood"),
        ("SERUM", "blood"),
        ("Plasma (EDTA)", "blood"),
        ("arterial", "blood"),
        ("Blut", "blood"),
        ("sang", "blood"),
        ("suero", "blood"),
        ("血清", "blood"),
        ("S", "blood"),
        ("urine", "urine"),
        ("24h urine", "urine"),
        ("Urin", "urine"),
        ("orina", "urine"),
        ("尿検体", "urine"),
        ("U", "urine"),
        ("CSF", "other"),
        ("pleural effusion", "other"),
        ("?", None),
        ("", None),
        (None, None),
    ],
)
def test_words_of_specimens(text: str | None, specimen: str | None) -> None:
    assert specimen_of(text) == specimen


@pytest.mark.parametrize(
    ("test", "value", "unit", "known", "graded"),
    [
        # an acid urine is no acidosis
        ("pH", 5.0, None, {"lower": 5.0, "upper": 8.0}, False),
        ("pH", 5.0, None, {}, False),
        ("pH", 5.0, None, {"specimen": "urine"}, False),
        ("pH", 5.0, None, {"specimen": "blood"}, False),
        ("pH", 7.2, None, {}, False),
        ("pH", 7.2, None, {"specimen": "arterial", "lower": 7.35}, True),
        ("arterial pH", 7.2, None, {"lower": 7.35}, True),
        ("pH", 7.2, None, {"lower": 7.35, "upper": 7.45}, True),
        # creatinine of urine is a hundred times that of blood
        ("creatinine", 120.0, "mg/dL", {"upper": 275.0, "lower": 20.0}, False),
        ("creatinine", 2.0, "mg/dL", {"upper": 1.2}, True),
        ("creatinine", 180.0, "umol/L", {"upper": 104.0}, True),
        ("creatinine", 12.0, "mmol/L", {"upper": 22.0, "lower": 3.5}, False),
        ("creatinine", 2.0, "mg/dL", {"baseline": 1.0}, False),
        ("serum creatinine", 2.0, "mg/dL", {"upper": 1.2}, True),
        ("creatinine", 2.0, "mg/dL", {"upper": 1.2, "specimen": "urine"}, False),
        ("glucose", 300.0, "mg/dL", {"upper": 15.0}, False),
        ("glucose", 300.0, "mg/dL", {"upper": 110.0}, True),
        ("glucose", 300.0, "mg/dL", {}, False),
        ("blood glucose", 300.0, "mg/dL", {}, True),
        ("glucose", 300.0, "mg/dL", {"specimen": "serum"}, True),
        # any test of blood, if the specimen says otherwise
        ("sodium", 80.0, "mmol/L", {"lower": 135.0, "specimen": "urine"}, False),
        ("calcium corrected", 2.0, "mg/dL", {"specimen": "urine", "lower": 8.5}, False),
        ("sodium", 128.0, "mmol/L", {"lower": 135.0, "specimen": "serum"}, True),
        ("proteinuria", 4.0, "g/24h", {"specimen": "urine"}, True),
        ("proteinuria", 4.0, "g/24h", {}, True),
        ("proteinuria", 4.0, "g/24h", {"specimen": "serum"}, False),
        ("systolic", 170.0, "mmHg", {"specimen": "blood"}, True),
    ],
)
def test_a_value_is_graded_only_as_what_it_can_be(
    test: str, value: float, unit: str | None, known: dict[str, Any], graded: bool
) -> None:
    one = ctcae.grade(test, value, unit, version="4.03", fasting=True, **known)
    assert ((one.grade or 0) > 0) is graded, one.reason
    if not graded:
        assert one.grade is None
        assert one.missing == ("specimen",)
    limits = {"lower": "lower_limit", "upper": "upper_limit", "specimen": "specimen"}
    row = {"patient": "1", "test": test, "value": value, "unit": unit}
    row |= {limits[k]: v for k, v in known.items() if k in limits}
    frame = pl.DataFrame([row], schema_overrides={"unit": pl.String})
    done = ctcae.grade_labs(frame, version="4.03", fasting=True)
    assert bool((done.table["grade"].fill_null(0) > 0).any()) is graded
    if not graded:
        assert done.problems


def test_an_open_specimen_is_one_question_for_its_test() -> None:
    labs = pl.DataFrame(
        {"patient": ["1"] * 3, "test": ["pH"] * 3, "value": [7.2, 7.4, 5.0], "unit": [None] * 3},
        schema_overrides={"unit": pl.String},
    )
    problems = ctcae.grade_labs(labs, version="5.0").problems
    assert [(p.id, p.severity.value) for p in problems] == [
        ("ctcae.specimen", "question"),
        ("ctcae.no-rule", "note"),
    ]
    assert problems[0].what == "2 values of ph don't say whether they are of blood or urine."
    assert [w.columns for w in problems[0].wrong] == [("specimen",)]


def test_no_window_is_asked_for_where_the_specimen_is_said() -> None:
    assert specimen_problem("creatinine", "blood", value=9.0) is None
    assert specimen_problem("creatinine", "blood", value=90.0) == "no value of blood"
    assert specimen_problem("qtc", "urine", value=400.0) is None
