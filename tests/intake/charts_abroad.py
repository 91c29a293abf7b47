"""Further strangers: how wards and registries of several countries keep them (synthetic)."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from charts_foreign import death, sheets
from charts_public import PFS_EVENTS, PFS_MEDIAN
from cohort import DEATHS, MONTH, PEOPLE, Person, at, chart, months, save
from openpyxl import Workbook


def pfs(p: Person) -> tuple[int, bool]:
    return min(p.progression or p.days, p.days), p.progression is not None or p.dead


@chart(
    answers={"deaths": "yes", "rfs": "yes"},
    responders=None,
    truths={"survival.rfs.events": PFS_EVENTS},
)
def operated_and_days_to_recurrence(path: Path) -> Path:
    head = [
        "ID",
        "Age",
        "Nephrectomy date",
        "pT",
        "Fuhrman",
        "Relapse (date)",
        "Date last seen",
        "Vital",
    ]
    rows = [
        [
            p.number,
            p.age,
            at(p.start),
            f"T{1 + p.number % 3}",
            1 + p.number % 4,
            at(p.progressed),
            at(p.last),
            "died" if p.dead else "alive",
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(responders=None, truths={"survival.pfs.events": PFS_EVENTS})
def german_flags_with_a_legend_in_the_name(path: Path) -> Path:
    head = [
        "Lfd. Nr.",
        "Geschlecht",
        "Alter",
        "OS (Monate)",
        "Tod (0=nein, 1=ja)",
        "PFS (Monate)",
        "Progress/Tod (0=nein, 1=ja)",
    ]
    rows = [
        [
            p.number,
            "m" if p.sex == "male" else "w",
            p.age,
            months(p),
            int(p.dead),
            round(pfs(p)[0] / MONTH, 2),
            int(pfs(p)[1]),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows, title="Tabelle1")


@chart()
def initials_instead_of_numbers(path: Path) -> Path:
    rows = [
        [
            f"{chr(65 + p.number)}.{chr(90 - p.number)}.",
            p.sex[0].upper(),
            p.age,
            at(p.start),
            p.response,
            at(p.progressed),
            at(death(p)),
            at(p.last),
        ]
        for p in PEOPLE
    ]
    head = ["Initials", "Sex", "Age", "Therapy start", "Best response", "PD", "Died", "Last FU"]
    return save(path, head, *rows)


@chart(responders=None)
def time_in_days_event_in_words(path: Path) -> Path:
    rows = [[p.number, p.age, p.days, "Event" if p.dead else "Censored"] for p in PEOPLE]
    return save(path, ["Subject", "Age", "Overall survival [days]", "OS censoring"], *rows)


@chart(responders=None)
def months_since_start_true_and_false(path: Path) -> Path:
    rows = [[f"P{p.number:02d}", p.age, months(p), p.dead] for p in PEOPLE]
    return save(path, ["ID", "Age", "OS_months", "Deceased"], *rows)


@chart(responders=None)
def french_semicolons(path: Path) -> Path:
    lines = [
        "Patient;Sexe;Âge;Date de diagnostic;Date début chimio;Décès (O/N);Date de décès ou DDN"
    ]
    for p in PEOPLE:
        lines.append(
            f"{p.number};{'H' if p.sex == 'male' else 'F'};{p.age};"
            f"{p.start - timedelta(days=40):%d/%m/%Y};{p.start:%d/%m/%Y};{'O' if p.dead else 'N'};"
            f"{p.last:%d/%m/%Y}"
        )
    f = path / "données.csv"
    f.write_bytes("\r\n".join(lines).encode("cp1252"))
    return f


@chart(
    answers={"deaths": "yes", "rfs": "yes"},
    responders=None,
    truths={"survival.rfs.events": PFS_EVENTS},
)
def italian_followup_and_state(path: Path) -> Path:
    head = [
        "Codice",
        "Età",
        "Data intervento",
        "Recidiva (sì/no)",
        "Data recidiva",
        "Ultimo FU",
        "Stato",
    ]
    rows = [
        [
            p.number,
            p.age,
            at(p.start),
            "sì" if p.progression else "no",
            at(p.progressed),
            at(p.last),
            "morto" if p.dead else "vivo",
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart()
def spanish_months_in_words(path: Path) -> Path:
    words = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"]

    def said(day: date | None) -> str | None:
        return None if day is None else f"{day.day}-{words[day.month - 1]}-{day.year}"

    head = [
        "Paciente",
        "Sexo",
        "Edad",
        "Inicio tto",
        "Mejor respuesta",
        "Progresión",
        "Éxitus",
        "Última visita",
    ]
    rows = [
        [
            p.number,
            "hombre" if p.sex == "male" else "mujer",
            p.age,
            said(p.start),
            p.response,
            said(p.progressed),
            said(death(p)),
            said(p.last),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(answers={"vital_status": "○ = dead, × = alive"})
def japanese_yes_and_marks(path: Path) -> Path:
    head = [
        "No.",
        "性別",
        "年齢",
        "治療開始日",
        "最良総合効果",
        "増悪",
        "増悪日",
        "死亡",
        "死亡日",
        "最終確認日",
    ]
    rows = [
        [
            p.number,
            "M" if p.sex == "male" else "F",
            f"{p.age}歳",
            p.start.strftime("%Y.%m.%d"),
            p.response,
            "あり" if p.progression else "なし",
            p.progressed.strftime("%Y.%m.%d") if p.progressed else None,
            "○" if p.dead else "×",
            p.last.strftime("%Y.%m.%d") if p.dead else None,
            p.last.strftime("%Y.%m.%d"),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(responders=None, truths={"survival.rfs.events": PFS_EVENTS})
def chinese_dates_and_status(path: Path) -> Path:
    head = ["序号", "住院号", "性别", "年龄", "手术日期", "复发日期", "死亡日期", "末次随访日期"]
    rows = [
        [
            p.number,
            100200 + p.number,
            "男" if p.sex == "male" else "女",
            p.age,
            at(p.start),
            at(p.progressed),
            at(death(p)),
            at(p.last),
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(responders=None)
def korean_survival_in_months(path: Path) -> Path:
    head = ["연번", "성별", "연령", "병기", "생존기간(개월)", "사망여부"]
    rows = [
        [
            p.number,
            "남자" if p.sex == "male" else "여자",
            p.age,
            f"{1 + p.number % 4}기",
            months(p),
            "사망" if p.dead else "생존",
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(responders=None)
def polish_survival(path: Path) -> Path:
    head = ["Lp.", "Wiek", "Płeć (K/M)", "Czas przeżycia (mies.)", "Zgon (tak/nie)"]
    rows = [
        [
            p.number,
            p.age,
            "M" if p.sex == "male" else "K",
            str(months(p)).replace(".", ","),
            "tak" if p.dead else "nie",
        ]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart()
def a_form_per_visit_on_sheets(path: Path) -> Path:
    return sheets(
        path,
        {
            "Demographics": [
                ["Subject ID", "Gender", "Age"],
                *[[f"S{p.number:03d}", p.sex, p.age] for p in PEOPLE],
            ],
            "Treatment": [
                ["Subject ID", "Drug", "First dose", "Last dose"],
                *[
                    [
                        f"S{p.number:03d}",
                        "Drug X",
                        at(p.start),
                        at(p.start + timedelta(days=min(p.days, 50))),
                    ]
                    for p in PEOPLE
                ],
            ],
            "Response": [
                ["Subject ID", "Best overall response", "Date of progression"],
                *[[f"S{p.number:03d}", p.response, at(p.progressed)] for p in PEOPLE],
            ],
            "Survival": [
                ["Subject ID", "Survival status", "Date of death", "Last known alive"],
                *[
                    [f"S{p.number:03d}", "Dead" if p.dead else "Alive", at(death(p)), at(p.last)]
                    for p in PEOPLE
                ],
            ],
        },
    )


@chart(responders=None)
def last_contacts_in_many_rows(path: Path) -> Path:
    visits: list[list[Any]] = [["ID", "Visit date", "ECOG"]]
    for p in PEOPLE:
        for k in (0.3, 0.7, 1):
            visits.append([p.number, at(p.start + timedelta(days=int(p.days * k))), p.number % 3])
    return sheets(
        path,
        {
            "Patients": [
                ["ID", "Age", "Start", "Death", "Last contact"],
                *[[p.number, p.age, at(p.start), at(death(p)), at(p.last)] for p in PEOPLE],
            ],
            "Visits": visits,
        },
    )


@chart(responders=None, truths={"survival.pfs.events": PFS_EVENTS})
def time_to_event_with_legends(path: Path) -> Path:
    head = [
        "Pat. ID",
        "Age",
        "PFS, mo",
        "PFS event (1=yes; 0=no)",
        "OS, mo",
        "Status (0 = alive; 1 = dead)",
    ]
    rows = [
        [p.number, p.age, round(pfs(p)[0] / MONTH, 2), int(pfs(p)[1]), months(p), int(p.dead)]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(responders=None)
def survival_under_a_merged_title(path: Path) -> Path:
    book = Workbook()
    page = book.active
    page.append(["Patient", None, None, "Overall survival", None, "Laboratory", None])
    page.append(["No.", "Sex", "Age", "months", "event", "Hb", "CRP"])
    page.merge_cells("A1:C1")
    page.merge_cells("D1:E1")
    page.merge_cells("F1:G1")
    for p in PEOPLE:
        page.append(
            [
                p.number,
                p.sex[0],
                p.age,
                months(p),
                "death" if p.dead else "none",
                p.hb,
                1 + p.number % 9,
            ]
        )
    book.save(path / "chart.xlsx")
    return path / "chart.xlsx"


@chart(responders=None)
def dataset_json_of_a_trial(path: Path) -> Path:
    columns = [
        {"name": "USUBJID", "label": "Unique Subject Identifier", "dataType": "string"},
        {"name": "AGE", "label": "Age", "dataType": "integer"},
        {"name": "PARAMCD", "label": "Parameter Code", "dataType": "string"},
        {"name": "AVAL", "label": "Analysis Value", "dataType": "float"},
        {"name": "AVALU", "label": "Analysis Value Unit", "dataType": "string"},
        {"name": "EVNTDESC", "label": "Event or Censoring Description", "dataType": "string"},
    ]
    rows = [
        [f"X-{p.number:03d}", p.age, "OS", p.days, "DAYS", "Death" if p.dead else "Alive"]
        for p in PEOPLE
    ]
    file = path / "adtte.json"
    file.write_text(json.dumps({"datasetJSONVersion": "1.1.0", "columns": columns, "rows": rows}))
    return file


@chart(responders=None)
def cbioportal_folder(path: Path) -> Path:
    folder = path / "study"
    folder.mkdir()
    head = [
        "#Patient Identifier\tSex\tAge\tOverall Survival Status\tOverall Survival (Months)",
        "#Patient Identifier\tSex\tAge\tStatus\tMonths",
        "#STRING\tSTRING\tNUMBER\tSTRING\tNUMBER",
        "#1\t1\t1\t1\t1",
        "PATIENT_ID\tSEX\tAGE\tOS_STATUS\tOS_MONTHS",
    ]
    rows = [
        f"P-{p.number:07d}\t{p.sex.title()}\t{p.age}\t"
        f"{'1:DECEASED' if p.dead else '0:LIVING'}\t{months(p)}"
        for p in PEOPLE
    ]
    (folder / "data_clinical_patient.txt").write_text("\n".join([*head, *rows]) + "\n")
    head = [
        "#Sample Identifier\tPatient Identifier\tSample Type",
        "#Sample\tPatient\tType",
        "#STRING\tSTRING\tSTRING",
        "#1\t1\t1",
        "SAMPLE_ID\tPATIENT_ID\tSAMPLE_TYPE",
    ]
    rows = [
        f"P-{p.number:07d}-T01\tP-{p.number:07d}\t{'Primary' if p.number % 2 else 'Metastasis'}"
        for p in PEOPLE
    ]
    (folder / "data_clinical_sample.txt").write_text("\n".join([*head, *rows]) + "\n")
    return folder


@chart(responders=None)
def redcap_with_labels(path: Path) -> Path:
    """The labelled export: `Yes`, `No`, and the questions as headers."""
    head = [
        "Record ID",
        "What is the patient's sex?",
        "Age at enrollment",
        "Date of first treatment",
        "Is the patient alive?",
        "Date of death",
        "Date of last follow-up",
        "Complete?",
    ]
    file = path / "study_DATA_LABELS.csv"
    with file.open("w", newline="") as out:
        write = csv.writer(out)
        write.writerow(head)
        for p in PEOPLE:
            write.writerow(
                [
                    p.number,
                    p.sex.title(),
                    p.age,
                    p.start,
                    "No" if p.dead else "Yes",
                    p.last if p.dead else "",
                    p.last,
                    "Complete",
                ]
            )
    return file


@chart(responders=None)
def two_tables_of_the_same_people_side_by_side(path: Path) -> Path:
    rows: list[list[Any]] = [["Pat", "Age", "OS mo", "Dead y/n", None, None, "Pat", "Grade"]]
    for i, p in enumerate(PEOPLE):
        other = PEOPLE[-1 - i]
        rows.append(
            [
                p.number,
                p.age,
                months(p),
                "y" if p.dead else "n",
                None,
                None,
                other.number,
                other.number % 3,
            ]
        )
    return save(path, *rows)


@chart(answers={"deaths": "yes"}, responders=None)
def a_title_a_date_and_a_total(path: Path) -> Path:
    rows: list[list[Any]] = [
        ["Cohort RCC 2015-2019"],
        ["as of 12 Jan 2020"],
        [],
        ["#", "age", "treatment start", "last follow up", "status at last follow up"],
    ]
    rows += [
        [p.number, p.age, at(p.start), at(p.last), "DEAD" if p.dead else "ALIVE"] for p in PEOPLE
    ]
    rows += [[], ["n=24", None, None, None, f"{DEATHS} deaths"]]
    return save(path, *rows)


@chart(responders=None, deaths=PFS_EVENTS, endpoint="pfs", median=PFS_MEDIAN)
def only_progression_free_survival(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            round(pfs(p)[0] / MONTH, 3),
            "progressed/died" if pfs(p)[1] else "censored",
        ]
        for p in PEOPLE
    ]
    return save(path, ["Pt", "Age", "PFS (months)", "PFS status"], *rows)
