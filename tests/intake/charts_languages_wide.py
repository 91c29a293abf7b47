"""Wide scans and phrases of life and death, language by language (synthetic)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from charts_elsewhere import RFS, day, text
from charts_tongues import PFS, death
from cohort import (
    PEOPLE,
    RESPONDERS,
    at,
    chart,
    months,
    save,
)
from on_sheets import D, sizes
from openpyxl import Workbook


@chart(responders=RESPONDERS)
def german_recist_wide(path: Path) -> Path:
    rows = []
    for p in PEOPLE:
        z = sizes(p)
        rows.append(
            [
                f"Pat. {p.number}",
                p.age,
                day(p.start, D),
                day(p.start - timedelta(days=7), D),
                z[0],
                day(p.start + timedelta(days=30), D),
                z[1],
                "nein",
                day(p.start + timedelta(days=58), D),
                z[2],
                "nein",
                day(death(p), D),
                day(p.last, D),
            ]
        )
    return save(
        path,
        [
            "Patient",
            "Alter",
            "Therapiebeginn",
            "Ausgangsbefund Datum",
            "Ausgangsbefund Summe (mm)",
            "Kontrolle 1 Datum",
            "Kontrolle 1 Summe (mm)",
            "Kontrolle 1 neue Läsion",
            "Kontrolle 2 Datum",
            "Kontrolle 2 Summe (mm)",
            "Kontrolle 2 neue Läsion",
            "verstorben am",
            "letzter Kontakt",
        ],
        *rows,
    )


@chart(responders=RESPONDERS)
def french_recist_wide(path: Path) -> Path:
    f = "%d/%m/%Y"
    rows = []
    for p in PEOPLE:
        z = sizes(p)
        rows.append(
            [
                p.number,
                p.age,
                day(p.start, f),
                day(p.start - timedelta(days=7), f),
                z[0],
                day(p.start + timedelta(days=30), f),
                z[1],
                "N",
                day(p.start + timedelta(days=58), f),
                z[2],
                "N",
                day(death(p), f),
                day(p.last, f),
            ]
        )
    return save(
        path,
        [
            "N° inclusion",
            "Âge",
            "Début traitement",
            "TDM initial date",
            "TDM initial somme (mm)",
            "TDM 1 date",
            "TDM 1 somme (mm)",
            "TDM 1 nouvelle lésion (O/N)",
            "TDM 2 date",
            "TDM 2 somme (mm)",
            "TDM 2 nouvelle lésion (O/N)",
            "Date du décès",
            "Date des dernières nouvelles",
        ],
        *rows,
    )


@chart(responders=RESPONDERS)
def chinese_recist_wide(path: Path) -> Path:
    f = "%Y-%m-%d"
    rows = []
    for p in PEOPLE:
        z = sizes(p)
        rows.append(
            [
                p.number,
                p.age,
                day(p.start, f),
                day(p.start - timedelta(days=7), f),
                z[0],
                day(p.start + timedelta(days=30), f),
                z[1],
                "否",
                day(p.start + timedelta(days=58), f),
                z[2],
                "否",
                day(death(p), f),
                day(p.last, f),
            ]
        )
    return save(
        path,
        [
            "病历编号",
            "年龄",
            "开始治疗日期",
            "基线日期",
            "基线靶病灶总和(mm)",
            "评估1日期",
            "评估1靶病灶总和(mm)",
            "评估1新病灶",
            "评估2日期",
            "评估2靶病灶总和(mm)",
            "评估2新病灶",
            "死亡日期",
            "末次随访日期",
        ],
        *rows,
    )


@chart(responders=RESPONDERS)
def spanish_recist_wide(path: Path) -> Path:
    f = "%d/%m/%Y"
    rows = []
    for p in PEOPLE:
        z = sizes(p)
        rows.append(
            [
                p.number,
                p.age,
                day(p.start, f),
                day(p.start - timedelta(days=7), f),
                z[0],
                day(p.start + timedelta(days=30), f),
                z[1],
                "no",
                day(p.start + timedelta(days=58), f),
                z[2],
                "no",
                day(death(p), f),
                day(p.last, f),
            ]
        )
    return save(
        path,
        [
            "Nº",
            "Edad",
            "Inicio",
            "TAC basal fecha",
            "TAC basal suma (mm)",
            "TAC 1 fecha",
            "TAC 1 suma (mm)",
            "TAC 1 lesión nueva",
            "TAC 2 fecha",
            "TAC 2 suma (mm)",
            "TAC 2 lesión nueva",
            "Fecha de éxitus",
            "Fecha última visita",
        ],
        *rows,
    )


@chart(responders=None, answers={"progressed": "oui"}, truths=RFS)
def flagged_dates_french(path: Path) -> Path:
    f = "%d/%m/%Y"
    rows = [
        [
            p.number,
            p.age,
            day(p.start, f),
            "oui" if p.progressed else "non",
            day(p.progressed or p.last, f),
            "oui" if p.dead else "non",
            day(p.last, f),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        [
            "Patient",
            "Âge",
            "Date opératoire",
            "Récidive",
            "Date récidive ou dernières nouvelles",
            "Décès",
            "Date décès ou dernières nouvelles",
        ],
        *rows,
    )


@chart(responders=None, answers={"progressed": "1"}, truths=RFS)
def flagged_dates_chinese(path: Path) -> Path:
    f = "%Y/%m/%d"
    rows = [
        [
            f"P{p.number:03d}",
            p.age,
            day(p.start, f),
            1 if p.progressed else 0,
            day(p.progressed or p.last, f),
            1 if p.dead else 0,
            day(p.last, f),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        [
            "编号",
            "年龄",
            "手术时间",
            "复发(1=是,0=否)",
            "复发/末次随访时间",
            "死亡(1=是,0=否)",
            "死亡/末次随访时间",
        ],
        *rows,
    )


@chart(responders=None, answers={"deaths": "yes", "vital_status": "alive"})
def status_by_abbreviation_codes(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            at(p.start),
            ("DOD" if p.number % 2 else "DOC") if p.dead else ["NED", "AWD", "LTFU"][p.number % 3],
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        ["Pt", "Age", "Surgery date", "Status at last FU", "Date of last FU"],
        *rows,
        [],
        ["NED no evidence of disease; AWD alive with disease; DOD dead of disease; LTFU lost"],
    )


@chart(responders=None)
def three_tables_below_each_other_by_arm(path: Path) -> Path:
    rows = []
    for arm in "ABC":
        rows += [[f"Arm {arm}"], ["ID", "Sex", "Age", "Start", "Death", "Last contact"]]
        rows += [
            [p.number, p.sex, p.age, at(p.start), at(death(p)), at(p.last)]
            for p in PEOPLE
            if "ABC"[p.number % 3] == arm
        ]
        rows += [[]]
    return save(path, *rows)


@chart(responders=None, answers={"deaths": "yes"})
def initials_and_no_number(path: Path) -> Path:
    rows = [
        [
            chr(65 + p.number) + chr(90 - p.number),
            p.age,
            p.sex,
            at(p.start),
            "Y" if p.dead else "N",
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(
        path, ["Initials", "Age", "Sex", "Start of treatment", "Dead", "Last contact"], *rows
    )


@chart(responders=None)
def months_years_in_two_columns(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            p.days // 365,
            round((p.days % 365) / 30.4375, 2),
            "dead" if p.dead else "alive",
        ]
        for p in PEOPLE
    ]
    return save(path, ["No", "Age", "FU years", "FU months", "Status"], *rows)


@chart(responders=RESPONDERS, answers={"rows_per_patient": "first"}, truths=PFS)
def merged_patient_cells_two_rows_lines(path: Path) -> Path:
    b = Workbook()
    s = b.active
    s.append(
        ["Patient", "Age", "Start", "BOR", "PD date", "Death", "Last contact", "Metastatic site"]
    )
    r = 2
    for p in PEOPLE:
        s.append(
            [
                p.number,
                p.age,
                at(p.start),
                p.response,
                at(p.progressed),
                at(death(p)),
                at(p.last),
                "lung",
            ]
        )
        s.append([None] * 7 + ["liver"])
        for c in range(1, 8):
            s.merge_cells(start_row=r, end_row=r + 1, start_column=c, end_column=c)
        r += 2
    b.save(path / "c.xlsx")
    return path / "c.xlsx"


@chart(responders=None)
def swedish_semicolon(path: Path) -> Path:
    rows = [
        ["Löpnr", "Kön", "Ålder", "Behandlingsstart", "Dödsdatum", "Senaste kontakt", "Hb (g/L)"]
    ] + [
        [
            p.number,
            "Man" if p.sex == "male" else "Kvinna",
            p.age,
            p.start.isoformat(),
            death(p).isoformat() if p.dead else "",
            p.last.isoformat(),
            f"{p.hb * 10:.0f}",
        ]
        for p in PEOPLE
    ]
    return text(path, "data.csv", ";", rows, "cp1252")


@chart(responders=None, absent=("died_after",))
def dead_after_and_alive_after(path: Path) -> Path:
    rows = [
        [p.number, p.age, months(p) if p.dead else None, None if p.dead else months(p)]
        for p in PEOPLE
    ]
    return save(path, ["Case", "Age", "Died after (months)", "Alive after (months)"], *rows)
