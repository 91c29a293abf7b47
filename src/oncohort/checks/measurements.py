"""Measurements and visits of lesions that do not fit their neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import polars as pl

from oncohort.checks.rule import MANY, MISSING_CODES, Data, rule
from oncohort.problems import Problem, problem

JUMP = 1.5
"""A size so many times that of the scans before and after it is hardly one lesion's course."""
DIP = 0.4
"""A size of so small a part of those before and after it is hardly one lesion's course."""
LEAP = 3.0
"""Lesions hardly ever grow to so many times their size between two scans."""
CODE = 1.5
"""A size of 99 or 999 so much above its neighbours is likelier a code for missing."""
CODE_99 = 2.0
"""Lesions of 99 mm exist: there it has to be farther above."""
JUMP_MM = 15.0
"""Smaller differences are differences of measuring."""
_NUMBER = re.compile(r"(?<!\d)(\d+)\s*$")
_FIRST = ("baseline", "screening", "pre", "vor therapie", "ausgang", "basal")


@rule("lesions.zero")
def zero_size(data: Data) -> Iterator[Problem]:
    if not data.has("lesions", "diameter_mm"):
        return
    bad = data.included(data.records.tables["lesions"]).filter(
        (pl.col("diameter_mm") == 0) & (pl.col("status") == "measured")
    )
    for row in bad.head(MANY).iter_rows(named=True):
        yield data.problem(
            "lesions.zero",
            row=row,
            table="lesions",
            column="diameter_mm",
            lesion=row["lesion"] or "A lesion",
        )


@rule("lesions.jump")
def jump(data: Data) -> Iterator[Problem]:
    """One size far above, or below, those before and after it: 92 for 29, 3.1 for 31."""
    if not data.has("lesions", "diameter_mm", "date", "lesion"):
        return
    over = ["patient", "lesion", "reader"]
    size = pl.col("diameter_mm")
    course = (
        data.included(data.records.tables["lesions"])
        .filter((size > 0) & pl.col("date").is_not_null())
        .sort("date", maintain_order=True)
        .with_columns(
            _before=size.shift(1).over(over),
            _after=size.shift(-1).over(over),
        )
    )
    least, most = pl.min_horizontal("_before", "_after"), pl.max_horizontal("_before", "_after")
    inside = pl.col("_before").is_not_null() & pl.col("_after").is_not_null()
    ends = pl.col("_after").is_null() & pl.col("_before").is_not_null()
    codes = size.is_in([float(c) for c in MISSING_CODES if c > 99])
    code = (codes & (size > CODE * most)) | ((size == 99) & (size > CODE_99 * most))
    above = inside & (size >= JUMP * most) & (size - most > JUMP_MM)
    below = inside & (size <= DIP * least) & (least - size > JUMP_MM)
    last = ends & (size >= LEAP * pl.col("_before")) & (size - pl.col("_before") > 2 * JUMP_MM)
    known = pl.col("_before").is_not_null()
    cases = (
        ("", above),
        ("below", below),
        ("last", last | (code & ~above & known)),
        ("first", code & ~known),
    )
    for case, wrong in cases:
        yield from data.problems(
            "lesions.jump",
            course.filter(wrong.fill_null(False)),
            "lesions",
            "diameter_mm",
            case,
            lesion=pl.col("lesion"),
            size=pl.col("diameter_mm"),
            before=pl.col("_before"),
            after=pl.col("_after"),
        )


@rule("lesions.not-measured")
def not_measured(data: Data) -> Iterator[Problem]:
    """A target that has no row at a visit at which others were measured, and has one later."""
    if not data.has("lesions", "lesion", "date", "role"):
        return
    rows = data.included(data.records.tables["lesions"]).filter(
        (pl.col("role") == "target") & pl.col("date").is_not_null() & pl.col("lesion").is_not_null()
    )
    window = data.protocol.schedule.visit_days
    courses: dict[tuple[str, str | None], list[_Measured]] = {}
    columns = ("patient", "reader", "date", "lesion", "source_record")
    for patient, reader, day, lesion, record in _with_gaps(rows).select(columns).iter_rows():
        courses.setdefault((patient, reader), []).append(_Measured(day, lesion, record))
    for (patient, _), own in courses.items():
        visits = _visits(own, window)
        first = dict.fromkeys(m.lesion for m in own if m.day in visits[0])
        for visit in visits[1:]:
            here = [m for m in own if m.day in visit]
            lost = [lesion for lesion in first if lesion not in {m.lesion for m in here}]
            if lost:
                yield problem(
                    "lesions.not-measured",
                    place=data.at("lesions", "lesion", here[0].record),
                    patient=patient,
                    lesions=lost,
                    n=len(lost),
                    date=visit[0],
                )


def _with_gaps(rows: pl.DataFrame) -> pl.DataFrame:
    """Those of whom some day lacks a lesion: of the others no visit can lack one."""
    who = ["patient", "reader"]
    pairs = rows.select(*who, "date", "lesion").unique(maintain_order=True)
    whole = pl.col("date").n_unique() * pl.col("lesion").n_unique()
    gaps = pairs.group_by(who, maintain_order=True).agg(pl.len() < whole).filter("len").select(who)
    return rows.join(gaps, on=who, how="semi", nulls_equal=True, maintain_order="left")


class _Measured(NamedTuple):
    """A row of a target: its day, its lesion, the record's number."""

    day: date
    lesion: str
    record: int


def _visits(own: list[_Measured], window: int) -> list[list[date]]:
    """The days of each visit; none where one lesion or one day is all there is."""
    days = sorted({m.day for m in own})
    if len(days) < 2 or len({m.lesion for m in own}) < 2:
        return [[]]
    visits = [[days[0]]]
    for day in days[1:]:
        if (day - visits[-1][0]).days <= window:
            visits[-1].append(day)
        else:
            visits.append([day])
    return visits


@rule("lesions.blank")
def blank_size(data: Data) -> Iterator[Problem]:
    """A target that was measured has a length."""
    if not data.has("lesions", "diameter_mm", "status"):
        return
    bad = data.included(data.records.tables["lesions"]).filter(
        pl.col("diameter_mm").is_null()
        & (pl.col("status") == "measured")
        & (pl.col("role") == "target")
    )
    for row in bad.head(MANY).iter_rows(named=True):
        yield problem(
            "lesions.blank",
            place=data.at("lesions", "diameter_mm", row["source_record"]),
            patient=row["patient"],
            lesion=row["lesion"] or "A lesion",
            date=row["date"] or "an unknown day",
        )


SMALLEST_MM = 5.0
"""Below it a lesion is called too small rather than measured (RECIST 1.1, 4.3.2)."""


@rule("lesions.tiny")
def tiny(data: Data) -> Iterator[Problem]:
    """A measured target of a few mm that was much larger at another scan: centimetres."""
    if not data.has("lesions", "diameter_mm", "lesion"):
        return
    size = pl.col("diameter_mm")
    over = ["patient", "lesion", "reader"]
    frame = data.included(data.records.tables["lesions"]).with_columns(
        _largest=size.max().over(over)
    )
    bad = frame.filter(
        (size > 0)
        & (size < SMALLEST_MM)
        & (pl.col("role") == "target")
        & (pl.col("status").fill_null("measured") == "measured")
        & (pl.col("_largest") >= 3 * SMALLEST_MM)
    )
    yield from data.problems(
        "lesions.tiny",
        bad,
        "lesions",
        "diameter_mm",
        lesion=pl.col("lesion"),
        size=pl.col("diameter_mm"),
        largest=pl.col("_largest"),
    )


def visit_number(label: str | None) -> int | None:
    """Place of a visit in the order that its label tells; 0 is the baseline.

    Examples
    --------
    >>> visit_number("Baseline"), visit_number("scan 3"), visit_number("unscheduled")
    (0, 3, None)
    """
    if label is None:
        return None
    text = label.strip().lower()
    if text.startswith(_FIRST):
        return 0
    found = _NUMBER.search(text)
    return int(found[1]) if found else None


def _disordered(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of patients (and readers) of whom a later visit lies before an earlier one."""
    who = ["patient", "reader"]
    numbers = {
        label: visit_number(label) for label in frame["visit"].unique(maintain_order=True).to_list()
    }
    number = pl.col("visit").replace_strict(numbers, return_dtype=pl.Int64)
    ends = (
        frame.select(*who, "date", number.alias("number"))
        .drop_nulls("number")
        .group_by(*who, "number")
        .agg(pl.col("date").min().alias("first"), pl.col("date").max().alias("last"))
        .sort(*who, "number")
    )
    before = pl.col("last").cum_max().shift(1).over(who)
    wrong = ends.filter(before > pl.col("first")).select(who)
    return frame.join(wrong, on=who, how="semi", nulls_equal=True, maintain_order="left")


@rule("lesions.visit-order")
def visit_order(data: Data) -> Iterator[Problem]:
    """A later visit lies before an earlier one: a slip in a date, or in a label."""
    if not data.has("lesions", "visit", "date"):
        return
    frame = data.included(data.records.tables["lesions"]).filter(
        pl.col("date").is_not_null() & pl.col("visit").is_not_null()
    )
    for (patient, *_), own in _disordered(frame).group_by("patient", "reader", maintain_order=True):
        rows = [
            (number, row["date"], row)
            for row in own.iter_rows(named=True)
            if (number := visit_number(row["visit"])) is not None
        ]
        first: dict[int, tuple[date, str]] = {}
        for number, day, row in rows:
            if number not in first or day > first[number][0]:
                first[number] = (day, row["visit"])
        for number, day, row in rows:
            earlier = [first[k] for k in first if k < number and first[k][0] > day]
            if earlier:
                yield problem(
                    "lesions.visit-order",
                    place=data.at("lesions", "date", row["source_record"]),
                    patient=str(patient),
                    visit=row["visit"],
                    date=day,
                    other=earlier[0][1],
                    other_date=earlier[0][0],
                )
