"""Tables of plain text: cells parted by two or more blanks, columns by where they stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from oncohort.audit.document import Row, Table
from oncohort.audit.readers.lines import CAPTION, FINISHED, GAP, LEGEND, Line, join
from oncohort.vocabulary.plurals import counted

_VALUE = re.compile(
    r"^(?:[<>≤≥=~±+−–-]?\s*[.·]?\d|[–—−-]+$|n\.?[sadr]\.?$|nr$|not\b|ref|1\.0+\b|\*)", re.I
)
_HEADING_WITH_NUMBER = re.compile(
    r"n\s*=\s*(?:\d|$)|\(n\b|#|%\s*\(|\bn\s*\(|\bCI\b|"
    r"(?<![A-Za-z])(?!month|year|week|days|range|reached|evalua|estima)[A-Za-z]{4,}",
    re.I,
)
_NOTE = re.compile(
    r"^\s*(?:[*†‡§¶#]|[a-e]\s|[A-Z][A-Za-z0-9/-]{1,10}\s*[:=,]\s|abbreviations?|data are|values|"
    r"notes?[:. ]|n\s*=|p[- ]?values?)",
    re.I,
)
_MOST_NOTES = 24
"""Lines of notes below a table; more are the text that goes on."""


def read_table(
    lines: Sequence[Line], start: int, end: int, caption: re.Match[str]
) -> tuple[Table | None, int, str]:
    """The table whose caption is at ``start`` and whose laid-out lines stop before ``end``.

    Returns
    -------
    tuple
        The table, None where no row of figures could be told; one past its last line, with its
        notes; and what was lost of it, in words.
    """
    words, first = _caption_words(lines, start, end, caption)
    body = _unwrap(lines[first:end])
    notes, after = _notes(lines, end)
    label = caption["label"].strip()
    data = [line for line in body if is_data(line)]
    if not data:
        return None, after, f"{label}: no row with figures could be told from its headings"
    bands = _bands(data)
    width = max(_width(body, data), len(bands))
    opening = _opening(body, data)
    columns = bands
    if len(bands) != width:
        columns = _columns([line for line in data if len(line.cells) == width])
    rows, lost = _rows(body[opening:], columns, width)
    header = tuple(_header_row(line, width, data) for line in body[:opening])
    table = Table(label, words, header, tuple(rows), tuple(notes))
    return table, after, _lost_words(label, lost)


def _caption_words(
    lines: Sequence[Line], start: int, end: int, caption: re.Match[str]
) -> tuple[str, int]:
    """The caption with the lines that go on with it, and the first line of the table below."""
    first = start + 1
    words = [caption["rest"].strip()]
    while first < end and lines[first].stripped and not lines[first].tabular:
        if not GAP.search(lines[start].text.strip()) and words[0]:
            following = next((x for x in lines[first + 1 : end] if x.stripped), None)
            # A line under the caption goes on with it, unless it heads the first block.
            if FINISHED.search(words[-1]) or (following is not None and is_data(following)):
                break
        words.append(lines[first].stripped)
        first += 1
        if (
            first + 1 < end
            and not lines[first].stripped
            and _unfinished(words[-1], lines[first + 1])
        ):
            first += 1
    if first == start + 1 and first + 1 < end and _unfinished(words[-1], lines[first + 1]):
        # Between the lines of a caption stands an empty one where the lines below are closer.
        words.append(lines[first + 1].stripped)
        first += 2
    return " ".join(w for w in words if w), first


def _unfinished(words: str, line: Line) -> bool:
    """Whether a line after an empty one goes on with a caption that has no end yet."""
    return (
        not FINISHED.search(words) and not line.tabular and bool(re.match(r"[a-z]", line.stripped))
    )


def _notes(lines: Sequence[Line], end: int) -> tuple[list[str], int]:
    """The notes below a table, and one past the last of them."""
    notes: list[str] = []
    after = end
    while True:
        probe = after
        while probe < len(lines) and not lines[probe].stripped and probe - after < 3:
            probe += 1
        if probe >= len(lines) or not _NOTE.match(lines[probe].text) or _starts_float(lines[probe]):
            break
        stop = probe
        while stop < len(lines) and lines[stop].stripped and not lines[stop].tabular:
            if _starts_float(lines[stop]):
                break
            stop += 1
        if stop == probe or stop - probe > _MOST_NOTES:
            break
        notes.append(join([x.stripped for x in lines[probe:stop]], ""))
        after = stop
    return notes, after


def _starts_float(line: Line) -> bool:
    return bool(CAPTION.match(line.text) or LEGEND.match(line.text))


def _opening(body: Sequence[Line], data: Sequence[Line]) -> int:
    """Number of lines that head the columns.

    One-cell lines right above the first row of figures head the first block, not the columns.
    """
    opening = body.index(data[0])
    values = min(line.spans()[1][0] for line in data)
    while (
        opening > 0 and len(body[opening - 1].cells) == 1 and body[opening - 1].indent < values - 2
    ):
        if opening > 1 and not any(x.tabular for x in body[: opening - 1]):
            break
        opening -= 1
    return opening


def _rows(
    body: Sequence[Line], columns: list[tuple[int, int]], width: int
) -> tuple[list[Row], list[str]]:
    """Every row with a cell for each column, and the lines whose cells could not be placed."""
    rows: list[Row] = []
    lost: list[str] = []
    runs = _runs(body, width) if _overlap(columns) else [(0, columns)]
    for at, line in enumerate(body):
        cells = line.cells
        full: tuple[str, ...] | None = cells
        if len(cells) == 1:
            full = (cells[0], *([""] * (width - 1)))
        elif len(cells) != width:
            full = _placed(line, at, runs, width)
        if full is None:
            lost.append(line.stripped)
            continue
        rows.append(Row(full, line.indent, line.stripped if not line.label else "  ".join(full)))
    return rows, lost


def _lost_words(label: str, lost: Sequence[str]) -> str:
    if not lost:
        return ""
    return f"{label}: {counted(len(lost), 'row')} with missing cells: {lost[0]!r}"


def _width(body: Sequence[Line], data: Sequence[Line]) -> int:
    """Number of columns: the usual one, or a larger one that the headings bear out.

    Where many rows leave columns empty, the complete rows are fewer than the short ones.
    """
    counts = Counter(len(line.cells) for line in data)
    usual = counts.most_common(1)[0][0]
    heads = {len(line.cells) for line in body[: body.index(data[0])]}
    wider = [k for k in counts if k > usual and (k in heads or k - 1 in heads)]
    return max(wider, default=usual)


_GOES_ON = re.compile(r"^(?:[a-zà-ÿ(\[/,≥≤<>+-]|and\b|or\b|\d)")


def _unwrap(lines: Sequence[Line]) -> list[Line]:
    """Lines of a table without the empty ones; labels wrapped over lines are put together.

    A line of one cell right below a row of figures goes on with its label if it starts in the
    middle of something (a small letter, a bracket), or if every row stands apart from the next.
    """
    rows = [k for k, x in enumerate(lines) if is_data(x)]
    apart = sum(1 for k in rows if k and not lines[k - 1].stripped)
    spaced = len(rows) >= 3 and apart >= 0.6 * len(rows)
    out: list[Line] = []
    joined = False
    """Whether the last line of ``out`` may still go on."""
    for line in lines:
        if not line.stripped:
            joined = False
            continue
        if out and joined and len(line.cells) == 1:
            last = out[-1]
            label = last.cells[0]
            unclosed = label.count("(") > label.count(")")
            if is_data(last) and (spaced or unclosed or _GOES_ON.match(line.stripped)):
                out[-1] = replace(last, label=join([label, line.stripped], ""))
                continue
        if (
            out
            and joined
            and len(out[-1].cells) == len(line.cells) == 1
            and re.match(r"[a-z(]", line.stripped)
        ):
            out[-1] = Line(f"{out[-1].text} {line.stripped}")
            continue
        if out and joined and len(out[-1].cells) == 1 and is_data(line):
            last = out[-1]
            unclosed = last.stripped.count("(") > last.stripped.count(")")
            if unclosed or (_GOES_ON.match(line.cells[0]) and line.cells[0][:1] in "([,/"):
                out[-1] = Line(line.text, join([last.stripped, line.cells[0]], ""))
                continue
        if out and joined and (_under(out[-1], line) or _closes(out[-1], line)):
            out[-1] = _overlay(out[-1], line)
            continue
        if out and joined and (whole := _gone_on(out[-1], line)) is not None:
            out[-1] = whole
            continue
        if out and joined and _wraps(out[-1], line):
            out[-1] = _overlay(out[-1], line, out[-1].label)
            continue
        out.append(line)
        joined = True
    return out


def _wraps(last: Line, line: Line) -> bool:
    """Whether a line holds nothing but the intervals of the estimates above it."""
    cells = line.cells
    return (
        is_data(last)
        and line.indent > 0
        and all(re.fullmatch(r"\(\s*\d[^()]*\)", c) for c in cells)
        and len(cells) < len(last.cells)
    )


def _under(last: Line, line: Line) -> bool:
    """Whether a line of headings goes on with the headings right above it."""
    if is_data(last) or is_data(line) or len(last.cells) < 3:
        return False
    upper = last.spans()
    if len(line.cells) > len(last.cells):
        return False
    hits = [
        [k for k, (a, b, _) in enumerate(upper) if start < b and end > a]
        for start, end, _ in line.spans()
    ]
    if not all(len(h) == 1 for h in hits) or len({h[0] for h in hits}) < len(hits):
        return False
    # One cell alone may head several columns, unless the heading above has no end.
    return len(hits) > 1 or bool(hits[0][0] and _OPEN_HEADING.search(upper[hits[0][0]][2]))


_OPEN_HEADING = re.compile(r"(?:\b(?:and|or|of|with|by|the|in|for|vs\.?|to)|[,=%(/-])$", re.I)


def _closes(last: Line, line: Line) -> bool:
    """Whether a line closes the brackets of the headings right above it: "(n =" above "486)"."""
    pairs = _pairs(last, line)
    return (
        not is_data(last)
        and pairs is not None
        and len(pairs) > 1
        and all(
            upper.count("(") > upper.count(")") and re.fullmatch(r"[\d,]+\)(?: ?\(%\))?", lower)
            for upper, lower in pairs
        )
    )


_OPEN_CELL = re.compile(r"(?:[=<>≤≥(\[,;–-]|\bto|\bp)$", re.I)
_REST_OF_CELL = re.compile(r"^(?:p\s?[=<>≤≥]|[(\[]\s?\d|[–-]\s?\d|to\s\d)", re.I)


def _gone_on(last: Line, line: Line) -> Line | None:
    """A row of figures with the line that goes on with its cells, and with its label if it does.

    "Gestational  2.8 (1.2-6.1) p =" goes on with "hypertension  0.001". None if any cell of the
    line is a figure of its own.
    """
    if not is_data(last) or len(last.cells) < 2:
        return None
    edge = last.spans()[1][0]
    labels = [text for _, end, text in line.spans() if end < edge]
    below = Line(" " * edge + line.text[edge:]) if labels else line
    if len(labels) > 1 or not below.stripped or line.text[edge - 2 : edge].strip():
        return None
    pairs = _pairs(last, below)
    if pairs is None or not all(
        _OPEN_CELL.search(upper)
        or _REST_OF_CELL.match(lower)
        or (lower[:1].islower() and not _VALUE.match(upper))
        for upper, lower in pairs
    ):
        return None
    label = join([last.cells[0], *labels], "")
    return _overlay(last, below, label if labels or last.label else "")


def _pairs(last: Line, line: Line) -> list[tuple[str, str]] | None:
    """Each cell of a line with the one cell above that it stands under; None if it has not one."""
    above = last.spans()[1:] if is_data(last) else last.spans()
    out = []
    taken = set()
    for start, end, text in line.spans():
        over = [k for k, (a, b, _) in enumerate(above) if start < b and end > a]
        if len(over) != 1 or over[0] in taken:
            return None
        taken.add(over[0])
        out.append((above[over[0]][2], text))
    return out


def _overlay(last: Line, line: Line, label: str = "") -> Line:
    """The row with each cell of the line put behind the cell that it stands under."""
    spans = last.spans()
    extra: dict[int, str] = {}
    for start, end, text in line.spans():
        middle = (start + end) / 2
        k = min(range(len(spans)), key=lambda k: abs((spans[k][0] + spans[k][1]) / 2 - middle))
        extra[k] = text
    parts = tuple(
        (start, end, f"{text} {extra[k]}" if k in extra else text)
        for k, (start, end, text) in enumerate(spans)
    )
    text = last.text[: len(last.text) - len(last.text.lstrip())]
    return Line(text + "  ".join(cell for _, _, cell in parts), label, parts)


def is_data(line: Line) -> bool:
    """A row of figures: more than half of its cells after the label are values."""
    values = line.cells[1:]
    if not values:
        return False
    hits = sum(
        bool(_VALUE.match(v)) and not _HEADING_WITH_NUMBER.search(v) and not _year(v)
        for v in values
    )
    return hits * 2 > len(values) or (hits * 2 == len(values) and hits > 0)


def _year(text: str) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d\d\s*[-–]\s*(?:19|20)\d\d", text))


def _columns(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Extent of each column over the complete rows."""
    out: list[tuple[int, int]] = []
    for line in lines:
        for k, (start, end, _) in enumerate(line.spans()):
            if k == len(out):
                out.append((start, end))
            else:
                out[k] = (min(out[k][0], start), max(out[k][1], end))
    return out


def _bands(data: Sequence[Line]) -> list[tuple[int, int]]:
    """Columns of figures that are aligned in every row; empty where any row is out of line."""
    spans = [line.spans() for line in data if not line.label]
    if len(spans) < 3 or len(spans) < len(data):
        return []
    out: list[tuple[int, int]] = []
    for start, end in sorted((a, b) for row in spans for a, b, _ in row):
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    for row in spans:
        hits = [next(k for k, (a, b) in enumerate(out) if a <= start < b) for start, _, _ in row]
        if len(set(hits)) < len(hits):
            return []
    return out


def _runs(body: Sequence[Line], width: int) -> list[tuple[int, list[tuple[int, int]]]]:
    """Columns of complete rows that agree on them, each with the row at which such a run starts.

    A table that goes on over a page is laid out anew there: its columns stand elsewhere.
    """
    out: list[tuple[int, list[tuple[int, int]]]] = []
    run: list[Line] = []
    for at, line in enumerate(body):
        if len(line.cells) != width or not is_data(line):
            continue
        columns = _columns([*run, line])
        if run and _overlap(columns):
            run, columns = [], _columns([line])
        if not run:
            out.append((at, columns))
        run.append(line)
        out[-1] = (out[-1][0], columns)
    return out


def _overlap(columns: Sequence[tuple[int, int]]) -> bool:
    return any(columns[k][1] > columns[k + 1][0] for k in range(len(columns) - 1))


def _placed(
    line: Line, at: int, runs: Sequence[tuple[int, list[tuple[int, int]]]], width: int
) -> tuple[str, ...] | None:
    """Cells of an incomplete row by the columns of the rows above and below; None if in doubt."""
    before = [columns for start, columns in runs if start <= at]
    after = [columns for start, columns in runs if start > at]
    found = {_place(line, columns, width) for columns in (*before[-1:], *after[:1])} - {None}
    return found.pop() if len(found) == 1 else None


def _place(line: Line, columns: Sequence[tuple[int, int]], width: int) -> tuple[str, ...] | None:
    """Cells of an incomplete row by their position; None where that is ambiguous."""
    if _overlap(columns):
        return None
    cells = [""] * width
    for start, end, text in line.spans():
        hits = [k for k, (low, high) in enumerate(columns) if start < high and end > low]
        if len(hits) != 1 or cells[hits[0]]:
            return None
        cells[hits[0]] = text
    return tuple(cells)


def _header_row(line: Line, width: int, data: Sequence[Line]) -> tuple[str, ...]:
    """Headings over all columns; wide ones are repeated over the columns below them."""
    cells = line.cells
    if len(cells) == width:
        return cells
    if len(cells) == width - 1:
        return ("", *cells)
    first = ""
    labels = [x.spans()[0] for x in data]
    if len(cells) > 1 and labels:
        # A heading that starts over the labels is theirs, and takes no part in the spreading.
        start, stop, text = line.spans()[0]
        edge = min(x.spans()[1][0] for x in data)
        if start <= min(x[0] for x in labels) + 1 and stop <= edge:
            first, cells = text, cells[1:]
    if (width - 1) % len(cells) == 0:
        each = (width - 1) // len(cells)
        return (first, *(c for c in cells for _ in range(each)))
    runs = _runs(data, width)
    # The first page's columns are those below the headings.
    columns = runs[0][1] if runs else _bands(data)
    out = [""] * width
    for start, end, text in line.spans():
        middle = (start + end) / 2
        nearest = min(
            range(len(columns)), key=lambda k: abs((columns[k][0] + columns[k][1]) / 2 - middle)
        )
        out[nearest] = (out[nearest] + " " + text).strip()
    return tuple(out)
