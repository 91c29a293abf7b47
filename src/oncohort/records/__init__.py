"""The chart as typed record tables: readers, units, dates, decisions."""

from __future__ import annotations

from oncohort.records.model import Cells, Decision, Records, Source
from oncohort.records.reading import read_records

__all__ = ["Cells", "Decision", "Records", "Source", "read_records"]
