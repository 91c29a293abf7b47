"""Evidence of response: the visit that decides, with the lesions measured there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from oncohort.study.evidence.rows import nothing, number, seen, together, words

if TYPE_CHECKING:
    from oncohort.endpoints.cohort import Cohort
    from oncohort.protocol import Protocol


def evidence_of_response(protocol: Protocol, cohort: Cohort) -> pl.DataFrame:
    """Why each patient has the best response, and what was seen on the day that decides it."""
    from oncohort.criteria import recist

    best = cohort.evidence.best
    if best is None:
        return nothing()
    source = protocol.response.source if protocol.response else "lesions"
    if source == "charted":
        return _charted(cohort)
    text = [recist.reason(row) for row in best.iter_rows(named=True)]
    rows = best.with_columns(pl.Series("text", text, pl.String))
    if source == "lesions":
        days = best.select("patient", pl.col("best_response_date").alias("date"))
        return together(seen(rows, "text", None, None), measured_on(cohort, days))
    return seen(rows, "text", source, "overall")


def _charted(cohort: Cohort) -> pl.DataFrame:
    """Best response as charted."""
    patients = cohort.evidence.tables["patients"]
    if "best_response" not in patients.columns:
        return nothing()
    text = pl.col("best_response").cast(pl.String).fill_null("no response charted")
    return seen(patients, text, "patients", "best_response")


def measured_on(cohort: Cohort, days: pl.DataFrame) -> pl.DataFrame:
    """The lesions of the visit that falls on a day, each with its cell.

    Parameters
    ----------
    days
        ``patient``, ``date``: the day of the visit, as its call has it.
    """
    visits, lesions = cohort.evidence.assessments, cohort.evidence.tables.get("lesions")
    if visits is None or lesions is None or "first_date" not in visits.columns:
        return nothing()
    spans = days.drop_nulls().join(
        visits.select("patient", "date", "first_date", "last_date"), on=["patient", "date"]
    )
    rows = (
        lesions.join(spans.drop("date"), on="patient", maintain_order="left")
        .filter(pl.col("date").is_between(pl.col("first_date"), pl.col("last_date")))
    )  # fmt: skip
    sized = pl.col("diameter_mm").is_not_null()
    seen_as = pl.col("status") if "status" in rows.columns else pl.lit(None, dtype=pl.String)
    what = pl.when(sized).then(number("diameter_mm") + " mm").otherwise(seen_as.cast(pl.String))
    role = pl.col("role") if "role" in rows.columns else pl.lit(None, dtype=pl.String)
    text = words(
        pl.col("date").cast(pl.String), pl.lit(" ") + role, pl.lit(" lesion "),
        pl.col("lesion").cast(pl.String), pl.lit(": ") + what,
    )  # fmt: skip
    column = pl.when(sized).then(pl.lit("diameter_mm")).otherwise(
        pl.lit("status" if "status" in rows.columns else "diameter_mm")
    )  # fmt: skip
    return seen(rows, text, "lesions", column)


def evidence_of_change(protocol: Protocol, cohort: Cohort) -> pl.DataFrame:
    """The best change of the target sum, and the lesions of its visit."""
    frame = cohort.frame
    if "best_change" not in frame.columns:
        return nothing()
    visits = cohort.evidence.assessments
    text = (
        pl.when(pl.col("best_change").is_not_null())
        .then(pl.format("{}% from baseline", number(pl.col("best_change").round(1))))
        .otherwise(pl.lit("no change of the target sum is known"))
    )
    rows = frame.with_columns(text=text)
    if visits is None or "change_from_baseline" not in visits.columns:
        patients = cohort.evidence.tables["patients"]
        column = protocol.response.best_change if protocol.response else None
        if column and column in patients.columns:
            held = rows.join(
                patients.select("patient", "source_row"),
                on="patient", how="left", maintain_order="left",
            )  # fmt: skip
            return seen(held, "text", "patients", column)
        return seen(rows, "text", None, None)
    days = (
        visits.join(frame.select("patient", "best_change"), on="patient", maintain_order="left")
        .filter(pl.col("change_from_baseline") == pl.col("best_change"))
        .unique("patient", keep="first", maintain_order=True)
        .select("patient", "date")
    )
    base = visits.filter(pl.col("baseline")).select("patient", "date")
    return together(
        seen(rows, "text", None, None), measured_on(cohort, base), measured_on(cohort, days)
    )


def evidence_of_duration(protocol: Protocol, cohort: Cohort) -> pl.DataFrame:
    """When each response was first seen, and when it ended."""
    frame = cohort.frame
    if "response_date" not in frame.columns:
        return nothing()
    have = frame.filter(pl.col("response_date").is_not_null())
    lasted = pl.when(pl.col("duration_event")).then(pl.lit("ended")).otherwise(pl.lit("censored"))
    text = pl.format(
        "response on {}, {} after {} days",
        "response_date", lasted, number(pl.col("duration_days").fill_null(0)),
    )  # fmt: skip
    days = have.select("patient", pl.col("response_date").alias("date"))
    first = seen(have.with_columns(text=text), "text", None, None)
    visits, source = cohort.evidence.assessments, "lesions"
    if protocol.response is not None:
        source = protocol.response.source
    ends = [first, measured_on(cohort, days)]
    if source == "assessments" and visits is not None:
        rows = visits.join(days, on=["patient", "date"], maintain_order="left")
        ends = [first, seen(rows, "overall", source, "overall")]
    if cohort.evidence.facts is not None:
        ends.append(_progression(cohort.evidence.facts, have))
    return together(*ends)


def _progression(facts: pl.DataFrame, have: pl.DataFrame) -> pl.DataFrame:
    """The first progression of those who responded."""
    from oncohort.study.evidence.of_endpoints import deciding_column

    rows = (
        facts.filter((pl.col("kind") == "progression") & pl.col("date").is_not_null())
        .join(have.select("patient"), on="patient", how="semi", maintain_order="left")
        .sort("date", maintain_order=True)
        .unique("patient", keep="first", maintain_order=True)
    )
    columns = {
        t: deciding_column(t, "progression", True)
        for t in rows["table"].unique(maintain_order=True)
    }
    where = pl.col("table").replace_strict(columns, default=None, return_dtype=pl.String)
    return seen(rows, pl.format("progression on {}", pl.col("date")), pl.col("table"), where)


def evidence_of_discrepancies(cohort: Cohort) -> pl.DataFrame:
    """Visits at which the chart's response differs from the derived one, both with their cells."""
    table = cohort.evidence.discrepancies
    if table is None or table.is_empty():
        return nothing()
    charted = table.filter(pl.col("charted").is_not_null())
    derived = table.filter(pl.col("derived").is_not_null())
    return together(
        seen(charted, pl.format("{} charted on {}", "charted", "charted_date"), "assessments",
             "overall", "charted_row"),
        seen(derived, pl.format("{} by the lesions of {}", "derived", "date"), "lesions",
             "diameter_mm"),
    )  # fmt: skip
