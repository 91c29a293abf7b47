"""Columns whose names sound like a time or an event, beside those that are one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from oncohort.study.answering import answer
from oncohort.study.new import new_study
from oncohort.study.study import read_study

N = 40
MONTH = 30.4375
_CHANCE = random.Random(11)
TIMES = [30 + 17 * i for i in range(N)]
EVENTS = [i % 3 != 0 for i in range(N)]
OTHERS = [_CHANCE.randint(0, 1) for _ in range(N)]


def chart(folder: Path, **columns: list[object]) -> Path:
    rows = [
        ",".join(columns),
        *(",".join(map(str, r)) for r in zip(*columns.values(), strict=True)),
    ]
    (folder / "c.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder / "c.csv"


@pytest.mark.parametrize(
    ("other", "time", "event"),
    [
        ("er_status", "time", "status"),
        ("Smoking status", "time", "event"),
        ("Menopausal status", "duration", "status"),
        ("p53_status", "survival", "censored"),
        ("chr1q21_status", "times", "patient.vital_status"),
    ],
)
def test_the_status_of_a_marker_is_no_event_of_a_time(
    other: str, time: str, event: str, tmp_path: Path
) -> None:
    columns = {"id": range(1, N + 1), other: OTHERS, time: TIMES, event: map(int, EVENTS)}
    made = new_study(
        tmp_path / "study", chart(tmp_path, **{k: list(v) for k, v in columns.items()})
    )
    [asked] = [q for q in made.questions if q.name in ("endpoint", "os")]
    assert f'event = "{event}"' in "\n".join(asked.lines)
    answer(
        made.folder, asked.name, "os, event_value = 1, days" if asked.name != "os" else "1, days"
    )
    for q in made.questions:
        if q.name.startswith("is_"):
            answer(made.folder, q.name, "no")
    results = read_study(made.folder).run()
    assert results["survival.os.events"].value == sum(EVENTS)


def test_a_measurement_is_no_rival_of_a_time_that_is_named(tmp_path: Path) -> None:
    times = [1 + i % 39 for i in range(N)]
    fraction = [times[i] if i % 9 == 0 else 41 + i for i in range(N)]
    made = new_study(
        tmp_path / "study", chart(tmp_path, EF=fraction, time=times, event=list(map(int, EVENTS)))
    )
    assert [q.name for q in made.questions] == ["endpoint"]
    assert "EF" not in made.questions[0].text


def test_ages_at_entry_and_now_give_the_time_between_in_the_unit_that_is_said(
    tmp_path: Path,
) -> None:
    entry = [240 + 7 * i for i in range(N)]
    ages = [e + t // 10 for e, t in zip(entry, TIMES, strict=True)]
    made = new_study(
        tmp_path / "study",
        chart(
            tmp_path,
            patient=list(range(1, N + 1)),
            ageentry=entry,
            age=ages,
            death=list(map(int, EVENTS)),
        ),
    )
    assert {q.name for q in made.questions} == {"os", "age_unit"}
    answer(made.folder, "os", "1, months")
    answer(made.folder, "age_unit", "months")
    longest = read_study(made.folder).cohort.frame["os_time"].max()
    assert longest == pytest.approx(max(t // 10 for t in TIMES) * MONTH, abs=1)


@pytest.mark.parametrize(("oldest", "asked"), [(16, False), (70, True)])
def test_children_differ_in_weight(oldest: int, asked: bool, tmp_path: Path) -> None:
    weights = [11 + 1.7 * i for i in range(N)]
    ages = [2 + i * (oldest - 2) // N if oldest < 18 else 30 + i for i in range(N)]
    made = new_study(
        tmp_path / "study",
        chart(tmp_path, id=list(range(1, N + 1)), age=ages, weight=weights),
    )
    assert ("weight" in [q.name for q in made.questions]) is asked


def test_grades_alone_are_those_of_the_tumour(tmp_path: Path) -> None:
    """They are levels of a covariate; a term with a grade is an adverse event in words."""
    grades = [f"g{1 + i % 4}" for i in range(N)]
    events = [f"diarrhea G{1 + i % 3}" for i in range(N)]
    made = new_study(
        tmp_path / "study",
        chart(tmp_path, id=list(range(1, N + 1)), fuhrman_grade=grades, toxicity=events),
    )
    draft = (made.folder / "study.toml").read_text("utf-8")
    assert "[variables.fuhrman_grade]" in draft
    assert "[variables.toxicity]" not in draft
