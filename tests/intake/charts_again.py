"""Charts by other hands: dates with two marks, times by outcome, grades in words (synthetic)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from charts_abroad import pfs
from charts_elsewhere import day, text
from charts_tongues import PFS, death
from cohort import DEATHS, MONTH, PEOPLE, Person, at, chart, km_median, months, save
from on_sheets import D, book

CORE = ["ID", "Age", "Sex", "Start", "Death", "Last contact"]
THIRD = [p for p in PEOPLE if p.number % 3 == 0]
SEVERE = float(sum(1 + p.number % 4 >= 3 for p in THIRD))
DIARRHEA = {"safety.diarrhea.count[grade=any]": float(len(THIRD))}
GRADED = {**DIARRHEA, "safety.diarrhea.count[grade=ge3]": SEVERE}
ROMAN = ("", "I", "II", "III", "IV")


def core(p: Person) -> list[Any]:
    """Number, age, sex, start, death, last contact."""
    return [p.number, p.age, p.sex, at(p.start), at(death(p)), at(p.last)]


def among_dots(path: Path, form: str) -> Path:
    """The first three ends that could be read in two ways have another mark than the others."""
    rows, left = [], 3
    for p in PEOPLE:
        last = day(p.last, D)
        if left and p.last.day <= 12 and p.last.day != p.last.month:
            last, left = day(p.last, form), left - 1
        rows.append([p.number, p.age, day(p.start, D), "verstorben" if p.dead else "lebt", last])
    head = ["Nr", "Alter", "Therapiebeginn", "Status", "Todesdatum/letzter Kontakt"]
    return save(path, head, *rows)


@chart(responders=None, answers={"dates": "month-first"})
def american_slashes_among_dots(path: Path) -> Path:
    return among_dots(path, "%m/%d/%Y")


@chart(responders=None, answers={"dates": "day-first"})
def slashes_among_dots(path: Path) -> Path:
    return among_dots(path, "%d/%m/%Y")


@chart(responders=None, answers={"dates": "month-first"})
def american_hyphens_among_dots(path: Path) -> Path:
    return among_dots(path, "%m-%d-%Y")


def by_outcome(path: Path, dead: str, alive: str, how: Callable[[Person], float]) -> Path:
    rows = [
        [p.number, p.age, how(p) if p.dead else None, None if p.dead else how(p)] for p in PEOPLE
    ]
    return save(path, ["Case", "Age", dead, alive], *rows)


@chart(responders=None)
def german_died_and_lives(path: Path) -> Path:
    return by_outcome(path, "verstorben nach (Monaten)", "lebt nach (Monaten)", months)


@chart(responders=None)
def deceased_and_survivors_in_days(path: Path) -> Path:
    dead, alive = "Time to death, days", "Time alive, days"
    return by_outcome(path, dead, alive, lambda p: p.days)


@chart(responders=None)
def chinese_times_by_outcome(path: Path) -> Path:
    return by_outcome(path, "死亡时间(月)", "存活时间(月)", months)


@chart(responders=None, truths={"survival.pfs.events": 24.0})
def japanese_event_of_one_value(path: Path) -> Path:
    rows = [
        [p.number, p.age, round(pfs(p)[0] / MONTH, 2), 1, months(p), int(p.dead)] for p in PEOPLE
    ]
    head = ["症例番号", "年齢", "PFS(月)", "PFSイベント(1=増悪または死亡,0=打ち切り)", "OS(月)",
            "OSイベント(1=死亡,0=打ち切り)"]  # fmt: skip
    return save(path, head, *rows)


def toxicity(path: Path, head: str, grade: Callable[[int], str]) -> Path:
    events = [
        [p.number, "Diarrhea", grade(1 + p.number % 4), at(p.start + timedelta(days=8))]
        for p in THIRD
    ]
    return book(
        path,
        Patients=[CORE, *map(core, PEOPLE)],
        Toxicity=[["ID", "Toxicity", head, "Onset"], *events],
    )


@chart(responders=None, answers={"ctcae": "CTCAE 5.0"}, truths=GRADED)
def grades_in_roman_figures(path: Path) -> Path:
    return toxicity(path, "CTC grade", lambda g: ROMAN[g])


@chart(responders=None, answers={"ctcae": "CTCAE 5.0"}, truths=GRADED)
def german_grades_in_words(path: Path) -> Path:
    return toxicity(path, "Schweregrad", lambda g: f"Grad {g}")


@chart(responders=None, answers={"adverse_events": "CTCAE 5.0"}, truths=DIARRHEA)
def one_grade_alone_in_a_column(path: Path) -> Path:
    rows = [
        [*core(p), f"G{1 + p.number % 4}" if p.number % 2 else None, "G2" if p in THIRD else None]
        for p in PEOPLE
    ]
    return save(path, [*CORE, "Vomiting", "Diarrhea"], *rows)


@chart(
    responders=None,
    answers={"ctcae": "CTCAE 5.0"},
    truths={**GRADED, "baseline.grade.count[level=1]": None},
)
def one_event_of_each_patient(path: Path) -> Path:
    rows = [
        [*core(p), *(["Diarrhea", 1 + p.number % 4] if p in THIRD else [None, None])]
        for p in PEOPLE
    ]
    return save(path, [*CORE, "AE", "Grade"], *rows)


@chart(responders=None, answers={"ctcae": "CTCAE 5.0"}, truths=DIARRHEA)
def immune_related_events_by_number(path: Path) -> Path:
    rows = [
        [
            *core(p),
            *(["Diarrhea", 1 + p.number % 3, at(p.start + timedelta(days=20))] if p in THIRD
              else [None] * 3),
            *(["Colitis", 3, at(p.start + timedelta(days=30))] if p.number % 4 == 0
              else [None] * 3),
        ]
        for p in PEOPLE
    ]  # fmt: skip
    head = ["irAE 1", "irAE 1 grade", "irAE 1 date", "irAE 2", "irAE 2 grade", "irAE 2 date"]
    return save(path, [*CORE, *head], *rows)


@chart(
    responders=None,
    answers={"stacked": "yes", "endpoint": "name = os, event_value = 1, time_unit = months"},
    truths={"baseline.file.count[level=arma]": 12.0},
)
def arms_in_files_without_numbers(path: Path) -> Path:
    folder = path / "km"
    folder.mkdir()
    for arm, odd in (("A", 1), ("B", 0)):
        rows = [[months(p), int(p.dead)] for p in PEOPLE if p.number % 2 == odd]
        text(folder, f"arm{arm}.csv", ",", [["time", "event"], *rows])
    return folder


@chart(responders=None, truths=PFS)
def visits_with_codes_and_a_list_of_codes(path: Path) -> Path:
    visits: list[list[Any]] = [["pid", "visit_date", "status_code"]]
    for p in PEOPLE:
        visits.append([p.number, at(p.start), 0])
        if p.progressed and p.progressed != p.last:
            visits.append([p.number, at(p.progressed), 2])
        visits.append([p.number, at(p.last), 9 if p.dead else 1])
    codes = [["code", "meaning"], [0, "treatment start"], [1, "alive at last contact"],
             [2, "progression"], [9, "death"]]  # fmt: skip
    return book(path, Visits=visits, Codes=codes)


@chart(
    responders=None,
    answers={"endpoints_of_rows": "yes", "ctcae": "CTCAE 5.0"},
    truths={**PFS, **DIARRHEA, "survival.os.events": float(DEATHS)},
)
def three_files_of_adam(path: Path) -> Path:
    folder = path / "adam"
    folder.mkdir()
    who = {p.number: f"XY-01-{p.number:03d}" for p in PEOPLE}
    adsl: list[list[Any]] = [["USUBJID", "AGE", "SEX", "ARM", "TRTSDT"]]
    tte: list[list[Any]] = [["USUBJID", "PARAMCD", "AVAL", "AVALU", "CNSR"]]
    ae: list[list[Any]] = [["USUBJID", "AEDECOD", "AETOXGR", "ASTDT"]]
    for p in PEOPLE:
        adsl.append([who[p.number], p.age, p.sex[0].upper(), "AB"[p.number % 2], p.start])
        time, event = pfs(p)
        tte.append([who[p.number], "OS", p.days, "DAYS", int(not p.dead)])
        tte.append([who[p.number], "PFS", time, "DAYS", int(not event)])
    ae += [[who[p.number], "Diarrhea", 1 + p.number % 3, p.start] for p in THIRD]
    for name, rows in (("adae", ae), ("adsl", adsl), ("adtte", tte)):
        text(folder, f"{name}.csv", ",", rows)
    return folder


LATER = [p for p in THIRD if p.progression is not None and p.progression > 30]
"""Whose new lesion was seen on the day of their progression."""


def with_new_lesion(p: Person) -> tuple[float, bool]:
    """Days without progression: to the new lesion, else to death, else to the last scan."""
    if p in LATER:
        return float(p.progression or 0), True
    return (float(p.days), True) if p.dead else (58.0, False)


TO_NEW = [with_new_lesion(p) for p in PEOPLE]
OF_NEW = {
    "survival.pfs.events": float(sum(e for _, e in TO_NEW)),
    "survival.pfs.median": km_median([t for t, _ in TO_NEW], [e for _, e in TO_NEW]) / MONTH,
}


def new_lesions(form: str | None, before: bool = False) -> list[list[Any]]:
    """Patient, day, site; one that was there before treatment where asked."""

    def written(p: Person, days: int) -> Any:
        seen = p.start + timedelta(days=days)
        return at(seen) if form is None else day(seen, form)

    sites = ("liver", "bone", "lung")
    rows = [[p.number, written(p, p.progression or 0), sites[p.number % 2]] for p in LATER]
    return rows + ([[PEOPLE[0].number, written(PEOPLE[0], -7), "brain"]] if before else [])


def scanned(p: Person) -> list[tuple[int, int]]:
    """Day and sum of each scan."""
    return list(zip((-7, 30, 58), (50, 48, 48), strict=True))


@chart(responders=None, truths=OF_NEW)
def german_sheet_of_new_lesions(path: Path) -> Path:
    who = [[p.number, p.age, day(p.start, D), day(death(p), D), day(p.last, D)] for p in PEOPLE]
    scans = [
        [p.number, day(p.start + timedelta(days=d), D), s] for p in PEOPLE for d, s in scanned(p)
    ]
    return book(
        path,
        Patienten=[["Pat.-Nr.", "Alter", "Therapiebeginn", "Todesdatum", "Letzter Kontakt"], *who],
        CT=[["Pat.-Nr.", "Datum", "Summe Zielläsionen (mm)"], *scans],
        Neue_Läsionen=[["Pat.-Nr.", "Datum", "Lokalisation"], *new_lesions(D)],
    )


@chart(responders=None, truths=OF_NEW)
def new_lesions_beside_sizes_of_each_target(path: Path) -> Path:
    scans = [
        [p.number, at(p.start + timedelta(days=d)), f"T{n}", "yes", s / 2]
        for p in PEOPLE
        for d, s in scanned(p)
        for n in (1, 2)
    ]
    return book(
        path,
        Patients=[CORE, *map(core, PEOPLE)],
        Lesions=[["ID", "Scan date", "Lesion", "Target", "Diameter (mm)"], *scans],
        New_lesions=[["Patient", "Date detected", "Location"], *new_lesions(None)],
    )


@chart(responders=None, truths=OF_NEW)
def new_lesions_beside_scans_in_columns(path: Path) -> Path:
    rows = [
        [*core(p), *(v for d, s in scanned(p) for v in (at(p.start + timedelta(days=d)), s))]
        for p in PEOPLE
    ]
    head = ["Baseline date", "Baseline sum (mm)", "CT1 date", "CT1 sum (mm)", "CT2 date",
            "CT2 sum (mm)"]  # fmt: skip
    return book(
        path,
        Patients=[[*CORE, *head], *rows],
        New_lesions=[["ID", "Date", "Site"], *new_lesions(None)],
    )


@chart(responders=None, answers={"new_lesions": "none"}, truths={"baseline.site.missing": None})
def new_lesions_beside_no_sizes(path: Path) -> Path:
    return book(
        path,
        Patients=[CORE, *map(core, PEOPLE)],
        New_lesions=[["ID", "Date", "Site"], *new_lesions(None)],
    )
