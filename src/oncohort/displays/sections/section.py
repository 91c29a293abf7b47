"""A section of the paper as a value: everything that belongs to it, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from oncohort.analyses.result import Numbers, Result
from oncohort.dataclass import dataclass

if TYPE_CHECKING:
    from oncohort.analyses.published import Beside
    from oncohort.displays.figures.model import Figure, Kind
    from oncohort.displays.lookup import Lookup
    from oncohort.displays.sections.analysis import Analysis
    from oncohort.displays.sections.item import Item
    from oncohort.displays.spans import Spans
    from oncohort.displays.tables.model import Table
    from oncohort.endpoints.cohort import Cohort
    from oncohort.protocol import Protocol

Part = tuple[str, ...]
"""Something that the protocol asks for: ``("survival", "pfs")``; it can be blocked by itself."""


@dataclass(frozen=True, slots=True)
class Request:
    """What an analysis is made from.

    Attributes
    ----------
    blocked
        Endpoints of the section that a problem blocks.
    numbers
        Results of the sections before.
    beside
        The figures of a paper to compare them with.
    """

    protocol: Protocol
    cohort: Cohort
    blocked: frozenset[str] = frozenset()
    numbers: Numbers = field(default_factory=lambda: Numbers(()))
    beside: Beside | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the paper.

    Parameters
    ----------
    key
        First part of the ids of its results.
    title
        Its heading in the results; empty where it goes on under the heading before.
    methods
        Heading of its methods.
    declared
        What the protocol asks for, each of which can be left out by itself.
    analyse
        Numbers of the section, or None where there is nothing to report.
    tables, figures
        Builders, in the order of the paper; each gives one, several, or none.
    sentences
        Paragraphs of the results; the last one names tables and figures.
    items
        Items of reporting guidelines that the section answers.
    analyses
        Its rows in the matrix of analyses.
    """

    key: str
    title: str
    methods: str
    declared: Callable[[Protocol], tuple[Part, ...]]
    analyse: Callable[[Request], Result | None]
    tables: tuple[Callable[[Lookup], Table | list[Table] | None], ...] = ()
    figures: tuple[Callable[[Lookup], list[Figure]], ...] = ()
    sentences: Callable[[Lookup], list[Spans]] = lambda lookup: []
    items: tuple[Item, ...] = ()
    analyses: tuple[Analysis, ...] = ()


def as_list(made: Table | list[Table] | None) -> list[Table]:
    """The tables that a builder gave."""
    if made is None:
        return []
    return made if isinstance(made, list) else [made]


def figure_of(
    lookup: Lookup,
    name: str,
    kind: Kind,
    title: str,
    caption: Spans,
    alt: str,
    data: Mapping[str, object],
    height: float,
    *,
    main: bool = False,
    width: float | None = None,
    repeats: str = "",
) -> Figure:
    """A figure in the sizes of the style; two columns wide unless told otherwise."""
    from oncohort.displays.figures.model import Figure

    return Figure(
        name,
        "",
        title,
        caption,
        alt,
        kind,
        data,
        width or lookup.style.two_columns_mm,
        round(height, 1),
        lookup.style.points,
        main,
        repeats,
    )
