"""Centres that write dates in their own order, marks, lines of treatment, two arms on one sheet."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from charts_abroad import pfs
from charts_elsewhere import day, text
from charts_public import PFS_EVENTS
from charts_tongues import PFS, death
from cohort import (
    MONTH,
    OS_MEDIAN,
    PEOPLE,
    RESPONDERS,
    at,
    chart,
    dated,
    months,
    save,
)
from openpyxl import Workbook
from openpyxl.styles import PatternFill

RED = PatternFill("solid", fgColor="FFFF0000")


@chart(responders=None, endpoint="os", truths={"survival.pfs.events": float(PFS_EVENTS)})
def times_with_censor_columns(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            months(p),
            int(not p.dead),
            round(pfs(p)[0] / MONTH, 2),
            int(not pfs(p)[1]),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        ["Case", "Age", "OS (mo)", "OS cens (1=censored)", "PFS (mo)", "PFS cens (1=censored)"],
        *rows,
    )


@chart(responders=None, median=OS_MEDIAN)
def weeks_and_alive(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            ["GTR", "STR", "biopsy"][p.number % 3],
            90 - 10 * (p.number % 4),
            round(p.days / 7, 2),
            "N" if p.dead else "Y",
        ]
        for p in PEOPLE
    ]
    return save(
        path, ["Pt no", "Age", "EOR", "KPS", "Survival (wks)", "Alive at last FU? (Y/N)"], *rows
    )


@chart(responders=RESPONDERS, answers={"dates": "yes"}, truths=PFS)
def two_centres_two_orders(path: Path) -> Path:
    def f(p, d):
        return day(d, "%m/%d/%Y" if p.number > 12 else "%d/%m/%Y") or None

    rows = [
        [
            f"{'US' if p.number > 12 else 'UK'}-{p.number:02d}",
            "US" if p.number > 12 else "UK",
            p.sex,
            p.age,
            f(p, p.start),
            p.response,
            f(p, p.progressed),
            f(p, death(p)),
            f(p, p.last),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        [
            "Patient",
            "Centre",
            "Sex",
            "Age",
            "Start date",
            "Best response",
            "Date of PD",
            "Date of death",
            "Last contact",
        ],
        *rows,
    )


@chart(responders=None, median=None)
def status_with_month(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            at(p.start),
            f"{'DOD' if p.dead else ['NED', 'AWD'][p.number % 2]} {p.last.month:02d}/{p.last.year}",
        ]
        for p in PEOPLE
    ]
    return save(path, ["No.", "Age", "Surgery", "Outcome"], *rows)


@chart(responders=None, answers={"vital_status": "yes"})
def died_marks_two_columns(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            at(p.start),
            "x" if p.dead and p.number % 2 else None,
            "x" if p.dead and not p.number % 2 else None,
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        [
            "Pat #",
            "Age",
            "Date of surgery",
            "Died of disease",
            "Died of other cause",
            "Last follow-up or death",
        ],
        *rows,
    )


@chart(responders=RESPONDERS, answers={"best_response": "1L best response"}, truths=PFS)
def lines_wide(path: Path) -> Path:
    h = [
        "MRN",
        "Sex",
        "Age",
        "1L drug",
        "1L start",
        "1L stop",
        "1L best response",
        "1L PD date",
        "2L drug",
        "2L start",
        "2L best response",
        "Date of death",
        "Date last seen",
    ]
    rows = [
        [
            900 + p.number,
            p.sex,
            p.age,
            "sunitinib",
            at(p.start),
            at(p.progressed),
            p.response,
            at(p.progressed),
            "nivolumab" if p.progressed and p.number % 2 else None,
            at(p.progressed + timedelta(days=9)) if p.progressed and p.number % 2 else None,
            ["PD", "SD"][p.number % 4 // 2] if p.progressed and p.number % 2 else None,
            at(death(p)),
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(path, h, *rows)


@chart(responders=None)
def times_of_day_and_excel_text(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            f"{p.start:%d/%m/%Y} 10:32:00",
            f"{p.last:%Y-%m-%d} 00:00:00" if p.dead else "NULL",
            f"{p.last:%Y-%m-%dT%H:%M:%SZ}",
        ]
        for p in PEOPLE
    ]
    return text(
        path,
        "dump.csv",
        ",",
        [["PatientNumber", "Age", "TreatmentStart", "DeathDate", "LastContact"], *rows],
    )


@chart(responders=None, answers={"missing_words": "missing"}, truths=PFS)
def relapse_in_words(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            at(p.start),
            at(p.progressed)
            if p.progressed
            else ["none", "no relapse", "-", "never"][p.number % 4],
            at(p.last) if p.dead else "alive",
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(
        path, ["ID", "Age", "Chemo start", "Date of progression", "Date of death", "Last FU"], *rows
    )


@chart(
    responders=None, answers={"age": "missing"}, truths={"survival.pfs.events": float(PFS_EVENTS)}
)
def nine_is_unknown(path: Path) -> Path:
    rows = [
        [
            p.number,
            9999 if p.number == 5 else p.age,
            months(p),
            int(p.dead),
            round(pfs(p)[0] / MONTH, 2),
            int(pfs(p)[1]),
            [1, 2, 9][p.number % 3],
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        [
            "id",
            "age",
            "os_m",
            "os_event (0=no, 1=yes)",
            "pfs_m",
            "pfs_event (0=no, 1=yes, 9=unknown)",
            "smoker (1=yes 2=no 9=unknown)",
        ],
        *rows,
    )


@chart(responders=RESPONDERS, answers={"stacked": "yes"}, truths=PFS)
def two_arms_side_by_side(path: Path) -> Path:
    a = [p for p in PEOPLE if p.number % 2]
    b_ = [p for p in PEOPLE if not p.number % 2]
    h = ["ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    rows = [["Arm A"] + [None] * 8 + ["Arm B"], [*h, None, *h]]
    for x, y in zip(a, b_, strict=False):
        rows.append([*dated(x), None, *dated(y)])
    return save(path, *rows)


@chart(responders=None)
def newline_headers_units_row(path: Path) -> Path:
    b = Workbook()
    s = b.active
    s.append(
        [
            "Pat\nNo",
            "Age\n(yrs)",
            "Hb",
            "LDH",
            "Start of\ntherapy",
            "Date of\ndeath",
            "Last\nfollow-up",
        ]
    )
    s.append([None, None, "g/dL", "U/L", None, None, None])
    for p in PEOPLE:
        s.append([p.number, p.age, p.hb, 200 + p.number, at(p.start), at(death(p)), at(p.last)])
    s.append(["Median", 60, 12.1, 212])
    b.save(path / "c.xlsx")
    return path / "c.xlsx"


@chart(responders=None, answers={"missing_words": "missing"})
def death_zero_or_date(path: Path) -> Path:
    rows = [[p.number, p.age, at(p.start), at(p.last) if p.dead else 0, at(p.last)] for p in PEOPLE]
    return save(path, ["ID", "Age", "Start", "Death (date, 0 = alive)", "Last contact"], *rows)


@chart(responders=RESPONDERS, truths=PFS)
def dates_in_french_words(path: Path) -> Path:
    M = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ]

    def f(d):
        return f"{d.day} {M[d.month - 1]} {d.year}" if d else None

    w = {
        "CR": "réponse complète",
        "PR": "réponse partielle",
        "SD": "stabilité",
        "PD": "progression",
    }
    rows = [
        [
            f"IGR{p.number:04d}",
            {"male": "homme", "female": "femme"}[p.sex],
            f"{p.age} ans",
            f(p.start),
            w[p.response],
            f(p.progressed),
            f(death(p)),
            f(p.last),
        ]
        for p in PEOPLE
    ]
    return save(
        path,
        [
            "Identifiant",
            "Sexe",
            "Âge",
            "Date de début d'immunothérapie",
            "Réponse",
            "Date de progression",
            "Date du décès",
            "Date de dernière nouvelle",
        ],
        *rows,
    )
