"""Who the rows belong to: patients that stand twice, rows of nobody."""

from __future__ import annotations

from collections.abc import Iterator

from oncohort.checks.rule import Data, Rule, rule
from oncohort.problems import Problem, Severity


@rule(
    "patients.duplicate",
    Severity.ERROR,
    "A patient stands in more than one row of patients.",
    "Counted twice, the patient would enter every figure twice.",
)
def duplicates(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    twice = (
        data.patients.filter(pl.col("patient").is_duplicated())
        .group_by("patient", maintain_order=True)
        .agg(pl.col("source_row"))
    )
    for patient, rows in twice.iter_rows():
        numbers = " and ".join(str(r) for r in rows)
        yield this.problem(
            f"Patient {patient} stands in rows {numbers}.",
            "Keep one row, or give them different ids if they are two people.",
            place=data.at("patients", "patient", rows[1]),
            patient=patient,
            blocks=("flow", "baseline", "response", "exposure", "survival", "prognosis", "safety"),
        )


@rule(
    "patients.same-but-for-case",
    Severity.WARNING,
    "Two patients' ids differ only in case, blanks or leading zeros.",
    "They may be one patient, and the rows of one may belong to the other.",
)
def nearly_same(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    folded = (
        pl.col("patient")
        .str.to_lowercase()
        .str.replace_all(r"[\s_\-./]", "")
        .str.replace(r"^0+", "")
    )
    groups = (
        data.patients.unique("patient", maintain_order=True)
        .with_columns(same=folded)
        .filter(pl.col("same").is_duplicated())
        .group_by("same", maintain_order=True)
        .agg("patient", "source_row")
    )
    for _, patients, rows in groups.iter_rows():
        yield this.problem(
            f"Are {' and '.join(repr(p) for p in patients)} the same patient?",
            "Write the id in one way.",
            place=data.at("patients", "patient", rows[-1]),
            patient=patients[-1],
        )


@rule(
    "patients.orphan",
    Severity.ERROR,
    "A row belongs to a patient who is not in patients.",
    "Its values would be lost without a word: a misspelt id looks like this.",
)
def orphans(data: Data, this: Rule) -> Iterator[Problem]:
    import polars as pl

    from oncohort.protocol.references import nearest

    known = data.patients["patient"].unique()
    names = known.to_list()
    for table, frame in data.records.tables.items():
        if table == "patients":
            continue
        lost = (
            frame.filter(~pl.col("patient").is_in(known.implode()))
            .group_by("patient", maintain_order=True)
            .agg(pl.len().alias("n"), pl.col("source_row").first())
        )
        for patient, count, row in lost.head(200).iter_rows():
            rows = f"{count} row{'' if count == 1 else 's'}"
            yield this.problem(
                f"{rows} of {table} belong{'s' if count == 1 else ''} to patient {patient}, "
                "who is not in patients.",
                f"Add the patient, or mend the id. {nearest(patient, names)}",
                place=data.at(table, "patient", row),
                patient=patient,
                blocks=data.blocks(table, *frame.columns),
            )
        if lost.height > 200:
            yield this.problem(
                f"{lost.height - 200} further patients of {table} are not in patients.",
                place=data.at(table, "patient", None),
            )
