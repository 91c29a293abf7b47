"""Plain text laid out in columns: two or more blanks part the columns of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from oncohort.audit.document import Paper, Paragraph, Table
from oncohort.audit.readers.lines import CAPTION, LEGEND, Line, join, paragraphs_of
from oncohort.audit.readers.markdown import laid_out, with_headings
from oncohort.audit.readers.text_tables import is_data, read_table

MAX_LINES = 200_000
MAX_LINE = 4_000

_OPEN_END = re.compile(r"(?:\b(?:in|see|and|of|to|from|by|with|the|or|also)|[(,;])\s*$", re.I)


def _parts(line: str) -> list[str]:
    """A line in parts of bounded length, cut at blanks: a paragraph may stand on one line.

    Examples
    --------
    >>> long = _parts("Of 42 patients, 12 died. " * 400)
    >>> len(long), max(map(len, long)) <= MAX_LINE, sum(p.count("died") for p in long)
    (3, True, 400)
    """
    out: list[str] = []
    at = 0
    while len(line) - at > MAX_LINE:
        end = line.rfind(" ", at + 1, at + MAX_LINE)
        end = end if end > at else at + MAX_LINE
        out.append(line[at:end])
        at = end
    return [*out, line[at:]]


def read_text(text: str, *, source: str = "") -> Paper:
    """Read plain text with laid-out tables.

    Parameters
    ----------
    text
        The whole paper. Form feeds part pages.
    source
        Name of the file, for the report.

    Returns
    -------
    Paper
        Paragraphs with sections, tables with resolved headings, legends.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").expandtabs(8)
    raw = [part for line in text.replace("\f", "\n\n").split("\n") for part in _parts(line)]
    raw = laid_out(with_headings(raw))
    unread: list[str] = []
    if len(raw) > MAX_LINES:
        unread.append(f"only the first {MAX_LINES} of {len(raw)} lines were read")
        raw = raw[:MAX_LINES]
    lines = [Line(line.rstrip()) for line in raw]
    blocks: list[Paragraph | Table] = []
    prose: list[Line] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        caption = CAPTION.match(line.text)
        end = _table_end(lines, index) if caption else None
        if caption and end is not None:
            table, end, lost = read_table(lines, index, end, caption)
            if table is not None:
                blocks.append(table)
            if lost:
                unread.append(lost)
            prose.append(Line(""))
            index = end
            continue
        legend = LEGEND.match(line.text)
        if legend and _is_float(lines, index):
            end = index
            while end < len(lines) and lines[end].stripped:
                if end > index and CAPTION.match(lines[end].text):
                    break
                end += 1
            words = join([item.stripped for item in lines[index:end]], "")
            blocks.append(Paragraph(words, "legend", "legend", legend["label"]))
            prose.append(Line(""))
            index = end
            continue
        prose.append(line)
        index += 1
    paragraphs = paragraphs_of(prose, text)
    return Paper(
        title="",
        blocks=(*paragraphs, *blocks),
        unread=tuple(unread),
        source=source,
        format="text",
    )


def _is_float(lines: Sequence[Line], index: int) -> bool:
    """Whether a caption may start here: not in the middle of a sentence ("as shown in")."""
    before = index - 1
    if before < 0 or not lines[before].stripped:
        return True
    return not _OPEN_END.search(lines[before].stripped)


def _table_end(lines: Sequence[Line], start: int) -> int | None:
    """One past the last laid-out line of the table that starts with the caption, if it has any."""
    last: int | None = None
    plain = narrow = 0
    second = 10_000
    headed = 0
    """Where the second heading begins, which bounds the labels above the first row of figures."""
    index = start + 1
    blanks = 0
    while index < len(lines):
        line = lines[index]
        if not line.stripped:
            blanks += 1
            if blanks > 6:
                break
            index += 1
            continue
        blanks = 0
        if CAPTION.match(line.text) or LEGEND.match(line.text):
            break
        if line.tabular:
            last = index + 1
            plain = narrow = 0
            if is_data(line):
                second = min(second, line.spans()[1][0])
            else:
                headed = line.spans()[1][0]
        elif last is not None and narrow < 10 and (
            len(line.text) < second < 10_000
            or (second == 10_000 and len(line.text) < headed)
            or _heads(lines, index, last - 1)
        ):  # fmt: skip
            # Inside the label column: a heading, or a label wrapped over lines.
            narrow += 1
        else:
            plain += 1
            if plain > (4 if last is None else 2):
                break
            if last is not None and len(line.stripped) > 90:
                break
        index += 1
    return last


def _heads(lines: Sequence[Line], index: int, last: int) -> bool:
    """Whether a line as wide as the table heads rows: one as the last row before it follows."""
    if index + 1 >= len(lines) or not is_data(lines[index + 1]) or not is_data(lines[last]):
        return False
    return len(lines[index + 1].cells) == len(lines[last].cells) > 2
