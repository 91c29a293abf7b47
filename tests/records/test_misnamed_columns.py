"""A misspelt name of a column is an error with the nearest one; names of the chart stay free."""

from pathlib import Path

import pytest

from oncohort.problems import errors
from oncohort.study.study import read_study

ROWS = (
    "patient,treatment_start,treatment_end,vital_status,death_date,last_contact,crp\n"
    "1,2015-01-05,2015-03-05,dead,2016-01-05,2016-01-05,3\n"
    "2,2015-02-05,2015-04-05,alive,,2016-03-05,4\n"
)
HEAD = '[study]\nschema = 1\ntitle = "A"\ndata = "data.csv"\nsynthetic = true\n'
END = "\n[endpoints.tot]\n"


def told(folder: Path, settings: str, more: str = "") -> list[tuple[str, str, tuple[str, ...]]]:
    (folder / "data.csv").write_text(ROWS, encoding="utf-8")
    text = f"{HEAD}[tables.patients]\n{settings}\n{more}{END}"
    (folder / "study.toml").write_text(text, encoding="utf-8")
    found = errors(read_study(folder).problems)
    return [(p.id, p.todo, p.blocks) for p in found if p.id == "columns.unknown"]


@pytest.mark.parametrize(
    ("settings", "meant", "blocked"),
    [
        ('columns = { treatment_ennd = "treatment_end" }', "treatment_end", "survival.tot"),
        ('columns = { death_dat = "death_date" }', "death_date", "survival.tot"),
        ('columns = { vital_staus = "vital_status" }', "vital_status", "survival.tot"),
        ('swapped = ["deth_date"]', "death_date", "survival.tot"),
    ],
)
def test_a_misspelt_name_is_an_error(
    tmp_path: Path, settings: str, meant: str, blocked: str
) -> None:
    ((_, todo, blocks),) = told(tmp_path, settings)
    assert meant in todo
    assert blocked in blocks


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        ('columns = { marker = "crp" }', ""),
        ('columns = { age_at = "crp" }', '[variables.x]\ncolumn = "age_at"\n'),
        ('swapped = ["DEATH DATE", "Last_Contact"]', ""),
        ('constants = { centre = "north" }', ""),
    ],
)
def test_names_of_the_chart_stay_free(tmp_path: Path, settings: str, more: str) -> None:
    assert told(tmp_path, settings, more) == []
