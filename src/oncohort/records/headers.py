"""The rows of column names on a sheet: where they are, and the name of each column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from oncohort.dataclass import dataclass
from oncohort.problems import Place, Problem, problem
from oncohort.records.grid import Cell, Sheet
from oncohort.records.headless import is_row_of_data
from oncohort.records.name_parts import told_by_parts
from oncohort.records.names import fold
from oncohort.records.sheet_cells import (
    id_names,
    is_blank,
    is_numeric,
    n_filled,
    n_texts,
    name_text,
)
from oncohort.vocabulary.mentions import without_words
from oncohort.vocabulary.words import names as known_names
from oncohort.vocabulary.words import outcome_words

SEARCHED = 25
"""Rows from the top among which a header is looked for."""


@dataclass(frozen=True, slots=True)
class Header:
    """The rows (from 0) that hold column names."""

    rows: tuple[int, ...]
    found: bool = True


_UNIT_CELL = re.compile(
    r"(?:in )?(?:歳|岁|个月|か月|mm|cm|m|kg|g|mg|µg|ug|kg/m2|kg/m²|m2|m²|%|"
    r"(?:[mkµu]?g|[mµun]?mol|[mµkin]?u|ng|x?10\^?\d+|10\d)/ ?(?:d?l|ml|µl|ul)|/µl|/ul|/nl|g/l|mmhg|"
    r"[dtjgгд]{1,2}[./-][mм]{1,3}[./-][yjarг]{2,4}|[yjar]{4}[./-]mm[./-][dtjg]{1,2}|"
    r"mm[./-]dd[./-]y{2,4}|\d(?:/\d)+|\d ?[-–] ?\d|[^\W\d_]{1,14}(?: ?/ ?[^\W\d_]{1,14}){1,4}|"
    r"n(?:o|r)?\.?|n°|nº|№|#|id|\+/-|recist(?: ?1\.\d)?|ctcae.*|ecog|who|kps|karnofsky|ps|"
    r"date|datum|text|number|years?/months?)",
    re.IGNORECASE,
)


def is_units_row(row: Sequence[Cell]) -> bool:
    """Does a row below the names say units and formats: `years`, `mm`, `dd.mm.yyyy`, `y/n`?

    Examples
    --------
    >>> is_units_row([None, "years", "g/dL", "dd.mm.yyyy"]), is_units_row(["1", "62", "M", "alive"])
    (True, False)
    >>> is_units_row(["n.", "anni", "M/F", "gg/mm/aaaa", "sì/no", "vivo/morto"])
    True
    """
    words = [str(v).strip().strip("()[]") for v in row if not is_blank(v)]
    if len(words) < 2 or n_texts(row) < 0.5 * len(words):
        return False
    return sum(_is_unit_or_format(v) for v in words) >= 0.75 * len(words)


def _is_unit_or_format(text: str) -> bool:
    if _UNIT_CELL.fullmatch(text):
        return True
    word = text.lower().removeprefix("in ")
    return any(word in words for words in outcome_words("unit").values())


def find_header(sheet: Sheet, first: int = 0) -> Header:
    """Find the header: its rows of names, and a row of units below them.

    A units row counts only where it holds nothing else.
    """
    found = _names_of(sheet, first)
    below = found.rows[-1] + 1 if found.rows else 0
    if found.rows and below < len(sheet.rows) and is_units_row(sheet.rows[below]):
        return Header((*found.rows, below))
    return found


def _names_of(sheet: Sheet, first: int = 0) -> Header:
    """Find the header: the first row of names that spans the table.

    A row is taken for the header where nearly all its cells are words and it is about as wide as
    the rows below it; a row of group titles above it (merged cells, gaps) joins it.
    """
    top = sheet.rows[: first + SEARCHED]
    below = sheet.rows[first : first + SEARCHED * 4]
    widths = sorted(n_filled(r) for r in below if n_filled(r))
    if not widths:
        return Header((), found=False)
    usual = widths[len(widths) // 2]
    need = max(1, min(usual, widths[-1]) * 0.6)
    for i, row in enumerate(top):
        filled = n_filled(row)
        if filled < need or (filled < 2 <= usual):
            continue
        if n_texts(row) < 0.75 * filled:
            # Codes as names (a row of years, 1..n) do occur, but data more often.
            return Header((), found=False)
        if is_row_of_data(sheet, i):
            return Header((), found=False)
        if i + 1 < len(top) and _is_second(sheet, i):
            return Header((i, i + 1))
        if i > 0 and _is_group_row(sheet, i - 1, i):
            return Header((i - 1, i))
        return Header((i,))
    return Header((), found=False)


def _merged_across(sheet: Sheet, row: int) -> int:
    return sum(r0 <= row <= r1 and c1 > c0 for r0, c0, r1, c1 in sheet.merged)


def _is_group_row(sheet: Sheet, upper: int, lower: int) -> bool:
    """Is `upper` a row of group titles over the names in `lower`? Two titles, or merged over a
    part of the table; one title merged over all is a headline."""
    row = sheet.rows[upper]
    filled = n_filled(row)
    spans = [s for s in sheet.merged if s[0] <= upper <= s[2] and s[3] > s[1]]
    whole = any(s[3] - s[1] + 1 >= 0.9 * n_filled(sheet.rows[lower]) for s in spans)
    if filled == 1 and not spans:
        return False  # a headline, or a note
    return not whole and 0 < n_texts(row) == filled < n_filled(sheet.rows[lower])


def _is_second(sheet: Sheet, i: int) -> bool:
    """Does row i + 1 hold names too (a second header row under group titles or over units)?"""
    first, second = sheet.rows[i], sheet.rows[i + 1]
    filled = n_filled(second)
    if filled == 0 or n_texts(second) < filled:
        return False
    if filled == 1 and n_filled(first) > 2 and not is_blank(second[0]) and not is_blank(first[0]):
        return False  # the title of the rows below it: `Arm A (n = 12)`
    rest = [r for r in sheet.rows[i + 2 : i + 12] if n_filled(r)]
    if not rest:
        return False
    # Columns where every later row is a number or a date, but this row is a word: it is no data.
    contrast = 0
    for c, value in enumerate(second):
        if is_blank(value):
            continue
        later = [r[c] for r in rest if c < len(r) and not is_blank(r[c])]
        if later and all(not isinstance(v, str) or is_numeric(v) for v in later):
            contrast += 1
    gaps = sum(
        is_blank(first[c] if c < len(first) else None) and not is_blank(v)
        for c, v in enumerate(second)
    )
    return contrast >= max(1, 0.3 * filled) and (
        gaps > 0 or _merged_across(sheet, i) > 0 or contrast == filled
    )


def column_names(sheet: Sheet, rows: Sequence[int], under: int | None = None) -> list[str]:
    """One name per column: header rows joined, group titles carried over their merged cells.

    Parameters
    ----------
    under
        The row below the last one, where that is a row of titles.
    """
    width = sheet.width
    parts: list[list[str]] = [[] for _ in range(width)]
    for nth, r in enumerate(rows):
        row = list(sheet.rows[r]) + [None] * (width - len(sheet.rows[r]))
        for r0, c0, r1, c1 in sheet.merged:
            if r0 <= r <= r1 and c1 < width:
                top_left = sheet.rows[r0][c0] if c0 < len(sheet.rows[r0]) else None
                for c in range(c0, c1 + 1):
                    # A cell merged downwards names the column once, not once per row.
                    row[c] = top_left if r == r0 else None
        next_row = rows[nth + 1] if nth + 1 < len(rows) else under
        if next_row is not None and not _merged_across(sheet, r):
            # Unmerged group titles run on to the next title.
            held: Cell = None
            below = sheet.rows[next_row]
            for c in range(width):
                if not is_blank(row[c]):
                    held = row[c]
                elif held is not None and c < len(below) and not is_blank(below[c]):
                    row[c] = held
        units = nth > 0 and nth + 1 == len(rows) and is_units_row(sheet.rows[r])
        for c in range(width):
            if not is_blank(row[c]):
                text = re.sub(r"\s+", " ", name_text(row[c])).strip()
                text = f"({text.strip('()[]')})" if units else text
                if text not in parts[c]:
                    parts[c].append(text)
    return [" ".join(p) for p in parts]


def labels_below(sheet: Sheet, rows: Sequence[int], names: Sequence[str]) -> dict[str, str]:
    """The names of columns without the title of their group, where that says nothing of its own.

    `Baseline data` over `Age` is the age; `Mother` over `Age` is not, and what stands below two
    titles keeps them.

    Parameters
    ----------
    rows
        The rows of the header, from 0.
    names
        The names of the columns, of which some may have been told apart by a number.

    Returns
    -------
    dict
        Name of the column = the name below the title.
    """
    if len(rows) < 2 or is_units_row(sheet.rows[rows[1]]):
        return {}
    titles, whole = column_names(sheet, rows[:1], under=rows[1]), column_names(sheet, rows)
    below = {
        name: name.removeprefix(title).strip()
        for title, name in zip(titles, whole, strict=True)
        if title and name.startswith(f"{title} ")
    }
    plain = Counter(fold(below.get(name, name)) for name in whole if name)
    neutral = {t for t in set(titles) if t and not without_words(fold(t), "column_group")}
    title_of = dict(zip(whole, titles, strict=True))
    return {
        name: label
        for name, label in below.items()
        if name in names and title_of[name] in neutral and plain[fold(label)] == 1 and label
    }


def is_turned(sheet: Sheet) -> bool:
    """Do the names of columns stand below each other in the first column, and not in a row?"""
    first = [str(r[0]) for r in sheet.rows[:200] if r and isinstance(r[0], str) and r[0].strip()]
    hits = _known(first)
    lying = hits >= 1 and _lies(sheet)
    if not lying and (hits < 3 or hits < 0.25 * len(first)):
        return False
    if not any(_measured(r[1:]) for r in sheet.rows[:200]):
        return False  # a list of the columns with their meaning: nobody's values stand beside
    rows = ([v for v in r[1:] if isinstance(v, str) and v.strip()] for r in sheet.rows[:SEARCHED])
    return all(_known(row) < hits for row in rows)


def _lies(sheet: Sheet) -> bool:
    """Do rows hold values of one kind each, and columns of several, in a sheet wider than high?"""
    rows = [r for r in sheet.rows[:SEARCHED] if n_filled(r) >= 3]
    if not len(rows) >= 5 or len(sheet.rows) > SEARCHED or sheet.width < 1.5 * len(rows):
        return False
    names = [r[0] for r in rows]
    if not all(isinstance(n, str) and n.strip() for n in names) or len(set(names)) < len(names):
        return False
    if sum(len({_kind(v) for v in r[1:] if not is_blank(v)}) <= 1 for r in rows) < 0.7 * len(rows):
        return False
    columns = [[r[i] for r in rows if i < len(r)] for i in range(1, min(sheet.width, 30))]
    mixed = [len({_kind(v) for v in c if not is_blank(v)}) > 1 for c in columns]
    return sum(mixed) > 0.8 * len(mixed)


def _kind(value: Cell) -> str:
    if isinstance(value, str) and not is_numeric(value):
        return "text"
    return "date" if isinstance(value, date) else "number"


def _measured(values: Sequence[Cell]) -> bool:
    """Are there several values, all of them figures or dates?"""
    filled = [v for v in values if not is_blank(v)]
    plain = [v for v in filled if not isinstance(v, str) or is_numeric(v)]
    return len(filled) >= 4 and len(plain) == len(filled)


def _known(texts: Sequence[str]) -> int:
    """How many of the texts are known names of a patient's columns."""
    known = {fold(n) for names in known_names()["patients"].values() for n in names}
    return sum(
        t in known or t in id_names() or bool(told_by_parts(t)) for t in {fold(t) for t in texts}
    )


def no_header(sheet: Sheet, given: int | list[int] | None, table: str | None) -> Problem:
    if not any(n_filled(r) for r in sheet.rows):
        what = f"Sheet {sheet.name!r} is empty." if sheet.name else "The file holds no values."
        return problem(
            "layout.empty", "blank", place=Place(sheet.file, sheet.name), table=table, reason=what
        )
    if given is not None:
        what = f"Row {given} is beyond the last row ({len(sheet.rows)})."
    else:
        what = "No row of column names was found."
        if is_turned(sheet):
            what = (
                "The names stand in the first column and the patients in columns: the sheet is "
                "turned. Write transposed = true for its table."
            )
    return problem(
        "layout.no-header", place=Place(sheet.file, sheet.name), table=table, reason=what
    )
