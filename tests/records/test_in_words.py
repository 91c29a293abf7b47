"""Events and doses in words: read, or said; never half."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncohort.records.in_words import doses_of, events_of, grade_of

TERMS = st.sampled_from(["HFS", "Diarrhea", "nausea", "Hand-foot syndrome", "AST increased"])
WAYS = st.sampled_from(["{t} G{g}", "{t} (grade {g})", "G{g} {t}", "{t} Grad {g}", "{t} °{g}"])


@given(st.lists(st.tuples(TERMS, st.integers(1, 5), WAYS), min_size=1, max_size=5))
def test_every_event_of_a_cell_is_read_with_its_grade(
    events: list[tuple[str, int, str]],
) -> None:
    cell = ", ".join(way.format(t=t, g=g) for t, g, way in events)
    assert [(e.term, e.grade, e.why) for e in events_of(cell)] == [(t, g, "") for t, g, _ in events]


@pytest.mark.parametrize(
    "cell", ["rash G2-3", "rash 2", "G2", "fatigue grade 1 to grade 3", "Rash G1/2"]
)
def test_what_could_mean_two_things_is_said(cell: str) -> None:
    assert any(e.why for e in events_of(cell)), events_of(cell)


@pytest.mark.parametrize("cell", ["none", "-", "keine", "なし", "0", "k.A.", "No AE"])
def test_words_for_nothing_make_no_event(cell: str) -> None:
    assert events_of(cell) == []


def test_a_date_in_brackets_is_the_start() -> None:
    one, other = events_of("diarrhea G2 (2015-03-02), rash G1")
    assert (one.start, one.term, other.start) == (date(2015, 3, 2), "diarrhea", None)


@given(st.text(max_size=40))
def test_any_text_is_read_or_said(text: str) -> None:
    assert all(e.term or e.why for e in events_of(text))
    assert all(d.why or (d.amount is not None and d.times_per_day) for d in doses_of(text))
    assert grade_of(text) in (None, 0, 1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("400 mg BID", [(400, 2, None)]),
        ("800mg/d", [(800, 1, None)]),
        ("50 mg 1x tgl", [(50, 1, None)]),
        ("400 mg 1-0-1 → 200 mg 1-0-1 (ab 02.03.2015)", [(400, 2, None), (200, 2, "2015-03-02")]),
        ("240 mg q2w", [(240, 1 / 14, None)]),
        (
            "37.5 mg QD; pause (2015-03-02); 25 mg qd (2015-04-01)",
            [(37.5, 1, None), (0, 1, "2015-03-02"), (25, 1, "2015-04-01")],
        ),
        ("400", None),
        ("400 mg sometimes", None),
        ("two tablets", None),
    ],
)
def test_doses(cell: str, expected: list[tuple[float, float, str | None]] | None) -> None:
    read = doses_of(cell, "day-first")
    if expected is None:
        assert all(d.why for d in read)
        return
    found = [(d.amount, d.times_per_day, d.start and d.start.isoformat()) for d in read]
    assert found == expected
