"""Columns of numbers that nobody measures: told by cell, never an error that nobody foresaw."""

from __future__ import annotations

import csv
import os
import random
import shutil
import sys
import tomllib
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))
sys.path.insert(0, str(Path(__file__).parents[1]))

import clean_study
import clinic_study
import reduced_study
from clean_study import Tables, write_study

from declared_at_once import write_declared
from oncohort.problems import OncohortError
from oncohort.records.columns import read_column
from oncohort.records.values import Reader
from oncohort.study.study import read_study

EXTREMES = (
    *("", "0", "-0.0", "-1", "0.1", "1", "2", "3", "1e-5", "12.345678901234567", "1000000"),
    *("99999999999", "1e14", "1e15", "-1e15", "1e16", "1e-29", "1e-30", "1e-154", "1e-300"),
    *("1e154", "1e300", "-1e300", "5e-324", "1.7e308", "1e400", "inf", "nan"),
)
MADE = (clean_study, clinic_study, reduced_study)


def of_everything(folder: Path) -> tuple[Tables, str]:
    """A study that declares every analysis, as tables and protocol."""
    write_declared(folder, n=40)
    tables: Tables = {}
    for path in sorted((folder / "data").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = list(csv.DictReader(file))
    return tables, (folder / "study.toml").read_text(encoding="utf-8")


def spoil(tables: Tables, dice: random.Random) -> None:
    """Fill a part of some columns of numbers with a few extremes."""
    columns = [
        (rows, name)
        for rows in tables.values()
        for name in rows[0]
        if sum(_number(row.get(name)) for row in rows) > 0.3 * len(rows)
    ]
    for rows, name in dice.sample(columns, min(len(columns), dice.choice([1, 1, 1, 2, 4]))):
        share, some = dice.choice([0.3, 0.6, 1.0]), dice.sample(EXTREMES, dice.choice([1, 2, 3, 6]))
        for row in rows:
            if dice.random() < share:
                row[name] = dice.choice(some)


def _number(text: object) -> bool:
    try:
        float(str(text))
    except ValueError:
        return False
    return True


def outcomes(folder: Path, seeds: range) -> Counter[str]:
    out: Counter[str] = Counter()
    everything = of_everything(folder / "declared")
    for seed in seeds:
        made = MADE[seed % 4] if seed % 4 < 3 else None
        tables, protocol = (made.clean_tables(), made.PROTOCOL) if made else everything
        tables = {name: [dict(row) for row in rows] for name, rows in tables.items()}
        spoil(tables, random.Random(seed))
        shutil.rmtree(folder / "study", ignore_errors=True)
        study = write_study(folder / "study", tables, protocol)
        try:
            results = read_study(study).run()
            if seed % 10 == 0:
                results.write(study / "results")
        except OncohortError:
            out["refused"] += 1
            continue
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error
        out["ran"] += 1
        out["parts left out"] += bool(results.left_out)
    return out


def test_studies_with_extreme_columns_run_or_are_refused(tmp_path: Path) -> None:
    done = outcomes(tmp_path, range(16))
    assert done["ran"] >= 13
    assert done["parts left out"] >= 3


@pytest.mark.verify
def test_extreme_columns_by_the_hundred(tmp_path: Path) -> None:
    n = int(os.environ.get("ONCOHORT_EXTREMES", "600"))
    done = outcomes(tmp_path, range(1_000, 1_000 + n))
    print(dict(done))
    assert done["ran"] >= 0.8 * n


@pytest.mark.parametrize("text", ["1e300", "-1e300", "5e-324", "1e16", "1e400", "inf"])
def test_a_number_that_nobody_measures_is_not_read(text: str) -> None:
    cells = [text, "62"]
    typed = pl.Series([float(text), 62.0])
    for values in (cells, typed):
        done = read_column(values, Reader("number", "crp"))
        assert done.values.to_list() == [None, 62.0]
        assert [u.index for u in done.unread] == [0]


@pytest.mark.parametrize("text", ["1e15", "1e-12", "0", "-3e12"])
def test_large_and_small_measurements_are_read(text: str) -> None:
    for values in ([text], pl.Series([float(text)])):
        done = read_column(values, Reader("number", "crp"))
        assert done.values.to_list() == [float(text)]
        assert not done.unread


def test_an_integer_beyond_every_count_is_told(tmp_path: Path) -> None:
    tables = clean_study.clean_tables()
    for row in tables["adverse_events"]:
        row["grade"] = "1e300"
    study = read_study(write_study(tmp_path / "s", tables, clean_study.PROTOCOL))
    assert any(
        p.id == "values.unreadable" and p.place is not None and p.place.column == "grade"
        for p in study.problems
    )


def test_a_frequency_beside_a_blank_dose_is_told(tmp_path: Path) -> None:
    tables = clean_study.clean_tables()
    assert tomllib.loads(clean_study.PROTOCOL)["exposure"]
    tables["doses"][0] |= {"amount": "", "times_per_day": "100"}
    study = read_study(write_study(tmp_path / "s", tables, clean_study.PROTOCOL))
    assert any("(blank)" in p.what for p in study.problems if p.id == "doses.unlikely")
