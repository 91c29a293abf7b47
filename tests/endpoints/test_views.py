"""Other endpoints and other views of them: small dated tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort import endpoints as ep
from oncohort.criteria import recist
from oncohort.problems import Severity

START = date(2014, 1, 6)
W8, W16, W24, W32 = date(2014, 3, 3), date(2014, 4, 28), date(2014, 6, 23), date(2014, 8, 18)
DEATH = date(2015, 1, 6)


def patients(**columns: object) -> pl.DataFrame:
    data: dict[str, list[object]] = {"patient": ["1"], "treatment_start": [START]}
    data |= {k: [v] for k, v in columns.items()}
    return pl.DataFrame(data | {"source_row": [2]})


def visits(*rows: tuple[date, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "patient": ["1"] * len(rows),
            "date": [d for d, _ in rows],
            "overall": [r for _, r in rows],
        },
        schema_overrides={"date": pl.Date, "overall": pl.String},
    ).with_row_index("source_row", 10)


def one(frame: pl.DataFrame) -> dict[str, object]:
    assert frame.height == 1
    return frame.row(0, named=True)


def test_time_to_progression_censors_deaths() -> None:
    f = ep.facts(patients(death_date=DEATH), visits=visits((W8, "SD"), (W16, "SD")))
    row = one(ep.derive(f, ep.TTP))
    assert (row["event"], row["date"], row["stop"]) == (False, W16, "death")


def test_treatment_failure_is_whatever_ends_treatment_first() -> None:
    who = patients(treatment_end=W16, treatment_end_reason="toxicity", death_date=DEATH)
    f = ep.facts(who, visits=visits((W8, "SD"), (W24, "PD")))
    assert one(ep.derive(f, ep.TTF))["date"] == W16
    assert one(ep.derive(f, ep.TIME_ON_TREATMENT))["time"] == (W16 - START).days
    row = one(ep.derive(f, ep.TTF))
    assert ep.reason(row) == ("event: treatment ended (toxicity) on 2014-04-28, `patients` row 2")


def test_time_on_treatment_of_a_patient_still_on_it() -> None:
    f = ep.facts(patients(last_contact=DEATH), visits=visits((W8, "SD")))
    row = one(ep.derive(f, ep.TIME_ON_TREATMENT))
    assert (row["event"], row["date"]) == (False, DEATH)


def test_time_to_next_treatment_and_progression_on_it() -> None:
    lines = pl.DataFrame(
        {
            "patient": ["1"] * 3, "start": [START, W24, DEATH],
            "end": [W16, W32, None], "stop_reason": ["progression", "progression", None],
            "drugs": ["sorafenib", "sunitinib", "everolimus"], "source_row": [2, 3, 4],
        }
    )  # fmt: skip
    f = ep.facts(
        patients(last_contact=DEATH), visits=visits((W8, "SD"), (W16, "PD")), therapies=lines
    )
    assert one(ep.derive(f, ep.TTNT))["date"] == W24
    row = one(ep.derive(f, ep.PFS2))
    assert (row["event"], row["date"], row["table"]) == (True, W32, "therapies")
    no_reason = lines.with_columns(stop_reason=pl.lit(None, dtype=pl.String))
    f = ep.facts(patients(last_contact=DEATH), visits=visits((W16, "PD")), therapies=no_reason)
    row = one(ep.derive(f, ep.PFS2))
    assert (row["event"], row["date"]) == (False, DEATH)
    assert ep.reason(row).startswith("censored when the therapy after the next one started 2015")


def test_progression_on_a_scan_during_the_next_therapy() -> None:
    lines = pl.DataFrame({"patient": ["1"], "start": [W24]})
    f = ep.facts(
        patients(last_contact=DEATH), visits=visits((W16, "PD"), (W32, "PD")), therapies=lines
    )
    assert one(ep.derive(f, ep.PFS2))["date"] == W32


def test_the_response_starts_when_first_met_also_where_it_became_complete_later() -> None:
    seen = visits((W8, "PR"), (W16, "CR"), (W32, "PD"))
    best = recist.best_response(seen, patients=patients())
    f = ep.facts(patients(), visits=seen, best=best)
    row = one(ep.derive(f, ep.DOR))
    assert (row["start"] - START).days == 56
    assert row["time"] == (W32 - W8).days


def test_duration_of_stable_disease_from_treatment_start() -> None:
    seen = visits((W8, "SD"), (W16, "PD"))
    best = recist.best_response(seen, patients=patients())
    f = ep.facts(patients(), visits=seen, best=best)
    assert one(ep.derive(f, ep.DOSD))["time"] == (W16 - START).days
    assert one(ep.derive(f, ep.DOR, patients=patients()))["time"] is None


def test_sensitivity_table() -> None:
    lines = pl.DataFrame({"patient": ["1"], "start": [W16]})
    f = ep.facts(
        patients(death_date=DEATH), visits=visits((W8, "SD"), (W24, "PD")), therapies=lines
    )
    sets = ep.rule_sets_for(ep.PFS, ep.MissedVisits(56, 14), names=["plain", "new_therapy"])
    table = ep.sensitivity({name: ep.derive(f, rule) for name, rule in sets.items()})
    assert table.rows() == [
        ("plain", "event", "progression", 1),
        ("new_therapy", "censored", "stopped: next_therapy", 1),
    ]


def test_the_rule_sets_that_can_be_offered() -> None:
    assert "missed_visits" in ep.rule_sets_for(ep.PFS, ep.MissedVisits(56, 14))
    assert "missed_visits" not in ep.rule_sets_for(ep.PFS)


def test_charted_progression() -> None:
    who = patients(progression_date=W16, death_date=DEATH)
    f = ep.facts(who, visits=visits((W8, "SD"), (W24, "PD")), progression="charted")
    assert one(ep.derive(f, ep.PFS))["date"] == W16
    f = ep.facts(who, visits=visits((W8, "SD"), (W24, "PD")))
    assert one(ep.derive(f, ep.PFS))["date"] == W24
    f = ep.facts(who, visits=visits((W8, "SD"), (W24, "PD")), progression="both")
    assert one(ep.derive(f, ep.PFS))["table"] == "patients"


def test_seen_after_last_contact() -> None:
    f = ep.facts(patients(death_date=W16, last_contact=W8), visits=visits((W24, "PD")))
    found = ep.seen_after_last_contact(f)
    assert [(p.id, p.severity, p.place.row) for p in found] == [
        ("endpoints.after-last-contact", Severity.WARNING, 2),
    ]
    month = patients(death_date=W16, death_date_precision="month", last_contact=date(2014, 4, 30))
    assert ep.seen_after_last_contact(ep.facts(month)) == []


def test_an_event_before_the_origin_gives_no_time() -> None:
    row = one(ep.derive(ep.facts(patients(death_date=date(2013, 1, 1))), ep.OS))
    assert (row["time"], row["reason"]) == (None, "before-origin")
    assert "before the clock starts" in ep.reason(row)


def test_immortal_time_is_refused_without_delayed_entry() -> None:
    who = patients(diagnosis_date=date(2012, 1, 6), death_date=DEATH)
    rule = replace(ep.OS, origin="diagnosis_date")
    (problem,) = ep.immortal_time(ep.facts(who), rule)
    assert problem.blocks == ("survival.os",)
    assert ep.immortal_time(ep.facts(who), replace(rule, entry="treatment_start")) == []
    assert ep.immortal_time(ep.facts(who), ep.OS) == []


def test_timeline() -> None:
    rows = pl.DataFrame(
        {
            "patient": ["1"] * 3, "lesion": ["T1"] * 3, "role": ["target"] * 3,
            "date": [START, W8, W16], "diameter_mm": [80.0, 51.6, 63.0], "source_row": [5, 6, 7],
        }
    )  # fmt: skip
    who = patients(death_date=DEATH)
    seen = recist.assess(rows, patients=who)
    best = recist.best_response(seen, patients=who)
    f = ep.facts(who, visits=seen, best=best)
    course = ep.timeline(
        "1", facts=f, visits=seen, best=best, endpoints={"pfs": ep.derive(f, ep.PFS)},
        labels={"pfs": "progression-free survival"},
    )  # fmt: skip
    assert [str(e) for e in course] == [
        "2014-01-06  treatment start (`patients` row 2)",
        "2014-01-06  baseline scan: 1 target lesion, sum 80 mm, 0 non-target",
        "2014-03-03  assessment: sum 51.6 mm is 36 % below the baseline of 80 mm: PR",
        "2014-03-03  best overall response: partial response on 2014-03-03: PR",
        "2014-04-28  assessment: sum 63 mm is 22 % and 11.4 mm above the nadir of 51.6 mm on "
        "2014-03-03: PD",
        "2014-04-28  progression-free survival: event: growth of target lesions on 2014-04-28, "
        "`lesions` row 7",
        "2015-01-06  death (`patients` row 2)",
    ]
    many = pl.concat([f.with_columns(patient=pl.lit(str(n))) for n in range(1, 200)])
    assert len(ep.timeline("1", facts=many)) == len(ep.timeline("1", facts=f)) == 2


dates = st.integers(1, 900)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(dates, st.sampled_from(["CR", "PR", "SD", "PD", "NE"])), max_size=6),
    st.one_of(st.none(), dates),
    dates,
    st.integers(-2000, 2000),
)
def test_shifting_all_dates_changes_nothing(
    course: list[tuple[int, str]], death: int | None, contact: int, shift: int
) -> None:
    def build(offset: int) -> dict[str, pl.DataFrame]:
        def day(n: int) -> date:
            return date.fromordinal(START.toordinal() + n + offset)

        who = pl.DataFrame(
            {
                "patient": ["1"], "treatment_start": [day(0)], "last_contact": [day(contact)],
                "death_date": [day(death) if death is not None else None],
            },
            schema_overrides={"death_date": pl.Date},
        )  # fmt: skip
        f = ep.facts(who, visits=visits(*[(day(n), r) for n, r in course]))
        return {
            name: ep.derive(f, rule).select("time", "event", "reason", "kind")
            for name, rule in {"os": ep.OS, **ep.rule_sets_for(ep.PFS)}.items()
        }

    one_, two = build(0), build(shift)
    assert all(one_[k].equals(two[k]) for k in one_)
    pfs, os = one_["plain"].row(0, named=True), one_["os"].row(0, named=True)
    if death is not None and pfs["event"]:
        assert pfs["time"] <= os["time"]
    # A rule that censors more never makes more events.
    assert one_["new_therapy"]["event"].sum() <= one_["plain"]["event"].sum()


def test_a_scan_before_treatment_judges_an_earlier_treatment() -> None:
    before = (date(2013, 12, 1), "PD")
    f = ep.facts(patients(), visits=visits(before, (W8, "SD")))
    row = one(ep.derive(f, ep.PFS))
    assert (row["event"], row["date"]) == (False, W8)


def test_a_later_origin_does_not_look_at_what_was_before_it() -> None:
    who = patients(second_line_start=W24, death_date=DEATH)
    rule = replace(ep.PFS, key="pfs_second", origin="second_line_start")
    f = ep.facts(who, visits=visits((W16, "PD"), (W32, "PD")))
    assert one(ep.derive(f, rule))["time"] == (W32 - W24).days


def test_a_progression_known_only_by_month_is_flagged_and_bounded() -> None:
    seen = visits((W8, "SD"), (date(2014, 5, 1), "PD")).with_columns(
        date_precision=pl.Series(["day", "month"])
    )
    f = ep.facts(patients(), visits=seen)
    row = one(ep.derive(f, ep.PFS))
    assert (row["date"], row["imputed"]) == (date(2014, 5, 15), True)
    assert ep.reason(row).endswith("(a date is known only by month or year)")
    row = one(ep.bounds(f, ep.PFS))
    days = [(d - START).days for d in (date(2014, 5, 1), date(2014, 5, 31))]
    assert [row["time_shortest"], row["time_longest"]] == days
