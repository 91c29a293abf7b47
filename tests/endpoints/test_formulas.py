"""Derived variables: published scores, ratios, conditions and durations, with their units."""

from __future__ import annotations

import math
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "analyses"))

from cohorts import START, cohort, patients

from oncohort.endpoints.cohort import Cohort
from oncohort.endpoints.formulas.evaluating import Held, number, truth
from oncohort.protocol.formula import Operand, parse


def labs(*rows: tuple[str, str, float | None, str | None]) -> pl.DataFrame:
    """Laboratory rows of the day of treatment start: patient, test, value, unit."""
    return pl.DataFrame(
        [
            {
                "patient": who, "date": START, "test": test, "value": value, "unit": unit,
                "source_row": i + 2,
            }
            for i, (who, test, value, unit) in enumerate(rows)
        ],
        schema_overrides={"value": pl.Float64, "unit": pl.String},
    )  # fmt: skip


def made(text: str, n: int, tables: pl.DataFrame | None = None, **columns: list[Any]) -> Cohort:
    more = {} if tables is None else {"labs": tables}
    return cohort(text, patients(n, **columns), **more)[1]


def values(c: Cohort, name: str) -> list[Any]:
    return c.frame[name].to_list()


def ids(c: Cohort) -> list[str]:
    return [p.id for p in c.problems]


BLOOD = labs(
    ("1", "ANC", 4200.0, "/uL"), ("1", "lymphocytes", 1.4, "10^9/L"),
    ("1", "PLT", 21.0, "10^4/uL"), ("1", "monocytes", 0.7, "10^9/L"),
    ("1", "Alb", 35.0, "g/L"), ("1", "CRP", 1.2, "mg/dL"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("score", "value"),
    [
        ("nlr", 3.0),
        ("plr", 150.0),
        ("lmr", 2.0),
        ("sii", 630.0),
        ("pni", 10 * 3.5 + 0.005 * 1400),
    ],
)
def test_scores_of_blood_counts_in_whatever_units_they_are_charted(
    score: str, value: float
) -> None:
    c = made(f'[variables.x]\nderive = "{score}"\n', 1, BLOOD)
    assert values(c, "x") == [pytest.approx(value, rel=1e-12)]
    assert ids(c) == []


def test_glasgow_scores_by_their_published_tables() -> None:
    """mGPS: McMillan 2013, Cancer Treat Rev 39:534, table 1; GPS: Forrest 2003, table 1."""
    rows = [(10.0, 34.0), (10.1, 35.0), (10.1, 34.9), (10.0, 35.0)]
    tests = [
        row
        for i, (crp, alb) in enumerate(rows)
        for row in ((f"{i + 1}", "crp", crp, "mg/L"), (f"{i + 1}", "albumin", alb, "g/L"))
    ]
    text = '[variables.mgps]\nderive = "mgps"\n[variables.gps]\nderive = "gps"\n'
    c = made(text, 4, labs(*tests))
    assert values(c, "mgps") == ["0", "1", "2", "0"]
    assert values(c, "gps") == ["1", "1", "2", "0"]
    assert c.meaning.variables["mgps"].levels == {"0": "0", "1": "1", "2": "2"}


def test_a_score_is_known_where_the_missing_value_cannot_change_it() -> None:
    """mGPS is 0 at a CRP of 10 mg/L or less, whatever the albumin is."""
    c = made('[variables.mgps]\nderive = "mgps"\n', 2, labs(
        ("1", "crp", 3.0, "mg/L"), ("2", "crp", 30.0, "mg/L"),
        ("1", "albumin", None, "g/L"), ("2", "albumin", None, "g/L"),
    ))  # fmt: skip
    assert values(c, "mgps") == ["0", None]


def test_body_size_from_columns_whose_unit_is_said() -> None:
    """BMI of 70 kg and 1.70 m; BSA by Mosteller 1987 and by Du Bois 1916."""
    text = (
        '[tables.patients]\nunits = { weight = "kg", height = "cm" }\n'
        '[variables.bmi]\nderive = "bmi"\n[variables.bsa]\nderive = "bsa"\n'
        '[variables.old]\nderive = "bsa_du_bois"\n'
    )
    c = made(text, 2, weight=[70.0, None], height=[170, 170])
    assert values(c, "bmi") == [pytest.approx(70 / 1.7**2), None]
    assert values(c, "bsa")[0] == pytest.approx(math.sqrt(170 * 70 / 3600))
    assert values(c, "old")[0] == pytest.approx(0.007184 * 70**0.425 * 170**0.725)
    assert c.meaning.variables["bmi"].unit == "kg/m²"
    text = text.replace('"kg", height = "cm"', '"lb", height = "m"')
    c = made(text, 1, weight=[154.32358352941433], height=[1.7])
    assert values(c, "bmi") == [pytest.approx(70 / 1.7**2)]


def test_a_unit_that_nobody_said_is_asked_for() -> None:
    c = made('[variables.bmi]\nderive = "bmi"\n', 1, weight=[70.0], height=[170])
    assert ids(c) == ["variables.unit-missing"] * 2
    assert c.problems[0].severity == "question"
    assert c.problems[0].blocks == ("variables.bmi",)
    assert 'units = { "weight" = "kg" }' in c.problems[0].todo
    assert values(c, "bmi") == [None]


def test_a_laboratory_value_without_unit_is_asked_for_at_its_cell() -> None:
    c = made('[variables.nlr]\nderive = "nlr"\n', 1, labs(
        ("1", "neutrophils", 4.2, None), ("1", "lymphocytes", 1.4, "10^9/L"),
    ))  # fmt: skip
    [problem] = c.problems
    assert problem.id == "variables.lab-without-unit"
    assert problem.wrong[0].columns == ("unit",)
    assert problem.wrong[0].row == 2


def test_a_share_of_the_white_cells_is_no_count() -> None:
    c = made('[variables.nlr]\nderive = "nlr"\n', 1, labs(
        ("1", "neutrophils", 60.0, "%"), ("1", "lymphocytes", 1.4, "10^9/L"),
    ))  # fmt: skip
    assert ids(c) == ["variables.lab-unit"]
    assert "can't be converted" in c.problems[0].what
    assert values(c, "nlr") == [None]


def test_zero_below_the_line_names_the_cell_and_nobody_else() -> None:
    c = made('[variables.nlr]\nderive = "nlr"\n', 2, labs(
        ("1", "neutrophils", 4.2, "10^9/L"), ("1", "lymphocytes", 0.0, "10^9/L"),
        ("2", "neutrophils", 4.2, "10^9/L"), ("2", "lymphocytes", 2.1, "10^9/L"),
    ))  # fmt: skip
    assert values(c, "nlr") == [None, 2.0]
    [problem] = c.problems
    assert (problem.id, problem.patient) == ("variables.zero-denominator", "1")
    assert [(w.table, w.columns, w.row) for w in problem.wrong] == [("labs", ("value",), 3)]


def test_negative_values_make_no_ratio() -> None:
    text = '[variables.r]\nderive = "ratio"\nof = ["a", "b"]\n'
    c = made(text, 2, a=[-1.0, 4.0], b=[2.0, 2.0])
    assert values(c, "r") == [None, 2.0]
    assert ids(c) == ["variables.negative"]
    assert [(w.columns, w.row) for w in c.problems[0].wrong] == [(("a",), 2)]


def test_a_ratio_of_tests_that_are_usual_in_different_units_has_to_say_which() -> None:
    ratio = '[variables.car]\nderive = "ratio"\nof = ["lab.crp", "lab.albumin"]\n'
    c = made(ratio, 1, BLOOD)
    assert ids(c) == ["variables.units-open"]
    text = '[variables.car]\nderive = "formula"\nformula = "lab.crp [mg/L] / lab.albumin [g/L]"\n'
    assert values(made(text, 1, BLOOD), "car") == [pytest.approx(12 / 35)]


def test_a_result_with_a_dimension_needs_a_unit_and_is_given_in_it() -> None:
    text = (
        '[variables.d]\nderive = "formula"\nformula = "lab.neutrophils - lab.lymphocytes"\n'
        'unit = "/uL"\n'
    )
    assert values(made(text, 1, BLOOD), "d") == [pytest.approx(2800)]
    assert ids(made(text.replace('unit = "/uL"\n', ""), 1, BLOOD)) == ["variables.units"]
    wrong = text.replace("- lab.lymphocytes", "+ lab.albumin")
    [problem] = made(wrong, 1, BLOOD).problems
    assert "can't be added" in problem.what


def test_logarithms() -> None:
    text = '[variables.x]\nderive = "formula"\nformula = "log2(a)"\n'
    c = made(text, 3, a=[8.0, 0.0, None])
    assert values(c, "x") == [3.0, None, None]
    assert [(p.id, p.patient) for p in c.problems] == [("variables.log-of-nothing", "2")]
    dimension = text.replace("log2(a)", "log(lab.crp)")
    assert "say in which unit" in made(dimension, 1, BLOOD).problems[0].what


def test_durations_between_dates_and_their_order() -> None:
    text = (
        '[variables.wait]\nderive = "duration"\nsince = "diagnosis_date"\n'
        'until = "treatment_start"\nunit = "weeks"\n'
    )
    days = [date(2013, 12, 30), None, date(2014, 1, 7)]
    c = made(text, 3, diagnosis_date=days)
    assert values(c, "wait") == [1.0, None, None]
    [problem] = c.problems
    assert (problem.id, problem.patient) == ("variables.date-order", "3")
    assert {w.columns[0] for w in problem.wrong} == {"diagnosis_date", "treatment_start"}
    c = made(text.replace('unit = "weeks"\n', ""), 1, diagnosis_date=days[:1])
    assert (values(c, "wait"), c.meaning.variables["wait"].unit) == ([7.0], "days")


def test_age_at_a_date_is_in_completed_years_and_never_the_charted_one() -> None:
    text = '[variables.a]\nderive = "age"\nat = "diagnosis_date"\n'
    c = made(
        text, 3,
        birth_date=[date(1950, 3, 2), date(1950, 3, 1), None],
        diagnosis_date=[date(2000, 3, 1)] * 3, age=[60, 60, 60],
    )  # fmt: skip
    assert values(c, "a") == [49.0, 50.0, None]


def test_categories_of_several_columns() -> None:
    text = (
        '[variables.group]\nderive = "category"\n'
        "when = { high = \"stage = 'IV' and age [years] >= 70\", mid = \"stage = 'IV'\", "
        'low = "otherwise" }\n'
    )
    c = made(text, 5, stage=["IV", "IV", "I", None, "IV"], age=[70, 69, 80, 80, None])
    assert values(c, "group") == ["high", "mid", "low", None, None]
    assert list(c.meaning.variables["group"].levels.values()) == ["High", "Mid", "Low"]


def test_a_word_that_the_chart_does_not_hold_is_named() -> None:
    text = '[variables.g]\nderive = "category"\nwhen = { a = "sex = \'mael\'", b = "otherwise" }\n'
    c = made(text, 2, sex=["male", "female"])
    [problem] = c.problems
    assert problem.id == "variables.no-such-word"
    assert 'Did you mean "male"?' in problem.todo


def test_a_variable_made_of_variables_stands_after_them() -> None:
    text = (
        '[variables.twice]\nderive = "formula"\nformula = "2 * once"\n'
        '[variables.once]\nderive = "formula"\nformula = "a + 1"\n'
        '[variables.group]\nfrom = "twice"\ncut = [7]\n'
    )
    c = made(text, 2, a=[2.0, 3.0])
    assert values(c, "twice") == [6.0, 8.0]
    assert values(c, "group") == ["lt7", "ge7"]
    circle = '[variables.a]\nderive = "formula"\nformula = "b"\n[variables.b]\nfrom = "a"\n'
    assert ids(made(circle, 1)) == ["variables.circle"]


def test_an_input_that_stands_twice_is_asked_for() -> None:
    c = made('[variables.nlr]\nderive = "nlr"\n', 1, BLOOD, neutrophils=[9.0])
    assert ids(c) == ["variables.two-sources"]
    text = (
        '[tables.patients]\nunits = { neutrophils = "10^9/L" }\n'
        '[variables.nlr]\nderive = "nlr"\ninputs = { neutrophils = "neutrophils" }\n'
    )
    assert values(made(text, 1, BLOOD, neutrophils=[7.0]), "nlr") == [5.0]


def test_inputs_that_are_nowhere_are_named_with_what_to_write() -> None:
    c = made('[variables.nlr]\nderive = "nlr"\n', 1)
    assert ids(c) == ["variables.no-input"] * 2
    c = made('[variables.x]\nderive = "formula"\nformula = "wieght"\n', 1, weight=[1.0])
    assert ids(c) == ["variables.no-operand"]
    assert 'Did you mean "weight"?' in c.problems[0].todo
    c = made('[variables.x]\nderive = "formula"\nformula = "lab.crp"\n', 1)
    assert ids(c) == ["variables.no-lab"]


def test_each_patient_knows_the_values_behind_the_value() -> None:
    c = made('[variables.nlr]\nderive = "nlr"\n', 1, BLOOD)
    held = c.evidence.made_of["nlr"]["1"]
    assert held["neutrophils"] == Held(4200.0, "/uL", "ANC", "labs", "value", 2, START)
    assert held["lymphocytes"].row == 3


@pytest.mark.parametrize("n", [1, 5])
def test_all_missing_and_all_equal(n: int) -> None:
    text = '[variables.r]\nderive = "ratio"\nof = ["a", "b"]\n'
    c = made(text, n, a=[None] * n, b=[1.0] * n)
    assert values(c, "r") == [None] * n
    c = made(text, n, a=[2.0] * n, b=[1.0] * n)
    assert values(c, "r") == [2.0] * n


NUMBERS = st.floats(-1e3, 1e3, allow_nan=False).map(lambda v: round(v, 3))


@given(NUMBERS, NUMBERS, NUMBERS)
def test_arithmetic_is_that_of_the_numbers(a: float, b: float, c: float) -> None:
    held = {Operand(k): Held(v) for k, v in (("a", a), ("b", b), ("c", c))}
    got = number(parse("a + b * c - (a - b) * 2 - -c ^ 2"), held, "")
    assert got == pytest.approx(a + b * c - (a - b) * 2 + c**2, rel=1e-12, abs=1e-9)


@given(st.sampled_from([True, False, None]), st.sampled_from([True, False, None]))
def test_and_is_the_dual_of_or(p: bool | None, q: bool | None) -> None:
    held = {
        Operand(name): Held(None if v is None else float(v)) for name, v in (("p", p), ("q", q))
    }
    one = truth(parse("not (p = 1 and q = 1)", condition=True), held)
    two = truth(parse("not p = 1 or not q = 1", condition=True), held)
    assert one is two
