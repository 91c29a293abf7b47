"""Which columns endpoints, variables and the response read: from protocol and vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.endpoints.endpoint_rules import (
    defined_rule,
    endpoint_rule,
    has_other_rules,
    missed_visits,
)
from oncohort.problems import Wrong
from oncohort.protocol import Protocol
from oncohort.protocol.derived import FORMULAS, read_by
from oncohort.records import Records
from oncohort.records.units import analyte
from oncohort.vocabulary.derivations import DERIVATIONS
from oncohort.vocabulary.endpoints import CENSORING_RULES, EndpointRule, rule_sets_for
from oncohort.vocabulary.facts import RESPONSE_SOURCES, SIGNS_OF_LIFE, VISITS, reads
from oncohort.vocabulary.indices import INDICES

if TYPE_CHECKING:
    from oncohort.protocol.data import Variable
    from oncohort.protocol.endpoints import Endpoint


def _name(text: str) -> str:
    """One name for all spellings of a laboratory test, an organ, a scale."""
    known = analyte(text)
    return known.name if known is not None else text.strip().lower()


@dataclass(frozen=True, slots=True)
class Reads:
    """The columns that something reads, and which rows of them where not all count."""

    columns: frozenset[str]
    """``table.column``, or ``table.*`` for every column of the table."""
    rows: Mapping[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    """Table = (column, names): only rows with one of the names count, and those without one."""

    def concern(self, wrong: Wrong, records: Records | None) -> bool:
        """Do the wrong values matter for it?"""
        known = [c.split(".", 1)[1] for c in self.columns if c.startswith(f"{wrong.table}.")]
        if not known:
            return False
        columns = set() if "patient" in wrong.columns else set(wrong.columns)
        if columns and "*" not in known and not columns & set(known):
            return False
        return self._counts(wrong, records)

    def _counts(self, wrong: Wrong, records: Records | None) -> bool:
        only = self.rows.get(wrong.table)
        if only is None or records is None or wrong.row is None:
            return True
        column, values = only
        frame = records.tables.get(wrong.table)
        if frame is None or column in wrong.columns or column not in frame.columns:
            return True
        held = frame.filter(pl.col("source_row") == wrong.row)[column].to_list()
        return not held or any(v is None or _name(str(v)) in values for v in held)


def visit_columns(protocol: Protocol) -> tuple[str, ...]:
    """The columns by which the visits are judged; without visits none."""
    source = protocol.response.source if protocol.response else "charted"
    return RESPONSE_SOURCES[source]


def partial_deaths(records: Records | None) -> bool:
    """Is a death known by month or year only? It is then put after the last sign of life."""
    frame = records.tables.get("patients") if records is not None else None
    if frame is None or "death_date_precision" not in frame.columns:
        return False
    return bool((frame["death_date_precision"].drop_nulls() != "day").any())


def columns_of_kinds(protocol: Protocol, kinds: Iterable[str], partial: bool) -> frozenset[str]:
    """Columns that kinds of facts read in this study."""
    out: set[str] = set()
    visits = visit_columns(protocol)
    wanted = list(kinds)
    if partial and "death" in wanted:
        wanted += SIGNS_OF_LIFE
    for kind in wanted:
        read = set(reads(kind))
        if VISITS in read:
            read.remove(VISITS)
            read |= set(visits)
            if visits and kind == "progression":
                # Where visits are judged, a charted date of progression is not looked at.
                read.discard("patients.progression_date")
        out |= read
    return frozenset(out)


def kinds_of(rule: EndpointRule) -> tuple[str, ...]:
    """Kinds of facts that an endpoint looks at.

    Examples
    --------
    >>> from oncohort.vocabulary.endpoints import OS
    >>> kinds_of(OS)
    ('treatment_start', 'death', 'last_contact')
    """
    entry = (rule.entry,) if rule.entry else ()
    ends = (*rule.events, *rule.competing, *rule.stops, *rule.otherwise)
    kinds = [rule.origin, *ends, *entry, "treatment_start"]
    if rule.stops or rule.missed:
        kinds.append("assessment")
    return tuple(dict.fromkeys(kinds))


def endpoint_columns(
    protocol: Protocol, key: str, declared: Endpoint, partial: bool
) -> frozenset[str]:
    if declared.reduced:
        start = (declared.origin,) if declared.date is not None else ()
        return frozenset(f"patients.{c}" for c in (*declared.columns, *start))
    if declared.censoring and CENSORING_RULES[declared.censoring].needs_schedule:
        missed = missed_visits(protocol)
        if missed is None:
            return frozenset()  # it has no rule without a schedule: a problem of the protocol
    rule = endpoint_rule(key, declared, missed_visits(protocol))
    return columns_of_kinds(protocol, kinds_of(rule), partial)


def columns_under_other_rules(
    protocol: Protocol, key: str, declared: Endpoint, partial: bool
) -> frozenset[str]:
    """What the same endpoint reads under the other rule sets."""
    if not has_other_rules(key, declared):
        return frozenset()
    sets = rule_sets_for(defined_rule(key, declared))
    kinds = {k for rule in sets.values() for k in kinds_of(rule)}
    return columns_of_kinds(protocol, sorted(kinds), partial)


def _formula_reads(
    key: str, variable: Variable, declared: frozenset[str], records: Records | None
) -> Reads:
    """What a formula reads itself: columns, and laboratory tests; others declared are variables."""
    columns: set[str] = set()
    tests: set[str] = set()
    for operand in read_by(variable):
        if not operand.lab and operand.name in declared and operand.name != key:
            continue
        charted = records is not None and operand.name in records["patients"].columns
        # The input of a score is a laboratory test or a column, whichever the chart has.
        if operand.lab or (variable.derive in INDICES and not charted):
            columns |= {"labs.*", "patients.treatment_start"}
            tests.add(_name(operand.name))
        if not operand.lab:
            columns.add(f"patients.{operand.name}")
    rows = {"labs": ("test", frozenset(tests))} if tests else {}
    return Reads(frozenset(columns), rows)


def variable_reads(
    key: str,
    variable: Variable,
    declared: frozenset[str] = frozenset(),
    records: Records | None = None,
) -> Reads:
    """What a variable reads itself, not by another one of those that are declared."""
    if variable.source is not None:
        return Reads(frozenset())
    if variable.derive is None:
        return Reads(frozenset({f"patients.{variable.column or key}"}))
    if variable.derive in FORMULAS:
        return _formula_reads(key, variable, declared, records)
    if variable.derive == "age" and variable.at:
        return Reads(frozenset({"patients.birth_date", f"patients.{variable.at}"}))
    how = DERIVATIONS[variable.derive]
    rows: dict[str, tuple[str, frozenset[str]]] = {}
    tests = how.tests or ((variable.test,) if variable.test else ())
    if tests:
        rows["labs"] = ("test", frozenset(map(_name, tests)))
    if variable.derive == "performance":
        rows["performance"] = ("scale", frozenset({_name(variable.scale or "Karnofsky")}))
    if variable.derive == "sites" and variable.organ:
        rows["sites"] = ("organ", frozenset({_name(variable.organ)}))
    return Reads(frozenset(how.reads), rows)


def with_imputed_dates(records: Records | None) -> bool:
    """Is any date known by month or year only? Endpoints are then derived at its limits too."""
    frames = records.tables.values() if records is not None else ()
    return any(
        (frame[column] != "day").any()
        for frame in frames
        for column in frame.columns
        if column.endswith("_precision")
    )
