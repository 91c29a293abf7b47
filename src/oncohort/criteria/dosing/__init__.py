"""Drug exposure: planned and taken doses, dose intensity, reductions, interruptions."""

from __future__ import annotations

from oncohort.criteria.dosing.exposure import DosingError, Plan, exposure

__all__ = ["DosingError", "Plan", "exposure"]
