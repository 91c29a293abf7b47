"""Charts as they are kept: logs of events, codes told beside, several orders (synthetic)."""

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
    dated,
    months,
    save,
)
from on_sheets import PFSE, D, book
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill


@chart(responders=None, answers={"vital_status": "1", "progressed": "1"}, truths=RFS)
def dutch_breast_flags_and_dates(path: Path) -> Path:
    rows = [
        [
            f"B{p.number:03d}",
            p.age,
            day(p.start, "%d-%m-%Y"),
            ["pos", "neg"][p.number % 2],
            1 if p.progressed else 0,
            day(p.progressed or p.last, "%d-%m-%Y"),
            int(p.dead),
            day(p.last, "%d-%m-%Y"),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        [
            "Studienr",
            "Leeftijd",
            "Datum operatie",
            "ER-status",
            "Recidief (0/1)",
            "Datum recidief/laatste controle",
            "Overleden (0/1)",
            "Datum overlijden/laatste contact",
        ],
        *rows,
    )


@chart(responders=None, answers={"pfs": "none"})
def marked_os_and_bare_pfs(path: Path) -> Path:
    rows = [
        [p.number, p.age, round(pfs(p)[0] / MONTH, 2), f"{months(p)}{'' if p.dead else '+'}"]
        for p in PEOPLE
    ]
    return save(path, ["Case", "Age", "PFS, mo", "OS, mo"], *rows)


@chart(responders=RESPONDERS, answers={"pfs": "1"}, truths=PFSE)
def chinese_times_with_a_sheet_of_codes(path: Path) -> Path:
    code = {"CR": 0, "PR": 1, "SD": 2, "PD": 3}
    rows = [["编号", "性别", "年龄", "最佳疗效", "PFS(月)", "PFS状态", "OS(月)", "OS状态"]]
    rows += [
        [
            p.number,
            1 if p.sex == "male" else 0,
            p.age,
            code[p.response],
            round(pfs(p)[0] / MONTH, 2),
            int(pfs(p)[1]),
            months(p),
            int(p.dead),
        ]
        for p in PEOPLE
    ]
    leg = [
        ["变量", "赋值"],
        ["性别", "0=女，1=男"],
        ["最佳疗效", "0=CR，1=PR，2=SD，3=PD"],
        ["PFS状态", "0=未进展，1=进展或死亡"],
        ["OS状态", "0=存活，1=死亡"],
    ]
    return book(path, 数据=rows, 变量说明=leg)


@chart(responders=None, truths=PFS)
def korean_days_with_blanks(path: Path) -> Path:
    def f(d):
        return f"{d.year}-{d.month}-{d.day}" if d else None

    rows = [
        [
            f"KR{p.number:02d}",
            f"{p.age}세",
            "남" if p.sex == "male" else "여",
            f(p.start),
            f(p.progressed) or "없음",
            f(death(p)) or "생존",
            f(p.last),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        ["환자번호", "나이", "성별", "치료 시작일", "재발/진행일", "사망일", "최종 내원일"],
        *rows,
    )


@chart(
    responders=RESPONDERS, answers={"start": "yes", "best_response": "S = SD, P = PD"}, truths=PFS
)
def french_files_with_other_numbers(path: Path) -> Path:
    f = "%d/%m/%Y"
    a = [["N° patient", "Sexe", "Âge", "Date J1"]] + [
        [p.number, "M" if p.sex == "male" else "F", p.age, day(p.start, f)] for p in PEOPLE
    ]
    b = [["Patient", "Meilleure réponse", "Date progression"]] + [
        [
            f"P{p.number:03d}",
            {"CR": "RC", "PR": "RP", "SD": "S", "PD": "P"}[p.response],
            day(p.progressed, f),
        ]
        for p in PEOPLE
    ]
    c = [["Patient", "Date du décès", "Date dernières nouvelles"]] + [
        [f"P{p.number:03d}", day(death(p), f), day(p.last, f)] for p in PEOPLE
    ]
    d = path / "fichiers"
    d.mkdir()
    text(d, "patients.csv", ";", a)
    text(d, "reponses.csv", ";", b)
    text(d, "suivi.csv", ";", c)
    return d


@chart(responders=RESPONDERS, truths=PFS)
def event_log_english(path: Path) -> Path:
    rows = []
    for p in PEOPLE:
        n = f"{p.number:03d}"
        rows.append([n, at(p.start - timedelta(days=15)), "Diagnosis", None])
        rows.append([n, at(p.start), "Treatment start", "nivolumab"])
        rows.append([n, at(p.start + timedelta(days=25)), "Best response", p.response])
        if p.progressed:
            rows.append([n, at(p.progressed), "Progression", None])
        rows.append([n, at(p.last), "Death" if p.dead else "Last contact", None])
    return save(path, ["Patient ID", "Date", "Event", "Detail"], *rows)


@chart(responders=None, answers={"deaths": "yes"})
def comment_on_the_header_says_codes(path: Path) -> Path:
    b = Workbook()
    s = b.active
    s.append(["Nr", "Wiek", "Plec", "Start", "Stan", "Ostatni kontakt"])
    s["C1"].comment = Comment("1=mężczyzna, 2=kobieta", "lek.")
    s["E1"].comment = Comment("0 - żyje, 1 - zgon", "lek.")
    for p in PEOPLE:
        s.append(
            [p.number, p.age, 1 if p.sex == "male" else 2, at(p.start), int(p.dead), at(p.last)]
        )
    b.save(path / "c.xlsx")
    return path / "c.xlsx"


@chart(responders=RESPONDERS, answers={"rows_twice": "yes"}, truths=PFS)
def one_patient_entered_twice(path: Path) -> Path:
    rows = [dated(p) for p in PEOPLE]
    rows.insert(7, dated(PEOPLE[2]))
    return save(
        path,
        ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"],
        *rows,
    )


@chart(responders=RESPONDERS, answers={"coloured_rows": "none"}, truths=PFS)
def all_the_decorations(path: Path) -> Path:
    b = Workbook()
    s = b.active
    s.append(["Cohort mUC ICI – working copy, DO NOT SORT"])
    s.append([])
    s.append(["Demographics", None, None, "Therapy", None, "Outcome", None, None])
    s.merge_cells("A3:C3")
    s.merge_cells("D3:E3")
    s.merge_cells("F3:H3")
    s.append(["ID", "Sex", "Age", "Start", "BOR", "PD", "Death", "LFU"])
    for i, p in enumerate(PEOPLE):
        s.append(dated(p))
        if i == 12:
            s.append([None] * 8)
    for c in s[9]:
        c.fill = PatternFill("solid", fgColor="FFFFFF00")
    s.append([])
    s.append(["n = 24"])
    s.append(["yellow = check with Dr X"])
    s.append(["mean", None, 60.1])
    b.save(path / "c.xlsx")
    return path / "c.xlsx"


@chart(responders=None, answers={"os": "0 = censored, 1 = event, 2 = event"})
def competing_codes(path: Path) -> Path:
    rows = [[p.number, p.age, p.days, (1 if p.number % 2 else 2) if p.dead else 0] for p in PEOPLE]
    return save(
        path,
        ["id", "age", "time (days)", "status: 0 censored, 1 cancer death, 2 other death"],
        *rows,
    )


@chart(responders=None, answers={"deaths": "yes", "vital_status": "alive"})
def vitalstatus_and_its_day(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            day(p.start, D),
            ["G1", "G2", "G3"][p.number % 3],
            "verstorben" if p.dead else ["lebend", "lost to follow up"][p.number % 4 == 0],
            day(p.last, D),
        ]
        for p in PEOPLE
    ]
    return save(
        path, ["Fall", "Alter bei ED", "OP", "Grading", "Vitalstatus", "Vitalstatus Datum"], *rows
    )


@chart(responders=None)
def outcomes_in_words_with_months(path: Path) -> Path:
    def w(p):
        return (
            ["Died – sepsis", "Died - progressive disease", "DOD"][p.number % 3]
            if p.dead
            else ["Alive, NED", "AWD", "Alive in CR"][p.number % 3]
        )

    rows = [[f"#{p.number}", f"{p.age} / {p.sex[0].upper()}", months(p), w(p)] for p in PEOPLE]
    return save(path, ["Case no.", "Age/Sex", "Follow-up (mo)", "Outcome"], *rows)


@chart(responders=RESPONDERS, truths=PFS)
def sep_line_and_quotes(path: Path) -> Path:
    rows = [
        [
            "Paciente",
            "Sexo",
            "Edad",
            "Inicio",
            "Mejor respuesta",
            "Progresión",
            "Éxitus",
            "Última revisión",
        ]
    ]
    rows += [
        [
            f'"{p.number}"',
            f'"{"Varón" if p.sex == "male" else "Mujer"}"',
            p.age,
            day(p.start, "%d/%m/%y"),
            {"CR": "RC", "PR": "RP", "SD": "EE", "PD": "PE"}[p.response],
            day(p.progressed, "%d/%m/%y"),
            day(death(p), "%d/%m/%y"),
            day(p.last, "%d/%m/%y"),
        ]
        for p in PEOPLE
    ]
    lines = ["sep=;"] + [";".join("" if v is None else str(v) for v in r) for r in rows]
    (path / "e.csv").write_bytes(("\ufeff" + "\r\n".join(lines)).encode("utf-8"))
    return path / "e.csv"
