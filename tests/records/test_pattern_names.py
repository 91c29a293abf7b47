"""Columns whose names polars would take for patterns of names are read as the one column."""

from __future__ import annotations

import json
import random
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from oncohort.cli.app import app
from oncohort.records.grid import Raw
from oncohort.records.table_file import covariate, numbers, open_table

NAMES = ("*", "^a$", "^.*$", "^$", "^", "$", "^a", "a$")


def written(folder: Path, name: str) -> Path:
    dice = random.Random(1)
    rows = [
        {"id": f"P{k}", "t": dice.randint(1, 90), "e": k % 2, name: "ab"[k % 3 == 0]}
        for k in range(30)
    ]
    pl.DataFrame(rows).write_csv(folder / "c.csv")
    (folder / "c.json").write_text(json.dumps(rows), encoding="utf-8")
    pl.DataFrame(rows).write_parquet(folder / "c.parquet")
    return folder


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_a_column_is_itself_alone(tmp_path: Path, name: str, kind: str) -> None:
    table = open_table(written(tmp_path, name) / f"c.{kind}")
    own = table.raw.names[3]
    assert own == (name if name in ("^", "$", "^a", "a$") else f"column {name}")
    from oncohort.records.table_file import Coding

    made = covariate(table, own, Coding())
    assert made.levels == ("a", "b")
    assert made.columns[f"{own}=b"].sum() == 10
    assert numbers(table, "e").sum() == 15


@pytest.mark.parametrize("name", NAMES)
def test_commands_take_the_column_or_say_its_name(tmp_path: Path, name: str) -> None:
    where = written(tmp_path, name)
    time = ("--time", "t", "--event", "e", "--event-value", "1")
    for command in (("cox", "--covariates"), ("km", "--by")):
        own = name if name in ("^", "$", "^a", "a$") else f"column {name}"
        call = [command[0], str(where / "c.csv"), *time, command[1]]
        done = CliRunner().invoke(app, [*call, own])
        assert done.exit_code == 0, done.output
        if own != name:
            refused = CliRunner().invoke(app, [*call, name])
            assert refused.exit_code != 0
            assert own in refused.output + str(refused.exception)


def test_names_of_a_raw_table_are_plain() -> None:
    raw = Raw("c.csv", None, ("*", "^x$", "y"), ([1], [2], [3]), [2])
    assert raw.names == ("column *", "column ^x$", "y")
