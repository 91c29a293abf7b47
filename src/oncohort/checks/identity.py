"""Who the rows belong to: patients that stand twice, rows of nobody."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from oncohort.checks.rule import Data, rule
from oncohort.problems import Problem, problem


@rule("patients.duplicate")
def duplicates(data: Data) -> Iterator[Problem]:
    twice = (
        data.patients.filter(pl.col("patient").is_duplicated())
        .group_by("patient", maintain_order=True)
        .agg("source_row", "source_record")
    )
    for patient, rows, records in twice.iter_rows():
        numbers = " and ".join(str(r) for r in rows)
        yield problem(
            "patients.duplicate",
            place=data.at("patients", "patient", records[1]),
            patient=patient,
            table="patients",
            row=rows[1],
            numbers=numbers,
        )


@rule("patients.same-but-for-case")
def nearly_same(data: Data) -> Iterator[Problem]:
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
        .agg("patient", "source_record")
    )
    for _, patients, records in groups.iter_rows():
        yield problem(
            "patients.same-but-for-case",
            place=data.at("patients", "patient", records[-1]),
            patient=patients[-1],
            names=" and ".join(repr(p) for p in patients),
        )


@rule("patients.orphan")
def orphans(data: Data) -> Iterator[Problem]:
    from oncohort.protocol.references import nearest

    known = data.patients["patient"].unique()
    names = known.to_list()
    for table, frame in data.records.tables.items():
        if table == "patients":
            continue
        lost = (
            frame.filter(~pl.col("patient").is_in(known.implode()))
            .group_by("patient", maintain_order=True)
            .agg(pl.len().alias("n"), pl.col("source_row", "source_record").first())
        )
        for patient, count, row, record in lost.head(200).iter_rows():
            yield problem(
                "patients.orphan",
                place=data.at(table, "patient", record),
                patient=patient,
                table=table,
                row=row,
                count=count,
                nearest=nearest(patient, names),
            )
        if lost.height > 200:
            yield problem(
                "patients.orphan",
                "further",
                place=data.at(table, "patient", None),
                table=table,
                count=lost.height - 200,
            )
