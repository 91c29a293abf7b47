"""Scans in several languages, nested files, tables amid a sheet, units that differ (synthetic)."""

from __future__ import annotations

import json
import statistics
from datetime import timedelta
from pathlib import Path

from charts_elsewhere import day
from charts_tongues import PFS, death
from cohort import (
    MONTH,
    PEOPLE,
    RESPONDERS,
    at,
    chart,
    save,
)
from on_sheets import D, book


@chart(responders=None, answers={"last_contact": "LK"})
def table_in_the_middle_of_the_sheet(path: Path) -> Path:
    rows = [
        [],
        [],
        [None, None, "Liste der Patienten"],
        [],
        [None, None, "Pat.", "Alter", "Beginn", "Tod", "LK"],
    ]
    rows += [[None, None, p.number, p.age, at(p.start), at(death(p)), at(p.last)] for p in PEOPLE]
    return save(path, *rows)


@chart(responders=None, answers={"stacked": "yes"})
def stacked_days_and_months(path: Path) -> Path:
    def h(u):
        return ["ID", "Age", f"OS ({u})", "Dead"]

    a = [h("days")] + [
        [f"A{p.number}", p.age, p.days, "yes" if p.dead else "no"] for p in PEOPLE[:12]
    ]
    b = [h("months")] + [
        [f"B{p.number}", p.age, round(p.days / MONTH, 2), "yes" if p.dead else "no"]
        for p in PEOPLE[12:]
    ]
    return book(path, Centre_A=a, Centre_B=b)


@chart(
    responders=None,
    answers={"unit": "g/dL"},
    truths={"baseline.hb.median": round(statistics.median(p.hb for p in PEOPLE), 2)},
)
def haemoglobin_in_two_units_said(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            f"{p.hb} g/dL" if p.number % 2 else f"{p.hb * 10:.0f} g/L",
            at(p.start),
            at(death(p)),
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(path, ["ID", "Age", "Hb", "Start", "Death", "Last contact"], *rows)


@chart(responders=None)
def labs_long(path: Path) -> Path:
    a = [["Pat", "Age", "Start", "Death", "Last contact"]] + [
        [p.number, p.age, at(p.start), at(death(p)), at(p.last)] for p in PEOPLE
    ]
    labs = [["Pat", "Date", "Test", "Value", "Unit"]]
    for p in PEOPLE:
        labs.append([p.number, at(p.start - timedelta(days=3)), "Hb", p.hb, "g/dl"])
        labs.append([p.number, at(p.start - timedelta(days=3)), "LDH", 200 + p.number, "U/l"])
        labs.append([p.number, at(p.start + timedelta(days=30)), "Hb", 9.9, "g/dl"])
    return book(path, Patients=a, Labs=labs)


@chart(responders=None, answers={"adverse_events": "CTCAE 4.03"})
def grades_in_a_matrix(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            at(p.start),
            p.number % 4,
            (p.number + 1) % 3,
            0 if p.number % 5 else 3,
            at(death(p)),
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        ["ID", "Age", "Start", "Diarrhea", "HFS", "Hypertension", "Death", "Last contact"],
        *rows,
    )


@chart(responders=RESPONDERS)
def percent_changes_per_scan(path: Path) -> Path:
    def s(p):
        return (0, -60, -60) if p.response in ("CR", "PR") else (0, 4, -2)

    rows = [
        [
            p.number,
            p.age,
            at(p.start),
            at(p.start - timedelta(days=7)),
            50,
            at(p.start + timedelta(days=30)),
            50 * (1 + s(p)[1] / 100),
            at(p.start + timedelta(days=58)),
            50 * (1 + s(p)[2] / 100),
            at(death(p)),
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        [
            "N.",
            "Età",
            "Inizio terapia",
            "TC basale data",
            "TC basale somma (mm)",
            "TC 1 data",
            "TC 1 somma (mm)",
            "TC 2 data",
            "TC 2 somma (mm)",
            "Data decesso",
            "Ultimo contatto",
        ],
        *rows,
    )


@chart(responders=RESPONDERS)
def portuguese_recist(path: Path) -> Path:
    def s(p):
        return (50, 20, 20) if p.response in ("CR", "PR") else (50, 52, 49)

    rows = [
        [
            p.number,
            p.age,
            day(p.start, "%d/%m/%Y"),
            day(p.start - timedelta(days=7), "%d/%m/%Y"),
            s(p)[0],
            day(p.start + timedelta(days=30), "%d/%m/%Y"),
            s(p)[1],
            "não",
            day(p.start + timedelta(days=58), "%d/%m/%Y"),
            s(p)[2],
            "não",
            day(death(p), "%d/%m/%Y"),
            day(p.last, "%d/%m/%Y"),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        [
            "Doente",
            "Idade",
            "Início do tratamento",
            "Basal data",
            "Basal soma (mm)",
            "Avaliação 1 data",
            "Avaliação 1 soma (mm)",
            "Avaliação 1 novas lesões",
            "Avaliação 2 data",
            "Avaliação 2 soma (mm)",
            "Avaliação 2 novas lesões",
            "Data do óbito",
            "Último contacto",
        ],
        *rows,
    )


@chart(responders=RESPONDERS)
def japanese_recist(path: Path) -> Path:
    def s(p):
        return (50, 20, 20) if p.response in ("CR", "PR") else (50, 52, 49)

    rows = [
        [
            p.number,
            p.age,
            at(p.start),
            at(p.start - timedelta(days=7)),
            s(p)[0],
            at(p.start + timedelta(days=30)),
            s(p)[1],
            "無",
            at(p.start + timedelta(days=58)),
            s(p)[2],
            "無",
            at(death(p)),
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        [
            "症例番号",
            "年齢",
            "投与開始日",
            "治療前 評価日",
            "治療前 標的病変径和(mm)",
            "評価1 日",
            "評価1 標的病変径和(mm)",
            "評価1 新病変",
            "評価2 日",
            "評価2 標的病変径和(mm)",
            "評価2 新病変",
            "死亡日",
            "最終確認日",
        ],
        *rows,
    )


@chart(responders=None, answers={"vital_status": "0 = alive, 1 = dead, 2 = alive"})
def lost_and_alive_codes_in_a_row_below_the_header(path: Path) -> Path:
    rows = [
        ["ID", "Age", "Sex", "Start", "Status", "Last contact or death"],
        [None, "years", "1=m 2=f", "dd.mm.yyyy", "0=alive 1=dead 2=lost", None],
    ]
    rows += [
        [
            p.number,
            p.age,
            1 if p.sex == "male" else 2,
            day(p.start, D),
            1 if p.dead else (2 if p.number % 4 == 0 else 0),
            day(p.last, D),
        ]
        for p in PEOPLE
    ]
    return save(path, *rows)


@chart(responders=None, truths=PFS)
def nested_json(path: Path) -> Path:
    rows = [
        {
            "id": f"X{p.number}",
            "demographics": {"age": p.age, "sex": p.sex},
            "treatment": {"start": p.start.isoformat()},
            "outcome": {
                "progression_date": p.progressed.isoformat() if p.progressed else None,
                "death_date": p.last.isoformat() if p.dead else None,
                "last_contact": p.last.isoformat(),
            },
        }
        for p in PEOPLE
    ]
    (path / "c.json").write_text(json.dumps(rows))
    return path / "c.json"


@chart(responders=None)
def years_and_days_of_age_at_both_ends(path: Path) -> Path:
    rows = [
        [
            p.number,
            round(p.age + 0.0, 3),
            round(p.age + p.days / 365.25, 3),
            "Dead" if p.dead else "Alive",
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        ["Subject", "Age at enrolment (y)", "Age at death or last follow-up (y)", "Vital status"],
        *rows,
    )


@chart(responders=None, answers={"deaths": "yes"})
def finnish_registry(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            "mies" if p.sex == "male" else "nainen",
            day(p.start, D),
            "kuollut" if p.dead else "elossa",
            day(p.last, D),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        ["Potilasnro", "Ikä", "Sukupuoli", "Hoidon aloitus", "Tila", "Viimeinen seuranta"],
        *rows,
    )
