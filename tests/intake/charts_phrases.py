"""Phrases of life and death, times in parts, lists of the dead on their own sheets (synthetic)."""

from __future__ import annotations

from pathlib import Path

from charts_elsewhere import day, text
from charts_tongues import PFS, death
from cohort import (
    PEOPLE,
    RESPONDERS,
    at,
    chart,
    save,
)
from on_sheets import D, book


@chart(responders=None)
def start_from_year_and_days(path: Path) -> Path:
    rows = [[p.number, p.start.year, p.age, p.days, "Y" if p.dead else "N"] for p in PEOPLE]
    return save(
        path,
        [
            "Patient",
            "Year of treatment",
            "Age",
            "Days from first treatment to death or last follow-up",
            "Death",
        ],
        *rows,
    )


@chart(responders=None)
def status_on_another_sheet_by_list_of_dead(path: Path) -> Path:
    a = [["ID", "Age", "Start", "Last contact"]] + [
        [p.number, p.age, at(p.start), at(p.last)] for p in PEOPLE
    ]
    d = [["ID", "Date of death", "Cause"]] + [
        [p.number, at(p.last), "PD"] for p in PEOPLE if p.dead
    ]
    return book(path, Patients=a, Deaths=d)


@chart(responders=RESPONDERS, answers={"deaths": "yes", "pfs": "yes"}, truths=PFS)
def sheets_with_subset_of_patients(path: Path) -> Path:
    a = [["ID", "Age", "Start", "BOR"]] + [
        [p.number, p.age, at(p.start), p.response] for p in PEOPLE
    ]
    b_ = [["ID", "Date of progression", "Site"]] + [
        [p.number, at(p.progressed), "liver"] for p in PEOPLE if p.progressed
    ]
    d = [["ID", "Status", "Date"]] + [
        [p.number, "dead" if p.dead else "alive", at(p.last)] for p in PEOPLE
    ]
    return book(path, Baseline=a, Progression=b_, Follow_up=d)


@chart(responders=None, answers={"ki67": "leave out"})
def percents_and_bounds(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            ["<1%", "1-49%", "≥50%"][p.number % 3],
            f"{p.number * 3}%" if p.number % 2 else p.number * 0.03,
            at(p.start),
            at(death(p)),
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(path, ["ID", "Age", "PD-L1 TPS", "Ki67", "Start", "Death", "Last contact"], *rows)


@chart(responders=None)
def dates_as_text_with_apostrophes_and_blanks(path: Path) -> Path:
    rows = [
        [
            f" {p.number} ",
            f" {p.age}",
            f"'{p.start:%d.%m.%Y}",
            f"{p.last:%d. %m. %Y}" if p.dead else " ",
            f"{p.last:%d.%m.%Y} ",
        ]
        for p in PEOPLE
    ]
    return save(path, ["ID ", "  Age", "Start ", "Death", " Last contact"], *rows)


@chart(responders=None, answers={"deaths": "yes"})
def italian_status_words(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            day(p.start, "%d/%m/%Y"),
            ("Deceduto per malattia" if p.number % 2 else "Deceduto altra causa")
            if p.dead
            else ("Vivo NED" if p.number % 2 else "Vivo con malattia"),
            day(p.last, "%d/%m/%Y"),
        ]
        for p in PEOPLE
    ]
    return save(path, ["ID", "Età", "Data intervento", "Stato ultimo FU", "Data ultimo FU"], *rows)


@chart(responders=None, answers={"deaths": "yes"})
def polish_status_words(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            day(p.start, D),
            ("zgon z powodu choroby" if p.number % 2 else "zgon z innych przyczyn")
            if p.dead
            else ("żyje bez choroby" if p.number % 2 else "żyje z chorobą"),
            day(p.last, D),
        ]
        for p in PEOPLE
    ]
    return save(
        path, ["Lp", "Wiek", "Data operacji", "Stan pacjenta", "Data ostatniej wizyty"], *rows
    )


@chart(responders=None, answers={"deaths": "yes"})
def japanese_status_words(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            day(p.start, "%Y/%m/%d"),
            ("原病死" if p.number % 2 else "他病死")
            if p.dead
            else ("無再発生存" if p.number % 2 else "担癌生存"),
            day(p.last, "%Y/%m/%d"),
        ]
        for p in PEOPLE
    ]
    return save(path, ["症例", "年齢", "手術日", "転帰", "転帰確認日"], *rows)


@chart(responders=None, answers={"deaths": "yes"})
def chinese_status_words(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            day(p.start, "%Y.%m.%d"),
            ("肿瘤死亡" if p.number % 2 else "非肿瘤死亡")
            if p.dead
            else ("无瘤生存" if p.number % 2 else "带瘤生存"),
            day(p.last, "%Y.%m.%d"),
        ]
        for p in PEOPLE
    ]
    return save(path, ["病例号", "年龄", "手术日期", "目前状态", "最后随访时间"], *rows)


@chart(responders=None, answers={"deaths": "yes"})
def portuguese_status_words(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            day(p.start, "%d/%m/%Y"),
            ("Óbito por câncer" if p.number % 2 else "Óbito por outra causa")
            if p.dead
            else ("Vivo sem doença" if p.number % 2 else "Vivo com doença"),
            day(p.last, "%d/%m/%Y"),
        ]
        for p in PEOPLE
    ]
    return save(
        path, ["Nº", "Idade", "Data cirurgia", "Situação atual", "Data última consulta"], *rows
    )


@chart(responders=None, answers={"deaths": "yes"})
def dutch_status_words(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            day(p.start, "%d-%m-%Y"),
            ("overleden aan ziekte" if p.number % 2 else "overleden andere oorzaak")
            if p.dead
            else ("in leven zonder ziekte" if p.number % 2 else "in leven met ziekte"),
            day(p.last, "%d-%m-%Y"),
        ]
        for p in PEOPLE
    ]
    return save(path, ["Nr", "Leeftijd", "OK-datum", "Status", "Datum laatste controle"], *rows)


@chart(responders=None)
def prefix_rows_of_database(path: Path) -> Path:
    rows = [
        ["Report: Oncology cohort"],
        ["Generated: 2018-11-12 10:11"],
        ["Filter: site = kidney"],
        [],
        ["Record Number", "DOB Year", "Tx Start Date", "Vital Status", "Date Last Contact/Death"],
    ]
    rows += [
        [
            f"RN{p.number:05d}",
            p.start.year - p.age,
            day(p.start, "%m/%d/%Y"),
            "DECEASED" if p.dead else "ALIVE",
            day(p.last, "%m/%d/%Y"),
        ]
        for p in PEOPLE
    ]
    rows += [[], ["Total records: 24"], ["CONFIDENTIAL - end of report"]]
    return text(path, "report.csv", ",", rows)
