"""Which columns tell patients apart."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncohort.checks import alike
from oncohort.checks.alike import REPEATED, _hashed, _pairs, _repeats, _telling

CELLS = st.none() | st.sampled_from([1.0, 2.0, 3.0, 4.5])
ROWS = st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12)


@given(ROWS)
def test_a_column_repeats_another_where_a_share_of_the_known_values_is_equal(
    rows: list[tuple[float | None, float | None]],
) -> None:
    a, b = (pl.Series(values, dtype=pl.Float64) for values in zip(*rows, strict=True))
    known = [(x, y) for x, y in rows if x is not None and y is not None]
    equal = sum(x == y for x, y in known)
    assert _repeat(a, b) == (equal > REPEATED * len(known))


def _repeat(a: pl.Series, b: pl.Series) -> bool:
    one, other = dict(_hashed(pl.DataFrame([a.alias("a"), b.alias("b")]), ["a", "b"])).values()
    return _repeats(one, other)


@pytest.mark.parametrize("cells", [1, 20, 10_000])
def test_pairs_are_the_same_however_many_columns_are_compared_at_once(
    cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alike, "CELLS", cells)
    columns = {
        "a": [1, 1, 2, None, 5, 6],
        "b": ["x", "x", "y", "y", None, "z"],
        "c": [1.5, 1.5, 1.5, 4.0, 5.0, 4.0],
    }
    frame = pl.DataFrame(columns).with_row_index("_i")
    found = _pairs(frame, list(columns)).sort("a", "b")
    assert found["a", "b", "n"].rows() == [(0, 1, 3), (0, 2, 1), (1, 2, 1), (2, 3, 1), (3, 5, 1)]
    logs = [-2.525728644, -0.693147181, -0.693147181, -0.916290732, -1.098612289]
    assert found["log_chance"].round(9).to_list() == logs


def test_values_are_equal_where_they_are_written_alike() -> None:
    numbers, words = pl.Series([1, 2, 3]), pl.Series(["1", "2", "3"])
    assert _repeat(numbers, words)
    assert not _repeat(numbers.cast(pl.Float64), words)


def test_a_column_that_says_the_same_again_tells_nothing_more() -> None:
    ages = [61, 52, 73, 44, 85, 66]
    frame = pl.DataFrame(
        {
            "age": ages,
            "again": [*ages[:5], 1],
            "arm": list("aaabbb"),
            "weight": [a + 9 for a in ages],
        }
    )
    assert _telling(frame) == ["age", "weight"]
