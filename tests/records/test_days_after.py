"""A day of the chart and a time since then give another day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncohort.problems import OncohortError
from oncohort.protocol import parse_protocol
from oncohort.protocol.data import DayAfter
from oncohort.records.columns import read_column
from oncohort.records.days_after import with_days_after
from oncohort.records.grid import Raw
from oncohort.records.values import Reader

HOW = DayAfter(day="start", time="after", unit="days")


def made(start: list[object], after: list[object], how: DayAfter = HOW) -> list[object]:
    raw = Raw("c.csv", None, ("start", "after"), (start, after), list(range(2, 2 + len(start))))
    out, absent = with_days_after(raw, {"last": how}, None)
    assert not absent
    return list(out.columns[-1])


@given(
    st.lists(
        st.tuples(st.dates(date(1950, 1, 1), date(2050, 1, 1)), st.integers(0, 9000)), min_size=1
    )
)
def test_days_after_a_day_are_counted(rows: list[tuple[date, int]]) -> None:
    out = made([d for d, _ in rows], [n for _, n in rows])
    assert read_column(out, Reader("date")).values.to_list() == [
        d + timedelta(days=n) for d, n in rows
    ]


@pytest.mark.parametrize(
    ("unit", "after", "day"),
    [("months", 6.0, "2015-08-31"), ("years", 2, "2017-02-28"), ("weeks", 4, "2015-03-29")],
)
def test_each_unit_has_its_days(unit: str, after: float, day: str) -> None:
    how = DayAfter.model_validate({"day": "start", "time": "after", "unit": unit})
    assert made(["2015-03-01"], [after], how) == [day]


def test_what_is_no_day_or_no_number_stays_and_blanks_give_none() -> None:
    assert made(["2015-03-01", "soon", "2015-03-01", None], ["long", 3, None, 3]) == [
        *("long", "soon"),
        *(None, None),
    ]


def test_a_day_beyond_the_calendar_is_none() -> None:
    assert made(["2015-03-01"], [10**7]) == ["2015-03-01 + 1e+07 days"]


def test_an_absent_column_is_named() -> None:
    raw = Raw("c.csv", None, ("start",), (["2015-03-01"],), [2])
    assert with_days_after(raw, {"last": HOW}, None)[1] == ["after"]


def test_an_unknown_unit_is_an_error_of_the_protocol() -> None:
    text = """
[study]
schema = 1
title = "T"
data = "c.csv"
[tables.patients]
columns.patient = "ID"
days_after."last" = { day = "start", time = "after", unit = "moons" }
"""
    with pytest.raises(OncohortError, match="moons"):
        parse_protocol(text)
