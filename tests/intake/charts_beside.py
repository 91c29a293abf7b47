"""Events, arms and endpoints on sheets and in files beside the patients (synthetic)."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from charts_mixed import book_of
from charts_public import PFS, PFS_EVENTS, PFS_MEDIAN, table
from cohort import MONTH, PEOPLE, RESPONDERS, at, chart, km_median

PFS_TRUTH = {"survival.pfs.events": float(PFS_EVENTS), "survival.pfs.median": PFS_MEDIAN}
TENTHS = [round(p.days / MONTH, 1) for p in PEOPLE]
TENTHS_MEDIAN = km_median(TENTHS, [p.dead for p in PEOPLE])


def _events(progress: str, dead: str, last: str = "") -> list[list[Any]]:
    """A row per event, in no order."""
    out: list[list[Any]] = []
    for p in PEOPLE:
        if p.progression is not None:
            out.append([p.number, progress, at(p.progressed)])
        if p.dead or last:
            out.append([p.number, dead if p.dead else last, at(p.last)])
    random.Random(5).shuffle(out)
    return out


@chart(responders=None, truths=PFS_TRUTH)
def a_sheet_of_events(path: Path) -> Path:
    people = [[p.number, p.age, at(p.start), at(p.last)] for p in PEOPLE]
    return book_of(
        path,
        Patients=[["Patient", "Age", "Start of treatment", "Last contact"], *people],
        Events=[["Patient", "Event", "Date"], *_events("Progression", "Death")],
    )


@chart(responders=None, truths=PFS_TRUTH)
def german_events(path: Path) -> Path:
    people = [[p.number, p.age, at(p.start)] for p in PEOPLE]
    events = _events("Progress", "Tod", "letzter Kontakt")
    return book_of(
        path,
        Patienten=[["Pat.-Nr.", "Alter", "Therapiebeginn"], *people],
        Ereignisse=[["Pat.-Nr.", "Ereignis", "Datum"], *events],
    )


@chart(responders=None, truths=PFS_TRUTH)
def french_events(path: Path) -> Path:
    people = [[p.number, p.age, at(p.start)] for p in PEOPLE]
    events = _events("Progression", "Décès", "Dernières nouvelles")
    return book_of(
        path,
        Patients=[["N° patient", "Âge", "Début du traitement"], *people],
        Événements=[["N° patient", "Événement", "Date"], *events],
    )


@chart(responders=None, truths=PFS_TRUTH)
def japanese_events(path: Path) -> Path:
    people = [[p.number, p.age, at(p.start)] for p in PEOPLE]
    events = _events("増悪", "死亡", "最終確認")
    return book_of(
        path,
        患者=[["患者番号", "年齢", "治療開始日"], *people],
        イベント=[["患者番号", "イベント", "日付"], *events],
    )


@chart(responders=None, truths=PFS_TRUTH)
def events_alone(path: Path) -> Path:
    starts = [[p.number, "Treatment start", at(p.start)] for p in PEOPLE]
    events = _events("Progression", "Died", "Last follow-up")
    return book_of(path, Events=[["Patient", "Event", "Date"], *starts, *events])


@chart(responders=None, answers={"recurrences": "yes"}, truths=PFS_TRUTH)
def events_of_which_some_come_again(path: Path) -> Path:
    """Local and distant recurrences as texts, some of them twice: the first of all counts."""
    people = [[f"{p.number:03d}", p.age, f"{p.start:%d.%m.%Y}", f"{p.last:%d.%m.%Y}"]
              for p in PEOPLE]  # fmt: skip
    events: list[list[Any]] = []
    for p in PEOPLE:
        day = p.progressed
        if day is not None:
            what = "Lokalrezidiv" if p.number % 2 else "Fernmetastase"
            events += [[p.number, what, f"{day:%d.%m.%Y}", "x"]] * (1 if p.number % 5 else 2)
        if p.dead:
            events.append([p.number, "verstorben", f"{p.last:%d.%m.%Y}", ""])
    return book_of(
        path,
        Stamm=[["Pat_ID", "Alter", "Therapiebeginn", "Letzter Kontakt"], *people],
        Verlauf=[["ID", "Ereignisart", "Ereignisdatum", "Kommentar"], *events],
    )


@chart(
    responders=None,
    median=TENTHS_MEDIAN,
    answers={"stacked": "yes"},
    truths={"baseline.sheet.count[level=folfox]": 12.0},
)
def arms_on_sheets(path: Path) -> Path:
    def arm(rest: int) -> list[list[Any]]:
        pairs = zip(PEOPLE, TENTHS, strict=True)
        rows = [[p.number, p.age, t, "Y" if p.dead else "N"] for p, t in pairs]
        return [["Pt ID", "Age", "OS (mo)", "Died (Y/N)"], *(r for r in rows if r[0] % 2 == rest)]

    return book_of(path, FOLFOX=arm(1), FOLFIRI=arm(0))


def _adtte() -> list[list[Any]]:
    out: list[list[Any]] = []
    for p, (time, event) in zip(PEOPLE, PFS, strict=True):
        who = f"ABC-{p.number:03d}"
        out.append([who, "OS", "Overall survival", p.days, "DAYS", 0 if p.dead else 1])
        out.append([who, "PFS", "Progression-free survival", time, "DAYS", 0 if event else 1])
    return out


ADTTE = ["USUBJID", "PARAMCD", "PARAM", "AVAL", "AVALU", "CNSR"]


@chart(responders=None, answers={"endpoints_of_rows": "yes"}, truths=PFS_TRUTH)
def subjects_and_times_on_sheets(path: Path) -> Path:
    """CNSR is 0 where the event happened."""
    people = [[f"ABC-{p.number:03d}", p.age, p.sex[0].upper()] for p in PEOPLE]
    return book_of(path, ADSL=[["USUBJID", "AGE", "SEX"], *people], ADTTE=[ADTTE, *_adtte()])


@chart(
    responders=RESPONDERS,
    answers={"endpoints_of_rows": "yes", "is_best_response": "yes"},
    truths=PFS_TRUTH,
)
def three_domains_in_files(path: Path) -> Path:
    folder = path / "adam"
    folder.mkdir()
    people = [[f"ABC-{p.number:03d}", p.age, p.sex[0].upper()] for p in PEOPLE]
    best = [[f"ABC-{p.number:03d}", "BOR", p.response] for p in PEOPLE]
    table(folder, "adsl.csv", ["USUBJID", "AGE", "SEX"], people)
    table(folder, "adtte.csv", ADTTE, _adtte())
    table(folder, "adrs.csv", ["USUBJID", "PARAMCD", "AVALC"], best)
    return folder


def _operated(head: list[str]) -> Any:
    def write(path: Path) -> Path:
        rows = [
            [p.number, at(p.start), at(p.progressed), at(p.last) if p.dead else None, at(p.last)]
            for p in PEOPLE
        ]
        return book_of(path, s=[head, *rows])

    return write


for _name, _head in {
    "a_cystectomy_starts_the_clock": [
        *("ID", "Date of radical cystectomy", "Date of recurrence", "Date of death", "Last FU date")
    ],
    "a_transplant_starts_the_clock": [
        *("ID", "Date of transplant", "Relapse date", "Date of death", "Last contact")
    ],
    "a_spanish_operation_starts_the_clock": [
        *("ID", "Fecha de cirugía", "Fecha de recidiva", "Fecha de muerte", "Último seguimiento")
    ],
}.items():
    _write = _operated(_head)
    _write.__name__ = _name
    chart(
        responders=None,
        truths={"survival.rfs.events": float(PFS_EVENTS), "survival.rfs.median": PFS_MEDIAN},
    )(_write)
