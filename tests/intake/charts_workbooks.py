"""Complete workbooks of several sheets, supplements and exports of packages (synthetic)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from charts_abroad import pfs
from charts_elsewhere import RFS, day, text
from charts_tongues import PFS, death
from cohort import (
    MONTH,
    PEOPLE,
    RESPONDERS,
    at,
    chart,
    months,
    save,
)
from on_sheets import PFSE, D, book, sizes


@chart(responders=RESPONDERS, answers={"ctcae": "CTCAE 4.03"})
def complete_workbook_german(path: Path) -> Path:
    st = [
        ["Kohorte NZK", "", "", "Stand 1.3.2019"],
        [],
        ["Pat.-ID", "Geb.-Datum", "Geschlecht", "ED", "Beginn TKI", "ECOG", "IMDC", "KM?"],
    ]
    st += [
        [
            f"N-{p.number:03d}",
            f"{3 + p.number % 20:02d}.05.{p.start.year - p.age}",
            "w" if p.sex == "female" else "m",
            day(p.start - timedelta(days=60), D),
            day(p.start, D),
            ["0", "1", "2", "k.A."][p.number % 4],
            ["günstig", "intermediär", "ungünstig"][p.number % 3],
            "ja" if p.number % 2 else "nein",
        ]
        for p in PEOPLE
    ]
    st += [[], ["k.A. = keine Angabe"]]
    bi = [["Pat.-ID", "CT-Datum", "Summe Zielläsionen [mm]", "neue Läsion"]]
    for p in PEOPLE:
        for d, z in zip((-7, 30, 58), sizes(p), strict=False):
            bi.append([f"N-{p.number:03d}", day(p.start + timedelta(days=d), D), z, "nein"])
    ve = [["Pat.-ID", "Progress am", "Status", "letzter Kontakt / Todesdatum"]] + [
        [
            f"N-{p.number:03d}",
            day(p.progressed, D) or "kein Progress",
            "verstorben" if p.dead else "lebt",
            day(p.last, D),
        ]
        for p in PEOPLE
    ]
    uaw = [["Pat.-ID", "UAW", "Grad", "Beginn"]] + [
        [f"N-{p.number:03d}", "Diarrhoe", 1 + p.number % 3, day(p.start + timedelta(days=12), D)]
        for p in PEOPLE
        if p.number % 2
    ]
    return book(path, Stammdaten=st, Bildgebung=bi, Verlauf=ve, UAW=uaw)


@chart(responders=RESPONDERS, truths=PFS)
def complete_workbook_english(path: Path) -> Path:
    dm = [["Study No", "Sex", "Age", "Arm"]] + [
        [p.number, p.sex[0].upper(), p.age, "AB"[p.number % 2]] for p in PEOPLE
    ]
    tx = [["Study No", "Drug", "First dose", "Last dose", "Reason off"]] + [
        [
            p.number,
            "pembrolizumab",
            at(p.start),
            at(p.start + timedelta(days=min(50, p.days - 1))),
            ["PD", "toxicity", "completed"][p.number % 3],
        ]
        for p in PEOPLE
    ]
    rs = [["Study No", "BOR", "Date of PD"]] + [
        [p.number, p.response, at(p.progressed)] for p in PEOPLE
    ]
    su = [["Study No", "Alive?", "Date of death", "Last seen alive"]] + [
        [p.number, "N" if p.dead else "Y", at(death(p)), at(p.last)] for p in PEOPLE
    ]
    lb = [["Study No", "Hb (g/dL)", "LDH (U/L)"]] + [
        [p.number, p.hb, 200 + p.number] for p in PEOPLE
    ]
    return book(path, Demog=dm, Treatment=tx, Response=rs, Survival=su, Labs=lb)


@chart(responders=RESPONDERS, truths=PFS)
def complete_workbook_japanese(path: Path) -> Path:
    f = "%Y/%m/%d"
    a = [["登録番号", "性別", "年齢", "組織型", "PS", "治療開始日"]] + [
        [
            f"J{p.number:03d}",
            "男" if p.sex == "male" else "女",
            p.age,
            ["腺癌", "扁平上皮癌"][p.number % 2],
            p.number % 3,
            day(p.start, f),
        ]
        for p in PEOPLE
    ]
    b = [["登録番号", "最良効果", "増悪日", "増悪部位"]] + [
        [
            f"J{p.number:03d}",
            p.response,
            day(p.progressed, f) or "なし",
            "肝" if p.progressed else None,
        ]
        for p in PEOPLE
    ]
    c = [["登録番号", "転帰", "最終生存確認日または死亡日", "死因"]] + [
        [
            f"J{p.number:03d}",
            "死亡" if p.dead else "生存",
            day(p.last, f),
            "原病死" if p.dead else None,
        ]
        for p in PEOPLE
    ]
    return book(path, 患者背景=a, 効果=b, 転帰=c)


@chart(responders=RESPONDERS, truths=PFS)
def complete_workbook_spanish(path: Path) -> Path:
    f = "%d/%m/%Y"
    a = [["Código", "Sexo", "Edad", "ECOG", "Inicio ICI"]] + [
        [f"C{p.number}", "H" if p.sex == "male" else "M", p.age, p.number % 3, day(p.start, f)]
        for p in PEOPLE
    ]
    b = [["Código", "Mejor respuesta", "Progresión (SI/NO)", "Fecha progresión"]] + [
        [
            f"C{p.number}",
            {"CR": "RC", "PR": "RP", "SD": "EE", "PD": "PE"}[p.response],
            "SI" if p.progressed else "NO",
            day(p.progressed, f),
        ]
        for p in PEOPLE
    ]
    c = [["Código", "Éxitus (SI/NO)", "Fecha éxitus", "Fecha último seguimiento"]] + [
        [f"C{p.number}", "SI" if p.dead else "NO", day(death(p), f), day(p.last, f)] for p in PEOPLE
    ]
    return book(path, Basal=a, Respuesta=b, Seguimiento=c)


@chart(responders=None, truths=PFSE)
def public_supplement_times(path: Path) -> Path:
    rows = [
        ["Supplementary Table S2. Clinical characteristics of the cohort"],
        [],
        [
            "Patient",
            "Age, y",
            "Sex",
            "Histology",
            "PFS, mo",
            "PFS censored (0=event)",
            "OS, mo",
            "OS censored (0=event)",
        ],
    ]
    rows += [
        [
            f"Pt{p.number}",
            p.age,
            p.sex[0].upper(),
            ["ccRCC", "pRCC"][p.number % 2],
            round(pfs(p)[0] / MONTH, 2),
            int(not pfs(p)[1]),
            months(p),
            int(not p.dead),
        ]
        for p in PEOPLE
    ]
    rows += [["Abbreviations: PFS, progression-free survival; OS, overall survival."]]
    return save(path, *rows)


@chart(
    responders=None,
    answers={"endpoint": "name = os, event_value = 2, time_unit = days", "sex": "1 = male"},
)
def r_data_with_factors(path: Path) -> Path:
    rows = [["", "inst", "time", "status", "age", "sex", "ph.ecog"]] + [
        [
            f'"{i + 1}"',
            p.number % 5,
            p.days,
            2 if p.dead else 1,
            p.age,
            1 if p.sex == "male" else 2,
            p.number % 3,
        ]
        for i, p in enumerate(PEOPLE)
    ]
    return text(path, "lung.csv", ",", rows)


@chart(responders=None, answers={"endpoint": "name = os, event_value = 1, time_unit = months"})
def stata_names_with_underscores(path: Path) -> Path:
    rows = [["_id", "age_dx", "sex", "_t", "_d", "_st"]] + [
        [p.number, p.age, p.sex, months(p), int(p.dead), 1] for p in PEOPLE
    ]
    return text(path, "st.csv", ",", rows)


@chart(responders=None, answers={"deaths": "yes"})
def arabic_and_english_mixed(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            "ذكر" if p.sex == "male" else "أنثى",
            day(p.start, "%d/%m/%Y"),
            "متوفى" if p.dead else "حي",
            day(p.last, "%d/%m/%Y"),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        [
            "No رقم",
            "Age العمر",
            "Sex الجنس",
            "Start date تاريخ البدء",
            "Status الحالة",
            "Last follow-up آخر متابعة",
        ],
        *rows,
    )


@chart(responders=None, truths=RFS)
def relapse_type_and_date_with_none(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            at(p.start),
            ["local", "distant"][p.number % 2] if p.progressed else "none",
            at(p.progressed),
            "dead" if p.dead else "alive",
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        [
            "ID",
            "Age",
            "Date of surgery",
            "Type of recurrence",
            "Date of recurrence",
            "Status",
            "Date of death or last follow-up",
        ],
        *rows,
    )


@chart(responders=None)
def units_in_own_columns(path: Path) -> Path:
    rows = [
        [p.number, p.age, "years", p.hb, "g/dL", months(p), "months", "D" if p.dead else "A"]
        for p in PEOPLE
    ]
    return save(
        path,
        ["Subject", "Age", "Age unit", "Hb", "Hb unit", "OS", "OS unit", "Vital status (A/D)"],
        *rows,
    )
