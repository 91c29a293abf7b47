"""Responses from the source that the protocol declares, and the chart's own beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import polars as pl

from oncohort.problems import Place, Problem, problem
from oncohort.protocol.references import nearest

if TYPE_CHECKING:
    from oncohort.criteria.recist import RecistRules
    from oncohort.protocol import Protocol


def _until(tables: Mapping[str, pl.DataFrame], protocol: Protocol) -> pl.DataFrame | None:
    """Last day that counts for response: the next systemic therapy, or the data cutoff."""
    patients = tables["patients"]
    if "treatment_start" not in patients.columns:
        return None
    until = patients.select("patient", pl.lit(protocol.study.cutoff, dtype=pl.Date).alias("cut"))
    therapies = tables.get("therapies")
    if therapies is not None and not therapies.is_empty():
        following = (
            therapies.join(patients.select("patient", "treatment_start"), on="patient")
            .filter(pl.col("start") > pl.col("treatment_start"))
            .group_by("patient")
            .agg(pl.col("start").min().alias("next"))
        )
        until = until.join(following, on="patient", how="left")
    else:
        until = until.with_columns(pl.lit(None, dtype=pl.Date).alias("next"))
    return until.select("patient", pl.min_horizontal("cut", "next").alias("until"))


def _rules(protocol: Protocol) -> RecistRules:
    """RECIST 1.1 with the windows that the protocol declares."""
    from oncohort.criteria import recist

    return recist.RecistRules(
        visit_window_days=protocol.schedule.visit_days,
        baseline_window_days=protocol.schedule.baseline_days_before,
        baseline_after_start_days=protocol.schedule.baseline_days_after,
        after_complete_response=_after_cr(protocol),
    )


def _after_cr(protocol: Protocol) -> Literal["progression", "sum rule"]:
    rule = protocol.response
    return "sum rule" if rule and rule.after_complete_response == "sum_rule" else "progression"


def responses(
    tables: Mapping[str, pl.DataFrame], protocol: Protocol
) -> tuple[pl.DataFrame | None, pl.DataFrame | None, pl.DataFrame | None, list[Problem]]:
    """Assessments, best response and best change, from the source that the protocol declares."""
    from oncohort.criteria import recist

    rule = protocol.response
    if rule is None:
        return None, None, None, []
    patients = tables["patients"]
    if rule.source == "charted":
        return _charted(tables, protocol)
    source = tables.get(rule.source)
    if source is None or source.is_empty():
        return (
            None,
            None,
            None,
            [
                problem(
                    "response.no-records",
                    place=Place(file="study.toml", key="response.source"),
                    blocks=("response",),
                    source=rule.source,
                )
            ],
        )
    confirmation = None
    if rule.confirmation:
        confirmation = recist.Confirmation(
            min_days=rule.confirmation_days,
            max_not_evaluable=rule.confirmation_max_ne,
            stable_between=1 if rule.accept_stable_between else 0,
            complete_then_partial=rule.complete_then_partial,
        )
    until = _until(tables, protocol)
    try:
        if rule.source == "lesions":
            visits = recist.assess(
                source,
                patients=patients if "treatment_start" in patients.columns else None,
                reader=protocol.schedule.reader,
                confirmation_days=rule.confirmation_days if rule.confirmation else None,
                rules=_rules(protocol),
            )
        else:
            visits = recist.worst_of_day(recist.charted(source, reader=protocol.schedule.reader))
            if _after_cr(protocol) == "sum rule":
                visits = visits.with_columns(disease_back=pl.lit(False))
    except recist.RecistInputError as error:
        return None, None, None, [_unreadable(rule.source, error)]
    change = None
    if rule.source == "lesions":
        change = recist.best_change(visits, patients=patients, until=until)
    best = recist.best_response(
        visits,
        patients=patients,
        confirmation=confirmation,
        stable_disease_min_weeks=rule.stable_disease_min_weeks,
        stable_disease_min_days=rule.stable_disease_min_days,
        until=until,
    )
    visits = recist.with_progression(visits, best)
    problems = _charted_otherwise(best, patients)
    if rule.source == "assessments":
        problems += _contradictory(source, protocol.schedule.reader)
    for doubtful in recist.doubtful_complete_responses(best):
        place = replace(doubtful.place, sheet=rule.source)
        problems.append(replace(doubtful, place=place))
    return visits, best, change, problems


def _charted_otherwise(best: pl.DataFrame, patients: pl.DataFrame) -> list[Problem]:
    """Patients whose charted best response isn't the derived one, with their rows."""
    from oncohort.criteria import recist

    rows = (
        dict(patients.select("patient", "source_row").iter_rows())
        if "source_row" in patients.columns
        else {}
    )
    return [
        problem(
            "response.best-differs",
            place=Place(sheet="patients", row=rows.get(row["patient"]), column="best_response"),
            patient=row["patient"],
            charted=row["charted"],
            derived=row["derived"],
            reason=recist.reason({**row, "best_response": row["derived"]}),
        )
        for row in recist.compare_best(best, patients).iter_rows(named=True)
    ]


def _contradictory(source: pl.DataFrame, reader: str | None) -> list[Problem]:
    """Days on which the chart has two responses of one patient, with their rows."""
    from oncohort.criteria import recist

    return [
        problem(
            "response.contradictory",
            place=Place(
                sheet="assessments", row=row["rows"][-1] if row["rows"] else None, column="overall"
            ),
            patient=row["patient"],
            date=row["date"],
            calls=" and ".join(row["calls"]),
            overall=row["overall"],
            rows=row["rows"],
        )
        for row in recist.contradictions(source, reader=reader).iter_rows(named=True)
    ]


def _unreadable(table: str, error: Exception) -> Problem:
    """A table that can't be judged without a decision, such as whose reading counts."""
    readers = "reader" in str(error)
    return problem(
        "response.several-readers" if readers else "response.unreadable",
        place=Place(file="study.toml", key="schedule.reader" if readers else f"tables.{table}"),
        table=table,
        column="reader" if readers else None,
        reason=error,
    )


def _charted(
    tables: Mapping[str, pl.DataFrame], protocol: Protocol
) -> tuple[None, pl.DataFrame | None, pl.DataFrame | None, list[Problem]]:
    patients = tables["patients"]
    rule = protocol.response
    assert rule is not None
    problems: list[Problem] = []
    if "best_response" not in patients.columns or not patients["best_response"].count():
        problems.append(
            problem(
                "response.no-column",
                place=Place(file="study.toml", key="response.source"),
                blocks=("response",),
            )
        )
        return None, None, None, problems
    best = patients.select(
        "patient",
        pl.col("best_response").fill_null("NE"),
        pl.lit(None, dtype=pl.Date).alias("best_response_date"),
        pl.lit("charted").alias("code"),
    )
    change = None
    if rule.best_change:
        if rule.best_change not in patients.columns:
            problems.append(
                problem(
                    "response.no-column",
                    "change",
                    place=Place(file="study.toml", key="response.best_change"),
                    blocks=("response.waterfall", "response.change", "response.reduced"),
                    name=rule.best_change,
                    nearest=nearest(rule.best_change, patients.columns),
                )
            )
        elif not patients.schema[rule.best_change].is_numeric():
            problems.append(
                problem(
                    "response.no-column",
                    "words",
                    place=Place(file="study.toml", key="response.best_change"),
                    blocks=("response.waterfall", "response.change", "response.reduced"),
                    name=rule.best_change,
                )
            )
        else:
            scale = 100.0 if rule.best_change_unit == "fraction" else 1.0
            value = pl.col(rule.best_change).cast(pl.Float64) * scale
            change = patients.select(
                "patient",
                value.alias("best_change"),
                pl.when(value.is_null())
                .then(pl.lit("not-charted"))
                .otherwise(pl.lit("largest-change"))
                .alias("best_change_code"),
            )
    return None, best, change, problems


def compared(
    tables: Mapping[str, pl.DataFrame], protocol: Protocol, visits: pl.DataFrame | None
) -> tuple[pl.DataFrame | None, list[Problem]]:
    """Charted responses beside the derived ones, where the chart holds both."""
    from oncohort.criteria import recist

    rule = protocol.response
    charted = tables.get("assessments")
    if rule is None or rule.source != "lesions" or visits is None:
        return None, []
    problems = list(
        recist.check(
            tables["lesions"],
            patients=tables["patients"],
            procedures=tables.get("procedures"),
            reader=protocol.schedule.reader,
            rules=_rules(protocol),
        )
    )
    if charted is None or charted.is_empty():
        return None, problems
    try:
        said = recist.charted(charted, reader=protocol.schedule.reader)
    except recist.RecistInputError as error:
        # What counts comes from the lesions; only the comparison is left out.
        return None, [*problems, replace(_unreadable("assessments", error), blocks=())]
    table = recist.discrepancies(visits, said, tolerance_days=max(protocol.schedule.visit_days, 1))
    differ = table.filter(pl.col("kind") == "differs").height
    if differ:
        problems.append(
            problem(
                "response.charted-differs",
                place=Place(file="study.toml", key="response.source"),
                n=differ,
            )
        )
    return table, problems
