"""Times that come as columns: codes for missing, other units, and what dates say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import polars as pl

from oncohort.checks.rule import MANY, MISSING_CODES, Data, rule
from oncohort.problems import Place, Problem, problem
from oncohort.vocabulary.facts import BEFORE_TREATMENT
from oncohort.vocabulary.times import DAYS_PER_UNIT

if TYPE_CHECKING:
    from oncohort.protocol.endpoints import Endpoint

LONGEST_YEARS = 50.0
"""No cohort of adults is followed for longer."""
LONG_MEDIAN_YEARS = 20.0
"""Half of a cohort is hardly ever followed for longer."""
APART = 2.5
"""Times so many times longer than all the others stand apart."""
EARLY = 1 / 8
"""Censored times below this part of the follow-up are hardly in the unit that is declared."""


def _reduced(data: Data) -> Iterator[tuple[str, Endpoint, str, float]]:
    """Each endpoint from columns: key, endpoint, time column, days per unit."""
    for key, endpoint in data.protocol.endpoints.items():
        column = endpoint.time
        if not endpoint.reduced or not column or not data.has("patients", column):
            continue
        if data.patients.get_column(column).dtype.is_numeric():
            yield key, endpoint, column, DAYS_PER_UNIT[unit_of(data, endpoint)]


def unit_of(data: Data, endpoint: Endpoint) -> str:
    """The unit in which an endpoint's time column is read."""
    return endpoint.time_unit or data.protocol.study.time_unit


def _follow_up() -> pl.Expr:
    """Days from the start of treatment to death or the last contact."""
    end = pl.coalesce("death_date", "last_contact")
    return (end - pl.col("treatment_start")).dt.total_days()


@rule("survival.missing-code")
def missing_code(data: Data) -> Iterator[Problem]:
    """999 among months is a code, not a time: it is the largest, and far from the others."""
    for _, _, column, _ in _reduced(data):
        values = data.patients[column].drop_nulls()
        for code in MISSING_CODES:
            others = values.filter(values != code)
            if others.len() == values.len() or not others.len():
                continue
            if code < 0 or code < 1.5 * float(others.max()):  # type: ignore[arg-type]
                continue
            yield from data.problems(
                "survival.missing-code",
                data.included(data.patients).filter(pl.col(column) == code),
                "patients",
                column,
                value=code,
                largest=others.max(),
            )


@rule("survival.event-at-zero")
def event_at_zero(data: Data) -> Iterator[Problem]:
    from oncohort.records.compared import matches

    for key, endpoint, column, _ in _reduced(data):
        event = str(endpoint.event)
        if event not in data.patients.columns:
            continue
        for row in (
            data.included(data.patients)
            .filter(pl.col(column) == 0)
            .head(MANY)
            .iter_rows(named=True)
        ):
            if matches(row[event], endpoint.event_value):
                yield problem(
                    "survival.event-at-zero",
                    place=data.at("patients", column, row["source_record"]),
                    patient=row["patient"],
                    endpoint=endpoint.label or key.upper(),
                )
    yield from _dated_at_zero(data)


def _dated_at_zero(data: Data) -> Iterator[Problem]:
    """Endpoints from dates: an event on the day on which the clock starts, or no time at all."""
    if data.cohort is None:
        return
    for key, endpoint in data.protocol.endpoints.items():
        info = data.cohort.meaning.endpoints.get(key)
        time, event = f"{key}_time", f"{key}_event"
        if endpoint.reduced or info is None or time not in data.cohort.frame.columns:
            continue
        known = data.cohort.frame.filter(pl.col(time).is_not_null())
        at_zero = known.filter(pl.col(time) == 0)
        if at_zero.height > max(3, known.height / 2):
            yield problem(
                "survival.event-at-zero",
                "origin",
                place=Place(file="study.toml", key=f"endpoints.{key}.from"),
                endpoint=info.label,
                n=at_zero.height,
                origin=info.origin,
            )
            continue
        for row in at_zero.filter(pl.col(event)).head(MANY).iter_rows(named=True):
            record = data.patients.filter(pl.col("patient") == row["patient"])["source_record"]
            yield problem(
                "survival.event-at-zero",
                place=data.at("patients", endpoint.origin, record[0])
                if endpoint.origin in data.patients.columns
                else data.at("patients", "patient", record[0]),
                patient=row["patient"],
                endpoint=info.label,
            )


@rule("survival.time-unit")
def time_unit(data: Data) -> Iterator[Problem]:
    """Whole columns in another unit than the declared one."""
    for key, endpoint, column, days in _reduced(data):
        values = data.patients[column].drop_nulls().filter(data.patients[column].drop_nulls() > 0)
        if values.len() < 5:
            continue
        place = Place(file="study.toml", key=f"endpoints.{key}.time_unit")
        median, largest = float(values.median()), float(values.quantile(0.9))  # type: ignore[arg-type]
        years = days / 365.25
        if median * years > LONG_MEDIAN_YEARS or largest * years > LONGEST_YEARS:
            yield problem(
                "survival.time-unit",
                place=place,
                table="patients",
                column=column,
                unit=unit_of(data, endpoint),
                median=median,
                years=f"{median * years:.0f}",
            )
            continue
        yield from _against_follow_up(data, key, endpoint, column, days, place)


def _against_follow_up(
    data: Data, key: str, endpoint: Endpoint, column: str, days: float, place: Place
) -> Iterator[Problem]:
    from oncohort.records.compared import matches

    event = str(endpoint.event)
    if not data.has("patients", "treatment_start", "last_contact") or event not in (
        data.patients.columns
    ):
        return
    held = (
        data.included(data.patients)
        .with_columns(_days=_follow_up())
        .filter((pl.col(column) > 0) & (pl.col("_days") > 180))
    )
    ratios = [
        row[column] * days / row["_days"]
        for row in held.iter_rows(named=True)
        if row[event] is not None and not matches(row[event], endpoint.event_value)
    ]
    if len(ratios) >= 5 and sorted(ratios)[len(ratios) // 2] < EARLY:
        yield problem(
            "survival.time-unit",
            "short",
            place=place,
            table="patients",
            column=column,
            unit=unit_of(data, endpoint),
            label=endpoint.label or key.upper(),
            percent=f"{100 * sorted(ratios)[len(ratios) // 2]:.0f}",
            n=len(ratios),
        )


@rule("survival.time-beyond-follow-up")
def beyond_follow_up(data: Data) -> Iterator[Problem]:
    """Nobody is observed for longer than from the start to the last contact."""
    if not data.has("patients", "treatment_start", "last_contact"):
        return
    for key, endpoint, column, days in _reduced(data):
        longer = (
            data.included(data.patients)
            .with_columns(_days=_follow_up())
            .filter(pl.col(column) * days > 1.1 * pl.col("_days") + 62)
        )
        if longer.height > data.patients.height // 4:
            continue  # the clock of this endpoint starts elsewhere
        for row in longer.head(MANY).iter_rows(named=True):
            yield problem(
                "survival.time-beyond-follow-up",
                place=data.at("patients", column, row["source_record"]),
                patient=row["patient"],
                value=row[column],
                unit=unit_of(data, endpoint),
                label=endpoint.label or key.upper(),
                followed=f"{row['_days'] / days:.1f}",
            )


@rule("survival.times-apart")
def times_apart(data: Data) -> Iterator[Problem]:
    """A few times far beyond all the others: days among months."""
    for key, endpoint, column, _ in _reduced(data):
        held = data.included(data.patients).filter(pl.col(column) > 0).sort(column)
        values = held[column].to_list()
        n = len(values)
        if n < 10:
            continue
        for k in range(n - 1, n - 1 - max(1, n // 5), -1):
            low, high = values[k - 1], values[k]
            if high >= APART * low and high > 6 * values[n // 2]:
                apart = held.slice(k)
                yield problem(
                    "survival.times-apart",
                    place=data.at("patients", column, apart["source_record"][0]),
                    patient=apart["patient"][0] if apart.height == 1 else None,
                    column=column,
                    values=[f"{v:g}" for v in apart[column].to_list()],
                    patients=apart["patient"].to_list(),
                    n=apart.height,
                    largest=low,
                    unit=unit_of(data, endpoint),
                    label=endpoint.label or key.upper(),
                )
                break
        else:
            if k := without_decimals(values):
                yield _whole_times(data, key, endpoint, column, held, k)


def _whole_times(
    data: Data, key: str, endpoint: Endpoint, column: str, held: pl.DataFrame, k: int
) -> Problem:
    apart = held.tail(k)
    return problem(
        "survival.times-apart",
        "whole",
        place=data.at("patients", column, apart["source_record"][0]),
        column=column,
        values=[f"{v:g}" for v in apart[column].to_list()],
        patients=apart["patient"].to_list(),
        n=k,
        largest=held[column][-k - 1],
        unit=unit_of(data, endpoint),
        label=endpoint.label or key.upper(),
    )


WHOLE = 3
"""Times of another form than all others, at most."""
LONGER = 1.5
"""So many times the longest of the others is the shortest of them."""
ENOUGH_OTHERS = 20


def without_decimals(values: Sequence[float]) -> int:
    """How many of the sorted times are whole, beyond all the others, which have decimals.

    Examples
    --------
    >>> months = [k + 0.3 for k in range(30)]
    >>> without_decimals([*months, 90.0, 162.0]), without_decimals([*months, 31.0, 162.5])
    (2, 0)
    """
    with_decimals = sum(v % 1 != 0 for v in values)
    for k in range(2, WHOLE + 1):
        others = values[:-k]
        if len(others) < ENOUGH_OTHERS or with_decimals < MOSTLY * len(others):
            return 0
        beyond = values[-k] > LONGER * others[-1]
        if beyond and all(v % 1 == 0 for v in values[-k:]):
            return k
    return 0


MOSTLY = 0.8
"""Share of the others that have decimals."""
MATCHES_DAYS = 45
"""A time in months, rounded, and the dates that it was made of."""


@rule("survival.other-clock")
def other_clock(data: Data) -> Iterator[Problem]:
    """Times that run from the diagnosis, while patients are in the study by their treatment."""
    if not data.has("patients", "treatment_start"):
        return
    origins = [c for c in BEFORE_TREATMENT if data.has("patients", c)]
    ends = [c for c in ("death_date", "last_contact") if data.has("patients", c)]
    if not origins or not ends:
        return
    for key, endpoint, column, days in _reduced(data):
        held = data.included(data.patients).with_columns(
            _end=pl.coalesce(ends), _days=pl.col(column) * days
        )

        def near(origin: str, held: pl.DataFrame = held) -> pl.Series:
            gap = (pl.col("_end") - pl.col(origin)).dt.total_days() - pl.col("_days")
            return held.select(gap.abs() <= MATCHES_DAYS + 0.02 * pl.col("_days"))[:, 0]

        from_start = near("treatment_start")
        for origin in origins:
            early = (held["treatment_start"] - held[origin]).dt.total_days() > 2 * MATCHES_DAYS
            rows = held.filter(early & near(origin) & ~from_start)
            asked = int((early & from_start.is_not_null()).sum())
            if rows.height < 5 or rows.height < 0.7 * asked:
                continue
            yield problem(
                "survival.other-clock",
                place=data.at("patients", column, None),
                label=endpoint.label or key.upper(),
                column=column,
                origin=origin,
                n=rows.height,
            )
            break


@rule("endpoints.delayed-entry")
def delayed_entry(data: Data) -> Iterator[Problem]:
    """An endpoint from dates that counts from diagnosis: said, since it is easily overlooked."""
    if data.cohort is None or not data.has("patients", "treatment_start"):
        return
    for key, applied in data.cohort.meaning.rules.items():
        declared = data.protocol.endpoints.get(key)
        if declared is None or applied.entry is None or not data.has("patients", applied.origin):
            continue
        gap = (pl.col("treatment_start") - pl.col(applied.origin)).dt.total_days()
        days = data.included(data.patients).select(gap)[:, 0].drop_nulls()
        later = days.filter(days > 0)
        if later.len():
            yield problem(
                "endpoints.delayed-entry",
                place=Place(file="study.toml", key=f"endpoints.{key}.from"),
                label=data.cohort.meaning.endpoints[key].label,
                origin=data.cohort.meaning.endpoints[key].origin,
                longest=later.max(),
                n=later.len(),
            )
