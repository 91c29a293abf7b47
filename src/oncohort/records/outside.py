"""What stands below and beside a table: its names again, totals, notes, further tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from oncohort.problems import Place, Problem, problem
from oncohort.records.grid import Cell, Sheet
from oncohort.records.headers import Header
from oncohort.records.model import Decision
from oncohort.records.names import fold
from oncohort.records.sheet_cells import (
    at,
    id_names,
    is_blank,
    is_numeric,
    n_filled,
    n_texts,
    name_text,
    shown,
)
from oncohort.vocabulary.phrases import one_of
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.spreadsheets import column_letters

_Block: TypeAlias = list[tuple[int, str, list[Cell]]]
"""Neighbouring columns: position, name and values."""
_TOTAL = re.compile(rf"^(?:{one_of('total')}|n ?=.*)(?!\w)", re.IGNORECASE)


def without_headers(
    sheet: Sheet, kept: list[int], header: Header, table: str | None
) -> tuple[list[int], list[Decision]]:
    """Leave out rows that say the column names again, as printed pages and stacked exports do."""
    head = [name_text(v).strip() if not is_blank(v) else "" for v in sheet.rows[header.rows[-1]]]
    names_ = [(c, h) for c, h in enumerate(head) if h]
    again = [
        r
        for r in kept
        if len(names_) > 1
        and any(at(sheet.rows[r], c) == h for c, h in names_[:2])  # most rows end here
        and sum(name_text(at(sheet.rows[r], c) or "").strip() == h for c, h in names_)
        >= 0.8 * len(names_)
    ]
    again = sorted({*again, *_page_marks(sheet, kept, set(again), len(names_))})
    if not again:
        return kept, []
    decisions = Decision(
        "layout.header-again",
        f"{counted(len(again), 'row')} "
        f"({', '.join(str(r + 1) for r in again[:8])}{', ...' if len(again) > 8 else ''}) "
        "hold the column names or the number of a page again and were left out.",
        table,
        count=len(again),
        place=Place(sheet.file, sheet.name, row=again[0] + 1),
    )
    return [r for r in kept if r not in set(again)], [decisions]


_PAGE = re.compile(
    rf"^{one_of('page')}\s?\d+(?:\s?{one_of('page_of')}\s?\d+|\s?页)?$", re.IGNORECASE
)


def _page_marks(sheet: Sheet, kept: Sequence[int], again: set[int], width: int) -> list[int]:
    """Rows with nothing but a page's number, or a single cell right above names that come again."""
    if width < 3:
        return []
    out = []
    for r in kept:
        filled = [v for v in sheet.rows[r] if not is_blank(v)]
        if len(filled) != 1:
            continue
        if _PAGE.match(name_text(filled[0]).strip()) or r + 1 in again:
            out.append(r)
    return out


def _runs(kept: Sequence[int]) -> Iterator[list[int]]:
    """Consecutive rows, cut at blank ones."""
    run: list[int] = []
    for r in kept:
        if run and r != run[-1] + 1:
            yield run
            run = []
        if r >= 0:  # -1 only cuts
            run.append(r)
    if run:
        yield run


def _is_total(sheet: Sheet, kept: Sequence[int], header: int) -> bool:
    """Is the last row one of sums or means: its first value says so, and no patient is in it?

    SD is a response in one chart and a standard deviation in another: a word that the column holds
    above says nothing, nor does one in a row that has its patient's number.
    """
    row = sheet.rows[kept[-1]]
    column, first = next(((c, v) for c, v in enumerate(row) if not is_blank(v)), (0, None))
    if not isinstance(first, str) or not _TOTAL.match(first.strip()):
        return False
    above = {
        name_text(v).strip() for r in kept[:-1] if not is_blank(v := at(sheet.rows[r], column))
    }
    key = _key_column(sheet, header)
    return first.strip() not in above and (key == column or is_blank(at(row, key)))


def _key_column(sheet: Sheet, header: int) -> int:
    """The column that names the patient by its header; the first where none does."""
    head = sheet.rows[header]
    return next((c for c, v in enumerate(head) if isinstance(v, str) and fold(v) in id_names()), 0)


def without_tail(
    sheet: Sheet, kept: list[int], header: int, table: str | None
) -> tuple[list[int], list[Decision], list[Problem]]:
    """Leave out totals and notes below the table, and further tables, and say so."""
    decisions: list[Decision] = []
    problems: list[Problem] = []
    usual = _usual(sheet, kept)
    while len(kept) > 1:
        total = _is_total(sheet, kept, header)
        if not total and not _is_note(sheet, kept, usual, header):
            break
        row = kept.pop()
        decisions.append(
            Decision(
                "layout.totals" if total else "layout.note",
                f"Row {row + 1} is a {'row of totals' if total else 'note'} and was left out: "
                f"{shown(sheet.rows[row])}.",
                table,
                place=Place(sheet.file, sheet.name, row=row + 1),
            )
        )
    runs = list(_runs(_cut_at_tables(sheet, kept)))
    if len(runs) < 2:
        return kept, decisions, problems
    usual = sorted(n_filled(sheet.rows[r]) for r in runs[0])[len(runs[0]) // 2]
    main = list(runs[0])
    for run in runs[1:]:
        head = sheet.rows[run[0]]
        first = next((v for v in head if not is_blank(v)), None)
        named = isinstance(first, str) and fold(first) in id_names()
        if (
            len(run) > 1
            and n_texts(head) == n_filled(head) >= 2
            and (named or _new_header(sheet, run, main))
        ):
            problems.append(
                problem(
                    "layout.second-table",
                    place=Place(sheet.file, sheet.name, row=run[0] + 1),
                    table=table,
                    first=run[0] + 1,
                    last=kept[-1] + 1,
                    shown=shown(head),
                    end=main[-1] + 1,
                )
            )
            break
        if all(n_filled(sheet.rows[r]) <= max(1, usual // 4) for r in run) and run is runs[-1]:
            for r in run:
                decisions.append(
                    Decision(
                        "layout.note",
                        f"Row {r + 1} stands apart below the table and was left out: "
                        f"{shown(sheet.rows[r])}.",
                        table,
                        place=Place(sheet.file, sheet.name, row=r + 1),
                    )
                )
            continue
        main += run
    return main, decisions, problems


def _usual(sheet: Sheet, kept: Sequence[int]) -> int:
    """Filled cells of a usual row."""
    filled = sorted(n_filled(sheet.rows[r]) for r in kept)
    return filled[len(filled) // 2] if filled else 0


def _is_note(sheet: Sheet, kept: Sequence[int], usual: int, header: int) -> bool:
    """Is the last row a legend or a note: hardly filled, in words, and no further patient?"""
    row = sheet.rows[kept[-1]]
    cells = [(c, v) for c, v in enumerate(row) if not is_blank(v)]
    if usual < 3 or not cells or len(cells) > max(1, usual // 3):
        return False
    column, first = cells[0]
    if not isinstance(first, str) or is_numeric(first):
        return False
    text = first.strip()
    key = _key_column(sheet, header)
    if column != key:
        return is_blank(at(row, key))
    above = [at(sheet.rows[r], key) for r in kept[:-1][:200]]
    above = [v for v in above if not is_blank(v)]
    if not above:
        return True
    return not _alike_id(text, [name_text(v).strip() for v in above])


def _shape(text: str) -> str:
    """Letters as a, figures as 9, in runs: `P-017` is `a-9`."""
    return re.sub(r"[0-9]+", "9", re.sub(r"[^\W\d_]+", "a", text))


def _alike_id(text: str, others: Sequence[str]) -> bool:
    return _shape(text) in {_shape(o) for o in others}


def _cut_at_tables(sheet: Sheet, kept: Sequence[int]) -> list[int]:
    """The rows with a gap before each row of names that begins with a name for patients."""
    out: list[int] = []
    for r in kept:
        row = sheet.rows[r]
        first = next((v for v in row if not is_blank(v)), None)
        if (
            out
            and isinstance(first, str)
            and fold(first) in id_names()
            and n_texts(row) == n_filled(row) >= 2
            and out[-1] == r - 1
        ):
            out.append(-1)
        out.append(r)
    return out


def _new_header(sheet: Sheet, run: Sequence[int], main: Sequence[int]) -> bool:
    """Is the first row of a block names, where the table above holds figures in those columns?"""
    head = sheet.rows[run[0]]
    contrast = 0
    for c, value in enumerate(head):
        if is_blank(value):
            continue
        above = [sheet.rows[r][c] for r in main[:30] if c < len(sheet.rows[r])]
        above = [v for v in above if not is_blank(v)]
        if above and all(not isinstance(v, str) or is_numeric(v) for v in above):
            contrast += 1
    return contrast >= 1


def table_beside(
    columns: Sequence[tuple[int, str, list[Cell]]], header: int, sheet: Sheet, table: str | None
) -> Problem | None:
    """A second table to the right: behind a blank column, with a name that was there before, or
    with another number of rows."""
    blocks = _blocks(columns)
    if len(blocks) < 2:
        return None

    names = {n for _, n, _ in blocks[0]}
    for block in blocks[1:]:
        again = [n for _, n, _ in block if re.sub(r" \(\d+\)$", "", n) in names and n not in names]
        differs = _shorter(block, blocks[0])
        own = len(block) > 1 and _names_patients(block) and _names_patients(blocks[0])
        if (again and len(block) > 1) or differs or own:
            at = column_letters(block[0][0])
            return problem(
                "layout.second-table",
                "own" if own else "beside",
                place=Place(sheet.file, sheet.name, f"{at}{header + 1}"),
                table=table,
                letters=at,
                names=[n for _, n, _ in block[:4]],
                first=f"A{header + 1}",
                last=column_letters(max(block[0][0] - 2, 0)),
            )
    return None


def _shorter(block: _Block, main: _Block) -> bool:
    """Do several columns end well above the main table: a summary beside it?"""

    def length(columns: _Block) -> int:
        filled = (i + 1 for _, _, v in columns for i, x in enumerate(v) if not is_blank(x))
        return max(filled, default=0)

    return len(block) > 1 and length(block) < 0.7 * length(main)


def _blocks(
    columns: Sequence[tuple[int, str, list[Cell]]],
) -> list[_Block]:
    """Columns cut at blank ones."""
    blocks: list[_Block] = []
    for one in columns:
        if blocks and one[0] == blocks[-1][-1][0] + 1:
            blocks[-1].append(one)
        else:
            blocks.append([one])
    return blocks


def _names_patients(block: Sequence[tuple[int, str, list[Cell]]]) -> bool:
    return any(fold(re.sub(r" \(\d+\)$", "", n)) in id_names() for _, n, _ in block)


def first_block(columns: _Block, header: int, kept: Sequence[int]) -> tuple[_Block, list[str]]:
    """The table without those beside it that name patients themselves or end above it, and their
    ranges."""
    blocks = _blocks(columns)
    if not _names_patients(blocks[0]):
        return columns, []
    main: _Block = []
    others = []
    for block in blocks:
        own = len(block) > 1 and _names_patients(block)
        if block is not blocks[0] and (own or _shorter(block, blocks[0])):
            filled = [i for _, _, v in block for i, x in enumerate(v) if not is_blank(x)]
            last = kept[max(filled)] + 1 if filled else header + 1
            others.append(
                f"{column_letters(block[0][0])}{header + 1}:{column_letters(block[-1][0])}{last}"
            )
        else:
            main += block
    return main, others
