"""Deaths, events and their flags: what can't be true of a survival endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from oncohort.checks.agreement import is_progression
from oncohort.checks.rule import Data, rule
from oncohort.endpoints.from_protocol import endpoint_rule
from oncohort.problems import Place, Problem, problem
from oncohort.records.compared import matches
from oncohort.records.values import text_of


def _written(value: Any) -> str:
    """A value as it is written in TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return text_of(value)
    return f'"{value}"'


@rule("survival.inverted-event")
def inverted_event(data: Data) -> Iterator[Problem]:
    """Best response PD is a progression: such patients must have a progression event."""
    if not data.has("patients", "best_response"):
        return
    for key, endpoint in data.protocol.endpoints.items():
        if not endpoint.reduced or not is_progression(key, endpoint.label):
            continue
        column = str(endpoint.event)
        if not data.has("patients", column):
            continue
        progressed = data.patients.filter(
            (pl.col("best_response") == "PD") & pl.col(column).is_not_null()
        )
        if progressed.height < 3:
            continue
        held = progressed[column].to_list()
        events = sum(matches(v, endpoint.event_value) for v in held)
        if events / progressed.height >= 0.5:
            continue
        label = endpoint.label or key.upper()
        said = _written(endpoint.event_value)
        others = list(
            dict.fromkeys(
                text_of(v)
                for v in data.patients[column].drop_nulls().to_list()
                if not matches(v, endpoint.event_value)
            )
        )
        todo = "Look up what the column means, and correct event_value."
        if len(others) == 1:
            other = next(
                v
                for v in data.patients[column].drop_nulls().to_list()
                if not matches(v, endpoint.event_value)
            )
            todo = (
                f'If "{column}" flags censoring, write: [endpoints.{key}] '
                f"event_value = {_written(other)}"
            )
        at = data.at("patients", column, None)
        yield problem(
            "survival.inverted-event",
            "" if events else "none",
            place=Place(
                at.file, at.sheet, None, None, column, None, f"endpoints.{key}.event_value"
            ),
            table="patients",
            column=column,
            value=said,
            events=events,
            n=progressed.height,
            label=label,
            todo=todo,
        )


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
        if other != value:
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
