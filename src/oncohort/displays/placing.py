"""Which tables and figures stand in the text, which in the supplement, and their numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.paper import FigureBlock, TableBlock
from oncohort.displays.sections import SECTIONS
from oncohort.displays.sections.section import as_list
from oncohort.displays.spans import Span, Spans, listed, merged
from oncohort.displays.tables.model import Table

Display = TypeVar("Display", Table, Figure)


def together(found: Sequence[Span]) -> Spans:
    """Numbers of displays as a text names them: the word once, runs by their ends.

    Examples
    --------
    >>> from oncohort.displays.spans import text_of
    >>> names = ("Table S2", "Table S3", "Figure 1", "Figure S4", "Figure S5", "Figure S6")
    >>> text_of(together([Span(n, to=n) for n in names])).replace("\u00a0", " ")
    'Tables S2 and S3, Figures 1 and S4 to S6'
    """
    out: list[Span] = []
    for word, group in groupby(found, key=lambda span: span.text.partition(" ")[0]):
        spans_of = list(group)
        out += [Span(", ")] if out else []
        if len(spans_of) == 1:
            out += spans_of
            continue
        bare = [replace(s, text=s.text.partition(" ")[2]) for s in spans_of]
        out += [Span(f"{word}s\u00a0"), *listed(_runs(bare))]
    return merged(out)


def _runs(numbers: Sequence[Span]) -> list[Spans]:
    """Three numbers or more that follow each other, by the first and the last."""
    runs: list[list[Span]] = []
    for span in numbers:
        if runs and _follows(runs[-1][-1].text, span.text):
            runs[-1].append(span)
        else:
            runs.append([span])
    out: list[Spans] = []
    for run in runs:
        if len(run) > 2:
            out.append((run[0], Span(" to "), run[-1]))
        else:
            out += [(span,) for span in run]
    return out


def _follows(one: str, other: str) -> bool:
    """Is S5 the next of S4? Roman numbers of tables are told one by one."""
    a, b = one.removeprefix("S"), other.removeprefix("S")
    if one.startswith("S") != other.startswith("S") or not (a.isdigit() and b.isdigit()):
        return False
    return int(b) == int(a) + 1


class Made:
    """The tables and figures of the paper, placed and numbered, by section.

    The protocol's ``[paper] main`` names those of the text; all others go to the supplement. Of
    two displays that show the same numbers one is shown, unless both are named; the other stays a
    file beside the paper, without a number.
    """

    def __init__(self, lookup: Lookup) -> None:
        self.tables: dict[str, Table] = {}
        self.figures: dict[str, Figure] = {}
        self.blocks: dict[str, list[TableBlock | FigureBlock]] = {}
        self._lookup = lookup
        self._counts: Counter[tuple[str, bool]] = Counter()
        made = {s.key: [t for make in s.tables for t in as_list(make(lookup))] for s in SECTIONS}
        drawn = {s.key: [f for make in s.figures for f in make(lookup)] for s in SECTIONS}
        self._names = {f"table.{t.id}" for some in made.values() for t in some} | {
            f"figure.{f.id}" for some in drawn.values() for f in some
        }
        tables = [self._shown("table", t) for s in SECTIONS for t in made[s.key]]
        figures = [self._shown("figure", f) for s in SECTIONS for f in drawn[s.key]]
        self._order(tables, figures)
        for section in SECTIONS:
            self.blocks[section.key] = [
                *(TableBlock(t.id) for t in made[section.key]),
                *(FigureBlock(f.id) for f in drawn[section.key]),
            ]

    @property
    def names(self) -> set[str]:
        """What ``[paper] main`` and ``left_out`` can name: ``survival``, ``figure.flow``."""
        return self._names | {name.partition(".")[2] for name in self._names}

    def _order(self, tables: Sequence[Table], figures: Sequence[Figure]) -> None:
        """Number the displays in the order in which the text cites them."""
        self.tables = {t.id: replace(t, number=self._number("table", t)) for t in tables}
        self.figures = {f.id: replace(f, number=self._number("figure", f)) for f in figures}

    def _shown(self, kind: str, display: Display) -> Display:
        paper = self._lookup.protocol.paper
        full = f"{kind}.{display.id}"
        repeats = display.repeats in self._names
        main = full in paper.main or (display.id in paper.main and not repeats)
        hidden = full in paper.left_out or (display.id in paper.left_out and not repeats)
        if hidden or (repeats and not main):
            return replace(display, main=False, shown=False)
        return replace(display, main=main)

    def _number(self, kind: str, display: Table | Figure) -> str:
        """ "Table II", "Figure S1"; empty where the paper does not show it."""
        if not display.shown:
            return ""
        main = display.main
        self._counts[kind, main] += 1
        place = self._counts[kind, main]
        word = kind.capitalize()
        if not main:
            return f"{word} S{place}"
        return f"{word} {self._lookup.style.numeral(place) if kind == 'table' else place}"

    def reference(self, block: TableBlock | FigureBlock) -> Span | None:
        """The number of a display, pointing at it; None where the paper does not show it."""
        if isinstance(block, TableBlock):
            number, to = self.tables[block.table].number, f"table.{block.table}"
        else:
            number, to = self.figures[block.figure].number, f"figure.{block.figure}"
        return Span(number, to=to) if number else None

    def references(self) -> dict[str, Span]:
        """Every numbered display by its full name, for the author's own words."""
        blocks = [b for some in self.blocks.values() for b in some]
        found = [span for b in blocks if (span := self.reference(b))]
        return {span.to: span for span in found}
