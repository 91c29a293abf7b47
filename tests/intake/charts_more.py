"""Further strangers: page marks, two clocks, causes that tell deaths (synthetic)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from charts_mixed import book_of
from charts_public import PROGRESSED, TTP, TTP_MEDIAN
from cohort import (
    MONTH,
    PEOPLE,
    RESPONDERS,
    Person,
    at,
    chart,
    months,
    save,
)
from openpyxl import Workbook


def death(p: Person) -> date | None:
    return p.last if p.dead else None


@chart(answers={"deaths": "yes", "pfs": "none"}, responders=None)
def relapse_no_yes_with_death_dates(path: Path) -> Path:
    head = [
        "Patient",
        "Diagnosis date",
        "Start of treatment",
        "Relapse",
        "Relapse date",
        "Status",
        "Last follow-up",
    ]
    rows = [
        [
            p.number,
            at(p.start - timedelta(days=30)),
            at(p.start),
            "yes" if p.progression else "no",
            at(p.progressed),
            "died" if p.dead else "alive",
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(answers={"os": "OS from treatment (months)"}, responders=None)
def from_diagnosis_and_from_treatment(path: Path) -> Path:
    rows = [
        [p.number, round((p.days + 100) / MONTH, 2), months(p), "dead" if p.dead else "alive"]
        for p in PEOPLE
    ]
    return save(
        path, ["ID", "OS from diagnosis (months)", "OS from treatment (months)", "Status"], *rows
    )


@chart(responders=None)
def survival_in_two_units(path: Path) -> Path:
    rows = [[p.number, p.days, months(p), "dead" if p.dead else "alive"] for p in PEOPLE]
    return save(path, ["ID", "OS (days)", "OS (months)", "Vital status"], *rows)


@chart(responders=None)
def a_title_two_blank_rows_and_merged_title(path: Path) -> Path:
    b = Workbook()
    page = b.active
    page.append(["Retrospective study of kidney cancer, dr. X"])
    page.merge_cells("A1:F1")
    page.append([])
    page.append([])
    page.append([None, "Pat. No.", "Age at start", "First dose", "Died on", "Last seen"])
    for p in PEOPLE:
        page.append([None, p.number, p.age, at(p.start), at(death(p)), at(p.last)])
    b.save(path / "chart.xlsx")
    return path / "chart.xlsx"


@chart(responders=RESPONDERS)
def responses_at_visits_without_dates(path: Path) -> Path:
    head = [
        "ID",
        "Age",
        "Start",
        "Week 8",
        "Week 16",
        "Week 24",
        "Best response",
        "Death",
        "Last contact",
    ]
    rows = [
        [
            p.number,
            p.age,
            at(p.start),
            p.response,
            p.response,
            "PD" if p.progression else p.response,
            p.response,
            at(death(p)),
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(responders=None)
def german_csv_with_commas(path: Path) -> Path:
    lines = ["Pat;Alter;CRP (mg/l);OS (Monate);Status"]
    for p in PEOPLE:
        lines.append(
            f"{p.number};{p.age};{p.hb};{months(p)};{'tot' if p.dead else 'lebt'}".replace(".", ",")
        )
    f = path / "daten.csv"
    f.write_bytes("\n".join(lines).encode("cp1252"))
    return f


@chart(answers={"rows_per_patient": "each"}, responders=None)
def arm_and_number_make_the_patient(path: Path) -> Path:
    rows = [
        [
            "A" if p.number % 2 else "B",
            (p.number + 1) // 2,
            p.age,
            months(p),
            "dead" if p.dead else "alive",
        ]
        for p in PEOPLE
    ]
    return save(path, ["Arm", "No", "Age", "OS (months)", "Status"], *rows)


@chart(answers={"deaths": "yes"}, responders=None)
def death_cause_tells_death(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            at(p.start),
            at(p.last),
            ("tumor" if p.number % 2 else "sepsis") if p.dead else None,
        ]
        for p in PEOPLE
    ]
    return save(path, ["ID", "Age", "Start", "Last follow-up", "Cause of death"], *rows)


@chart(responders=None)
def status_numbers_with_header_legend(path: Path) -> Path:
    rows = [[p.number, p.age, months(p), 1 if p.dead else 2] for p in PEOPLE]
    return save(path, ["ID", "Age", "OS (mo)", "Status (1=dead, 2=alive)"], *rows)


@chart(answers={"endpoint": "name = os, time_unit = days"}, responders=None)
def japanese_days_and_outcome(path: Path) -> Path:
    rows = [[f"A-{p.number:02d}", p.age, p.days, "死亡" if p.dead else "打ち切り"] for p in PEOPLE]
    return save(path, ["症例", "年齢", "生存日数", "イベント"], *rows)


@chart(responders=None, endpoint="rfs", deaths=PROGRESSED, median=TTP_MEDIAN)
def time_to_recurrence_or_last_look(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            round(t / MONTH, 2),
            "recurrence" if p.progression is not None else "no recurrence",
        ]
        for p, t in zip(PEOPLE, TTP, strict=True)
    ]
    return save(path, ["ID", "Age", "RFS (months)", "RFS status"], *rows)


@chart(responders=None)
def footers_per_page_and_repeated_headers(path: Path) -> Path:
    head = ["Pt", "Age", "Start", "Death", "Last contact"]
    rows: list[list[object]] = [head]
    for p in PEOPLE:
        rows.append([p.number, p.age, at(p.start), at(death(p)), at(p.last)])
        if p.number % 8 == 0:
            rows += [[f"Page {p.number // 8}"], head]
    return save(path, *rows[:-1])


@chart(answers={"os": "A = alive, D = dead"}, responders=None)
def months_alive_and_vital_in_dutch_letters(path: Path) -> Path:
    rows = [[p.number, p.age, months(p), "D" if p.dead else "A"] for p in PEOPLE]
    return save(path, ["ID", "Age", "OS_months", "Vital_status"], *rows)


@chart(responders=None)
def sheet_of_sums_before_the_data(path: Path) -> Path:
    return book_of(
        path,
        Summary=[["Group", "n", "median OS"], ["all", 24, 15.4], ["male", 16, 14.0]],
        Data=[
            ["ID", "Age", "OS (months)", "Dead"],
            *[[p.number, p.age, months(p), "yes" if p.dead else "no"] for p in PEOPLE],
        ],
    )


@chart(responders=None, median=None, deaths=None)
def two_patients_tables_stage_and_outcome_by_other_ids(path: Path) -> Path:
    return book_of(
        path,
        Baseline=[["Study ID", "Age"], *[[f"KC-{p.number:03d}", p.age] for p in PEOPLE]],
        Outcome=[
            ["ID", "OS months", "Event"],
            *[[p.number, months(p), "death" if p.dead else "censored"] for p in PEOPLE],
        ],
    )
