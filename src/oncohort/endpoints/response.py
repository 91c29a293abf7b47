"""Endpoints of response per patient: objective response, disease control, when and how deep."""

from __future__ import annotations

from typing import Any

import polars as pl

from oncohort.criteria.frames import as_polars

from .deriving import derive
from .rules import DOCR, DOR, DOSD


def response_endpoints(
    best: Any, *, facts: Any | None = None, change: Any | None = None
) -> pl.DataFrame:
    """Response of every patient as flags, times and depth.

    Source: RECIST 1.1 (Eisenhauer 2009), 4.6 and 4.7. Everyone has a flag: a patient who was
    never evaluated is no responder (intention to treat). Disease control is CR, PR, or SD (and
    Non-CR/Non-PD) that lasted the minimum interval, which the best response already asks for.
    Duration of response, and of complete response, runs from the first date on which it was met
    to progression or death, else the last evaluable assessment; that of stable disease from
    treatment start.

    Parameters
    ----------
    best
        The frame of ``recist.best_response``.
    facts
        The frame of :func:`~oncohort.endpoints.facts` made with the same ``best``; for durations.
    change
        The frame of ``recist.best_change``; depth of response is the largest shrinkage.

    Returns
    -------
    DataFrame
        ``patient``, ``objective_response``, ``disease_control`` (bool), ``response_date``,
        ``time_to_response`` (days from the reference of the best response, responders only),
        ``depth`` (percent, positive is shrinkage), and where ``facts`` are given
        ``duration_of_response``, ``..._event``; the same for ``complete_response`` and
        ``stable_disease``.

    Examples
    --------
    >>> from datetime import date
    >>> best = pl.DataFrame({"patient": ["1", "2"], "best_response": ["PR", "NE"],
    ...     "best_response_date": [date(2014, 3, 3), None],
    ...     "reference": [date(2014, 1, 6), date(2014, 2, 3)]})
    >>> out = response_endpoints(best)
    >>> out.select("objective_response", "disease_control", "time_to_response").rows()
    [(True, True, 56), (False, False, None)]
    """
    frame = as_polars(best)
    answered = pl.col("best_response").is_in(["CR", "PR"])
    first = (
        pl.col("response_date")
        if "response_date" in frame.columns
        else pl.col("best_response_date")
    )
    reference = pl.col("reference") if "reference" in frame.columns else pl.lit(None, dtype=pl.Date)
    out = frame.select(
        pl.col("patient").cast(pl.String),
        answered.fill_null(False).alias("objective_response"),
        pl.col("best_response")
        .is_in(["CR", "PR", "SD", "Non-CR/Non-PD"])
        .fill_null(False)
        .alias("disease_control"),
        pl.when(answered).then(first).alias("response_date"),
        pl.when(answered).then((first - reference).dt.total_days()).alias("time_to_response"),
    )
    if change is not None:
        depth = as_polars(change).select("patient", (-pl.col("best_change")).alias("depth"))
        out = out.join(depth, on="patient", how="left", maintain_order="left")
    if facts is not None:
        for rule, name in (
            (DOR, "response"),
            (DOCR, "complete_response"),
            (DOSD, "stable_disease"),
        ):
            lasted = derive(facts, rule, patients=out).select(
                "patient",
                pl.col("time").alias(f"duration_of_{name}"),
                pl.col("event").alias(f"duration_of_{name}_event"),
            )
            out = out.join(lasted, on="patient", how="left", maintain_order="left")
    return out
