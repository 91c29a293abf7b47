"""Who is in the study: criteria applied in order, each with the patients it leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.references import nearest
from oncohort.records.compared import compared, compared_expr

if TYPE_CHECKING:
    from oncohort.protocol.data import Criterion, Eligibility, Scalar


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One criterion with those it left out and those who remain, in the order of the chart."""

    key: str
    label: str
    excluded: tuple[str, ...]
    remaining: tuple[str, ...]
    missing: tuple[str, ...] = ()
    """Those whose value is missing, left out or kept as the criterion says."""


def _many(value: list[Scalar] | Scalar | None) -> list[Scalar | None]:
    return list(value) if isinstance(value, list) else [value]


def _limit(value: float | date) -> pl.Expr:
    return pl.lit(value, dtype=pl.Date) if isinstance(value, date) else pl.lit(float(value))


def meets(criterion: Criterion, frame: pl.DataFrame) -> pl.DataFrame:
    """Per patient: does this table meet the criterion? Null where the value is missing.

    `rows = "all"` asks it of every row of the patient, `"any"` of at least one.
    """
    c = criterion.column
    value = pl.col(c)
    checks: list[pl.Expr] = []
    if criterion.is_ is not None:
        checks.append(compared_expr(value).is_in([compared(v) for v in _many(criterion.is_)]))
    if criterion.is_not is not None:
        checks.append(~compared_expr(value).is_in([compared(v) for v in _many(criterion.is_not)]))
    if criterion.min is not None:
        checks.append(value >= _limit(criterion.min))
    if criterion.max is not None:
        checks.append(value <= _limit(criterion.max))
    known = pl.all_horizontal(checks) if checks else pl.lit(True)
    if criterion.present is None:
        met = pl.when(value.is_null()).then(None).otherwise(known)
    else:
        met = (value.is_not_null() == criterion.present) & known
    rows = frame.select("patient", met.alias("met"))
    fold = (
        pl.col("met").any(ignore_nulls=False)
        if criterion.rows == "any"
        else pl.col("met").all(ignore_nulls=False)
    )
    return rows.group_by("patient", maintain_order=True).agg(fold)


def _of_another_kind(criterion: Criterion, dtype: pl.DataType) -> str:
    """What is wrong with the limits for such a column; empty where they fit."""
    limits = [v for v in (criterion.min, criterion.max) if v is not None]
    if not limits or dtype == pl.Null:
        return ""
    dated = any(isinstance(v, date) for v in limits)
    if dated and any(not isinstance(v, date) for v in limits):
        return "one limit is a date and the other a number"
    if dated and dtype != pl.Date:
        return f'the limit is a date, but "{criterion.column}" holds no dates'
    if not dated and not dtype.is_numeric():
        return f'the limit is a number, but "{criterion.column}" holds no numbers'
    return ""


def apply_criteria(
    eligibility: Eligibility, tables: Mapping[str, pl.DataFrame]
) -> tuple[tuple[FlowStep, ...], tuple[str, ...], tuple[Problem, ...]]:
    """Apply the criteria in order.

    Returns
    -------
    steps, included, problems
        A criterion whose column is not in the data excludes nobody and is a problem that
        blocks everything: who is in the study is then open.
    """
    remaining = tuple(tables["patients"]["patient"].unique(maintain_order=True).to_list())
    steps: list[FlowStep] = []
    problems: list[Problem] = []
    for i, criterion in enumerate(eligibility.criteria):
        place = Place(file="study.toml", key=f"eligibility.criteria.{i}.column")
        frame = tables.get(criterion.table)
        wrong = _unusable(criterion, frame, place)
        if wrong is not None or frame is None:
            problems += [wrong] if wrong is not None else []
            continue
        problems += _words_among_numbers(criterion, frame, place)
        step = _step(criterion, meets(criterion, frame), remaining)
        remaining = step.remaining
        steps.append(step)
        if step.missing:
            problems.append(
                problem(
                    "eligibility.missing-value",
                    place=place,
                    name=criterion.column,
                    n=len(step.missing),
                    patients=step.missing,
                    done="left out" if criterion.missing == "exclude" else "kept",
                    key=criterion.key,
                )
            )
    if not remaining:
        place = Place(file="study.toml", key="eligibility")
        problems.append(problem("eligibility.nobody", place=place, blocks=("",)))
    return tuple(steps), remaining, tuple(problems)


def _unusable(criterion: Criterion, frame: pl.DataFrame | None, place: Place) -> Problem | None:
    """Why a criterion can't be asked of the data; nothing where it can."""
    unusable = partial(problem, place=place, blocks=("",), key=criterion.key)
    if frame is None:
        what = f'there is no table "{criterion.table}"'
        return unusable("eligibility.no-column", reason=what, nearest="")
    if criterion.column not in frame.columns:
        what = f'table "{criterion.table}" has no column "{criterion.column}"'
        close = nearest(criterion.column, frame.columns)
        return unusable("eligibility.no-column", reason=what, nearest=close)
    wrong = _of_another_kind(criterion, frame.schema[criterion.column])
    return unusable("eligibility.wrong-kind", reason=wrong) if wrong else None


def _words_among_numbers(criterion: Criterion, frame: pl.DataFrame, place: Place) -> list[Problem]:
    """Cells of a column of numbers that a criterion can't judge: words, where it names numbers."""
    named = [*_many(criterion.is_), *_many(criterion.is_not)]
    asked = [v for v in named if v is not None]
    if not asked or any(isinstance(v, str) for v in asked):
        return []
    column = criterion.column
    if frame.schema[column] != pl.String:
        return []
    number = compared_expr(pl.col(column)).cast(pl.Float64, strict=False)
    words = frame.filter(pl.col(column).is_not_null() & number.is_null())
    if not 0 < words.height < frame[column].count():
        return []
    return [
        problem(
            "eligibility.words-among-numbers",
            place=place,
            patient=row["patient"],
            table=criterion.table,
            column=column,
            row=row.get("source_row"),
            value=row[column],
            key=criterion.key,
        )
        for row in words.iter_rows(named=True)
    ]


def _step(criterion: Criterion, met: pl.DataFrame, before: tuple[str, ...]) -> FlowStep:
    """Who of those left goes by a criterion, and whose value is missing."""
    verdict = dict(met.iter_rows())
    missing = tuple(p for p in before if verdict.get(p) is None)
    out = tuple(p for p in before if verdict.get(p) is False)
    if criterion.missing == "exclude":
        gone = {*out, *missing}
        out = tuple(p for p in before if p in gone)
    gone = set(out)
    remaining = tuple(p for p in before if p not in gone)
    return FlowStep(criterion.key, criterion.label, out, remaining, missing)
