"""Partial dates: one day taken for each, the same in every step, with its bounds."""

from __future__ import annotations

import calendar
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncohort import endpoints as ep
from oncohort.criteria import recist
from oncohort.criteria.partial_dates import earliest_day, impute, imputed_day, latest_day

PATIENT = pl.DataFrame({"patient": ["1"], "treatment_start": [date(2014, 1, 1)]})


@given(
    st.dates(date(1950, 1, 1), date(2050, 12, 31)),
    st.sampled_from([None, "day", "month", "year"]),
    st.sampled_from(["first", "middle", "last"]),
)
def test_the_day_taken_lies_within_its_bounds(day: date, precision: str | None, rule: str) -> None:
    frame = pl.DataFrame(
        {"d": [day], "d_precision": [precision]}, schema_overrides={"d_precision": pl.String}
    )
    d, p = pl.col("d"), pl.col("d_precision")
    once = impute(frame, rule)  # type: ignore[arg-type]
    low, taken, high = frame.select(
        earliest_day(d, p).alias("low"),
        imputed_day(d, p, rule).alias("taken"),  # type: ignore[arg-type]
        latest_day(d, p).alias("high"),
    ).row(0)
    assert low <= taken <= high
    assert low <= day <= high
    assert once["d"].item() == taken
    assert impute(once, rule).equals(once)  # type: ignore[arg-type]
    if precision == "month":
        last = calendar.monthrange(day.year, day.month)[1]
        assert (low, high) == (day.replace(day=1), day.replace(day=last))
    if precision in (None, "day"):
        assert low == taken == high == day


def _visits(*rows: tuple[date, str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "patient": ["1"] * len(rows),
            "date": [r[0] for r in rows],
            "date_precision": [r[1] for r in rows],
            "overall": [r[2] for r in rows],
        }
    )


def test_a_response_of_a_month_starts_its_duration_on_the_day_of_its_visit() -> None:
    visits = _visits((date(2014, 3, 1), "month", "PR"), (date(2014, 6, 10), "day", "PD"))
    best = recist.best_response(visits, patients=PATIENT)
    assert best.select("response_date", "response_date_precision").row(0) == (
        date(2014, 3, 15),
        "month",
    )
    facts = ep.facts(PATIENT, visits=visits, best=best)
    dor = ep.derive(facts, ep.DOR).select("start", "time", "imputed").row(0)
    assert dor == (date(2014, 3, 15), 87, True)
    assert ep.bounds(facts, ep.DOR).select("time_shortest", "time_longest").row(0) == (71, 101)
    same = facts.filter(pl.col("table") == "lesions").filter(pl.col("date") < date(2014, 6, 1))
    assert set(same["date"]) == {date(2014, 3, 15)}


@pytest.mark.parametrize(
    ("day", "precision", "expected"),
    [
        (date(2014, 2, 1), "month", "SD"),  # 15 February is day 45
        (date(2014, 2, 11), "day", "NE"),  # day 41
        (date(2014, 1, 1), "month", "NE"),  # 15 January is day 14
        (date(2014, 1, 1), "year", "SD"),  # 1 July
    ],
)
def test_the_least_time_of_stable_disease_counts_from_the_day_taken(
    day: date, precision: str, expected: str
) -> None:
    out = recist.best_response(_visits((day, precision, "SD")), patients=PATIENT)
    assert out["best_response"].item() == expected


def test_the_treatment_itself_with_its_month_is_not_the_next_therapy() -> None:
    who = pl.DataFrame({"patient": ["1"], "treatment_start": [date(2014, 3, 10)]})
    lines = pl.DataFrame(
        {
            "patient": ["1", "1"],
            "start": [date(2014, 3, 15), date(2014, 9, 15)],
            "start_precision": ["month", "month"],
        }
    )
    facts = ep.facts(who, therapies=lines)
    following = facts.filter(pl.col("kind") == "next_therapy")
    assert following["date"].to_list() == [date(2014, 9, 15)]
