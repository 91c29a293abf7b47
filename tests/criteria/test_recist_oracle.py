"""The vectorised engine against a slow one, written visit by visit in plain Python."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.criteria import recist

BASE = date(2014, 1, 6)
VISITS = 6
Row = dict[str, object]


def slow(rows: list[Row]) -> list[tuple[str, str]]:
    """Overall response and carried response of the visits of one patient, one after another."""
    base = [r for r in rows if r["date"] == BASE]
    targets = {r["lesion"]: r for r in base if r["role"] == "target"}
    others = {r["lesion"]: r for r in base if r["role"] == "non-target"}
    size = {k: _size(r) for k, r in targets.items()}
    b = sum(size.values(), Fraction(0))
    nadir, had_cr, had_pr, had_pd = b, False, False, False
    certain = {
        r["lesion"]: min(x["date"] for x in rows if x["lesion"] == r["lesion"] and _certain(x))
        for r in rows
        if r["role"] == "new" and _certain(r)
    }
    out = []
    for day in sorted({r["date"] for r in rows} - {BASE}):
        now = {r["lesion"]: r for r in rows if r["date"] == day}
        new = any(
            _certain(r)
            or (
                r["status"] == "equivocal"
                and r["lesion"] in certain
                and day <= certain[r["lesion"]]
            )
            for r in now.values()
            if r["role"] == "new"
        )
        known = {k: _size(now[k]) for k in targets if k in now and _size(now[k]) is not None}
        total = sum(known.values(), Fraction(0))
        full = len(known) == len(targets)
        grown = total - nadir >= nadir / 5 and total - nadir >= 5
        target = None
        if targets:
            if not full:
                target = "PD" if grown else "NE"
            elif all((v < 10 if targets[k]["node"] else v == 0) for k, v in known.items()):
                target = "CR"
            elif grown:
                target = "PD"
            else:
                target = "PR" if b - total >= b * Fraction(3, 10) else "SD"
        states = [_state(now[k]) if k in now else "ne" for k in others]
        other = None
        if others:
            other = (
                "PD" if "worse" in states
                else "Non-CR/Non-PD" if "there" in states
                else "NE" if "ne" in states
                else "CR"
            )  # fmt: skip
        if new or other == "PD" or target == "PD":
            overall = "PD"
        elif target is None:
            overall = other or "NE"
        elif target == "CR" and other not in (None, "CR"):
            overall = "PR"
        else:
            overall = target
        disease = (
            any(v > 0 and not targets[k]["node"] for k, v in known.items()) or "there" in states
        )
        if had_cr and disease:
            overall = "PD"
        carried = "PR" if overall == "SD" and had_pr and not had_pd else overall
        out.append((overall, carried))
        had_cr |= overall == "CR"
        had_pr |= overall in ("CR", "PR")
        had_pd |= overall == "PD"
        if targets and full:
            nadir = min(nadir, total)
    return out


def _certain(r: Row) -> bool:
    return r["role"] == "new" and r["status"] == "present"


def _size(r: Row) -> Fraction | None:
    if r["status"] == "absent":
        return Fraction(0)
    if r["status"] == "too small":
        return Fraction(5)
    if r["status"] == "not evaluable":
        return None
    return Fraction(str(r["diameter_mm"]))


def _state(r: Row) -> str:
    return {
        "unequivocal progression": "worse", "absent": "gone", "present": "there",
        "not evaluable": "ne",
    }[str(r["status"])]  # fmt: skip


length = st.integers(0, 600).map(lambda x: x / 10)
target_cell = st.one_of(
    st.none(),
    length.map(lambda x: ("measured", x)),
    length.map(lambda x: ("measured", x)),
    st.sampled_from([("absent", None), ("too small", None), ("not evaluable", None)]),
)
other_cell = st.sampled_from(
    [None, "present", "present", "absent", "absent", "not evaluable", "unequivocal progression"]
)
new_cell = st.sampled_from([None, None, None, None, "equivocal", "present"])


@st.composite
def charts(draw: st.DrawFn) -> list[Row]:
    rows: list[Row] = []

    def add(lesion: str, role: str, visit: int, status: str, mm: float | None, node: bool) -> None:
        rows.append(
            {
                "patient": "1", "lesion": lesion, "role": role, "node": node, "status": status,
                "date": BASE + timedelta(weeks=8 * visit), "diameter_mm": mm,
            }
        )  # fmt: skip

    for i in range(draw(st.integers(0, 3))):
        node = draw(st.booleans())
        add(f"T{i}", "target", 0, "measured", draw(st.integers(100, 600)) / 10, node)
        for v in range(1, VISITS):
            cell = draw(target_cell)
            if cell is not None:
                add(f"T{i}", "target", v, cell[0], cell[1], node)
    for i in range(draw(st.integers(0, 2))):
        add(f"L{i}", "non-target", 0, "present", None, False)
        for v in range(1, VISITS):
            status = draw(other_cell)
            if status is not None:
                add(f"L{i}", "non-target", v, status, None, False)
    if rows:
        for v in range(1, VISITS):
            status = draw(new_cell)
            if status is not None:
                add("N", "new", v, status, None, False)
    return rows


SCHEMA = {
    "patient": pl.String, "lesion": pl.String, "role": pl.String, "node": pl.Boolean,
    "status": pl.String, "date": pl.Date, "diameter_mm": pl.Float64,
}  # fmt: skip


def _compare(chart: list[Row]) -> None:
    out = recist.assess(pl.DataFrame(chart, schema=SCHEMA)).filter(~pl.col("baseline"))
    assert out.select("overall", "overall_carried").rows() == slow(chart)


@settings(deadline=None, max_examples=100)
@given(charts())
def test_the_engine_agrees_with_a_slow_one(chart: list[Row]) -> None:
    _compare(chart)


@pytest.mark.verify
@settings(deadline=None, max_examples=5000)
@given(charts())
def test_the_engine_agrees_with_a_slow_one_on_many(chart: list[Row]) -> None:
    _compare(chart)
