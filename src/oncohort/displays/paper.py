"""The paper as blocks in order, so that documents only have to lay it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from oncohort.dataclass import dataclass
from oncohort.displays.figures.model import Figure
from oncohort.displays.spans import Spans
from oncohort.displays.tables.model import Table
from oncohort.protocol.number_style import Style


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section; level 3 is the first below the section's own."""

    text: str
    level: int = 3


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `author` where the words are the author's own."""

    spans: Spans
    author: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; `author` where the words are the author's own."""

    items: tuple[Spans, ...]
    author: bool = False
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Prompts:
    """What the author has to write, with the file it goes into."""

    file: str
    intro: str
    items: tuple[Spans, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader must know: a part left out and why, a caution.

    `shared` says it without anything that points at a patient, for Word and for `--share`.
    """

    spans: Spans
    kind: Literal["left_out", "caution"] = "left_out"
    shared: Spans = ()


@dataclass(frozen=True, slots=True)
class TableBlock:
    """The place of a table."""

    table: str


@dataclass(frozen=True, slots=True)
class FigureBlock:
    """The place of a figure."""

    figure: str


Block = Heading | Paragraph | Bullets | Prompts | Notice | TableBlock | FigureBlock


@dataclass(frozen=True, slots=True)
class PaperSection:
    """A section: key, heading, blocks."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Headline:
    """One of the numbers that stand at the top of the report."""

    label: str
    spans: Spans
    detail: Spans = ()


@dataclass(frozen=True, slots=True)
class TitlePage:
    """What stands below the title: authors, where they work, and the lines that journals want."""

    authors: Spans = ()
    affiliations: tuple[Spans, ...] = ()
    lines: tuple[tuple[str, Spans], ...] = ()
    """(what, words): corresponding author, running title, keywords, numbers of words."""


@dataclass(frozen=True, slots=True)
class Paper:
    """Title, sections in the paper's order, tables and figures by name."""

    title: str
    subtitle: str
    sections: tuple[PaperSection, ...]
    tables: Mapping[str, Table]
    figures: Mapping[str, Figure]
    headlines: tuple[Headline, ...]
    style: Style
    synthetic: bool = False
    title_page: TitlePage = TitlePage()
    display_names: frozenset[str] = frozenset()
    """What ``[paper] main`` can name: ``survival``, ``table.survival``."""
    unknown_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Author's text to the ids in it that the study does not have."""
    unknown_works: tuple[str, ...] = ()
    """Keys that are cited and not in the references."""
