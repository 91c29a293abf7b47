"""Titles above several columns: left away where they say nothing of their own."""

from __future__ import annotations

from oncohort.records.grid import Sheet
from oncohort.records.headers import column_names, labels_below


def labels(*rows: list[str | None], header: tuple[int, ...] = (0, 1)) -> dict[str, str]:
    """The short names below the titles of a sheet with one row of data."""
    sheet = Sheet("c.xlsx", "S", [*(list(r) for r in rows), [1] * len(rows[0])])
    return labels_below(sheet, header, column_names(sheet, header))


def test_a_plain_title_is_left_away() -> None:
    assert labels(["Baseline data", None, "Follow-up"], ["Age", "Sex", "Status"]) == {
        "Baseline data Age": "Age",
        "Baseline data Sex": "Sex",
        "Follow-up Status": "Status",
    }


def test_a_title_that_says_something_stays() -> None:
    assert labels(["Mother", None, "Patient"], ["Age", "Height", "Weight"]) == {
        "Patient Weight": "Weight"
    }


def test_the_same_name_below_two_titles_keeps_both() -> None:
    assert labels(["Baseline", None, "Follow-up"], ["CRP", "Age", "CRP"]) == {"Baseline Age": "Age"}


def test_a_name_without_a_title_counts_too() -> None:
    assert labels(["Age", "Treatment", None], [None, "Age", "Start"]) == {
        "Treatment Start": "Start"
    }


def test_one_row_of_names_or_a_row_of_units_has_no_titles() -> None:
    assert labels(["Treatment start", "Age"], header=(0,)) == {}
    assert labels(["Patient", "Tumour"], ["years", "mm"]) == {}
