"""New lesions on a sheet of their own (patient, day, site) as records beside the sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from oncohort.protocol.data import NewLesions, TableMap
from oncohort.records.columns import as_list
from oncohort.records.grid import Cell, Raw
from oncohort.records.names import column_at
from oncohort.records.scan_marks import MARKS
from oncohort.records.stacking import stack
from oncohort.records.values import text_of
from oncohort.records.wide import Wide

SITE, DAY = "New lesion: site", "New lesion: date"
"""Columns that a table of sizes gets for the new lesions below."""


def put_below(raw: Raw, other: Raw, how: TableMap, sheet: NewLesions) -> tuple[Raw, list[str]]:
    """The table of sizes with the rows of a sheet of new lesions below.

    Returns
    -------
    tuple
        The table, and the columns that the sheet does not have.

    Examples
    --------
    >>> sizes = Raw("c.xlsx", "CT", ("patient", "date", "mm"), ([1], ["2015-01-02"], [20]), [2])
    >>> new = Raw("c.xlsx", "New", ("Pat", "Seen", "Site"), ([1], ["2015-03-04"], ["liver"]), [2])
    >>> sheet = NewLesions(sheet="New", patient="Pat", date="Seen", lesion="Site")
    >>> both, _ = put_below(sizes, new, TableMap(), sheet)
    >>> both.names, [c[1] for c in both.columns]
    (('patient', 'date', 'mm', 'New lesion: site'), [1, '2015-03-04', None, 'liver'])
    """
    wanted = [sheet.patient, sheet.date, *([sheet.lesion] if sheet.lesion else [])]
    found = [column_at(other.names, name) for name in wanted]
    absent = [name for name, at in zip(wanted, found, strict=True) if at is None]
    index = [at for at in found if at is not None]
    if absent:
        return raw, absent
    columns = [as_list(other.columns[at]) for at in index]
    sites: list[Cell] = columns[2] if sheet.lesion else [None] * other.height
    there = [
        None if who is None else (s or "lesion") for who, s in zip(columns[0], sites, strict=True)
    ]
    names = (
        _theirs(raw, how, "patient", "patient"),
        DAY if how.shape == "wide" else _theirs(raw, how, "date", DAY),
        SITE,
    )
    letters = tuple(other.letters[at] for at in index) if other.letters else ()
    letters = (*letters, -1) if letters and len(letters) < len(names) else letters
    part = replace(other, names=names, columns=[*columns[:2], there], letters=letters)
    return stack(raw, part), []


def _theirs(raw: Raw, how: TableMap, ours: str, otherwise: str) -> str:
    """The name of one of our columns in the table of sizes."""
    at = column_at(raw.names, how.columns.get(ours, ours))
    return otherwise if at is None else raw.names[at]


def with_new(
    raw: Raw, sizes: Wide, header: Mapping[str, str], constants: Mapping[str, Cell]
) -> Wide:
    """The records of the sizes and those of the new lesions below: present, on their day."""
    sites = as_list(raw.column(SITE))
    dated = DAY if DAY in raw.names else header.get("date", SITE)
    at = {name: i for i, name in enumerate(raw.names)}
    # The days of scans that a row borrowed of the patient make no records of a new lesion's row.
    kept = [n for n, row in enumerate(sizes.index) if sites[row] is None]
    needed = ("patient", "date", "lesion", "role", "status")
    extra = [c for c in needed if c not in sizes.columns]
    columns = {c: [v[n] for n in kept] for c, v in sizes.columns.items()}
    columns |= {c: [constants.get(c)] * len(kept) for c in extra}
    positions = {c: [p[n] for n in kept] for c, p in sizes.positions.items()}
    positions |= {c: [-1] * len(kept) for c in columns if c not in positions}
    index = [sizes.index[n] for n in kept]
    for row, site in enumerate(sites):
        if site is None:
            continue
        index.append(row)
        who, day = raw.column(header["patient"])[row], raw.column(dated)[row]
        own: dict[str, Cell] = {"patient": who, "date": day, "lesion": f"new: {text_of(site)}"}
        own |= {"role": MARKS["new_lesion"], "status": "present"}
        stood = {"patient": at[header["patient"]], "date": at[dated], "lesion": at[SITE]}
        for column, cells in columns.items():
            cells.append(own.get(column))
            positions[column].append(stood.get(column, -1))
    rows = [raw.rows[row] for row in index]
    return replace(sizes, rows=rows, index=index, columns=columns, positions=positions)


__all__ = ["DAY", "SITE", "put_below", "with_new"]
