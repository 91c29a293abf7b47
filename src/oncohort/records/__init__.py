"""The chart as typed record tables: readers, units, dates, decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.lazy_names import lazy_names

if TYPE_CHECKING:
    from oncohort.records.model import Cells as Cells
    from oncohort.records.model import Decision as Decision
    from oncohort.records.model import Records as Records
    from oncohort.records.model import Source as Source
    from oncohort.records.reading import read_records as read_records

__all__, __getattr__, __dir__ = lazy_names(
    __name__,
    {"model": ["Cells", "Decision", "Records", "Source"], "reading": ["read_records"]},
)
