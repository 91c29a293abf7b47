"""Two endpoints from columns that look exchanged, and survival that ends too soon to be true."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from oncohort.checks.agreement import Pair, _units_differ, is_progression, pairs
from oncohort.checks.reduced_times import _reduced, unit_of
from oncohort.checks.rule import Data, rule
from oncohort.problems import Place, Problem, problem

CONTRADICTED = 3
"""Patients who contradict the flags as they are, from which they may be exchanged."""
SHARE = 0.15
"""Share of those patients among all whose progression-free time ends early."""
ENOUGH = 20
"""Patients from which the longest time says something of the unit."""
TINY_YEARS = 0.28
"""Nobody followed for a hundred days: no cohort has that."""
BRIEF_YEARS = 1.3
"""Hardly any cohort ends so soon after its start."""


def _exchanged(pair: Pair) -> pl.DataFrame | None:
    """The patients who contradict the flags as they are, where exchanged flags agree in all."""
    held = pair.held.drop_nulls(["free_event", "died"])
    same = (pl.col("free") - pl.col("survival")).abs() <= 0.01 * pl.col("survival") + 1.5
    early = held.filter(pl.col("free") < 0.8 * pl.col("survival") - 31)
    against = early.filter(~pl.col("free_event"))
    enough = against.height >= max(CONTRADICTED, SHARE * early.height)
    if not enough or not early["died"].all():
        return None
    # As they are: nobody lives on after the first event. A cohort of whom everybody dies has that,
    # too; but there nobody has a progression without a death either.
    alone = held.filter(pl.col("free_event") & ~pl.col("died"))
    alive = held.filter(~pl.col("died") & same)
    return against if not alone.height and alive.height >= CONTRADICTED else None


@rule("survival.flags-exchanged")
def flags_exchanged(data: Data) -> Iterator[Problem]:
    """The flag of relapse in the column of death, and the reverse."""
    for pair in pairs(data):
        if _units_differ(pair):
            continue
        rows = _exchanged(pair)
        if rows is None:
            continue
        early = pair.held.filter(pl.col("free") < 0.8 * pl.col("survival") - 31)
        yield problem(
            "survival.flags-exchanged",
            place=Place(file="study.toml", key=f"endpoints.{pair.free_key}.event"),
            table="patients",
            column=(str(pair.free.event), str(pair.survival.event)),
            n=rows.height,
            early=early.height,
            died=pair.survival.event,
            free=pair.free.event,
            free_label=pair.labels["free_label"],
            free_key=pair.free_key,
            survival_key=pair.survival_key,
            patients=rows["patient"].to_list(),
        )


@rule("survival.brief")
def brief(data: Data) -> Iterator[Problem]:
    """Nobody is followed for long: years that are read as months."""
    for key, endpoint, column, days in _reduced(data):
        if is_progression(key, endpoint.label):
            continue  # it may end soon
        values = data.included(data.patients)[column].drop_nulls()
        if values.len() < ENOUGH or not isinstance(largest := values.max(), int | float):
            continue
        years = float(largest) * days / 365.25
        if not 0 < years <= BRIEF_YEARS:
            continue
        tiny = years <= TINY_YEARS
        yield problem(
            "survival.brief",
            "tiny" if tiny else "",
            place=Place(file="study.toml", key=f"endpoints.{key}.time_unit"),
            table="patients",
            column=column,
            label=endpoint.label or key.upper(),
            unit=unit_of(data, endpoint),
            largest=float(largest),
            n=values.len(),
        )


ENOUGH_DEATHS = 10
"""Deaths of which hardly every one comes before any progression."""


def _copied(pair: Pair) -> str | None:
    """Which column of one endpoint holds that of the other: the case of the problem."""
    held = pair.held.drop_nulls(["free_event", "died"])
    if held.height < ENOUGH:
        return None
    apart = held.filter(pl.col("free_event") != pl.col("died"))
    early = held.filter((pl.col("free") < 0.8 * pl.col("survival") - 31) & pl.col("free_event"))
    if held.filter(pl.col("free") != pl.col("survival")).is_empty():
        return "time" if apart.height else "both" if held["died"].sum() >= ENOUGH_DEATHS else None
    return "flag" if apart.is_empty() and early.height >= 5 and not held["died"].all() else None


@rule("endpoints.copied")
def copied(data: Data) -> Iterator[Problem]:
    """Two columns of times, or of flags, that are the same in every patient."""
    for pair in pairs(data):
        case = _copied(pair)
        if case is None or pair.free.event == pair.survival.event:
            continue
        ends = (pair.free, pair.survival)
        first, second = (str(e.event if case == "flag" else e.time) for e in ends)
        yield problem(
            "endpoints.copied",
            case if case != "time" else "",
            place=Place(
                file="study.toml",
                key=f"endpoints.{pair.free_key}.{'event' if case == 'flag' else 'time'}",
            ),
            first=first,
            second=second,
            n=pair.held.height,
        )
