"""What each section of a paper reads, beside its endpoints and variables.

A section's own parts are prefixes of result ids. Columns are written ``table.column``;
``table.*`` is every column of the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TREATMENT = (
    "patients.treatment_start",
    "patients.treatment_end",
    "patients.treatment_end_reason",
    "patients.last_contact",
    "patients.death_date",
)
"""Columns of time on treatment and of why it ended; they are told of every study that has them."""

READS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "response": ("therapies.start", "patients.treatment_start"),
        "exposure": ("doses.*", *TREATMENT),
        "safety": ("adverse_events.*", "patients.treatment_start", "patients.treatment_end"),
        "labs": ("labs.*", "patients.treatment_start", "patients.treatment_end"),
        "response.swimmer": (
            "patients.treatment_end",
            "patients.treatment_end_reason",
            "patients.last_contact",
            "patients.death_date",
        ),
        "response.discrepancies": ("assessments.*",),
    }
)
"""Part of the results = the columns that it reads."""

BODY_SIZE = ("weight_kg", "height_cm", "bsa_m2")
"""Columns of `patients` that doses by body size are multiplied with."""

MOST_CURVES = 12
"""Curves of one figure that can be told apart by colour, dash and number."""

CHARTED_RESPONSE = ("patients.best_response",)
"""What the response section reads where the charted best response counts."""

CHANGE = ("response.waterfall", "response.change", "response.reduced")
"""Parts of the response section that show the change of the tumours."""
