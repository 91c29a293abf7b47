"""oncohort: retrospective oncology cohort studies, from the chart to the paper.

The names here are loaded when first used, so that ``import oncohort`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from oncohort import audit, consortium, criteria, endpoints, stats, twin
    from oncohort.problems import OncohortError, Place, Problem, Severity
    from oncohort.study.results import Results
    from oncohort.study.study import Study, read_study

_ROOMS = ("stats", "criteria", "endpoints", "audit", "published", "scale", "twin", "consortium")
_NAMES = {
    "OncohortError": "oncohort.problems",
    "Place": "oncohort.problems",
    "Problem": "oncohort.problems",
    "Severity": "oncohort.problems",
    "Results": "oncohort.study.results",
    "Study": "oncohort.study.study",
    "read_study": "oncohort.study.study",
}

__all__ = [
    "OncohortError",
    "Place",
    "Problem",
    "Results",
    "Severity",
    "Study",
    "__version__",
    "audit",
    "consortium",
    "criteria",
    "endpoints",
    "read_study",
    "stats",
    "twin",
]


def __getattr__(name: str) -> object:
    if name in _ROOMS:
        return import_module(f"oncohort.{name}")
    if name in _NAMES:
        return getattr(import_module(_NAMES[name]), name)
    raise AttributeError(f"module 'oncohort' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
