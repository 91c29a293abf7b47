"""Rows amid a table that are no patients: titles, sums of a part, further lines of names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from oncohort.problems import Place
from oncohort.records.grid import Sheet
from oncohort.records.model import Decision
from oncohort.records.sheet_cells import at, is_blank, is_numeric, n_filled, name_text
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.words import level_words, plain

_CODE = re.compile(r"CDE_ID:\s*\d*", re.IGNORECASE)
"""What the second and third line of clinical files of TCGA hold: numbers of data elements."""
NEAR = 4
"""Rows below the names in which further lines of names are looked for."""


def without_inner(
    sheet: Sheet, kept: list[int], table: str | None
) -> tuple[list[int], list[Decision]]:
    """Leave out rows amid the table that sum up a part of it, and lines of names below the names.

    Returns
    -------
    tuple
        The rows that are left, and what was left out.
    """
    decisions: list[Decision] = []
    names = _more_names(sheet, kept)
    if names:
        decisions.append(
            _told(sheet, names, table, "layout.more-names", "hold names of columns again")
        )
    sums = [r for r in kept if r not in names and _is_sum(sheet, r, kept)]
    if sums:
        decisions.append(
            _told(sheet, sums, table, "layout.subtotals", "sum up a part of the table")
        )
    titles = _titles(sheet, [r for r in kept if r not in names and r not in sums])
    if titles:
        shown = ", ".join(name_text(at(sheet.rows[r], 0)) for r in titles[:4])
        what = f"hold titles of the rows below ({shown})"
        decisions.append(_told(sheet, titles, table, "layout.titles", what))
    gone = {*names, *sums, *titles}
    return [r for r in kept if r not in gone] if gone else kept, decisions


def _told(sheet: Sheet, rows: Sequence[int], table: str | None, rule: str, what: str) -> Decision:
    shown = ", ".join(str(r + 1) for r in rows[:8]) + (", ..." if len(rows) > 8 else "")
    text = f"{counted(len(rows), 'row')} ({shown}) {what} and were left out."
    place = Place(sheet.file, sheet.name, row=rows[0] + 1)
    return Decision(rule, text, table, count=len(rows), place=place)


def _more_names(sheet: Sheet, kept: Sequence[int]) -> list[int]:
    """The lines down to one with numbers of data elements."""
    for nth, r in enumerate(kept[:NEAR]):
        filled = [name_text(v).strip() for v in sheet.rows[r] if not is_blank(v)]
        if filled and sum(bool(_CODE.fullmatch(v)) for v in filled) >= 0.6 * len(filled):
            return list(kept[: nth + 1])
    return []


def _shape(text: str) -> str:
    """A text with its figures as one sign: `P-001` and `P-17` are alike."""
    return re.sub(r"\d+", "9", text.strip())


def _titles(sheet: Sheet, kept: Sequence[int]) -> list[int]:
    """Rows with one text in the first column, and nothing else, which is written unlike what names
    the patients there: `Arm A (n = 12)` over rows 1, 2, 3."""
    alone = {
        r
        for r in kept
        if isinstance(first := at(sheet.rows[r], 0), str)
        and is_blank(at(sheet.rows[r], 1))  # most rows are told by their second cell
        and n_filled(sheet.rows[r]) == 1
        and re.search(r"[^\W\d_]{3}", first)
    }
    if not alone or len(alone) > 0.25 * len(kept):
        return []
    others = [r for r in kept if r not in alone]
    named = [at(sheet.rows[r], 0) for r in others]
    full = sum(n_filled(sheet.rows[r]) >= 3 for r in others)
    if full < 0.9 * len(others) or any(is_blank(v) for v in named):
        return []
    shapes = {_shape(name_text(v)) for v in named}
    if len(shapes) > 3:
        return []  # names of people, say: one of them may have no more than a name
    last = max(others)
    return [
        r
        for r in sorted(alone)
        if r < last and _shape(name_text(at(sheet.rows[r], 0))) not in shapes
    ]


def _is_sum(sheet: Sheet, row: int, kept: Sequence[int]) -> bool:
    """Does the first value of a row say that it sums up others, and does it hold less than they?

    A value that stands so in many rows is a level, not a sum.
    """
    cells = sheet.rows[row]
    column, first = next(((c, v) for c, v in enumerate(cells) if not is_blank(v)), (0, None))
    if not isinstance(first, str) or len(first) > 40:
        return False
    words = re.split(r"[\s:.\-=]+", plain(first))
    named = level_words("sum_of_rows")
    if plain(first).strip(" :.") not in named and not (words[0] in named and len(words) <= 4):
        return False
    like_it = sum(plain(name_text(at(sheet.rows[r], column)) or "") == plain(first) for r in kept)
    usual = sorted(n_filled(sheet.rows[r]) for r in kept)[len(kept) // 2]
    rest = [v for c, v in enumerate(cells) if c > column and not is_blank(v)]
    figures = all(not isinstance(v, str) or is_numeric(v) for v in rest)
    return like_it <= max(3, 0.2 * len(kept)) and figures and n_filled(cells) < usual
