"""`oncohort km` and `oncohort cox`: one table in, one printed result out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.problems import OncohortWarning, ReadError, problem
from oncohort.records.table_file import (
    Coding,
    TableFile,
    covariate,
    labels,
    numbers,
    open_table,
    short_labels,
)
from oncohort.vocabulary.boundaries import Option

if TYPE_CHECKING:
    from oncohort.stats._cox.result import CoxResult
    from oncohort.stats.curve_result import KaplanMeierResult
    from oncohort.stats.incidence import IncidenceResult
    from oncohort.stats.inputs import Column


@dataclass(frozen=True, slots=True)
class Ends:
    """What `km` and `cox` are told about the end of follow-up, and about its rows."""

    time: str
    event: str
    event_value: str
    entry: str | None = None
    weights: str | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class KmOptions:
    """What `km` shows of the curves."""

    by: str | None = None
    strata: str | None = None
    level: float = 0.95
    interval: str = "log-log"
    times: tuple[float, ...] = ()
    quantiles: tuple[float, ...] = ()
    censored: str | None = None
    """The code that means censored, where others than the event's compete."""
    robust: bool | None = None


def km_text(path: Path, ends: Ends, asked: KmOptions) -> str:
    """Kaplan-Meier of a file's columns, as printed text.

    Groups are compared by the log-rank test, three and more also in pairs, and at `times` by the
    difference of their survival.
    """
    from oncohort import stats

    table = open_table(path, ends.sheet)
    time, event, options = _rows(table, ends)
    group = None if asked.by is None else short_labels(table, asked.by)
    strata = None if asked.strata is None else short_labels(table, asked.strata)
    parts: list[str] = []
    with _quiet(), _in_rows(table, ends.time):
        result = stats.kaplan_meier(
            time,
            event,
            group=group,
            interval=asked.interval,
            level=asked.level,
            robust=asked.robust,
            **options,
        )
        parts += [str(result), *described(result, asked)]
        if group is not None:
            parts += _compared(time, event, group, strata, options, asked)
    return "\n".join([*parts, *(f"note: {note}" for note in table.notes)])


def incidence_text(path: Path, ends: Ends, asked: KmOptions) -> str:
    """Cumulative incidence of a file's columns, as printed text."""
    from oncohort import stats

    table = open_table(path, ends.sheet)
    time = numbers(table, ends.time, complete=True)
    kinds = labels(table, ends.event).cast(pl.String)
    group = None if asked.by is None else short_labels(table, asked.by)
    with _quiet(), _in_rows(table, ends.time):
        result = stats.cumulative_incidence(
            time,
            kinds,
            censored=asked.censored,
            group=group,
            interval=asked.interval,
            level=asked.level,
            **_followed(table, ends),
        )
    parts = [str(result), *incidence_at(result, ends, asked)]
    return "\n".join([*parts, *(f"note: {note}" for note in table.notes)])


def incidence_at(result: IncidenceResult, ends: Ends, asked: KmOptions) -> list[str]:
    """The event's incidence at given times, a line for each.

    Raises
    ------
    EventCodingError
        Nobody has the code of the event, or that of censored.
    """
    from oncohort.stats._show import with_interval
    from oncohort.stats.errors import EventCodingError

    cause = next((c for c in result.causes if str(c) == ends.event_value), None)
    if cause is None:
        raise EventCodingError(f"no row has {ends.event_value!r} in {ends.event}")
    lines = []
    for (of, label), curve in result.curves.items():
        head = "" if label is None else f"{label}: "
        for at in curve.at(asked.times) if of == cause and asked.times else ():
            value = "not estimable (after the last follow-up)"
            if at.incidence is not None:
                value = with_interval(at.incidence, at.low, at.high)
            lines.append(
                f"{head}incidence of {of} at {at.time:g}: {value}, {at.at_risk:g} at risk, "
                f"{at.events:g} events"
            )
    return lines


def described(result: KaplanMeierResult, asked: KmOptions) -> list[str]:
    """Curves at given times, and when given shares had the event."""
    parts = [at_times(result, asked.times)] if asked.times else []
    for label, curve in result.groups.items() if asked.quantiles else ():
        head = "" if label is None else f"{label}: "
        parts += [f"{head}{curve.quantile(p)}" for p in asked.quantiles]
    return parts


def at_times(result: KaplanMeierResult, times: Sequence[float]) -> str:
    """Survival at given times, a line for each."""
    from oncohort.stats._show import with_interval

    lines = []
    for label, curve in result.groups.items():
        head = "" if label is None else f"{label}: "
        for at in curve.at(times):
            value = "not estimable (after the last follow-up)"
            if at.survival is not None:
                value = with_interval(at.survival, at.low, at.high)
            lines.append(
                f"{head}survival at {at.time:g}: {value}, {at.at_risk:g} at risk, "
                f"{at.events:g} events"
            )
    return "\n".join(lines)


def _compared(
    time: Column,
    event: Column,
    group: Column,
    strata: Column | None,
    options: Mapping[str, Option],
    asked: KmOptions,
) -> list[str]:
    """Tests between the groups, or why there is none."""
    from oncohort import stats
    from oncohort.stats.errors import NoEventsError, TooFewGroupsError

    level, times = asked.level, asked.times
    try:
        test = stats.logrank(time, event, group, strata=strata, **options)
    except (NoEventsError, TooFewGroupsError) as error:
        return [f"no test between groups: {error}"]
    parts = [str(test)]
    if len(test.levels) > 2 and strata is None:
        parts.append(str(stats.logrank_pairwise(time, event, group, level=level, **options)))
    if times:
        parts.append(
            str(stats.survival_difference(time, event, group, times=times, level=level, **options))
        )
    return parts


@dataclass(frozen=True, slots=True)
class CoxOptions:
    """How `cox` fits."""

    ties: str = "efron"
    level: float = 0.95
    interval: str = "wald"
    firth: bool = False
    robust: bool | None = None
    strata: str | None = None
    cluster: str | None = None
    transform: str | None = None
    """Of time, where proportional hazards are tested."""


def cox_text(
    path: Path,
    ends: Ends,
    covariates: Sequence[str],
    options: CoxOptions,
    coding: Coding,
) -> str:
    """Cox regression of a file's columns, as printed text; text columns become dummies."""
    from oncohort import stats

    table = open_table(path, ends.sheet)
    time, event, more = _rows(table, ends)
    found = [covariate(table, name, coding) for name in covariates]
    for name, column in (("strata", options.strata), ("cluster", options.cluster)):
        if column is not None:
            more[name] = short_labels(table, column)
    matrix = pl.DataFrame({key: v for c in found for key, v in c.columns.items()})
    with _quiet(), _in_rows(table, ends.time):
        result = stats.cox(
            time,
            event,
            matrix,
            ties=options.ties,
            level=options.level,
            interval=options.interval,
            penalty="firth" if options.firth else None,
            robust=options.robust,
            terms={c.name: list(c.columns) for c in found},
            **more,
        )
        lines = [str(result), *_factors(result)]
        if options.transform is not None:
            lines.append(str(stats.ph_test(result, options.transform)))
    lines += [f'reference of {c.name}: "{c.reference}"' for c in found if c.levels]
    return "\n".join([*lines, *(f"note: {note}" for note in table.notes)])


def _factors(result: CoxResult) -> list[str]:
    """The test of each factor with several columns."""
    return [f"{term.term}: {term.test}" for term in result.terms if len(term.columns) > 1]


@contextmanager
def _quiet() -> Iterator[None]:
    """The result itself says what a reader has to know; it is printed with it."""
    import numpy as np

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", OncohortWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


@contextmanager
def _in_rows(table: TableFile, column: str) -> Iterator[None]:
    """Errors that name rows from 0 name those of the file instead."""
    from oncohort.stats.errors import TimeError

    try:
        yield
    except TimeError as error:
        if not error.rows:
            raise
        reason = str(error).split(" in rows ")[0]
        stated = [
            problem("table.row", place=table.place(column, row), reason=f"{reason}.")
            for row in error.rows[:10]
        ]
        raise ReadError("", stated) from error


def _rows(table: TableFile, ends: Ends) -> tuple[pl.Series, pl.Series, dict[str, Option]]:
    """Times, events (bool), entries and weights; what can't be told is an error."""
    done = _times_and_events(table, ends)
    return done["time"], done["event"], _followed(table, ends)


def _followed(table: TableFile, ends: Ends) -> dict[str, Option]:
    """Entries and weights."""
    options: dict[str, Option] = {}
    for name, column in (("entry", ends.entry), ("weights", ends.weights)):
        if column is not None:
            options[name] = numbers(table, column, complete=True)
    if ends.weights is not None:
        bad = (options["weights"] <= 0).arg_true().to_list()
        if bad:
            stated = [
                problem(
                    "table.row",
                    place=table.place(ends.weights, row),
                    reason="A weight is not above zero.",
                )
                for row in bad[:10]
            ]
            raise ReadError("", stated)
    return options


def _times_and_events(table: TableFile, ends: Ends) -> pl.DataFrame:
    """`time`, `event` (bool) with rows; what can't be told is an error, never an answer."""
    from oncohort.endpoints import reduced
    from oncohort.problems import errors
    from oncohort.records.columns import as_list
    from oncohort.records.values import text_of
    from oncohort.vocabulary.times import DAYS_PER_UNIT

    time = numbers(table, ends.time)
    flags = table.values(ends.event)
    if isinstance(flags, list):
        flags = pl.Series(
            [None if v is None else text_of(v) for v in as_list(flags)], dtype=pl.String
        )
    rows = pl.DataFrame(
        {
            "patient": [str(row) for row in table.raw.rows],
            "source_row": list(table.raw.rows),
            ends.time: time,
            ends.event: flags,
        }
    )
    done, problems = reduced(
        rows,
        key="time",
        time=ends.time,
        event=ends.event,
        event_value=ends.event_value,
        unit="days",
    )
    bad = errors(problems)
    if bad:
        raise ReadError("", bad)
    return done.select(pl.col("time") / DAYS_PER_UNIT["days"], "event")
