"""Numbers with a mark beside them: `12.3+`, `>14`, `8 alive`, `63/M`. The mark gets a column of its
own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from oncohort.records.columns import as_list
from oncohort.records.grid import Cell, Raw
from oncohort.records.names import column_at
from oncohort.vocabulary.words import level_words, outcome_words, plain

WITHOUT = "without"
"""What the column of the marks holds where a number has none."""
_MARKED = re.compile(
    r"^(>=|[>≥<≤†])?+\s*+([+-]?\d++(?:[.,]\d++)?+)\s*+"
    r"([+*†#~]|\(?[^\W\d_]{1,12}\.?\)?)?$"
)
_BETWEEN = r"\s*+(?:[/,;|-]\s*+)?"
_AGE_FIRST = re.compile(
    rf"^(?P<age>\d{{1,3}})\s*+(?P<unit>[^\W\d_]{{1,6}}\.?(?=[\s/,;|-]))?{_BETWEEN}"
    r"(?P<sex>[^\W\d_]{1,12}\.?|[♂♀])$"
)
_SEX_FIRST = re.compile(
    rf"^(?P<sex>[^\W\d_]{{1,12}}\.?|[♂♀]){_BETWEEN}(?P<age>\d{{1,3}})\s*+(?P<unit>[^\W\d_]{{1,6}}\.?)?$"
)
_YEARS = {"yo", "y", "歳", "岁", "세"}


def marks_name(column: str) -> str:
    """The name of the column with the marks of another one."""
    return f"{column} marks"


def age_and_sex(text: str) -> tuple[str, str] | None:
    """An age and a word for a sex that one cell holds, in either order; None for anything else.

    Examples
    --------
    >>> age_and_sex("63/M"), age_and_sex("w, 48"), age_and_sex("71 yrs F"), age_and_sex("63/12")
    (('63', 'M'), ('48', 'w'), ('71', 'F'), None)
    """
    found = _AGE_FIRST.match(text.strip()) or _SEX_FIRST.match(text.strip())
    if found is None or plain(found["sex"]) not in level_words("sex"):
        return None
    unit = plain(found["unit"] or "")
    if unit and unit not in _YEARS | set(outcome_words("unit")["years"]):
        return None
    return found["age"], found["sex"]


def mark_of(text: str) -> tuple[str, str] | None:
    """A number as text and its mark; None where a text is no such thing.

    Examples
    --------
    >>> mark_of("12.3+"), mark_of("> 14"), mark_of("8 (alive)"), mark_of("12.3"), mark_of("2019-01")
    (('12.3', 'with +'), ('14', 'with >'), ('8', 'alive'), ('12.3', 'without'), None)
    >>> mark_of("63/M"), mark_of("F 48")
    (('63', 'M'), ('48', 'F'))
    """
    found = _MARKED.match(text.strip())
    if found is None:
        return age_and_sex(text)
    before, number, behind = found.groups()
    if before and behind:
        return None
    mark = (before or behind or "").strip("()")
    if not mark:
        return number, WITHOUT
    return number, mark if mark[0].isalpha() else f"with {mark}"


def split_marks(raw: Raw, columns: Sequence[str]) -> tuple[Raw, list[str]]:
    """Take the marks out of columns, and add a column of marks for each.

    Parameters
    ----------
    columns
        The chart's names.

    Returns
    -------
    tuple
        The table, and the names that it does not have.

    Examples
    --------
    >>> raw = Raw("c.csv", None, ("id", "OS"), ([1, 2], ["12.3+", 8]), [2, 3], (0, 1))
    >>> done, absent = split_marks(raw, ["OS"])
    >>> done.names, done.columns[1:], absent
    (('id', 'OS', 'OS marks'), [['12.3', 8], ['with +', 'without']], [])
    """
    absent: list[str] = []
    for wanted in columns:
        at = column_at(raw.names, wanted)
        if at is None:
            absent.append(wanted)
            continue
        name, mark_name = raw.names[at], marks_name(raw.names[at])
        numbers, marks = _apart(as_list(raw.columns[at]))
        all_columns = [*raw.columns]
        all_columns[at] = numbers
        raw = replace(
            raw,
            names=(*raw.names, mark_name),
            columns=[*all_columns, marks],
            letters=(*raw.letters, raw.letters[at]) if raw.letters else (),
            joined={**raw.joined, mark_name: raw.joined[name]}
            if name in raw.joined
            else raw.joined,
        )
    return raw, absent


def _apart(values: Sequence[Cell]) -> tuple[list[Cell], list[Cell]]:
    numbers: list[Cell] = []
    marks: list[Cell] = []
    for value in values:
        if not isinstance(value, str):
            numbers.append(value)
            marks.append(None if value is None else WITHOUT)
            continue
        found = mark_of(value)
        numbers.append(value if found is None else found[0])
        marks.append(None if found is None else found[1])
    return numbers, marks
