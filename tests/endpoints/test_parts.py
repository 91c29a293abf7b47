"""Endpoints of several pairs of columns: laws that hold for any times and events."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.endpoints.parts import first_of

PAIR = st.tuples(st.integers(0, 9), st.booleans())
PATIENTS = st.lists(st.tuples(PAIR, PAIR), min_size=1, max_size=8)


def frames(patients: list[tuple[tuple[int, bool], tuple[int, bool]]]) -> dict[str, pl.DataFrame]:
    return {
        key: pl.DataFrame(
            {
                "patient": [str(i) for i in range(len(patients))],
                "time": [float(p[k][0]) for p in patients],
                "event": [p[k][1] for p in patients],
                "source_row": list(range(2, len(patients) + 2)),
            }
        )
        for k, key in enumerate(("relapse", "death"))
    }


@settings(deadline=None)
@given(PATIENTS)
def test_the_first_event_counts_and_followed_decides_the_rest(
    patients: list[tuple[tuple[int, bool], tuple[int, bool]]],
) -> None:
    parts = frames(patients)
    ends = {how: first_of(parts, followed=how) for how in ("shortest", "longest")}
    apart = 0
    for i, pair in enumerate(patients):
        events = [t for t, happened in pair if happened]
        watched = [t for t, happened in pair if not happened]
        short = ends["shortest"][0].row(i, named=True)
        long = ends["longest"][0].row(i, named=True)
        assert (long["time"], long["event"]) == (
            (min(events), True) if events else (max(watched), False)
        )
        stop = min(watched, default=99)
        early = stop < min(events, default=99)
        assert (short["time"], short["event"]) == ((stop, False) if early else (min(events), True))
        apart += short["time"] != long["time"] or short["event"] != long["event"]
    assert ends["shortest"][1] == ends["longest"][1] == apart


@settings(deadline=None)
@given(PATIENTS)
def test_competing_parts_never_change_the_time(
    patients: list[tuple[tuple[int, bool], tuple[int, bool]]],
) -> None:
    parts = frames(patients)
    both, _ = first_of(parts, followed="longest")
    one, _ = first_of(parts, competing=["death"], followed="longest")
    assert one["time"].to_list() == both["time"].to_list()
    for i, (relapse, death) in enumerate(patients):
        row = one.row(i, named=True)
        first = relapse[1] and (not death[1] or relapse[0] <= death[0])
        assert row["event"] == first
        assert (row["kind"] == "death") == (death[1] and not first)
