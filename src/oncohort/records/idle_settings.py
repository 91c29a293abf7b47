"""Settings of a table that change nothing: what they name is not so in the data, and is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from oncohort.problems import Place, Problem, problem
from oncohort.protocol.data import TableMap
from oncohort.records.columns import as_list
from oncohort.records.compared import compared
from oncohort.records.grid import Cell, Raw
from oncohort.records.narrowing import narrowed
from oncohort.records.sheet_cells import is_blank
from oncohort.vocabulary.tables import RecordTable

LAYOUT = ("header_row", "last_row", "skip_rows", "range")
"""Settings of rows and cells of a sheet."""


def not_applied(
    table_map: TableMap, name: str, file: str, settings: Iterable[str], why: str
) -> list[Problem]:
    """Those of the settings that are given, and that a source does not take by what it is."""
    return [
        problem(
            "layout.setting-without-effect",
            place=Place(file=file, key=f"tables.{name}.{setting}"),
            table=name,
            setting=setting,
            reason=why,
        )
        for setting in settings
        if getattr(table_map, setting) not in (None, "", [])
    ]


def idle(
    table_map: TableMap, raw: Raw, header: Mapping[str, str], table: RecordTable
) -> Iterator[str]:
    """The settings, by our names, that change no value of the table.

    Parameters
    ----------
    raw
        The table as it was found, before any of them.
    header
        Our column = the chart's.

    Examples
    --------
    >>> from oncohort.vocabulary.tables import TABLES
    >>> raw = Raw("c.csv", None, ("id", "Sex"), (["1", "2"], ["m", "f"]), [2, 3], (0, 1))
    >>> table_map = TableMap(narrow=True, codes={"sex": {"9": "male"}})
    >>> list(idle(table_map, raw, {"patient": "id", "sex": "Sex"}, TABLES["patients"]))
    ['narrow', 'codes.sex']
    """

    def values(column: str) -> list[Cell]:
        name = header.get(column, column)
        return as_list(raw.column(name)) if name in raw.names else []

    def blank(column: str) -> bool:
        return any(is_blank(v) for v in values(column))

    if table_map.last_row is not None and raw.rows and table_map.last_row > max(raw.rows):
        yield "last_row"
    if table_map.narrow and not narrowed(raw)[1]:
        yield "narrow"
    if table_map.fill_down and not blank("patient"):
        yield "fill_down"
    yield from (f"fill_down_columns {c!r}" for c in table_map.fill_down_columns if not blank(c))
    yield from (f"fill_from {c!r}" for c in table_map.fill_from if c in raw.names and not blank(c))
    for column in table_map.swapped:
        if not any(isinstance(v, date) for v in values(column)):
            yield f"swapped {column!r}"
    if table_map.day_zero is not None and not any(map(_numbers, map(values, table.dates))):
        yield "day_zero"
    if table_map.others_left_out and not table_map.join:
        yield "others_left_out"
    if table_map.from_patients and table.name == "patients":
        yield "from_patients"
    for setting in ("codes", "missing_in"):
        for column, named in getattr(table_map, setting).items():
            seen = values(column)
            if seen and not _met(seen, named):
                yield f"{setting}.{column}"
    for column in table_map.units:
        kind = table.kinds.get(column, "number")
        timed = kind == "date" and table_map.relative is not None
        if kind in ("text", "date", "flag") and column in header and not timed:
            yield f"units.{column}"
    who = values("patient")
    if table_map.one_row is not None and who and len({*who, None}) > len(who):
        yield "one_row"


def _numbers(values: Iterable[Cell]) -> bool:
    return any(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def _met(values: Iterable[Cell], named: Iterable[Cell]) -> bool:
    """Does one of the named values stand in a column? ``""`` is a blank cell."""
    wanted = {compared(one) for one in named}
    return any(("" if is_blank(v) else compared(v)) in wanted for v in values)
