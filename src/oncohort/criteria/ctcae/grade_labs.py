"""Grades of a whole laboratory table, and a loud count of what could not be graded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from oncohort.criteria.ctcae.grade import bound_unit, no_rule_reason
from oncohort.criteria.ctcae.lab_rules import LabRule, holds_expr, rules
from oncohort.criteria.ctcae.terms import label
from oncohort.criteria.ctcae.versions import Version, version_of
from oncohort.criteria.frames import Row
from oncohort.problems import Place, Problem, problem
from oncohort.records.specimens import DECIDED, OPEN, specimen_of, specimen_problem
from oncohort.records.units import UnitError, analytes, ratio

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from oncohort.criteria.assessed import Assessed
    from oncohort.criteria.calcium import CalciumFormula

__all__ = ["grade_labs"]


def grade_labs(
    labs: IntoDataFrame,
    patients: IntoDataFrame | None = None,
    *,
    version: str,
    origin: str = "treatment_start",
    before: int = 28,
    after: int = 0,
    calcium_formula: CalciumFormula = "standard",
    fasting: bool | None = None,
    anticoagulated: bool | None = False,
    missing_baseline: Literal["ungraded", "normal"] = "ungraded",
) -> Assessed:
    """CTCAE grade of every laboratory row, in every direction that the version grades.

    Parameters
    ----------
    labs
        ``patient, date, test, value, unit, lower_limit, upper_limit``, limits in the row's unit;
        ``specimen``, ``fasting`` and ``symptoms`` (bool) where charted.
    patients
        With the date column ``origin``: the last value in the window is the baseline. Without
        it there are no baselines.
    calcium_formula
        Total calcium is corrected by the albumin of the same patient and day.
    fasting, anticoagulated
        Facts for rows that do not carry them.
    missing_baseline
        ``"normal"`` takes a missing baseline as normal in version 5.0.

    Returns
    -------
    Assessed
        ``table``, one row per laboratory row and term: ``patient, date, analyte, term, direction,
        grade, highest, missing, value, lower, upper, baseline, unit, source_row, version``
        (``grade`` null where it can't be said, ``missing`` says why). ``evidence``: ``test, term,
        rows, graded, ungraded, could_be_higher, missing``. A problem per test with ungraded rows.

    Examples
    --------
    >>> import polars as pl
    >>> labs = pl.DataFrame({"patient": ["a", "b"], "date": [None, None], "test": ["Hb", "Hb"],
    ...     "value": [7.9, 12.0], "unit": ["g/dL", None], "lower_limit": [13.5, 13.5]})
    >>> done = grade_labs(labs, version="3.0")
    >>> done.table.select("patient", "grade", "missing").rows()
    [('a', 3, None), ('b', None, 'unit')]
    >>> print(done.problems[0].what)
    1 of 2 rows of hemoglobin could not be graded: unit 1.
    """
    from oncohort.criteria.assessed import Assessed
    from oncohort.criteria.frames import frame_in

    which = version_of(version)
    labs = frame_in(labs, "labs", ("patient", "test", "value", "unit"))
    patients = None if patients is None else frame_in(patients, "patients")
    frame = _prepared(labs, patients, origin, before, after, calcium_formula)
    if fasting is not None:
        frame = frame.with_columns(pl.col("_fasting").fill_null(fasting))
    frame = frame.with_columns(pl.lit(anticoagulated, dtype=pl.Boolean).alias("_anticoagulated"))
    normal = missing_baseline == "normal"
    strange = frame.filter(pl.col("_specimen").is_not_null())
    frame = frame.filter(pl.col("_specimen").is_null())
    parts = [
        *_by_rules(frame, which, normal),
        _without_rule(frame, which),
        _blank(strange.lazy(), None, None, pl.col("_specimen")),
    ]
    table = (
        pl.concat(parts)
        .sort("_row", "direction", maintain_order=True)
        .drop("_row")
        .with_columns(pl.lit(which).alias("version"))
        .collect()
    )
    report = _report(table)
    return Assessed(table, report, _problems(report))


def optional(frame: pl.DataFrame, column: str, kind: pl.DataType) -> pl.Expr:
    if column in frame.columns:
        return pl.col(column).cast(kind)
    return pl.lit(None, dtype=kind).alias(column)


def _prepared(
    labs: pl.DataFrame,
    patients: pl.DataFrame | None,
    origin: str,
    before: int,
    after: int,
    formula: CalciumFormula,
) -> pl.DataFrame:
    """Rows with analyte, standard values, baseline and flags; calcium corrected."""
    from oncohort.criteria.window import last_in_window
    from oncohort.records.units import convert_labs

    labs = labs.with_columns(
        optional(labs, "date", pl.Date()),
        optional(labs, "source_row", pl.Int64()),
        optional(labs, "fasting", pl.Boolean()).alias("_fasting"),
        optional(labs, "symptoms", pl.Boolean()).alias("_symptoms"),
    ).filter(pl.col("value").is_not_null())
    frame = _with_specimen(convert_labs(labs).table).with_row_index("_row")
    frame = _correct_calcium(frame, formula)
    if patients is None or origin not in patients.columns:
        return frame.with_columns(pl.lit(None, dtype=pl.Float64).alias("standard_baseline"))
    base = last_in_window(
        frame.filter(pl.col("date").is_not_null() & pl.col("standard_value").is_not_null()),
        patients,
        by=["analyte"],
        origin=origin,
        before=before,
        after=after,
    ).select("patient", "analyte", pl.col("standard_value").alias("standard_baseline"))
    return frame.join(base, on=["patient", "analyte"], how="left", maintain_order="left")


def _with_specimen(frame: pl.DataFrame) -> pl.DataFrame:
    """``_specimen``: why a row can't be graded as a value of its test (null where it can)."""
    if "specimen" not in frame.columns:
        frame = frame.with_columns(specimen=pl.lit(None, dtype=pl.String))
    keys = pl.struct(
        "analyte",
        "test",
        pl.col("specimen").cast(pl.String),
        pl.col("standard_lower").alias("lower"),
        pl.col("standard_upper").alias("upper"),
        pl.col("standard_value").alias("value"),
    )

    def why(row: Row) -> str | None:
        if row["analyte"] is None:
            return None
        fluid = specimen_of(row["specimen"]) or specimen_of(row["test"], name=True)
        return specimen_problem(
            row["analyte"], fluid, lower=row["lower"], upper=row["upper"], value=row["value"]
        )

    asked = pl.col("specimen").is_not_null() | pl.col("analyte").is_in(DECIDED)
    asked = asked & pl.col("standard_value").is_not_null()
    strange = frame.filter(asked).select(keys.alias("key"))["key"]
    texts = pl.Series([why(row) for row in strange], dtype=pl.String)
    return (
        frame.with_row_index("_i")
        .join(
            frame.with_row_index("_i").filter(asked).select("_i").with_columns(_specimen=texts),
            on="_i",
            how="left",
            maintain_order="left",
        )
        .drop("_i")
    )


def _correct_calcium(frame: pl.DataFrame, formula: CalciumFormula) -> pl.DataFrame:
    """Turn total calcium into corrected calcium where albumin of the same day is there."""
    from oncohort.criteria.calcium import corrected_expr

    albumin = (
        frame.filter(pl.col("analyte") == "albumin", pl.col("standard_value").is_not_null())
        .unique(["patient", "date"], keep="last", maintain_order=True)
        .select("patient", "date", pl.col("standard_value").alias("_albumin"))
    )
    frame = frame.join(
        albumin, on=["patient", "date"], how="left", nulls_equal=False, maintain_order="left"
    )
    total = pl.col("analyte") == "calcium"
    without = total & pl.col("_albumin").is_null() & (formula != "none")
    done = total & ~without
    shifted = corrected_expr(pl.col("standard_value"), pl.col("_albumin"), formula)
    # The row's own value moves with it, so that cut-offs printed in mmol/L still apply.
    scale = (pl.col("value") / pl.col("standard_value")).fill_nan(1.0)
    return frame.with_columns(
        pl.when(done).then(shifted * scale).otherwise(pl.col("value")).alias("value"),
        pl.when(done).then(shifted).otherwise(pl.col("standard_value")).alias("standard_value"),
        pl.when(done)
        .then(pl.lit("calcium_corrected"))
        .otherwise(pl.col("analyte"))
        .alias("analyte"),
        without.fill_null(False).alias("_no_albumin"),
    ).drop("_albumin")


def _pairs(frame: pl.DataFrame, which: Version) -> pl.DataFrame:
    """Each rule of the version beside each unit that its test is charted in.

    ``analyte``, ``unit`` (as charted), ``_rule`` (position), ``_target`` (the unit compared in;
    null where the charted one can't be converted), ``_n``, ``_d`` (factor to it), ``_bn``, ``_bd``
    (factor from the standard unit).
    """
    every = analytes()
    charted: dict[str, list[str | None]] = {}
    for test, text in frame.select("analyte", "unit").unique(maintain_order=True).iter_rows():
        charted.setdefault(test, []).append(text)
    rows: list[tuple[str | int | float | None, ...]] = []
    for position, rule in enumerate(rules(which)):
        known = every[rule.test]
        for text in charted.get(rule.test, ()):
            try:
                target = bound_unit(rule, text, known)
            except UnitError:
                rows.append((rule.test, text, position, None, 1.0, 1.0, 1.0, 1.0))
                continue
            shown = known.unit if target == "any" else target
            here, base = ratio(known, text, shown), ratio(known, known.unit, shown)
            figures = (here.numerator, here.denominator, base.numerator, base.denominator)
            rows.append((rule.test, text, position, target, *map(float, figures)))
    factors = ("_n", "_d", "_bn", "_bd")
    return pl.DataFrame(
        rows,
        schema={
            "analyte": pl.String,
            "unit": pl.String,
            "_rule": pl.Int64,
            "_target": pl.String,
            **dict.fromkeys(factors, pl.Float64),
        },
        orient="row",
    )


def _by_rules(frame: pl.DataFrame, which: Version, normal: bool) -> list[pl.LazyFrame]:
    """Every row with every rule of its test: one join, then one part of the plan per rule."""
    pairs = _pairs(frame, which)
    both = frame.join(
        pairs, on=["analyte", "unit"], how="inner", nulls_equal=True, maintain_order="left"
    )
    both = both.with_columns(
        *(
            (pl.col(c).cast(pl.Float64) * pl.col("_n") / pl.col("_d")).alias(a)
            for c, a in (
                ("value", "_value"),
                ("lower_limit", "_lower"),
                ("upper_limit", "_upper"),
            )
        ),
        (pl.col("standard_baseline") * pl.col("_bn") / pl.col("_bd")).alias("_baseline"),
    )
    parts = []
    found = both.partition_by(["_rule", "_target"], as_dict=True, include_key=False)
    for (position, target), part in found.items():
        rule = rules(which)[position]
        if target is None:
            parts.append(_blank(part.lazy(), rule.term, rule.direction, "unit"))
        else:
            parts.append(_graded(part.lazy(), rule, target, normal))
    return parts


def _graded(here: pl.LazyFrame, rule: LabRule, target: str, normal: bool) -> pl.LazyFrame:
    known = analytes()[rule.test]
    sure, possible = pl.lit(0, dtype=pl.Int64), pl.lit(0, dtype=pl.Int64)
    conditions = sorted(rule.grades[target].items())
    for grade, condition in conditions:
        held = holds_expr(condition, rule.direction, normal_if_missing=normal)
        sure = pl.when(held).then(pl.lit(grade, dtype=pl.Int64)).otherwise(sure)
        possible = (
            pl.when(held.fill_null(True)).then(pl.lit(grade, dtype=pl.Int64)).otherwise(possible)
        )
    names = {a.reference or a.flag for _, c in conditions for part in c for a in part}
    return here.with_columns(sure.alias("_sure"), possible.alias("highest")).select(
        "_row",
        "patient",
        "date",
        "analyte",
        pl.lit(rule.term).alias("term"),
        pl.lit(rule.direction).alias("direction"),
        pl.when((pl.col("_sure") > 0) | (pl.col("highest") == 0))
        .then(pl.col("_sure"))
        .alias("grade"),
        "highest",
        pl.when(pl.col("highest") > pl.col("_sure")).then(_missing(names)).alias("missing"),
        pl.col("_value").alias("value"),
        pl.col("_lower").alias("lower"),
        pl.col("_upper").alias("upper"),
        pl.col("_baseline").alias("baseline"),
        pl.lit(known.unit if target == "any" else target).alias("unit"),
        "source_row",
    )


def _missing(names: set[str | None]) -> pl.Expr:
    """Which of the things that a rule asks for are not there, in words."""
    with_baseline = {"baseline", "normal baseline", "abnormal baseline"}
    wanted = [
        (pl.col("_lower"), "lower limit", "LLN" in names),
        (pl.col("_upper"), "upper limit", "ULN" in names),
        (pl.col("_baseline"), "baseline", bool(names & with_baseline)),
        (pl.col("_symptoms"), "symptoms", "symptoms" in names),
        (pl.col("_fasting"), "fasting", "fasting" in names),
        (pl.col("_anticoagulated"), "anticoagulated", "anticoagulated" in names),
    ]
    lacking = [pl.when(c.is_null()).then(pl.lit(text)) for c, text, asked in wanted if asked]
    if not lacking:  # fixed figures only: nothing can be missing
        return pl.lit(None, dtype=pl.String)
    return pl.concat_str(lacking, separator=", ", ignore_nulls=True)


def _blank(
    rows: pl.LazyFrame, term: str | None, direction: str | None, why: pl.Expr | str
) -> pl.LazyFrame:
    none = pl.lit(None, dtype=pl.Float64)
    return rows.select(
        "_row",
        "patient",
        "date",
        "analyte",
        pl.lit(term, dtype=pl.String).alias("term"),
        pl.lit(direction, dtype=pl.String).alias("direction"),
        pl.lit(None, dtype=pl.Int64).alias("grade"),
        pl.lit(None, dtype=pl.Int64).alias("highest"),
        (pl.lit(why) if isinstance(why, str) else why).alias("missing"),
        pl.col("value").cast(pl.Float64),
        none.alias("lower"),
        none.alias("upper"),
        none.alias("baseline"),
        pl.col("unit").cast(pl.String),
        "source_row",
    )


def _without_rule(frame: pl.DataFrame, version: Version) -> pl.LazyFrame:
    """Rows that no rule of the version takes: unknown tests, tests without figures."""
    graded = {rule.test for rule in rules(version)}
    rows = frame.filter(~pl.col("analyte").is_in(sorted(graded)).fill_null(False))
    names = rows["analyte"].drop_nulls().unique(maintain_order=True).to_list()
    reasons = {name: no_rule_reason(version, name) for name in names}
    why = (
        pl.when("_no_albumin")
        .then(pl.lit("albumin of the same day"))
        .when(pl.col("analyte").is_null())
        .then(pl.lit("the test is not known"))
        .otherwise(pl.col("analyte").replace_strict(reasons, default=None, return_dtype=pl.String))
    )
    lazy = rows.lazy().with_columns(_why=why, analyte=pl.coalesce("analyte", "test"))
    return _blank(lazy, None, None, pl.col("_why"))


def _report(table: pl.DataFrame) -> pl.DataFrame:
    """Rows, graded and ungraded rows per test and term, and what was missing."""
    return (
        table.group_by("analyte", "term", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("rows"),
            pl.col("grade").is_not_null().sum().cast(pl.Int64).alias("graded"),
            pl.col("grade").is_null().sum().cast(pl.Int64).alias("ungraded"),
            (pl.col("highest") > pl.col("grade")).sum().cast(pl.Int64).alias("could_be_higher"),
            pl.col("missing").filter(pl.col("grade").is_null()).value_counts().alias("missing"),
        )
        .rename({"analyte": "test"})
    )


def _problems(report: pl.DataFrame) -> tuple[Problem, ...]:
    found = []
    place = Place(column="value", key="tables.labs")
    for row in report.filter(pl.col("ungraded") > 0).iter_rows(named=True):
        often = sorted(row["missing"], key=lambda one: (-one["count"], one["missing"] or ""))
        why = {one["missing"]: one["count"] for one in often}
        open_ = why.pop(OPEN, 0)
        if open_:
            found.append(
                problem(
                    "ctcae.specimen",
                    place=Place(column="specimen", key="tables.labs"),
                    table="labs",
                    column="specimen",
                    test=row["test"],
                    n=open_,
                )
            )
        if not why:
            continue
        term = f"{row['test']} ({label(row['term'])})" if row["term"] else row["test"]
        single = row["term"] is None or _only_term(report, row["test"])
        found.append(
            problem(
                "ctcae.ungraded" if row["term"] else "ctcae.no-rule",
                place=place,
                ungraded=row["ungraded"] - open_,
                n=row["rows"],
                test=row["test"] if single else term,
                reason=", ".join(
                    # Of equal counts in the order of letters: the text is the same each time.
                    f"{reason} {count}"
                    for reason, count in sorted(why.items(), key=lambda one: (-one[1], one[0]))
                ),
            )
        )
    return tuple(found)


def _only_term(report: pl.DataFrame, test: str) -> bool:
    return report.filter(pl.col("test") == test).height == 1
