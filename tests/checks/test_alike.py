"""Which columns tell patients apart."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from oncohort.checks.alike import REPEATED, _hashed, _repeats, _telling

CELLS = st.none() | st.sampled_from([1.0, 2.0, 3.0, 4.5])
ROWS = st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12)


@given(ROWS)
def test_a_column_repeats_another_where_a_share_of_the_known_values_is_equal(
    rows: list[tuple[float | None, float | None]],
) -> None:
    a, b = (pl.Series(values, dtype=pl.Float64) for values in zip(*rows, strict=True))
    known = [(x, y) for x, y in rows if x is not None and y is not None]
    equal = sum(x == y for x, y in known)
    assert _repeats(_hashed(a), _hashed(b)) == (equal > REPEATED * len(known))


def test_values_are_equal_where_they_are_written_alike() -> None:
    numbers, words = pl.Series([1, 2, 3]), pl.Series(["1", "2", "3"])
    assert _repeats(_hashed(numbers), _hashed(words))
    assert not _repeats(_hashed(numbers.cast(pl.Float64)), _hashed(words))


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
