"""A site's data as the plan asks for them: from a study, or from a plain table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from oncohort import __version__
from oncohort.consortium.errors import SiteError
from oncohort.consortium.messages import VERSION, Fact
from oncohort.consortium.plan import Plan, flat
from oncohort.consortium.rows import Floats, Followed, Ints, Rows
from oncohort.dataclass import dataclass
from oncohort.problems import Place, Problem, ReadError, Severity, problem
from oncohort.protocol.base import Key, Section
from oncohort.protocol.references import nearest
from oncohort.vocabulary.boundaries import Option, Parsed
from oncohort.vocabulary.times import DAYS_PER_UNIT, TimeUnit

if TYPE_CHECKING:
    from oncohort.protocol import Protocol
    from oncohort.records.table_file import TableFile
    from oncohort.study.study import Study

WORDS = ("label", "title", "origin")
"""Keys of a protocol that are words for people."""
OF_THE_CHART = {
    "variables": ("column", "columns", "codes", "missing"),
    "endpoints": ("time", "event", "event_value", "censored_value", "date"),
}
"""Keys that say where a chart has something, and how it is written, not what it means."""
COMPARED = (
    "study",
    "variables",
    "eligibility",
    "schedule",
    "response",
    "endpoints",
    "safety",
    "exposure",
    "outcomes",
)
"""Sections of a protocol that have to be the same everywhere."""
OF_THE_STUDY = ("schema", "cutoff")
"""What of `[study]` decides who and what is counted."""


class Mapped(Section):
    """`site.toml` beside its first table: how a table of the site has what the plan asks for."""

    patient: str = ""
    """Column with the patients; without it rows are patients."""
    sheet: str | None = None
    time_unit: TimeUnit | None = None
    columns: dict[Key, str] = {}
    """Variable of the plan, or `os_time` and `os_event`, to the column that has it."""
    units: dict[Key, str] = {}
    """Unit of each number that has one in the plan, as the table has it."""
    codes: dict[Key, dict[str, list[str]]] = {}
    """Category to level of the plan to what the table writes for it."""
    event_values: dict[Key, str | int] = {}
    """Endpoint to the value that means the event here, where it is not the plan's."""


@dataclass(frozen=True, slots=True)
class SiteData:
    """Rows, the rules by which they were read, and how many errors the checks found."""

    rows: Rows
    facts: tuple[Fact, ...]
    errors: int


def read_site_data(plan: Plan, path: Path, mapped: Mapped, check: bool = True) -> SiteData:
    """The rows of a study (a folder with `study.toml`) or of a table.

    A study's checks are run, and their errors counted, if `check`.

    Raises
    ------
    ReadError, ProtocolError
        The data can't be read.
    SiteError
        The data are not what the plan says: each place is named.
    """
    if path.is_dir() or path.suffix == ".toml":
        from oncohort.study import read_study

        return of_study(plan, read_study(path), check)
    return of_table(plan, path, mapped)


def _common(source: str, plan: Plan, units: Mapping[str, str]) -> tuple[Fact, ...]:
    shown = tuple(
        Fact(f"variables.{key}.unit", units.get(key, "not stated"))
        for key, v in plan.variables.items()
        if v.kind == "number" and v.unit
    )
    return (
        Fact("oncohort", __version__),
        Fact("messages", str(VERSION)),
        Fact("data", source),
        *shown,
    )


def _wrong(reason: str, **place: Option) -> Problem:
    return problem("consortium.data", place=Place(**place), reason=reason)


def check_units(plan: Plan, data: SiteData, site: str) -> None:
    """The units of the site are those of the plan.

    Raises
    ------
    SiteError
        Naming the variable, both units and the site.
    """
    own = {f.key: f.value for f in data.facts}
    problems = [
        problem(
            "consortium.unlike",
            key=f"variables.{key}.unit",
            one=v.unit,
            at_one="in the plan",
            other=own.get(f"variables.{key}.unit"),
            at_other=f"at {site}",
        )
        for key, v in plan.variables.items()
        if v.kind == "number" and v.unit and own.get(f"variables.{key}.unit") != v.unit
    ]
    if problems:
        raise SiteError("", problems)


# -- studies -------------------------------------------------------------------------------------


def of_study(plan: Plan, study: Study, check: bool = True) -> SiteData:
    """Rows of a study's cohort table: the same functions as `oncohort run` make it."""
    frame, meaning = study.cohort.frame, study.cohort.meaning
    problems: list[Problem] = []
    numbers: dict[str, Floats] = {}
    codes: dict[str, Ints] = {}
    units: dict[str, str] = {}
    for key, v in plan.variables.items():
        if key not in frame.columns:
            known = [c for c in frame.columns if c != "patient"]
            problems.append(_wrong(f'The study has no variable "{key}". {nearest(key, known)}'))
            continue
        info = meaning.variables.get(key)
        kind = "category" if key == "best_response" or not frame[key].dtype.is_numeric() else ""
        if (v.kind == "category") != bool(kind):
            problems.append(_wrong(f'"{key}" is no {v.kind} in the study.'))
            continue
        if v.kind == "number":
            numbers[key] = np.array(frame[key].cast(float).fill_null(float("nan")), dtype=float)
            units[key] = "" if info is None else info.unit
            continue
        found, unknown = coded(frame[key].to_list(), v.levels)
        codes[key] = found
        if unknown:
            problems.append(_wrong(f'"{key}" has levels that the plan has not: {_some(unknown)}.'))
    endpoints: dict[str, Followed] = {}
    days = DAYS_PER_UNIT[plan.times.unit]
    for key in plan.endpoints:
        if f"{key}_time" not in frame.columns:
            known = list(meaning.endpoints)
            problems.append(_wrong(f'The study has no endpoint "{key}". {nearest(key, known)}'))
            continue
        time = np.array(frame[f"{key}_time"].fill_null(float("nan")), dtype=float) / days
        endpoints[key] = Followed(time, np.array(frame[f"{key}_event"].fill_null(False), bool))
    if problems:
        raise SiteError("", problems)
    errors = sum(p.severity is Severity.ERROR for p in study.problems) if check else 0
    rows = Rows(study.cohort.patients, numbers, codes, endpoints)
    facts = (*_common("study", plan, units), *protocol_facts(study.protocol))
    return SiteData(rows, facts, errors)


def protocol_facts(protocol: Protocol) -> tuple[Fact, ...]:
    """What a protocol decides, by dotted key: not how one chart writes it."""
    data = protocol.model_dump(by_alias=True, mode="json", exclude_none=True)
    data["study"] = {k: v for k, v in data["study"].items() if k in OF_THE_STUDY}
    kept = {s: _decided(data[s], s) for s in COMPARED if s in data}
    return tuple(Fact(f"protocol.{f.key}", f.value) for f in flat(kept))


def _decided(data: object, where: str) -> Parsed:
    """A section without what is the chart's or the language's."""
    if isinstance(data, list):
        return [_decided(v, where) for v in data]
    if not isinstance(data, dict):
        return data
    if isinstance(data.get("levels"), dict):  # keys decide, labels are words
        data = {**data, "levels": list(data["levels"])}
    left_out = (*WORDS, *OF_THE_CHART.get(where, ()))
    return {k: _decided(v, where) for k, v in data.items() if k not in left_out}


def coded(values: Sequence[str | None], levels: list[str]) -> tuple[Ints, list[str]]:
    """Positions in `levels` (-1 for missing), and values that are none of them."""
    at = {level: i for i, level in enumerate(levels)}
    unknown = list(dict.fromkeys(v for v in values if v is not None and v not in at))
    found = [-1 if v is None else at.get(v, -1) for v in values]
    return np.array(found, dtype=np.int64), unknown


def _some(values: list[str]) -> str:
    shown = ", ".join(f'"{v}"' for v in values[:5])
    return f"{shown}, ..." if len(values) > 5 else shown


# -- tables --------------------------------------------------------------------------------------


def of_table(plan: Plan, path: Path, mapped: Mapped) -> SiteData:
    """Rows of a table: any file that `oncohort cox` reads."""
    from oncohort.records.table_file import open_table

    table = open_table(path, mapped.sheet)
    problems: list[Problem] = []
    numbers: dict[str, Floats] = {}
    codes: dict[str, Ints] = {}
    endpoints: dict[str, Followed] = {}
    for key in plan.variables:
        try:
            _variable(plan, table, mapped, key, numbers, codes)
        except (ReadError, SiteError) as error:
            problems += error.problems
    for key in plan.endpoints:
        try:
            endpoints[key] = _endpoint(plan, table, mapped, key)
        except (ReadError, SiteError) as error:
            problems += error.problems
    try:
        patients = _patients(table, mapped)
    except (ReadError, SiteError) as error:
        problems += error.problems
    if problems:
        raise SiteError("", problems)
    facts = _common("table", plan, mapped.units)
    return SiteData(Rows(patients, numbers, codes, endpoints), facts, 0)


def _variable(
    plan: Plan,
    table: TableFile,
    mapped: Mapped,
    key: str,
    numbers: dict[str, Floats],
    codes: dict[str, Ints],
) -> None:
    from oncohort.records.table_file import labels
    from oncohort.records.table_file import numbers as read_numbers

    column = _column(table, mapped, key, key)
    variable = plan.variables[key]
    if variable.kind == "number":
        values = read_numbers(table, column)
        numbers[key] = np.array(values.fill_null(float("nan")), dtype=np.float64)
        return
    text = labels(table, column).to_list()
    spelt = mapped.codes.get(key, {})
    strange = [level for level in spelt if level not in variable.levels]
    if strange:
        reason = f'codes of "{key}" has levels that the plan has not: {_some(strange)}.'
        raise SiteError("", [_wrong(reason, file="site.toml", key=f"codes.{key}")])
    means = {level: level for level in variable.levels if level not in spelt}
    means |= {written: level for level, written_as in spelt.items() for written in written_as}
    unknown = list(dict.fromkeys(v for v in text if v is not None and v not in means))
    if unknown:
        levels = ", ".join(variable.levels)
        reason = (
            f'"{column}" holds {_some(unknown)}; the plan\'s levels of "{key}" are {levels}. '
            f"[table.codes.{key}] in site.toml says which is which: "
            f'{variable.levels[0]} = ["...", "..."].'
        )
        raise SiteError("", [_wrong(reason, file=str(table.path), column=column)])
    codes[key], _ = coded([None if v is None else means[v] for v in text], variable.levels)


def _column(table: TableFile, mapped: Mapped, name: str, default: str) -> str:
    """Column of the table that has what the plan calls `name`.

    Raises
    ------
    SiteError
    """
    column = mapped.columns.get(name, default)
    if column not in table.raw.names:
        reason = (
            f'There is no column "{column}". {nearest(column, list(table.raw.names))} '
            f'[table.columns] in site.toml says which it is: {name} = "...".'
        )
        raise SiteError("", [_wrong(reason, file=str(table.path), column=column)])
    return column


def _endpoint(plan: Plan, table: TableFile, mapped: Mapped, key: str) -> Followed:
    """Times in the plan's unit, and events."""
    from oncohort.endpoints import reduced
    from oncohort.problems import errors
    from oncohort.records.columns import as_list
    from oncohort.records.table_file import numbers as read_numbers
    from oncohort.records.values import text_of

    declared = plan.endpoints[key]
    if mapped.time_unit is None:
        reason = "site.toml does not say the unit of the times: time_unit under [table]."
        raise SiteError("", [_wrong(reason, file="site.toml", key="table.time_unit")])
    time = _column(table, mapped, f"{key}_time", declared.time or f"{key}_time")
    event = _column(table, mapped, f"{key}_event", declared.event or f"{key}_event")
    flags = table.values(event)
    if isinstance(flags, list):
        written = [None if v is None else text_of(v) for v in as_list(flags)]
        flags = pl.Series(written, dtype=pl.String)
    frame = pl.DataFrame(
        {
            "patient": [str(row) for row in table.raw.rows],
            "source_row": list(table.raw.rows),
            time: read_numbers(table, time),
            event: flags,
        }
    )
    value = mapped.event_values.get(key, declared.event_value)
    done, problems = reduced(frame, key=key, time=time, event=event, event_value=value, unit="days")
    bad = errors(problems)
    if bad:
        raise SiteError("", bad)
    factor = 1.0
    if mapped.time_unit != plan.times.unit:
        factor = DAYS_PER_UNIT[mapped.time_unit] / DAYS_PER_UNIT[plan.times.unit]
    values = np.array(done["time"].fill_null(float("nan")), dtype=np.float64) * factor
    return Followed(values, np.array(done["event"].fill_null(False), dtype=np.bool_))


def _patients(table: TableFile, mapped: Mapped) -> tuple[str, ...]:
    """Names of the patients, each once."""
    from oncohort.records.table_file import labels

    if not mapped.patient:
        return tuple(str(row) for row in table.raw.rows)
    names = labels(table, mapped.patient).to_list()
    missing = [i for i, name in enumerate(names) if name is None]
    if missing:
        place = table.place(mapped.patient, missing[0])
        raise SiteError(
            "", [problem("consortium.data", place=place, reason="A row has no patient.")]
        )
    seen: dict[str, int] = {}
    for i, name in enumerate(names):
        if name in seen:
            place = table.place(mapped.patient, i)
            reason = f'Patient "{name}" stands twice.'
            raise SiteError("", [problem("consortium.data", place=place, reason=reason)])
        seen[name] = i
    return tuple(names)
