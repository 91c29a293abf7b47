"""`km` and `cox` of folders of Parquet files: what is wrong is said with its file and row."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from terminal import oncohort

ENDS = ("--time", "time", "--event", "event", "--event-value", "1")


def _folder(tmp_path: Path, **bad: pl.Expr) -> Path:
    frame = pl.DataFrame(
        {
            "time": [float(1 + i % 17) for i in range(60)],
            "event": [i % 2 for i in range(60)],
            "age": [40 + i % 23 for i in range(60)],
            "entry": [0.0] * 60,
            "site": ["a", "b", "c"] * 20,
        }
    ).with_columns(**bad)
    folder = tmp_path / "cohort"
    folder.mkdir()
    frame[:40].write_parquet(folder / "part0.parquet")
    frame[40:].write_parquet(folder / "part1.parquet")
    return folder


def _in_row(column: str, value: float | None) -> pl.Expr:
    return pl.when(pl.int_range(pl.len()) == 44).then(value).otherwise(pl.col(column))


@pytest.mark.parametrize(
    ("bad", "more", "said"),
    [
        ({"time": _in_row("time", -1.0)}, (), "part1.parquet, row 5: negative time"),
        ({"time": _in_row("time", None)}, (), "part1.parquet, row 5: time is missing"),
        (
            {"entry": _in_row("entry", 30.0)},
            ("--entry", "entry"),
            "part1.parquet, row 5: entry is not before time",
        ),
        ({"event": _in_row("event", None)}, (), "event is missing in 1 rows"),
        ({}, ("--entry", "nowhere"), "no column nowhere in"),
        ({}, ("--event-value", "7"), "7"),
        ({}, ("--sheet", "one"), "have no sheets"),
    ],
)
@pytest.mark.parametrize("command", ["km", "cox"])
def test_a_bad_row_is_named(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    bad: dict[str, pl.Expr],
    more: tuple[str, ...],
    said: str,
) -> None:
    model = ("--covariates", "age") if command == "cox" else ()
    done = oncohort(capsys, command, _folder(tmp_path, **bad), *ENDS, *model, *more)
    assert done.code == 2 and not done.out
    assert said in " ".join(done.err.split())


def test_what_there_is_not_for_several_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _folder(tmp_path)
    (tmp_path / "a.csv").write_text("time,event\n1,1\n")
    (tmp_path / "empty").mkdir()
    model = ("cox", folder, *ENDS, "--covariates")
    for words, said in (
        ((*model, "site"), "'site' is String, not a number"),
        ((*model, "age", "--firth"), "Wald intervals"),
        ((*model, "age", "--factor", "age"), "--factor and --reference"),
        (("km", tmp_path / "empty", *ENDS), "no Parquet file in"),
        (("km", f"{tmp_path}/*.nothing", *ENDS), "no file"),
        (("km", tmp_path / "a.csv", *ENDS, "--scheduler", "local:1"), "reads Parquet files"),
        (("km", folder, *ENDS, "--censored", "0", "--strata", "site"), "go without --censored"),
        (("km", folder, *ENDS, "--robust"), "no robust variance of curves"),
        (("km", folder, *ENDS, "--censored", "9"), "no row has"),
    ):
        done = oncohort(capsys, *words)
        assert done.code == 2 and said in " ".join(done.err.split()), (words, done.err)


def test_a_row_with_a_missing_covariate_does_not_shift_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    age = pl.when(pl.int_range(pl.len()) == 41).then(None).otherwise(pl.col("age"))
    folder = _folder(tmp_path, age=age, time=_in_row("time", -1.0))
    done = oncohort(capsys, "cox", folder, *ENDS, "--covariates", "age")
    assert "part1.parquet, row 5: negative time" in " ".join(done.err.split())


@pytest.mark.parametrize(
    "more", [("--weights", "w"), ("--robust",), ("--weights", "w", "--no-robust")]
)
def test_a_folder_has_the_p_of_one_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    folder = _folder(tmp_path, w=0.5 + pl.int_range(pl.len()) % 4 * 0.4)
    one = tmp_path / "one.parquet"
    pl.read_parquet(folder / "*.parquet").write_parquet(one)
    said = [
        oncohort(capsys, "cox", where, *ENDS, "--covariates", "age", *more).out
        for where in (one, folder)
    ]
    p = [
        next(line for line in text.splitlines() if line.startswith("age")).split()[-1]
        for text in said
    ]
    assert p[0] == p[1]
    assert all(("robust" in text) == ("--no-robust" not in more) for text in said)
