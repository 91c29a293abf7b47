"""Workbooks as clinics keep them, awful in several ways at once (synthetic)."""

from __future__ import annotations

import statistics
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cohort import PEOPLE, N, at, chart, dated, in_language, months, save
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font

HEAD = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]


@chart(
    responders=None,
    truths={
        "baseline.histology.count[level=papillary]": 8.0,
        "baseline.sex.count[level=male]": 16.0,
    },
)
def codes_explained_on_another_sheet(path: Path) -> Path:
    head = ["Patient ID", "Sex", "Age", "Start", "Last FU / death", "Status", "Histology", "ECOG"]
    rows = [
        [
            p.number,
            1 if p.sex == "male" else 2,
            p.age,
            at(p.start),
            at(p.last),
            int(p.dead) + 1,
            1 + p.number % 3,
            p.number % 3,
        ]
        for p in PEOPLE
    ]
    file = save(path, head, *rows, title="Data")
    book = load_workbook(file)
    page = book.create_sheet("Codebook")
    for row in (
        ["Variable", "Code", "Meaning"],
        ["Sex", 1, "male"],
        [None, 2, "female"],
        ["Status", 1, "alive"],
        [None, 2, "dead"],
        ["Histology", 1, "clear cell"],
        [None, 2, "papillary"],
        [None, 3, "chromophobe"],
    ):
        page.append(row)
    book.save(file)
    return file


@chart(truths={"baseline.labor_crp.median": statistics.median(p.hb for p in PEOPLE)})
def titles_two_headers_and_footnotes(path: Path) -> Path:
    top = ["Kohorte Niere, Stand 03/2018", *[None] * 8]
    groups = ["Patient", None, None, "Therapie", None, "Verlauf", None, None, "Labor"]
    head = [
        "Nr.",
        "Geschl.",
        "Alter",
        "Beginn",
        "Ansprechen",
        "Progress",
        "verstorben am",
        "letzter Kontakt",
        "CRP",
    ]
    words = {"male": "m", "female": "w"}
    rows = [[words.get(v, v) if isinstance(v, str) else v for v in dated(p)] for p in PEOPLE]
    body = [[*r, str(p.hb).replace(".", ",")] for r, p in zip(rows, PEOPLE, strict=True)]
    file = save(
        path, top, [], groups, head, *body, [], ["* laut Arztbrief"], ["Mittelwert", None, 59.1]
    )
    book = load_workbook(file)
    for cells in ("A3:C3", "D3:E3", "F3:H3"):
        book.active.merge_cells(cells)
    book.save(file)
    return file


@chart(answers={"rows_per_patient": "1"})
def merged_numbers_over_two_lines(path: Path) -> Path:
    """Each patient takes two rows (first and second line); what is said once is merged."""
    book = Workbook()
    page = book.active
    page.append([*HEAD, "Line", "Drug"])
    for i, p in enumerate(PEOPLE):
        page.append([*dated(p), 1, "A"])
        page.append([None] * 8 + [2, "B"])
        for c in range(1, 9):
            page.merge_cells(start_row=2 + 2 * i, end_row=3 + 2 * i, start_column=c, end_column=c)
    book.save(path / "c.xlsx")
    return path / "c.xlsx"


@chart(answers={"struck_rows": "yes"}, n=N - 2, deaths=None, responders=None, median=None)
def rows_struck_through(path: Path) -> Path:
    file = save(path, HEAD, *[dated(p) for p in PEOPLE])
    book = load_workbook(file)
    for row in (5, 9):
        for cell in book.active[row]:
            cell.font = Font(strike=True)
    book.save(file)
    return file


@chart(
    answers={"commented_rows": "yes"},
    n=N - 1,
    deaths=None,
    responders=None,
    median=None,
    said=("layout.comment",),
    absent=("Dr. Huber",),
)
def withdrew_consent_in_a_comment(path: Path) -> Path:
    file = save(path, HEAD, *[dated(p) for p in PEOPLE])
    book = load_workbook(file)
    book.active["A7"].comment = Comment("withdrew consent 03/2016", "Dr. Huber")
    book.active["C9"].comment = Comment("age as in letter of Dr. Huber", "Dr. Huber")
    book.save(file)
    return file


@chart()
def an_older_copy_on_a_hidden_sheet(path: Path) -> Path:
    file = save(path, HEAD, *[dated(p) for p in PEOPLE], title="Patients")
    book = load_workbook(file)
    page = book.create_sheet("old")
    page.append(HEAD)
    for p in PEOPLE[:20]:
        page.append([*dated(p)[:6], None, at(p.start + timedelta(days=3))])
    page.sheet_state = "veryHidden"
    book.save(file)
    return file


@chart(answers={"swapped_dates": "yes"})
def dates_that_a_us_excel_swapped(path: Path) -> Path:
    """Typed day first into a US Excel: 31.03. stays text, 03.04. became March the 4th."""

    def typed(day: datetime | None) -> Any:
        if day is None:
            return None
        if day.day > 12:
            return day.strftime("%d/%m/%Y")
        return datetime(day.year, day.day, day.month)

    rows = [[typed(v) if isinstance(v, datetime) else v for v in dated(p)] for p in PEOPLE]
    return save(path, HEAD, *rows)


@chart(
    answers={"crp": "leave out"},
)
def units_in_a_column_beside(path: Path) -> Path:
    rows = [
        [*dated(p), p.hb * (10 if p.number % 2 else 1), "mg/L" if p.number % 2 else "mg/dL"]
        for p in PEOPLE
    ]
    return save(path, [*HEAD, "CRP", "CRP unit"], *rows)


@chart(answers={"tps": "leave out"})
def fractions_beside_percent(path: Path) -> Path:
    rows = [
        [*dated(p), 0.05 * (p.number % 19 + 1) if p.number % 2 else f"{5 * (p.number % 19 + 1)}%"]
        for p in PEOPLE
    ]
    return save(path, [*HEAD, "TPS"], *rows)


@chart(responders=None)
def french_last_news_or_death(path: Path) -> Path:
    head = [
        "N° dossier",
        "Sexe",
        "Âge",
        "Début traitement",
        "Date des dernières nouvelles ou décès",
        "Statut",
    ]
    rows = [
        [
            p.number,
            "H" if p.sex == "male" else "F",
            p.age,
            p.start.strftime("%d/%m/%Y"),
            p.last.strftime("%d/%m/%Y"),
            "décédé" if p.dead else "vivant",
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="Données")


@chart(responders=None)
def italian_months_and_a_flag_with_words(path: Path) -> Path:
    head = ["Codice", "Sesso", "Età", "OS (mesi)", "Evento OS (0/1)", "Stato"]
    rows = [
        [
            p.number,
            "M" if p.sex == "male" else "F",
            p.age,
            str(months(p)).replace(".", ","),
            int(p.dead),
            "deceduto" if p.dead else "vivo",
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="Dati")


@chart(responders=None)
def spanish_survival(path: Path) -> Path:
    head = ["Nº paciente", "Sexo", "Edad", "SG (meses)", "Éxitus"]
    rows = [
        [
            p.number,
            "Hombre" if p.sex == "male" else "Mujer",
            p.age,
            months(p),
            "sí" if p.dead else "no",
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="Pacientes")


@chart(responders=None)
def japanese_survival(path: Path) -> Path:
    head = ["症例番号", "性別", "年齢", "OS期間(月)", "転帰"]
    rows = [
        [
            p.number,
            "男" if p.sex == "male" else "女",
            p.age,
            months(p),
            "死亡" if p.dead else "生存",
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="症例")


@chart(answers={"os": "1"}, responders=None)
def chinese_survival(path: Path) -> Path:
    head = ["编号", "性别", "年龄", "生存时间（月）", "生存状态"]
    rows = [
        [p.number, "男" if p.sex == "male" else "女", p.age, months(p), int(p.dead)] for p in PEOPLE
    ]
    return save(path, head, *rows, title="患者")


@chart(responders=None)
def german_survival_in_months(path: Path) -> Path:
    head = ["Pat.-Nr.", "Geschl.", "Alter", "Überleben (Monate)", "Status"]
    rows = [
        [
            p.number,
            "m" if p.sex == "male" else "w",
            p.age,
            str(months(p)).replace(".", ","),
            "verstorben" if p.dead else "lebt",
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="Patienten")


@chart(responders=None)
def visits_pivoted(path: Path) -> Path:
    """One row per patient and item, the visits as columns."""
    book = Workbook()
    page = book.active
    page.title = "Patients"
    page.append(["Patient ID", "Age", "Start", "Death", "Last contact"])
    for p in PEOPLE:
        page.append([p.number, p.age, at(p.start), at(p.last) if p.dead else None, at(p.last)])
    other = book.create_sheet("CT")
    other.append(["Patient ID", "Item", "Baseline", "Visit 1", "Visit 2"])
    for p in PEOPLE:
        other.append([p.number, "date", *(at(p.start + timedelta(days=d)) for d in (-5, 50, 100))])
        other.append([p.number, "SLD (mm)", 50, 30, 40])
    book.save(path / "c.xlsx")
    return path / "c.xlsx"


@chart(responders=None)
def relative_days(path: Path) -> Path:
    head = [
        "Patient ID",
        "Age",
        "Days from start to progression",
        "Days from start to death",
        "Days from start to last contact",
    ]
    rows = [[p.number, p.age, p.progression, p.days if p.dead else None, p.days] for p in PEOPLE]
    return save(path, head, *rows)


@chart(answers={"in_study_included": "yes"}, n=N)
def rows_to_be_left_out(path: Path) -> Path:
    rows = [[*dated(p), "yes"] for p in PEOPLE]
    screened = [[100 + p.number, *dated(p)[1:], "no"] for p in PEOPLE[:5]]
    return save(path, [*HEAD, "Included"], *rows, *screened)


@chart(truths={"baseline.nlr.median": statistics.median(p.hb for p in PEOPLE)})
def short_names(path: Path) -> Path:
    head = [
        *HEAD,
        "NLR",
        "ER",
        "PR",
        "LVI",
        "PD-L1",
        "CRP",
        "Lebermetastasen",
        "Métastases osseuses",
        "肺転移",
    ]
    rows = []
    for p in PEOPLE:
        yes = "ja" if p.number % 2 else "nein"
        rows.append(
            [
                *dated(p),
                p.hb,
                "pos",
                "neg" if p.number % 3 else "pos",
                "LVI+" if p.number % 2 else "LVI-",
                f"{p.number % 5 * 10}%",
                p.hb / 10,
                yes,
                "oui" if p.number % 3 else "non",
                "あり" if p.number % 4 else "なし",
            ]
        )
    return save(path, head, *rows)


@chart()
def no_header_but_a_number(path: Path) -> Path:
    return in_language(
        path, ["#", "sex", "age", "start of tx", "best resp", "pd", "dod", "lfu"], {}, "x"
    )
