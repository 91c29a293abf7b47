"""Deaths, events and their flags: what can't be true of a survival endpoint."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from oncohort.checks.rule import Data, rule
from oncohort.endpoints.from_protocol import endpoint_rule
from oncohort.problems import Place, Problem, problem
from oncohort.records.values import text_of


@rule("survival.death-without-date")
def death_without_date(data: Data) -> Iterator[Problem]:
    dated = [
        endpoint_rule(key, declared.model_copy(update={"censoring": None}), None)
        for key, declared in data.protocol.endpoints.items()
        if not declared.reduced
    ]
    asked = any("death" in (*rule.events, *rule.competing) for rule in dated)
    if not asked or not data.has("patients", "vital_status"):
        return
    bad = data.patients.filter((pl.col("vital_status") == "dead") & pl.col("death_date").is_null())
    for row in bad.iter_rows(named=True):
        yield problem(
            "survival.death-without-date",
            place=data.at("patients", "death_date", row["source_record"])
            if data.has("patients", "death_date")
            else data.at("patients", "vital_status", row["source_record"]),
            patient=row["patient"],
            table="patients",
            column=("death_date", "vital_status"),
        )


@rule("survival.alive-with-death")
def alive_with_death(data: Data) -> Iterator[Problem]:
    if not data.has("patients", "vital_status", "death_date"):
        return
    bad = data.patients.filter(
        (pl.col("vital_status") == "alive") & pl.col("death_date").is_not_null()
    )
    for row in bad.iter_rows(named=True):
        yield problem(
            "survival.alive-with-death",
            place=data.at("patients", "vital_status", row["source_record"]),
            patient=row["patient"],
            table="patients",
            column=("death_date", "vital_status"),
            row=row["source_row"],
            death_date=row["death_date"],
        )


@rule("survival.flags-disagree")
def flags_disagree(data: Data) -> Iterator[Problem]:
    seen: dict[str, tuple[str, str, str]] = {}
    for key, endpoint in data.protocol.endpoints.items():
        if not endpoint.reduced or endpoint.event is None:
            continue
        stem = endpoint.event.lower().replace(key, "*")
        value = text_of(endpoint.event_value)
        if "*" not in stem:
            continue
        if stem not in seen:
            seen[stem] = (key, endpoint.event, value)
            continue
        first, column, other = seen[stem]
        held = data.patients[endpoint.event] if endpoint.event in data.patients.columns else ()
        if other != value and other in map(text_of, held):
            yield problem(
                "survival.flags-disagree",
                place=Place(key=f"endpoints.{key}.event_value"),
                name=column,
                other=other,
                first=first,
                event=endpoint.event,
                value=value,
                key=key,
            )
