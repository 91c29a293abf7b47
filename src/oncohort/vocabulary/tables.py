"""The record tables: which columns each has, and of what kind.

Every reader, whatever the source, ends in these tables; everything later relies on these names.
Dates are dates, lengths are millimetres, doses are milligrams. Each table has ``patient`` (text)
and ``source_row`` (the row of the source that the record came from, as a person counts it).
Beside every date column ``x`` stands ``x_precision`` (``day``, ``month`` or ``year``).

Examples
--------
>>> from oncohort.vocabulary.tables import TABLES
>>> TABLES["labs"].kinds["value"]
'number'
>>> TABLES["doses"].required
('drug', 'start', 'amount')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Literal

from oncohort.dataclass import dataclass

Kind = Literal["text", "date", "number", "integer", "flag"]

TARGET_ROLES = ("target", "non-target", "new")
LESION_STATUS = (
    "measured",
    "too small",
    "absent",
    "present",
    "unequivocal progression",
    "equivocal",
    "not evaluable",
)
SEXES = ("male", "female")
VITAL_STATUS = ("alive", "dead")
STOP_REASONS = ("progression", "toxicity", "death", "completed", "choice", "other")
RESPONSES = ("CR", "PR", "SD", "Non-CR/Non-PD", "PD", "NE")


@dataclass(frozen=True, slots=True)
class RecordTable:
    """One record table: its columns with their kinds, which must be there, and what it holds."""

    name: str
    holds: str
    kinds: Mapping[str, Kind]
    required: tuple[str, ...] = ()
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Columns whose values must be one of a list, after codes were settled."""
    open: bool = False
    """Further columns (baseline covariates) are kept under their own names."""

    @property
    def dates(self) -> tuple[str, ...]:
        """The date columns."""
        return tuple(c for c, k in self.kinds.items() if k == "date")


def _table(
    name: str,
    holds: str,
    kinds: dict[str, Kind],
    required: tuple[str, ...] = (),
    levels: dict[str, tuple[str, ...]] | None = None,
    *,
    open_: bool = False,
) -> RecordTable:
    return RecordTable(
        name, holds, MappingProxyType(kinds), required, MappingProxyType(levels or {}), open_
    )


_ALL = (
    _table(
        "patients",
        "one row per patient: who, when treated, how it ended",
        {
            "sex": "text",
            "birth_date": "date",
            "age": "number",
            "diagnosis_date": "date",
            "metastasis_date": "date",
            "first_systemic_date": "date",
            "treatment_start": "date",
            "treatment_end": "date",
            "treatment_end_reason": "text",
            "last_contact": "date",
            "vital_status": "text",
            "death_date": "date",
            "death_cause": "text",
            "progression_date": "date",
            "best_response": "text",
            "kps": "number",
            "ecog": "number",
            "imdc": "text",
        },
        (),
        {
            "sex": SEXES,
            "vital_status": VITAL_STATUS,
            "treatment_end_reason": STOP_REASONS,
            "best_response": RESPONSES,
            "imdc": ("favorable", "intermediate", "poor"),
        },
        open_=True,
    ),
    _table(
        "lesions",
        "one row per lesion and scan",
        {
            "lesion": "text",
            "date": "date",
            "visit": "text",
            "role": "text",
            "site": "text",
            "side": "text",
            "node": "flag",
            "diameter_mm": "number",
            "status": "text",
            "method": "text",
            "slice_mm": "number",
            "irradiated": "flag",
            "merged_into": "text",
            "reader": "text",
        },
        ("lesion", "date", "role"),
        {"role": TARGET_ROLES, "status": LESION_STATUS},
    ),
    _table(
        "assessments",
        "one row per visit: responses as charted, where lesions were not",
        {
            "date": "date",
            "visit": "text",
            "target": "text",
            "non_target": "text",
            "new_lesion": "flag",
            "overall": "text",
            "reader": "text",
        },
        ("date", "overall"),
        {
            "target": RESPONSES,
            "non_target": RESPONSES,
            "overall": RESPONSES,
        },
    ),
    _table(
        "labs",
        "one row per laboratory value",
        {
            "date": "date",
            "test": "text",
            "specimen": "text",
            "value": "number",
            "unit": "text",
            "lower_limit": "number",
            "upper_limit": "number",
        },
        ("test", "value"),
    ),
    _table(
        "adverse_events",
        "one row per event (or per change of its grade)",
        {
            "term": "text",
            "start": "date",
            "end": "date",
            "grade": "integer",
            "baseline_grade": "integer",
            "related": "flag",
            "drug": "text",
            "serious": "flag",
            "action": "text",
            "outcome": "text",
        },
        ("term", "grade"),
    ),
    _table(
        "doses",
        "one row per period on one dose; a gap is dose 0",
        {
            "drug": "text",
            "start": "date",
            "end": "date",
            "amount": "number",
            "unit": "text",
            "times_per_day": "number",
            "reason": "text",
        },
        ("drug", "start", "amount"),
    ),
    _table(
        "therapies",
        "one row per line of systemic therapy",
        {
            "line": "integer",
            "drugs": "text",
            "start": "date",
            "end": "date",
            "stop_reason": "text",
        },
        ("start",),
    ),
    _table(
        "sites",
        "one row per metastatic site",
        {"organ": "text", "side": "text", "count": "integer", "date": "date"},
        ("organ",),
    ),
    _table(
        "performance",
        "one row per performance status",
        {"date": "date", "scale": "text", "value": "number"},
        ("scale", "value"),
        {"scale": ("Karnofsky", "ECOG")},
    ),
    _table(
        "procedures",
        "one row per operation, radiotherapy or other procedure",
        {"date": "date", "kind": "text", "lesion": "text"},
        ("kind",),
    ),
)

TABLES: Mapping[str, RecordTable] = MappingProxyType({t.name: t for t in _ALL})
"""All record tables by name; only ``patients`` is required of a study."""

PERCENTAGES = frozenset({"kps"})
"""Columns whose scale is percent: a percent sign behind a value says nothing new."""
