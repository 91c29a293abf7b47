"""What begins before the protocol is read, by a glance at it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from oncohort.cli import ahead
from oncohort.records.sources import isolated


@pytest.mark.parametrize(
    ("line", "files", "threads", "started"),
    [
        ('data = "chart.xlsx"', {"chart.xlsx": 10}, "1", True),
        ("data   = 'chart.csv'  # ours", {"chart.csv": 10}, "1", False),
        ('data = "chart.xlsx"', {"chart.xlsx": 1000}, None, True),
        ('data = "all"', {"all/a.csv": 60, "all/b.ods": 60}, None, True),
        ('data = "all"', {"all/a.csv": 10, "all/parts/b.parquet": 1000}, None, False),
        ('data = "gone.csv"', {}, None, False),
        ("data =", {"chart.csv": 10}, None, False),
    ],
)
def test_a_small_chart_has_one_thread_and_a_workbook_its_parser(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    line: str,
    files: dict[str, int],
    threads: str | None,
    started: bool,
) -> None:
    monkeypatch.setattr(ahead, "SMALL", 100)
    monkeypatch.setenv("POLARS_MAX_THREADS", "")
    monkeypatch.delenv("POLARS_MAX_THREADS")
    begun: list[bool] = []
    monkeypatch.setattr(isolated, "expect", lambda: begun.append(True))
    (tmp_path / "study.toml").write_text(f'[study]\ntitle = "A"\n{line}\n')
    for name, size in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    if line == "data =":
        (tmp_path / "folder").mkdir()  # nothing is known: a folder among the files
    ahead.begin(tmp_path)
    assert os.environ.get("POLARS_MAX_THREADS") == threads
    assert bool(begun) is started


def test_what_the_user_has_set_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLARS_MAX_THREADS", "2")
    (tmp_path / "study.toml").write_text('data = "a.csv"\n')
    (tmp_path / "a.csv").write_text("patient\n")
    ahead.begin(tmp_path)
    assert os.environ["POLARS_MAX_THREADS"] == "2"
