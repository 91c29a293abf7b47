"""Dated facts: everything an endpoint may start at, end at or be censored at, in one frame.

One row per patient and fact: ``patient``, ``kind``, ``date`` (imputed where the chart has only a
month or a year), ``earliest`` and ``latest`` (what a partial date allows), ``imputed``, ``table``,
``source_row``, ``code`` (what exactly: the reason code of a visit, the reason of stopping), and
``detail`` (a word of the chart, such as the drugs of a therapy).
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import polars as pl

from oncohort.criteria.frames import as_polars
from oncohort.criteria.partial_dates import (
    Imputation,
    earliest_day,
    impute,
    imputed_day,
    is_partial,
    latest_day,
)
from oncohort.criteria.recist import with_progression
from oncohort.vocabulary.facts import SIGNS_OF_LIFE

FACT_SCHEMA: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "kind": pl.String(),
    "date": pl.Date(),
    "earliest": pl.Date(),
    "latest": pl.Date(),
    "imputed": pl.Boolean(),
    "table": pl.String(),
    "source_row": pl.Int64(),
    "code": pl.String(),
    "detail": pl.String(),
}


def _imputed(column: str, precision: str, rule: Imputation) -> list[pl.Expr]:
    """``date``, ``earliest``, ``latest`` and ``imputed`` from a date and its precision."""
    day, level = pl.col(column), pl.col(precision)
    return [
        imputed_day(day, level, rule).alias("date"),
        earliest_day(day, level).alias("earliest"),
        latest_day(day, level).alias("latest"),
        is_partial(level).alias("imputed"),
    ]


def _from(
    frame: pl.DataFrame,
    table: str,
    kind: str,
    column: str,
    rule: Imputation,
    *,
    where: pl.Expr | None = None,
    code: str | None = None,
    detail: str | None = None,
) -> pl.DataFrame:
    """Facts of one kind from a date column of a record table."""
    if column not in frame.columns:
        return pl.DataFrame(schema=FACT_SCHEMA)
    precision = f"{column}_precision"
    rows = frame.lazy().filter(pl.col(column).is_not_null())
    if where is not None:
        rows = rows.filter(where)
    if precision not in frame.columns:
        rows = rows.with_columns(pl.lit("day").alias(precision))
    if "source_row" not in frame.columns:
        rows = rows.with_columns(pl.lit(None, dtype=pl.Int64).alias("source_row"))
    rows = rows.with_columns(pl.col(column).cast(pl.Date))

    def text(name: str | None) -> pl.Expr:
        if name is None or name not in (*frame.columns, precision, "source_row"):
            return pl.lit(None, dtype=pl.String)
        return pl.col(name).cast(pl.String)

    chosen = rows.select(
        pl.col("patient").cast(pl.String),
        pl.lit(kind).alias("kind"),
        *_imputed(column, precision, rule),
        pl.lit(table).alias("table"),
        pl.col("source_row").cast(pl.Int64),
        text(code).alias("code"),
        text(detail).alias("detail"),
    ).select(pl.col(c).cast(t) for c, t in FACT_SCHEMA.items())
    return chosen.collect()


def _patient_facts(who: pl.DataFrame, imputation: Imputation) -> list[pl.DataFrame]:
    """Facts of the table of patients, except progression: each date column, and why it ended."""
    parts = [_from(who, "patients", "death", "death_date", imputation, detail="death_cause")]
    known = {"death_date", "progression_date", "treatment_end"}
    for column, dtype in who.schema.items():
        if dtype == pl.Date and column not in known:
            parts.append(_from(who, "patients", column, column, imputation))
    end, code = "treatment_end", "treatment_end_reason"
    parts.append(_from(who, "patients", end, end, imputation, code=code))
    if code in who.columns:
        for value, kind in (("toxicity", "toxicity"), ("progression", "clinical_progression")):
            there = pl.col(code) == value
            parts.append(_from(who, "patients", kind, end, imputation, where=there, code=code))
    return parts


def facts(
    patients: object,
    *,
    visits: object | None = None,
    visits_table: str = "lesions",
    therapies: object | None = None,
    procedures: object | None = None,
    best: object | None = None,
    progression: Literal["visits", "charted", "both"] = "visits",
    cutoff: date | None = None,
    imputation: Imputation = "middle",
) -> pl.DataFrame:
    """All dated facts of a study, from the record tables and the calls on the visits.

    Parameters
    ----------
    patients
        The record table ``patients``. Each of its date columns is a kind of fact under its own
        name; beside them ``death`` (``death_date``), ``treatment_end`` with its reason,
        ``toxicity`` and ``clinical_progression`` (treatment ended for that reason).
    visits
        Assessments with ``date`` and ``overall``: the frame of ``recist.assess``, or charted
        ones. PD is ``progression``, other evaluable ones are ``assessment``.
    visits_table
        Record table that the visits come from, ``lesions`` or ``assessments``.
    therapies
        The record table ``therapies``: the first that starts after treatment start is
        ``next_therapy``, the one after it ``therapy_after_next``; the first progression after
        the next therapy began, or its end for progression, is ``second_progression``.
    procedures
        The record table ``procedures``: those after treatment start are ``procedure``.
    best
        The frame of ``recist.best_response``: the first date of CR or PR is ``response``, of CR
        ``complete_response``; for SD, treatment start is ``stable_disease_from``.
    progression
        Where progression is read: from the visits, from ``patients.progression_date``
        (``charted``), or whichever is earlier (``both``).
    cutoff
        Facts after it are left out; a patient with any fact after it was alive on it.
    imputation
        Day taken for a date of which only month or year is known: the first, middle (the 15th;
        1 July) or last that it allows. A death is never put before the last sign of life.

    Returns
    -------
    DataFrame
        See the module. Sorted by patient, date and kind.

    Examples
    --------
    >>> who = pl.DataFrame({"patient": ["1"], "treatment_start": [date(2014, 1, 6)],
    ...                     "death_date": [date(2015, 3, 2)]})
    >>> facts(who)["kind"].to_list()
    ['treatment_start', 'death']
    """
    who = as_polars(patients).with_columns(pl.col("patient").cast(pl.String))
    parts = _patient_facts(who, imputation)
    charted = "progression" if progression in ("charted", "both") else "charted_progression"
    parts.append(_from(who, "patients", charted, "progression_date", imputation))
    starts = _starts(who)
    if visits is not None:
        if best is not None and "progression_date" in as_polars(best).columns:
            visits = with_progression(as_polars(visits), as_polars(best))
        parts.append(_visit_facts(as_polars(visits), starts, visits_table, progression, imputation))
    if therapies is not None:
        parts.extend(_therapy_facts(as_polars(therapies), starts, visits, visits_table, imputation))
    if procedures is not None:
        rows = as_polars(procedures).with_columns(pl.col("patient").cast(pl.String))
        if "date" in rows.columns:
            rows = rows.join(starts, on="patient").filter(pl.col("date") > pl.col("start"))
            parts.append(_from(rows, "procedures", "procedure", "date", imputation, detail="kind"))
    if best is not None:
        parts.append(_response_facts(as_polars(best), starts, visits_table, imputation))
    out = pl.concat(parts).join(
        who.select("patient").unique(maintain_order=True), on="patient", how="semi"
    )
    out = _death_after_life(out)
    if cutoff is not None:
        out = _cut(out, cutoff)
    return out.sort("patient", "date", "kind", "source_row", nulls_last=True)


def _starts(who: pl.DataFrame) -> pl.DataFrame:
    """``patient``, ``start`` (the first day that the date of treatment start allows), precision."""
    day = pl.col("treatment_start") if "treatment_start" in who.columns else pl.lit(None, pl.Date)
    level = (
        pl.col("treatment_start_precision")
        if "treatment_start_precision" in who.columns
        else pl.lit(None, pl.String)
    )
    return who.select(
        "patient",
        earliest_day(day, level).alias("start"),
        level.fill_null("day").alias("start_precision"),
    ).unique("patient", keep="first", maintain_order=True)


def _visit_facts(
    visits: pl.DataFrame,
    starts: pl.DataFrame,
    table: str,
    progression: str,
    imputation: Imputation,
) -> pl.DataFrame:
    """Facts from assessments after treatment start: progression, evaluable, not evaluable."""
    rows = impute(visits, imputation).with_columns(pl.col("patient").cast(pl.String))
    rows = rows.filter(pl.col("overall").is_not_null())
    # A scan on or before treatment start judges what was before the treatment.
    rows = rows.join(starts, on="patient", how="left", maintain_order="left").filter(
        pl.col("start").is_null() | (pl.col("date") > pl.col("start"))
    )
    if "baseline" in rows.columns:
        rows = rows.filter(~pl.col("baseline").fill_null(False))
    kind = (
        pl.when(pl.col("overall") == "PD")
        .then(pl.lit("progression" if progression != "charted" else "assessed_progression"))
        .when(pl.col("overall") == "NE")
        .then(pl.lit("not_evaluable"))
        .otherwise(pl.lit("assessment"))
    )
    facts_ = _from(
        rows,
        table,
        "visit",
        "date",
        imputation,
        code="code" if "code" in rows.columns else None,
        detail="overall",
    )
    kinds = rows.filter(pl.col("date").is_not_null()).select(kind.alias("kind"))["kind"]
    return facts_.with_columns(kinds)


def _therapy_facts(
    therapies: pl.DataFrame,
    starts: pl.DataFrame,
    visits: object | None,
    visits_table: str,
    imputation: Imputation,
) -> list[pl.DataFrame]:
    """Next therapy, the one after it, and progression on the next."""
    rows = therapies.with_columns(pl.col("patient").cast(pl.String)).join(
        starts.select("patient", origin="start"), on="patient"
    )
    for column in ("drugs", "stop_reason", "start_precision"):
        if column not in rows.columns:
            rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias(column))
    if "end" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, dtype=pl.Date).alias("end"))
    # The treatment itself may stand in the list with its month only: it is not the next one.
    surely = earliest_day(pl.col("start"), pl.col("start_precision"))
    rows = rows.filter(surely > pl.col("origin")).sort("patient", "start")
    rows = rows.with_columns(
        pl.col("start").rank("dense").over("patient").cast(pl.Int64).alias("order")
    )
    following, later = rows.filter(pl.col("order") == 1), rows.filter(pl.col("order") == 2)
    out = [
        _from(following, "therapies", "next_therapy", "start", imputation, detail="drugs"),
        _from(later, "therapies", "therapy_after_next", "start", imputation, detail="drugs"),
        _from(
            following,
            "therapies",
            "second_progression",
            "end",
            imputation,
            where=pl.col("stop_reason") == "progression",
            code="stop_reason",
        ),
    ]
    if visits is not None:
        again = as_polars(visits).with_columns(pl.col("patient").cast(pl.String))
        begun = following.group_by("patient").agg(pl.col("start").min().alias("begun"))
        again = again.join(begun, on="patient").filter(
            (pl.col("overall") == "PD") & (pl.col("date") > pl.col("begun"))
        )
        out.append(
            _from(
                again,
                visits_table,
                "second_progression",
                "date",
                imputation,
                code="code" if "code" in again.columns else None,
                detail="overall",
            )
        )
    return out


def _response_facts(
    best: pl.DataFrame, starts: pl.DataFrame, table: str, imputation: Imputation
) -> pl.DataFrame:
    """First response, first complete response, and where the clock of stable disease starts."""
    row = (
        pl.col("source_row").cast(pl.Int64)
        if "source_row" in best.columns
        else pl.lit(None, dtype=pl.Int64)
    )

    def rows(frame: pl.DataFrame, kind: str, day: str, name: str, source: pl.Expr) -> pl.DataFrame:
        precision = f"{day}_precision"
        if precision not in frame.columns:
            frame = frame.with_columns(pl.lit("day").alias(precision))
        return frame.filter(pl.col(day).is_not_null()).select(
            pl.col("patient").cast(pl.String),
            pl.lit(kind).alias("kind"),
            *_imputed(day, precision, imputation),
            pl.lit(name).alias("table"),
            source.alias("source_row"),
            pl.lit(None, dtype=pl.String).alias("code"),
            pl.col("best_response").alias("detail"),
        )

    answered = best.filter(pl.col("best_response").is_in(["CR", "PR"]))
    first = "response_date" if "response_date" in best.columns else "best_response_date"
    stable = best.filter(pl.col("best_response") == "SD").join(
        starts, on="patient", how="left", maintain_order="left"
    )
    return pl.concat(
        [
            rows(answered, "response", first, table, row),
            rows(
                answered.filter(pl.col("best_response") == "CR"),
                "complete_response",
                "best_response_date",
                table,
                row,
            ),
            rows(stable, "stable_disease_from", "start", "patients", pl.lit(None, dtype=pl.Int64)),
        ]
    )


def _death_after_life(frame: pl.DataFrame) -> pl.DataFrame:
    """A death known only by month or year isn't put before the last sign of life within it."""
    life = (
        frame.filter(pl.col("kind").is_in(SIGNS_OF_LIFE) & ~pl.col("imputed"))
        .group_by("patient")
        .agg(pl.col("date").alias("seen"))
    )
    partial = pl.col("imputed") & (pl.col("kind") == "death")
    if not frame.select(partial.any()).item():
        return frame
    frame = frame.join(life, on="patient", how="left", maintain_order="left").with_columns(
        # Contact after the last possible day of death is an impossible order, reported elsewhere.
        seen=pl.col("seen").list.max()
    )
    bound = pl.when(partial & (pl.col("seen") <= pl.col("latest"))).then(pl.col("seen"))
    return frame.with_columns(
        pl.max_horizontal("date", bound).alias("date"),
        pl.max_horizontal("earliest", bound).alias("earliest"),
    ).drop("seen")


def _cut(frame: pl.DataFrame, cutoff: date) -> pl.DataFrame:
    """Leave out what is after the cutoff; who is known later was alive on it."""
    later = frame.filter(pl.col("date") > cutoff)
    alive = (
        later.filter(
            (pl.col("table") == "patients") & (pl.col("kind").is_in([*SIGNS_OF_LIFE, "death"]))
        )
        .sort("patient", "date")
        .group_by("patient", maintain_order=True)
        .agg(pl.col("table").first(), pl.col("source_row").first())
        .with_columns(
            pl.lit("last_contact").alias("kind"),
            pl.lit(cutoff).alias("date"),
            pl.lit(cutoff).alias("earliest"),
            pl.lit(cutoff).alias("latest"),
            pl.lit(False).alias("imputed"),
            pl.lit("cutoff").alias("code"),
            pl.lit(None, dtype=pl.String).alias("detail"),
        )
        .select(pl.col(c).cast(t) for c, t in FACT_SCHEMA.items())
    )
    kept = frame.filter(pl.col("date") <= cutoff).with_columns(
        pl.min_horizontal("latest", pl.lit(cutoff)).alias("latest")
    )
    return pl.concat([kept, alive])
