"""Who the rows belong to: patients that stand twice, rows of nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from oncohort.checks.rule import HIDDEN, Data, rule
from oncohort.problems import Problem, problem
from oncohort.vocabulary.tables import TABLES


@rule("patients.duplicate")
def duplicates(data: Data) -> Iterator[Problem]:
    twice = (
        data.patients.filter(pl.col("patient").is_duplicated())
        .group_by("patient", maintain_order=True)
        .agg("source_row", "source_record")
    )
    for patient, rows, records in twice.iter_rows():
        numbers = " and ".join(data.records.cells.rows("patients", rows))
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
        data.patients.unique("patient", keep="first", maintain_order=True)
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
    from oncohort.protocol.references import alike

    known = data.patients["patient"].unique(maintain_order=True)
    names = known.to_list()
    all_names = frozenset(names)
    for table, frame in data.records.tables.items():
        if table == "patients":
            continue
        if set(frame["patient"].unique()) - {None} <= all_names:
            continue
        unknown = frame.filter(~pl.col("patient").is_in(known.implode()))
        lost = unknown.group_by("patient", maintain_order=True).agg(
            pl.len().alias("n"), pl.col("source_row", "source_record").first()
        )
        for patient, count, row, record in lost.head(200).iter_rows():
            yield problem(
                "patients.orphan",
                place=data.at(table, "patient", record),
                patient=patient,
                table=table,
                row=row,
                count=count,
                nearest=alike(patient, names),
            )
        if lost.height > 200:
            yield problem(
                "patients.orphan",
                "further",
                place=data.at(table, "patient", None),
                table=table,
                count=lost.height - 200,
            )


_AGAIN = re.compile(r"\(\d{1,4}\)$")


def _plain(column: str) -> str:
    return "".join(c for c in _AGAIN.sub("", column).casefold() if c.isalnum())


def _read_columns(data: Data) -> set[str]:
    """Columns of patients that the study reads under their own names."""
    found = set(TABLES["patients"].kinds)
    found |= {v.column or key for key, v in data.protocol.variables.items() if not v.derive}
    for endpoint in data.protocol.endpoints.values():
        found |= {c for c in (endpoint.time, endpoint.event) if c}
    response = data.protocol.response
    if response is not None and response.best_change:
        found.add(response.best_change)
    return found


@rule("columns.same-name")
def same_name(data: Data) -> Iterator[Problem]:
    """A column that is read, beside another of the same name with other values."""
    read = _read_columns(data)
    groups: dict[str, list[str]] = {}
    for column in data.patients.columns:
        if not column.endswith("_precision") and column not in HIDDEN:
            groups.setdefault(_plain(column), []).append(column)
    for columns in groups.values():
        used = [c for c in columns if c in read and data.has("patients", c)]
        if len(used) != 1 or len(columns) < 2:
            continue
        for other in (c for c in columns if c not in used):
            text = [pl.col(c).cast(pl.String) for c in (used[0], other)]
            both = data.patients.filter(text[0].is_not_null() & text[1].is_not_null())
            number = [t.cast(pl.Float64, strict=False) for t in text]
            same = (number[0] == number[1]).fill_null(text[0] == text[1])
            differ = both.filter(~same)
            if differ.height:
                yield problem(
                    "columns.same-name",
                    place=data.at("patients", other, differ["source_record"][0]),
                    patient=differ["patient"][0] if differ.height == 1 else None,
                    used=used[0],
                    other=other,
                    n=differ.height,
                    patients=differ["patient"].to_list(),
                )
