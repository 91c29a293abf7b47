"""Dates of Japanese eras, years with months in six figures, months in short."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncohort.records.columns import read_column
from oncohort.records.dates import ERAS, only_year_month, read_date
from oncohort.records.profile import profile
from oncohort.records.values import Reader, read_value


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.booleans())
def test_a_day_written_in_its_era_is_that_day(day: date, letter: bool) -> None:
    name, (short, first, _) = next(
        (n, e) for n, e in ERAS.items() if e[1] <= day <= e[2]
    )  # fmt: skip
    year = day.year - first.year + 1
    text = (
        f"{short}{year}.{day.month}.{day.day}"
        if letter
        else f"{name}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    )
    assert read_date(text).value == day


@pytest.mark.parametrize("text", ["H32.1.1", "昭和65年1月1日", "R0.1.1", "H1.1.7", "H10.2.30"])
def test_a_day_outside_its_era_is_no_day(text: str) -> None:
    found = read_date(text)
    assert found.value is None
    assert text in found.why


@given(st.integers(1913, 2099).filter(lambda y: y % 100 > 12), st.integers(1, 12))
def test_six_figures_that_are_only_a_month_are_read_so(year: int, month: int) -> None:
    found = read_date(f"{year}{month:02d}")
    assert (found.value, found.precision) == (date(year, month, 1), "month")
    assert read_date(year * 100 + month) == found


def test_six_figures_that_may_be_a_day_wait_for_the_column() -> None:
    assert read_date("201203").value is None  # the 20th of December 2003, or March 2012
    assert not only_year_month("201203")
    done = read_column(["201203", "201507", None], Reader("date"))
    assert done.values.to_list() == [date(2012, 3, 1), date(2015, 7, 1), None]
    mixed = read_column(["201203", "311215"], Reader("date"))
    assert [u.index for u in mixed.unread] == [0, 1]


def test_columns_of_six_figures_are_dates_only_where_all_can_be() -> None:
    assert profile(["201501", "201612", "201403"]).mostly == "date"
    assert profile(["201501", "201642", "201403"]).mostly == "number"
    assert profile([200103, 201204, 200911]).mostly == "number"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12-Mar-15", date(2015, 3, 12)),
        ("1 Dez 98", date(1998, 12, 1)),
        ("3 maart 2015", date(2015, 3, 3)),
        ("2015년 3월 4일", date(2015, 3, 4)),
        ("5 ağustos 2016", date(2016, 8, 5)),
        ("7 września 2014", date(2014, 9, 7)),
    ],
)
def test_months_in_words(text: str, day: date) -> None:
    assert read_date(text).value == day


def test_a_month_with_two_figures_alone_stays_open() -> None:
    assert read_date("Mar-15").value is None  # the 15th of March, or March 2015


def test_a_column_in_the_buddhist_era_is_read_and_a_single_day_of_it_is_a_slip() -> None:
    done = read_column(["3/3/2558", "28/2/2559", None], Reader("date"))
    assert done.values.to_list() == [date(2015, 3, 3), date(2016, 2, 28), None]
    assert {u.rule for u in done.used} == {"dates.buddhist"}
    mixed = read_column(["3/3/2015", "28/2/2559"], Reader("date"))
    assert mixed.values.to_list() == [date(2015, 3, 3), None]
    assert [u.index for u in mixed.unread] == [1]
    assert profile(["3/3/2558", "28/2/2559"]).mostly == "date"
    assert read_date("2558").value is None


@pytest.mark.parametrize(
    ("letters", "asked"),
    [("FN", True), ("FW", True), ("MF", False), ("MW", False), ("EK", False), ("MFX", False)],
)
def test_letters_for_sexes_are_asked_where_one_is_not_known(letters: str, asked: bool) -> None:
    done = read_column(list(letters), Reader("text", "sex", ("male", "female")))
    assert (done.values.to_list().count(None) == len(letters)) is asked


def test_a_day_that_means_itself_is_read_as_its_column_is() -> None:
    """Answered that 9999 is no word for missing, a number of days stays one."""
    how = Reader("date", "last_contact", codes={"9999": "9999"}, day_zero=date(1960, 1, 1))
    assert read_value("9999", how).value == date(1987, 5, 18)
    assert read_value("8000", how).value == date(1981, 11, 26)
