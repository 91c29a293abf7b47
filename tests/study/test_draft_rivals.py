"""Two columns that may both be the one that a study needs are asked about, never chosen."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from oncohort.study.answering import answer
from oncohort.study.new import new_study
from oncohort.study.questions import open_questions
from oncohort.study.study import read_study

ROWS = 24
START = [dt.date(2018, 1, 5) + dt.timedelta(days=20 * i) for i in range(ROWS)]
LAST = [START[i] + dt.timedelta(days=200 + 31 * i) for i in range(ROWS)]
DEATH = [LAST[i] if i % 3 else None for i in range(ROWS)]


def chart(folder: Path, replaced: dict[str, dict[str, list[object]]]) -> Path:
    """A chart with a start, deaths and a last contact, of which some have rivals."""
    usual: dict[str, list[object]] = {
        "Treatment start": list(START),
        "Death date": list(DEATH),
        "Last contact": list(LAST),
    }
    columns: dict[str, list[object]] = {"ID": list(range(1, ROWS + 1))}
    for name, values in usual.items():
        columns |= replaced.get(name, {name: values})
    for name, more in replaced.items():
        columns |= more if name not in usual else {}
    with (folder / "chart.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return folder / "chart.csv"


def earlier(days: list[dt.date | None] | list[dt.date], by: int) -> list[object]:
    return [None if d is None else d - dt.timedelta(days=by) for d in days]


CASES: dict[str, tuple[dict[str, dict[str, list[object]]], str, str]] = {
    "starts": (
        {"Treatment start": {"Sunitinib start": earlier(START, 300), "Sorafenib start": [*START]}},
        "treatment_start",
        "Sorafenib start",
    ),
    "contacts": (
        {"Last contact": {"Last visit": earlier(LAST, 40), "Last phone contact": [*LAST]}},
        "last_contact",
        "latest contact",
    ),
    "deaths": (
        {
            "Death date": {
                "Date of death (chart)": [d if i % 2 else None for i, d in enumerate(DEATH)],
                "Date of death (registry)": [*DEATH],
            }
        },
        "death_date",
        "first day of death",
    ),
    "the registry alone": (
        {
            "Death date": {
                "Date of death (chart)": [d if i % 2 else None for i, d in enumerate(DEATH)],
                "Date of death (registry)": [*DEATH],
            }
        },
        "death_date",
        "Date of death (registry)",
    ),
}


def true_answer(folder: Path) -> tuple[float, float]:
    new_study(folder / "true", chart(folder, {}))
    numbers = read_study(folder / "true").analysed.numbers
    return numbers["survival.os.median"].value, numbers["survival.os.events"].value


@pytest.mark.parametrize("case", list(CASES))
def test_which_of_two_columns_counts_is_asked(tmp_path: Path, case: str) -> None:
    replaced, name, given = CASES[case]
    median, events = true_answer(tmp_path)
    new_study(tmp_path / "s", chart(tmp_path, replaced))
    asked = open_questions((tmp_path / "s" / "study.toml").read_text("utf-8"))
    assert [q.name for q in asked] == [name]
    assert "survival.os.median" not in read_study(tmp_path / "s").analysed.numbers
    answer(tmp_path / "s", name, given)
    numbers = read_study(tmp_path / "s").analysed.numbers
    assert numbers["survival.os.events"].value == events
    assert numbers["survival.os.median"].value == median


def test_the_best_response_of_two_readers_is_asked(tmp_path: Path) -> None:
    read = [("PR", "SD", "PD")[i % 3] for i in range(ROWS)]
    again = ["SD", *read[1:]]
    both: dict[str, list[object]] = {
        "Best response (investigator)": [*read], "Best response (central)": [*again],
    }  # fmt: skip
    new_study(tmp_path / "s", chart(tmp_path, {"response": both}))
    (asked,) = open_questions((tmp_path / "s" / "study.toml").read_text("utf-8"))
    assert asked.name == "best_response"
    answer(tmp_path / "s", "best_response", "Best response (central)")
    orr = read_study(tmp_path / "s").analysed.numbers["response.orr.count"].value
    assert orr == sum(r == "PR" for r in again)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Last visit", lambda: [*LAST]),  # the same days
        ("Date of last CT", lambda: earlier(LAST, 30)),  # nobody was seen later than the contact
        ("Last dose date", lambda: [d + dt.timedelta(days=1) for d in LAST]),
        ("Prior treatment start", lambda: earlier(START, 500)),
    ],
)  # fmt: skip
def test_what_is_no_rival_is_not_asked_about(
    tmp_path: Path, name: str, values: Callable[[], list[object]]
) -> None:
    new_study(tmp_path / "s", chart(tmp_path, {"more": {name: values()}}))
    assert not open_questions((tmp_path / "s" / "study.toml").read_text("utf-8"))
