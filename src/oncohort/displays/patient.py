"""One patient as a page: what the chart holds, what was decided, and where each of it stands."""

from __future__ import annotations

from typing import Literal

from oncohort.dataclass import dataclass

Lane = Literal["fact", "visit", "dose", "event"]
"""Where something stands on the timeline."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, and the cell that it rests on."""

    text: str
    place: str = ""
    date: str = ""
    call: str = ""
    """The call that was made: ``PR``, ``event``."""
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines under a heading."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Records of the chart as a table: texts, and the place of every row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    places: tuple[str, ...]
    """Of each row; empty texts where the cells hold their own."""
    numbers: frozenset[int] = frozenset()
    """Columns with numbers, which are set to the right."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on the timeline, in days from the start of treatment.

    Attributes
    ----------
    end
        Last day; the same as `start` for what happened on one day.
    call
        A response (``PR``), a grade (``3``), a share of the planned dose (``0.5``).
    """

    lane: Lane
    start: int
    end: int
    label: str
    call: str = ""


@dataclass(frozen=True, slots=True)
class PatientPage:
    """Everything about one patient."""

    patient: str
    synthetic: bool
    included: bool
    facts: tuple[tuple[str, str], ...]
    """Head lines: best response, progression-free survival, ..."""
    blocks: tuple[Block, ...]
    """Eligibility, course, variables with their factors, problems."""
    listings: tuple[Listing, ...]
    """Lesions by visit, then the records of each table."""
    marks: tuple[Mark, ...] = ()
