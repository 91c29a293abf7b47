"""oncohort: retrospective oncology cohort studies, from the chart to the paper.

The names here are loaded when first used, so that ``import oncohort`` stays light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.lazy_names import lazy_names

__version__ = "0.1.0"

if TYPE_CHECKING:
    from oncohort import audit as audit
    from oncohort import consortium as consortium
    from oncohort import criteria as criteria
    from oncohort import endpoints as endpoints
    from oncohort import published as published
    from oncohort import scale as scale
    from oncohort import stats as stats
    from oncohort import twin as twin
    from oncohort.problems import OncohortError as OncohortError
    from oncohort.problems import Place as Place
    from oncohort.problems import Problem as Problem
    from oncohort.problems import Severity as Severity
    from oncohort.study.results import Results as Results
    from oncohort.study.study import Study as Study
    from oncohort.study.study import read_study as read_study

_names, __getattr__, __dir__ = lazy_names(
    __name__,
    {
        "": ["audit", "consortium", "criteria", "endpoints", "published", "scale", "stats", "twin"],
        "problems": ["OncohortError", "Place", "Problem", "Severity"],
        "study.results": ["Results"],
        "study.study": ["Study", "read_study"],
    },
)

__all__ = ["__version__", *_names]
