"""What the risk scores share: factors with reasons, missing ones kept missing, groups by bounds.

A factor that is not known is never counted as absent. Every score is a range: the factors known
to be present, and those plus the unknown ones; the group stands only where both ends agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from oncohort.problems import Place, Problem, Severity

if TYPE_CHECKING:
    import polars as pl

    from oncohort.criteria.calcium import CalciumFormula
    from oncohort.criteria.performance import EcogMap

__all__ = ["Factor", "LabFactor", "Limit", "Score"]


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of a score: present, absent, or not known (None), and why."""

    name: str
    present: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class Score:
    """A risk score of one patient.

    Attributes
    ----------
    low, high
        Number of factors known to be present; the same plus the unknown ones.
    group
        The risk group, or None where the bounds fall into different groups.
    """

    model: str
    factors: tuple[Factor, ...]
    low: int
    high: int
    group: str | None

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the factors that are not known."""
        return tuple(f.name for f in self.factors if f.present is None)

    @property
    def reason(self) -> str:
        """The call in one sentence."""
        known = "; ".join(f.reason for f in self.factors if f.present)
        unknown = "; ".join(f.reason for f in self.factors if f.present is None)
        total = f"{self.low}" if self.low == self.high else f"{self.low} to {self.high}"
        text = f"{self.model} {total} of {len(self.factors)}: {self.group or 'indeterminate'}"
        if known:
            text += f" ({known})"
        if unknown:
            text += f"; not known: {unknown}"
        return text


@dataclass(frozen=True, slots=True)
class Limit:
    """Limits of normal declared for a study, for rows that carry none of their own.

    Examples
    --------
    >>> Limit("hemoglobin", "g/dL", lower=13.5, sex="male")
    Limit(test='hemoglobin', unit='g/dL', lower=13.5, upper=None, sex='male')
    """

    test: str
    unit: str
    lower: float | None = None
    upper: float | None = None
    sex: Literal["male", "female"] | None = None


@dataclass(frozen=True, slots=True)
class LabFactor:
    """A laboratory factor: below the lower limit, above a multiple of the upper, or a fixed one."""

    name: str
    analyte: str
    side: Literal["low", "high"]
    times: float = 1.0
    fixed: float | None = None
    """In the analyte's own unit; takes the place of the laboratory's limit."""
    fixed_by_sex: Mapping[str, float] | None = None
    inclusive: bool = False


def group_of(count: int, groups: Sequence[tuple[int, str]]) -> str:
    """Group of a number of factors; ``groups`` holds the lowest number of each, ascending."""
    return [name for least, name in groups if count >= least][-1]


def combine(model: str, factors: Sequence[Factor], groups: Sequence[tuple[int, str]]) -> Score:
    """Add factors up to a score with bounds."""
    low = sum(f.present is True for f in factors)
    high = low + sum(f.present is None for f in factors)
    low_group, high_group = group_of(low, groups), group_of(high, groups)
    return Score(model, tuple(factors), low, high, low_group if low_group == high_group else None)


# ---- columns ----------------------------------------------------------------------------------


def _with_columns(frame: pl.DataFrame, types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    import polars as pl

    absent = [pl.lit(None, dtype=t).alias(c) for c, t in types.items() if c not in frame.columns]
    return frame.with_columns(absent) if absent else frame


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
    import polars as pl

    from oncohort.criteria.compare import above_expr, below_expr
    from oncohort.records.units import analytes

    wanted = {s.analyte for s in specs}
    if "calcium" in wanted:
        wanted |= {"albumin", "calcium_corrected"}
    base, problems = _baseline_labs(labs, patients, wanted, origin, window, limits)
    if "calcium" in wanted:
        base = _with_corrected_calcium(base, formula)
    people = _with_columns(patients, {"sex": pl.String()}).select("patient", "sex")
    parts = []
    for spec in specs:
        unit = analytes()[spec.analyte].unit
        label = "corrected calcium" if spec.analyte == "calcium" else spec.analyte
        rows = people.join(
            base.filter(pl.col("analyte") == spec.analyte),
            on="patient",
            how="left",
            maintain_order="left",
        )
        own = pl.col("standard_lower" if spec.side == "low" else "standard_upper")
        words = "lower limit" if spec.side == "low" else "upper limit"
        if spec.fixed_by_sex is not None:
            limit = pl.col("sex").replace_strict(
                dict(spec.fixed_by_sex), default=None, return_dtype=pl.Float64
            )
            words = "limit of the score for the sex"
        elif spec.fixed is not None:
            limit, words = pl.lit(spec.fixed, dtype=pl.Float64), "limit of the score"
        else:
            limit = own * spec.times
            if spec.times != 1:
                words = f"{spec.times:g} x the upper limit"
        value = pl.col("standard_value")
        if spec.side == "low":
            present = ~above_expr(value, limit) if spec.inclusive else below_expr(value, limit)
        else:
            present = ~below_expr(value, limit) if spec.inclusive else above_expr(value, limit)
        relation = {"low": ("below", "not below"), "high": ("above", "not above")}[spec.side]
        if spec.inclusive:
            relation = {"low": ("at or below", "above"), "high": ("at or above", "below")}[
                spec.side
            ]
        shown = pl.col("value_text")
        reason = (
            pl.when(pl.col("analyte").is_null())
            .then(pl.lit(f"no {label} in the baseline window"))
            .when(pl.col("why").is_not_null())
            .then(pl.format(f"{label}: {{}}", pl.col("why")))
            .when(pl.col("limit").is_null())
            .then(pl.format(f"{label} {{}}: no {words}", shown))
            .otherwise(
                pl.format(
                    f"{label} {{}} {unit} on {{}} is {{}} the {words} {{}}",
                    shown,
                    pl.col("date").cast(pl.String),
                    pl.when(pl.col("present"))
                    .then(pl.lit(relation[0]))
                    .otherwise(pl.lit(relation[1])),
                    pl.col("limit").round(4).cast(pl.String),
                )
            )
        )
        parts.append(
            rows.with_columns(
                limit.alias("limit"), value.round(4).cast(pl.String).alias("value_text")
            )
            .with_columns(present.alias("present"))
            .select(
                "patient",
                pl.lit(spec.name).alias("factor"),
                "present",
                value.alias("value"),
                "limit",
                pl.lit(unit).alias("unit"),
                "date",
                "source_row",
                reason.alias("reason"),
            )
        )
    problems += _same_limit_for_both(specs, base, people)
    return pl.concat(parts), problems


def _baseline_labs(
    labs: pl.DataFrame | None,
    patients: pl.DataFrame,
    wanted: set[str],
    origin: str,
    window: tuple[int, int],
    limits: Sequence[Limit],
) -> tuple[pl.DataFrame, list[Problem]]:
    import polars as pl

    from oncohort.criteria.window import last_in_window
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
    frame = pl.DataFrame(schema=schema) if labs is None else _with_columns(labs, schema)
    frame = frame.with_columns(pl.col("date").cast(pl.Date))
    done = convert_labs(frame.filter(pl.col("value").is_not_null()), only=frozenset(wanted))
    problems = [*done.problems, *_imprecise(done.table)]
    undated = done.table.filter(pl.col("date").is_null())
    if undated.height:
        problems.append(
            Problem(
                id="labs.without-date",
                severity=Severity.QUESTION,
                what=f"{undated.height} laboratory values of the score have no date.",
                why="Whether a value is the baseline one depends on its date.",
                todo="Give the date, or map baseline columns to the start of treatment.",
                place=Place(row=undated["source_row"][0], column="date", key="tables.labs"),
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
    import polars as pl

    if "date_precision" not in table.columns:
        return []
    rows = table.filter(pl.col("date_precision").is_in(["month", "year"]))
    if not rows.height:
        return []
    return [
        Problem(
            id="labs.partial-date",
            severity=Severity.WARNING,
            what=f"{rows.height} laboratory values of the score have a date without a day.",
            why="They may lie outside the baseline window, or after the start of treatment.",
            todo="Complete the dates.",
            place=Place(row=rows["source_row"][0], column="date", key="tables.labs"),
        )
    ]


def _fill_limits(
    base: pl.DataFrame, patients: pl.DataFrame, limits: Sequence[Limit]
) -> pl.DataFrame:
    """Limits of the row itself first, then those declared for the sex, then for everyone."""
    import polars as pl

    from oncohort.records.units import UnitError, analyte, convert

    if not limits:
        return base
    people = _with_columns(patients, {"sex": pl.String()}).select("patient", "sex")
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
    import polars as pl

    from oncohort.criteria.calcium import corrected_expr

    albumin = base.filter(pl.col("analyte") == "albumin").select(
        "patient", pl.col("standard_value").alias("_albumin"), pl.col("why").alias("_albumin_why")
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
    ).drop("_albumin", "_albumin_why")
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
    import polars as pl

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
        Problem(
            id="risk.hemoglobin-limit-not-by-sex",
            severity=Severity.WARNING,
            what=f"Men and women have the same lower limit of hemoglobin "
            f"({rows['standard_lower'][0]:g} g/dL).",
            why="Low hemoglobin is judged by the limit for the patient's sex.",
            todo="Give the laboratory's limits for men and for women.",
            place=Place(column="lower_limit", key="tables.labs"),
        )
    ]


def performance_evidence(
    patients: pl.DataFrame,
    performance: pl.DataFrame | None,
    *,
    origin: str,
    window: tuple[int, int],
    mapping: EcogMap | None,
) -> tuple[pl.DataFrame, list[Problem]]:
    """Karnofsky below 80, one row per patient."""
    import polars as pl

    from oncohort.criteria.performance import baseline, kps_below

    found = baseline(patients, performance, origin=origin, before=window[0], after=window[1])
    grades: dict[float, bool | None] = {
        float(g): kps_below(80, ecog=g, mapping=mapping) for g in range(6)
    }
    from_ecog = pl.col("ecog").replace_strict(grades, default=None, return_dtype=pl.Boolean)
    has_kps = pl.col("kps").is_not_null()
    present = pl.when(has_kps).then(pl.col("kps") < 80).otherwise(from_ecog)
    side = pl.when(pl.col("present")).then(pl.lit("below")).otherwise(pl.lit("not below"))
    named = f"the map {mapping}" if mapping else "no map from ECOG to Karnofsky is declared"
    agreed = f"the map {mapping}" if mapping else "all published maps"
    reason = (
        pl.when(has_kps)
        .then(pl.format("Karnofsky {} is {} 80", pl.col("kps").cast(pl.Int64), side))
        .when(pl.col("ecog").is_null())
        .then(pl.lit("no performance status at baseline"))
        .when(pl.col("present").is_null())
        .then(
            pl.format(
                f"ECOG {{}} does not say whether Karnofsky is below 80 ({named})",
                pl.col("ecog").cast(pl.Int64),
            )
        )
        .otherwise(
            pl.format(
                f"ECOG {{}} means Karnofsky {{}} 80 ({agreed})", pl.col("ecog").cast(pl.Int64), side
            )
        )
    )
    table = found.table.with_columns(present.alias("present")).select(
        "patient",
        pl.lit("kps").alias("factor"),
        "present",
        pl.coalesce("kps", "ecog").alias("value"),
        pl.when(has_kps).then(pl.lit(80.0)).alias("limit"),
        pl.when(has_kps)
        .then(pl.lit("Karnofsky"))
        .when(pl.col("ecog").is_not_null())
        .then(pl.lit("ECOG"))
        .alias("unit"),
        pl.when(has_kps).then(pl.col("kps_date")).otherwise(pl.col("ecog_date")).alias("date"),
        pl.when(has_kps).then(pl.col("kps_row")).otherwise(pl.col("ecog_row")).alias("source_row"),
        reason.alias("reason"),
    )
    return table, [*found.problems, *_ecog_problems(table, mapping)]


def _ecog_problems(table: pl.DataFrame, mapping: EcogMap | None) -> list[Problem]:
    """Say where ECOG stands in for Karnofsky, and where it can't."""
    import polars as pl

    by_ecog = table.filter(pl.col("unit") == "ECOG")
    found = []
    decided = by_ecog.filter(pl.col("present").is_not_null()).height
    if decided:
        by = f"the map {mapping}" if mapping else "what all published maps agree on"
        found.append(
            Problem(
                id="performance.from-ecog",
                severity=Severity.NOTE,
                what=f"In {decided} patients Karnofsky below 80 was judged from ECOG, by {by}.",
                why="The scales are not interchangeable, and the maps differ for ECOG 1.",
                place=Place(column="ecog", key="tables.patients"),
            )
        )
    undecided = by_ecog.height - decided
    if undecided:
        found.append(
            Problem(
                id="performance.ecog-without-map" if mapping is None else "performance.ecog-open",
                severity=Severity.QUESTION if mapping is None else Severity.NOTE,
                what=f"{undecided} patients have ECOG 1 and no Karnofsky: whether it is below 80 "
                "is open.",
                why="ECOG 1 is Karnofsky 70-80 in the conventional map and 80-90 in the others.",
                todo="Chart Karnofsky, or declare a map (schedule.ecog_map).",
                place=Place(column="ecog", key="tables.patients"),
            )
        )
    return found


def _bounds(frame: pl.DataFrame, column: str) -> tuple[pl.Expr, pl.Expr]:
    """Earliest and latest day that a possibly partial date can mean."""
    import polars as pl

    day = pl.col(column)
    if f"{column}_precision" not in frame.columns:
        return day, day
    precision = pl.col(f"{column}_precision")
    first = (
        pl.when(precision == "year")
        .then(day.dt.truncate("1y"))
        .when(precision == "month")
        .then(day.dt.truncate("1mo"))
        .otherwise(day)
    )
    last = (
        pl.when(precision == "year")
        .then(day.dt.truncate("1y").dt.offset_by("1y").dt.offset_by("-1d"))
        .when(precision == "month")
        .then(day.dt.month_end())
        .otherwise(day)
    )
    return first, last


def interval_evidence(
    patients: pl.DataFrame, *, start: str, end: str
) -> tuple[pl.DataFrame, list[Problem]]:
    """Less than one calendar year between two dates; partial dates by their bounds."""
    import polars as pl

    frame = _with_columns(patients, {start: pl.Date(), end: pl.Date(), "source_row": pl.Int64()})
    start_first, start_last = _bounds(frame, start)
    end_first, end_last = _bounds(frame, end)
    surely = end_last < start_first.dt.offset_by("1y")
    surely_not = end_first >= start_last.dt.offset_by("1y")
    reversed_ = (end_last < start_first).fill_null(False)
    present = (
        pl.when(reversed_)
        .then(None)
        .when(surely)
        .then(pl.lit(True))
        .when(surely_not)
        .then(pl.lit(False))
    )
    days = (pl.col(end) - pl.col(start)).dt.total_days()
    both = pl.format(
        "{} {} to {} {}",
        pl.lit(start),
        pl.col(start).cast(pl.String),
        pl.lit(end),
        pl.col(end).cast(pl.String),
    )
    reason = (
        pl.when(pl.col(start).is_null())
        .then(pl.lit(f"no {start}"))
        .when(pl.col(end).is_null())
        .then(pl.lit(f"no {end}"))
        .when(reversed_)
        .then(pl.format("{}: the dates are in the wrong order", both))
        .when(pl.col("present").is_null())
        .then(pl.format("{}: partial dates leave open whether it was a year", both))
        .otherwise(
            pl.format(
                "{} ({} days) is {} one year",
                both,
                days,
                pl.when(pl.col("present"))
                .then(pl.lit("less than"))
                .otherwise(pl.lit("not less than")),
            )
        )
    )
    table = frame.with_columns(present.alias("present")).select(
        "patient",
        pl.lit("time").alias("factor"),
        "present",
        days.cast(pl.Float64).alias("value"),
        pl.lit(None, dtype=pl.Float64).alias("limit"),
        pl.lit("days").alias("unit"),
        pl.col(end).alias("date"),
        "source_row",
        reason.alias("reason"),
    )
    problems = [
        Problem(
            id="dates.systemic-before-diagnosis",
            severity=Severity.ERROR,
            what=f"{end} {row[end]} is before {start} {row[start]}.",
            why="The time from diagnosis to systemic therapy is a factor of the risk score.",
            todo="Correct one of the dates.",
            place=Place(row=row["source_row"], column=end, key="tables.patients"),
            patient=row["patient"],
        )
        for row in frame.filter(reversed_).iter_rows(named=True)
    ]
    return table, problems


def scored(
    evidence: pl.DataFrame,
    patients: pl.DataFrame,
    *,
    prefix: str,
    factors: Sequence[str],
    groups: Sequence[tuple[int, str]],
    charted: str | None,
) -> tuple[pl.DataFrame, list[Problem]]:
    """One row per patient: factors, bounds, group, and the charted group beside it."""
    import polars as pl

    names = [f"{prefix}_{f}" for f in factors]
    wide = patients.select("patient")
    for factor, name in zip(factors, names, strict=True):
        wide = wide.join(
            evidence.filter(pl.col("factor") == factor).select(
                "patient", pl.col("present").alias(name)
            ),
            on="patient",
            how="left",
            maintain_order="left",
        )
    low = pl.sum_horizontal(pl.col(n).fill_null(False).cast(pl.Int64) for n in names)
    unknown = pl.sum_horizontal(pl.col(n).is_null().cast(pl.Int64) for n in names)
    by_count = {k: group_of(k, groups) for k in range(len(factors) + 1)}
    missing = pl.concat_list(
        pl.when(pl.col(n).is_null()).then(pl.lit(f)) for f, n in zip(factors, names, strict=True)
    ).list.drop_nulls()
    wide = wide.with_columns(low.alias(f"{prefix}_low"), (low + unknown).alias(f"{prefix}_high"))
    group_low = pl.col(f"{prefix}_low").replace_strict(by_count, return_dtype=pl.String)
    group_high = pl.col(f"{prefix}_high").replace_strict(by_count, return_dtype=pl.String)
    wide = wide.with_columns(
        pl.when(group_low == group_high).then(group_low).alias(f"{prefix}_group"),
        missing.alias(f"{prefix}_missing"),
    )
    if charted is None or charted not in patients.columns:
        chart = pl.lit(None, dtype=pl.String)
        wide = wide.with_columns(chart.alias(f"{prefix}_charted"))
    else:
        wide = wide.join(
            patients.select("patient", pl.col(charted).cast(pl.String).alias(f"{prefix}_charted")),
            on="patient",
            how="left",
            maintain_order="left",
        )
    wide = wide.with_columns(
        (pl.col(f"{prefix}_group") == pl.col(f"{prefix}_charted")).alias(f"{prefix}_agrees")
    )
    problems = [
        Problem(
            id=f"{prefix}.charted-differs",
            severity=Severity.WARNING,
            what=f"Charted group {row[f'{prefix}_charted']}, derived group "
            f"{row[f'{prefix}_group']} with {row[f'{prefix}_low']} factors present.",
            why="The risk group is an entry of the prognostic models.",
            todo="Check the factors; the protocol says which one counts.",
            place=Place(column=charted, key="tables.patients"),
            patient=row["patient"],
        )
        for row in wide.filter(~pl.col(f"{prefix}_agrees")).iter_rows(named=True)
    ]
    return wide, problems


def indeterminate_problem(table: pl.DataFrame, prefix: str, model: str) -> list[Problem]:
    """One warning that counts the patients without a group, by missing factor."""
    import polars as pl

    open_ = table.filter(pl.col(f"{prefix}_group").is_null())
    if not open_.height:
        return []
    counts = (
        open_.select(pl.col(f"{prefix}_missing").explode().alias("factor"))
        .group_by("factor")
        .len()
        .sort(["len", "factor"], descending=[True, False])
    )
    listed = ", ".join(f"{factor} {n}" for factor, n in counts.iter_rows())
    return [
        Problem(
            id=f"{prefix}.indeterminate",
            severity=Severity.WARNING,
            what=f"{open_.height} of {table.height} patients have no {model} group: factors are "
            f"missing ({listed}).",
            why="A missing factor is not an absent one; the published groups rest on all factors.",
            todo="Complete the chart, or declare the charted group as the one that counts.",
        )
    ]
