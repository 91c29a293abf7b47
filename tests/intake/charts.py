"""Charts of the kind that strangers keep, each written by a script, with its truth (synthetic).

One cohort of 24 patients is written down in many ways. Its truth is computed from the numbers that
it was made of, never by reading a chart: how many patients, deaths, responses, and the median
survival. A chart says which answers it needs; whatever else is asked is a fault.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import PatternFill

MONTH = 30.4375


@dataclass(frozen=True)
class Person:
    """One synthetic patient."""

    number: int
    sex: str
    age: int
    start: date
    days: int
    """From the start to death or the last contact."""
    dead: bool
    progression: int | None
    response: str
    hb: float

    @property
    def last(self) -> date:
        return self.start + timedelta(days=self.days)

    @property
    def progressed(self) -> date | None:
        return None if self.progression is None else self.start + timedelta(days=self.progression)


def _people() -> tuple[Person, ...]:
    chance = random.Random(20150104)
    out = []
    for i in range(24):
        days = 61 + i * 37 % 701
        response = ("PR", "SD", "PD", "SD", "PR", "CR")[i % 6]
        out.append(
            Person(
                i + 1,
                "male" if i % 3 else "female",
                41 + (i * 7) % 39,
                date(2015, 1, 1) + timedelta(days=13 * i + 12 * (i % 2)),
                days,
                i % 5 not in (0, 3),
                None if i % 4 == 1 else max(30, days // 2),
                response,
                round(10.4 + chance.random() * 4, 1),
            )
        )
    return tuple(out)


PEOPLE = _people()
N, DEATHS = len(PEOPLE), sum(p.dead for p in PEOPLE)
RESPONDERS = sum(p.response in ("CR", "PR") for p in PEOPLE)


def median(times: list[float], events: list[bool]) -> float:
    """The median of a Kaplan-Meier curve, by the plain definition (no ties in these data)."""
    left, survival = len(times), 1.0
    for time, event in sorted(zip(times, events, strict=True)):
        if event:
            survival *= 1 - 1 / left
            if survival <= 0.5:
                return time
        left -= 1
    return float("nan")


OS_MEDIAN = median([p.days for p in PEOPLE], [p.dead for p in PEOPLE]) / MONTH


@dataclass(frozen=True)
class Chart:
    """A chart: how it is written, what is answered, what must come out."""

    name: str
    write: Callable[[Path], Path]
    answers: dict[str, str] = field(default_factory=dict)
    """Question = answer."""
    n: int = N
    deaths: int | None = DEATHS
    responders: int | None = RESPONDERS
    endpoint: str = "os"
    median: float | None = OS_MEDIAN
    """In months."""
    truths: dict[str, float | None] = field(default_factory=dict)
    """Further result ids and their values."""
    absent: tuple[str, ...] = ()
    """Texts that must stand nowhere in the results."""
    said: tuple[str, ...] = ()
    """Ids of problems that must be there."""


CHARTS: list[Chart] = []


def chart(**more: Any) -> Callable[[Callable[[Path], Path]], Callable[[Path], Path]]:
    """Add a chart to the list."""

    def add(write: Callable[[Path], Path]) -> Callable[[Path], Path]:
        CHARTS.append(Chart(write.__name__, write, **more))
        return write

    return add


def at(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day)


def save(path: Path, *rows: list[Any], title: str = "Sheet1") -> Path:
    """One sheet."""
    book = Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(row)
    file = path / "chart.xlsx"
    book.save(file)
    return file


def dated(p: Person) -> list[Any]:
    """Number, sex, age, start, response, progression, death, last contact."""
    return [
        p.number,
        p.sex,
        p.age,
        at(p.start),
        p.response,
        at(p.progressed),
        at(p.last) if p.dead else None,
        at(p.last),
    ]


def in_language(path: Path, head: list[str], words: dict[str, str], title: str) -> Path:
    rows = [[words.get(v, v) if isinstance(v, str) else v for v in dated(p)] for p in PEOPLE]
    return save(path, head, *rows, title=title)


@chart()
def english(path: Path) -> Path:
    head = ["Pt #", "Gender", "Age", "Start of chemo", "BOR", "Date of PD", "Died on", "Last seen"]
    return in_language(path, head, {}, "Sheet1")


@chart()
def german(path: Path) -> Path:
    head = [
        "lfd. Nr.",
        "Geschl.",
        "Alter",
        "Therapiebeginn",
        "Bestes Ansprechen",
        "Progress am",
        "verstorben am",
        "letzter Kontakt",
    ]
    return in_language(path, head, {"male": "m", "female": "w"}, "Patienten")


@chart()
def french(path: Path) -> Path:
    head = [
        "N° patient",
        "Sexe",
        "Âge",
        "Début traitement",
        "Meilleure réponse",
        "Date de progression",
        "Date de décès",
        "Date des dernières nouvelles",
    ]
    words = {
        "male": "homme",
        "female": "femme",
        "PR": "RP",
        "CR": "RC",
        "SD": "stabilité",
        "PD": "maladie progressive",
    }
    return in_language(path, head, words, "Données")


@chart()
def spanish(path: Path) -> Path:
    head = [
        "Paciente",
        "Sexo",
        "Edad",
        "Inicio tratamiento",
        "Mejor respuesta",
        "Fecha de progresión",
        "Fecha de fallecimiento",
        "Última visita",
    ]
    words = {
        "male": "hombre",
        "female": "mujer",
        "PR": "respuesta parcial",
        "CR": "respuesta completa",
        "SD": "enfermedad estable",
        "PD": "progresión",
    }
    return in_language(path, head, words, "Pacientes")


@chart(answers={"sex": "H = male, M = female"})
def spanish_letters(path: Path) -> Path:
    head = [
        "Paciente",
        "Sexo",
        "Edad",
        "Inicio tratamiento",
        "Mejor respuesta",
        "Fecha de progresión",
        "Fecha de fallecimiento",
        "Última visita",
    ]
    return in_language(path, head, {"male": "H", "female": "M"}, "Pacientes")


@chart()
def italian(path: Path) -> Path:
    head = [
        "Paziente",
        "Sesso",
        "Età",
        "Inizio terapia",
        "Miglior risposta",
        "Data progressione",
        "Data decesso",
        "Ultimo contatto",
    ]
    words = {
        "male": "maschio",
        "female": "femmina",
        "PR": "risposta parziale",
        "CR": "risposta completa",
        "SD": "malattia stabile",
        "PD": "progressione",
    }
    return in_language(path, head, words, "Pazienti")


@chart()
def portuguese(path: Path) -> Path:
    head = [
        "Prontuário",
        "Sexo",
        "Idade",
        "Início do tratamento",
        "Melhor resposta",
        "Data da progressão",
        "Data do óbito",
        "Último contato",
    ]
    words = {"male": "masculino", "female": "feminino"}
    return in_language(path, head, words, "Pacientes")


@chart()
def japanese(path: Path) -> Path:
    head = [
        "症例番号",
        "性別",
        "年齢",
        "治療開始日",
        "最良効果",
        "増悪日",
        "死亡日",
        "最終生存確認日",
    ]
    return in_language(path, head, {"male": "男", "female": "女"}, "患者背景")


@chart()
def chinese(path: Path) -> Path:
    head = [
        "序号",
        "性别",
        "年龄",
        "首次用药日期",
        "最佳疗效",
        "疾病进展日期",
        "死亡日期",
        "末次随访日期",
    ]
    words = {
        "male": "男",
        "female": "女",
        "PR": "部分缓解",
        "CR": "完全缓解",
        "SD": "疾病稳定",
        "PD": "疾病进展",
    }
    return in_language(path, head, words, "患者")


@chart(answers={"vital_status": "1 = alive, 2 = dead"}, responders=None)
def last_contact_or_death(path: Path) -> Path:
    rows = [[p.number, p.age, at(p.start), at(p.last), 2 if p.dead else 1] for p in PEOPLE]
    head = ["Patient ID", "Age", "First dose", "Date of last contact or death", "Status"]
    return save(path, head, *rows)


@chart(answers={"vital_status": "1 = dead, 0 = alive"}, responders=None)
def a_date_of_death_for_everybody(path: Path) -> Path:
    rows = [[p.number, p.age, at(p.start), at(p.last), int(p.dead)] for p in PEOPLE]
    return save(path, ["Patient ID", "Age", "Start", "Death date", "CENSDEAD"], *rows)


@chart(answers={"deaths": "yes"}, responders=None)
def last_seen_and_a_status(path: Path) -> Path:
    rows = [
        [p.number, p.age, at(p.start), at(p.last), "verstorben" if p.dead else "lebt"]
        for p in PEOPLE
    ]
    return save(path, ["Pat", "Alter", "Beginn", "letzter Kontakt", "Status"], *rows)


@chart(responders=None)
def legend_in_the_header(path: Path) -> Path:
    rows = [[p.number, p.age, at(p.start), at(p.last), 2 if p.dead else 1] for p in PEOPLE]
    head = ["ID", "Age", "C1D1", "Last FU / death", "Status (1 = alive, 2 = dead)"]
    return save(path, head, *rows)


@chart(answers={"vital_status": "yes"}, responders=None)
def legend_below_the_table(path: Path) -> Path:
    rows: list[list[Any]] = [
        [p.number, p.age, at(p.start), at(p.last), 0 if p.dead else 1] for p in PEOPLE
    ]
    head = ["ID", "Age", "Start", "Last FU / death", "Status"]
    return save(path, head, *rows, ["Status: 1 = alive, 0 = dead"])


def months(p: Person) -> float:
    return round(p.days / MONTH, 2)


@chart(responders=None)
def months_and_dead_in_words(path: Path) -> Path:
    rows = [[p.number, p.age, months(p), "yes" if p.dead else "no"] for p in PEOPLE]
    return save(path, ["UPN", "Age", "OS (months)", "Dead"], *rows)


@chart(responders=None)
def months_and_alive_in_words(path: Path) -> Path:
    rows = [[p.number, p.age, months(p), "no" if p.dead else "yes"] for p in PEOPLE]
    return save(path, ["Hosp ID", "Age", "OS (months)", "Alive"], *rows)


@chart(
    answers={"os": "1, months", "rfs": "months"},
    responders=None,
    truths={"survival.rfs.events": float(sum(p.progression is not None for p in PEOPLE))},
)
def os_death_rfs_recurrence(path: Path) -> Path:
    rows = [
        [
            p.number,
            p.age,
            months(p),
            int(p.dead),
            round((p.progression or p.days) / MONTH, 2),
            "yes" if p.progression else "no",
        ]
        for p in PEOPLE
    ]
    return save(path, ["S.No", "Age", "OS", "Death", "RFS", "Recurrence"], *rows)


@chart(answers={"os": "event_value = 1, time_unit = days"}, responders=None)
def futime_and_fustat(path: Path) -> Path:
    text = ['"rownames","futime","fustat","age","rx"']
    text += [f'"{p.number}",{p.days},{int(p.dead)},{p.age}.5,{1 + p.number % 2}' for p in PEOPLE]
    file = path / "ovarian.csv"
    file.write_text("\n".join(text) + "\n")
    return file


@chart(answers={"endpoint": "name = os, event_value = 2, time_unit = days"}, responders=None)
def time_and_status(path: Path) -> Path:
    text = ["inst,time,status,age,sex"]
    text += [f"3,{p.days},{2 if p.dead else 1},{p.age},{p.sex}" for p in PEOPLE]
    file = path / "lung.csv"
    file.write_text("\n".join(text) + "\n")
    return file


@chart(responders=None)
def status_of_four_words(path: Path) -> Path:
    def word(p: Person) -> str:
        return ("DOD" if p.number % 2 else "DOC") if p.dead else ("NED" if p.number % 2 else "AWD")

    rows = [[p.number, p.age, months(p), word(p)] for p in PEOPLE]
    return save(path, ["Case", "Age", "Survival (months)", "Status"], *rows)


@chart(answers={"os": "0 = censored, 1 = event, 2 = event"}, responders=None)
def status_of_three_figures(path: Path) -> Path:
    def code(p: Person) -> int:
        return 0 if not p.dead else 1 + p.number % 2

    rows = [[p.number, p.age, months(p), code(p)] for p in PEOPLE]
    return save(path, ["pid", "Age", "OS months", "OS event"], *rows)


@chart()
def legend_rows_and_means(path: Path) -> Path:
    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    rows = [dated(p) for p in PEOPLE]
    mean = sum(p.age for p in PEOPLE) / N
    return save(path, head, *rows, ["red = dead"], ["MW", None, mean], ["* = see letter"])


@chart(truths={"baseline.hb.median": statistics.median(p.hb for p in PEOPLE)})
def a_table_beside(path: Path) -> Path:
    head = [
        "No",
        "Sex",
        "Age",
        "Start",
        "BOR",
        "PD date",
        "Death",
        "Last contact",
        None,
        "Pt",
        "Hb",
    ]
    rows = [
        [*dated(p), None, q.number, q.hb] for p, q in zip(PEOPLE, reversed(PEOPLE), strict=True)
    ]
    return save(path, head, *rows)


@chart()
def a_table_below(path: Path) -> Path:
    head = ["No", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    below = [["Pat", "Drug", "Dose"], *[[p.number, "A", 400] for p in PEOPLE[:7]]]
    return save(path, head, *[dated(p) for p in PEOPLE], [], *below)


@chart()
def no_column_of_patients(path: Path) -> Path:
    head = ["Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    return save(path, head, *[dated(p)[1:] for p in PEOPLE])


@chart()
def a_constant_study_id(path: Path) -> Path:
    head = [
        "Study ID",
        "Patient ID",
        "Sex",
        "Age",
        "Start",
        "BOR",
        "PD date",
        "Death",
        "Last contact",
    ]
    return save(path, head, *[["ABC-01", *dated(p)] for p in PEOPLE])


@chart(answers={"hb": "leave out"})
def two_units_in_one_column(path: Path) -> Path:
    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact", "Hb"]
    rows = [[*dated(p), p.hb if p.number % 3 else p.hb * 10] for p in PEOPLE]
    return save(path, head, *rows)


@chart(
    answers={"missing_words": "missing"},
    truths={"baseline.irae.missing": 8.0, "baseline.irae.count[level=y]": 8.0},
)
def question_marks_as_levels(path: Path) -> Path:
    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact", "irAE"]
    rows = [[*dated(p), "?ny"[p.number % 3]] for p in PEOPLE]
    return save(path, head, *rows)


@chart(truths={"baseline.smoker.missing": 8.0})
def words_for_missing(path: Path) -> Path:
    head = [
        "Patient ID",
        "Sex",
        "Age",
        "Start",
        "BOR",
        "PD date",
        "Death",
        "Last contact",
        "Smoker",
    ]
    rows = [[*dated(p), ("k.A.", "ja", "nein")[p.number % 3]] for p in PEOPLE]
    return save(path, head, *rows)


@chart(
    answers={"ki67": '">30" = 35, "<5" = missing'},
    truths={"baseline.ki67.missing": 4.0, "baseline.ki67.maximum": 40.0},
)
def bounds_among_numbers(path: Path) -> Path:
    head = [
        "Patient ID",
        "Sex",
        "Age",
        "Start",
        "BOR",
        "PD date",
        "Death",
        "Last contact",
        "Ki67 (%)",
    ]
    values = [10, 20, ">30", 40, 5, "<5"]
    rows = [[*dated(p), values[p.number % 6]] for p in PEOPLE]
    return save(path, head, *rows)


@chart()
def german_dates_as_text(path: Path) -> Path:
    def text(day: datetime | None) -> str | None:
        return None if day is None else day.strftime("%d.%m.%y")

    head = [
        "Pat.-Nr.",
        "Geschlecht",
        "Alter",
        "Beginn",
        "Ansprechen",
        "Progress",
        "gestorben am",
        "letzte Vorstellung",
    ]
    rows = [[text(v) if isinstance(v, datetime) else v for v in dated(p)] for p in PEOPLE]
    return save(path, head, *rows)


@chart()
def headlines_above(path: Path) -> Path:
    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    return save(path, ["Our cohort, 2015 to 2017"], [], head, *[dated(p) for p in PEOPLE])


@chart()
def the_header_again_on_each_page(path: Path) -> Path:
    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    rows = [dated(p) for p in PEOPLE]
    return save(path, head, *rows[:12], head, *rows[12:])


@chart(absent=("Meier", "0761", "03.04.45"))
def people_can_be_told(path: Path) -> Path:
    head = [
        "Pat.-Nr.",
        "Geschlecht",
        "Alter",
        "Beginn",
        "Ansprechen",
        "Progress",
        "gestorben am",
        "letzter Kontakt",
        "geb. am",
        "Hausarzt",
        "Bemerkung",
    ]
    rows = [
        [*dated(p), f"03.04.4{p.number % 10}", "Dr. Meier", f"Tel. 0761-1234{p.number}"]
        for p in PEOPLE
    ]
    return save(path, head, *rows)


@chart(said=("layout.colour",))
def half_the_rows_are_red(path: Path) -> Path:
    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    file = save(path, head, *[dated(p) for p in PEOPLE])
    from openpyxl import load_workbook

    book = load_workbook(file)
    for row in range(2, 15):
        for cell in book.active[row]:
            cell.fill = PatternFill("solid", fgColor="FFFF9999")
    book.save(file)
    return file


@chart(
    answers={"lesions_unit": "mm"},
    responders=sum(p.number % 2 == 0 for p in PEOPLE),
    truths={"survival.pfs.events": float(N)},
)
def scans_side_by_side_with_new_lesions(path: Path) -> Path:
    """Odd patients have a new lesion on the second scan; even ones shrink and die or are seen."""
    head = [
        "Patient ID",
        "Age",
        "Start",
        "Scan0 date",
        "Scan0 sum",
        "Scan1 date",
        "Scan1 sum",
        "Scan1 new lesion",
        "Scan2 date",
        "Scan2 sum",
        "Scan2 new lesion",
        "Last contact",
        "Date of death",
    ]
    rows = []
    for p in PEOPLE:
        first, second = p.start + timedelta(days=50), p.start + timedelta(days=57)
        new = p.number % 2 == 1
        rows.append(
            [
                p.number,
                p.age,
                at(p.start),
                at(p.start - timedelta(days=5)),
                50,
                at(first),
                30,
                "y" if new else "n",
                at(second),
                30 if new else 70,
                None,
                at(p.last),
                at(p.last) if p.dead else None,
            ]
        )
    return save(path, head, *rows)


@chart(answers={"dates": "mixed-day-first"})
def two_orders_of_day_and_month(path: Path) -> Path:
    """Dates that could be both are written day first; those with a day above 12 either way."""

    def text(day: datetime, nth: int) -> str:
        return day.strftime("%m/%d/%Y" if nth % 2 and day.day > 12 else "%d/%m/%Y")

    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    rows = [dated(p) for p in PEOPLE]
    for i, row in enumerate(rows):
        row[3] = text(row[3], i)
    return save(path, head, *rows)


def stacked(path: Path) -> Path:
    """Two sheets with the same columns."""
    head = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]
    file = save(path, head, *[dated(p) for p in PEOPLE[:12]], title="2015")
    from openpyxl import load_workbook

    book = load_workbook(file)
    page = book.create_sheet("2016")
    for row in [head, *[dated(p) for p in PEOPLE[12:]]]:
        page.append(row)
    book.save(file)
    return file


@chart(responders=None)
def cbioportal(path: Path) -> Path:
    """Labels, descriptions, types and priorities above the header; the status says its words."""
    lines = [
        "#Patient Identifier\tDiagnosis Age\tOverall Survival (Months)\tOverall Survival Status",
        "#Identifier\tAge at diagnosis\tMonths to death or last contact\tStatus",
        "#STRING\tNUMBER\tNUMBER\tSTRING",
        "#1\t1\t1\t1",
        "PATIENT_ID\tAGE\tOS_MONTHS\tOS_STATUS",
    ]
    lines += [
        f"TCGA-{p.number:02d}\t{p.age}\t{months(p)}\t{'1:DECEASED' if p.dead else '0:LIVING'}"
        for p in PEOPLE
    ]
    file = path / "data_clinical_patient.txt"
    file.write_text("\n".join(lines) + "\n")
    return file


@chart(responders=None)
def semicolons_and_decimal_commas(path: Path) -> Path:
    lines = ["Pat.-Nr.;Alter;OS (Monate);verstorben"]
    lines += [
        f"{p.number};{p.age};{str(months(p)).replace('.', ',')};{'ja' if p.dead else 'nein'}"
        for p in PEOPLE
    ]
    file = path / "export.csv"
    file.write_bytes(("\r\n".join(lines) + "\r\n").encode("cp1252"))
    return file


@chart(responders=None)
def json_of_a_database(path: Path) -> Path:
    import json

    rows = [
        {
            "record_id": str(p.number),
            "age": str(p.age),
            "os_months": str(months(p)),
            "death": "Yes" if p.dead else "No",
        }
        for p in PEOPLE
    ]
    file = path / "export.json"
    file.write_text(json.dumps(rows))
    return file


@chart()
def two_files_by_id(path: Path) -> Path:
    folder = path / "files"
    folder.mkdir()
    base = ["Patient ID,Sex,Age,Start,BOR"]
    base += [f"{p.number},{p.sex},{p.age},{p.start},{p.response}" for p in PEOPLE]
    (folder / "baseline.csv").write_text("\n".join(base) + "\n")
    out = ["Pat No,Date of death,Last contact,PD date"]
    out += [
        f"{p.number},{p.last if p.dead else ''},{p.last},{p.progressed or ''}"
        for p in reversed(PEOPLE)
    ]
    (folder / "outcome.csv").write_text("\n".join(out) + "\n")
    return folder
