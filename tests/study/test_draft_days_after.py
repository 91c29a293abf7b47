"""Charts with a start, days of progression, and how long the patients were followed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from oncohort.study.answering import answer
from oncohort.study.new import NewStudy, new_study
from oncohort.study.study import read_study

N = 15
START = [date(2014, 5, 2) + timedelta(days=11 * i) for i in range(N)]
DAYS = [200 + 61 * i for i in range(N)]
DEAD = [i % 2 == 0 for i in range(N)]
PROGRESSED = [90 + 20 * i if i % 3 == 0 else None for i in range(N)]
EVENTS = sum(d or p is not None for d, p in zip(DEAD, PROGRESSED, strict=True))


def chart(folder: Path, head: str, dead: tuple[object, object], unit: float) -> NewStudy:
    """Patient, start, progression, time of follow-up, who died."""
    book = Workbook()
    page = book.active
    page.append(head.split("|"))
    for i in range(N):
        days = PROGRESSED[i]
        came = None if days is None else START[i] + timedelta(days=days)
        page.append([i + 1, START[i], came, round(DAYS[i] / unit, 2), dead[0 if DEAD[i] else 1]])
    book.save(folder / "c.xlsx")
    return new_study(folder / "study", folder / "c.xlsx")


def found(made: NewStudy) -> dict[str, float | None]:
    results = read_study(made.folder).run()
    return {e.id: e.value for r in results.numbers.results for e in r.estimates}


@pytest.mark.parametrize(
    ("head", "dead", "unit", "key"),
    [
        ("ID|Date of surgery|Date of recurrence|FU (months)|Status", ("dead", "alive"), 30.4375,
         "rfs"),
        ("Patient|Therapiebeginn|Progress am|Überleben (Jahre)|verstorben", ("ja", "nein"), 365.25,
         "pfs"),
        ("症例|治療開始日|再発日|観察期間（月）|転帰", ("死亡", "生存"), 30.4375, "pfs"),
        ("ID|Date de chirurgie|Date de récidive|Suivi (mois)|Statut", ("décédé", "vivant"), 30.4375,
         "rfs"),
    ],
)  # fmt: skip
def test_the_last_contact_is_the_start_and_the_time_of_follow_up(
    head: str, dead: tuple[str, str], unit: float, key: str, tmp_path: Path
) -> None:
    made = chart(tmp_path, head, dead, unit)
    assert not made.questions
    values = found(made)
    assert values["survival.os.events"] == sum(DEAD)
    assert values[f"survival.{key}.events"] == EVENTS


def test_codes_of_the_dead_are_asked_once(tmp_path: Path) -> None:
    made = chart(tmp_path, "Pt|Start of treatment|PD date|OS days|OS event", (1, 0), 1)
    assert [q.name for q in made.questions] == ["vital_status"]
    answer(made.folder, "vital_status", "1=dead, 0=alive")
    values = found(made)
    assert values["survival.os.events"] == sum(DEAD)
    assert values["survival.pfs.events"] == EVENTS


def test_times_that_end_before_the_progressions_count_from_another_day(tmp_path: Path) -> None:
    head = "ID|Start of treatment|Date of progression|OS (months)|Status"
    made = chart(tmp_path, head, ("dead", "alive"), 30.4375 * 20)
    assert "days_after" not in (made.folder / "study.toml").read_text("utf-8")


@pytest.mark.parametrize(
    "time",
    ["OS from diagnosis (months)", "Überleben ab Diagnose (Monate)", "OS since relapse (months)",
     "SG depuis le diagnostic (mois)"],
)  # fmt: skip
def test_a_time_that_counts_from_another_day_gives_no_day(time: str, tmp_path: Path) -> None:
    head = f"ID|Date of surgery|Date of recurrence|{time}|Status"
    made = chart(tmp_path, head, ("dead", "alive"), 30.4375)
    assert "days_after" not in (made.folder / "study.toml").read_text("utf-8")


@pytest.mark.parametrize("before", ["Date of diagnosis", "Biopsy date", "Date of referral"])
def test_an_earlier_day_of_everybody_may_be_the_one_that_is_meant(
    before: str, tmp_path: Path
) -> None:
    chart(tmp_path, "ID|Date of surgery|Date of recurrence|OS (months)|Status", ("dead", "alive"),
          30.4375)  # fmt: skip
    book = load_workbook(tmp_path / "c.xlsx")
    page = book.active
    page.cell(1, 6, before)
    for row in range(2, N + 2):
        page.cell(row, 6, START[row - 2] - timedelta(days=80))
    book.save(tmp_path / "d.xlsx")
    made = new_study(tmp_path / "other", tmp_path / "d.xlsx")
    assert "days_after" not in (made.folder / "study.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("recurrence", "life"),
    [
        ("Time from surgery to recurrence (months)", "OS from diagnosis (months)"),
        ("Months to recurrence", "OS from diagnosis (months)"),
        ("Rezidiv nach (Monate)", "Überleben ab Diagnose (Monate)"),
    ],
)
def test_times_of_two_clocks_are_never_put_together(
    recurrence: str, life: str, tmp_path: Path
) -> None:
    book = Workbook()
    page = book.active
    page.append(["ID", recurrence, life, "Status"])
    for i in range(N):
        came = None if PROGRESSED[i] is None else round(PROGRESSED[i] / 30.4375, 1)
        page.append([i + 1, came, round(DAYS[i] / 30.4375 + 3, 1), "dead" if DEAD[i] else "alive"])
    book.save(tmp_path / "c.xlsx")
    made = new_study(tmp_path / "study", tmp_path / "c.xlsx")
    text = (made.folder / "study.toml").read_text("utf-8")
    assert "relative" not in text
    assert "\n[endpoints.pfs]" not in text
