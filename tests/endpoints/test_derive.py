"""Endpoints from dated facts: small dated tables."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from oncohort import endpoints as ep
from oncohort.problems import Severity

START = date(2014, 1, 6)


def _patients(**columns: object) -> pl.DataFrame:
    """One patient, "1", treated from 2014-01-06."""
    data: dict[str, list[object]] = {"patient": ["1"], "treatment_start": [START]}
    data |= {k: [v] for k, v in columns.items()}
    return pl.DataFrame(data)


def _visits(*rows: tuple[date, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "patient": ["1"] * len(rows),
            "date": [d for d, _ in rows],
            "overall": [r for _, r in rows],
            "code": ["sum-grown" if r == "PD" else "sum-stable" for _, r in rows],
            "source_row": list(range(10, 10 + len(rows))),
        },
        schema_overrides={"date": pl.Date, "overall": pl.String, "code": pl.String},
    )


def _one(frame: pl.DataFrame) -> dict[str, object]:
    assert frame.height == 1
    return frame.row(0, named=True)


SD1, SD2, PD3 = (date(2014, 3, 3), "SD"), (date(2014, 5, 5), "SD"), (date(2014, 7, 7), "PD")
DEATH = date(2015, 1, 6)


def test_progression_is_the_event_with_its_row() -> None:
    f = ep.facts(_patients(death_date=DEATH), visits=_visits(SD1, SD2, PD3))
    row = _one(ep.derive(f, ep.PFS))
    assert (row["time"], row["event"], row["kind"]) == (182, True, "progression")
    assert ep.reason(row) == "event: growth of target lesions on 2014-07-07, `lesions` row 12"


def test_death_without_progression_is_the_event() -> None:
    f = ep.facts(_patients(death_date=DEATH), visits=_visits(SD1))
    assert _one(ep.derive(f, ep.PFS))["time"] == 365


def test_alive_without_progression_is_censored_at_the_last_evaluable_visit() -> None:
    late = (date(2014, 9, 1), "NE")
    f = ep.facts(_patients(last_contact=date(2015, 2, 1)), visits=_visits(SD1, SD2, late))
    row = _one(ep.derive(f, ep.PFS))
    assert (row["time"], row["event"]) == (119, False)
    assert ep.reason(row) == (
        "censored at the last evaluable assessment 2014-05-05, `lesions` row 11"
    )


def test_censoring_at_last_contact_where_declared() -> None:
    f = ep.facts(_patients(last_contact=date(2015, 2, 1)), visits=_visits(SD1))
    row = _one(ep.derive(f, ep.RULE_SETS["last_contact"].apply(ep.PFS)))
    assert (row["date"], row["event"]) == (date(2015, 2, 1), False)


def test_no_assessment_is_censored_on_day_zero() -> None:
    f = ep.facts(_patients(last_contact=date(2015, 2, 1)), visits=_visits())
    row = _one(ep.derive(f, ep.PFS))
    assert (row["time"], row["event"], row["reason"]) == (0, False, "no-assessment")


def test_new_therapy_censors_before_a_later_progression() -> None:
    therapies = pl.DataFrame(
        {"patient": ["1"], "start": [date(2014, 6, 1)], "drugs": ["sunitinib"]}
    )
    f = ep.facts(_patients(death_date=DEATH), visits=_visits(SD1, SD2, PD3), therapies=therapies)
    assert _one(ep.derive(f, ep.PFS))["event"] is True
    row = _one(ep.derive(f, ep.RULE_SETS["new_therapy"].apply(ep.PFS)))
    assert (row["event"], row["date"]) == (False, date(2014, 5, 5))
    assert "next therapy started 2014-06-01" in ep.reason(row)


def test_new_therapy_on_the_day_of_progression_does_not_censor() -> None:
    therapies = pl.DataFrame({"patient": ["1"], "start": [PD3[0]]})
    f = ep.facts(_patients(), visits=_visits(SD1, PD3), therapies=therapies)
    assert _one(ep.derive(f, ep.RULE_SETS["new_therapy"].apply(ep.PFS)))["event"] is True


def test_clinical_progression_and_toxicity_stop() -> None:
    stopped = _patients(
        treatment_end=date(2014, 6, 2), treatment_end_reason="progression", death_date=DEATH
    )
    f = ep.facts(stopped, visits=_visits(SD1, SD2))
    assert _one(ep.derive(f, ep.PFS))["date"] == DEATH
    row = _one(ep.derive(f, ep.RULE_SETS["clinical_progression"].apply(ep.PFS)))
    assert (row["date"], row["event"]) == (date(2014, 6, 2), True)
    toxic = stopped.with_columns(treatment_end_reason=pl.lit("toxicity"))
    f = ep.facts(toxic, visits=_visits(SD1, SD2))
    row = _one(ep.derive(f, ep.RULE_SETS["toxicity_stop"].apply(ep.PFS)))
    assert (row["date"], row["event"]) == (date(2014, 5, 5), False)


def test_an_event_after_two_missed_visits_is_set_aside() -> None:
    every8 = ep.MissedVisits(interval_days=56, tolerance_days=7)
    f = ep.facts(_patients(death_date=DEATH), visits=_visits(SD1, SD2))
    row = _one(ep.derive(f, ep.RULE_SETS["missed_visits"].apply(ep.PFS, every8)))
    assert (row["event"], row["date"], row["reason"]) == (False, date(2014, 5, 5), "missed-visits")
    f = ep.facts(_patients(), visits=_visits(SD1, SD2, PD3))
    assert _one(ep.derive(f, ep.RULE_SETS["missed_visits"].apply(ep.PFS, every8)))["event"] is True


def test_missed_visits_need_a_schedule() -> None:
    with pytest.raises(ValueError, match="schedule"):
        ep.RULE_SETS["missed_visits"].apply(ep.PFS)
    assert "missed_visits" not in ep.rule_sets_for(ep.PFS)


def test_overall_survival_and_the_cutoff() -> None:
    who = _patients(death_date=DEATH, last_contact=DEATH)
    assert _one(ep.derive(ep.facts(who), ep.OS))["time"] == 365
    row = _one(ep.derive(ep.facts(who, cutoff=date(2014, 12, 31)), ep.OS))
    assert (row["event"], row["date"]) == (False, date(2014, 12, 31))
    assert ep.reason(row).startswith("censored at the data cutoff 2014-12-31")


def test_no_follow_up_gives_no_time() -> None:
    row = _one(ep.derive(ep.facts(_patients()), ep.OS))
    assert (row["time"], row["reason"]) == (None, "no-follow-up")


def test_delayed_entry_from_diagnosis() -> None:
    who = _patients(diagnosis_date=date(2012, 1, 6), death_date=DEATH)
    rule = ep.EndpointRule(
        "os",
        "overall survival",
        origin="diagnosis_date",
        events=("death",),
        otherwise=("last_contact",),
        entry="treatment_start",
    )
    row = _one(ep.derive(ep.facts(who), rule))
    assert (row["time"], row["entry"]) == (1096, 731)


def test_the_interval_in_which_progression_lies() -> None:
    row = _one(ep.derive(ep.facts(_patients(), visits=_visits(SD1, SD2, PD3)), ep.PFS))
    assert (row["last_clear"], row["first_event"]) == (date(2014, 5, 5), date(2014, 7, 7))
    row = _one(ep.derive(ep.facts(_patients(death_date=DEATH), visits=_visits(SD1)), ep.PFS))
    assert row["last_clear"] == row["first_event"] == DEATH


def test_partial_death_date_is_imputed_flagged_and_bounded() -> None:
    who = _patients(death_date=date(2015, 1, 1), death_date_precision="month")
    f = ep.facts(who)
    row = _one(ep.derive(f, ep.OS))
    assert (row["date"], row["imputed"]) == (date(2015, 1, 15), True)
    assert _one(ep.derive(f, ep.OS, case="shortest"))["date"] == date(2015, 1, 1)
    assert _one(ep.derive(f, ep.OS, case="longest"))["date"] == date(2015, 1, 31)


def test_partial_death_is_not_put_before_the_last_sign_of_life() -> None:
    who = _patients(
        death_date=date(2015, 1, 1),
        death_date_precision="month",
        last_contact=date(2015, 1, 20),
    )
    assert _one(ep.derive(ep.facts(who), ep.OS))["date"] == date(2015, 1, 20)


def test_reduced_cohort() -> None:
    who = pl.DataFrame(
        {
            "patient": ["1", "2", "3"],
            "m": [2.0, None, -1.0],
            "e": [1, 0, 1],
            "source_row": [2, 3, 4],
        }
    )
    out, problems = ep.reduced(who, key="pfs", time="m", event="e", event_value=1)
    assert out["time"].to_list() == [60.875, None, None]
    assert [(p.id, p.place.row) for p in problems] == [
        ("endpoints.no-time", 3),
        ("endpoints.negative-time", 4),
    ]
    out, problems = ep.reduced(who, key="pfs", time="m", event="e", event_value="dead")
    assert problems[0].severity is Severity.ERROR
    assert problems[0].blocks == ("survival.pfs",)


def test_cohort_table() -> None:
    who = _patients(death_date=DEATH)
    f = ep.facts(who, visits=_visits(SD1, PD3))
    table = ep.cohort_table(who, {"pfs": ep.derive(f, ep.PFS), "os": ep.derive(f, ep.OS)})
    assert table.columns[:6] == [
        "patient",
        "pfs_time",
        "pfs_event",
        "pfs_date",
        "pfs_reason",
        "pfs_source",
    ]
    assert table.row(0, named=True)["pfs_source"] == "lesions:11"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ([True, False], True), ([True, False], 1), (["TRUE", "FALSE"], True), ([1.0, 0.0], "1"),
        (["1", "0"], 1), (["yes", "no"], "yes"), (["DECEASED", "LIVING"], "DECEASED"),
    ],
)  # fmt: skip
def test_event_values_as_charts_write_them(column: list[object], value: str | int | bool) -> None:
    who = pl.DataFrame({"patient": ["1", "2"], "t": [1.0, 2.0], "e": column})
    out, problems = ep.reduced(who, key="os", time="t", event="e", event_value=value, unit="days")
    assert out["event"].to_list() == [True, False]
    assert problems == []
