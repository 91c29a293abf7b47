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
        (two("Koch, Anna", "Weiss, Paul", "Lang, Eva", "Roth, Ida"), "names"),
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
    ],
)
def test_ordinary_words_stay(words: list[str], tmp_path: Path) -> None:
    assert found(tmp_path, words) == []


def test_declared_levels_are_the_author_s_own(tmp_path: Path) -> None:
    words = two("Koch, Anna", "Weiss, Paul")
    levels = 'levels = { a = "Koch, Anna", b = "Weiss, Paul" }'
    assert found(tmp_path, words, levels) == []
