"""One idea of "the same value" for criteria, events and checks."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncohort.endpoints.eligibility import apply_criteria
from oncohort.endpoints.reduced import reduced
from oncohort.protocol import parse_protocol
from oncohort.records.compared import compared, compared_expr, matches

TEXTS = st.text(alphabet="01.29aAyYesSnNtrue fFl-+\u00a0\u3000", max_size=6)


@given(st.one_of(TEXTS, st.booleans(), st.integers(-99, 9999), st.sampled_from([0.0, 1.0, 0.5])))
def test_a_column_is_compared_as_a_value_is(value: Any) -> None:
    frame = pl.DataFrame({"x": [value]})
    assert frame.select(compared_expr(pl.col("x"))).item() == compared(value)


SAME = [(1, True), (1.0, 1), ("1", 1), ("Yes", True), ("no", 0), ("Dead ", "dead"), ("2.0", 2)]


@pytest.mark.parametrize(("held", "declared"), SAME)
def test_criteria_events_and_checks_agree(held: Any, declared: Any) -> None:
    assert matches(held, declared)
    frame = pl.DataFrame({"patient": ["1"], "source_row": [2], "months": [3.0], "x": [held]})
    endpoint, problems = reduced(frame, key="os", time="months", event="x", event_value=declared)
    assert endpoint["event"].to_list() == [True] and problems == []
    written = f'"{declared}"' if isinstance(declared, str) else str(declared).lower()
    protocol = parse_protocol(
        '[study]\nschema = 1\ntitle = "A study"\ndata = "x.csv"\n'
        "[[eligibility.criteria]]\n"
        f'key = "c"\nlabel = "C"\ncolumn = "x"\nis = {written}\n'
    )
    _, included, _ = apply_criteria(protocol.eligibility, {"patients": frame})
    assert list(included) == ["1"]


@pytest.mark.parametrize(("held", "declared"), [("01", 1), ("ab", "a"), (2, 1), ("", 0)])
def test_what_is_written_otherwise_is_another_value(held: Any, declared: Any) -> None:
    assert not matches(held, declared)
