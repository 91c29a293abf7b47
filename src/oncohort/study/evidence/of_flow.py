"""Evidence of eligibility: what each criterion looked at, in all patients of the chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from oncohort.study.evidence.rows import headed, nothing, plain, seen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oncohort.endpoints.cohort import Cohort
    from oncohort.protocol import Protocol
    from oncohort.protocol.data import Criterion


def evidence_of_source(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The row of each patient."""
    patients = tables["patients"]
    return seen(patients, pl.lit("in the chart"), "patients", "patient")


def evidence_of_criterion(
    protocol: Protocol, cohort: Cohort, tables: Mapping[str, pl.DataFrame], key: str
) -> pl.DataFrame:
    """What a criterion saw in each patient that came to it, and what it made of it."""
    criterion = next((c for c in protocol.eligibility.criteria if c.key == key), None)
    step = next((s for s in cohort.steps if s.key == key), None)
    frame = None if criterion is None else tables.get(criterion.table)
    if criterion is None or step is None or frame is None or criterion.column not in frame.columns:
        return nothing()
    missing = set(step.missing)
    verdicts = [
        *((p, "left out, no value" if p in missing else "left out") for p in step.excluded),
        *((p, "kept") for p in step.remaining),
    ]  # fmt: skip
    heads = pl.DataFrame(verdicts, schema={"patient": pl.String, "head": pl.String}, orient="row")
    return headed(_looked_at(criterion, frame), heads)


def _looked_at(criterion: Criterion, frame: pl.DataFrame) -> pl.DataFrame:
    """The values of the criterion's column; of many rows those that differ."""
    column = criterion.column
    value = plain(frame, column).fill_null("no value")
    name = column.replace("_", " ")
    rows = frame.with_columns(text=pl.lit(f"{name} ") + value)
    if criterion.table != "patients":
        rows = rows.unique(["patient", "text"], keep="first", maintain_order=True)
    return seen(rows, "text", criterion.table, column)
