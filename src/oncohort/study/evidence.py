"""What was seen in each patient: the sentences behind the numbers, with rows of the chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from oncohort.endpoints.cohort import Cohort
    from oncohort.study.study import Study


def evidence_of(study: Study, cohort: Cohort) -> Mapping[str, Mapping[str, str]]:
    """Prefix of result ids to (patient to sentence)."""
    from oncohort.criteria import recist
    from oncohort.endpoints.reasons import source_in_words

    out: dict[str, dict[str, str]] = {}
    if cohort.best is not None and "source_row" in cohort.best.columns:
        keep = cohort.best.filter(pl.col("patient").is_in(list(cohort.patients)))
        out["response"] = {row["patient"]: recist.reason(row) for row in keep.iter_rows(named=True)}
    for key, info in cohort.endpoints.items():
        sentences: dict[str, str] = {}
        for row in cohort.frame.iter_rows(named=True):
            time, event = row[f"{key}_time"], row[f"{key}_event"]
            if time is None:
                sentences[row["patient"]] = f"no time: {row[f'{key}_reason'] or 'not known'}"
                continue
            what = "event" if event else "censored"
            day = row[f"{key}_date"]
            table, _, number = (row[f"{key}_source"] or "").partition(":")
            where = source_in_words(table or None, int(number) if number else None)
            if table and number and table in study.records.tables:
                place = study.records.place(table, "patient", int(number))
                where = str(place) if str(place) != "-" else where
            reason = (row[f"{key}_reason"] or "").replace("-", " ")
            sentences[row["patient"]] = (
                f"{what} after {time:.0f} days"
                + (f" on {day}" if day is not None else "")
                + (f" ({reason})" if reason and not info.reduced else "")
                + (f"; {where}" if where else "")
            )
        out[f"survival.{key}"] = sentences
        out[f"prognosis.{key}"] = sentences
    return out
