"""Cells that were dragged down a column, and days that stand in for unknown ones."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from oncohort.checks.rule import HIDDEN, MISSING_CODES, Data, rule
from oncohort.checks.tumours import used_columns
from oncohort.problems import Problem, problem

RUN = 5
"""Rows one below the other that have one value, or go up by one, in a column that is not sorted."""
DIFFERENT = 0.4
"""Share of different values in a column, from which a run of equal ones is no chance."""
CHANCE = 1e-4
"""So seldom may a run of equal values be chance."""
SORTED = 0.8
"""Share of steps that go one way, from which a column is sorted."""


def _columns(data: Data) -> Iterator[str]:
    """Numbers that the protocol uses, and days of patients but the last contact."""
    kinds = data.patients.schema
    used = used_columns(data)
    for column, kind in kinds.items():
        if column in (*HIDDEN, "last_contact", "kps", "ecog"):
            continue
        if kind == pl.Date or (kind.is_numeric() and column in used):
            yield column


def _longest(rows: pl.DataFrame, same: pl.Expr) -> pl.DataFrame:
    """The longest run of rows in which each follows the one before it."""
    runs = rows.with_columns(_run=(~same).fill_null(True).cum_sum())
    counts = runs.group_by("_run", maintain_order=True).len().sort("len", maintain_order=True)
    return runs.filter(pl.col("_run") == counts["_run"][-1])


@rule("values.filled-down")
def filled_down(data: Data) -> Iterator[Problem]:
    """A value, or a series that goes up by one, dragged over the rows below it."""
    if data.patients.height < 3 * RUN:
        return
    included, kinds = data.included(data.patients), data.patients.schema
    for column in _columns(data):
        kind = kinds[column]
        beside = [c for c in (*HIDDEN, "patient", f"{column}_precision") if c in kinds]
        rows = included.select(column, *beside)
        value = pl.col(column).cast(pl.Int32) if kind == pl.Date else pl.col(column)
        rows = rows.with_columns(_v=value.cast(pl.Float64)).drop_nulls("_v")
        if f"{column}_precision" in rows.columns:
            rows = rows.filter(pl.col(f"{column}_precision").fill_null("day") == "day")
        n = rows.height
        if n < 3 * RUN or rows["_v"].n_unique() < 2:
            continue
        step = rows["_v"].diff().drop_nulls()
        one_way = max(int((step > 0).sum()), int((step < 0).sum())) / max(1, int((step != 0).sum()))
        often = float((rows["_v"].value_counts()["count"] / n).pow(2).sum())
        sorted_ = one_way >= SORTED
        cases: list[tuple[str, pl.Expr]] = []
        if rows["_v"].n_unique() >= DIFFERENT * n:
            cases.append(("", pl.col("_v") == pl.col("_v").shift(1)))
        if not sorted_ or kind == pl.Date:
            cases.append(("series", pl.col("_v") == pl.col("_v").shift(1) + 1))
        for case, same in cases:
            run = _longest(rows, same)
            if run.height < (RUN if not case else RUN + 1) or run["_v"][0] in (0, *MISSING_CODES):
                continue
            if not case and n * often ** (run.height - 1) > CHANCE:
                continue
            yield problem(
                "values.filled-down",
                case,
                place=data.at("patients", column, run["source_record"][0]),
                name=column,
                n=run.height,
                value=run[column][0] if kind == pl.Date else f"{run['_v'][0]:g}",
                last=run[column][-1] if kind == pl.Date else f"{run['_v'][-1]:g}",
                patients=run["patient"].to_list(),
            )


ONE_DAY = 0.08
"""Share of the patients whose day is one and the same, from which it stands for an unknown one."""
_ONCE = ("treatment_start", "diagnosis_date", "progression_date", "death_date")


@rule("dates.same-day")
def same_day(data: Data) -> Iterator[Problem]:
    """One day that stands for many, among days that nearly all differ: 2020-01-01 for unknown."""
    for column in _ONCE:
        if not data.has("patients", column):
            continue
        rows = data.included(data.patients).filter(
            pl.col(column).is_not_null() & (pl.col(f"{column}_precision").fill_null("day") == "day")
        )
        if rows.height < 20:
            continue
        counts = rows[column].value_counts().sort("count", column)
        day, n = counts.row(-1)
        others = counts.filter(pl.col(column) != day)
        if n < max(5, ONE_DAY * rows.height) or others.height < 0.8 * int(others["count"].sum()):
            continue
        held = rows.filter(pl.col(column) == day)
        yield problem(
            "dates.same-day",
            place=data.at("patients", column, held["source_record"][0]),
            name=column,
            n=n,
            date=day,
            patients=held["patient"].to_list(),
        )


MODE = 0.4
"""Share of the patients with one and the same number, from which it may stand for unknown ones."""


@rule("values.same-value")
def same_value(data: Data) -> Iterator[Problem]:
    """One number that stands for many, among numbers that nearly all differ: an age of 60."""
    included, kinds = data.included(data.patients), data.patients.schema
    for column in used_columns(data):
        if not kinds[column].is_numeric() or column in ("kps", "ecog"):
            continue
        rows = included.select(*HIDDEN, "patient", column).drop_nulls(column)
        if rows.height < 20:
            continue
        counts = rows[column].value_counts().sort("count", column)
        value, n = counts.row(-1)
        others = counts.filter(pl.col(column) != value)
        different = others.height >= max(6, 0.7 * int(others["count"].sum()))
        if n < MODE * rows.height or not different or value in (0, *MISSING_CODES):
            continue
        if (others[column] < value).all() or (others[column] > value).all():
            continue  # a limit of detection stands for all beyond it
        held = rows.filter(pl.col(column) == value)
        yield problem(
            "values.same-value",
            place=data.at("patients", column, held["source_record"][0]),
            name=column,
            n=n,
            value=value,
            patients=held["patient"].to_list(),
        )
