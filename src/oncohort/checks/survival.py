"""Deaths, events and their flags: what can't be true of a survival endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from oncohort.checks.rule import Data, rule
from oncohort.endpoints.endpoint_rules import endpoint_rule
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.endpoints import Code, codes
from oncohort.records.values import text_of
from oncohort.vocabulary.words import level_words, plain


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


_LABELLED = re.compile(r"([+-]?\d+)\s*[:=-]\s*\D.*", re.DOTALL)


def _flag(value: Code) -> str:
    """A value of a flag as 0, 1, ..., yes, no, or its own word; `1:DECEASED` is a 1.

    Examples
    --------
    >>> _flag(1), _flag("1:DECEASED"), _flag("1 = dead"), _flag("Yes"), _flag("deceased")
    ('1', '1', '1', 'yes', 'deceased')
    """
    text = text_of(value)
    labelled = _LABELLED.fullmatch(text)
    if labelled is not None:
        return labelled[1]
    if re.fullmatch(r"[+-]?\d+", text):
        return text
    return level_words("flag").get(plain(text), plain(text))


@rule("survival.flags-disagree")
def flags_disagree(data: Data) -> Iterator[Problem]:
    seen: dict[str, tuple[str, str, frozenset[str]]] = {}
    for key, endpoint in data.protocol.endpoints.items():
        if not endpoint.reduced or endpoint.event is None:
            continue
        stem = endpoint.event.lower().replace(key, "*")
        values = frozenset(map(_flag, codes(endpoint.event_value)))
        if "*" not in stem:
            continue
        if stem not in seen:
            seen[stem] = (key, endpoint.event, values)
            continue
        first, column, others = seen[stem]
        there = data.patients[endpoint.event] if endpoint.event in data.patients.columns else ()
        held = frozenset(map(_flag, there))
        if others & held and not others & values:
            yield problem(
                "survival.flags-disagree",
                place=Place(key=f"endpoints.{key}.event_value"),
                name=column,
                other=" or ".join(sorted(others)),
                first=first,
                event=endpoint.event,
                value=" or ".join(sorted(values)),
                key=key,
            )
