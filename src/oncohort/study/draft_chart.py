"""A chart on its way into a draft."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path

from oncohort.dataclass import dataclass
from oncohort.records.repeats import Repeat
from oncohort.study.draft_events import Events
from oncohort.study.draft_rows import (
    excluded_columns,
)
from oncohort.study.draft_several import Several
from oncohort.study.drafting import Page, Question
from oncohort.study.endpoint_columns import Pair


@dataclass(slots=True)
class Chart:
    """A chart on its way into a draft: its sheets, and what each is taken for."""

    source: Path
    pages: list[Page]
    several_files: bool
    tables: dict[str, Page] = field(default_factory=dict)
    unused: list[Page] = field(default_factory=list)
    codebooks: list[Page] = field(default_factory=list)
    """Sheets that explain the codes of others."""
    joins: list[dict[str, object]] = field(default_factory=list)
    alone: dict[int, tuple[str, int]] = field(default_factory=dict)
    """Which of the joined sheets has patients whom the first one lacks, and how many."""
    stacked: dict[str, Question] = field(default_factory=dict)
    """Record table = the question whether other sheets go on with its rows."""
    rows: list[Question] = field(default_factory=list)
    """Questions about rows of the patients' sheet."""
    ignored: set[str] = field(default_factory=set)
    repeats: list[Repeat] = field(default_factory=list)
    beside: set[str] = field(default_factory=set)
    """Columns of the patients' sheet that a record table of the same rows takes."""
    undated: set[str] = field(default_factory=set)
    """Sizes at scans without days: no covariates, and no lesions."""
    events: list[Events] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    new_lesions: list[dict[str, object]] = field(default_factory=list)
    """Settings of the sheets with a row for each new lesion."""
    new_lesions_unread: list[str] = field(default_factory=list)
    """What is told of their other columns."""
    several: Several | None = None
    """What several rows of a patient are, where there are some."""

    @property
    def patients(self) -> Page:
        """The sheet with the patients."""
        return self.tables["patients"]

    @property
    def taken(self) -> set[str]:
        """Columns of the patients' sheet that belong to other record tables."""
        out = {c for r in self.repeats for c in r.columns}
        out |= self.undated | self.beside
        out |= self.several.taken if self.several is not None else set()
        return out | {c for e in self.events for c in e.columns if e.sure}

    @property
    def endpoints_of_rows(self) -> bool:
        """Has each patient a row for each endpoint? What each is, is asked with the rows."""
        return (
            self.several is not None and bool(self.several.pairs) and not self.several.joins_pairs
        )

    @property
    def doubtful(self) -> set[str]:
        """Columns that may belong to another record table, or say who is in the study."""
        out = {c for e in self.events for c in e.columns if not e.sure}
        out |= {c for p in self.pairs for c in (*p.times, *p.events)}
        return out | set(excluded_columns(self.patients))

    def several_sheets(self, page: Page) -> bool:
        """Has the file of a page more than one sheet?"""
        return sum(p.sheet is not None for p in self.pages if p.file == page.file) > 1
