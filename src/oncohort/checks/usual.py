"""What holds of nearly all patients, and not of one or two: days, visits, levels, test results."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import polars as pl

from oncohort.checks.quantities import factor_of
from oncohort.checks.ranges import fences, looks
from oncohort.checks.rule import MISSING_CODES, Data, rule
from oncohort.checks.spelt import is_near
from oncohort.checks.tumours import used_columns
from oncohort.criteria.frames import Row
from oncohort.problems import Problem, problem
from oncohort.vocabulary.quantities import MARKERS, QUANTITIES

FEWEST = 10
"""Patients from which something is usual."""
NEARLY_ALL = 0.9
"""Share of the patients in whom it is so."""
MONTH_DAYS = 31
APART_DAYS = 180
"""Two days that are more than so much farther apart than in the others, are."""


@rule("dates.death-apart")
def death_apart(data: Data) -> Iterator[Problem]:
    """Nearly all the dead were last seen on the day of their death; this one long before it."""
    if not data.has("patients", "death_date", "last_contact"):
        return
    dead = data.included(data.patients).drop_nulls(["death_date", "last_contact"])
    dead = dead.with_columns(_days=(pl.col("death_date") - pl.col("last_contact")).dt.total_days())
    same = int((dead["_days"] == 0).sum())
    if dead.height < FEWEST or same < NEARLY_ALL * dead.height:
        return
    yield from data.notices(
        "dates.death-apart",
        dead.filter(pl.col("_days") > MONTH_DAYS),
        "patients",
        "death_date",
        death=pl.col("death_date"),
        contact=pl.col("last_contact"),
        days=pl.col("_days"),
        n=same,
        of=dead.height,
    )


@rule("dates.start-apart")
def start_apart(data: Data) -> Iterator[Problem]:
    """Treatment began far later after the diagnosis than in all the others."""
    if not data.has("patients", "diagnosis_date", "treatment_start"):
        return
    rows = data.included(data.patients).drop_nulls(["diagnosis_date", "treatment_start"])
    days = (pl.col("treatment_start") - pl.col("diagnosis_date")).dt.total_days()
    rows = rows.with_columns(_days=days)
    found = fences(rows["_days"].cast(pl.Float64))
    if found is None:
        return
    (q1, q3), (_, most) = found
    bad = rows.filter((pl.col("_days") > most) & (pl.col("_days") > q3 + APART_DAYS))
    if bad.height > max(2, rows.height / 50):
        return
    yield from data.notices(
        "dates.start-apart",
        bad,
        "patients",
        "treatment_start",
        diagnosis=pl.col("diagnosis_date"),
        start=pl.col("treatment_start"),
        days=pl.col("_days"),
        q1=q1,
        q3=q3,
    )


@rule("lesions.baseline-visit")
def baseline_visit(data: Data) -> Iterator[Problem]:
    """The last visit before treatment is not the one that it is in nearly all others."""
    if not data.has("lesions", "visit", "date") or not data.has("patients", "treatment_start"):
        return
    schedule = data.protocol.schedule
    start = data.patients.select("patient", _start="treatment_start").drop_nulls()
    last = (
        data.included(data.records.tables["lesions"])
        .drop_nulls(["visit", "date"])
        .join(start.unique("patient", keep="first"), on="patient", maintain_order="left")
        .filter((pl.col("date") - pl.col("_start")).dt.total_days() <= schedule.baseline_days_after)
        .sort("date", maintain_order=True)
        .unique("patient", keep="last", maintain_order=True)
    )
    if last.height < FEWEST:
        return
    usual, n = Counter(last["visit"].to_list()).most_common(1)[0]
    if n < NEARLY_ALL * last.height:
        return
    yield from data.notices(
        "lesions.baseline-visit",
        last.filter(pl.col("visit") != usual),
        "lesions",
        "date",
        visit=pl.col("visit"),
        date=pl.col("date"),
        start=pl.col("_start"),
        usual=usual,
        n=n,
    )


RARE = 2
"""Patients of a level that may be a slip."""
SHARE, ENOUGH = 0.1, 40
"""Each of the other levels has so large a share of so many patients, at least."""
MOST_LEVELS = 8
_NUMBER_OR_DATE = re.compile(r"^[+-]?[\d.,/-]+$")


@rule("values.rare-level")
def rare_level(data: Data) -> Iterator[Problem]:
    """One level of one or two patients, where each of the others has many; none is declared."""
    kinds, included = data.patients.schema, data.included(data.patients)
    declared = {
        v.column or k for k, v in data.protocol.variables.items() if v.levels or v.group or v.source
    }
    for column in used_columns(data):
        if kinds[column] != pl.String or column in declared or column in ("sex", "best_response"):
            continue
        rows = included.select("source_record", "patient", column).drop_nulls(column)
        counts = Counter(map(str, rows[column].to_list()))
        few = [k for k, n in counts.items() if n <= RARE]
        others = [k for k in counts if k not in few]
        if len(few) != 1 or not 2 <= len(others) <= MOST_LEVELS:
            continue
        if rows.height < ENOUGH or min(counts[k] for k in others) < SHARE * rows.height:
            continue
        text = few[0]
        told = any(looks(text) == looks(k) or is_near(text, k) for k in others)
        if told or _NUMBER_OR_DATE.match(text.strip()):
            continue  # told as another spelling, or as a number among words
        held = rows.filter(pl.col(column) == text)
        yield problem(
            "values.rare-level",
            place=data.at("patients", column, held["source_record"][0]),
            patient=held["patient"][0] if held.height == 1 else None,
            name=column,
            text=text,
            n=held.height,
            patients=held["patient"].to_list(),
            levels=[f"{k} ({counts[k]})" for k in sorted(others)],
        )


@rule("labs.constant")
def lab_constant(data: Data) -> Iterator[Problem]:
    """One value of a test in every row of every patient: filled down, or one cell read for all."""
    if not data.has("labs", "test", "value"):
        return
    table = data.included(data.records.tables["labs"]).drop_nulls("value")
    for (test,), rows in table.group_by("test", maintain_order=True):
        value, patients = rows["value"][0], rows["patient"].n_unique()
        if patients < FEWEST or rows["value"].n_unique() > 1 or value == 0:
            continue  # 0 of blasts is no slip
        yield problem(
            "labs.constant",
            place=data.at("labs", "value", rows["source_record"][0]),
            test=test or "A test",
            value=value,
            n=rows.height,
            n_patients=patients,
        )


ALONE = 30.0
"""A marker so many times those of all other patients is of another unit, as are the patient's own
results beside it."""


def _beyond_the_others(rows: pl.DataFrame, row: Row) -> bool:
    others = rows.filter(pl.col("patient") != row["patient"])["value"]
    largest = others.max()
    return (
        others.len() >= 2 * FEWEST
        and isinstance(largest, float)
        and bool(row["value"] > ALONE * largest)
    )


OWN = 3.0
"""A result so many times another one of the same patient is not explained by it."""
TIMES = 5.0
"""A result so many times the middle one is far from it."""


@rule("labs.outlier")
def lab_outlier(data: Data) -> Iterator[Problem]:
    """One to three results of a test far beyond all others, and beyond the patient's own ones."""
    if not data.has("labs", "test", "value", "unit"):
        return
    table = data.included(data.records.tables["labs"]).filter(pl.col("value") > 0)
    for (test, unit), rows in table.group_by("test", "unit", maintain_order=True):
        found = fences(rows["value"])
        if found is None or rows.height < 2 * FEWEST:
            continue
        (q1, q3), (_, most) = found
        known = factor_of(str(test), None if unit is None else str(unit))
        highest = QUANTITIES[known[0]].possible[1] / known[2] if known else float("inf")
        value = pl.col("value")
        far = rows.filter(
            (value > max(most, TIMES * q3))
            & (value <= highest)
            & ~value.is_in([float(c) for c in MISSING_CODES if c >= 99])
        )
        if not far.height or far.height > max(3, rows.height / 50):
            continue
        marker = known is None or known[0] in MARKERS  # a liver that fails is no slip
        near = {
            r["source_record"]
            for r in far.iter_rows(named=True)
            if not (marker and _beyond_the_others(rows, r))
            and rows.filter(
                (pl.col("patient") == r["patient"])
                & (pl.col("source_record") != r["source_record"])
                & (value >= r["value"] / OWN)
            ).height
        }
        yield from data.notices(
            "labs.outlier",
            far.filter(~pl.col("source_record").is_in(list(near))),
            "labs",
            "value",
            test=pl.col("test"),
            value=pl.col("value"),
            unit=pl.col("unit").fill_null(""),
            q1=q1,
            q3=q3,
        )
