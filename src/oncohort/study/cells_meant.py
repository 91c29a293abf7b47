"""Which value of the record tables a problem of one patient means, where its rule names none.

A warning names a cell of the chart and no value that is wrong: nothing is left out for it. A
decision about it needs the value; it is the one that stood in the cell.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from oncohort.problems import Place, Problem, Wrong
from oncohort.records import Records

if TYPE_CHECKING:
    from oncohort.study.depends import Dependence


def with_its_value(one: Problem, records: Records, known: Dependence) -> Problem:
    """The problem with the value of its cell as wrong, and what rests on it."""
    if one.wrong or one.patient is None:
        return one
    wrong = value_in(one.place, one.patient, records)
    if wrong is None:
        return one
    return replace(one, wrong=(wrong,), blocks=known.rest_on([wrong]))


def value_in(place: Place, patient: str, records: Records) -> Wrong | None:
    """The patient's value that stood in a cell; None where that is not one value."""
    if not place.cell or "," in place.cell:
        return None
    for table, frame in records.tables.items():
        if "patient" not in frame.columns or not _may_hold(place, table, records):
            continue
        rows = frame.filter(pl.col("patient") == patient)["source_row"].drop_nulls().to_list()
        for row in dict.fromkeys(rows):
            for column in frame.columns:
                for nth in range(rows.count(row)):
                    if _same(records.place(table, column, row, nth), place):
                        return Wrong(table, (column,), row)
    return None


def _may_hold(place: Place, table: str, records: Records) -> bool:
    here = records.place(table)
    return here.file == place.file and (here.sheet == place.sheet or here.sheet is None)


def _same(one: Place, other: Place) -> bool:
    return (one.file, one.sheet, one.cell) == (other.file, other.sheet, other.cell)
