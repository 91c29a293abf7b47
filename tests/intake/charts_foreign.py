"""Further strangers: censoring marked beside the time, other languages and layouts (synthetic)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from charts_public import PFS_EVENTS
from cohort import MONTH, PEOPLE, Person, at, chart, months, save
from openpyxl import Workbook


def death(p: Person) -> date | None:
    return p.last if p.dead else None


def sheets(path: Path, pages: dict[str, list[list[Any]]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for title, rows in pages.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    book.save(path / "chart.xlsx")
    return path / "chart.xlsx"


def plus(p: Person) -> Any:
    return months(p) if p.dead else f"{months(p)}+"


@chart(responders=None)
def a_plus_behind_the_time_is_censored(path: Path) -> Path:
    return save(path, ["Pt", "Age", "OS (mo)"], *[[p.number, p.age, plus(p)] for p in PEOPLE])


@chart(responders=None)
def german_text_with_plus(path: Path) -> Path:
    rows = [[p.number, p.age, str(plus(p)).replace(".", ",")] for p in PEOPLE]
    return save(path, ["Nr.", "Alter", "Überleben (Monate)"], *rows)


@chart(responders=None)
def a_plus_beside_a_status(path: Path) -> Path:
    rows = [[p.number, p.age, plus(p), "dead" if p.dead else "alive"] for p in PEOPLE]
    return save(path, ["Pt", "Age", "Survival, months", "Status"], *rows)


@chart(responders=None, truths={"survival.pfs.events": PFS_EVENTS})
def pluses_in_two_endpoints(path: Path) -> Path:
    rows = []
    for p in PEOPLE:
        t = min(p.progression or p.days, p.days)
        done = p.progression is not None or p.dead
        rows.append([p.number, p.age, f"{t / MONTH:.2f}{'' if done else ' +'}", plus(p)])
    return save(path, ["Case", "Age (y)", "PFS mo", "OS mo"], *rows)


@chart(answers={"os": "X = event, = censored"}, responders=None)
def an_asterisk_for_the_living(path: Path) -> Path:
    rows = [
        [p.number, p.age, f"{months(p)}{'' if p.dead else '*'}", "X" if p.dead else None]
        for p in PEOPLE
    ]
    return save(path, ["Case", "Age (y)", "OS months", "Dead"], *rows)


@chart()
def korean(path: Path) -> Path:
    head = ["환자번호", "성별", "나이", "치료시작일", "최선반응", "진행일", "사망일", "최종추적일"]
    words = {"male": "남", "female": "여"}
    rows = [
        [
            p.number,
            words[p.sex],
            p.age,
            at(p.start),
            p.response,
            at(p.progressed),
            at(death(p)),
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="환자")


@chart()
def polish(path: Path) -> Path:
    head = [
        "Nr pacjenta",
        "Płeć",
        "Wiek",
        "Data rozpoczęcia leczenia",
        "Najlepsza odpowiedź",
        "Data progresji",
        "Data zgonu",
        "Data ostatniej wizyty",
    ]
    words = {"male": "M", "female": "K"}
    rows = [
        [
            p.number,
            words[p.sex],
            p.age,
            p.start.strftime("%d.%m.%Y"),
            p.response,
            p.progressed.strftime("%d.%m.%Y") if p.progressed else "nie",
            p.last.strftime("%d.%m.%Y") if p.dead else None,
            p.last.strftime("%d.%m.%Y"),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="Arkusz1")


@chart()
def dutch(path: Path) -> Path:
    head = [
        "Patiëntnummer",
        "Geslacht",
        "Leeftijd",
        "Startdatum behandeling",
        "Beste respons",
        "Datum progressie",
        "Overleden",
        "Datum overlijden",
        "Datum laatste contact",
    ]
    words = {"male": "man", "female": "vrouw"}
    rows = [
        [
            p.number,
            words[p.sex],
            p.age,
            at(p.start),
            p.response,
            at(p.progressed),
            "ja" if p.dead else "nee",
            at(death(p)),
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="Blad1")


@chart()
def portuguese_of_brazil(path: Path) -> Path:
    head = [
        "Nº",
        "Sexo",
        "Idade",
        "Início do tratamento",
        "Melhor resposta",
        "Data da progressão",
        "Óbito",
        "Data do óbito",
        "Última consulta",
    ]
    words = {"CR": "RC", "PR": "RP", "SD": "DE", "PD": "DP"}
    rows = [
        [
            p.number,
            "M" if p.sex == "male" else "F",
            p.age,
            p.start.strftime("%d/%m/%Y"),
            words[p.response],
            p.progressed.strftime("%d/%m/%Y") if p.progressed else None,
            "Sim" if p.dead else "Não",
            p.last.strftime("%d/%m/%Y") if p.dead else None,
            p.last.strftime("%d/%m/%Y"),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="Planilha1")


@chart()
def italian_with_vivo(path: Path) -> Path:
    head = [
        "ID paziente",
        "Sesso",
        "Età",
        "Data inizio terapia",
        "Miglior risposta",
        "Stato vitale",
        "Data decesso / ultimo contatto",
    ]
    words = {"CR": "RC", "PR": "RP", "SD": "MS", "PD": "MP"}
    rows = [
        [
            p.number,
            "M" if p.sex == "male" else "F",
            p.age,
            at(p.start),
            words[p.response],
            "deceduto" if p.dead else "vivo",
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="Foglio1")


@chart(answers={"deaths": "yes", "pfs": "yes"})
def french_ward(path: Path) -> Path:
    head = [
        "N° dossier",
        "Sexe",
        "Age",
        "Date de début de ttt",
        "Meilleure réponse",
        "Date de progression",
        "Date des dernières nouvelles",
        "Etat aux DN",
    ]
    words = {"CR": "RC", "PR": "RP", "SD": "SD", "PD": "PD"}
    rows = [
        [
            p.number,
            "H" if p.sex == "male" else "F",
            p.age,
            at(p.start),
            words[p.response],
            at(p.progressed),
            at(p.last),
            "DCD" if p.dead else "vivant",
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="Feuil1")


@chart()
def spanish_ward(path: Path) -> Path:
    head = [
        "Nº Hª",
        "Sexo",
        "Edad",
        "F. inicio tto",
        "Mejor respuesta",
        "F. progresión",
        "F. éxitus",
        "F. último control",
    ]
    words = {"CR": "RC", "PR": "RP", "SD": "EE", "PD": "PE"}
    rows = [
        [
            p.number,
            "V" if p.sex == "male" else "M",
            p.age,
            at(p.start),
            words[p.response],
            at(p.progressed),
            at(death(p)),
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="Hoja1")


@chart()
def japanese_ward(path: Path) -> Path:
    head = [
        "症例番号",
        "性別",
        "年齢",
        "投与開始日",
        "最良効果",
        "転帰",
        "最終生存確認日",
        "死亡日",
    ]
    rows = [
        [
            p.number,
            "男" if p.sex == "male" else "女",
            p.age,
            p.start.strftime("%Y/%m/%d"),
            p.response,
            "死亡" if p.dead else "生存",
            p.last.strftime("%Y/%m/%d"),
            p.last.strftime("%Y/%m/%d") if p.dead else "",
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="症例一覧")


@chart()
def chinese_with_a_legend_in_the_name(path: Path) -> Path:
    head = ["编号", "性别(1=男,2=女)", "年龄", "疗效", "生存状态(1=死亡,0=存活)", "总生存期(月)"]
    rows = [
        [p.number, 1 if p.sex == "male" else 2, p.age, p.response, int(p.dead), months(p)]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


RESECTED = {"responders": None, "truths": {"survival.rfs.events": PFS_EVENTS}}


@chart(**RESECTED)
def recurrence_after_a_resection(path: Path) -> Path:
    head = [
        "ID",
        "Age",
        "Date of surgery",
        "Margin",
        "Date of recurrence",
        "Date of death",
        "Last FU",
    ]
    rows = [
        [p.number, p.age, at(p.start), "R0", at(p.progressed), at(death(p)), at(p.last)]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(**RESECTED)
def german_recurrence_after_a_resection(path: Path) -> Path:
    head = [
        "Pat-ID",
        "Alter",
        "OP-Datum",
        "R-Status",
        "Rezidiv am",
        "Todesdatum",
        "Letzter Kontakt",
    ]
    rows = [
        [p.number, p.age, at(p.start), "R0", at(p.progressed), at(death(p)), at(p.last)]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(responders=None)
def numbers_with_a_prefix_on_one_sheet(path: Path) -> Path:
    return sheets(
        path,
        {
            "Patients": [
                ["Patient ID", "Age", "Start"],
                *[[f"KC-{p.number:03d}", p.age, at(p.start)] for p in PEOPLE],
            ],
            "Follow-up": [
                ["Pat", "Last contact", "Date of death"],
                *[[p.number, at(p.last), at(death(p))] for p in PEOPLE],
            ],
        },
    )


@chart()
def the_dead_on_a_sheet_of_their_own(path: Path) -> Path:
    return sheets(
        path,
        {
            "Patients": [
                ["Patient ID", "Age", "Sex", "Start", "BOR", "Last contact"],
                *[[p.number, p.age, p.sex, at(p.start), p.response, at(p.last)] for p in PEOPLE],
            ],
            "Deaths": [
                ["Patient ID", "Date of death", "Cause"],
                *[[p.number, at(p.last), "tumour"] for p in PEOPLE if p.dead],
            ],
        },
    )


@chart(responders=None)
def ned_awd_dod_doc(path: Path) -> Path:
    rows = []
    for p in PEOPLE:
        word = ("DOD", "DOC")[p.number % 2] if p.dead else ("NED", "AWD")[p.number % 2]
        rows.append([p.number, p.age, months(p), word])
    return save(path, ["Case no.", "Age/yr", "FU (months)", "Outcome"], *rows)


@chart(answers={"stacked": "yes"})
def one_sheet_per_arm(path: Path) -> Path:
    head = ["ID", "Sex", "Age", "Start", "BOR", "Death", "Last contact"]
    pages: dict[str, list[list[Any]]] = {"Arm A": [head], "Arm B": [head]}
    for p in PEOPLE:
        pages["Arm A" if p.number % 2 else "Arm B"].append(
            [p.number, p.sex, p.age, at(p.start), p.response, at(death(p)), at(p.last)]
        )
    return sheets(path, pages)


@chart()
def death_no_or_its_day(path: Path) -> Path:
    rows = [
        [p.number, p.age, at(p.start), p.response, at(p.progressed) or "no", at(death(p)) or "no",
         at(p.last)]
        for p in PEOPLE
    ]  # fmt: skip
    return save(path, ["ID", "Age", "Tx start", "Best resp.", "PD?", "Death?", "Last seen"], *rows)


@chart()
def responses_spelled_in_many_ways(path: Path) -> Path:
    words = {
        "CR": ["complete response", "CR", "cCR"],
        "PR": ["Partial Response", "PR (confirmed)", "pr", "partial remission"],
        "SD": ["stable", "SD", "Stable disease", "no change"],
        "PD": ["progression", "PD", "progressive disease", "Prog. disease"],
    }
    rows = [
        [
            p.number,
            p.age,
            words[p.response][p.number // 2 % len(words[p.response])],
            months(p),
            "DEAD" if p.dead else "Alive ",
        ]
        for p in PEOPLE
    ]
    return save(path, ["ID", "Age", "Best response", "OS months", "Status "], *rows)


@chart(responders=None)
def years_and_months_of_survival(path: Path) -> Path:
    rows = []
    for p in PEOPLE:
        rows.append([p.number, p.age, round(p.days / 365.25, 3), "D" if p.dead else "A"])
    return save(path, ["ID", "Age", "OS (y)", "Status (A=alive, D=dead)"], *rows)


@chart(answers={"os": "1"}, responders=None)
def whitespace_between_columns(path: Path) -> Path:
    lines = ["id   age  days  dead"]
    lines += [f"{p.number:<4} {p.age:>3} {p.days:>5} {int(p.dead):>4}" for p in PEOPLE]
    file = path / "data.txt"
    file.write_text("\n".join(lines) + "\n")
    return file


@chart(answers={"deaths": "yes"}, responders=None)
def last_contact_beside_a_dagger(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            at(p.start),
            at(p.last),
            "†" if p.dead else "",
        ]
        for p in PEOPLE
    ]
    return save(path, ["Nr", "Alter", "Therapiebeginn", "letzter Kontakt", "†"], *rows)
