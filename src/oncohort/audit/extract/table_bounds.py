"""Values with their bounds in the cells of tables: "74.9 (69.4-79.7)" below "% (95% CI)"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from oncohort.audit.document import Row, Table
from oncohort.published.model import Bounded, Where

_NUMBER = r"[-−–‐‑]?\s?(?:\d{1,3}(?:,\d{3}){1,3}(?:\.\d{1,6})?|\d{1,7}(?:[.·]\d{1,6})?|[.·]\d{1,6})"
_CELL = re.compile(
    rf"({_NUMBER})\s?(%?)\s?[(\[]\s?(?:9\d\s?%\s?CI[:,]?\s?)?({_NUMBER})\s?%?\s?"
    rf"([-–—−‐‑‒]|to\b|,|;)\s?({_NUMBER})\s?%?\s?[)\]]\s?(?:[*†‡§¶a-e#]{{1,3}}|p\s?[=<].{{0,12}})?$",
    re.I,
)
_NAMED = (
    ("interval", re.compile(r"\bCr?Is?\b|\bC\.I\.|confidence|credible", re.I)),
    ("quartiles", re.compile(r"\bIQRs?\b|quartile|percentile|\bp25|\bQ1\b", re.I)),
    ("range", re.compile(r"\brange\b|\bmin\w*\W{1,4}max", re.I)),
)
_RATIO = re.compile(r"\b[acs]?(?:HR|OR|RR|IRR|PR|SHR)s?\b|\bratios?\b", re.I)
_CHANGE = re.compile(
    r"differ|chang|increas|decreas|reduc|effect|coef|beta|β|slope|\bvs\b|versus|score|log", re.I
)
_HEART = re.compile(r"\bbeats|\bbpm\b|heart rate|respirat", re.I)
_NO_VALUE = re.compile(r"\btotal|\bsum\b|\bnumber|\bno\.|\bn\b", re.I)


def read_bounded_cells(table: Table) -> Iterator[Bounded]:
    """Every cell of a table that holds a value and its bounds, where the table names the bounds.

    Examples
    --------
    >>> table = Table("Table 1", "", (("", "% (95% CI)"),), (Row(("Men", "74.9 (69.4-79.7)")),))
    >>> [(b.value, b.low, b.high, b.spread) for b in read_bounded_cells(table)]
    [('74.9', '69.4', '79.7', 'interval')]
    """
    for column in range(1, table.width):
        heading = table.heading(column)
        for row in table.rows:
            text = row.cells[column].strip() if column < len(row.cells) else ""
            match = _CELL.match(text) if "(" in text or "[" in text else None
            if match is not None:
                read = _bounded(match, row, heading, table)
                if read is not None:
                    yield read


def _bounded(match: re.Match[str], row: Row, heading: str, table: Table) -> Bounded | None:
    texts = [match[1], match[3], match[5]]
    if any(re.match(r"[-−–‐‑]?\s?0\d", t) for t in texts) or _parted(match):
        return None
    spread = _spread((row.label, heading, table.caption))
    words = f"{heading} {row.label}"
    if not spread or (spread == "range" and _NO_VALUE.search(row.label)):
        return None
    if spread == "quartiles" and re.search(r"\bmeans?\b", words, re.I):
        return None
    value, low, high = map(_plain, texts)
    dashed = match[4] in "-–—−‐‑‒"
    return Bounded(
        value,
        low,
        high,
        spread,
        unclear=dashed and low.startswith("-") != high.startswith("-"),
        kind="ratio"
        if _RATIO.search(words) and not _HEART.search(words)
        else "change"
        if _CHANGE.search(f"{words} {table.caption}")
        else "",
        where=Where("table", table.label, row.label, heading, table.page, row.quote),
    )


def _parted(match: re.Match[str]) -> bool:
    """Whether a comma may part thousands or be a decimal one: "48 (1,022)", "2 (7,0)"."""
    return match[4] == "," and bool(re.search(r"\d,\d", match[0]))


def _spread(places: Sequence[str]) -> str:
    """What the first place that names bounds calls them."""
    for text in places:
        for name, pattern in _NAMED:
            if pattern.search(text):
                return name
    return ""


def _plain(text: str) -> str:
    text = re.sub(r"\s", "", text).replace("·", ".").replace(",", "")
    negative = text[0] in "-−–‐‑"
    text = text.lstrip("-−–‐‑")
    text = f"0{text}" if text.startswith(".") else text
    return f"-{text}" if negative else text
