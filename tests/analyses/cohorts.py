"""Small cohorts made by hand, through the same building that a study goes through."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

from oncohort.endpoints.building import build_cohort
from oncohort.endpoints.cohort import Cohort
from oncohort.protocol import Protocol, parse_protocol

START = date(2014, 1, 6)

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "data.xlsx"\ntime_unit = "days"\n'


def protocol(text: str) -> Protocol:
    return parse_protocol(HEAD + text)


def patients(n: int, **columns: list[Any]) -> pl.DataFrame:
    """`n` patients called 1..n who started on one day; death after `days` where `dead`."""
    frame: dict[str, Any] = {
        "patient": [str(i + 1) for i in range(n)],
        "source_row": list(range(2, n + 2)),
        "treatment_start": [START] * n,
    }
    days = columns.pop("days", None)
    dead = columns.pop("dead", None)
    if days is not None:
        ends = [START + timedelta(days=d) for d in days]
        frame["last_contact"] = ends
        frame["death_date"] = [
            e if d else None for e, d in zip(ends, dead or [True] * n, strict=True)
        ]
    return pl.DataFrame(frame | columns, schema_overrides={"death_date": pl.Date} if days else None)


def cohort(text: str, frame: pl.DataFrame, **tables: pl.DataFrame) -> tuple[Protocol, Cohort]:
    p = protocol(text)
    return p, build_cohort({"patients": frame, **tables}, p)
