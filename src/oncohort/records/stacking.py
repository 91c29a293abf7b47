"""Sheets with the same columns put below each other: one table that stands on several sheets."""

from __future__ import annotations

from dataclasses import replace

from oncohort.records.columns import as_list
from oncohort.records.grid import Cell, Column, Raw, Stacked
from oncohort.records.names import fold
from oncohort.records.values import text_of


def stack(raw: Raw, other: Raw, *, patient: str | None = None, prefix: str = "") -> Raw:
    """Add the rows of another sheet below those of the first.

    Parameters
    ----------
    raw, other
        Columns are matched by name (case, blanks and marks apart); one that only a sheet has is
        blank in the other.
    patient, prefix
        The column with the patient, and what is put before its values in the other sheet, where
        numbers start again there.

    Returns
    -------
    Raw
        Row numbers go on behind the last of the first sheet; `stacked` says where they stood.

    Examples
    --------
    >>> one = Raw("c.xlsx", "2015", ("id", "Age"), ([1, 2], [61, 58]), [2, 3], (0, 1))
    >>> two = Raw("c.xlsx", "2016", ("ID", "age"), ([3], [70]), [2], (0, 1))
    >>> both = stack(one, two)
    >>> both.columns[1], list(both.rows), both.stacked[0].row(4)
    ([61, 58, 70], [2, 3, 4], 2)
    """
    theirs = {fold(n): i for i, n in enumerate(other.names)}
    own = {fold(n) for n in raw.names}
    new = [n for n in other.names if fold(n) not in own]
    columns: list[Column] = []
    letters: dict[str, int] = {}
    for name, values in zip(raw.names, raw.columns, strict=True):
        at = theirs.get(fold(name))
        below: list[Cell] = [None] * other.height if at is None else as_list(other.columns[at])
        if at is not None and other.letters:
            letters[name] = other.letters[at]
        if prefix and name == patient:
            below = [None if v is None else f"{prefix}{text_of(v)}" for v in below]
        columns.append([*as_list(values), *below])
    for name in new:
        at = other.names.index(name)
        columns.append([*[None] * raw.height, *as_list(other.columns[at])])
        if other.letters:
            letters[name] = other.letters[at]
    last = max(raw.rows, default=0)
    shift = last + 1 - min(other.rows, default=1)
    where = Stacked(last + 1, shift, other.file, other.sheet, letters)
    return replace(
        raw,
        names=(*raw.names, *new),
        columns=columns,
        rows=[*raw.rows, *(r + shift for r in other.rows)],
        letters=(*raw.letters, *[-1] * len(new)) if raw.letters else (),
        stacked=(*raw.stacked, where),
        label_of={**other.label_of, **raw.label_of},
        column_label={**other.column_label, **raw.column_label},
    )


def with_sheet(raw: Raw, column: str) -> Raw:
    """The table with a column that says on which sheet (or in which file) its rows stand.

    Examples
    --------
    >>> raw = Raw("c.xlsx", "Arm A", ("id",), ([1, 2],), [2, 3], (0,))
    >>> with_sheet(raw, "Sheet").columns[-1]
    ['Arm A', 'Arm A']
    """
    name = raw.sheet or raw.file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return replace(
        raw,
        names=(*raw.names, column),
        columns=[*raw.columns, [name] * raw.height],
        letters=(*raw.letters, -1) if raw.letters else (),
    )
