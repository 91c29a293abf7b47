"""Endpoints as a whole: nobody censored for survival, two endpoints that are one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import polars as pl

from oncohort.checks.agreement import is_progression
from oncohort.checks.rule import Data, rule
from oncohort.endpoints.endpoint_rules import endpoint_rule
from oncohort.problems import Place, Problem, problem

ENOUGH = 20
"""Patients of whom hardly ever every one has died by the end of a study."""
FEWEST = 8
"""Patients below whom two endpoints may be one by chance."""


def _held(data: Data) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Each endpoint of the cohort: key, label, and its ``time`` and ``event`` per patient."""
    if data.cohort is None:
        return
    for key, endpoint in data.protocol.endpoints.items():
        if f"{key}_event" in data.cohort.frame.columns:
            yield (
                key,
                endpoint.label or key.upper(),
                data.cohort.frame.select(time=f"{key}_time", event=f"{key}_event"),
            )


@rule("survival.nobody-censored")
def nobody_censored(data: Data) -> Iterator[Problem]:
    """Every patient has died: a date of last contact may stand in the column of deaths."""
    yield from _all_progressed(data)
    for key, label, held in _held(data):
        if key != "os" and "overall survival" not in label.lower():
            continue
        known = held.drop_nulls()
        if known.height >= ENOUGH and known["event"].all():
            yield problem(
                "survival.nobody-censored",
                place=Place(file="study.toml", key=f"endpoints.{key}"),
                label=label,
                n=known.height,
            )


LAST_DAY = 5
"""So many progressions on the day of the last contact, where nobody is free of progression."""


def _all_progressed(data: Data) -> Iterator[Problem]:
    """The last contact in the column of progression: the living progress on that day."""
    if data.cohort is None or not data.has("patients", "progression_date", "last_contact"):
        return
    for key, label, held in _held(data):
        known = held.drop_nulls()
        if not is_progression(key, label) or data.protocol.endpoints[key].reduced:
            continue
        rows = data.included(data.patients).filter(
            pl.col("death_date").is_null() & (pl.col("progression_date") == pl.col("last_contact"))
        )
        if known.height >= ENOUGH and known["event"].all() and rows.height >= LAST_DAY:
            yield problem(
                "survival.nobody-censored",
                "progression",
                place=Place(file="study.toml", key=f"endpoints.{key}"),
                label=label,
                n=known.height,
                last=rows.height,
                patients=rows["patient"].to_list(),
            )


@rule("endpoints.one-and-the-same")
def one_and_the_same(data: Data) -> Iterator[Problem]:
    """Two endpoints from dates that are equal in every patient: they count the same."""
    found = () if data.cohort is None else data.cohort.problems
    told = {p.place.key for p in found if p.id == "endpoints.no-progression"}
    dated = [
        (key, label, held)
        for key, label, held in _held(data)
        if not data.protocol.endpoints[key].reduced and f"endpoints.{key}" not in told
    ]
    for (_, first, one), (key, second, other) in combinations(dated, 2):
        if one.height >= FEWEST and one.drop_nulls().height and one.equals(other):
            yield problem(
                "endpoints.one-and-the-same",
                place=Place(file="study.toml", key=f"endpoints.{key}"),
                first=first,
                second=second,
                n=one.height,
            )


@rule("endpoints.name-against-events")
def name_against_events(data: Data) -> Iterator[Problem]:
    """A progression-free survival of deaths alone, an overall survival of more than deaths."""
    for key, declared in data.protocol.endpoints.items():
        if declared.reduced:
            continue
        plain = declared.model_copy(update={"censoring": None})
        events = endpoint_rule(key, plain, None).events
        label = declared.label or key.upper()
        survival = key == "os" or "overall survival" in label.lower()
        only_deaths = all(kind.startswith("death") for kind in events)
        if survival != only_deaths and (survival or is_progression(key, declared.label)):
            yield problem(
                "endpoints.name-against-events",
                place=Place(file="study.toml", key=f"endpoints.{key}.events"),
                label=label,
                events=list(events),
            )
