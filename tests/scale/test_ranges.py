"""Rows laid apart by time while they are read: the rows of the chunk, each where it belongs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from parquet_cohorts import ROLES, cohort, write

from oncohort.scale import ranges as laid
from oncohort.scale.blocks import Rows, together, with_entries
from oncohort.scale.files import chunks
from oncohort.scale.joined import Told, neighbours
from oncohort.scale.parquet import Columns, Ties, known, placed, raw_of, survey
from oncohort.scale.ranges import Peek, Ranges, peek, pieces, read

COVARIATES = ("a", "b", "c")


def table(rows: Rows) -> np.ndarray:
    """Every number of the rows, in an order of their own."""
    assert rows.weight is not None and rows.cluster is not None
    columns = [rows.stratum, -rows.time, rows.event, rows.weight, rows.cluster, *rows.x.T]
    found = np.column_stack(columns)
    return found[np.lexsort(found.T[::-1])]


@pytest.mark.parametrize("grid", [0.0, 20.0])
@pytest.mark.parametrize("apart", [True, False])
def test_every_row_stands_once_in_its_range(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grid: float, apart: bool
) -> None:
    """Missing values, late entry, strata of which one has no complete row, several steps."""
    monkeypatch.setattr("oncohort.scale.parquet.STEP", 90)
    monkeypatch.setattr(laid, "STEP", 90)
    data = cohort(500, grid=grid).with_row_index()
    lost = (pl.col("index") % 11 == 3) | (pl.col("site") == "1")
    data = data.with_columns(
        b=pl.when(lost).then(None).otherwise("b"),
        site=pl.when(pl.col("index") % 13 == 5).then(None).otherwise("site"),
        time=pl.when(pl.col("index") == 14).then(None).otherwise("time"),
    )
    columns = Columns("time", "event", COVARIATES, **ROLES)
    found = chunks(str(write(data, tmp_path / "cohort", [260])), 400)
    cut = Ranges.cut([peek(chunk, columns) for chunk in found], 5)
    assert cut.count == 5 and cut.labels == ("0", "1", "2", "3")
    raws = [raw_of(chunk, columns) for chunk in found]
    reads = [read(chunk, columns, cut if apart else None) for chunk in found]
    for raw, one in zip(raws, reads, strict=True):
        np.testing.assert_array_equal(one.raw.x, raw.x)
        np.testing.assert_array_equal(one.keys.time, raw.time)
    expected = known([survey(raw) for raw in raws], columns)
    got = known([one.survey for one in reads], columns, Ties.among(np.unique(times_of(raws))))
    np.testing.assert_allclose(got.center, expected.center, rtol=1e-13)
    np.testing.assert_allclose(got.scale, expected.scale, rtol=1e-12)
    assert (got.n, got.strata, got.distinct) == (expected.n, ("0", "2", "3"), expected.distinct)
    own = cut.among(expected.strata)
    by_range = [together(p) for p in joined_pieces(reads, got, own)]
    every = []
    for raw in raws:
        rows, entry = placed(raw, expected)
        every.append(with_entries(rows, entry))
    whole = table(together(every))
    parts = [table(rows) for rows in by_range]
    for part in parts:
        part[:, 5:] -= expected.center
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-12)


def times_of(raws: list) -> np.ndarray:
    return np.concatenate([np.concatenate([raw.time, raw.entry]) for raw in raws])


def joined_pieces(reads: list, all_of: object, own: Ranges) -> list[list[Rows]]:
    of_chunks = [pieces(one, all_of, own) for one in reads]  # type: ignore[arg-type]
    return [[rows for of_chunk in of_chunks for rows in of_chunk[k]] for k in range(own.count)]


def test_a_time_that_rounding_parts_from_its_tie_follows_it(tmp_path: Path) -> None:
    """The cut lies between two times that are one: they stand in one range."""
    time = np.array([1.0, 2.0, 3.0, 3.0 + 1e-12, 4.0, 5.0])
    data = pl.DataFrame({"time": time, "event": [True] * 6, "a": np.arange(6.0)})
    columns = Columns("time", "event", ("a",))
    (chunk,) = chunks(str(write(data, tmp_path / "cohort")), 100)
    cut = Ranges((), np.zeros(1, dtype=np.int64), np.array([3.0]))
    one = read(chunk, columns, cut)
    assert [len(x) for x in one.x] == [3, 3]
    all_of = known([one.survey], columns, Ties.among(time))
    last, first = (together(rows) for rows in pieces(one, all_of, cut))
    assert last.x[:, 0].tolist() == [4.0, 5.0]
    assert sorted(first.x[:, 0].tolist()) == [0.0, 1.0, 2.0, 3.0]
    assert sorted(first.time.tolist()) == [1.0, 2.0, 3.0, 3.0]


def test_ranges_with_no_gap_between_them_are_joined_together() -> None:
    told = [
        Told(2, 3.0, 1.0, 2.0),
        Told(0, 0.0, np.nan, np.nan),
        Told(1, 2.0, 2.0 + 1e-9, 2.0 + 1e-9),
        Told(2, 9.0, 4.0, 5.0),
    ]
    assert neighbours(told, 1e-8) == [[0, 2], [3]]
    assert neighbours(told, 1e-10) == [[0], [2], [3]]


def test_a_chunk_that_tells_no_times_cuts_nothing() -> None:
    cut = Ranges.cut([None, Peek(("b",), np.zeros(0, dtype=np.int64), np.zeros(0))], 4)
    assert cut.count == 1 and cut.labels == ("b",)
