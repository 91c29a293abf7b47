"""Cells that tell a time in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncohort.records.grid import Raw
from oncohort.records.told_times import filled_down, filled_from, split_told, told_time


@given(st.integers(0, 30), st.integers(0, 11), st.sampled_from(["dead", "alive", "NED", ""]))
def test_years_and_months_are_counted_and_the_word_is_kept(y: int, m: int, word: str) -> None:
    told = told_time(f"{word} {y} years {m} months".strip())
    assert told is not None
    assert told.in_unit("months") == 12 * y + m
    assert told.words == word


@pytest.mark.parametrize(
    ("text", "months", "words"),
    [
        ("dead at 12.3 mo", 12.3, "dead"),
        ("alive, 30 mo", 30.0, "alive"),
        ("verstorben nach 8,5 Monaten", 8.5, "verstorben"),
        ("verstorben nach 8,5 Zyklen", None, None),
        ("verstorben nach 8,5 Monate", 8.5, "verstorben"),
        ("DOC (2y 1m)", 25.0, "DOC"),
        ("14 mois (vivant)", 14.0, "vivant"),
        ("1a 3m", 15.0, ""),
    ],
)
def test_times_of_several_languages(text: str, months: float | None, words: str | None) -> None:
    told = told_time(text)
    if months is None:
        assert told is None
        return
    assert told is not None
    assert told.in_unit("months") == pytest.approx(months)
    assert told.words == words


@pytest.mark.parametrize(
    "text",
    [
        "12.3",
        "dead",
        "dead 2015",
        "400 mg",
        "3 m 2 y",
        "6 mo or 8 mo",
        "",
        "12 of 30 days",
        "x" * 200,
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert told_time(text) is None


def test_a_cell_that_tells_no_time_stays_to_be_named() -> None:
    raw = Raw("c.csv", None, ("id", "End"), ([1, 2, 3], ["dead at 8 mo", "soon", None]), [2, 3, 4])
    done, absent = split_told(raw, {"End": "months", "Ende": "days"})
    assert absent == ["Ende"]
    assert done.columns[-2:] == [[8.0, "soon", None], ["dead", None, None]]
    assert done.names == ("id", "End", "End time (months)", "End status")


def test_blanks_are_filled_from_another_column_and_from_above() -> None:
    raw = Raw("c.csv", None, ("t", "last"), ([3, None, "-", 0], [9, 8, 7, 6]), [2, 3, 4, 5])
    assert filled_from(raw, {"t": "last"})[0].columns[0] == [3, 8, 7, 0]
    assert filled_from(raw, {"t": "end"})[1] == ["end"]
    assert filled_from(raw, {}) == (raw, [])
    blocks = Raw("c.csv", None, ("arm",), ([None, "A", None, "B", " "],), [2, 3, 4, 5, 6])
    assert filled_down(blocks, ["arm"])[0].columns[0] == [None, "A", "A", "B", "B"]
    assert filled_down(blocks, ["site"])[1] == ["site"]


def test_letters_behind_a_number_are_a_status_where_the_name_has_the_unit() -> None:
    assert told_time("0.69 D") is None
    assert told_time("0.3 a") is None
    dead, alive = told_time("0.69 D", "years"), told_time("1.2 A", "years")
    assert dead is not None
    assert alive is not None
    assert (dead.words, alive.words) == ("D", "A")
    assert dead.in_unit("months") == pytest.approx(8.28)
    assert told_time("12.3", "months") is None  # a number alone is one
