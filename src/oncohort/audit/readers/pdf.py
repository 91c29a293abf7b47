"""PDF with a text layer: words with their places, put back into columns, tables and lines.

The words come from pdfplumber. Pages are cut into their text columns, and every line keeps the
gaps between its words: a laid-out text comes out, which the reader of plain text then reads. So
tables without ruled lines, as most journals print them, are read by their geometry.
"""

from __future__ import annotations

import io
import re
import statistics
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from oncohort.audit.document import Paper, Paragraph, Table
from oncohort.audit.readers.pdf_columns import crosses, gutter_of, wide_tables
from oncohort.audit.readers.pdf_second import SecondReader
from oncohort.audit.readers.pdf_tables import Word, aligned, justified
from oncohort.audit.readers.pdf_work import MAX_OPERATORS, operators, refers_in_circles
from oncohort.audit.readers.text import read_text
from oncohort.dataclass import dataclass
from oncohort.problems import ReadError
from oncohort.vocabulary.boundaries import Parsed

if TYPE_CHECKING:
    from pdfplumber.page import Page

MAX_PAGES = 60
MAX_WORDS_PER_PAGE = 8_000


def read_pdf(content: bytes, *, source: str = "") -> Paper:
    """Read a PDF's text layer. Scanned pages hold none; they are named as unread.

    Raises
    ------
    oncohort.problems.ReadError
        If it can't be opened, is encrypted, or has no text at all.
    """
    import pdfplumber

    if refers_in_circles(content):
        raise ReadError(f"{source}: a damaged PDF: its objects refer to one another in circles")
    unread: list[str] = []
    second = SecondReader(content)
    pages: list[tuple[int, str]] = []
    carried: tuple[int, ...] | None = None
    known: float | None = None
    try:
        with pdfplumber.open(io.BytesIO(content)) as document:
            if len(document.pages) > MAX_PAGES:
                unread.append(
                    f"only the first {MAX_PAGES} of {len(document.pages)} pages were read"
                )
            for number, page in enumerate(document.pages[:MAX_PAGES], start=1):
                try:
                    if operators(page.page_obj) > MAX_OPERATORS:
                        unread.append(f"page {number}: draws more than a printed page can hold")
                        continue
                    words, note = _best(_words(page), *second.page(number))
                    # A page that is turned holds a wide table, and no two columns of text.
                    width = 0.0 if on_its_side(page.chars) else float(page.width)
                    if note:
                        unread.append(f"page {number}: {note}")
                except Exception as problem:  # noqa: BLE001 - damaged pages raise anything
                    unread.append(f"page {number}: {type(problem).__name__}: {problem}")
                    continue
                finally:
                    page.close()
                if not words:
                    unread.append(f"page {number}: no text layer (a scan or a picture)")
                elif len(words) > MAX_WORDS_PER_PAGE:
                    unread.append(f"page {number}: too many words")
                else:
                    laid = _page(words, width, carried, known)
                    carried, known = laid.open, laid.gutter or known
                    pages.append((number, laid.text))
    except Exception as problem:
        # The parser raises its own and bare errors on damage.
        raise ReadError(f"{source}: {_reason(problem)}") from problem
    finally:
        second.close()
    if not pages:
        raise ReadError(f"{source}: {_NO_TEXT}")
    text = "\n\n".join(_without_running_heads([page for _, page in pages]))
    paper = read_text(text, source=source)
    plain = [(number, _squeeze(page)) for number, page in pages]
    blocks = tuple(_with_page(block, plain) for block in paper.blocks)
    return Paper(paper.title, blocks, (*unread, *paper.unread), source, "PDF", paper.notes)


def _reason(problem: Exception) -> str:
    """Why a PDF could not be opened."""
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfminer.pdfparser import PDFSyntaxError

    chain = (problem, *problem.args, problem.__context__)
    if any(isinstance(x, PDFPasswordIncorrect) for x in chain):
        return _LOCKED
    known = (PDFSyntaxError, ValueError, TypeError, KeyError, OSError, RecursionError)
    said = str(problem) if isinstance(problem, known) else ""
    return f"a damaged PDF: {said or type(problem).__name__}"


def _squeeze(text: str) -> str:
    return re.sub(r"[\s-]+", "", text)


def _with_page(block: Paragraph | Table, pages: Sequence[tuple[int, str]]) -> Paragraph | Table:
    """The block with the page on which it starts."""
    if isinstance(block, Paragraph):
        pattern = re.escape(_squeeze(block.text)[:40])
    else:
        pattern = (
            re.escape(_squeeze(block.label)) + "[.:|–—]*" + re.escape(_squeeze(block.caption)[:30])
        )
    for number, page in pages:
        if pattern and re.search(pattern, page):
            return replace(block, page=number)
    return block


def _best(words: list[Word], letters: int, others: list[Word]) -> tuple[list[Word], str]:
    """The words of the reader that decoded the page's fonts, and a note if it is the second."""
    coded = sum(w.text.count("(cid:") for w in words)
    first = sum(len(w.text) for w in words if "(cid:" not in w.text)
    if others and letters > 20 and first < _ENOUGH * letters:
        note = (
            f"{letters - first} of {letters} letters are in fonts that only a second reader knows"
        )
        return _lower_superscripts(others), note
    if coded:
        return words, f"{coded} letters are in fonts that can't be decoded"
    return words, ""


_ENOUGH = 0.9
_LOCKED = "the PDF is locked by a password; save a copy without it, or give the XML or .docx"
_NO_TEXT = (
    "no text in the PDF; it may be a scan: run text recognition (OCR) over it first, or give the "
    "journal's XML or .docx"
)
"""Share of the second reader's letters that the first one has to find."""


def _words(page: Page) -> list[Word]:
    from pdfplumber.utils import extract_words

    raw = extract_words(
        upright_chars(page.chars, float(page.width), float(page.height)),
        x_tolerance=1.5,
        y_tolerance=3,
        keep_blank_chars=False,
        extra_attrs=["size"],
    )
    words = [
        Word(
            w["text"],
            float(w["x0"]),
            float(w["x1"]),
            float(w["top"]),
            float(w["bottom"]),
            float(w["size"]),
        )
        for w in raw
        if w.get("upright", True)
    ]
    return _lower_superscripts(words)


def upright_chars(
    chars: Sequence[dict[str, Parsed]], width: float, height: float
) -> list[dict[str, Parsed]]:
    """The letters of a page, turned upright where most stand on their side (a wide table).

    What then stands across them, as the page's number does, is left out by the reader of words.

    Parameters
    ----------
    chars
        Letters with their box and their matrix, as pdfplumber gives them.
    width, height
        Of the page as it is, in points.

    Examples
    --------
    >>> up = {"x0": 50.0, "x1": 60.0, "top": 100.0, "bottom": 105.0, "upright": False}
    >>> turned = upright_chars([up | {"matrix": (0, 1, -1, 0, 60, 700)}], 600, 800)[0]
    >>> [turned[k] for k in ("x0", "x1", "top", "bottom", "upright")]
    [695.0, 700.0, 50.0, 60.0, True]
    """
    if not on_its_side(chars):
        return list(chars)
    aside = [c for c in chars if not c.get("upright", True)]
    upward = 2 * sum(c["matrix"][1] > 0 for c in aside) >= len(aside)
    out = []
    for c in chars:
        boxes = (
            {"x0": height - c["bottom"], "x1": height - c["top"], "top": c["x0"], "bottom": c["x1"]}
            if upward
            else {
                "x0": c["top"],
                "x1": c["bottom"],
                "top": width - c["x1"],
                "bottom": width - c["x0"],
            }
        )
        out.append({**c, **boxes, "doctop": boxes["top"], "upright": not c.get("upright", True)})
    return out


def on_its_side(chars: Sequence[dict[str, Parsed]]) -> bool:
    """Whether most letters of a page stand on their side."""
    return 2 * sum(not c.get("upright", True) for c in chars) > len(chars)


def _lower_superscripts(words: Sequence[Word]) -> list[Word]:
    """Raised figures (citations) go into brackets on the line, raised letters and signs away.

    Left as they are, they would lengthen the number before them: 0.02 with the citation 35 would
    be read as 0.0235.
    """
    if not words or len(words) > MAX_WORDS_PER_PAGE:
        return list(words)
    usual = statistics.median(w.size for w in words)
    large = sorted((w for w in words if w.size >= 0.85 * usual), key=lambda w: w.x1)
    ends = [w.x1 for w in large]
    out = []
    for word in words:
        host = None
        if word.size < 0.82 * usual:
            first = bisect_left(ends, word.x0 - 3.0)
            for other in large[first:]:
                if other.x1 > word.x0 + 1.5:
                    break
                raised = other.top - 3.0 <= word.bottom <= other.bottom - 0.1 * other.size
                if raised and word.bottom > other.top and other.size > 1.15 * word.size:
                    host = other
        if host is None:
            out.append(word)
        elif re.fullmatch(r"[\d,–-]+", word.text) and not re.search(r"\bc?m$|/m$|10$", host.text):
            out.append(replace(word, text=f"[{word.text}]", top=host.top, bottom=host.bottom))
        elif re.fullmatch(r"[−-]?\d+", word.text):
            mark = "^" if host.text.endswith("10") else ""
            out.append(replace(word, text=mark + word.text, top=host.top, bottom=host.bottom))
        # Letters and signs are marks of footnotes.
    return out


@dataclass(frozen=True, slots=True)
class _LaidOut:
    """Text of a page; the columns of a table that may go on from it; where its columns part."""

    text: str
    open: tuple[int, ...] | None
    gutter: float | None


def _page(
    words: Sequence[Word],
    width: float,
    carried: tuple[int, ...] | None = None,
    known: float | None = None,
) -> _LaidOut:
    """Text of a page with its columns one after another and gaps kept as blanks.

    With a width of nought no columns are looked for. ``carried`` are the columns of a table of
    the page before that may go on here, ``known`` is the gutter of the pages before.
    """
    lines = _lines(words)
    size = _char_width(words)
    gutter = gutter_of(lines, width, known) if width else None
    if gutter is None:
        texts, going_on = _spaced(lines, size, carried)
        return _LaidOut("\n".join(texts), going_on, None)
    # Lines that cross the gutter (titles, wide tables) part the page into bands.
    out: list[str] = []
    left: list[list[Word]] = []
    right: list[list[Word]] = []

    def flush() -> None:
        for side in (left, right):
            if side:
                out.extend([*_spaced(side, size)[0], ""])
            side.clear()

    going_on = None
    wide = wide_tables(lines, gutter)
    for k, line in enumerate(lines):
        if k in wide:
            # All of a table over both columns at once: its rows show where its columns are.
            flush()
            if wide[k] > k:
                texts, open_ = _spaced(lines[k : wide[k]], size, carried if k == 0 else None)
                out.extend(texts)
                going_on = open_ if wide[k] == len(lines) else None
        elif crosses(line, gutter):
            flush()
            out.extend(_spaced([line], size)[0])
        else:
            a = [w for w in line if w.x1 <= gutter]
            b = [w for w in line if w.x0 >= gutter]
            if a:
                left.append(a)
            if b:
                right.append(b)
    flush()
    return _LaidOut("\n".join(out), going_on, gutter)


def _lines(words: Sequence[Word]) -> list[list[Word]]:
    """Words grouped by their baseline, left to right."""
    out: list[list[Word]] = []
    for word in sorted(words, key=lambda w: (w.bottom, w.x0)):
        height = word.bottom - word.top
        if out:
            last = out[-1]
            base = statistics.median(w.bottom for w in last)
            if abs(word.bottom - base) <= max(0.35 * height, 2.0):
                last.append(word)
                continue
        out.append([word])
    for line in out:
        line.sort(key=lambda w: w.x0)
    return out


def _char_width(words: Sequence[Word]) -> float:
    widths = [(w.x1 - w.x0) / len(w.text) for w in words if len(w.text) > 2]
    return max(statistics.median(widths), 1.0) if widths else 5.0


def _spaced(
    lines: Sequence[Sequence[Word]], size: float, carried: tuple[int, ...] | None = None
) -> tuple[list[str], tuple[int, ...] | None]:
    """Lines with gaps kept, and the columns of a table that stands at their end.

    A wide vertical gap becomes an empty line.
    """
    out: list[str] = []
    edge = min((w.x0 for line in lines for w in line), default=0.0)
    bottoms = [max(w.bottom for w in line) for line in lines]
    steps = [b - a for a, b in pairwise(bottoms) if 0 < b - a < 40]
    # The leading of running text is among the smaller steps: many short paragraphs, wide steps.
    usual = sorted(steps)[len(steps) // 4] if steps else 12.0
    tables = aligned(lines, carried)
    for k, line in enumerate(lines):
        if k and bottoms[k] - bottoms[k - 1] > 1.45 * usual:
            out.append("")
        if k in tables.text:
            out.append(tables.text[k])
            continue
        text = ""
        drawn_out = justified(line)
        for word in line:
            if not text:
                text = " " * max(0, round((word.x0 - edge) / size)) + word.text
                end = word.x1
                continue
            gap = word.x0 - end
            if gap > 1.9 * size and not drawn_out:
                column = round((word.x0 - edge) / size)
                text = text.ljust(max(column, len(text) + 2)) + word.text
            elif gap > 0.12 * size:
                text += " " + word.text
            else:
                text += word.text
            end = word.x1
        out.append(text)
    return out, tables.open


def _without_running_heads(pages: Sequence[str]) -> list[str]:
    """Drop lines that stand at the top or bottom of most pages (journal names, page numbers)."""
    if len(pages) < 3:
        return list(pages)
    counts: dict[str, int] = {}
    for page in pages:
        lines = [x.strip() for x in page.split("\n") if x.strip()]
        for line in {_key(x) for x in (*lines[:3], *lines[-3:])}:
            counts[line] = counts.get(line, 0) + 1
    running = {k for k, c in counts.items() if c >= max(3, len(pages) // 3) and len(k) > 0}
    out = []
    for page in pages:
        lines = page.split("\n")
        filled = [k for k, x in enumerate(lines) if x.strip()]
        ends = {*filled[:3], *filled[-3:]}
        out.append(
            "\n".join(
                x
                for k, x in enumerate(lines)
                if not (
                    k in ends
                    and (_key(x.strip()) in running or re.fullmatch(r"\d{1,5}", x.strip()))
                )
            )
        )
    return out


def _key(line: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"\d+", "#", line))
