"""The laboratory rows that hold the baseline value of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from oncohort.criteria.window import last_in_window
from oncohort.records.specimens import without_other_fluids
from oncohort.records.units import analyte

if TYPE_CHECKING:
    from oncohort.protocol import Protocol


def baseline_rows_of(
    test: str, labs: pl.DataFrame, patients: pl.DataFrame, protocol: Protocol
) -> pl.DataFrame | None:
    """The row of each patient that holds the baseline value of a test.

    Parameters
    ----------
    test
        Its name as the protocol writes it: that of the chart, or one that is known for the same.

    Returns
    -------
    DataFrame or None
        None where no lab is called so.
    """
    labs = without_other_fluids(labs)
    wanted = analyte(test)
    named = [
        t
        for t in labs["test"].drop_nulls().unique(maintain_order=True).to_list()
        if t.strip().lower() == test.strip().lower()
        or (wanted is not None and (a := analyte(t)) is not None and a.name == wanted.name)
    ]
    if not named:
        return None
    return last_in_window(
        labs.filter(pl.col("test").is_in(named)),
        patients,
        by=[],
        before=protocol.schedule.baseline_days_before,
        after=protocol.schedule.baseline_days_after,
    )
