"""Adverse events by group, class, patient-year and time; laboratory values by worst grade."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from cohorts import START, cohort, patients, protocol
from pydantic import ValidationError

from oncohort import stats
from oncohort.analyses import labs, safety
from oncohort.analyses.result import Numbers
from oncohort.analyses.safety_onset import time_at_risk
from oncohort.problems import OncohortError

TEXT = """
[variables.arm]
levels = { a = "A", b = "B", c = "空" }
[safety]
criteria = "CTCAE 5.0"
window_days = 30
by = ["arm"]
test = "fisher"
grades = true
classes = true
per_patient_years = true
onset = ["any_event", "diarrhea"]
onset_at = [50, 400]
[safety.terms]
diarrhea = "Diarrhea"
nausea = "Nausea"
rash = "Rash maculo-papular"
"""


def events(*rows: tuple[str, str, int | None, int | None]) -> pl.DataFrame:
    """Patient, term, grade, days after the start of treatment."""
    return pl.DataFrame(
        {
            "patient": [r[0] for r in rows],
            "term": [r[1] for r in rows],
            "grade": [r[2] for r in rows],
            "start": [None if r[3] is None else START + timedelta(days=r[3]) for r in rows],
            "source_row": list(range(2, len(rows) + 2)),
        },
        schema_overrides={"start": pl.Date, "grade": pl.Int64},
    )


ROWS = (
    ("1", "Diarrhea", 3, 10),
    ("1", "Diarrhea", 1, 40),
    ("2", "Nausea", 2, 20),
    ("3", "Rash maculo-papular", None, 30),
    ("5", "Diarrhea", 2, 60),
    ("6", "Diarrhea", 4, None),
)


def numbers(*rows: tuple[str, str, int | None, int | None], text: str = TEXT) -> Numbers:
    frame = patients(
        8,
        arm=["a"] * 4 + ["b"] * 3 + [None],
        treatment_end=[START + timedelta(days=100)] * 7 + [None],
        days=[500, 500, 500, 110, 500, 500, 500, 300],
        dead=[False, False, False, True, False, False, False, False],
    )
    found = safety.analyse(*cohort(text, frame, adverse_events=events(*(rows or ROWS))))
    assert found is not None
    return Numbers([found])


def test_groups_are_counted_and_compared() -> None:
    n = numbers()
    assert n["safety.any_event.count[grade=any,group=a,variable=arm]"].value == 3
    assert n["safety.any_event.count[grade=ge3,group=b,variable=arm]"].value == 1
    assert n["safety.diarrhea.percent[grade=any,group=b,variable=arm]"].value == pytest.approx(
        200 / 3
    )
    assert n["safety.rash.count[grade=any,group=a,variable=arm]"].value == 1
    assert n["safety.rash.count[grade=1,group=a,variable=arm]"].value == 0
    assert n["safety.groups.missing[variable=arm]"].value == 1
    p = n["safety.diarrhea.p[grade=any,variable=arm]"]
    assert p.value == pytest.approx(stats.fisher_exact([[1, 2], [3, 1]]).p)
    d = n["safety.any_event.difference[grade=any,group=b,variable=arm]"]
    assert d.value == pytest.approx(100 * (2 / 3 - 3 / 4))
    assert n["safety.any_event.difference[grade=any,group=c,variable=arm]"].state != "ok"
    assert "safety.diarrhea.difference[grade=any,group=b,variable=arm]" not in n


def test_classes_are_those_of_ctcae() -> None:
    n = numbers()
    soc = {e.key["soc"]: e.value for e in n.of("safety", "class", "count", grade="any")}
    assert soc == {
        "gastrointestinal_disorders": 4,
        "skin_and_subcutaneous_tissue_disorders": 1,
    }
    layout = n.curves["safety.classes"].columns
    assert layout["term"] == ("diarrhea", "nausea", "rash")
    assert layout["label"][0] == "Gastrointestinal disorders"


def test_time_at_risk_ends_with_the_window_death_or_last_contact() -> None:
    frame = patients(
        4,
        treatment_end=[START + timedelta(days=100)] * 3 + [None],
        days=[500, 110, 120, 300],
        dead=[False, True, False, False],
    )
    p, c = cohort(TEXT.replace('by = ["arm"]\n', ""), frame, adverse_events=events(*ROWS[:1]))
    risk = time_at_risk(p, c)
    assert risk is not None
    assert risk.select("patient", "days", "ended").rows() == [
        ("1", 130.0, True),  # 30 days after the last dose
        ("2", 110.0, True),  # death
        ("3", 120.0, False),  # last contact within the window
        ("4", 300.0, False),  # still on treatment
    ]


def test_rates_count_the_time_to_the_first_event() -> None:
    n = numbers()
    rate = n["safety.diarrhea.rate"]
    # 1 at day 10, 5 at day 60; 6 has no date and is left out; 4 died at day 110, 8 goes on to 300
    days = 10 + 130 + 130 + 110 + 60 + 130 + 300
    assert rate.events == 2 and rate.n == 7
    assert rate.excluded == {"event without a date": 1}
    exact = stats.event_rate(2, days / 365.25)
    assert rate.value == pytest.approx(100 * exact.value)
    assert (rate.low, rate.high) == (
        pytest.approx(100 * exact.low),
        pytest.approx(100 * exact.high),
    )


def test_cumulative_incidence_has_death_and_the_end_of_treatment_as_competitors() -> None:
    n = numbers()
    assert n["safety.diarrhea.onset_median"].value == 35
    assert n["safety.diarrhea.incidence[time=50]"].value == pytest.approx(100 / 7)
    curve = stats.cumulative_incidence(
        [10, 130, 130, 110, 60, 130, 300], [1, 2, 2, 2, 1, 2, 0]
    ).curve(1)
    drawn = n.curves["safety.diarrhea.onset_curve"].columns
    assert drawn["incidence"][1:] == pytest.approx(tuple(curve.incidence))
    late = n["safety.diarrhea.incidence[time=400]"]
    assert (late.value, late.state) == (None, "not_estimable")


def test_nobody_with_an_event() -> None:
    n = numbers(("1", "Nausea", 1, 5))
    assert n["safety.diarrhea.rate"].value == 0
    assert n["safety.diarrhea.onset_median"].state == "not_estimable"
    assert "safety.diarrhea.onset_curve" not in n.curves
    assert n["safety.diarrhea.p[grade=any,variable=arm]"].state == "not_estimable"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('onset = ["any_event", "diarrhea"]\n', "", "onset_at without onset"),
        ('onset = ["any_event", "diarrhea"]', 'onset = ["diarrhoea"]', "none of the terms"),
        ('by = ["arm"]', 'by = ["arms"]', "no variable"),
    ],
)
def test_what_points_nowhere_is_refused(old: str, new: str, why: str) -> None:
    with pytest.raises((OncohortError, ValidationError), match=why):
        protocol(TEXT.replace(old, new))


def values(*rows: tuple[str, int, float, str | None]) -> pl.DataFrame:
    """Patient, day, haemoglobin in g/dL."""
    return pl.DataFrame(
        {
            "patient": [r[0] for r in rows],
            "date": [START + timedelta(days=r[1]) for r in rows],
            "test": ["Hemoglobin"] * len(rows),
            "value": [r[2] for r in rows],
            "unit": [r[3] for r in rows],
            "lower_limit": [12.0] * len(rows),
            "upper_limit": [17.0] * len(rows),
            "source_row": list(range(2, len(rows) + 2)),
        }
    )


def test_laboratory_values_by_worst_grade_and_shift() -> None:
    frame = patients(4, treatment_end=[START + timedelta(days=50)] * 4)
    table = values(
        ("1", -3, 13.0, "g/dL"), ("1", 20, 9.0, "g/dL"), ("1", 30, 11.0, "g/dL"),
        ("2", -3, 11.0, "g/dL"), ("2", 20, 7.5, "g/dL"), ("2", 90, 5.0, "g/dL"),
        ("3", 20, 13.0, "g/dL"), ("4", 20, 9.0, None),
    )  # fmt: skip
    text = "[safety]\ncriteria = 'CTCAE 5.0'\nlabs = true\nwindow_days = 30\n"
    found = labs.analyse(*cohort(text, frame, labs=table))
    assert found is not None
    n = Numbers([found])
    assert n["labs.anemia.measured"].value == 3
    assert n["labs.anemia.percent[grade=any]"].excluded == {"no value could be graded": 1}
    assert n["labs.anemia.count[grade=2]"].value == 1
    assert n["labs.anemia.count[grade=ge3]"].value == 1  # day 90 is after the window
    assert n["labs.anemia.shift[baseline=0,worst=2]"].value == 1
    assert n["labs.anemia.shift[baseline=1,worst=3]"].value == 1
    assert n["labs.anemia.shift[baseline=unknown,worst=0]"].value == 1
    assert n["labs.anemia.worsened.count"].value == 2
    whole = sum(e.value or 0 for e in n.of("labs", "anemia", "shift"))
    assert whole == n["labs.anemia.measured"].value
    assert any("could not be graded" in p.what for p in found.problems)


def test_without_values_or_without_asking_there_is_nothing() -> None:
    frame: Any = patients(2)
    asked = "[safety]\ncriteria = 'CTCAE 5.0'\nlabs = true\n"
    assert labs.analyse(*cohort(asked, frame)) is None
    table = values(("1", 5, 9.0, "g/dL"))
    assert labs.analyse(*cohort("[safety]\n", frame, labs=table)) is None
