"""Where each number stands in the paper: abstract, section, table, figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from oncohort.displays.paper import Bullets, FigureBlock, Heading, Paragraph, TableBlock

if TYPE_CHECKING:
    from oncohort.displays.paper import Paper, PaperSection
    from oncohort.displays.spans import Spans


def places_of(paper: Paper) -> Mapping[str, tuple[str, ...]]:
    """Id of a number to the places that show it, in the order of the paper."""
    found: dict[str, dict[str, None]] = {}
    for section in paper.sections:
        for name, spans in _told(paper, section):
            for span in spans:
                if span.id:
                    found.setdefault(span.id, {})[name] = None
    return {key: tuple(names) for key, names in found.items()}


def _told(paper: Paper, section: PaperSection) -> Iterator[tuple[str, Spans]]:
    """The words of a section, each with the name of its place."""
    at = section.title
    for block in section.blocks:
        if isinstance(block, Heading):
            at = f"{section.title}, {block.text}"
        elif isinstance(block, Paragraph):
            yield at, block.spans
        elif isinstance(block, Bullets):
            yield from ((at, item) for item in block.items)
        elif isinstance(block, TableBlock):
            table = paper.tables[block.table]
            name = table.number or f"table {table.title}"
            for row in table.rows:
                yield from ((name, cell.spans) for cell in row.cells)
            yield from ((name, note) for note in table.notes)
        elif isinstance(block, FigureBlock):
            figure = paper.figures[block.figure]
            yield figure.number or f"figure {figure.title}", figure.caption
