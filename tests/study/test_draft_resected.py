"""Charts of resected patients: when the operation starts the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook

from oncohort.study.draft_recurrences import FIRST
from oncohort.study.new import new_study

DAY = date(2015, 3, 1)


def drafted(folder: Path, head: Sequence[str], columns: Sequence[Sequence[object]]) -> str:
    """The protocol of a chart of twelve patients."""
    book = Workbook()
    page = book.active
    page.append(list(head))
    for row in zip(*columns, strict=True):
        page.append(list(row))
    book.save(folder / "c.xlsx")
    made = new_study(folder / "study", folder / "c.xlsx")
    return (made.folder / "study.toml").read_text("utf-8")


def days(after: int, *, every: int = 1) -> list[date | None]:
    return [DAY + timedelta(days=after + 3 * i) if i % every == 0 else None for i in range(12)]


PATIENT = list(range(1, 13))


@pytest.mark.parametrize(
    "name",
    [
        *("Date of surgery", "Date of radical nephrectomy", "OP-Datum", "Fecha de cirugía"),
        *("手術日", "Date of transplantation", "Data intervento", "Resection date"),
    ],
)
def test_the_operation_starts_the_clock_where_nothing_else_does(name: str, tmp_path: Path) -> None:
    head = ["ID", name, "Date of recurrence", "Date of death", "Last contact"]
    text = drafted(tmp_path, head, [PATIENT, days(0), days(90, every=2), days(200, every=3),
                                    days(200)])  # fmt: skip
    assert f'columns.treatment_start = "{name}"' in text
    assert "[endpoints.rfs]" in text
    assert "[endpoints.pfs]" not in text


def test_a_start_of_treatment_goes_before_the_operation(tmp_path: Path) -> None:
    head = ["ID", "Date of surgery", "Start of chemotherapy", "Date of progression", "Death",
            "Last contact"]  # fmt: skip
    text = drafted(tmp_path, head, [PATIENT, days(-400), days(30), days(90, every=2),
                                    days(200, every=3), days(200)])  # fmt: skip
    assert 'columns.treatment_start = "Start of chemotherapy"' in text
    assert "[endpoints.pfs]" in text


@pytest.mark.parametrize(
    "start", ["RT start", "Start of chemotherapy", "Beginn Radiochemotherapie"]
)
def test_which_starts_the_clock_is_asked_where_treatment_follows_the_operation(
    start: str, tmp_path: Path
) -> None:
    head = ["ID", "Date of surgery", start, "Date of death", "Last contact"]
    text = drafted(tmp_path, head, [PATIENT, days(0), days(30), days(200, every=3), days(200)])
    assert f'"Date of surgery" (12 dates), "{start}" (12 dates)' in text
    assert "columns.treatment_start = ???" in text


def test_two_operations_are_asked_about(tmp_path: Path) -> None:
    head = ["ID", "Date of nephrectomy", "Date of metastasectomy", "Date of death", "Last contact"]
    text = drafted(tmp_path, head, [PATIENT, days(0), days(30), days(200, every=3), days(200)])
    assert "columns.treatment_start = ???" in text


def test_the_first_of_several_recurrences_is_asked_about(tmp_path: Path) -> None:
    head = ["ID", "Date of surgery", "Date of local recurrence", "Date of distant metastasis",
            "Date of death", "Last contact"]  # fmt: skip
    text = drafted(tmp_path, head, [PATIENT, days(0), days(90, every=2), days(80, every=3),
                                    days(200, every=3), days(200)])  # fmt: skip
    assert (
        f'# earliest."{FIRST}" = ["Date of local recurrence", "Date of distant metastasis"]' in text
    )


def test_metastases_at_the_start_are_no_recurrence(tmp_path: Path) -> None:
    head = ["ID", "Start of treatment", "Date of metastasis", "Date of progression",
            "Date of death", "Last contact"]  # fmt: skip
    text = drafted(tmp_path, head, [PATIENT, days(30), days(0), days(90, every=2),
                                    days(200, every=3), days(200)])  # fmt: skip
    assert "recurrences" not in text


def test_a_second_line_that_few_have_does_not_start_the_clock(tmp_path: Path) -> None:
    head = ["Nr", "Beginn Erstlinie", "Progress unter Erstlinie", "Beginn Zweitlinie", "Tod",
            "letzte Vorstellung"]  # fmt: skip
    text = drafted(tmp_path, head, [PATIENT, days(0), days(90, every=2), days(100, every=2),
                                    days(400, every=3), days(400)])  # fmt: skip
    assert '"Beginn Erstlinie" (12 dates), "Beginn Zweitlinie" (6 dates)' in text
    assert 'columns.progression_date = "Progress unter Erstlinie"' in text


def test_a_second_line_that_all_have_is_asked_about(tmp_path: Path) -> None:
    head = ["No", "First-line start", "Second-line start", "Death", "Last contact"]
    text = drafted(tmp_path, head, [PATIENT, days(-300), days(0), days(400, every=3), days(400)])
    assert '# one of: "First-line start" | "Second-line start"' in text
