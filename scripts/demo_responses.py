"""Charted responses of the built-in study: what the radiologist wrote at each visit.

They follow RECIST 1.1 but for four visits that are wrong in ways in which charts are wrong, so that
the comparison with the derived responses has something to show.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from oncohort.criteria import recist

SLIPS = {
    ("S05", "scan 12"): "SD",  # the new lesion was called equivocal and confirmed later
    ("S12", "scan 5"): "PR",  # growth judged against the baseline instead of the nadir
    ("S29", "scan 9"): "SD",  # the same
    ("S36", "scan 1"): "PR",  # 28 % rounded up to 30 %
}
"""(patient, visit) to the response in the chart."""


def charted(tables: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """One row per visit after baseline: the overall response as charted."""
    lesions = pl.DataFrame(tables["lesions"], infer_schema_length=None)
    patients = pl.DataFrame(tables["patients"], infer_schema_length=None)
    visits = recist.assess(lesions, patients=patients).filter(pl.col("overall").is_not_null())
    rows = []
    for visit in visits.iter_rows(named=True):
        key = (visit["patient"], visit["visit"])
        rows.append(
            {
                "patient": visit["patient"],
                "date": visit["date"],
                "visit": visit["visit"],
                "overall": SLIPS.get(key, visit["overall_carried"]),
            }
        )
    unused = set(SLIPS) - {(v["patient"], v["visit"]) for v in visits.iter_rows(named=True)}
    assert not unused, unused
    return rows
