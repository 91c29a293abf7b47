"""Tables as people lay them out, and values as they type them (synthetic)."""

from __future__ import annotations

import statistics
from datetime import datetime, timedelta
from pathlib import Path

from cohort import PEOPLE, N, at, chart, dated, save
from openpyxl import Workbook
from openpyxl.styles import PatternFill


@chart()
def legend_rows_and_means(path: Path) -> Path:
    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    rows = [dated(p) for p in PEOPLE]
    mean = sum(p.age for p in PEOPLE) / N
    return save(path, head, *rows, ["red = dead"], ["MW", None, mean], ["* = see letter"])


@chart(truths={"baseline.hb.median": statistics.median(p.hb for p in PEOPLE)})
def a_table_beside(path: Path) -> Path:
    head = [
        "No",
        "Sex",
        "Age",
        "Start",
        "BOR",
        "PD date",
        "Death",
        "Last contact",
        None,
        "Pt",
        "Hb",
    ]
    rows = [
        [*dated(p), None, q.number, q.hb] for p, q in zip(PEOPLE, reversed(PEOPLE), strict=True)
    ]
    return save(path, head, *rows)


@chart()
def a_table_below(path: Path) -> Path:
    head = ["No", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    below = [["Pat", "Drug", "Dose"], *[[p.number, "A", 400] for p in PEOPLE[:7]]]
    return save(path, head, *[dated(p) for p in PEOPLE], [], *below)


@chart()
def no_column_of_patients(path: Path) -> Path:
    head = ["Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    return save(path, head, *[dated(p)[1:] for p in PEOPLE])


@chart()
def a_constant_study_id(path: Path) -> Path:
    head = [
        "Study ID",
        "Patient ID",
        "Sex",
        "Age",
        "Start",
        "BOR",
        "PD date",
        "Death",
        "Last contact",
    ]
    return save(path, head, *[["ABC-01", *dated(p)] for p in PEOPLE])


@chart(answers={"hb": "leave out"})
def two_units_in_one_column(path: Path) -> Path:
    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact", "Hb"]
    rows = [[*dated(p), p.hb if p.number % 3 else p.hb * 10] for p in PEOPLE]
    return save(path, head, *rows)


@chart(
    answers={"missing_words": "missing"},
    truths={"baseline.irae.missing": 8.0, "baseline.irae.count[level=y]": 8.0},
)
def question_marks_as_levels(path: Path) -> Path:
    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact", "irAE"]
    rows = [[*dated(p), "?ny"[p.number % 3]] for p in PEOPLE]
    return save(path, head, *rows)


@chart(truths={"baseline.smoker.missing": 8.0})
def words_for_missing(path: Path) -> Path:
    head = [
        "Patient ID",
        "Sex",
        "Age",
        "Start",
        "BOR",
        "PD date",
        "Death",
        "Last contact",
        "Smoker",
    ]
    rows = [[*dated(p), ("k.A.", "ja", "nein")[p.number % 3]] for p in PEOPLE]
    return save(path, head, *rows)


@chart(
    answers={"ki67": '">30" = 35, "<5" = missing'},
    truths={"baseline.ki67.missing": 4.0, "baseline.ki67.maximum": 40.0},
)
def bounds_among_numbers(path: Path) -> Path:
    head = [
        "Patient ID",
        "Sex",
        "Age",
        "Start",
        "BOR",
        "PD date",
        "Death",
        "Last contact",
        "Ki67 (%)",
    ]
    values = [10, 20, ">30", 40, 5, "<5"]
    rows = [[*dated(p), values[p.number % 6]] for p in PEOPLE]
    return save(path, head, *rows)


@chart()
def german_dates_as_text(path: Path) -> Path:
    def text(day: datetime | None) -> str | None:
        return None if day is None else day.strftime("%d.%m.%y")

    head = [
        "Pat.-Nr.",
        "Geschlecht",
        "Alter",
        "Beginn",
        "Ansprechen",
        "Progress",
        "gestorben am",
        "letzte Vorstellung",
    ]
    rows = [[text(v) if isinstance(v, datetime) else v for v in dated(p)] for p in PEOPLE]
    return save(path, head, *rows)


@chart()
def headlines_above(path: Path) -> Path:
    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    return save(path, ["Our cohort, 2015 to 2017"], [], head, *[dated(p) for p in PEOPLE])


@chart()
def the_header_again_on_each_page(path: Path) -> Path:
    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    rows = [dated(p) for p in PEOPLE]
    return save(path, head, *rows[:12], head, *rows[12:])


@chart(absent=("Meier", "0761", "03.04.45"))
def people_can_be_told(path: Path) -> Path:
    head = [
        "Pat.-Nr.",
        "Geschlecht",
        "Alter",
        "Beginn",
        "Ansprechen",
        "Progress",
        "gestorben am",
        "letzter Kontakt",
        "geb. am",
        "Hausarzt",
        "Bemerkung",
    ]
    rows = [
        [*dated(p), f"03.04.4{p.number % 10}", "Dr. Meier", f"Tel. 0761-1234{p.number}"]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(said=("layout.colour",))
def half_the_rows_are_red(path: Path) -> Path:
    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    file = save(path, head, *[dated(p) for p in PEOPLE])
    from openpyxl import load_workbook

    book = load_workbook(file)
    for row in range(2, 15):
        for cell in book.active[row]:
            cell.fill = PatternFill("solid", fgColor="FFFF9999")
    book.save(file)
    return file


@chart(
    answers={"lesions_unit": "mm"},
    responders=sum(p.number % 2 == 0 for p in PEOPLE),
    truths={"survival.pfs.events": float(N)},
)
def scans_side_by_side_with_new_lesions(path: Path) -> Path:
    """Odd patients have a new lesion on the second scan; even ones shrink and die or are seen."""
    head = [
        "Patient ID",
        "Age",
        "Start",
        "Scan0 date",
        "Scan0 sum",
        "Scan1 date",
        "Scan1 sum",
        "Scan1 new lesion",
        "Scan2 date",
        "Scan2 sum",
        "Scan2 new lesion",
        "Last contact",
        "Date of death",
    ]
    rows = []
    for p in PEOPLE:
        first, second = p.start + timedelta(days=50), p.start + timedelta(days=57)
        new = p.number % 2 == 1
        rows.append(
            [
                p.number,
                p.age,
                at(p.start),
                at(p.start - timedelta(days=5)),
                50,
                at(first),
                30,
                "y" if new else "n",
                at(second),
                30 if new else 70,
                None,
                at(p.last),
                at(p.last) if p.dead else None,
            ]
        )
    return save(path, head, *rows)


@chart(answers={"dates": "mixed-day-first"})
def two_orders_of_day_and_month(path: Path) -> Path:
    """Dates that could be both are written day first; those with a day above 12 either way."""

    def text(day: datetime, nth: int) -> str:
        return day.strftime("%m/%d/%Y" if nth % 2 and day.day > 12 else "%d/%m/%Y")

    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    rows = [dated(p) for p in PEOPLE]
    for i, row in enumerate(rows):
        row[3] = text(row[3], i)
    return save(path, head, *rows)


@chart(answers={"stacked": "yes"})
def stacked(path: Path) -> Path:
    """Two sheets with the same columns."""
    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    file = save(path, head, *[dated(p) for p in PEOPLE[:12]], title="2015")
    from openpyxl import load_workbook

    book = load_workbook(file)
    page = book.create_sheet("2016")
    for row in [head, *[dated(p) for p in PEOPLE[12:]]]:
        page.append(row)
    book.save(file)
    return file


@chart(answers={"stacked": "yes"})
def stacked_with_numbers_that_start_again(path: Path) -> Path:
    """Two sheets with the same columns; on each the patients are numbered from 1."""
    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    book = Workbook()
    for nth, part in enumerate((PEOPLE[:12], PEOPLE[12:])):
        page = book.active if nth == 0 else book.create_sheet("Site B")
        page.append(head)
        for i, p in enumerate(part, 1):
            page.append([i, *dated(p)[1:]])
    book.save(path / "chart.xlsx")
    return path / "chart.xlsx"


@chart()
def numbers_written_differently(path: Path) -> Path:
    """`001` on one sheet is 1 on the other."""
    book = Workbook()
    page = book.active
    page.title = "Baseline"
    page.append(["Patient ID", "Sex", "Age", "Start", "BOR"])
    other = book.create_sheet("Outcome")
    other.append(["Pat No", "PD date", "Death", "Last contact"])
    for p in PEOPLE:
        page.append([f"{p.number:03d}", *dated(p)[1:5]])
        other.append([p.number, *dated(p)[5:]])
    book.save(path / "chart.xlsx")
    return path / "chart.xlsx"
