"""Records that do not say what they are of: a value without its test, a dose without its drug."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from oncohort.checks.rule import MANY, Data, rule
from oncohort.problems import Problem, problem

_NAMES = (
    ("labs", "test", "value"),
    ("doses", "drug", "amount"),
    ("performance", "scale", "value"),
    ("sites", "organ", "count"),
    ("procedures", "kind", "date"),
)
"""Table, the column that says what a record is of, and the one that makes it a record."""


@rule("rows.unnamed")
def unnamed(data: Data) -> Iterator[Problem]:
    """A record without its name counts for nothing, and may be the one that decides."""
    for table, name, value in _NAMES:
        if not data.has(table, name, value):
            continue
        frame = data.records.tables[table]
        for row in (
            frame.filter(pl.col(name).is_null() & pl.col(value).is_not_null())
            .head(MANY)
            .iter_rows(named=True)
        ):
            yield problem(
                "rows.unnamed",
                place=data.at(table, name, row["source_record"]),
                patient=row["patient"],
                table=table,
                column=name,
                row=row["source_row"],
                value=row[value],
                of=value,
            )
