"""Files that claim far more than they hold, and names that are no files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import polars as pl
import pytest

from oncohort.scale.files import chunks, told_files
from oncohort.stats.errors import InputError


def test_rows_that_no_file_of_that_size_holds_are_refused(tmp_path: Path) -> None:
    pl.select(patient=pl.repeat(1, 3_000_000)).write_parquet(tmp_path / "rows.parquet")
    with pytest.raises(InputError, match="claims 3,000,000 rows"):
        chunks(str(tmp_path), 1000)


def test_a_text_that_unpacks_to_far_more_is_refused(tmp_path: Path) -> None:
    pl.DataFrame({"group": ["a" * 60_000_000]}).write_parquet(tmp_path / "text.parquet")
    with pytest.raises(InputError, match="unpacks to 60,000,"):
        chunks(str(tmp_path / "*.parquet"), 1000)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes")
def test_a_pipe_among_the_files_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.parquet")
    for pattern in (str(tmp_path), str(tmp_path / "*.parquet"), str(tmp_path / "a.parquet")):
        with pytest.raises(InputError, match=r"no (Parquet )?file"):
            chunks(pattern, 1000)


def test_a_whole_pattern_that_meets_folders_reads_their_parts(tmp_path: Path) -> None:
    for site in ("site=north", "site=south"):
        (tmp_path / "data" / site).mkdir(parents=True)
        pl.DataFrame({"x": [1, 2]}).write_parquet(tmp_path / "data" / site / "part-0.parquet")
    for pattern in ("data/*", "data/site=*", "**"):
        found = told_files(str(tmp_path / pattern))
        assert [told for *_, told in found] == [(("site", "north"),), (("site", "south"),)]


def test_runs_end_where_row_groups_do(tmp_path: Path) -> None:
    """A group is unpacked whole: what reaches a little into the next one unpacks it, too."""
    file = tmp_path / "rows.parquet"
    pl.DataFrame({"a": range(1000)}).write_parquet(file, row_group_size=105)
    found = chunks(str(file), 200)
    assert [(c.start, c.rows) for c in found] == [
        (0, 210),
        (210, 210),
        (420, 210),
        (630, 210),
        (840, 160),
    ]
    assert [row for c in chunks(str(file), 60) for row in c.read(["a"])["a"]] == [*range(1000)]
