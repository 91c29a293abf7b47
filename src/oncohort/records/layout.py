"""Where the table is on a sheet: header rows, blank columns, rows of totals, further tables.

Sheets that people keep have titles above the header, two header rows, columns left blank for the
eye and totals at the bottom. Each such thing is noticed and said; nothing is dropped silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from oncohort.problems import Place, Problem, problem
from oncohort.records.grid import Raw, Sheet
from oncohort.records.model import Decision, column_letters
from oncohort.records.names import fold
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.words import names as known_names

SEARCHED = 25
"""Rows from the top among which a header is looked for."""
_TOTAL = re.compile(
    r"^(grand total|sub-?total|totals?|sum|summe|gesamt|mean|average|mittelwert|median|sd|range|"
    r"minimum|maximum|min|max|count|n ?=.*|mw|stabw|std|stdev|st\.? ?dev|avg|ø|∅|"
    r"standardabweichung|durchschnitt|anzahl|moyenne|médiane|mediane|écart[- ]type|somme|media|"
    r"mediana|suma|somma|soma|média|desvio|deviazione|iqr|"
    r"合計|平均|中央値|計|标准差|均值|总计|合计|中位数|平均值|人数|例数)(?!\w)[\s:.=]*",
    re.IGNORECASE,
)
_RANGE = re.compile(r"^([A-Z]{1,3})([1-9]\d{0,6}):([A-Z]{1,3})([1-9]\d{0,6})$")


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


def find_header(sheet: Sheet, first: int = 0) -> Header:
    """Find the header: the first row of names that spans the table.

    A row is taken for the header where nearly all its cells are words and it is about as wide as
    the rows below it; a row of group titles above it (merged cells, gaps) joins it.
    """
    top = sheet.rows[: first + SEARCHED]
    below = sheet.rows[first : first + SEARCHED * 4]
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
    if filled == 1 and not spans:
        return False  # a headline, or a note
    return not whole and 0 < _texts(row) == filled < _filled(sheet.rows[lower])


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
    others: tuple[str, ...] = ()
    """Ranges of further tables on the sheet, which are not read."""
    notes: tuple[str, ...] = ()
    """What stands above and below the table."""


@cache
def _id_names() -> frozenset[str]:
    return frozenset(fold(n) for n in known_names()["any"]["patient"])


def parse_range(text: str) -> tuple[int, int, int, int] | None:
    """First row, first column, last row and last column (from 0) of `B2:F40`.

    Examples
    --------
    >>> parse_range("B2:F40"), parse_range("B2")
    ((1, 1, 39, 5), None)
    """
    found = _RANGE.match(text.strip().upper())
    if found is None:
        return None
    first, top, last, bottom = found.groups()
    return int(top) - 1, _column(first), int(bottom) - 1, _column(last)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _only(sheet: Sheet, cells: tuple[int, int, int, int]) -> Sheet:
    """The sheet with nothing but a range; rows and columns keep their places."""
    top, first, bottom, last = cells
    rows: list[list[Any]] = [
        [None] * first + row[first : last + 1] if top <= r <= bottom else []
        for r, row in enumerate(sheet.rows[: bottom + 1])
    ]
    merged = tuple(s for s in sheet.merged if top <= s[0] <= bottom and first <= s[1] <= last)
    return replace(sheet, rows=rows, merged=merged)


def lay_out(
    sheet: Sheet,
    *,
    header_row: int | list[int] | None = None,
    last_row: int | None = None,
    skip_rows: Sequence[int] = (),
    cells: str = "",
    table: str | None = None,
) -> Laid:
    """Cut a sheet into a table of named columns.

    Parameters
    ----------
    header_row, last_row, skip_rows
        As the protocol says, counted from 1; found where not given.
    cells
        The range that holds the table, ``A1:F40``, where others stand beside or below it.
    """
    said: list[Decision] = []
    problems: list[Problem] = []
    here = Place(sheet.file, sheet.name)
    within = parse_range(cells) if cells else None
    if within is not None:
        sheet = _only(sheet, within)
    if header_row is None:
        header = find_header(sheet, within[0] if within else 0)
    else:
        given = [header_row] if isinstance(header_row, int) else list(header_row)
        header = Header(tuple(r - 1 for r in given if 0 < r <= len(sheet.rows)))
    if not header.rows:
        return Laid(
            Raw(sheet.file, sheet.name, (), (), ()), (), (_no_header(sheet, header_row, table),)
        )
    names = _names(sheet, header.rows)
    if header_row is None and header.rows != (0,) and within is None:
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
    others: list[str] = []
    if last_row is None:
        before = kept
        kept, more_said = _without_headers(sheet, kept, header, table)
        said += more_said
        kept, more_said, more_problems = _without_tail(sheet, kept, header.rows[-1], table)
        said += more_said
        problems += more_problems
        if any(p.id == "layout.second-table" for p in more_problems):
            rest = [r for r in before if r > kept[-1]]
            others.append(f"A{rest[0] + 1}:{column_letters(sheet.width - 1)}{rest[-1] + 1}")
    said += _fill_merged(sheet, kept, table)
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
        final, more = _first_block(final, header.rows[-1], kept)
        others += more
        if more:
            used = [c for c, _, _ in final]
            kept = [r for r in kept if any(not _blank(_at(sheet.rows[r], c)) for c in used)]
            final = [(c, n, [_at(sheet.rows[r], c) for r in kept]) for c, n, _ in final]
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
    left_out = set(range(start, len(sheet.rows))) - set(kept)
    outside = [r for r in (*range(header.rows[0]), *sorted(left_out)) if _any(sheet.rows[r])]
    notes = tuple(_shown(sheet.rows[r], 400) for r in outside[:20])
    return Laid(raw, tuple(said), tuple(problems), tuple(others), notes)


def _fill_merged(sheet: Sheet, kept: Sequence[int], table: str | None) -> list[Decision]:
    """Give every row of a cell that is merged downwards its value."""
    rows = set(kept)
    count, first = 0, None
    for r0, c0, r1, c1 in sheet.merged:
        if c0 != c1 or r1 == r0 or r0 not in rows:
            continue
        value = _at(sheet.rows[r0], c0)
        if _blank(value):
            continue
        for r in range(r0 + 1, r1 + 1):
            if r in rows and _blank(_at(sheet.rows[r], c0)):
                sheet.rows[r].extend([None] * (c0 + 1 - len(sheet.rows[r])))
                sheet.rows[r][c0] = value
                count, first = count + 1, first if first is not None else (r0, c0)
    if first is None:
        return []
    return [
        Decision(
            "layout.merged",
            f"{count} rows got the value of the cell that is merged over them.",
            table,
            count=count,
            place=Place(sheet.file, sheet.name, f"{column_letters(first[1])}{first[0] + 1}"),
        )
    ]


def _at(row: Sequence[Any], column: int) -> Any:
    return row[column] if column < len(row) else None


def _blocks(
    columns: Sequence[tuple[int, str, list[Any]]],
) -> list[list[tuple[int, str, list[Any]]]]:
    """Columns cut at blank ones."""
    blocks: list[list[tuple[int, str, list[Any]]]] = []
    for one in columns:
        if blocks and one[0] == blocks[-1][-1][0] + 1:
            blocks[-1].append(one)
        else:
            blocks.append([one])
    return blocks


def _names_patients(block: Sequence[tuple[int, str, list[Any]]]) -> bool:
    return any(fold(re.sub(r" \(\d+\)$", "", n)) in _id_names() for _, n, _ in block)


def _first_block(
    columns: list[tuple[int, str, list[Any]]], header: int, kept: Sequence[int]
) -> tuple[list[tuple[int, str, list[Any]]], list[str]]:
    """The table without those beside it that name patients themselves, and their ranges."""
    blocks = _blocks(columns)
    if not _names_patients(blocks[0]):
        return columns, []
    mine: list[tuple[int, str, list[Any]]] = []
    others = []
    for block in blocks:
        if block is not blocks[0] and len(block) > 1 and _names_patients(block):
            filled = [i for _, _, v in block for i, x in enumerate(v) if not _blank(x)]
            last = kept[max(filled)] + 1 if filled else header + 1
            others.append(
                f"{column_letters(block[0][0])}{header + 1}:{column_letters(block[-1][0])}{last}"
            )
        else:
            mine += block
    return mine, others


def _without_headers(
    sheet: Sheet, kept: list[int], header: Header, table: str | None
) -> tuple[list[int], list[Decision]]:
    """Leave out rows that say the column names again, as printed pages and stacked exports do."""
    head = [_name_text(v).strip() if not _blank(v) else "" for v in sheet.rows[header.rows[-1]]]
    names_ = [(c, h) for c, h in enumerate(head) if h]
    again = [
        r
        for r in kept
        if len(names_) > 1
        and any(_at(sheet.rows[r], c) == h for c, h in names_[:2])  # most rows end here
        and sum(_name_text(_at(sheet.rows[r], c) or "").strip() == h for c, h in names_)
        >= 0.8 * len(names_)
    ]
    if not again:
        return kept, []
    said = Decision(
        "layout.header-again",
        f"{counted(len(again), 'row')} "
        f"({', '.join(str(r + 1) for r in again[:8])}{', ...' if len(again) > 8 else ''}) "
        "hold the column names again and were left out.",
        table,
        count=len(again),
        place=Place(sheet.file, sheet.name, row=again[0] + 1),
    )
    return [r for r in kept if r not in set(again)], [said]


def _beside(
    columns: Sequence[tuple[int, str, list[Any]]], header: int, sheet: Sheet, table: str | None
) -> Problem | None:
    """A second table to the right: behind a blank column, with a name that was there before, or
    with another number of rows."""
    blocks = _blocks(columns)
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
        if _turned(sheet):
            what = (
                "The names stand in the first column and the patients in columns: the sheet is "
                "turned. Copy it and paste it transposed."
            )
    return problem(
        "layout.no-header", place=Place(sheet.file, sheet.name), table=table, reason=what
    )


def _turned(sheet: Sheet) -> bool:
    """Do the names of columns stand below each other in the first column?"""
    first = [str(r[0]) for r in sheet.rows[:200] if r and isinstance(r[0], str) and r[0].strip()]
    known = {fold(n) for names in known_names()["patients"].values() for n in names}
    hits = sum(fold(t) in known or fold(t) in _id_names() for t in first)
    return hits >= 3 and hits >= 0.4 * len(first)


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
    column, first = next(((c, v) for c, v in enumerate(row) if not _blank(v)), (0, None))
    if not isinstance(first, str) or not _TOTAL.match(first.strip()):
        return False
    above = {
        _name_text(v).strip() for r in kept[:-1] if not _blank(v := _at(sheet.rows[r], column))
    }
    key = _key_column(sheet, header)
    return first.strip() not in above and (key == column or _blank(_at(row, key)))


def _key_column(sheet: Sheet, header: int) -> int:
    """The column that names the patient by its header; the first where none does."""
    head = sheet.rows[header]
    return next((c for c, v in enumerate(head) if isinstance(v, str) and fold(v) in _id_names()), 0)


def _without_tail(
    sheet: Sheet, kept: list[int], header: int, table: str | None
) -> tuple[list[int], list[Decision], list[Problem]]:
    """Leave out totals and notes below the table, and further tables, and say so."""
    said: list[Decision] = []
    problems: list[Problem] = []
    usual = _usual(sheet, kept)
    while len(kept) > 1:
        total = _is_total(sheet, kept, header)
        if not total and not _is_note(sheet, kept, usual, header):
            break
        row = kept.pop()
        said.append(
            Decision(
                "layout.totals" if total else "layout.note",
                f"Row {row + 1} is a {'row of totals' if total else 'note'} and was left out: "
                f"{_shown(sheet.rows[row])}.",
                table,
                place=Place(sheet.file, sheet.name, row=row + 1),
            )
        )
    runs = list(_runs(_cut_at_tables(sheet, kept)))
    if len(runs) < 2:
        return kept, said, problems
    usual = sorted(_filled(sheet.rows[r]) for r in runs[0])[len(runs[0]) // 2]
    main = list(runs[0])
    for run in runs[1:]:
        head = sheet.rows[run[0]]
        first = next((v for v in head if not _blank(v)), None)
        named = isinstance(first, str) and fold(first) in _id_names()
        if (
            len(run) > 1
            and _texts(head) == _filled(head) >= 2
            and (named or _new_header(sheet, run, main))
        ):
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


def _usual(sheet: Sheet, kept: Sequence[int]) -> int:
    """Filled cells of a usual row."""
    filled = sorted(_filled(sheet.rows[r]) for r in kept)
    return filled[len(filled) // 2] if filled else 0


def _is_note(sheet: Sheet, kept: Sequence[int], usual: int, header: int) -> bool:
    """Is the last row a legend or a note: hardly filled, in words, and no further patient?"""
    row = sheet.rows[kept[-1]]
    cells = [(c, v) for c, v in enumerate(row) if not _blank(v)]
    if usual < 3 or not cells or len(cells) > max(1, usual // 3):
        return False
    column, first = cells[0]
    if not isinstance(first, str) or _numeric(first):
        return False
    text = first.strip()
    key = _key_column(sheet, header)
    if column != key:
        return _blank(_at(row, key))
    above = [_at(sheet.rows[r], key) for r in kept[:-1][:200]]
    above = [v for v in above if not _blank(v)]
    if not above:
        return True
    return not _alike_id(text, [_name_text(v).strip() for v in above])


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
        first = next((v for v in row if not _blank(v)), None)
        if (
            out
            and isinstance(first, str)
            and fold(first) in _id_names()
            and _texts(row) == _filled(row) >= 2
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
        if _blank(value):
            continue
        above = [sheet.rows[r][c] for r in main[:30] if c < len(sheet.rows[r])]
        above = [v for v in above if not _blank(v)]
        if above and all(not isinstance(v, str) or _numeric(v) for v in above):
            contrast += 1
    return contrast >= 1


def _shown(row: Sequence[Any], most: int = 80) -> str:
    words = [_name_text(v) for v in row if not _blank(v)]
    text = ", ".join(words[: max(4, most // 40)])
    return (text[:most] + "...") if len(text) > most or len(words) > max(4, most // 40) else text
