"""Wide sheets: one row per patient, repeated columns (`scan1_date`, `scan2_date`) into rows.

Patterns name what varies in braces: ``scan{n}_date``. ``{n}`` is a number and becomes the visit
where the table has one; any other name is a column of the record table and takes the text that
stood there: ``T{lesion}_scan{n}``, ``AE_{term}``, ``{test:Hb|LDH|CRP}``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from oncohort.problems import Place, Problem, problem
from oncohort.protocol.data import TableMap
from oncohort.records.columns import as_list
from oncohort.records.grid import Raw
from oncohort.records.model import Decision, column_letters
from oncohort.records.names import fold, header_unit
from oncohort.records.values import text_of
from oncohort.vocabulary.words import level_words, plain

_HOLE = re.compile(r"\{([a-z_]+)(?::([^}]*))?\}")


def pattern(text: str) -> re.Pattern[str]:
    """A repeat pattern as a regular expression over folded column names.

    Examples
    --------
    >>> pattern("scan{n}_date").fullmatch("scan 12 date").groupdict()
    {'n': '12'}
    """
    out, last, seen = "", 0, set()
    for hole in _HOLE.finditer(text):
        out += _literal(text[last : hole.start()])
        name, options = hole.group(1), hole.group(2)
        if name in seen:
            out += f"(?P={name})"
        elif options:
            choices = sorted((fold(o) for o in options.split("|")), key=len, reverse=True)
            out += f"(?P<{name}>{'|'.join(re.escape(c) for c in choices)})"
        else:
            out += f"(?P<{name}>{r'[0-9]+' if name == 'n' else '.+?'})"
        seen.add(name)
        last = hole.end()
    return re.compile(out + _literal(text[last:]))


def _literal(text: str) -> str:
    # Blanks, dashes and underscores are all blanks after `fold`, and people leave them out at will.
    parts = re.split(r"[\s_\-./]+", text.casefold())
    return r"\s*" + r"\s*".join(re.escape(p) for p in parts if p) + r"\s*"


@dataclass(frozen=True, slots=True)
class Wide:
    """The long form of a wide sheet: for each record row its source row and its cells."""

    rows: list[int]
    index: list[int]
    """Row of the raw table, from 0, that each record row came from."""
    columns: Mapping[str, list[Any]]
    positions: Mapping[str, list[int]]
    """Our column = for each record row the raw column it came from, or -1."""
    problems: tuple[Problem, ...] = ()
    decisions: tuple[Decision, ...] = ()

    def has(self, column: str) -> bool:
        """Does the long form hold the column?"""
        return column in self.columns

    def values(self, column: str) -> list[Any] | None:
        """Raw values of a column in the long form."""
        return self.columns.get(column)

    def place(self, raw: Raw, column: str, at: int) -> Place:
        """The cell of one record row's value."""
        position = self.positions.get(column, [-1] * len(self.rows))[at]
        row = self.rows[at]
        if position < 0:
            return Place(raw.file, raw.sheet, None, row)
        cell = f"{column_letters(raw.letters[position])}{row}" if raw.letters else None
        return Place(raw.file, raw.sheet, cell, row, raw.names[position])

    def cells(self, raw: Raw) -> dict[tuple[str, int], tuple[int, ...]]:
        """The sparse map: (our column, source row) = positions in the sheet, in row order."""
        out: dict[tuple[str, int], list[int]] = {}
        if not raw.letters:
            return {}
        for column, positions in self.positions.items():
            for row, position in zip(self.rows, positions, strict=True):
                at = raw.letters[position] if position >= 0 else -1
                out.setdefault((column, row), []).append(at)
        return {k: tuple(v) for k, v in out.items()}


def widen(raw: Raw, table_map: TableMap, header: Mapping[str, str], table: str) -> Wide:
    """Turn a wide sheet's repeated columns into rows; repeats that are all blank make none.

    Parameters
    ----------
    header
        Our column = the chart's, for the columns that are not repeated.
    table
        The record table that the rows go to.
    """
    problems: list[Problem] = []
    patterns = {ours: pattern(text) for ours, text in table_map.repeat.items()}
    ignored = {fold(c) for c in table_map.ignore}
    hits: dict[str, dict[tuple[tuple[str, str], ...], int]] = {}
    for ours, regex in patterns.items():
        hits[ours] = {}
        for position, name in enumerate(raw.names):
            if fold(name) in ignored:
                continue
            found = regex.fullmatch(fold(name))
            if found:
                key = tuple(sorted(found.groupdict().items()))
                hits[ours].setdefault(key, position)
        if not hits[ours]:
            problems.append(
                problem(
                    "columns.no-repeat",
                    place=Place(raw.file, raw.sheet, key=f"repeat.{ours}"),
                    table=table,
                    column=ours,
                    pattern=table_map.repeat[ours],
                    names=raw.names,
                )
            )
    # The combinations of what varies come from the patterns that vary most.
    most = max((len(dict(k)) for found in hits.values() for k in found), default=0)
    combos = sorted(
        {k for found in hits.values() for k in found if len(k) == most},
        key=lambda k: tuple((name, _natural(text)) for name, text in k),
    )
    spelled = _spellings(raw, patterns)
    columns: dict[str, list[Any]] = {}
    positions: dict[str, list[int]] = {}
    index: list[int] = []
    names = [*header, *table_map.repeat]
    varying = sorted({name for combo in combos for name, _ in combo})
    extra = [
        v if v != "n" else "visit" for v in varying if (v if v != "n" else "visit") not in names
    ]
    data = [as_list(c) for c in raw.columns]
    where = {name: i for i, name in enumerate(raw.names)}
    constants = dict(table_map.constants) if set(MARKS) & set(table_map.repeat) else {}
    more = [c for c in ("lesion", "role", "status") if c not in [*names, *extra]]
    more = more if set(MARKS) & set(table_map.repeat) else []
    for column in [*names, *extra, *more]:
        columns[column], positions[column] = [], []
    marks = {c for c in MARKS if c in table_map.repeat and "diameter_mm" in table_map.repeat}
    use_unit = (
        "value" in table_map.repeat and "unit" not in names and "value" not in table_map.units
    )
    if use_unit:
        columns["unit"], positions["unit"] = [], []
    for row in range(raw.height):
        for combo in combos:
            given = dict(combo)
            at = {ours: _position(found, given) for ours, found in hits.items()}
            cells = {ours: data[p][row] if p >= 0 else None for ours, p in at.items()}
            own = [ours for ours, found in hits.items() if any(len(k) == most for k in found)]
            if all(_blank(cells[ours]) for ours in own):
                continue
            index.append(row)
            for ours, theirs in header.items():
                columns[ours].append(data[where[theirs]][row])
                positions[ours].append(where[theirs])
            for ours in table_map.repeat:
                columns[ours].append(cells[ours])
                positions[ours].append(at[ours])
            for name in more:
                columns[name].append(constants.get(name))
                positions[name].append(-1)
            for name in extra:
                hole = "n" if name == "visit" and "n" in given else name
                text = given.get(hole, "")
                columns[name].append(spelled.get((hole, text), text))
                positions[name].append(-1)
            for name in sorted(marks):
                _mark(name, cells.get(name), columns, positions, index, at, row)
            if use_unit:
                p = at["value"]
                columns["unit"].append(header_unit(raw.names[p]) or None if p >= 0 else None)
                positions["unit"].append(-1)
    said = Decision(
        "layout.wide",
        f"{len(combos)} repeats in {raw.height} rows were read as {len(index)} records.",
        count=len(index),
        place=Place(raw.file, raw.sheet),
        by="protocol",
    )
    return Wide([raw.rows[i] for i in index], index, columns, positions, tuple(problems), (said,))


MARKS: Mapping[str, str] = MappingProxyType({"new_lesion": "new", "non_target": "non-target"})
"""Columns of a scan beside the sizes = the role of the lesion that they speak of."""


def _mark(
    name: str,
    value: Any,
    columns: Mapping[str, list[Any]],
    positions: Mapping[str, list[int]],
    index: list[int],
    at: Mapping[str, int],
    row: int,
) -> None:
    """A further record for a new lesion that a scan names, or for its non-target lesions."""
    word = "" if value is None else plain(text_of(value))
    said = level_words("flag").get(word)
    if name == "new_lesion":
        if said == "no" or word in ("", "none", "0"):
            return
        status: Any = "present" if said == "yes" else value
    else:
        if word == "" or word in ("none", "n/a", "na"):
            return
        status = _NON_TARGET.get(word, value)
    last = len(index) - 1
    index.append(row)
    for column, cells in columns.items():
        own = {
            "lesion": MARKS[name].replace("-", " "),
            "role": MARKS[name],
            "status": status,
            "diameter_mm": None,
            name: None,
        }
        cells.append(own[column] if column in own else cells[last])
        here = (
            at.get(name, -1) if column in ("lesion", "role", "status") else positions[column][last]
        )
        positions[column].append(here)


_NON_TARGET: Mapping[str, str] = MappingProxyType(
    {
        "cr": "absent",
        "absent": "absent",
        "pd": "unequivocal progression",
        "progression": "unequivocal progression",
        "progressive": "unequivocal progression",
        "non-cr/non-pd": "present",
        "non-cr non-pd": "present",
        "sd": "present",
        "stable": "present",
        "present": "present",
        "ne": "not evaluable",
        "not evaluable": "not evaluable",
    }
)


def _position(found: Mapping[tuple[tuple[str, str], ...], int], given: Mapping[str, str]) -> int:
    for key, position in found.items():
        if all(given.get(name) == text for name, text in key):
            return position
    return -1


def _spellings(raw: Raw, patterns: Mapping[str, re.Pattern[str]]) -> dict[tuple[str, str], str]:
    """What varies, as the chart spells it: (`term`, `hand foot`) = `Hand-foot`."""
    out: dict[tuple[str, str], str] = {}
    for regex in patterns.values():
        for name in raw.names:
            found = regex.fullmatch(fold(name))
            for key, text in (found.groupdict() if found else {}).items():
                loose = r"[\s_\-./]+".join(re.escape(w) for w in text.split(" "))
                exact = re.search(loose, name, re.IGNORECASE)
                out.setdefault((key, text), exact.group(0) if exact else text)
    return out


def _natural(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isdigit() else (10**9, text)


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
