"""Versions of the criteria, and named choices within them, that a study can follow."""

from __future__ import annotations

from typing import Literal, get_args

RESPONSE_CRITERIA = ("RECIST 1.1",)
CtcaeVersion = Literal["3.0", "4.03", "5.0"]
CTCAE_VERSIONS: tuple[CtcaeVersion, ...] = get_args(CtcaeVersion)
"""Versions of the Common Terminology Criteria for Adverse Events with rules in `criteria/ctcae`."""

EcogMap = Literal["conventional", "ma2010", "prasad2018"]
"""Maps from ECOG to Karnofsky: `criteria/performance.py`."""
CalciumFormula = Literal["standard", "standard-low-albumin", "payne", "mskcc", "none"]
"""Corrections of calcium by albumin: `criteria/calcium.py`."""
DRUG_LABELS = ("sorafenib_2005", "sorafenib_current", "sunitinib_current")
"""Labels with rules of dose reduction: `criteria/labels/`."""
