"""Groups that the future forms: compared from time zero they have immortal time."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from oncohort.checks.rule import Data, rule
from oncohort.endpoints.changes import ADVERSE_EVENT, change_days
from oncohort.problems import Place, Problem, problem
from oncohort.protocol import Protocol
from oncohort.protocol.references import nearest
from oncohort.protocol.uses import uses
from oncohort.vocabulary.facts import FACTS, ORIGINS

LATER = (
    "best_response",
    "progression_date",
    "treatment_end",
    "treatment_end_reason",
    "death_date",
    "death_cause",
    "vital_status",
    "last_contact",
)
"""Columns of `patients` that are known only after the treatment began."""
OF_TIME = ("survival", "prognosis", "incidence", "arms", "propensity")
"""Parts of the results that compare times from time zero."""


def _column(protocol: Protocol, key: str) -> str | None:
    """The column of `patients` that a variable comes from in the end."""
    seen: set[str] = set()
    while key in protocol.variables and key not in seen:
        seen.add(key)
        variable = protocol.variables[key]
        if variable.source is None:
            return None if variable.derive else variable.column or key
        key = variable.source
    return None


@rule("time-dependent.future-groups")
def future_groups(data: Data) -> Iterator[Problem]:
    """Responders against non-responders from the start: refused."""
    for use in dict.fromkeys(uses(data.protocol)):
        section, _, rest = use.part.partition(".")
        column = _column(data.protocol, use.variable)
        declared = data.protocol.endpoints.get(rest.partition(".")[0])
        if section not in OF_TIME or column not in LATER:
            continue
        if declared is not None and declared.origin in ORIGINS:
            continue  # the clock starts at the response itself
        yield problem(
            "time-dependent.future-groups",
            place=Place(file="study.toml", key=use.key),
            blocks=(use.part,),
            name=use.variable,
            column=column,
        )


@rule("time-dependent.naive")
def naive(data: Data) -> Iterator[Problem]:
    for key, declared in data.protocol.time_dependent.items():
        if "naive" in declared.methods:
            yield problem(
                "time-dependent.naive",
                place=Place(file="study.toml", key=f"time_dependent.{key}.methods"),
                blocks=(f"time_dependent.{key}.naive",),
                label=declared.label or key,
            )


@rule("time-dependent.no-dates")
def no_dates(data: Data) -> Iterator[Problem]:
    """Nothing in the chart says when the change happened."""
    cohort = data.cohort
    if cohort is None or cohort.n == 0:
        return
    for key, declared in data.protocol.time_dependent.items():
        if declared.endpoint not in cohort.meaning.endpoints:
            continue
        place = Place(file="study.toml", key=f"time_dependent.{key}")
        name = declared.change or declared.time or ""
        if change_days(cohort, declared, data.protocol) is None:
            columns = [c for c in data.patients.columns if not c.endswith("_precision")]
            yield problem(
                "time-dependent.no-dates",
                place=place,
                blocks=(f"time_dependent.{key}",),
                name=name,
                nearest=nearest(name, [ADVERSE_EVENT, *FACTS, *columns]),
            )
        elif "landmark" in declared.methods and declared.landmarks:
            yield from _after_everyone(data, key, place)


def _after_everyone(data: Data, key: str, place: Place) -> Iterator[Problem]:
    """A landmark at which nobody is observed any more."""
    from oncohort.vocabulary.times import DAYS_PER_UNIT

    declared = data.protocol.time_dependent[key]
    assert data.cohort is not None
    times = data.cohort.frame[f"{declared.endpoint}_time"].drop_nulls()
    unit = data.protocol.study.time_unit
    last = 0.0 if times.is_empty() else float(times.cast(pl.Float64).max() or 0)  # type: ignore[arg-type]
    for at in declared.landmarks:
        if at * DAYS_PER_UNIT[unit] >= last:
            yield problem(
                "time-dependent.late-landmark",
                place=place,
                at=f"{at:g}",
                unit=unit,
                last=f"{last / DAYS_PER_UNIT[unit]:.1f}",
            )
