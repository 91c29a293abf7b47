"""Kinds of dated facts, in words, with the columns of the record tables that each reads.

A column is written ``table.column``. :data:`VISITS` stands for the visits at which response was
judged: which columns those are depends on where the protocol takes the response from
(:data:`RESPONSE_SOURCES`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oncohort.dataclass import dataclass

VISITS = "visits"
"""The visits at which response was judged, in the reads of a fact."""

RESPONSE_SOURCES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "lesions": (
            "lesions.patient",
            "lesions.lesion",
            "lesions.date",
            "lesions.visit",
            "lesions.role",
            "lesions.node",
            "lesions.diameter_mm",
            "lesions.status",
            "lesions.merged_into",
            "lesions.reader",
            "patients.treatment_start",
        ),
        "assessments": (
            "assessments.patient",
            "assessments.date",
            "assessments.visit",
            "assessments.target",
            "assessments.non_target",
            "assessments.new_lesion",
            "assessments.overall",
            "assessments.reader",
            "patients.treatment_start",
        ),
        "charted": (),
    }
)
"""Where response can come from, with the columns that the visits are judged by; the charted best
response has no visits."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A kind of dated fact: how a sentence says it, and which columns it rests on."""

    words: str
    reads: tuple[str, ...]


FACTS: Mapping[str, Fact] = MappingProxyType(
    {
        "progression": Fact("progression", (VISITS, "patients.progression_date")),
        "death": Fact("death", ("patients.death_date", "patients.vital_status")),
        "death_other": Fact(
            "death from another cause",
            ("patients.death_date", "patients.vital_status", "patients.death_cause"),
        ),
        "next_therapy": Fact(
            "next therapy started", ("therapies.start", "patients.treatment_start")
        ),
        "clinical_progression": Fact(
            "treatment stopped for progression without a scan that shows it",
            ("patients.treatment_end", "patients.treatment_end_reason"),
        ),
        "treatment_end": Fact("treatment ended", ("patients.treatment_end",)),
        "toxicity": Fact(
            "treatment stopped for toxicity",
            ("patients.treatment_end", "patients.treatment_end_reason"),
        ),
        "second_progression": Fact(
            "progression on the next therapy",
            (
                VISITS,
                "therapies.start",
                "therapies.end",
                "therapies.stop_reason",
                "patients.treatment_start",
            ),
        ),
        "therapy_after_next": Fact(
            "the therapy after the next one started",
            ("therapies.start", "patients.treatment_start"),
        ),
        "charted_progression": Fact("progression as charted", ("patients.progression_date",)),
        "assessment": Fact("evaluable assessment", (VISITS,)),
        "not_evaluable": Fact("assessment that is not evaluable", (VISITS,)),
        "last_contact": Fact("last contact", ("patients.last_contact",)),
        "response": Fact("response", (VISITS, "therapies.start")),
        "complete_response": Fact("complete response", (VISITS, "therapies.start")),
        "stable_disease_from": Fact(
            "start of treatment of patients with stable disease",
            (VISITS, "therapies.start", "patients.treatment_start"),
        ),
        "procedure": Fact("procedure", ("procedures.date", "patients.treatment_start")),
        "birth_date": Fact("birth", ("patients.birth_date",)),
        "diagnosis_date": Fact("diagnosis", ("patients.diagnosis_date",)),
        "metastasis_date": Fact("first metastasis", ("patients.metastasis_date",)),
        "first_systemic_date": Fact("first systemic therapy", ("patients.first_systemic_date",)),
    }
)
"""Kinds of facts by name. Every other date column of ``patients`` is a kind of its own name."""

EVENTS = (
    "progression",
    "death",
    "next_therapy",
    "clinical_progression",
    "treatment_end",
    "toxicity",
    "second_progression",
)
"""Kinds of facts that the protocol may name as events, beside date columns of ``patients``."""

SIGNS_OF_LIFE = (
    "treatment_start",
    "treatment_end",
    "last_contact",
    "assessment",
    "not_evaluable",
    "progression",
    "next_therapy",
    "therapy_after_next",
    "charted_progression",
)
"""Kinds of facts at which the patient was alive."""

ORIGINS = ("response", "complete_response", "stable_disease_from")
"""Origins that are no column: they are derived from responses."""

BEFORE_TREATMENT = ("diagnosis_date", "metastasis_date", "first_systemic_date")
"""Origins before the start of treatment: patients come under observation at its start."""


def reads(kind: str) -> tuple[str, ...]:
    """The columns that a kind of fact reads.

    Examples
    --------
    >>> reads("treatment_end"), reads("relapse_date")
    (('patients.treatment_end',), ('patients.relapse_date',))
    """
    return FACTS[kind].reads if kind in FACTS else (f"patients.{kind}",)
