"""Criteria of the standards: response, risk, toxicity, dosing. Records in, calls out.

One file or folder per standard, each rule a pure function whose docstring names its source. The
modules load when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.lazy_names import lazy_names

if TYPE_CHECKING:
    from oncohort.criteria import calcium as calcium
    from oncohort.criteria import ctcae as ctcae
    from oncohort.criteria import dosing as dosing
    from oncohort.criteria import label as label
    from oncohort.criteria import performance as performance
    from oncohort.criteria import recist as recist
    from oncohort.criteria import renal as renal
    from oncohort.criteria.risk import imdc as imdc
    from oncohort.criteria.risk import mskcc as mskcc

__all__, __getattr__, __dir__ = lazy_names(
    __name__,
    {
        "": ["calcium", "ctcae", "dosing", "label", "performance", "recist", "renal"],
        "risk.": ["imdc", "mskcc"],
    },
)
