"""Who is dead, and when, where one column holds a day of everybody; what no endpoint is told of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook

from oncohort.study.answering import answer
from oncohort.study.new import NewStudy, new_study
from oncohort.study.questions import open_questions
from oncohort.study.study import read_study

DAY = date(2015, 3, 1)
N = 12
START, LAST = [DAY + timedelta(days=9 * i) for i in range(N)], [300 + 40 * i for i in range(N)]
DEAD = [i % 3 != 0 for i in range(N)]
PATIENTS = list(range(1, N + 1))


def drafted(folder: Path, head: Sequence[str], columns: Sequence[Sequence[object]]) -> NewStudy:
    """The draft of a chart."""
    book = Workbook()
    page = book.active
    page.append(list(head))
    for row in zip(*columns, strict=True):
        page.append(list(row))
    book.save(folder / "c.xlsx")
    return new_study(folder / "study", folder / "c.xlsx")


def deaths(made: NewStudy) -> float | None:
    """Deaths of overall survival after all answers."""
    assert not open_questions((made.folder / "study.toml").read_text("utf-8"))
    results = read_study(made.folder).run()
    return next(
        e.value
        for r in results.numbers.results
        for e in r.estimates
        if e.id == "survival.os.events"
    )


def ended() -> list[date]:
    return [s + timedelta(days=d) for s, d in zip(START, LAST, strict=True)]


@pytest.mark.parametrize(
    ("name", "dead", "alive", "said"),
    [
        ("Event", 1, 0, "1=dead, 0=alive"),
        ("Censor", 1, 0, "1=alive, 0=dead"),
        ("Ereignis", "ja", "nein", "ja=dead, nein=alive"),
    ],
)
def test_a_flag_tells_the_dead_apart_where_everybody_has_a_day_of_death(
    name: str, dead: object, alive: object, said: str, tmp_path: Path
) -> None:
    flags = [dead if d else alive for d in DEAD]
    head = ["ID", "Start of treatment", "Date of death", name]
    made = drafted(tmp_path, head, [PATIENTS, START, ended(), flags])
    assert [q.name for q in made.questions] == ["vital_status"]
    answer(made.folder, "vital_status", said)
    turned = said.startswith("1=alive")
    assert deaths(made) == (N - sum(DEAD) if turned else sum(DEAD))


def test_without_a_flag_it_is_asked_whether_everybody_is_dead(tmp_path: Path) -> None:
    head = ["ID", "Start of treatment", "Date of death"]
    made = drafted(tmp_path, head, [PATIENTS, START, ended()])
    assert [q.name for q in made.questions] == ["is_death_date"]


def test_a_flag_without_a_known_name_is_asked_with_its_codes(tmp_path: Path) -> None:
    head = ["ID", "Start of treatment", "Hypertension", "Xq", "Last seen"]
    other = [i % 2 for i in range(N)]
    made = drafted(tmp_path, head, [PATIENTS, START, other, [int(d) for d in DEAD], ended()])
    assert [q.name for q in made.questions] == ["vital_status"]
    answer(made.folder, "vital_status", "vital_status=Xq, 0=alive, 1=dead")
    assert deaths(made) == sum(DEAD)


def test_french_letters_for_deaths_and_last_news(tmp_path: Path) -> None:
    head = ["N°", "Date début traitement", "DC", "DDN"]
    flags = ["O" if d else "N" for d in DEAD]
    made = drafted(tmp_path, head, [PATIENTS, START, flags, ended()])
    assert [q.name for q in made.questions] == ["deaths"]
    answer(made.folder, "deaths", "yes")
    assert deaths(made) == sum(DEAD)


def test_a_chart_without_an_endpoint_is_told_what_was_looked_for(tmp_path: Path) -> None:
    head = ["ID", "Sex", "Age", "Qxz day"]
    sexes = ["m", "f"] * (N // 2)
    made = drafted(tmp_path, head, [PATIENTS, sexes, list(range(50, 50 + N)), ended()])
    assert any("No endpoint was found" in n and '"Qxz day"' in n for n in made.notes)
    assert "# No endpoint was found" in (made.folder / "study.toml").read_text("utf-8")


def test_days_within_texts_are_named_where_no_endpoint_was_found(tmp_path: Path) -> None:
    head = ["ID", "Start of treatment", "Course"]
    told = [
        f"PD {d:%d/%m/%Y}; died" if i % 2 else f"alive ({d:%m/%Y})" for i, d in enumerate(START)
    ]
    made = drafted(tmp_path, head, [PATIENTS, START, told])
    assert any('days within texts, which need a column for each kind of event "Course"' in n
               for n in made.notes)  # fmt: skip


def test_the_day_of_a_size_before_treatment_is_asked(tmp_path: Path) -> None:
    head = ["ID", "C1D1", "Baseline SLD (mm)", "Scan 1 date", "Scan 1 SLD", "Scan 2 date",
            "Scan 2 SLD", "Last contact"]  # fmt: skip
    scans = [[s + timedelta(days=d) for s in START] for d in (56, 112)]
    sizes = [[100 + i for i in range(N)], [60 + i for i in range(N)], [58 + i for i in range(N)]]
    columns = [PATIENTS, START, sizes[0], scans[0], sizes[1], scans[1], sizes[2], ended()]
    made = drafted(tmp_path, head, columns)
    assert "baseline_date" in [q.name for q in made.questions]
    answer(made.folder, "baseline_date", "C1D1")
    results = read_study(made.folder).run()
    values = {e.id: e.value for r in results.numbers.results for e in r.estimates}
    # 100 + i to 58 + i is 30 % smaller for all; the second scan confirms it.
    assert values["response.orr.count"] == N
