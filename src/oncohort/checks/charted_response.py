"""Charted responses: what best response, best change and progression say of each other."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from oncohort.checks.agreement import named
from oncohort.checks.reduced_times import unit_of
from oncohort.checks.rule import MANY, Data, rule
from oncohort.criteria.recist.rules import RECIST_1_1
from oncohort.problems import Place, Problem, problem
from oncohort.records.compared import matches
from oncohort.vocabulary.times import DAYS_PER_UNIT

ROUNDED = 0.5
"""Changes are often charted as whole percentages."""
HALVED = -50.0
"""A sum that fell by so much was a response before it was a progression (percent)."""
PARTIAL = float(-RECIST_1_1.response_percent)
"""Partial response: the change of the sum from baseline (RECIST 1.1, 4.3.1)."""
PROGRESSION = float(RECIST_1_1.progression_percent)
"""Progression: the increase of the sum from its smallest value (4.3.1)."""
FRACTION = 1.5
"""Where no change is beyond it, changes are hardly percentages."""
LARGEST = 500.0
"""Sums of six times the baseline are hardly ever a best change."""


OF_RESPONSE = ("pfs", "ttp", "ttf", "progression")
"""Names of endpoints in which progressive disease is an event; after surgery there is none."""


def _changes(data: Data) -> tuple[str, pl.DataFrame] | None:
    """The column of charted best changes, and its values in percent."""
    rule_ = data.protocol.response
    if rule_ is None or rule_.source != "charted" or rule_.best_change is None:
        return None
    column = rule_.best_change
    if not data.has("patients", column) or not data.patients.get_column(column).dtype.is_numeric():
        return None
    scale = 100.0 if rule_.best_change_unit == "fraction" else 1.0
    best = pl.col("best_response") if "best_response" in data.patients.columns else pl.lit(None)
    rows = data.included(data.patients).select(
        "patient",
        "source_row",
        "source_record",
        best.cast(pl.String).alias("best"),
        (pl.col(column).cast(pl.Float64) * scale).alias("change"),
        pl.col(column).cast(pl.Float64).alias("written"),
    )
    return column, rows.filter(pl.col("change").is_not_null())


def _other_unit(data: Data, rows: pl.DataFrame) -> str | None:
    """The unit in which the changes seem to be, where it is not the declared one."""
    assert data.protocol.response is not None
    size = rows["written"].abs()
    size = size.filter(size > 0)
    if size.len() < 5:
        return None
    beyond = int((size > FRACTION).sum())
    declared = data.protocol.response.best_change_unit
    if declared == "percent" and beyond == 0:
        return "fraction"
    if declared == "fraction" and beyond > size.len() / 2:
        return "percent"
    return None


@rule("response.change-unit")
def change_unit(data: Data) -> Iterator[Problem]:
    found = _changes(data)
    if found is None:
        return
    column, rows = found
    other = _other_unit(data, rows)
    if other is not None:
        assert data.protocol.response is not None
        yield problem(
            "response.change-unit",
            place=Place(file="study.toml", key="response.best_change_unit"),
            table="patients",
            column=column,
            declared=data.protocol.response.best_change_unit,
            other=other,
            low=float(rows["written"].min()),  # type: ignore[arg-type]
            high=float(rows["written"].max()),  # type: ignore[arg-type]
        )


@rule("response.change-impossible")
def change_impossible(data: Data) -> Iterator[Problem]:
    """Nothing shrinks by more than 100 %."""
    found = _changes(data)
    if found is None or _other_unit(data, found[1]) is not None:
        return
    column, rows = found
    below = rows.filter(pl.col("change") < -100 - ROUNDED)
    above = rows.filter(pl.col("change") > LARGEST)
    for case, bad in (("", below), ("large", above)):
        yield from data.problems(
            "response.change-impossible", bad, "patients", column, case, change=pl.col("change")
        )


@rule("response.change-contradicts")
def change_contradicts(data: Data) -> Iterator[Problem]:
    """A best change that the charted best response excludes."""
    found = _changes(data)
    if found is None or _other_unit(data, found[1]) is not None:
        return
    column, rows = found
    best, change = pl.col("best"), pl.col("change")
    cases = (
        ("complete", (best == "CR") & (change > -100 + ROUNDED)),
        ("", (best == "PR") & (change > PARTIAL + ROUNDED)),
        ("stable", (best == "SD") & (change > PROGRESSION + ROUNDED)),
        ("progression", (best == "PD") & (change <= HALVED + ROUNDED)),
        ("gone", (best == "SD") & (change <= -100 + ROUNDED)),
    )
    for case, wrong in cases:
        bad = rows.filter(wrong & (change >= -100 - ROUNDED) & (change <= LARGEST))
        yield from data.problems(
            "response.change-contradicts",
            bad,
            "patients",
            column,
            case,
            best=pl.col("best"),
            change=pl.col("change"),
        )


@rule("response.progression-without-event")
def progression_without_event(data: Data) -> Iterator[Problem]:
    """Progressive disease as best response, without an event of the endpoint that counts it."""
    if not data.has("patients", "best_response"):
        return
    progressed = data.included(data.patients).filter(pl.col("best_response") == "PD")
    yield from _dated_without_event(data, progressed)
    for key, endpoint in data.protocol.endpoints.items():
        column = str(endpoint.event)
        if not endpoint.reduced or not named(key, endpoint, OF_RESPONSE):
            continue
        if column not in progressed.columns:
            continue
        rows = [r for r in progressed.iter_rows(named=True) if r[column] is not None]
        without = [r for r in rows if not matches(r[column], endpoint.event_value)]
        if len(rows) >= 3 and 2 * len(without) > len(rows):
            continue  # the flag as a whole is in question
        for row in without[:MANY]:
            yield problem(
                "response.progression-without-event",
                place=data.at("patients", column, row["source_record"]),
                patient=row["patient"],
                label=endpoint.label or key.upper(),
            )


def _of_response(data: Data) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Endpoints that count progression: key, label, and per patient ``patient``, ``_time`` (days),
    ``_event``."""
    if data.cohort is None:
        return
    for key, endpoint in data.protocol.endpoints.items():
        if not named(key, endpoint, OF_RESPONSE):
            continue
        if f"{key}_event" not in data.cohort.frame.columns:
            continue
        held = data.cohort.frame.select("patient", _time=f"{key}_time", _event=f"{key}_event")
        yield key, endpoint.label or key.upper(), held.drop_nulls()


def _charted(data: Data) -> bool:
    """Is the best response the charted one? Else lesions and chart are compared elsewhere."""
    response = data.protocol.response
    return response is None or response.source == "charted"


def _dated_without_event(data: Data, progressed: pl.DataFrame) -> Iterator[Problem]:
    """The same of endpoints from dates: no date of progression, and no death."""
    if not _charted(data):
        return
    for key, label, held in _of_response(data):
        if data.protocol.endpoints[key].reduced:
            continue
        rows = progressed.join(held, on="patient", maintain_order="left")
        without = rows.filter(~pl.col("_event"))
        if rows.height >= 3 and 2 * without.height > rows.height:
            continue  # in this chart best responses are not those of the endpoint
        yield from data.notices(
            "response.progression-without-event", without, "patients", "best_response", label=label
        )


LATE_DAYS = 183
"""Progression as the best response is that of the first scans."""
ENOUGH = 5
_BETTER = ("CR", "PR", "SD")


@rule("response.progression-late")
def progression_late(data: Data) -> Iterator[Problem]:
    """Progressive disease as best response, of a patient free of progression for long."""
    if not data.has("patients", "best_response") or not _charted(data):
        return
    progressed = data.included(data.patients).filter(pl.col("best_response") == "PD")
    for _, label, held in _of_response(data):
        rows = progressed.join(held.filter("_event"), on="patient", maintain_order="left")
        if rows.height < 3:
            continue
        usual = float(rows["_time"].median())  # type: ignore[arg-type]
        others = data.included(data.patients).filter(pl.col("best_response").is_in(_BETTER))
        better = others.join(held, on="patient", maintain_order="left")["_time"].drop_nulls()
        if better.len() >= ENOUGH and usual > max(LATE_DAYS, float(better.median())):  # type: ignore[arg-type]
            yield problem(
                "response.progression-late",
                "all",
                place=data.at("patients", "best_response", rows["source_record"][0]),
                label=label,
                n=rows.height,
                usual=usual,
                others=float(better.median()),  # type: ignore[arg-type]
            )
            continue
        late = rows.filter(pl.col("_time") > max(LATE_DAYS, 3 * usual))
        yield from data.notices(
            "response.progression-late",
            late,
            "patients",
            "best_response",
            label=label,
            days=pl.col("_time"),
            usual=usual,
        )


FIRST_SCAN_DAYS = 28
"""Response, and stable disease, are seen on a scan: none is made so soon (RECIST 1.1, 4.3.1)."""


@rule("response.before-first-scan")
def before_first_scan(data: Data) -> Iterator[Problem]:
    """A response or stable disease, with a progression-free time that ended before any scan."""
    if not data.has("patients", "best_response"):
        return
    held = data.included(data.patients).filter(pl.col("best_response").is_in(["CR", "PR", "SD"]))
    for key, endpoint in data.protocol.endpoints.items():
        column, event = str(endpoint.time), str(endpoint.event)
        if not endpoint.reduced or not named(key, endpoint, OF_RESPONSE):
            continue
        if (
            not data.has("patients", column, event)
            or not held.get_column(column).dtype.is_numeric()
        ):
            continue
        days = pl.col(column) * DAYS_PER_UNIT[unit_of(data, endpoint)]
        soon = held.filter((days > 0) & (days < FIRST_SCAN_DAYS))
        known = held.filter(days > 0).height
        if known >= 5 and soon.height > known / 2:
            yield problem(
                "response.before-first-scan",
                "unit",
                place=Place(file="study.toml", key=f"endpoints.{key}.time_unit"),
                label=endpoint.label or key.upper(),
                n=soon.height,
                known=known,
                unit=unit_of(data, endpoint),
            )
            continue
        for row in soon.head(MANY).iter_rows(named=True):
            if matches(row[event], endpoint.event_value):
                yield data.problem(
                    "response.before-first-scan",
                    row=row,
                    table="patients",
                    column=column,
                    label=endpoint.label or key.upper(),
                    best=row["best_response"],
                    time=row[column],
                    unit=unit_of(data, endpoint),
                )
