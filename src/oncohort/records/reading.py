"""From the chart to the record tables: every value typed, every problem with its cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import polars as pl

from oncohort.problems import Place, Problem, ReadError, problem
from oncohort.protocol import Protocol
from oncohort.records.finding import as_now, find_tables
from oncohort.records.frames import empty_table
from oncohort.records.identities import unify
from oncohort.records.model import Cells, Decision, Records, Source, TablePlaces
from oncohort.records.personal import people_in
from oncohort.records.table_reading import TableReading
from oncohort.vocabulary.tables import TABLES


def _in_our_names(problem: Problem, places: Mapping[str, TablePlaces]) -> Problem:
    """What was noticed before columns were matched: the chart's column names as ours.

    A name that is one of ours too may mean either: both are wrong.
    """
    if not problem.wrong:
        return problem
    wrong = []
    for one in problem.wrong:
        at = places.get(one.table)
        ours = {theirs: name for name, theirs in at.columns.items()} if at else {}
        kinds = TABLES[one.table].kinds if one.table in TABLES else {}
        both = [n for c in one.columns for n in ((c,) if c in kinds else ()) + (ours.get(c, c),)]
        wrong.append(replace(one, columns=tuple(dict.fromkeys(both))))
    return replace(problem, wrong=tuple(wrong))


EVENTS = "adverse_events"
"""The table whose empty sheet says something: that nobody had an event."""


def read_records(protocol: Protocol, folder: Path) -> Records:
    """Read a study's data into the record tables.

    Parameters
    ----------
    protocol
        Says where the data are and how the chart maps to the record tables.
    folder
        The folder with `study.toml`.

    Returns
    -------
    Records
        Typed tables; all problems, each with its cell; all decisions.

    Raises
    ------
    ReadError
        The data are not there, can't be opened, or hold no table of patients.

    Examples
    --------
    >>> import tempfile
    >>> from oncohort.protocol import parse_protocol
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "chart.csv").write_text("patient,sex,age\\n1,M,62\\n2,f,58 y\\n")
    >>> text = '[study]\\nschema = 1\\ntitle = "A study"\\ndata = "chart.csv"'
    >>> records = read_records(parse_protocol(text), folder)
    >>> records.tables["patients"]["age"].to_list()
    [62.0, 58.0]
    >>> records.decisions[-1].what
    "1 value of age ('58 y') read without the unit behind the number."
    """
    found = find_tables(protocol, Path(folder))
    tables: dict[str, pl.DataFrame] = {}
    places: dict[str, TablePlaces] = {}
    problems: list[Problem] = list(found.problems)
    decisions: list[Decision] = list(found.decisions)
    people: frozenset[str] = frozenset()
    for name, at in found.tables.items():
        one = TableReading(protocol, TABLES[name], at)
        frame = one.read()
        problems += one.problems
        decisions += one.decisions
        if frame is not None:
            tables[name] = frame
            places[name] = one.places()
        if name == "patients":
            raw = one.raw
            named = {p.column for p in one.alarm} & set(raw.names)
            people = people_in(one.alarm, {c: raw.column(c) for c in named})
    changed = [n for n, path in found.paths.items() if as_now(path) != found.opened_as[n]]
    if changed:
        raise ReadError(
            "", [problem("files.changed", place=Place(file=n), name=n) for n in changed]
        )
    if "patients" not in tables:
        raise ReadError("", problems)
    if protocol.safety is not None and EVENTS not in tables and EVENTS in found.empty:
        tables[EVENTS] = empty_table(TABLES[EVENTS])
        problems.append(problem("safety.none-recorded", place=found.empty[EVENTS]))
    tables, more = unify(tables)
    decisions += more
    problems = [_in_our_names(p, places) for p in problems]
    return Records(
        MappingProxyType(tables),
        tuple(problems),
        tuple(decisions),
        Cells(MappingProxyType(places)),
        tuple(Source.of(name, path) for name, path in sorted(found.paths.items())),
        people,
    )
