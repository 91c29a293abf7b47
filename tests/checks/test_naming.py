"""Words of the chart that the paper would print, and that name patients."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.problems import Problem
from oncohort.study.study import read_study

IDS = [f"HK-{k:02d}73" for k in range(24)]


def found(folder: Path, words: list[str], of_variable: str = "") -> list[Problem]:
    rows = ["patient,x", *(f'{i},"{w}"' for i, w in zip(IDS, words, strict=True))]
    (folder / "data").mkdir()
    (folder / "data" / "patients.csv").write_text("\n".join(rows) + "\n")
    (folder / "study.toml").write_text(
        '[study]\nschema = 1\ntitle = "A study"\ndata = "data"\n'
        f"[variables.x]\n{of_variable}\n[baseline]\nvariables = ['x']\n"
    )
    problems = read_study(folder).data_problems
    return [p for p in problems if p.id == "variables.names-patients"]


def two(first: str, second: str, *others: str) -> list[str]:
    return [first, second] * ((24 - len(others)) // 2) + list(others)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ([i.lower() for i in IDS], "ids"),
        (two("yes", "no", "as hk 0573", "no"), "ids"),
        ([f"ward {k % 3}, {i}" for k, i in enumerate(IDS)], "ids"),
        ([f"{1 + k}.3.2015" for k in range(24)], "days"),
        ([f"Koch, Ann{chr(97 + k)}" for k in range(24)], "names"),
        (two("at home", "in hospital", "asked Dr. Weiss", "Mr. Koch rang"), "names"),
        (two("GP", "GP", "Dr. Weiss", "Dr. Koch"), "names"),
        (two("alone", "alone", "alone", IDS[23].lower()), "ids"),
        ([f"word{chr(97 + k)}" for k in range(24)], "of its own"),
    ],
)
def test_levels_that_tell_who_somebody_is_are_not_printed(
    words: list[str], what: str, tmp_path: Path
) -> None:
    (one,) = found(tmp_path, words)
    assert what in one.what
    assert "variables.x" in one.blocks
    assert not [i for i in IDS if i in one.what]


@pytest.mark.parametrize(
    "words",
    [
        two("clear cell", "papillary"),
        two("Stage II", "Stage III", "T3a N0", "T1b"),
        two("2015", "2016"),
        two("North", "South", *(f"clinic {k}" for k in range(8))),
        two("Dana-Farber", "St. Mary"),
        [*(f"{k}.5" for k in range(23)), "abc"],
        two(
            "Sunitinib, Sorafenib",
            "Axitinib, Pazopanib",
            "Everolimus, Sunitinib",
            "Sorafenib, Sunitinib",
        ),
    ],
)
def test_ordinary_words_stay(words: list[str], tmp_path: Path) -> None:
    assert found(tmp_path, words) == []


def test_declared_levels_are_the_author_s_own(tmp_path: Path) -> None:
    words = two("Koch, Anna", "Weiss, Paul")
    levels = 'levels = { a = "Koch, Anna", b = "Weiss, Paul" }'
    assert found(tmp_path, words, levels) == []


@pytest.mark.parametrize(
    ("term", "rows"),
    [
        ("Rash of HK-0173", [3]),
        ("Rash (Mr. Haas)", [3]),
        ("Infection, Lung", []),
        ("Grade 3 rash, day 14", []),
    ],
)
def test_a_term_that_names_somebody_is_an_error_in_its_cell(
    term: str, rows: list[int], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    people = "patient,age\n" + "".join(f"{i},60\n" for i in IDS)
    (tmp_path / "data" / "patients.csv").write_text(people)
    events = f'patient,term,grade\nHK-0073,Rash,1\nHK-0173,"{term}",2\n'
    (tmp_path / "data" / "adverse_events.csv").write_text(events)
    head = '[study]\nschema = 1\ntitle = "A study"\ndata = "data"\n'
    (tmp_path / "study.toml").write_text(head + '[safety]\ncriteria = "CTCAE 5.0"\n')
    problems = read_study(tmp_path).data_problems
    said = [p for p in problems if p.id == "safety.names-patients"]
    assert [p.place.row for p in said] == rows
    assert all("safety" in p.blocks for p in said)


@pytest.mark.parametrize(
    ("words", "told"), [("P05", True), ("p05", True), ("P5", True), ("p16", False)]
)
def test_a_short_id_in_its_own_row_or_as_it_is_written(
    words: str, told: bool, tmp_path: Path
) -> None:
    ids = [f"P{k:02d}" for k in range(24)]
    (tmp_path / "data").mkdir()
    rows = [f"{i},{words if i == 'P05' else 'other'}" for i in ids]
    (tmp_path / "data" / "patients.csv").write_text("\n".join(["patient,x", *rows]) + "\n")
    (tmp_path / "study.toml").write_text(
        '[study]\nschema = 1\ntitle = "A study"\ndata = "data"\n[variables.x]\n'
        "[baseline]\nvariables = ['x']\n"
    )
    ids_told = [p.id for p in read_study(tmp_path).data_problems]
    assert ("variables.names-patients" in ids_told) is told
