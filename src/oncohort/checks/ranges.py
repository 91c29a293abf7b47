"""Values beyond what can be: ages, performance, laboratory values by their unit, outliers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from oncohort.checks.rule import Data, Rule, rule
from oncohort.problems import Problem, Severity

MANY = 100
"""Problems of one rule and column that are listed; the rest is counted."""

SENTINELS = (-9, -99, -999, 88, 99, 777, 888, 999, 9999)


def _todo(value: float, column: str, hint: str) -> str:
    if value in SENTINELS:
        return f"If {value:g} means missing, say so: missing_in = {{ {column} = [{value:g}] }}."
    return hint


@rule(
    "values.age",
    Severity.ERROR,
    "An age lies outside 0 to 110 years.",
    "It is a slip, a missing-value code, or a year of birth.",
)
def age(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    if not data.has("patients", "age"):
        return
    bad = data.patients.filter((pl.col("age") < 0) | (pl.col("age") > 110))
    for row in bad.head(MANY).iter_rows(named=True):
        year = 1900 <= row["age"] <= 2030
        yield this.problem(
            f"Age {row['age']:g}.",
            "This looks like a year of birth: map it to birth_date."
            if year
            else _todo(row["age"], "age", "Look it up in the chart."),
            place=data.at("patients", "age", row["source_row"]),
            patient=row["patient"],
            blocks=data.blocks("patients", "age"),
        )


@rule(
    "values.age-against-birth",
    Severity.WARNING,
    "Age and birth date do not agree.",
    "One of the two is wrong; age is taken as it is charted.",
)
def age_against_birth(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    if not data.has("patients", "age", "birth_date", "treatment_start"):
        return
    computed = (pl.col("treatment_start") - pl.col("birth_date")).dt.total_days() / 365.25
    bad = data.patients.with_columns(_age=computed).filter(
        (pl.col("_age") - pl.col("age")).abs() > 2
    )
    for row in bad.head(MANY).iter_rows(named=True):
        yield this.problem(
            f"Age {row['age']:g}, but born on {row['birth_date']} it is {row['_age']:.0f} at the "
            "start of treatment.",
            "Look both up in the chart.",
            place=data.at("patients", "age", row["source_row"]),
            patient=row["patient"],
        )


@rule(
    "values.kps",
    Severity.ERROR,
    "A Karnofsky performance status is not one of 10, 20, ... 100.",
    "The scale has tens only (Karnofsky and Burchenal 1949); 0 is death, 1 to 4 is an ECOG value.",
)
def karnofsky(data: Data, this: Rule) -> Iterator[Problem]:
    yield from _scale(data, this, "kps", "Karnofsky", tuple(range(10, 101, 10)))


@rule(
    "values.ecog",
    Severity.ERROR,
    "An ECOG performance status is not one of 0 to 4.",
    "The scale ends at 5, which is death (Oken 1982); 70 or 80 is a Karnofsky value.",
)
def ecog(data: Data, this: Rule) -> Iterator[Problem]:
    yield from _scale(data, this, "ecog", "ECOG", (0, 1, 2, 3, 4))


def _scale(
    data: Data, this: Rule, column: str, name: str, allowed: tuple[int, ...]
) -> Iterator[Problem]:
    import polars as pl

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
            yield this.problem(
                f"{name} {value:g} does not exist.",
                _todo(value, where, "Look it up in the chart."),
                place=data.at(table, where, row["source_row"]),
                patient=row["patient"],
                blocks=data.blocks(table, where),
            )


LAB_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "hemoglobin": (2, 25),
        "platelets": (1, 3000),
        "neutrophils": (0, 150),
        "leukocytes": (0.05, 400),
        "lymphocytes": (0, 300),
        "calcium": (4, 20),
        "albumin": (0.8, 7),
        "creatinine": (0.1, 25),
        "bilirubin": (0.01, 60),
        "ldh": (20, 20000),
        "alt": (1, 20000),
        "ast": (1, 20000),
        "alp": (5, 10000),
        "sodium": (95, 190),
        "potassium": (1.2, 10),
    }
)
"""Values that a living patient can have, in the unit calculated in (`records/analytes.toml`).
Wider than any reference range: beyond them the unit or the figure is wrong."""


@rule(
    "labs.implausible",
    Severity.WARNING,
    "A laboratory value can't be, in the unit that it is given in.",
    "Nearly always the unit is another one, or a decimal point is lost.",
)
def labs(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    from oncohort.records.units import UnitError, analyte, ratio

    if not data.has("labs", "value"):
        return
    table = data.records.tables["labs"]
    for test, unit in table.select("test", "unit").unique(maintain_order=True).iter_rows():
        known = analyte(test)
        if known is None or known.name not in LAB_RANGES or unit is None:
            continue
        try:
            factor = float(ratio(known, unit, known.unit))
        except UnitError:
            continue  # told by the rules of units
        low, high = LAB_RANGES[known.name]
        value = pl.col("value")
        bad = table.filter(
            (pl.col("test") == test)
            & (pl.col("unit") == unit)
            & ((value * factor < low) | (value * factor > high))
        )
        for row in bad.head(MANY).iter_rows(named=True):
            yield this.problem(
                f"{test} {row['value']:g} {unit} is {row['value'] * factor:.4g} {known.unit}; it "
                f"should lie within {low:g} to {high:g}.",
                "Check the unit and the decimal point.",
                place=data.at("labs", "value", row["source_row"]),
                patient=row["patient"],
            )
        if bad.height > MANY:
            yield this.problem(f"{bad.height - MANY:,} further values of {test} in {unit}.")


@rule(
    "labs.limits",
    Severity.ERROR,
    "The lower limit of normal lies above the upper one.",
    "Grades and risk factors compare with these limits.",
)
def limits(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    if not data.has("labs", "lower_limit", "upper_limit"):
        return
    bad = data.records.tables["labs"].filter(pl.col("lower_limit") > pl.col("upper_limit"))
    for row in bad.head(MANY).iter_rows(named=True):
        yield this.problem(
            f"{row['test']}: lower limit {row['lower_limit']:g}, upper limit "
            f"{row['upper_limit']:g}.",
            "They are swapped, or one is wrong.",
            place=data.at("labs", "lower_limit", row["source_row"]),
            patient=row["patient"],
            blocks=data.blocks("labs", "lower_limit"),
        )


@rule(
    "values.outlier",
    Severity.WARNING,
    "A value lies far from all others of its column.",
    "A lost decimal point or a missing-value code looks like this; so does a true extreme.",
)
def outliers(data: Data, this: Rule) -> Iterator[Problem]:
    """Tukey's fence, drawn far out: five quartile ranges, twelve for skewed columns."""
    import polars as pl

    for column in _continuous(data):
        known = data.patients.select("patient", "source_row", pl.col(column).cast(pl.Float64))
        known = known.drop_nulls(column)
        if known.height < 12:
            continue
        values = known[column]
        q1, q2, q3 = (float(values.quantile(q, "linear") or 0) for q in (0.25, 0.5, 0.75))
        reach = q3 - q1
        if reach <= 0:
            continue
        skewed = (
            q1 > 0 and abs(float(known.select(pl.col(column).mean()).item()) - q2) > 0.3 * reach
        )
        wide = 12.0 if skewed else 5.0
        bad = known.filter(
            (pl.col(column) < q1 - wide * reach) | (pl.col(column) > q3 + wide * reach)
        )
        if bad.height > max(3, 0.02 * known.height):
            continue
        for row in bad.iter_rows(named=True):
            value = row[column]
            yield this.problem(
                f"{column} {value:g}: half of the values lie within {q1:g} to {q3:g}.",
                _todo(value, column, "Look it up in the chart."),
                place=data.at("patients", column, row["source_row"]),
                patient=row["patient"],
            )


def _continuous(data: Data) -> list[str]:
    """Numeric covariates that the protocol uses."""
    out = []
    for key, v in data.protocol.variables.items():
        column = v.column or key
        if v.derive or v.source or v.levels or column not in data.patients.columns:
            continue
        if data.patients.schema[column].is_numeric() and column not in ("age", "kps", "ecog"):
            out.append(column)
    return list(dict.fromkeys(out))


@rule(
    "values.spellings",
    Severity.WARNING,
    "Two values of a category differ only in case, blanks or marks.",
    "They are one group written in two ways, and would be counted as two.",
)
def spellings(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    for key, v in data.protocol.variables.items():
        column = v.column or key
        if v.derive or v.source or column not in data.patients.columns:
            continue
        if data.patients.schema[column] != pl.String:
            continue
        seen: dict[str, list[str]] = {}
        for text in data.patients[column].drop_nulls().unique().sort():
            seen.setdefault(
                "".join(c for c in text.lower() if c.isalnum() or c in "+-<>="), []
            ).append(text)
        for forms in seen.values():
            if len(forms) < 2:
                continue
            counts = {f: int((data.patients[column] == f).sum()) for f in forms}
            rare = min(forms, key=lambda f: counts[f])
            row = data.patients.filter(pl.col(column) == rare)["source_row"][0]
            usual = max(forms, key=lambda f: counts[f])
            yield this.problem(
                f"{column} is written {' and '.join(f'{f!r} ({counts[f]})' for f in forms)}.",
                f'Write it in one way, or: codes."{column}" = {{ "{rare}" = "{usual}" }}.',
                place=data.at("patients", column, row),
            )


@rule(
    "values.constant",
    Severity.NOTE,
    "A variable has the same value for everybody.",
    "It tells nobody apart; a regression with it can't be fitted.",
)
def constant(data: Data, this: Rule) -> Iterator[Problem]:
    for key, v in data.protocol.variables.items():
        column = v.column or key
        if v.derive or v.source or column not in data.patients.columns:
            continue
        known = data.patients[column].drop_nulls()
        if known.len() >= 5 and known.n_unique() == 1:
            yield this.problem(
                f"{column} is {known[0]!r} for all {known.len()} patients who have a value.",
                "Leave it out of the analyses.",
                place=data.at("patients", column, None),
            )
