"""Abbreviations: spelt out at first use in abstract and text, explained below tables and figures.

Only those that are used are explained. The author's own words are left as they are; an
abbreviation that they explain is not explained again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from oncohort.dataclass import dataclass
from oncohort.displays.figures.fonts import strings
from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.paper import Block, Bullets, Paragraph
from oncohort.displays.spans import Span, Spans, merged, text_of
from oncohort.displays.tables.model import Table
from oncohort.displays.words import low_first

WORDS: Mapping[str, str] = {
    "AE": "adverse event",
    "ALT": "alanine aminotransferase",
    "AST": "aspartate aminotransferase",
    "AUC": "area under the curve",
    "BMI": "body mass index",
    "CI": "confidence interval",
    "CRP": "C-reactive protein",
    "CTCAE": "Common Terminology Criteria for Adverse Events",
    "ECOG": "Eastern Cooperative Oncology Group",
    "eGFR": "estimated glomerular filtration rate",
    "HR": "hazard ratio",
    "IMDC": "International Metastatic Renal Cell Carcinoma Database Consortium",
    "IPTW": "inverse probability of treatment weighting",
    "IQR": "interquartile range",
    "LDH": "lactate dehydrogenase",
    "MSKCC": "Memorial Sloan Kettering Cancer Center",
    "NE": "not estimable",
    "NR": "not reached",
    "OR": "odds ratio",
    "ORR": "objective response rate",
    "PSA": "prostate-specific antigen",
    "RECIST": "Response Evaluation Criteria in Solid Tumors",
    "RMST": "restricted mean survival time",
    "SHR": "subdistribution hazard ratio",
    "SMD": "standardized mean difference",
}
"""Abbreviations that mean one thing in a paper on cancer."""
RESPONSES: Mapping[str, str] = {
    "CR": "complete response",
    "NE": "not evaluable",
    "PD": "progressive disease",
    "PR": "partial response",
    "SD": "stable disease",
}
"""In a display that names both CR and PR."""
NAMES = frozenset({"CTCAE", "ECOG", "IMDC", "MSKCC", "RECIST"})
"""Better known by their letters: these stay beside the words even if used once."""


def known(lookup: Lookup) -> dict[str, str]:
    """Abbreviation to words, those of the study's own endpoints among them."""
    own = {}
    for key in lookup.protocol.endpoints:
        short, name = lookup.short(key), low_first(lookup.endpoint(key))
        if short.lower() != name.lower() and len(short) > 1:
            own[short] = name
    return {**WORDS, **own}


def _short(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w/+-]){re.escape(name)}(?![\w/-]|\u2010)")


def used_in(text: str, words: Mapping[str, str]) -> dict[str, str]:
    """Those of the abbreviations that a text uses, in order of the alphabet.

    Examples
    --------
    >>> used_in("HR (95% CI)", {"HR": "hazard ratio", "CI": "interval", "OS": "survival"})
    {'CI': 'interval', 'HR': 'hazard ratio'}
    """
    return {k: words[k] for k in sorted(words, key=str.lower) if _short(k).search(text)}


# -- tables and figures ---------------------------------------------------------------------


def _meanings(text: str, words: Mapping[str, str]) -> dict[str, str]:
    """What a display's abbreviations mean: SD beside CR and PR is stable disease."""
    meant = dict(words)
    if _short("CR").search(text) and _short("PR").search(text):
        meant |= RESPONSES
    if re.search(r"\bmean \(SD\)|\(SD \d", text):
        meant["SD"] = "standard deviation"
    found = used_in(text, meant)
    return {
        k: v for k, v in found.items() if f"{k}: " not in text and f"({k})" not in text
    }  # not those that the display itself explains


def _note(found: Mapping[str, str]) -> str:
    return "; ".join(f"{short}: {long}" for short, long in found.items()) + "."


def explained_table(table: Table, words: Mapping[str, str]) -> Table:
    """A table whose last note explains the abbreviations that it uses."""
    parts = [table.title]
    parts += [label for c in table.columns for label in (*c.spanners, c.label)]
    parts += [c.text for row in table.rows for c in row.cells]
    parts += [text_of(note) for note in table.notes]
    found = _meanings("\n".join(parts), words)
    if not found:
        return table
    return replace(table, notes=(*table.notes, (Span(_note(found)),)))


def explained_figure(figure: Figure, words: Mapping[str, str]) -> Figure:
    """A figure whose caption explains the abbreviations of caption and drawing."""
    parts = [figure.title, text_of(figure.caption), *strings(figure.data)]
    found = _meanings("\n".join(parts), words)
    if not found:
        return figure
    return replace(figure, caption=merged((*figure.caption, Span(f" {_note(found)}"))))


# -- running text ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    line: int
    span: int
    start: int
    end: int


def _find(lines: Sequence[Spans], pattern: re.Pattern[str]) -> list[_Place]:
    return [
        _Place(i, k, m.start(), m.end())
        for i, line in enumerate(lines)
        for k, span in enumerate(line)
        if span.plain and span.mark != "missing"
        for m in pattern.finditer(span.text)
    ]


def _put(lines: list[Spans], at: _Place, text: str) -> None:
    """Text in place of a stretch of one span."""
    line = list(lines[at.line])
    old = line[at.span]
    line[at.span] = replace(old, text=old.text[: at.start] + text + old.text[at.end :])
    lines[at.line] = tuple(line)


def _starts(lines: Sequence[Spans], at: _Place) -> bool:
    """Does a place begin a sentence?"""
    before = text_of(lines[at.line][: at.span]) + lines[at.line][at.span].text[: at.start]
    return not before.strip() or before.rstrip().endswith((".", "?", "!"))


def _bracketed(lines: Sequence[Spans], at: _Place, short: str) -> str:
    """ "(CI)", or "[CI]" inside brackets."""
    before = text_of(lines[at.line][: at.span]) + lines[at.line][at.span].text[: at.start]
    inside = before.count("(") > before.count(")")
    return f"[{short}]" if inside else f"({short})"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def spelt_out(lines: Sequence[Spans], words: Mapping[str, str], others: str = "") -> list[Spans]:
    """Lines of one text with each abbreviation explained where it is first used.

    Parameters
    ----------
    others
        Words of the same text that are left as they are (the author's): what they explain is not
        explained again.

    Examples
    --------
    >>> [text_of(l) for l in spelt_out([(Span("HR 2, then HR 3."),)], {"HR": "hazard ratio"})]
    ['Hazard ratio (HR) 2, then HR 3.']
    >>> [text_of(l) for l in spelt_out([(Span("A HR of 2."),)], {"HR": "hazard ratio"})]
    ['A hazard ratio of 2.']
    """
    out = list(lines)
    for short, long in words.items():
        told = "\n".join([others, *(text_of(line) for line in out)])
        if f"({short})" in told or f"[{short}]" in told:
            continue
        brief = _find(out, _short(short))
        if not brief:
            continue
        full = _find(out, re.compile(rf"\b{re.escape(long)}(?![\w-])", re.IGNORECASE))
        first = brief[0]
        order = (first.line, first.span, first.start)
        earlier = [at for at in full if (at.line, at.span, at.start) < order]
        if earlier:
            at = earlier[0]
            written = out[at.line][at.span].text[at.start : at.end]
            _put(out, at, f"{written} {_bracketed(out, at, short)}")
            continue
        once = len(brief) == 1 and not _short(short).search(others) and short not in NAMES
        written = _capital(long) if _starts(out, first) else long
        _put(out, first, written if once else f"{written} {_bracketed(out, first, short)}")
    return out


def spelt_out_blocks(blocks: Sequence[Block], words: Mapping[str, str]) -> tuple[Block, ...]:
    """The paragraphs of a text with each abbreviation explained where it is first used."""
    paragraphs = [b for b in blocks if isinstance(b, Paragraph) and not b.author]
    others = "\n".join(
        text_of(line)
        for b in blocks
        if isinstance(b, Paragraph | Bullets) and b.author
        for line in ((b.spans,) if isinstance(b, Paragraph) else b.items)
    )
    done = iter(spelt_out([b.spans for b in paragraphs], words, others))
    return tuple(
        replace(b, spans=next(done)) if isinstance(b, Paragraph) and not b.author else b
        for b in blocks
    )
