"""Laboratory factors of the risk scores for a cohort: baselines, limits, corrected calcium."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from oncohort.criteria.frames import with_absent
from oncohort.criteria.risk.score import LabFactor, Limit
from oncohort.problems import Place, Problem, problem

if TYPE_CHECKING:
    from oncohort.criteria.calcium import CalciumFormula

__all__ = ["lab_evidence"]


def lab_evidence(
    specs: Sequence[LabFactor],
    labs: pl.DataFrame | None,
    patients: pl.DataFrame,
    *,
    origin: str,
    window: tuple[int, int],
    limits: Sequence[Limit],
    formula: CalciumFormula,
) -> tuple[pl.DataFrame, list[Problem]]:
    """One row per patient and laboratory factor, with what it rests on."""
    wanted = {s.analyte for s in specs}
    if "calcium" in wanted:
        wanted |= {"albumin", "calcium_corrected"}
    base, problems = _baseline_labs(labs, patients, wanted, origin, window, limits)
    if "calcium" in wanted:
        base = _with_corrected_calcium(base, formula)
    people = with_absent(patients, {"sex": pl.String()}).select("patient", "sex")
    parts = [_factor(spec, base, people) for spec in specs]
    problems += _same_limit_for_both(specs, base, people)
    return pl.concat(parts), problems


def _factor(spec: LabFactor, base: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """One factor of the score: one row per patient."""
    from oncohort.records.units import analytes

    rows = people.join(
        base.filter(pl.col("analyte") == spec.analyte),
        on="patient",
        how="left",
        maintain_order="left",
    )
    limit, words = _limit(spec)
    value = pl.col("standard_value")
    unit = analytes()[spec.analyte].unit
    return (
        with_absent(rows, {"albumin_date": pl.Date()})
        .with_columns(limit.alias("limit"), value.round(4).cast(pl.String).alias("value_text"))
        .with_columns(_beyond(spec, value, pl.col("limit")).alias("present"))
        .select(
            "patient",
            pl.lit(spec.name).alias("factor"),
            "present",
            value.alias("value"),
            "limit",
            pl.lit(unit).alias("unit"),
            "date",
            "source_row",
            _reason(spec, unit, words).alias("reason"),
        )
    )


def _limit(spec: LabFactor) -> tuple[pl.Expr, str]:
    """The limit that the factor is judged by, and how it is called."""
    if spec.fixed_by_sex is not None:
        by_sex = dict(spec.fixed_by_sex)
        limit = pl.col("sex").replace_strict(by_sex, default=None, return_dtype=pl.Float64)
        return limit, "limit of the score for the sex"
    if spec.fixed is not None:
        return pl.lit(spec.fixed, dtype=pl.Float64), "limit of the score"
    own = pl.col("standard_lower" if spec.side == "low" else "standard_upper")
    words = "lower limit" if spec.side == "low" else "upper limit"
    if spec.times != 1:
        words = f"{spec.times:g} x the upper limit"
    return own * spec.times, words


def _beyond(spec: LabFactor, value: pl.Expr, limit: pl.Expr) -> pl.Expr:
    """Is the value on the bad side of the limit? A factor says whether the limit belongs to it."""
    from oncohort.criteria.thresholds import above_expr, below_expr

    if spec.side == "low":
        return ~above_expr(value, limit) if spec.inclusive else below_expr(value, limit)
    return ~below_expr(value, limit) if spec.inclusive else above_expr(value, limit)


_RELATIONS = {
    ("low", False): ("below", "not below"),
    ("high", False): ("above", "not above"),
    ("low", True): ("at or below", "above"),
    ("high", True): ("at or above", "below"),
}
"""Side and inclusive or not: in words, where the factor is present and where it is not."""


def _reason(spec: LabFactor, unit: str, words: str) -> pl.Expr:
    """The call in words, beside ``present``, ``limit`` and ``value_text``."""
    label = "corrected calcium" if spec.analyte == "calcium" else spec.analyte
    shown = pl.col("value_text")
    there, absent = _RELATIONS[spec.side, spec.inclusive]
    judged = pl.format(
        "{} {} {} on {} is {} the {} {}",
        pl.lit(label),
        shown,
        pl.lit(unit),
        pl.col("date").cast(pl.String),
        pl.when("present").then(pl.lit(there)).otherwise(pl.lit(absent)),
        pl.lit(words),
        pl.col("limit").round(4).cast(pl.String),
    )
    if spec.analyte == "calcium":
        other_day = pl.format(" (albumin of {})", pl.col("albumin_date").cast(pl.String))
        judged += other_day.fill_null("")
    return (
        pl.when(pl.col("analyte").is_null())
        .then(pl.lit(f"no {label} in the baseline window"))
        .when(pl.col("why").is_not_null())
        .then(pl.format("{}: {}", pl.lit(label), pl.col("why")))
        .when(pl.col("limit").is_null())
        .then(pl.format("{} {}: no {}", pl.lit(label), shown, pl.lit(words)))
        .otherwise(judged)
    )


def _baseline_labs(
    labs: pl.DataFrame | None,
    patients: pl.DataFrame,
    wanted: set[str],
    origin: str,
    window: tuple[int, int],
    limits: Sequence[Limit],
) -> tuple[pl.DataFrame, list[Problem]]:
    from oncohort.criteria.window import last_in_window
    from oncohort.records.specimens import without_other_fluids
    from oncohort.records.units import convert_labs

    schema: dict[str, pl.DataType] = {
        "patient": pl.String(),
        "date": pl.Date(),
        "test": pl.String(),
        "value": pl.Float64(),
        "unit": pl.String(),
        "lower_limit": pl.Float64(),
        "upper_limit": pl.Float64(),
        "source_row": pl.Int64(),
    }
    labs = labs.clear() if labs is not None and origin not in patients.columns else labs
    frame = pl.DataFrame(schema=schema) if labs is None else with_absent(labs, schema)
    frame = frame.with_columns(pl.col("date").cast(pl.Date))
    frame = without_other_fluids(frame.filter(pl.col("value").is_not_null()))
    done = convert_labs(frame, only=frozenset(wanted))
    problems = [*done.problems, *_imprecise(done.table)]
    undated = done.table.filter(pl.col("date").is_null())
    if undated.height:
        problems.append(
            problem(
                "labs.without-date",
                place=Place(row=undated["source_row"][0], column="date", key="tables.labs"),
                n=undated.height,
            )
        )
    dated = done.table.filter(pl.col("date").is_not_null())
    if origin not in patients.columns:
        base = dated.clear()
    else:
        base = last_in_window(
            dated, patients, by=["analyte"], origin=origin, before=window[0], after=window[1]
        )
    base = base.rename({"unit_problem": "why"})
    return _fill_limits(base, patients, limits), problems


def _imprecise(table: pl.DataFrame) -> list[Problem]:
    """Values whose date is known to the month or year only."""
    if "date_precision" not in table.columns:
        return []
    rows = table.filter(pl.col("date_precision").is_in(["month", "year"]))
    if not rows.height:
        return []
    return [
        problem(
            "labs.partial-date",
            place=Place(row=rows["source_row"][0], column="date", key="tables.labs"),
            n=rows.height,
        )
    ]


def _fill_limits(
    base: pl.DataFrame, patients: pl.DataFrame, limits: Sequence[Limit]
) -> pl.DataFrame:
    """Limits of the row itself first, then those declared for the sex, then for everyone."""
    from oncohort.records.units import UnitError, analyte, convert

    if not limits:
        return base
    people = with_absent(patients, {"sex": pl.String()}).select("patient", "sex")
    base = base.join(people, on="patient", how="left", maintain_order="left")
    for limit in sorted(limits, key=lambda one: one.sex is None):
        known = analyte(limit.test)
        if known is None:
            raise UnitError(f"limit for {limit.test!r}: the test is not known")
        here = pl.col("analyte") == known.name
        if limit.sex is not None:
            here &= (pl.col("sex") == limit.sex).fill_null(False)
        for column, bound in (("standard_lower", limit.lower), ("standard_upper", limit.upper)):
            if bound is not None:
                given = convert(bound, limit.unit, known.unit, known.name)
                base = base.with_columns(
                    pl.when(here & pl.col(column).is_null())
                    .then(pl.lit(given))
                    .otherwise(pl.col(column))
                    .alias(column)
                )
    return base.drop("sex")


def _with_corrected_calcium(base: pl.DataFrame, formula: CalciumFormula) -> pl.DataFrame:
    """Replace total calcium by the corrected one: from albumin, else as the chart has it."""
    from oncohort.criteria.calcium import corrected_expr

    albumin = base.filter(pl.col("analyte") == "albumin").select(
        "patient",
        pl.col("standard_value").alias("_albumin"),
        pl.col("why").alias("_albumin_why"),
        pl.col("date").alias("_albumin_date"),
    )
    charted = base.filter(pl.col("analyte") == "calcium_corrected").with_columns(
        pl.lit("calcium").alias("analyte")
    )
    total = base.filter(pl.col("analyte") == "calcium").join(
        albumin, on="patient", how="left", maintain_order="left"
    )
    total = total.with_columns(
        corrected_expr(pl.col("standard_value"), pl.col("_albumin"), formula).alias(
            "standard_value"
        ),
        pl.when(pl.col("why").is_null() & pl.col("_albumin").is_null() & (formula != "none"))
        .then(
            pl.when(pl.col("_albumin_why").is_not_null())
            .then(pl.format("albumin: {}", pl.col("_albumin_why")))
            .otherwise(pl.lit("no albumin in the baseline window to correct it by"))
        )
        .otherwise(pl.col("why"))
        .alias("why"),
        pl.when(pl.col("_albumin_date") != pl.col("date"))
        .then("_albumin_date")
        .alias("albumin_date"),
    ).drop("_albumin", "_albumin_why", "_albumin_date")
    usable = total.filter(pl.col("standard_value").is_not_null())
    charted = charted.join(usable, on="patient", how="anti", maintain_order="left")
    total = total.join(
        charted.filter(pl.col("standard_value").is_not_null()), on="patient", how="anti"
    )
    charted = charted.join(total, on="patient", how="anti", maintain_order="left")
    others = base.filter(~pl.col("analyte").is_in(["calcium", "calcium_corrected"]))
    return pl.concat([others, total, charted], how="diagonal_relaxed")


def _same_limit_for_both(
    specs: Sequence[LabFactor], base: pl.DataFrame, people: pl.DataFrame
) -> list[Problem]:
    """Hemoglobin needs limits by sex; one limit for everyone is worth a warning."""
    if not any(s.analyte == "hemoglobin" and s.fixed_by_sex is None for s in specs):
        return []
    rows = (
        base.filter(pl.col("analyte") == "hemoglobin", pl.col("standard_lower").is_not_null())
        .join(people, on="patient", how="inner")
        .filter(pl.col("sex").is_not_null())
    )
    if rows["sex"].n_unique() < 2 or rows["standard_lower"].n_unique() != 1:
        return []
    return [
        problem(
            "risk.hemoglobin-limit-not-by-sex",
            place=Place(column="lower_limit", key="tables.labs"),
            limit=rows["standard_lower"][0],
        )
    ]
