"""Where the table is on a sheet: header rows, blank columns, rows of totals, further tables.

Sheets that people keep have titles above the header, two header rows, columns left blank for the
eye and totals at the bottom. Each such thing is noticed and said; nothing is dropped silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from oncohort.problems import Place, Problem, problem
from oncohort.records.grid import Raw, Sheet
from oncohort.records.model import Decision, column_letters

SEARCHED = 25
"""Rows from the top among which a header is looked for."""
_TOTAL = re.compile(
    r"^(grand total|sub-?total|totals?|sum|summe|gesamt|mean|average|mittelwert|median|sd|range|"
    r"minimum|maximum|min|max|count|n ?=.*|合計|平均|中央値|計)\b[\s:.]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Header:
    """The rows (from 0) that hold column names."""

    rows: tuple[int, ...]
    found: bool = True


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _filled(row: Sequence[Any]) -> int:
    return sum(not _blank(v) for v in row)


def _any(row: Sequence[Any]) -> bool:
    """Is there a value in the row? Stops at the first one."""
    return any(v is not None and not (isinstance(v, str) and not v.strip()) for v in row)


def _texts(row: Sequence[Any]) -> int:
    return sum(isinstance(v, str) and not _blank(v) and not _numeric(v) for v in row)


def _numeric(value: str) -> bool:
    return bool(re.fullmatch(r"\s*[-+]?[\d.,/\-:]+\s*%?\s*", value))


def find_header(sheet: Sheet) -> Header:
    """Find the header: the first row of names that spans the table.

    A row is taken for the header where nearly all its cells are words and it is about as wide as
    the rows below it; a row of group titles above it (merged cells, gaps) joins it.
    """
    top = sheet.rows[:SEARCHED]
    below = sheet.rows[: SEARCHED * 4]
    widths = sorted(_filled(r) for r in below if _filled(r))
    if not widths:
        return Header((), found=False)
    usual = widths[len(widths) // 2]
    need = max(1, min(usual, widths[-1]) * 0.6)
    for i, row in enumerate(top):
        filled = _filled(row)
        if filled < need or (filled < 2 <= usual):
            continue
        if _texts(row) < 0.75 * filled:
            # Codes as names (a row of years, 1..n) do occur, but data more often.
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
    filled = _filled(row)
    spans = [s for s in sheet.merged if s[0] <= upper <= s[2] and s[3] > s[1]]
    whole = any(s[3] - s[1] + 1 >= 0.9 * _filled(sheet.rows[lower]) for s in spans)
    return (
        filled >= 2 and not whole and _texts(row) == filled and filled < _filled(sheet.rows[lower])
    )


def _is_second(sheet: Sheet, i: int) -> bool:
    """Does row i + 1 hold names too (a second header row under group titles or over units)?"""
    first, second = sheet.rows[i], sheet.rows[i + 1]
    filled = _filled(second)
    if filled == 0 or _texts(second) < filled:
        return False
    rest = [r for r in sheet.rows[i + 2 : i + 12] if _filled(r)]
    if not rest:
        return False
    # Columns where every later row is a number or a date, but this row is a word: it is no data.
    contrast = 0
    for c, value in enumerate(second):
        if _blank(value):
            continue
        later = [r[c] for r in rest if c < len(r) and not _blank(r[c])]
        if later and all(not isinstance(v, str) or _numeric(v) for v in later):
            contrast += 1
    gaps = sum(
        _blank(first[c] if c < len(first) else None) and not _blank(v) for c, v in enumerate(second)
    )
    return contrast >= max(1, 0.3 * filled) and (
        gaps > 0 or _merged_across(sheet, i) > 0 or contrast == filled
    )


def _names(sheet: Sheet, rows: Sequence[int]) -> list[str]:
    """One name per column: header rows joined, group titles carried over their merged cells."""
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
        if nth + 1 < len(rows) and not _merged_across(sheet, r):
            # Unmerged group titles run on to the next title.
            held: Any = None
            under = sheet.rows[rows[nth + 1]]
            for c in range(width):
                if not _blank(row[c]):
                    held = row[c]
                elif held is not None and c < len(under) and not _blank(under[c]):
                    row[c] = held
        for c in range(width):
            if not _blank(row[c]):
                text = re.sub(r"\s+", " ", _name_text(row[c])).strip()
                if text not in parts[c]:
                    parts[c].append(text)
    return [" ".join(p) for p in parts]


def _name_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


@dataclass(frozen=True, slots=True)
class Laid:
    """A sheet cut into its table, with what was noticed."""

    raw: Raw
    decisions: tuple[Decision, ...] = ()
    problems: tuple[Problem, ...] = ()


def lay_out(
    sheet: Sheet,
    *,
    header_row: int | list[int] | None = None,
    last_row: int | None = None,
    skip_rows: Sequence[int] = (),
    table: str | None = None,
) -> Laid:
    """Cut a sheet into a table of named columns.

    Parameters
    ----------
    header_row, last_row, skip_rows
        As the protocol says, counted from 1; found where not given.
    """
    said: list[Decision] = []
    problems: list[Problem] = []
    here = Place(sheet.file, sheet.name)
    if header_row is None:
        header = find_header(sheet)
    else:
        given = [header_row] if isinstance(header_row, int) else list(header_row)
        header = Header(tuple(r - 1 for r in given if 0 < r <= len(sheet.rows)))
    if not header.rows:
        return Laid(
            Raw(sheet.file, sheet.name, (), (), ()), (), (_no_header(sheet, header_row, table),)
        )
    names = _names(sheet, header.rows)
    if header_row is None and header.rows != (0,):
        rows = " and ".join(str(r + 1) for r in header.rows)
        said.append(
            Decision(
                "layout.header",
                f"The column names were found in row {rows}.",
                table,
                place=Place(sheet.file, sheet.name, row=header.rows[0] + 1),
            )
        )
    start = header.rows[-1] + 1
    end = len(sheet.rows) if last_row is None else min(last_row, len(sheet.rows))
    skipped = {r - 1 for r in skip_rows}
    kept = [r for r in range(start, end) if r not in skipped and _any(sheet.rows[r])]
    if last_row is None:
        kept, more_said, more_problems = _without_tail(sheet, kept, start, table)
        said += more_said
        problems += more_problems
    body = [sheet.rows[r] for r in kept]
    width = len(names)
    columns = [[row[c] if c < len(row) else None for row in body] for c in range(width)]
    taken: dict[str, int] = {}
    final: list[tuple[int, str, list[Any]]] = []
    for c, (name, values) in enumerate(zip(names, columns, strict=True)):
        if not name:
            count = _filled(values)
            if count == 0:
                continue
            name = f"column {column_letters(c)}"
            first = next(kept[i] for i, v in enumerate(values) if not _blank(v))
            problems.append(
                problem(
                    "layout.no-name",
                    place=Place(sheet.file, sheet.name, f"{column_letters(c)}{first + 1}"),
                    letters=column_letters(c),
                    n=count,
                    name=name,
                )
            )
        taken[name] = taken.get(name, 0) + 1
        if taken[name] > 1:
            first_name, name = name, f"{name} ({taken[name]})"
            said.append(
                Decision(
                    "layout.same-name",
                    f'Two columns are named "{first_name}"; the one in '
                    f'{column_letters(c)} is called "{name}".',
                    table,
                    place=Place(
                        sheet.file, sheet.name, f"{column_letters(c)}{header.rows[-1] + 1}"
                    ),
                )
            )
        final.append((c, name, values))
    beside = _beside(final, header.rows[-1], sheet, table) if kept else None
    if beside is not None:
        problems.append(beside)
    if not kept:
        problems.append(
            problem(
                "layout.empty",
                place=here,
                table=table,
                reason="The sheet has column names but no rows."
                if sheet.name
                else "The file has column names but no rows.",
            )
        )
    raw = Raw(
        sheet.file,
        sheet.name,
        tuple(n for _, n, _ in final),
        tuple(v for _, _, v in final),
        [r + 1 for r in kept],
        tuple(c for c, _, _ in final),
        header.rows[-1] + 1,
        sheet.label_of,
        sheet.column_label,
        from_1904=sheet.from_1904,
    )
    return Laid(raw, tuple(said), tuple(problems))


def _beside(
    columns: Sequence[tuple[int, str, list[Any]]], header: int, sheet: Sheet, table: str | None
) -> Problem | None:
    """A second table to the right: behind a blank column, with a name that was there before, or
    with another number of rows."""
    blocks: list[list[tuple[int, str, list[Any]]]] = []
    for one in columns:
        if blocks and one[0] == blocks[-1][-1][0] + 1:
            blocks[-1].append(one)
        else:
            blocks.append([one])
    if len(blocks) < 2:
        return None

    def length(block: list[tuple[int, str, list[Any]]]) -> int:
        return max(
            (i + 1 for _, _, v in block for i, x in enumerate(v) if not _blank(x)), default=0
        )

    names = {n for _, n, _ in blocks[0]}
    for block in blocks[1:]:
        again = [n for _, n, _ in block if re.sub(r" \(\d+\)$", "", n) in names and n not in names]
        differs = len(block) > 1 and length(block) < 0.7 * length(blocks[0])
        if (again and len(block) > 1) or differs:
            at = column_letters(block[0][0])
            return problem(
                "layout.second-table",
                "beside",
                place=Place(sheet.file, sheet.name, f"{at}{header + 1}"),
                table=table,
                letters=at,
                names=[n for _, n, _ in block[:4]],
            )
    return None


def _no_header(sheet: Sheet, given: int | list[int] | None, table: str | None) -> Problem:
    if not any(_filled(r) for r in sheet.rows):
        what = f"Sheet {sheet.name!r} is empty." if sheet.name else "The file holds no values."
        return problem(
            "layout.empty", "blank", place=Place(sheet.file, sheet.name), table=table, reason=what
        )
    if given is not None:
        what = f"Row {given} is beyond the last row ({len(sheet.rows)})."
    else:
        what = "No row of column names was found."
    return problem(
        "layout.no-header", place=Place(sheet.file, sheet.name), table=table, reason=what
    )


def _runs(kept: Sequence[int]) -> Iterator[list[int]]:
    """Consecutive rows, cut at blank ones."""
    run: list[int] = []
    for r in kept:
        if run and r != run[-1] + 1:
            yield run
            run = []
        run.append(r)
    if run:
        yield run


def _is_total(row: Sequence[Any]) -> bool:
    first = next((v for v in row if not _blank(v)), None)
    return isinstance(first, str) and bool(_TOTAL.match(first.strip()))


def _without_tail(
    sheet: Sheet, kept: list[int], start: int, table: str | None
) -> tuple[list[int], list[Decision], list[Problem]]:
    """Leave out totals and notes below the table, and further tables, and say so."""
    said: list[Decision] = []
    problems: list[Problem] = []
    while kept and _is_total(sheet.rows[kept[-1]]):
        row = kept.pop()
        said.append(
            Decision(
                "layout.totals",
                f"Row {row + 1} is a row of totals and was left out: {_shown(sheet.rows[row])}.",
                table,
                place=Place(sheet.file, sheet.name, row=row + 1),
            )
        )
    runs = list(_runs(kept))
    if len(runs) < 2:
        return kept, said, problems
    usual = sorted(_filled(sheet.rows[r]) for r in runs[0])[len(runs[0]) // 2]
    main = list(runs[0])
    for run in runs[1:]:
        head = sheet.rows[run[0]]
        if len(run) > 1 and _texts(head) == _filled(head) >= 2 and _new_header(sheet, run, main):
            problems.append(
                problem(
                    "layout.second-table",
                    place=Place(sheet.file, sheet.name, row=run[0] + 1),
                    table=table,
                    first=run[0] + 1,
                    last=kept[-1] + 1,
                    shown=_shown(head),
                    end=main[-1] + 1,
                )
            )
            break
        if all(_filled(sheet.rows[r]) <= max(1, usual // 4) for r in run) and run is runs[-1]:
            for r in run:
                said.append(
                    Decision(
                        "layout.note",
                        f"Row {r + 1} stands apart below the table and was left out: "
                        f"{_shown(sheet.rows[r])}.",
                        table,
                        place=Place(sheet.file, sheet.name, row=r + 1),
                    )
                )
            continue
        main += run
    return main, said, problems


def _new_header(sheet: Sheet, run: Sequence[int], main: Sequence[int]) -> bool:
    """Is the first row of a block names, where the table above holds figures in those columns?"""
    head = sheet.rows[run[0]]
    contrast = 0
    for c, value in enumerate(head):
        if _blank(value):
            continue
        above = [sheet.rows[r][c] for r in main[:30] if c < len(sheet.rows[r])]
        above = [v for v in above if not _blank(v)]
        if above and all(not isinstance(v, str) or _numeric(v) for v in above):
            contrast += 1
    return contrast >= 1


def _shown(row: Sequence[Any]) -> str:
    words = [_name_text(v) for v in row if not _blank(v)]
    text = ", ".join(words[:4])
    return (text[:80] + "...") if len(text) > 80 or len(words) > 4 else text
