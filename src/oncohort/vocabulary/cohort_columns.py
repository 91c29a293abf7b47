"""Names of the cohort table's own columns: no variable may have one of them as its key."""

from __future__ import annotations

from collections.abc import Iterable

OWN = frozenset(
    {
        "patient",
        "source_row",
        "source_record",
        "best_response",
        "best_response_code",
        "best_response_date",
        "best_change",
        "best_change_code",
        "death_date",
        "duration_days",
        "duration_event",
        "first_progression",
        "response_date",
        "response_days",
        "treatment_start",
        "treatment_days",
        "treatment_ongoing",
        "treatment_end_reason",
    }
)
"""Columns that do not depend on the declared endpoints."""
OF_ENDPOINT = ("time", "event", "date", "reason", "source", "kind", "imputed", "entry")
"""Each endpoint has a column of these: ``os_time``."""


def cohort_columns(endpoints: Iterable[str]) -> frozenset[str]:
    """Columns of the cohort table of a study with these endpoints, without its variables.

    Examples
    --------
    >>> "os_time" in cohort_columns(["os"]), "os_time" in cohort_columns(["pfs"])
    (True, False)
    """
    return OWN | {f"{key}_{part}" for key in endpoints for part in OF_ENDPOINT}
