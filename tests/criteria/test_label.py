"""Labels: levels and rules of each era; the audit list on small dated tables."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from oncohort.criteria import ctcae, label
from oncohort.vocabulary.versions import DRUG_LABELS

PATIENTS = pl.DataFrame(
    {
        "patient": ["a"],
        "treatment_start": [date(2014, 1, 1)],
        "treatment_end": [date(2014, 12, 31)],
    }
)


def _events(*rows: tuple[Any, ...]) -> pl.DataFrame:
    schema = {
        "term": pl.String, "grade": pl.Int64, "start": pl.Date, "end": pl.Date,
        "action": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(patient=pl.lit("a"))


def _doses(*rows: tuple[Any, ...]) -> pl.DataFrame:
    schema = {"start": pl.Date, "end": pl.Date, "amount": pl.Float64, "times_per_day": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        patient=pl.lit("a"), drug=pl.lit("sorafenib"), unit=pl.lit("mg")
    )


def test_levels_of_both_sorafenib_eras_and_of_sunitinib() -> None:
    old, new = label.label("sorafenib_2005"), label.label("sorafenib_current")
    assert [level.daily for level in old.levels] == [800, 400, 200]
    assert [level.daily for level in new.levels] == [800, 400, 200]
    assert old.levels[2].text != new.levels[2].text
    sunitinib = label.label("sunitinib_current")
    assert (sunitinib.plan.daily, sunitinib.plan.days_on, sunitinib.plan.days_off) == (50, 28, 14)


@pytest.mark.parametrize("name", DRUG_LABELS)
def test_every_rule_names_a_known_event_and_a_known_demand(name: str) -> None:
    from oncohort.criteria.ctcae.terms import _concepts

    for rule in label.label(name).rules:
        assert rule.events <= set(_concepts())
        assert rule.events or rule.terms
        assert rule.asks.removeprefix("consider ") in ("continue", "interrupt and reduce", "stop")


def test_skin_grade_2_by_occurrence() -> None:
    rows = [("HFS", 2, date(2014, m, 1), date(2014, m, 5), "none") for m in (2, 3, 4, 5)]
    found = label.audit(_events(*rows), PATIENTS, name="sorafenib_2005", version="3.0")
    assert found.select("occurrence", "asks").rows() == [
        (1, "continue"),
        (2, "interrupt and reduce"),
        (3, "interrupt and reduce"),
        (4, "stop"),
    ]
    assert found["agrees"].to_list() == [True, False, False, False]


def test_skin_grade_2_that_does_not_get_better_in_a_week() -> None:
    rows = [("HFS", 2, date(2014, 2, 1), date(2014, 2, 8), "none"),
            ("rash", 3, date(2014, 3, 1), None, None)]  # fmt: skip
    found = label.audit(_events(rows[0]), PATIENTS, name="sorafenib_2005", version="3.0")
    assert found["asks"].to_list() == ["continue"]
    longer = [("HFS", 2, date(2014, 2, 1), date(2014, 2, 9), "interrupted and reduced")]
    found = label.audit(_events(*longer), PATIENTS, name="sorafenib_2005", version="3.0")
    assert found.select("asks", "agrees").row(0) == ("interrupt and reduce", True)
    unknown = label.audit(
        _events(("HFS", 2, date(2014, 2, 1), None, None)),
        PATIENTS, name="sorafenib_2005", version="3.0",
    )  # fmt: skip
    assert "is not known" in unknown["note"][0] and unknown["agrees"].to_list() == [None]


def test_grade_3_of_skin_third_time_is_a_stop() -> None:
    rows = [("HFS", 3, date(2014, m, 1), date(2014, m, 20), "reduced, interrupted") for m in (2, 4)]
    rows.append(("HFS", 3, date(2014, 6, 1), None, "discontinued"))
    found = label.audit(_events(*rows), PATIENTS, name="sorafenib_2005", version="3.0")
    assert found["asks"].to_list() == ["interrupt and reduce"] * 2 + ["stop"]
    assert found["agrees"].to_list() == [True, True, True]


def test_a_grade_counts_once_per_episode_and_each_event_by_itself() -> None:
    rows = [
        ("HFS", 2, date(2014, 2, 1), date(2014, 2, 5), "none"),
        ("HFS", 3, date(2014, 2, 6), date(2014, 2, 10), "interrupted, reduced"),
        ("HFS", 2, date(2014, 2, 11), date(2014, 2, 15), "none"),
        ("rash", 2, date(2014, 3, 1), date(2014, 3, 3), "none"),
        ("HFS", 2, date(2014, 5, 1), date(2014, 5, 3), "none"),
        ("HFS", 2, date(2014, 7, 1), None, "none"),
        ("HFS", 2, date(2014, 8, 1), date(2014, 8, 3), "none"),
    ]
    found = label.audit(_events(*rows), PATIENTS, name="sorafenib_2005", version="3.0")
    assert found["occurrence"].to_list() == [1, 1, 1, 1, 2, 3, 3]


@pytest.mark.parametrize(
    ("name", "grade", "asks"),
    [
        ("sorafenib_2005", 3, "consider stop"),
        ("sorafenib_current", 2, "consider interrupt and reduce"),
        ("sorafenib_current", 3, "interrupt and reduce"),
        ("sorafenib_current", 4, "stop"),
    ],
)
def test_hypertension_by_era(name: str, grade: int, asks: str) -> None:
    events = _events(("hypertension", grade, date(2014, 2, 1), None, "none"))
    found = label.audit(events, PATIENTS, name=name, version="3.0")
    assert found["asks"].to_list() == [asks]
    expected = None if asks.startswith("consider") else False
    assert found["agrees"].to_list() == [expected]


def test_dose_record_shows_what_the_chart_does_not_say() -> None:
    events = _events(("HFS", 3, date(2014, 2, 1), date(2014, 2, 20), None))
    doses = _doses(
        (date(2014, 1, 1), date(2014, 2, 2), 400, 2),
        (date(2014, 2, 21), date(2014, 12, 31), 400, 1),
    )
    found = label.audit(events, PATIENTS, doses, name="sorafenib_2005", version="3.0")
    assert found.select("charted", "recorded", "agrees").row(0) == (
        None,
        "interruption, reduction",
        True,
    )
    unchanged = _doses((date(2014, 1, 1), date(2014, 12, 31), 400, 2))
    found = label.audit(events, PATIENTS, unchanged, name="sorafenib_2005", version="3.0")
    assert found.select("recorded", "agrees").row(0) == ("none", False)


def test_events_without_a_rule_are_left_out_and_advice_is_not_given() -> None:
    events = _events(("alopecia", 2, date(2014, 2, 1), None, "none"))
    assert label.audit(events, PATIENTS, name="sorafenib_2005", version="3.0").is_empty()
    assert "not treatment advice" in label.NOTICE


def test_unknown_label() -> None:
    with pytest.raises(label.LabelError, match="sorafenib_2005"):
        label.label("aspirin")


# ---- course of events ---------------------------------------------------------------------------


def test_touching_rows_are_one_episode_and_a_gap_is_a_recurrence() -> None:
    events = _events(
        ("rash", 1, date(2014, 1, 11), date(2014, 1, 20), None),
        ("rash", 2, date(2014, 1, 21), date(2014, 1, 31), "interrupted"),
        ("rash", 1, date(2014, 3, 1), date(2014, 3, 10), None),
    )
    row = ctcae.course(events, PATIENTS, version="3.0").table.row(0, named=True)
    assert (row["episodes"], row["recurrences"], row["onset_days"]) == (2, 1, 10)
    assert (row["worst_grade"], row["days_to_worst"]) == (2, 20)
    assert (row["recovered"], row["recovery_days"], row["longest_days"]) == (True, 20, 20)
    assert (row["interruption"], row["reduction"]) == (True, False)


def test_an_event_that_goes_on_has_no_recovery() -> None:
    events = _events(("rash", 2, date(2014, 2, 1), None, None))
    row = ctcae.course(events, PATIENTS, version="3.0").table.row(0, named=True)
    assert (row["recovered"], row["recovery_days"], row["episodes"]) == (False, None, 1)


def test_an_action_that_is_not_understood_is_a_question() -> None:
    events = _events(("rash", 2, date(2014, 2, 1), None, "code 7"))
    done = ctcae.course(events, PATIENTS, version="3.0")
    assert [p.id for p in done.problems] == ["ctcae.action-not-understood"]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("dose reduced", {"reduction"}),
        ("Dose not changed", set()),
        ("drug withdrawn", {"stop"}),
        ("drug interrupted", {"interruption"}),
        ("withheld", {"interruption"}),
        ("permanently discontinued", {"stop"}),
        ("temporarily discontinued", {"interruption"}),
        (None, set()),
    ],
)
def test_consequences(action: str | None, expected: set[str]) -> None:
    assert ctcae.consequences(action, None, 2) == expected


def test_grade_5_and_fatal_outcome_are_deaths() -> None:
    assert ctcae.consequences(None, None, 5) == {"death"}
    assert ctcae.consequences(None, "Fatal", None) == {"death"}
