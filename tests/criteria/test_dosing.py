"""Exposure: small dated tables of one patient each, with the sums worked by hand."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.criteria import dosing
from oncohort.criteria.dosing.summary import unplanned_breaks

SORAFENIB = {"sorafenib": dosing.Plan(400, times_per_day=2, levels=(800, 400, 200))}
SUNITINIB = {"sunitinib": dosing.Plan(50, days_on=28, days_off=14, levels=(50, 37.5, 25))}
ONE = pl.DataFrame({"patient": ["a"], "treatment_end": [date(2014, 3, 31)]})

SCHEMA = {
    "patient": pl.String,
    "drug": pl.String,
    "start": pl.Date,
    "end": pl.Date,
    "amount": pl.Float64,
    "unit": pl.String,
    "times_per_day": pl.Float64,
    "reason": pl.String,
}


def _doses(
    *rows: tuple[Any, ...], drug: str = "Sorafenib", unit: str | None = "mg"
) -> pl.DataFrame:
    """Rows of (start, end, amount, times per day, reason)."""
    made = [("a", drug, s, e, float(a), unit, t, *(r or [None])) for s, e, a, t, *r in rows]
    return pl.DataFrame(made, schema=SCHEMA, orient="row").with_row_index("source_row", 2)


def _row(
    doses: pl.DataFrame, plan: Any = SORAFENIB, patients: pl.DataFrame = ONE
) -> dict[str, Any]:
    return dosing.exposure(doses, patients, plan).table.row(0, named=True)


def test_full_dose_start_to_stop_is_100() -> None:
    row = _row(_doses((date(2014, 1, 1), date(2014, 1, 30), 400, 2)))
    assert (row["cumulative_mg"], row["days"], row["duration_days"]) == (24000, 30, 29)
    assert (row["mean_daily_mg"], row["rdi"], row["rdi_window"]) == (800, 100, 100)
    assert (row["reductions"], row["interruptions"], row["lowest_level"]) == (0, 0, 0)


def test_every_other_day_is_25_percent() -> None:
    row = _row(_doses((date(2014, 1, 1), date(2014, 1, 30), 400, 0.5)))
    assert (row["rdi"], row["mean_daily_mg"], row["started_reduced"]) == (25, 200, True)
    assert (row["reduced"], row["lowest_level"]) == (False, 2)


def test_interruption_reduction_and_escalation() -> None:
    doses = _doses(
        (date(2014, 1, 1), date(2014, 1, 10), 400, 2),
        (date(2014, 1, 11), date(2014, 1, 20), 0, None, "hand-foot"),
        (date(2014, 1, 21), date(2014, 1, 30), 400, 1, "hand-foot"),
        (date(2014, 1, 31), date(2014, 2, 9), 400, 2),
    )
    row = _row(doses)
    assert row["cumulative_mg"] == 8000 + 4000 + 8000
    assert (row["days"], row["days_with_drug"], row["rdi"]) == (40, 30, 62.5)
    assert (row["interruptions"], row["interruption_days"]) == (1, 10)
    assert (row["days_to_interruption"], row["days_to_reduction"]) == (10, 20)
    assert (row["reductions"], row["escalations"]) == (1, 1)
    assert (row["first_reduction_reason"], row["lowest_daily_mg"]) == ("hand-foot", 400)
    assert row["rdi_window"] == 100 * 12000 / 24000


def test_a_gap_between_rows_is_dose_0() -> None:
    doses = _doses(
        (date(2014, 1, 1), date(2014, 1, 10), 400, 2),
        (date(2014, 1, 16), date(2014, 1, 20), 400, 2),
    )
    row = _row(doses)
    assert (row["interruptions"], row["interruption_days"], row["rdi"]) == (1, 5, 75)


def test_days_after_stop_count_in_the_window_and_not_from_start_to_stop() -> None:
    row = _row(_doses((date(2014, 1, 1), date(2014, 1, 15), 400, 2)))
    assert (row["rdi"], row["rdi_window"]) == (100, 50)


def test_zero_dose_after_the_last_one_is_no_interruption() -> None:
    doses = _doses(
        (date(2014, 1, 1), date(2014, 1, 30), 400, 2),
        (date(2014, 1, 31), date(2014, 2, 20), 0, None),
    )
    row = _row(doses)
    assert (row["interruptions"], row["days"], row["last_dose"]) == (0, 30, date(2014, 1, 30))


def test_weeks_off_of_a_schedule_are_planned() -> None:
    doses = _doses(
        (date(2014, 1, 1), date(2014, 1, 28), 50, 1),
        (date(2014, 1, 29), date(2014, 2, 11), 0, None),
        (date(2014, 2, 12), date(2014, 3, 11), 50, 1),
        (date(2014, 4, 1), date(2014, 4, 28), 37.5, 1, "fatigue"),
        drug="sunitinib",
    )
    row = _row(doses, SUNITINIB)
    assert row["cumulative_mg"] == 28 * 50 * 2 + 28 * 37.5
    # 20 days from 12 to 31 March: six more than the 14 planned
    assert (row["interruptions"], row["interruption_days"]) == (1, 6)
    # 118 days: two cycles of 42 and 34 days, so 28 + 28 + 28 days planned
    assert row["days"] == 118
    assert row["rdi"] == pytest.approx(100 * 3850 / (84 * 50))
    assert (row["reductions"], row["lowest_level"]) == (1, 1)


def test_open_end_is_the_day_before_the_next_row_then_the_end_of_treatment() -> None:
    doses = _doses((date(2014, 1, 1), None, 400, 2), (date(2014, 3, 2), None, 400, 1))
    row = _row(doses)
    assert row["cumulative_mg"] == 60 * 800 + 30 * 400


def test_open_end_without_end_of_treatment_is_a_question() -> None:
    done = dosing.exposure(
        _doses((date(2014, 1, 1), None, 400, 2)), pl.DataFrame({"patient": ["a"]}), SORAFENIB
    )
    assert [p.id for p in done.problems] == ["dosing.open-end"]
    assert done.table["cumulative_mg"].to_list() == [None]


def test_shared_day_belongs_to_the_new_dose_and_an_overlap_is_said() -> None:
    doses = _doses(
        (date(2014, 1, 1), date(2014, 1, 11), 400, 2),
        (date(2014, 1, 11), date(2014, 1, 20), 400, 1),
    )
    done = dosing.exposure(doses, ONE, SORAFENIB)
    assert done.table["cumulative_mg"].to_list() == [8000 + 4000] and not done.problems
    doses = _doses(
        (date(2014, 1, 1), date(2014, 1, 15), 400, 2),
        (date(2014, 1, 11), date(2014, 1, 20), 400, 1),
    )
    done = dosing.exposure(doses, ONE, SORAFENIB)
    assert [p.id for p in done.problems] == ["dosing.overlap"]
    assert done.table["cumulative_mg"].to_list() == [12000]


def test_two_doses_on_one_day_are_a_question_and_nothing_is_summed() -> None:
    doses = _doses(
        (date(2014, 1, 1), date(2014, 1, 10), 400, 1), (date(2014, 1, 1), date(2014, 1, 10), 200, 1)
    )
    done = dosing.exposure(doses, ONE, SORAFENIB)
    assert [p.id for p in done.problems] == ["dosing.two-doses-on-one-day"]
    assert done.table["rdi"].to_list() == [None]


def test_times_per_day_missing_is_a_question() -> None:
    done = dosing.exposure(_doses((date(2014, 1, 1), date(2014, 1, 10), 400, None)), ONE, SORAFENIB)
    assert [p.id for p in done.problems] == ["dosing.times-per-day-missing"]
    assert done.table["cumulative_mg"].to_list() == [None]


def test_dose_per_m2_uses_the_body_surface() -> None:
    patients = pl.DataFrame({"patient": ["a"], "height_cm": [180.0], "weight_kg": [80.0]})
    plan = {"docetaxel": dosing.Plan(75, unit="mg/m2", days_on=1, days_off=20, window_days=21)}
    doses = _doses(
        (date(2014, 1, 1), date(2014, 1, 1), 75, 1),
        (date(2014, 1, 22), date(2014, 1, 22), 60, 1),
        drug="docetaxel",
        unit="mg/m²",
    )
    row = _row(doses, plan, patients)
    assert row["cumulative_mg"] == 270 and row["rdi"] == pytest.approx(90)
    assert (row["interruptions"], row["reductions"], row["rdi_window"]) == (0, 1, 100)
    done = dosing.exposure(doses, pl.DataFrame({"patient": ["a"]}), plan)
    assert {p.id for p in done.problems} == {"dosing.body-size-missing"}


def test_cutoff_ends_the_exposure() -> None:
    doses = _doses(
        (date(2014, 1, 1), date(2014, 1, 30), 400, 2), (date(2014, 2, 1), date(2014, 2, 9), 400, 1)
    )
    done = dosing.exposure(doses, ONE, SORAFENIB, cutoff=date(2014, 1, 10))
    assert done.table["cumulative_mg"].to_list() == [8000]


def test_drug_without_plan_has_doses_and_no_intensity() -> None:
    doses = _doses((date(2014, 1, 1), date(2014, 1, 10), 5, 2), drug="axitinib")
    done = dosing.exposure(doses, ONE, SORAFENIB)
    row = done.table.row(0, named=True)
    assert (row["cumulative_mg"], row["rdi"], row["interruptions"]) == (100, None, 0)
    assert [p.id for p in done.problems] == ["dosing.no-plan"]


def test_several_drugs_and_patients_are_kept_apart() -> None:
    doses = pl.concat(
        [
            _doses((date(2014, 1, 1), date(2014, 1, 10), 400, 2)),
            _doses((date(2013, 1, 1), date(2013, 1, 28), 50, 1), drug="sunitinib"),
            _doses((date(2014, 1, 1), date(2014, 1, 5), 400, 1)).with_columns(patient=pl.lit("b")),
        ]
    )
    patients = pl.DataFrame({"patient": ["b", "a"]})
    table = dosing.exposure(doses, patients, SORAFENIB | SUNITINIB).table
    assert table.select("patient", "drug", "rdi").rows() == [
        ("b", "sorafenib", 50.0),
        ("a", "sorafenib", 100.0),
        ("a", "sunitinib", 100.0),
    ]


def test_bad_plans_are_refused() -> None:
    with pytest.raises(dosing.DosingError):
        dosing.Plan(0)
    with pytest.raises(dosing.DosingError):
        dosing.Plan(50, days_on=28)


@settings(deadline=None, max_examples=40)
@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=6),
    amounts=st.lists(st.sampled_from([0.0, 200.0, 400.0, 800.0]), min_size=6, max_size=6),
    shift=st.integers(-400, 400),
)
def test_shifting_all_dates_changes_no_figure_and_sums_add_up(
    lengths: list[int], amounts: list[float], shift: int
) -> None:
    day, rows, total = date(2014, 1, 1), [], 0.0
    for length, amount in zip(lengths, amounts, strict=False):
        rows.append((day, day + timedelta(days=length - 1), amount, 1.0))
        day += timedelta(days=length)
        total += amount * length
    moved = [(s + timedelta(days=shift), e + timedelta(days=shift), a, t) for s, e, a, t in rows]
    here = dosing.exposure(_doses(*rows), ONE, SORAFENIB).table
    there = dosing.exposure(_doses(*moved), ONE, SORAFENIB).table
    dates = ["first_dose", "last_dose", "first_reduction"]
    assert here.drop(dates).equals(there.drop(dates))
    assert here["cumulative_mg"].sum() == total


def _day_by_day(rows: list[tuple[date, date, float, float]], plan: dosing.Plan) -> dict[str, float]:
    """The same figures from a calendar: one entry a day, later rows over earlier ones."""
    calendar: dict[date, float] = {}
    for number, (start, end, amount, times) in enumerate(rows):
        last = min([end, *(s - timedelta(days=1) for s, *_ in rows[number + 1 : number + 2])])
        for offset in range((last - start).days + 1):
            calendar[start + timedelta(days=offset)] = amount * times
    on = sorted(day for day, mg in calendar.items() if mg > 0)
    span = [on[0] + timedelta(days=k) for k in range((on[-1] - on[0]).days + 1)]
    series = [calendar.get(day, 0.0) for day in span]
    window = [calendar.get(on[0] + timedelta(days=k), 0.0) for k in range(plan.window_days)]
    cycle = (plan.days_on or 1) + (plan.days_off or 0)
    due = [plan.daily if k % cycle < (plan.days_on or 1) else 0.0 for k in range(2000)]
    gaps, run, free, position = [], 0, 0, 0
    for mg in series:
        position += 1  # day of the cycle
        if mg == 0:
            off = plan.days_on is not None and position > plan.days_on
            planned = off and free < (plan.days_off or 0)
            free += planned
            run += not planned
        else:
            if plan.days_on is not None and free + run and position > plan.days_on:
                position = 1  # the first dose after the weeks on begins a new cycle
            gaps.append(run)
            run = free = 0
    gaps = [g for g in gaps if g]
    taken = [mg for mg in series if mg > 0]
    steps = [b - a for a, b in pairwise(taken)]
    return {
        "cumulative_mg": sum(series),
        "days": len(series),
        "days_with_drug": len(taken),
        "rdi": 100 * sum(series) / sum(due[: len(series)]),
        "rdi_window": 100 * sum(window) / sum(due[: plan.window_days]),
        "interruptions": len(gaps),
        "interruption_days": sum(gaps),
        "reductions": sum(s < 0 for s in steps),
        "escalations": sum(s > 0 for s in steps),
        "lowest_daily_mg": min(taken),
    }


@settings(deadline=None, max_examples=80)
@given(
    pieces=st.lists(
        st.tuples(
            st.integers(1, 35), st.integers(-3, 20), st.sampled_from([0.0, 25.0, 37.5, 50.0])
        ),
        min_size=1,
        max_size=7,
    ),
    schedule=st.sampled_from([(None, None), (28, 14), (14, 7), (7, 0)]),
)
def test_agrees_with_a_calendar_kept_day_by_day(
    pieces: list[tuple[int, int, float]], schedule: tuple[int | None, int | None]
) -> None:
    day, rows = date(2014, 1, 1), []
    for length, gap, amount in pieces:
        rows.append((day, day + timedelta(days=length - 1), amount, 1.0))
        day = max(day + timedelta(days=1), day + timedelta(days=length + gap))
    plan = dosing.Plan(50, days_on=schedule[0], days_off=schedule[1])
    done = dosing.exposure(_doses(*rows, drug="x"), ONE, {"x": plan}).table
    if all(amount == 0 for _, _, amount in pieces):
        assert done.is_empty()
        return
    row = done.row(0, named=True)
    for name, value in _day_by_day(rows, plan).items():
        assert row[name] == pytest.approx(value), name


def test_a_dose_date_without_a_day_is_warned_about() -> None:
    doses = _doses((date(2014, 1, 1), date(2014, 1, 30), 400, 2)).with_columns(
        start_precision=pl.lit("month")
    )
    done = dosing.exposure(doses, ONE, SORAFENIB)
    assert [p.id for p in done.problems] == ["dosing.partial-date"]
    assert done.table["cumulative_mg"].to_list() == [24000]


@pytest.mark.parametrize(
    ("runs", "schedule", "expected"),
    [
        # days 11 to 20 of 28 without the drug, then the planned weeks off
        ([(1, 10), (21, 28), (43, 70)], (28, 14), [(11, 10)]),
        ([(1, 28), (43, 70)], (28, 14), []),
        ([(1, 28), (50, 70)], (28, 14), [(43, 7)]),
        ([(1, 20), (43, 70)], (28, 14), [(21, 8)]),
        ([(1, 26), (35, 60)], (28, 14), [(27, 2)]),
        ([(1, 28), (36, 63), (78, 90)], (28, 14), []),  # a week early, then a cycle of its own
        ([(1, 10), (13, 20), (25, 28), (43, 70)], (28, 14), [(11, 2), (21, 4)]),
        ([(1, 60), (75, 90)], (28, 14), []),  # taken through the weeks off, which come later
        ([(1, 10), (21, 28)], None, [(11, 10)]),
        ([(1, 10), (11, 28)], None, []),
        ([(1, 21), (29, 49), (57, 77)], (21, 7), []),
        ([(1, 21), (32, 49)], (21, 7), [(29, 3)]),
    ],
)
def test_breaks_that_the_schedule_does_not_plan(
    runs: list[tuple[int, int]],
    schedule: tuple[int, int] | None,
    expected: list[tuple[int, int]],
) -> None:
    start = date(2014, 2, 1) - timedelta(days=1)
    days = [(start + timedelta(days=a), start + timedelta(days=b)) for a, b in runs]
    on, off = schedule or (None, None)
    assert unplanned_breaks(days, on, off) == [
        (start + timedelta(days=day), n) for day, n in expected
    ]


def test_a_break_within_the_weeks_on_is_counted() -> None:
    doses = _doses(
        (date(2014, 2, 1), date(2014, 2, 10), 50.0, 1.0),
        (date(2014, 2, 21), date(2014, 2, 28), 50.0, 1.0),
        (date(2014, 3, 15), date(2014, 4, 11), 50.0, 1.0),
        drug="x",
    )
    row = dosing.exposure(doses, ONE, {"x": dosing.Plan(50, days_on=28, days_off=14)}).table
    assert row.select("interruptions", "interruption_days", "days_to_interruption").row(0) == (
        1,
        10,
        10,
    )
    assert row["rdi"].item() == pytest.approx(100 * 46 / 56)
