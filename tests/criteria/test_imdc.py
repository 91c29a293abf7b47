"""IMDC: factors at their limits, missing factors, partial dates, charted against derived."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.criteria import imdc

FULL: dict[str, Any] = {
    "kps": 80,
    "hemoglobin": 13.5,
    "hemoglobin_lower": 13.5,
    "corrected_calcium": 10.2,
    "calcium_upper": 10.2,
    "neutrophils": 7.0,
    "neutrophils_upper": 7.0,
    "platelets": 350.0,
    "platelets_upper": 350.0,
    "diagnosis": date(2012, 2, 29),
    "first_systemic": date(2013, 2, 28),
}


def test_every_value_at_its_limit_is_favorable() -> None:
    found = imdc.score(**FULL)
    assert (found.low, found.high, found.group) == (0, 0, "favorable")


@pytest.mark.parametrize(
    ("change", "factor"),
    [
        ({"kps": 70}, "kps"),
        ({"hemoglobin": 13.4}, "hemoglobin"),
        ({"corrected_calcium": 10.3}, "calcium"),
        ({"neutrophils": 7.01}, "neutrophils"),
        ({"platelets": 351}, "platelets"),
        ({"first_systemic": date(2013, 2, 27)}, "time"),
    ],
)
def test_each_factor_just_beyond_its_limit(change: dict[str, Any], factor: str) -> None:
    found = imdc.score(**(FULL | change))
    assert [f.name for f in found.factors if f.present] == [factor]
    assert found.group == "intermediate"


@pytest.mark.parametrize(
    ("present", "group"),
    [(0, "favorable"), (1, "intermediate"), (2, "intermediate"), (3, "poor"), (6, "poor")],
)
def test_groups_by_number_of_factors(present: int, group: str) -> None:
    worse = [
        {"kps": 50},
        {"hemoglobin": 9},
        {"corrected_calcium": 12},
        {"neutrophils": 12},
        {"platelets": 500},
        {"first_systemic": date(2012, 6, 1)},
    ]
    values = dict(FULL)
    for change in worse[:present]:
        values |= change
    assert imdc.score(**values).group == group


def test_missing_is_not_absent() -> None:
    found = imdc.score(**(FULL | {"platelets": None}))
    assert (found.low, found.high, found.group, found.missing) == (0, 1, None, ("platelets",))


def test_bounds_in_one_group_give_the_group() -> None:
    assert imdc.score(**(FULL | {"kps": 60, "platelets": None})).group == "intermediate"


def test_ecog_needs_a_named_map() -> None:
    ecog = FULL | {"kps": None, "ecog": 1}
    assert imdc.score(**ecog).group is None
    assert imdc.score(**ecog, ecog_map="conventional").group is None
    assert imdc.score(**ecog, ecog_map="ma2010").group == "favorable"
    assert imdc.score(**(ecog | {"ecog": 2}), ecog_map="conventional").low == 1
    # where all published maps agree, none needs to be named
    assert imdc.score(**(ecog | {"ecog": 2})).low == 1
    assert imdc.score(**(ecog | {"ecog": 0})).group == "favorable"


def test_cohort_says_where_ecog_stood_in_and_where_it_could_not() -> None:
    patients = _patients(kps=[None, None], ecog=[1, 2])
    done = imdc.assess(patients, _labs())
    assert done.table.sort("patient")["imdc_kps"].to_list() == [None, True]
    said = {p.id: p.severity.value for p in done.problems if p.id.startswith("performance")}
    assert said == {
        "performance.from-ecog": "note",
        "performance.ecog-without-map": "question",
    }
    mapped = imdc.assess(patients, _labs(), ecog_map="ma2010")
    assert mapped.table.sort("patient")["imdc_kps"].to_list() == [False, True]


def _patients(**columns: Any) -> pl.DataFrame:
    base: dict[str, Any] = {
        "patient": ["a", "b"],
        "sex": ["male", "female"],
        "kps": [90.0, 70.0],
        "treatment_start": [date(2014, 3, 1)] * 2,
        "diagnosis_date": [date(2010, 1, 1), date(2013, 1, 1)],
        "first_systemic_date": [date(2013, 1, 1), date(2013, 6, 1)],
        "imdc": ["favorable", "poor"],
        "source_row": [2, 3],
    }
    return pl.DataFrame(base | columns)


def _labs() -> pl.DataFrame:
    """Patient a: all normal. Patient b: low hemoglobin, calcium high only after correction."""
    rows = [
        ("a", date(2014, 1, 1), "Hb", 9.0, "g/dL", 13.5, 17.0),  # too early: not the baseline
        ("a", date(2014, 2, 20), "Hb", 14.0, "g/dL", 13.5, 17.0),
        ("a", date(2014, 3, 2), "Hb", 9.0, "g/dL", 13.5, 17.0),  # after the start
        ("a", date(2014, 2, 20), "neutrophils", 4000.0, "/mm3", 2000.0, 7000.0),
        ("a", date(2014, 2, 20), "PLT", 21.5, "10^4/uL", 15.0, 35.0),
        ("a", date(2014, 2, 20), "Ca", 9.6, "mg/dL", 8.6, 10.2),
        ("a", date(2014, 2, 20), "Alb", 4.0, "g/dL", 3.8, 5.3),
        ("b", date(2014, 3, 1), "HGB", 112.0, "g/L", 115.0, 150.0),
        ("b", date(2014, 3, 1), "ANC", 4.0, "x10^9/L", 2.0, 7.0),
        ("b", date(2014, 3, 1), "platelets", 200.0, "10^9/L", 150.0, 350.0),
        ("b", date(2014, 3, 1), "Ca", 2.45, "mmol/L", 2.15, 2.55),
        ("b", date(2014, 3, 1), "albumin", 28.0, "g/L", 38.0, 53.0),
    ]
    names = ["patient", "date", "test", "value", "unit", "lower_limit", "upper_limit"]
    return pl.DataFrame(rows, schema=names, orient="row").with_row_index("source_row", 2)


def test_cohort_from_labs_units_and_dates() -> None:
    done = imdc.assess(_patients(), _labs())
    a, b = done.table.sort("patient").iter_rows(named=True)
    assert (a["imdc_low"], a["imdc_group"], a["imdc_agrees"]) == (0, "favorable", True)
    assert [f for f in imdc.FACTORS if b[f"imdc_{f}"]] == ["kps", "hemoglobin", "calcium", "time"]
    assert b["imdc_group"] == "poor" and not done.problems
    calcium = done.evidence.filter(patient="b", factor="calcium").row(0, named=True)
    assert calcium["source_row"] == 12 and "above the upper limit" in calcium["reason"]


def test_scalar_and_cohort_agree() -> None:
    done = imdc.assess(_patients(), _labs()).table.sort("patient").row(1, named=True)
    one = imdc.score(
        kps=70,
        hemoglobin=11.2,
        hemoglobin_lower=11.5,
        corrected_calcium=2.45 + 0.02 * 12,
        calcium_upper=2.55,
        neutrophils=4,
        neutrophils_upper=7,
        platelets=200,
        platelets_upper=350,
        diagnosis=date(2013, 1, 1),
        first_systemic=date(2013, 6, 1),
    )
    assert (one.low, one.group) == (done["imdc_low"], done["imdc_group"])


def test_a_value_without_a_unit_is_a_question_and_the_factor_unknown() -> None:
    labs = _labs().with_columns(
        pl.when(pl.col("test") == "Hb").then(None).otherwise(pl.col("unit")).alias("unit")
    )
    done = imdc.assess(_patients(), labs)
    assert done.table.sort("patient")["imdc_missing"].to_list()[0] == ["hemoglobin"]
    assert {p.id for p in done.problems} == {"units.missing", "imdc.indeterminate"}


def test_declared_limits_fill_in_by_sex() -> None:
    labs = _labs().with_columns(
        pl.when(pl.col("test").is_in(["Hb", "HGB"]))
        .then(None)
        .otherwise(pl.col("lower_limit"))
        .alias("lower_limit")
    )
    limits = [
        imdc.Limit("Hb", "g/dL", lower=13.5, sex="male"),
        imdc.Limit("Hb", "g/L", lower=110, sex="female"),
    ]
    done = imdc.assess(_patients(), labs, limits=limits).table.sort("patient")
    assert done["imdc_hemoglobin"].to_list() == [False, False]


def test_same_limit_for_both_sexes_is_said() -> None:
    labs = _labs().with_columns(
        pl.when(pl.col("test") == "HGB").then(135.0).otherwise("lower_limit").alias("lower_limit")
    )
    ids = [p.id for p in imdc.assess(_patients(), labs).problems]
    assert "risk.hemoglobin-limit-not-by-sex" in ids


def test_charted_group_that_differs_names_the_patient() -> None:
    done = imdc.assess(_patients(imdc=["favorable", "intermediate"]), _labs())
    assert [(p.id, p.patient) for p in done.problems] == [("imdc.charted-differs", "b")]


def test_partial_dates_leave_the_time_factor_open_only_where_it_matters() -> None:
    patients = _patients(
        diagnosis_date=[date(2012, 1, 1), date(2013, 1, 1)],
        diagnosis_date_precision=["month", "year"],
        first_systemic_date=[date(2013, 1, 15), date(2013, 6, 1)],
    )
    table = imdc.assess(patients, _labs()).table.sort("patient")
    assert table["imdc_time"].to_list() == [None, True]


def test_systemic_before_diagnosis_is_a_problem() -> None:
    patients = _patients(first_systemic_date=[date(2009, 1, 1), date(2013, 6, 1)])
    done = imdc.assess(patients, _labs())
    assert done.table.sort("patient")["imdc_time"].to_list() == [None, True]
    assert "dates.systemic-before-diagnosis" in {p.id for p in done.problems}


def test_dated_performance_wins_over_the_column() -> None:
    performance = pl.DataFrame(
        {
            "patient": ["a", "a"],
            "date": [date(2014, 2, 10), date(2014, 4, 1)],
            "scale": ["Karnofsky", "Karnofsky"],
            "value": [60.0, 90.0],
        }
    )
    table = imdc.assess(_patients(), _labs(), performance).table.sort("patient")
    assert table["imdc_kps"].to_list() == [True, True]


def test_without_labs_nothing_is_guessed() -> None:
    table = imdc.assess(_patients()).table.sort("patient")
    assert table["imdc_group"].to_list() == [None, None]
    assert table["imdc_high"].to_list() == [4, 6]


def test_patients_whose_group_hangs_on_the_time_factor_are_named() -> None:
    patients = _patients(first_systemic_date=[date(2010, 6, 1), date(2013, 6, 1)])
    done = imdc.assess(patients, _labs())
    changed = imdc.time_sensitivity(patients, done.table)
    assert changed.rows() == [("a", "intermediate", "favorable")]


def test_first_systemic_therapy_from_the_record_of_therapies() -> None:
    patients = _patients(first_systemic_date=[None, date(2013, 6, 1)]).with_columns(
        pl.col("first_systemic_date").cast(pl.Date)
    )
    therapies = pl.DataFrame(
        {
            "patient": ["a", "a", "b"],
            "line": [1, 2, 1],
            "start": [date(2010, 6, 1), date(2014, 3, 1), date(2013, 2, 1)],
        }
    )
    assert imdc.assess(patients, _labs()).table.sort("patient")["imdc_time"][0] is None
    done = imdc.assess(patients, _labs(), therapies=therapies)
    assert done.table.sort("patient")["imdc_time"].to_list() == [True, True]
    said = [(p.id, p.patient) for p in done.problems if p.id.startswith("dates")]
    assert said == [("dates.therapy-before-first-systemic", "b")]


def test_values_without_a_date_or_with_half_a_date_are_said() -> None:
    labs = _labs().with_columns(
        pl.when(pl.col("test") == "HGB").then(None).otherwise(pl.col("date")).alias("date"),
        pl.when(pl.col("test") == "PLT")
        .then(pl.lit("month"))
        .otherwise(pl.lit("day"))
        .alias("date_precision"),
    )
    done = imdc.assess(_patients(), labs)
    assert {"labs.without-date", "labs.partial-date"} <= {p.id for p in done.problems}
    assert done.table.sort("patient")["imdc_hemoglobin"].to_list() == [False, None]


def test_a_declared_limit_for_an_unknown_test_is_refused() -> None:
    from oncohort.records.units import UnitError

    with pytest.raises(UnitError, match="unheard of"):
        imdc.assess(_patients(), _labs(), limits=[imdc.Limit("unheard of", "g/dL", lower=1)])


def test_charted_corrected_calcium_is_used_where_albumin_is_missing() -> None:
    labs = _labs().filter(pl.col("test") != "albumin")
    assert imdc.assess(_patients(), labs).table.sort("patient")["imdc_calcium"][1] is None
    charted = labs.with_columns(
        pl.when(pl.col("unit") == "mmol/L")
        .then(pl.lit("corrected Ca"))
        .otherwise(pl.col("test"))
        .alias("test")
    )
    done = imdc.assess(_patients(), charted)
    assert done.table.sort("patient")["imdc_calcium"].to_list() == [False, False]


maybe = st.none() | st.floats(1, 600).map(lambda x: round(x, 1))
dates = st.none() | st.dates(date(2008, 1, 1), date(2014, 3, 1))


@settings(deadline=None, max_examples=60)
@given(
    kps=st.none() | st.sampled_from([50, 70, 80, 100]),
    ecog=st.none() | st.integers(0, 4),
    mapping=st.sampled_from([None, "conventional", "ma2010", "prasad2018"]),
    values=st.fixed_dictionaries(dict.fromkeys(("Hb", "ANC", "PLT", "corrected calcium"), maybe)),
    limits=st.fixed_dictionaries(dict.fromkeys(("Hb", "ANC", "PLT", "corrected calcium"), maybe)),
    diagnosis=dates,
    systemic=dates,
)
def test_one_patient_and_a_cohort_give_the_same_score(
    kps: int | None,
    ecog: int | None,
    mapping: Any,
    values: dict[str, float | None],
    limits: dict[str, float | None],
    diagnosis: date | None,
    systemic: date | None,
) -> None:
    one = imdc.score(
        kps=kps,
        ecog=ecog,
        ecog_map=mapping,
        hemoglobin=values["Hb"],
        hemoglobin_lower=limits["Hb"],
        corrected_calcium=values["corrected calcium"],
        calcium_upper=limits["corrected calcium"],
        neutrophils=values["ANC"],
        neutrophils_upper=limits["ANC"],
        platelets=values["PLT"],
        platelets_upper=limits["PLT"],
        diagnosis=diagnosis,
        first_systemic=systemic,
    )
    start = date(2014, 3, 1)
    patients = pl.DataFrame(
        {
            "patient": ["a"],
            "kps": [kps],
            "ecog": [ecog],
            "treatment_start": [start],
            "diagnosis_date": [diagnosis],
            "first_systemic_date": [systemic],
        },
        schema_overrides={
            "kps": pl.Float64,
            "ecog": pl.Float64,
            "diagnosis_date": pl.Date,
            "first_systemic_date": pl.Date,
        },
    )
    units = {"Hb": "g/dL", "ANC": "10^9/L", "PLT": "10^9/L", "corrected calcium": "mg/dL"}
    labs = pl.DataFrame(
        [("a", start, t, values[t], units[t], limits[t], limits[t]) for t in units],
        schema={
            "patient": pl.String,
            "date": pl.Date,
            "test": pl.String,
            "value": pl.Float64,
            "unit": pl.String,
            "lower_limit": pl.Float64,
            "upper_limit": pl.Float64,
        },
        orient="row",
    )
    row = imdc.assess(patients, labs, ecog_map=mapping).table.row(0, named=True)
    assert {f.name: f.present for f in one.factors} == {f: row[f"imdc_{f}"] for f in imdc.FACTORS}
    assert (one.low, one.high, one.group) == (row["imdc_low"], row["imdc_high"], row["imdc_group"])
    assert set(one.missing) == set(row["imdc_missing"])


def test_albumin_of_another_day_is_said() -> None:
    labs = pl.DataFrame(
        {
            "patient": ["a"] * 2,
            "date": [date(2014, 2, 25), date(2014, 2, 10)],
            "test": ["Ca", "albumin"],
            "value": [10.0, 3.0],
            "unit": ["mg/dL", "g/dL"],
            "upper_limit": [10.2, None],
        }
    )
    patients = pl.DataFrame({"patient": ["a"], "treatment_start": [date(2014, 3, 1)]})

    def calcium(labs: pl.DataFrame) -> str:
        evidence = imdc.assess(patients, labs).evidence
        return str(evidence.filter(pl.col("factor") == "calcium")["reason"].item())

    said = "corrected calcium 10.8 mg/dL on 2014-02-25 is above the upper limit 10.2"
    assert calcium(labs) == f"{said} (albumin of 2014-02-10)"
    assert calcium(labs.with_columns(date=pl.lit(date(2014, 2, 25)))) == said
