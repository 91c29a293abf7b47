"""What a variable can be derived from, and which columns each derivation reads."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oncohort.dataclass import dataclass
from oncohort.vocabulary.indices import INDICES


@dataclass(frozen=True, slots=True)
class Derivation:
    """One way to derive a variable from the record tables."""

    reads: tuple[str, ...]
    """Columns, ``table.column``; ``table.*`` is every column of the table."""
    tests: tuple[str, ...] = ()
    """Laboratory tests that count; none where the variable names its own."""


_RISK = (
    "labs.*",
    "performance.*",
    "therapies.start",
    "patients.sex",
    "patients.kps",
    "patients.ecog",
    "patients.diagnosis_date",
    "patients.first_systemic_date",
    "patients.treatment_start",
)

_CALCIUM = ("calcium", "albumin", "calcium_corrected")
"""Calcium is corrected by albumin, or charted as corrected."""

DERIVATIONS: Mapping[str, Derivation] = MappingProxyType(
    {
        "imdc": Derivation(_RISK, ("hemoglobin", *_CALCIUM, "neutrophils", "platelets")),
        "mskcc": Derivation(_RISK, ("hemoglobin", *_CALCIUM, "ldh")),
        "mskcc_second_line": Derivation(_RISK, ("hemoglobin", *_CALCIUM)),
        "lab": Derivation(("labs.*", "patients.treatment_start")),
        "performance": Derivation(("performance.*", "patients.treatment_start")),
        "sites": Derivation(("sites.organ", "sites.side", "sites.count", "sites.patient")),
        "age": Derivation(("patients.age", "patients.birth_date", "patients.treatment_start")),
        "egfr": Derivation(
            (
                "labs.*",
                "patients.sex",
                "patients.age",
                "patients.birth_date",
                "patients.treatment_start",
            ),
            ("creatinine",),
        ),
        # What a formula reads stands in the formula.
        "formula": Derivation(()),
        "ratio": Derivation(()),
        "category": Derivation(()),
        "duration": Derivation(()),
        **dict.fromkeys(INDICES, Derivation(())),
    }
)
"""Ways to derive a variable (`derive = "..."`), by name."""
