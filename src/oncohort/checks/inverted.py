"""Signs that the flag of an endpoint is read the wrong way round: events for censoring.

Many files flag censoring. Read as events, every median, curve and hazard ratio is wrong, and
nothing looks wrong; so what else is known of the patients is held beside the flag.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from oncohort.checks.agreement import WITHOUT_DEATH, is_progression, named
from oncohort.checks.rule import Data, rule
from oncohort.problems import Place, Problem, problem
from oncohort.protocol.endpoints import Endpoint
from oncohort.records.compared import matches
from oncohort.records.values import text_of
from oncohort.vocabulary.boundaries import Option

LEAST = 5
"""Patients of each kind below which the shares of events say nothing."""
CHANCE = 0.01
"""p of Fisher's test below which the reversed order of two shares is no chance."""
RESPONDED, PROGRESSED = ("CR", "PR"), ("PD",)


def _written(value: object) -> str:
    """A value as it is written in TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return text_of(value)
    return f'"{value}"'


def _flags(data: Data, endpoint: Endpoint, keep: pl.Expr) -> tuple[int, int]:
    """Events and patients with a flag, among some patients."""
    column = str(endpoint.event)
    held = data.patients.filter(keep & pl.col(column).is_not_null())[column].to_list()
    return sum(matches(v, endpoint.event_value) for v in held), len(held)


def _reduced(data: Data) -> Iterator[tuple[str, Endpoint]]:
    """Endpoints that come with a flag that the chart has."""
    for key, endpoint in data.protocol.endpoints.items():
        if endpoint.reduced and endpoint.event and data.has("patients", str(endpoint.event)):
            yield key, endpoint


def _told(data: Data, key: str, endpoint: Endpoint) -> dict[str, Option]:
    """Where the flag stands, what it is read as, and what to write instead."""
    column = str(endpoint.event)
    others = {
        text_of(v): v
        for v in data.patients[column].drop_nulls().to_list()
        if not matches(v, endpoint.event_value)
    }
    todo = "Look up what the column means, and correct event_value."
    if len(others) == 1:
        (other,) = others.values()
        todo = (
            f'If "{column}" flags censoring, write: [endpoints.{key}] '
            f"event_value = {_written(other)}"
        )
    at = data.at("patients", column, None)
    return {
        "place": Place(at.file, at.sheet, None, None, column, None, f"endpoints.{key}.event_value"),
        "table": "patients",
        "column": column,
        "value": _written(endpoint.event_value),
        "label": endpoint.label or key.upper(),
        "todo": todo,
    }


def _contradicted(data: Data, key: str, endpoint: Endpoint) -> tuple[int, int] | None:
    """Of a progression: events among those with PD, where most of them have none."""
    if not is_progression(key, endpoint.label) or not data.has("patients", "best_response"):
        return None
    events, n = _flags(data, endpoint, pl.col("best_response") == "PD")
    return (events, n) if n >= 3 and events / n < 0.5 else None


@rule("survival.inverted-event")
def inverted_event(data: Data) -> Iterator[Problem]:
    """Best response PD is a progression: such patients must have a progression event."""
    for key, endpoint in _reduced(data):
        found = _contradicted(data, key, endpoint)
        if found is None:
            continue
        events, n = found
        yield problem(
            "survival.inverted-event",
            "" if events else "none",
            events=events,
            n=n,
            **_told(data, key, endpoint),
        )


def reversed_shares(better: tuple[int, int], worse: tuple[int, int]) -> bool:
    """Do those who should fare better have events more often, beyond chance?

    Examples
    --------
    >>> reversed_shares((24, 25), (8, 30)), reversed_shares((3, 25), (28, 30))
    (True, False)
    """
    from oncohort.stats import fisher_exact

    (x, n), (x0, n0) = better, worse
    if min(n, n0) < LEAST or x / n <= x0 / n0:
        return False
    return fisher_exact([[x, n - x], [x0, n0 - x0]]).p < CHANCE


@rule("survival.inverted-by-response")
def inverted_by_response(data: Data) -> Iterator[Problem]:
    """Responders have events more often than those who progressed."""
    if not data.has("patients", "best_response"):
        return
    for key, endpoint in _reduced(data):
        if _contradicted(data, key, endpoint) is not None:
            continue
        better, worse = (
            _flags(data, endpoint, pl.col("best_response").is_in(words))
            for words in (RESPONDED, PROGRESSED)
        )
        if not reversed_shares(better, worse):
            continue
        yield problem(
            "survival.inverted-by-response",
            events=better[0],
            n=better[1],
            others=worse[0],
            m=worse[1],
            **_told(data, key, endpoint),
        )


@rule("survival.inverted-by-status")
def inverted_by_status(data: Data) -> Iterator[Problem]:
    """Most of the dead have no event, and most of the living have one."""
    if not data.has("patients", "vital_status"):
        return
    for key, endpoint in _reduced(data):
        if named(key, endpoint, WITHOUT_DEATH):
            continue
        shares: Mapping[str, tuple[int, int]] = {
            status: _flags(data, endpoint, pl.col("vital_status") == status)
            for status in ("dead", "alive")
        }
        (x, n), (x0, n0) = shares["dead"], shares["alive"]
        if min(n, n0) < LEAST or x / n >= 0.5 or x0 / n0 <= 0.5:
            continue
        told = _told(data, key, endpoint)
        yield problem("survival.inverted-by-status", events=x, n=n, others=x0, m=n0, **told)
