"""Endpoints: event and censoring rules as data, every value with its source and reason."""

from __future__ import annotations

from oncohort.endpoints.derive import NO_TIME, derive
from oncohort.vocabulary.endpoints import (
    DOCR,
    DOR,
    DOSD,
    ENDPOINTS,
    OS,
    PFS,
    PFS2,
    RULE_SETS,
    TIME_ON_TREATMENT,
    TTF,
    TTNT,
    TTP,
    EndpointRule,
    MissedVisits,
    RuleSet,
    rule_sets_for,
)

from .course import Entry, timeline
from .facts import FACT_SCHEMA, facts
from .orders import immortal_time, seen_after_last_contact
from .reasons import kind_in_words, reason
from .reduced import reduced
from .table import cohort_table, endpoint_columns
from .views import bounds, intervals, sensitivity

__all__ = [
    "DOCR",
    "DOR",
    "DOSD",
    "ENDPOINTS",
    "FACT_SCHEMA",
    "NO_TIME",
    "OS",
    "PFS",
    "PFS2",
    "RULE_SETS",
    "TIME_ON_TREATMENT",
    "TTF",
    "TTNT",
    "TTP",
    "EndpointRule",
    "Entry",
    "MissedVisits",
    "RuleSet",
    "bounds",
    "cohort_table",
    "derive",
    "endpoint_columns",
    "facts",
    "immortal_time",
    "intervals",
    "kind_in_words",
    "reason",
    "reduced",
    "rule_sets_for",
    "seen_after_last_contact",
    "sensitivity",
    "timeline",
]
