"""Charts put together at random: headers, order, notes and types as chance has it.

Whatever a chart looks like, a figure is the truth, or it waits for an answer; never another number.
"""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cohort import DEATHS, OS_MEDIAN, PEOPLE, RESPONDERS, N, Person, at, months
from labels import NAMES
from openpyxl import Workbook

from oncohort.problems import ReadError
from oncohort.study.answering import AnswerError, answer
from oncohort.study.new import NewStudy, new_study
from oncohort.study.study import Study, read_study

TRIES = int(os.environ.get("ONCOHORT_STRANGERS", "30"))
TRUTH = {
    "flow.included.count": N,
    "survival.os.median": OS_MEDIAN,
    "survival.os.events": DEATHS,
    "response.orr.count": RESPONDERS,
}
FIELDS = {
    "patient": lambda p: p.number,
    "sex": lambda p: p.sex,
    "age": lambda p: p.age,
    "treatment_start": lambda p: at(p.start),
    "best_response": lambda p: p.response,
    "progression_date": lambda p: at(p.progressed),
    "death_date": lambda p: at(p.last) if p.dead else None,
    "last_contact": lambda p: at(p.last),
    "vital_status": lambda p: "dead" if p.dead else "alive",
}
TIMES = (
    ("OS (months)", months),
    ("OS_MONTHS", months),
    ("Überleben (Monate)", months),
    ("OS time (days)", lambda p: p.days),
    ("Survival (years)", lambda p: p.days / 365.25),
    ("生存期間(月)", months),
    ("SG (meses)", months),
    ("survival_weeks", lambda p: p.days / 7),
)
EVENTS = (
    ("OS event", lambda p: int(p.dead)),
    ("Dead", lambda p: "yes" if p.dead else "no"),
    ("Alive", lambda p: "no" if p.dead else "yes"),
    ("Status", lambda p: "DOD" if p.dead else "NED"),
    ("OS_STATUS", lambda p: "1:DECEASED" if p.dead else "0:LIVING"),
    ("verstorben", lambda p: "ja" if p.dead else "nein"),
    ("OS censored", lambda p: int(not p.dead)),
    ("転帰", lambda p: "死亡" if p.dead else "生存"),
)
WORDS = (
    {},
    {"male": "m", "female": "w", "dead": "verstorben", "alive": "lebt"},
    {"male": "homme", "female": "femme", "dead": "décédé", "alive": "vivant", "PR": "RP"},
    {"male": "1", "female": "2", "dead": "1", "alive": "0"},
    {"male": "男", "female": "女", "dead": "死亡", "alive": "生存"},
    {"male": "varón", "female": "mujer", "dead": "éxitus", "alive": "vivo"},
)
WAYS = ("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%y", "%Y/%m/%d", "%d-%b-%Y", "%Y-%m-%d")
MORE = {
    "Hb": lambda p: p.hb,
    "Bemerkung": lambda p: "siehe Brief" if p.number % 7 == 0 else None,
    "OP-Datum": lambda p: datetime(2014, 1 + p.number % 12, 5),
    "Stadium": lambda p: ["III", "IV"][p.number % 2],
    "CRP": lambda p: str(p.hb).replace(".", ","),
    "Diabetes": lambda p: ["ja", "nein", "k.A."][p.number % 3],
    "Status": lambda p: ["in", "out"][p.number % 2],
    "Date": lambda p: datetime(2018, 3, 1 + p.number),
    "Survival": lambda p: p.days,
    "Death cause": lambda p: "tumor" if p.dead else None,
}


def write(chance: random.Random, path: Path) -> tuple[Path, str | None]:
    """One chart of chance, and how its dates are written (None: as dates)."""
    fields = list(FIELDS)
    for one in ("sex", "age", "progression_date", "vital_status"):
        if chance.random() < 0.3:
            fields.remove(one)
    if chance.random() < 0.25 and "vital_status" in fields:
        fields.remove("death_date")
    if chance.random() < 0.2:  # time and status instead of dates
        fields = [f for f in fields if not f.endswith(("_date", "_start", "contact", "status"))]
        columns = {chance.choice(NAMES[f]): FIELDS[f] for f in fields}
        time, event = chance.choice(TIMES), chance.choice(EVENTS)
        columns |= {time[0]: time[1], event[0]: event[1]}
    else:
        columns = {chance.choice(NAMES[f]): FIELDS[f] for f in fields}
    columns |= {k: MORE[k] for k in chance.sample(list(MORE), chance.randrange(4))}
    names = list(columns)
    if chance.random() < 0.6:
        chance.shuffle(names)
    words = chance.choice(WORDS)
    way = chance.choice(WAYS) if chance.random() < 0.5 else None
    people = list(PEOPLE)
    if chance.random() < 0.5:
        chance.shuffle(people)

    def cell(p: Person, name: str) -> Any:
        value = columns[name](p)
        if isinstance(value, datetime) and way is not None:
            return value.strftime(way)
        return words.get(value, value) if isinstance(value, str) else value

    if chance.random() < 0.2:
        return _on_two_sheets(chance, path, names, people, cell), way
    rows: list[list[Any]] = [[]] * chance.randrange(2)
    if chance.random() < 0.4:
        rows = [["Kohorte 2015 bis 2017"], *rows]
    gap = chance.random() < 0.2
    rows.append([*names[:2], None, *names[2:]] if gap else names)
    for p in people:
        row = [cell(p, n) for n in names]
        rows.append([*row[:2], None, *row[2:]] if gap else row)
        if chance.random() < 0.05:
            rows.append([])
    if chance.random() < 0.3:
        rows.append([chance.choice(["Summe", "n = 24", "* laut Akte", "Mean"])])
    return _saved(chance, path, rows), way


def _on_two_sheets(
    chance: random.Random,
    path: Path,
    names: list[str],
    people: list[Person],
    cell: Callable[[Person, str], Any],
) -> Path:
    """The columns on two sheets, the patients' numbers written differently on each."""
    patient = next(n for n in names if n in NAMES["patient"])
    rest = [n for n in names if n != patient]
    cut = chance.randrange(1, len(rest))
    ways = (lambda n: n, lambda n: f"{n:03d}", lambda n: f"P-{n}", lambda n: f"p{n:02d}")
    first, second = chance.sample(ways[:2] if chance.random() < 0.5 else ways[2:], 2)
    book = Workbook()
    page = book.active
    page.title = chance.choice(["Baseline", "Stammdaten", "患者背景", "Sheet1"])
    other = book.create_sheet(chance.choice(["Outcome", "Verlauf", "转归", "Sheet2"]))
    for sheet, mine, way in ((page, rest[:cut], first), (other, rest[cut:], second)):
        sheet.append([patient, *mine])
        for p in people if sheet is page else reversed(people):
            sheet.append([way(p.number), *(cell(p, n) for n in mine)])
    book.save(path / "chart.xlsx")
    return path / "chart.xlsx"


def _saved(chance: random.Random, path: Path, rows: list[list[Any]]) -> Path:
    if chance.random() < 0.25:
        sep = chance.choice(",;\t")
        file = path / "chart.csv"

        def text(value: Any) -> str:
            if value is None:
                return ""
            shown = value.date().isoformat() if isinstance(value, datetime) else str(value)
            return f'"{shown}"' if sep in shown else shown

        file.write_text("\n".join(sep.join(map(text, r)) for r in rows) + "\n", "utf-8")
        return file
    book = Workbook()
    page = book.active
    page.title = chance.choice(["Sheet1", "Daten", "患者", "x"])
    for row in rows:
        page.append(row)
    book.save(path / "chart.xlsx")
    return path / "chart.xlsx"


def answer_all(made: NewStudy, way: str | None) -> None:
    """Answer what whoever wrote the chart knows; the rest is none of the kind."""
    first = "month-first" if way == "%m/%d/%Y" else "day-first"
    said = {"dates": first, "sex": "1 = male, 2 = female", "vital_status": "1 = dead, 0 = alive"}
    said |= {"deaths": "yes", "missing_words": "missing"}
    for question in made.questions:
        if question.name == "os":
            censored = "censored" in question.text.split("holds")[0]
            said["os"] = "days" if "holds" not in question.text else "0" if censored else "1"
        for value in (said.get(question.name, "none"), "yes", "none", "leave out"):
            try:
                answer(made.folder, question.name, value)
                break
            except AnswerError:
                continue


@pytest.mark.parametrize("seed", range(TRIES))
def test_a_figure_is_the_truth_or_waits(seed: int, tmp_path: Path) -> None:
    file, way = write(random.Random(seed), tmp_path)
    try:
        made = new_study(tmp_path / "study", file)
        study = read_study(made.folder)
    except ReadError as error:
        assert error.problems
        return
    assert len(made.questions) <= 8
    _true_or_nothing(study)
    answer_all(made, way)
    study = read_study(made.folder)
    assert not [p for p in study.problems if p.id == "protocol.open-question"]
    _true_or_nothing(study)


def _true_or_nothing(study: Study) -> None:
    values = {e.id: e.value for r in study.run().numbers.results for e in r.estimates}
    for id_, true in TRUTH.items():
        found = values.get(id_)
        assert found is None or math.isclose(found, true, abs_tol=0.006), (id_, found, true)
    if values.get("flow.included.count") is None:
        assert any(p.severity.value in ("error", "question") for p in study.problems)
