"""Columns that are made of several columns of a row: the best response, time under observation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oncohort.records.columns import as_list, read_column
from oncohort.records.grid import Cell, Raw
from oncohort.records.names import fold
from oncohort.records.told_times import with_column
from oncohort.records.values import Reader
from oncohort.vocabulary.tables import RESPONSES, TABLES

_LEVELS = TABLES["patients"].levels["best_response"]


def with_best(raw: Raw, best: Mapping[str, Sequence[str]]) -> tuple[Raw, list[str]]:
    """Add columns with the best of several responses of a row.

    Complete response is best, not evaluable is worst; a blank cell is none.

    Returns
    -------
    tuple
        The table, and the names that it does not have. A cell that is no response stays as it is,
        so that it is named.

    Examples
    --------
    >>> raw = Raw("c.csv", None, ("v1", "v2"), (["SD", "PR", None], ["PR", "PD", "?!"]), [2, 3, 4])
    >>> with_best(raw, {"best": ["v1", "v2"]})[0].columns[-1]
    ['PR', 'PR', '?!']
    """
    absent: list[str] = []
    for name, columns in best.items():
        at = _places(raw, columns)
        absent += [c for c, i in zip(columns, at, strict=True) if i < 0]
        if min(at) < 0:
            continue
        cells = [_responses(as_list(raw.columns[i])) for i in at]
        raw = with_column(raw, name, [_best(row) for row in zip(*cells, strict=True)], at[0])
    return raw, absent


def _places(raw: Raw, columns: Sequence[str]) -> list[int]:
    return [next((i for i, n in enumerate(raw.names) if fold(n) == fold(c)), -1) for c in columns]


def _responses(values: list[Cell]) -> list[tuple[str, Cell]]:
    """Each cell as our level, and as it stands where it is no response."""
    done = read_column(values, Reader("text", "best_response", _LEVELS))
    bad = {u.index for u in done.unread}
    return [
        ("", values[i]) if i in bad else (str(v) if v is not None else "", None)
        for i, v in enumerate(done.values.to_list())
    ]


def _best(row: Sequence[tuple[str, Cell]]) -> Cell:
    unread = next((cell for _, cell in row if cell is not None), None)
    if unread is not None:
        return unread
    found = {level for level, _ in row if level}
    return next((r for r in (*RESPONSES, *_LEVELS) if r in found), None)


def with_row_marks(raw: Raw, rows_with: Mapping[str, Sequence[int]]) -> Raw:
    """Add columns that say yes in the rows that are listed, and no in the others.

    Examples
    --------
    >>> raw = Raw("c.csv", None, ("id",), ([1, 2, 3],), [2, 3, 4])
    >>> with_row_marks(raw, {"dead": [3]}).columns[-1]
    ['no', 'yes', 'no']
    """
    for name, rows in rows_with.items():
        listed = set(rows)
        if raw.names and fold(name) not in map(fold, raw.names):
            raw = with_column(raw, name, ["yes" if r in listed else "no" for r in raw.rows], 0)
    return raw


def with_differences(raw: Raw, differences: Mapping[str, Sequence[str]]) -> tuple[Raw, list[str]]:
    """Add columns with one number less another of a row: the age at the end less that at entry.

    Returns
    -------
    tuple
        The table, and the names that it does not have. Where a cell is no number it stays as it
        is, so that it is named; where one is blank, there is none.

    Examples
    --------
    >>> cells = [62.5, "x", 60.0], [60.0, 1.0, None]
    >>> raw = Raw("c.csv", None, ("end", "start"), cells, [2, 3, 4])
    >>> with_differences(raw, {"time": ["end", "start"]})[0].columns[-1]
    [2.5, 'x', None]
    """
    absent: list[str] = []
    for name, columns in differences.items():
        at = _places(raw, columns)
        absent += [c for c, i in zip(columns, at, strict=True) if i < 0]
        if min(at) < 0:
            continue
        late, early = (as_list(raw.columns[i]) for i in at)
        made = [_less(a, b) for a, b in zip(_numbers(late), _numbers(early), strict=True)]
        raw = with_column(raw, name, made, at[0])
    return raw, absent


def _numbers(values: list[Cell]) -> list[tuple[float | None, Cell]]:
    done = read_column(values, Reader("number"))
    bad = {u.index for u in done.unread}
    return [
        (None, values[i]) if i in bad else (v, None) for i, v in enumerate(done.values.to_list())
    ]


def _less(one: tuple[float | None, Cell], other: tuple[float | None, Cell]) -> Cell:
    for number, text in (one, other):
        if number is None and text is not None:
            return text
    (a, _), (b, _) = one, other
    return None if a is None or b is None else round(a - b, 10)
