"""Values beyond what can be: ages, performance, laboratory values by their unit, outliers."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from oncohort.checks.models import base_columns
from oncohort.checks.quantities import without_brackets
from oncohort.checks.rule import MANY, MISSING_CODES, Data, rule
from oncohort.checks.tumours import used_columns
from oncohort.problems import Problem, problem
from oncohort.protocol.toml_text import toml_line
from oncohort.vocabulary.mentions import mentions
from oncohort.vocabulary.quantities import QUANTITIES
from oncohort.vocabulary.scores import score_of


def _todo(value: float, column: str) -> str:
    if value in MISSING_CODES:
        line = toml_line("missing_in", {column: [value]}, bare=True)
        return f"If {value:g} means missing, say so: {line}."
    return "Look it up in the chart."


@rule("values.age")
def age(data: Data) -> Iterator[Problem]:
    yield from _other_ages(data)
    if not data.has("patients", "age"):
        return
    bad = data.patients.filter((pl.col("age") < 0) | (pl.col("age") > OLDEST))
    for row in bad.head(MANY).iter_rows(named=True):
        year = 1900 <= row["age"] <= 2030
        yield data.problem(
            "values.age",
            "year" if year else "",
            row=row,
            table="patients",
            column="age",
            age=row["age"],
            todo=_todo(row["age"], "age"),
        )


OLDEST = 110


def _other_ages(data: Data) -> Iterator[Problem]:
    """Ages of donors, or at another day, in years."""
    for key, variable in data.protocol.variables.items():
        column = variable.column or key
        years = (variable.unit or "years").strip().lower().startswith(("y", "j", "a"))
        if variable.derive or variable.source or column == "age" or not years:
            continue
        if without_brackets(column) != column or not mentions(column, "age_of_life"):
            continue  # the unit is told in the name
        if not data.patients.schema.get(column, pl.String()).is_numeric():
            continue
        bad = data.included(data.patients).filter((pl.col(column) < 0) | (pl.col(column) > OLDEST))
        for row in bad.head(MANY).iter_rows(named=True):
            yield data.problem(
                "values.age",
                "other",
                row=row,
                table="patients",
                column=column,
                name=column,
                age=row[column],
                todo=_todo(row[column], column),
            )


@rule("values.age-against-birth")
def age_against_birth(data: Data) -> Iterator[Problem]:
    if not data.has("patients", "age", "birth_date", "treatment_start"):
        return
    computed = (pl.col("treatment_start") - pl.col("birth_date")).dt.total_days() / 365.25
    bad = data.patients.with_columns(_age=computed).filter(
        (pl.col("_age") - pl.col("age")).abs() > 2
    )
    yield from data.notices(
        "values.age-against-birth",
        bad,
        "patients",
        "age",
        age=pl.col("age"),
        birth_date=pl.col("birth_date"),
        computed=pl.col("_age"),
    )


@rule("values.kps")
def karnofsky(data: Data) -> Iterator[Problem]:
    yield from _scale(data, "values.kps", "kps", "Karnofsky", tuple(range(10, 101, 10)))


@rule("values.ecog")
def ecog(data: Data) -> Iterator[Problem]:
    yield from _scale(data, "values.ecog", "ecog", "ECOG", (0, 1, 2, 3, 4))


def _scale(
    data: Data, id_: str, column: str, name: str, allowed: tuple[int, ...]
) -> Iterator[Problem]:
    frames = []
    if data.has("patients", column):
        frames.append(("patients", column, data.patients.filter(pl.col(column).is_not_null())))
    if data.has("performance", "value"):
        rows = data.records.tables["performance"].filter(pl.col("scale") == name)
        frames.append(("performance", "value", rows))
    for table, where, frame in frames:
        bad = frame.filter(~pl.col(where).is_in([float(a) for a in allowed]))
        for row in bad.head(MANY).iter_rows(named=True):
            value = row[where]
            yield data.problem(
                id_, row=row, table=table, column=where, value=value, todo=_todo(value, where)
            )


@rule("values.score")
def score(data: Data) -> Iterator[Problem]:
    """A value beyond the ends of a published score: Gleason 11."""
    for column in used_columns(data):
        found = score_of(without_brackets(column))
        if found is None or not data.patients.schema[column].is_numeric():
            continue
        rows = data.included(data.patients).drop_nulls(column)
        bad = rows.filter(~pl.col(column).is_between(found.least, found.most))
        if 2 * bad.height > rows.height:
            continue  # something else of this name
        for row in bad.head(MANY).iter_rows(named=True):
            yield data.problem(
                "values.score",
                row=row,
                table="patients",
                column=column,
                name=column,
                value=row[column],
                least=found.least,
                most=found.most,
                todo=_todo(row[column], column),
            )


@rule("labs.implausible")
def labs(data: Data) -> Iterator[Problem]:
    from oncohort.records.units import UnitError, analyte, ratio

    if not data.has("labs", "value"):
        return
    table = data.records.tables["labs"]
    for test, unit in table.select("test", "unit").unique(maintain_order=True).iter_rows():
        known = analyte(test)
        if known is None or known.name not in QUANTITIES or unit is None:
            continue
        try:
            factor = float(ratio(known, unit, known.unit))
        except UnitError:
            continue  # told by the rules of units
        low, high = QUANTITIES[known.name].possible
        value = pl.col("value")
        bad = table.filter(
            (pl.col("test") == test)
            & (pl.col("unit") == unit)
            & (((value * factor < low) & (value >= 0)) | (value * factor > high))
        )
        for row in bad.head(MANY).iter_rows(named=True):
            yield data.problem(
                "labs.implausible",
                row=row,
                table="labs",
                column="value",
                test=test,
                value=row["value"],
                unit=unit,
                converted=row["value"] * factor,
                usual_unit=known.unit,
                low=low,
                high=high,
            )
        if bad.height > MANY:
            yield problem("labs.implausible", "further", n=bad.height - MANY, test=test, unit=unit)


@rule("labs.negative")
def negative_lab(data: Data) -> Iterator[Problem]:
    """Concentrations and counts are never negative; a base excess is."""
    if not data.has("labs", "value"):
        return
    excess = pl.col("test").fill_null("").str.to_lowercase().str.contains("excess|^be$|z.?score")
    bad = data.included(data.records.tables["labs"]).filter((pl.col("value") < 0) & ~excess)
    for row in bad.head(MANY).iter_rows(named=True):
        yield data.problem(
            "labs.negative",
            row=row,
            table="labs",
            column="value",
            test=row["test"] or "A test",
            value=row["value"],
        )


@rule("labs.missing-code")
def lab_missing_code(data: Data) -> Iterator[Problem]:
    """999 far beyond every other value of a test is a code for missing."""
    if not data.has("labs", "test", "value"):
        return
    codes = [float(c) for c in MISSING_CODES if c >= 99]
    table = data.included(data.records.tables["labs"]).filter(pl.col("value").is_not_null())
    value = pl.col("value")
    others = value.filter(~value.is_in(codes))
    bad = table.with_columns(_largest=others.max().over("test", "unit")).filter(
        value.is_in(codes)
        & ((value > 3 * pl.col("_largest")) | ((value >= 777) & (value > pl.col("_largest"))))
    )
    yield from data.problems(
        "labs.missing-code",
        bad,
        "labs",
        "value",
        test=pl.col("test"),
        value=pl.col("value"),
        largest=pl.col("_largest"),
    )


@rule("labs.limits")
def limits(data: Data) -> Iterator[Problem]:
    if not data.has("labs", "lower_limit", "upper_limit"):
        return
    bad = data.records.tables["labs"].filter(pl.col("lower_limit") > pl.col("upper_limit"))
    for row in bad.head(MANY).iter_rows(named=True):
        yield problem(
            "labs.limits",
            place=data.at("labs", "lower_limit", row["source_record"]),
            patient=row["patient"],
            table="labs",
            column=("lower_limit", "upper_limit"),
            row=row["source_row"],
            test=row["test"],
            lower_limit=row["lower_limit"],
            upper_limit=row["upper_limit"],
        )


def fences(values: pl.Series) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The quartiles of some numbers, and the fences beyond which one of them lies far out.

    Examples
    --------
    >>> fences(pl.Series([float(v) for v in range(20)]))
    ((4.75, 14.25), (-42.75, 61.75))
    """
    if values.len() < 12:
        return None
    q1, q2, q3 = (float(values.quantile(q, "linear") or 0) for q in (0.25, 0.5, 0.75))
    reach = q3 - q1
    if reach <= 0:
        return None
    tenth, ninth = (float(values.quantile(q, "linear") or 0) for q in (0.1, 0.9))
    skew = (ninth + tenth - 2 * q2) / (ninth - tenth)  # Kelly's: a slip itself does not move it
    if skew <= 0.1:
        return (q1, q3), (q1 - 5 * reach, q3 + 5 * reach)
    if q1 <= 0:  # counts of which most are 0: nodes with tumour go far beyond the others
        return (q1, q3), (q1 - 5 * reach, q3 + (12 if skew > 0.4 else 8) * reach)
    # Tumour markers spread over powers of ten: there the fence is one of ratios.
    by_ratio = q3 * (q3 / q1) ** 2.5
    if skew <= 0.4:
        most = max(q3 + 5 * reach, min(by_ratio, q3 + 12 * reach))
        return (q1, q3), (q1 - 5 * reach, most)
    return (q1, q3), (q1 - 12 * reach, max(q3 + 12 * reach, by_ratio))


SEVERAL = 3
"""More values than this beyond the fences are a long tail, unless a gap parts them from it."""


def past_the_tail(values: pl.Series, fence: float, reach: float) -> float:
    """The upper fence, moved out to the first gap where a tail runs through it without one.

    Examples
    --------
    >>> values = pl.Series([1.0, 2, 3, 11, 12, 13, 14, 40])
    >>> past_the_tail(values, 10, 2), past_the_tail(values, 13, 2)
    (10, 13)
    >>> past_the_tail(pl.Series([1.0, 9, 10, 11, 12, 13, 14, 40]), 10, 2)
    14.0
    """
    beyond = values.filter(values > fence).sort()
    if beyond.len() <= SEVERAL:
        return fence
    gaps = beyond - beyond.shift(1, fill_value=values.filter(values <= fence).max())
    before = int((gaps > reach).cum_max().not_().sum())
    return float(beyond[before - 1]) if before else fence


@rule("values.outlier")
def outliers(data: Data) -> Iterator[Problem]:
    """Tukey's fence, drawn far out: five quartile ranges, more for skewed columns."""
    for column in _continuous(data):
        values = data.patients[column].cast(pl.Float64)
        found = fences(values.drop_nulls() if values.null_count() else values)
        if found is None:
            continue
        (q1, q3), (least, most) = found
        if least <= values.min() and values.max() <= most:  # type: ignore[operator]
            continue
        known = data.patients.select(
            "patient", "source_row", "source_record", pl.col(column).cast(pl.Float64)
        ).drop_nulls(column)
        most = past_the_tail(known[column], most, q3 - q1)
        least = -past_the_tail(-known[column], -least, q3 - q1)
        bad = known.filter((pl.col(column) < least) | (pl.col(column) > most))
        if bad.height > max(3, 0.02 * known.height):
            continue
        for row in bad.iter_rows(named=True):
            value = row[column]
            yield data.problem(
                "values.outlier",
                row=row,
                table="patients",
                column=column,
                value=value,
                q1=q1,
                q3=q3,
                todo=_todo(value, column),
            )


def _continuous(data: Data) -> list[str]:
    """Numeric covariates that the protocol uses."""
    out, kinds = [], data.patients.schema
    for key, v in data.protocol.variables.items():
        column = v.column or key
        if v.derive or v.source or v.levels or column not in kinds:
            continue
        if kinds[column].is_numeric() and column not in (
            "age",
            "kps",
            "ecog",
        ):
            out.append(column)
    made = [k for k, v in data.protocol.variables.items() if v.derive in ("ratio", "formula")]
    for column in sorted({c for key in made for c in base_columns(data.protocol, key)}):
        if data.has("patients", column) and data.patients.get_column(column).dtype.is_numeric():
            out.append(column)
    return list(dict.fromkeys(out))


_LIKE = str.maketrans("АВЕЅІЈКМНОРСТХУаеорсухіѕ", "ABESIJKMHOPCTXYaeopcyxis")
"""Cyrillic letters that look like Latin ones."""


def looks(text: str) -> str:
    """A word as it looks on the screen: without blanks and case, letters of other alphabets Latin.

    Examples
    --------
    >>> looks("М1") == looks("m1"), looks("lV") == looks("IV"), looks("II-III")
    (True, True, 'ii-iii')
    """
    plain = "".join(c for c in text.translate(_LIKE) if c.isalnum() or c in "+-<>=")
    roman = {c for c in plain if c != "l"} <= set("IVX") and len(plain) > 1
    return (plain.replace("l", "I") if roman else plain).lower()


@rule("values.spellings")
def spellings(data: Data) -> Iterator[Problem]:
    joined = () if data.cohort is None else data.cohort.problems
    told = {p.place.key for p in joined if p.id == "variables.spellings"}
    kinds = data.patients.schema
    for key, v in data.protocol.variables.items():
        column = v.column or key
        if v.derive or v.source or kinds.get(column) != pl.String:
            continue
        if f"variables.{key}" in told:
            continue  # they are counted as one, and that is said
        seen: dict[str, list[str]] = {}
        for text in data.patients[column].drop_nulls().unique().sort():
            seen.setdefault(looks(text), []).append(text)
        for forms in seen.values():
            if len(forms) < 2:
                continue
            counts = {f: int((data.patients[column] == f).sum()) for f in forms}
            rare = min(forms, key=lambda f: counts[f])
            first = data.patients.filter(pl.col(column) == rare)
            usual = max(forms, key=lambda f: counts[f])
            yield problem(
                "values.spellings",
                place=data.at("patients", column, first["source_record"][0]),
                patient=first["patient"][0] if counts[rare] == 1 else None,
                column=column,
                forms=" and ".join(f"{f!r} ({counts[f]})" for f in forms),
                rare=rare,
                usual=usual,
            )


MEASURED = 10
"""Patients of whom nothing that is measured is the same in all."""


@rule("values.constant")
def constant(data: Data) -> Iterator[Problem]:
    patients = data.patients
    for key, v in data.protocol.variables.items():
        column = v.column or key
        held = patients.get_column(column, default=None)
        if v.derive or v.source or held is None:
            continue
        known = held.drop_nulls()
        if known.len() >= 5 and known.n_unique() == 1:
            measured = held.dtype.is_numeric() and bool(
                v.unit or score_of(column) or v.kind == "continuous"
            )
            yield problem(
                "values.constant",
                "measured" if measured and known.len() >= MEASURED and known[0] != 0 else "",
                place=data.at("patients", column, None),
                column=column,
                value=known[0],
                n=known.len(),
            )
