"""Responses from the source that the protocol declares, and the chart's own beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.endpoints.in_parts import WHOLE, Parts, together_if
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.references import nearest
from oncohort.vocabulary.sections import CHANGE

if TYPE_CHECKING:
    from oncohort.criteria.recist import RecistRules
    from oncohort.protocol import Protocol
    from oncohort.protocol.analysis import Response


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


@dataclass(frozen=True, slots=True)
class Responses:
    """Assessments, best response and best change, as far as the source has them."""

    visits: pl.DataFrame | None = None
    best: pl.DataFrame | None = None
    change: pl.DataFrame | None = None
    problems: tuple[Problem, ...] = ()


def responses(
    tables: Mapping[str, pl.DataFrame], protocol: Protocol, parts: Parts = WHOLE
) -> Responses:
    """Assessments, best response and best change, from the source that the protocol declares.

    Parameters
    ----------
    parts
        How many patients are judged at a time, and where.
    """
    from oncohort.criteria import recist
    from oncohort.criteria.recist.visits import read_lesions

    rule = protocol.response
    if rule is None:
        return Responses()
    if rule.source == "charted":
        return _charted(tables["patients"], rule)
    source = tables.get(rule.source)
    if source is None or source.is_empty():
        place = Place(file="study.toml", key="response.source")
        absent = problem(
            "response.no-records", place=place, blocks=("response",), source=rule.source
        )
        return Responses(problems=(absent,))
    try:
        # Whose reading counts is a question to all patients at once.
        if rule.source == "lesions":
            read_lesions(source, protocol.schedule.reader)
        else:
            recist.charted(source, reader=protocol.schedule.reader)
        own = {name: tables[name] for name in _JUDGED_BY if name in tables}
        found = parts.each(judged, own, protocol, rule)
    except recist.RecistInputError as error:
        return Responses(problems=(_unreadable(rule.source, error),))
    return Responses(
        together_if([one.visits for one in found], "patient"),
        together_if([one.best for one in found]),
        together_if([one.change for one in found]),
        tuple(each for one in found for each in one.problems),
    )


_JUDGED_BY = ("patients", "lesions", "assessments", "therapies", "procedures")
"""The record tables that responses are made of."""


def judged(tables: Mapping[str, pl.DataFrame], protocol: Protocol, rule: Response) -> Responses:
    """Responses of some patients, from their own rows, and what is doubtful about them."""
    from oncohort.criteria import recist

    source = tables[rule.source]
    visits = _visits(source, tables["patients"], protocol, rule)
    found = _judged(visits, source, tables, protocol, rule)
    if rule.source != "lesions":
        return found
    lesions = recist.check(
        source,
        patients=tables["patients"],
        procedures=tables.get("procedures"),
        reader=protocol.schedule.reader,
        rules=_rules(protocol),
    )
    return replace(found, problems=(*found.problems, *lesions))


def _visits(
    source: pl.DataFrame, patients: pl.DataFrame, protocol: Protocol, rule: Response
) -> pl.DataFrame:
    """The response of every visit: from the lesions, or as the chart has it."""
    from oncohort.criteria import recist

    if rule.source == "lesions":
        return recist.assess(
            source,
            patients=patients if "treatment_start" in patients.columns else None,
            reader=protocol.schedule.reader,
            confirmation_days=rule.confirmation_days if rule.confirmation else None,
            rules=_rules(protocol),
        )
    visits = recist.worst_of_day(recist.charted(source, reader=protocol.schedule.reader))
    if _after_cr(protocol) == "sum rule":
        visits = visits.with_columns(disease_back=pl.lit(False))
    return visits


def _judged(
    visits: pl.DataFrame,
    source: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    protocol: Protocol,
    rule: Response,
) -> Responses:
    """Best response and best change of the visits, and what is doubtful about them."""
    from oncohort.criteria import recist

    patients, until = tables["patients"], _until(tables, protocol)
    confirmation = None
    if rule.confirmation:
        confirmation = recist.Confirmation(
            min_days=rule.confirmation_days,
            max_not_evaluable=rule.confirmation_max_ne,
            stable_between=1 if rule.accept_stable_between else 0,
            complete_then_partial=rule.complete_then_partial,
        )
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
    problems = _charted_otherwise(best, patients)
    if rule.source == "assessments":
        problems += _contradictory(source, protocol.schedule.reader)
    for doubtful in recist.doubtful_complete_responses(best):
        place = replace(doubtful.place, sheet=rule.source)
        problems.append(replace(doubtful, place=place))
    return Responses(recist.with_progression(visits, best), best, change, tuple(problems))


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
    """Days on which the chart has two responses of one patient."""
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


def _charted(patients: pl.DataFrame, rule: Response) -> Responses:
    """The charted best response, and the charted best change where the protocol names it."""
    if "best_response" not in patients.columns or not patients["best_response"].count():
        place = Place(file="study.toml", key="response.source")
        return Responses(
            problems=(problem("response.no-column", place=place, blocks=("response",)),)
        )
    best = patients.select(
        "patient",
        pl.col("best_response").fill_null("NE"),
        pl.lit(None, dtype=pl.Date).alias("best_response_date"),
        pl.lit("charted").alias("code"),
    )
    name = rule.best_change
    if not name:
        return Responses(best=best)
    place = Place(file="study.toml", key="response.best_change")
    unusable = partial(problem, "response.no-column", place=place, blocks=CHANGE, name=name)
    if name not in patients.columns:
        close = nearest(name, patients.columns)
        absent = unusable("change", nearest=close)
        return Responses(best=best, problems=(absent,))
    if not patients.schema[name].is_numeric():
        words = unusable("words")
        return Responses(best=best, problems=(words,))
    scale = 100.0 if rule.best_change_unit == "fraction" else 1.0
    value = pl.col(name).cast(pl.Float64) * scale
    missing = pl.when(value.is_null()).then(pl.lit("not-charted"))
    change = patients.select(
        "patient",
        value.alias("best_change"),
        missing.otherwise(pl.lit("largest-change")).alias("best_change_code"),
    )
    return Responses(best=best, change=change)


def compared(
    tables: Mapping[str, pl.DataFrame], protocol: Protocol, visits: pl.DataFrame | None
) -> tuple[pl.DataFrame | None, list[Problem]]:
    """Charted responses beside the derived ones, where the chart holds both."""
    from oncohort.criteria import recist

    rule = protocol.response
    charted = tables.get("assessments")
    if rule is None or rule.source != "lesions" or visits is None:
        return None, []
    if charted is None or charted.is_empty():
        return None, []
    try:
        assessed = recist.charted(charted, reader=protocol.schedule.reader)
    except recist.RecistInputError as error:
        # What counts comes from the lesions; only the comparison is left out.
        return None, [replace(_unreadable("assessments", error), blocks=())]
    table = recist.discrepancies(
        visits, assessed, tolerance_days=max(protocol.schedule.visit_days, 1)
    )
    differ = table.filter(pl.col("kind") == "differs").height
    place = Place(file="study.toml", key="response.source")
    return table, [problem("response.charted-differs", place=place, n=differ)] if differ else []
