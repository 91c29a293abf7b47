"""Which results rest on which values: from the protocol and the vocabulary, never listed.

Readers, criteria and checks name the table, the column and the row that is wrong. Here columns
become kinds of facts, facts become endpoints, columns become variables, and these become prefixes
of result ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from oncohort.endpoints.endpoint_rules import endpoint_rule, missed_visits
from oncohort.problems import Problem, Severity, Wrong, errors
from oncohort.protocol import Protocol
from oncohort.protocol.derived import FORMULAS, made_from, read_by
from oncohort.protocol.uses import uses
from oncohort.records import Records
from oncohort.records.units import analyte
from oncohort.vocabulary.derivations import DERIVATIONS
from oncohort.vocabulary.endpoints import (
    CENSORING_RULES,
    DOR,
    ENDPOINTS,
    EndpointRule,
    rule_sets_for,
)
from oncohort.vocabulary.facts import RESPONSE_SOURCES, SIGNS_OF_LIFE, VISITS, reads
from oncohort.vocabulary.indices import INDICES
from oncohort.vocabulary.sections import BODY_SIZE, CHANGE, CHARTED_RESPONSE, READS

if TYPE_CHECKING:
    from oncohort.protocol.data import Variable
    from oncohort.protocol.endpoints import Endpoint

EVERYTHING = ""
"""The prefix of every result id: who is in the study stays open."""


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


def _visits(protocol: Protocol) -> tuple[str, ...]:
    """The columns by which the visits are judged; without visits none."""
    source = protocol.response.source if protocol.response else "charted"
    return RESPONSE_SOURCES[source]


def _partial_deaths(records: Records | None) -> bool:
    """Is a death known by month or year only? It is then put after the last sign of life."""
    frame = records.tables.get("patients") if records is not None else None
    if frame is None or "death_date_precision" not in frame.columns:
        return False
    return bool((frame["death_date_precision"].drop_nulls() != "day").any())


def _of_kinds(protocol: Protocol, kinds: Iterable[str], partial: bool) -> frozenset[str]:
    """Columns that kinds of facts read in this study."""
    out: set[str] = set()
    visits = _visits(protocol)
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


def _endpoint(protocol: Protocol, key: str, declared: Endpoint, partial: bool) -> frozenset[str]:
    if declared.reduced:
        start = (declared.origin,) if declared.date is not None else ()
        return frozenset(f"patients.{c}" for c in (*declared.columns, *start))
    if declared.censoring and CENSORING_RULES[declared.censoring].needs_schedule:
        missed = missed_visits(protocol)
        if missed is None:
            return frozenset()  # it has no rule without a schedule: a problem of the protocol
    rule = endpoint_rule(key, declared, missed_visits(protocol))
    return _of_kinds(protocol, kinds_of(rule), partial)


def _others(protocol: Protocol, key: str, declared: Endpoint, partial: bool) -> frozenset[str]:
    """What the same endpoint reads under the other rule sets."""
    if declared.reduced or declared.has_competing:
        return frozenset()
    plain = endpoint_rule(key, declared.model_copy(update={"censoring": None}), None)
    if "progression" not in plain.events:
        return frozenset()
    kinds = {k for rule in rule_sets_for(plain).values() for k in kinds_of(rule)}
    return _of_kinds(protocol, sorted(kinds), partial)


def _formula_reads(variable: Variable, others: frozenset[str], records: Records | None) -> Reads:
    """What a formula reads itself: columns, and laboratory tests; `others` are variables."""
    columns: set[str] = set()
    tests: set[str] = set()
    for operand in read_by(variable):
        if not operand.lab and operand.name in others:
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


def _own_reads(
    key: str,
    variable: Variable,
    others: frozenset[str] = frozenset(),
    records: Records | None = None,
) -> Reads:
    """What a variable reads itself, not by another one (one of `others`)."""
    if variable.source is not None:
        return Reads(frozenset())
    if variable.derive is None:
        return Reads(frozenset({f"patients.{variable.column or key}"}))
    if variable.derive in FORMULAS:
        return _formula_reads(variable, others, records)
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


def sources(protocol: Protocol, key: str) -> Iterator[str]:
    """A variable and those that it is made from, nearest first."""
    seen: set[str] = set()
    waiting = [key]
    while waiting:
        at = waiting.pop(0)
        if at in protocol.variables and at not in seen:
            seen.add(at)
            yield at
            waiting += made_from(protocol.variables, at)


def _on_variable(protocol: Protocol, key: str) -> Iterator[str]:
    """Parts of the results that use a variable."""
    yield f"variables.{key}"
    for use in uses(protocol):
        if use.variable == key and use.part:
            yield use.part
            yield from _made_of(protocol, use.part)


def _made_of(protocol: Protocol, part: str) -> Iterator[str]:
    """Parts that are computed from the numbers of a part."""
    section, _, endpoint = part.partition(".")
    if section == "prognosis" and protocol.prognosis and protocol.prognosis.e_values:
        yield f"e_value.{endpoint}" if endpoint else "e_value"


@dataclass(frozen=True, slots=True)
class Dependence:
    """What each part of the results reads in one study."""

    parts: tuple[tuple[str, Reads], ...]
    """(prefix of result ids, what it reads); a prefix may stand several times."""
    records: Records | None = None

    def rest_on(self, wrong: Iterable[Wrong]) -> tuple[str, ...]:
        """Prefixes of the results that rest on the wrong values, sorted."""
        found: set[str] = set()
        for one in wrong:
            if one.table == "patients" and (not one.columns or "patient" in one.columns):
                return (EVERYTHING,)
            found |= {prefix for prefix, read in self.parts if read.concern(one, self.records)}
        if EVERYTHING in found:
            return (EVERYTHING,)
        return tuple(sorted(found))

    def waiting(self, blocks: Iterable[str], about: Wrong | None) -> tuple[str, ...]:
        """What waits for a question, by what it blocks and by the values that are open."""
        resting = self.rest_on([about]) if about is not None else ()
        return tuple(part or "everything" for part in dict.fromkeys((*blocks, *resting)))


def _response_parts(protocol: Protocol, partial: bool) -> Iterator[tuple[str, Reads]]:
    rule = protocol.response
    if rule is None:
        return
    charted = rule.source == "charted"
    read = set(CHARTED_RESPONSE if charted else (*_visits(protocol), *READS["response"]))
    yield "response", Reads(frozenset(read))
    if rule.best_change and charted:
        for part in CHANGE:
            yield part, Reads(frozenset({f"patients.{rule.best_change}"}))
    duration = _of_kinds(protocol, kinds_of(DOR), partial)
    if not charted:
        yield "response.duration", Reads(duration)
    yield "response.swimmer", Reads(frozenset({*READS["response.swimmer"], *duration}))
    if rule.source == "lesions":
        yield "response.discrepancies", Reads(frozenset(READS["response.discrepancies"]))


def _is(standard: str, key: str, declared: Endpoint) -> bool:
    """Does the endpoint have the events of a standard one, whatever its key?"""
    if declared.has_competing:
        return False
    if declared.reduced:
        return key == standard
    rule = endpoint_rule(key, declared.model_copy(update={"censoring": None}), None)
    return set(rule.events) == set(ENDPOINTS[standard].events)


def _shown_in(protocol: Protocol, key: str) -> Iterator[str]:
    """Parts of the results that show an endpoint, or are computed from its times and events."""
    declared, rule = protocol.endpoints[key], protocol.prognosis
    if protocol.arms and key in (protocol.arms.endpoints or protocol.endpoints):
        yield f"arms.{key}"
    for name, change in protocol.time_dependent.items():
        if change.endpoint == key:
            yield f"time_dependent.{name}"
    if declared.has_competing:
        yield f"incidence.{key}"
        return
    yield f"survival.{key}"
    if declared.restricted_mean or declared.trend or declared.differences:
        yield f"contrasts.{key}"
    if _others(protocol, key, declared, False):
        yield f"sensitivity.{key}"
    if rule and (key in rule.endpoints or not rule.endpoints):
        yield f"prognosis.{key}"
        if rule.e_values:
            yield f"e_value.{key}"
    if protocol.propensity and key in (protocol.propensity.endpoints or protocol.endpoints):
        yield f"propensity.{key}"
    if protocol.prediction and protocol.prediction.endpoint == key:
        yield f"prediction.{key}"
    yield from _stands_for(protocol, key)


def _stands_for(protocol: Protocol, key: str) -> Iterator[str]:
    """What is made of an endpoint because it is overall or progression-free survival."""
    declared = protocol.endpoints
    plain = [k for k, e in declared.items() if not e.has_competing]
    # Without overall survival, follow-up is that of the first endpoint.
    follows = any(_is("os", k, declared[k]) for k in plain) or plain[:1] != [key]
    if not follows or _is("os", key, declared[key]):
        yield "survival.follow_up"
    for standard in ("os", "pfs"):
        if protocol.historical and _is(standard, key, declared[key]):
            yield f"historical.{standard}.p"


def _endpoint_parts(protocol: Protocol, partial: bool) -> Iterator[tuple[str, Reads]]:
    for key, declared in protocol.endpoints.items():
        read = Reads(_endpoint(protocol, key, declared, partial))
        for part in _shown_in(protocol, key):
            yield part, read
            if part.startswith("sensitivity."):
                yield part, Reads(_others(protocol, key, declared, partial))


def _change_parts(protocol: Protocol, partial: bool) -> Iterator[tuple[str, Reads]]:
    """Comparisons by a later event read its endpoint, and what says when it happened."""
    for key, rule in protocol.time_dependent.items():
        declared = protocol.endpoints.get(rule.endpoint)
        if declared is None:
            continue
        read = set(_endpoint(protocol, rule.endpoint, declared, partial))
        if rule.time is not None:
            read.add(f"patients.{rule.time}")
        elif rule.change == "adverse_event":
            read |= {f"adverse_events.{c}" for c in ("patient", "term", "start", "grade")}
        else:
            read |= _of_kinds(protocol, [str(rule.change)], partial)
        yield f"time_dependent.{key}", Reads(frozenset(read))


def _outcome_parts(
    protocol: Protocol, parts: list[tuple[str, Reads]]
) -> Iterator[tuple[str, Reads]]:
    """Binary outcomes read what they are made of; those of variables are uses of them."""
    reads = {
        "response": next((read for part, read in parts if part == "response"), None),
        "adverse_event": Reads(frozenset(READS["safety"])),
        "dose": Reads(frozenset(READS["exposure"])),
    }
    for name, outcome in protocol.outcomes.items():
        read = reads.get(outcome.of)
        if read is not None:
            yield f"outcomes.{name}", read
            yield f"logistic.{name}", read


_BESIDE = {
    "baseline": "baseline",
    "prognosis": "prognosis",
    "safety": "safety",
    "response": "outcomes",
    "exposure": "outcomes",
    "survival": "outcomes",
}
"""Section to the table of a paper whose figures are compared with its numbers."""


def _beside_parts(parts: Iterable[tuple[str, Reads]]) -> Iterator[tuple[str, Reads]]:
    """How many printed figures agree rests on every number that is compared."""
    for prefix, read in parts:
        part = _BESIDE.get(prefix.partition(".")[0])
        if part is not None:
            yield f"published.{part}", read


def _by_body_size(protocol: Protocol, records: Records | None) -> bool:
    """Is any dose, planned or given, one per m2 or kg?"""
    planned = [plan.unit for plan in protocol.exposure.values()]
    given = records["doses"]["unit"].drop_nulls().unique().to_list() if records else []
    return any(unit.strip().lower() not in ("mg", "g") for unit in (*planned, *given))


def dependence(protocol: Protocol, records: Records | None = None) -> Dependence:
    """What each part of a study's results reads.

    Parameters
    ----------
    records
        The data, to look up which rows are concerned; without them every row is.

    Examples
    --------
    >>> from oncohort.protocol import parse_protocol
    >>> text = '[study]\\nschema = 1\\ntitle = "A"\\ndata = "x.csv"\\n[endpoints.os]\\n'
    >>> dependence(parse_protocol(text)).rest_on([Wrong("patients", ("death_date",))])
    ('survival.os',)
    """
    partial = _partial_deaths(records)
    parts = [
        *_response_parts(protocol, partial),
        *_endpoint_parts(protocol, partial),
        *_change_parts(protocol, partial),
    ]
    for key in protocol.variables:
        for base in sources(protocol, key):
            others = frozenset(protocol.variables) - {base}
            reads_of = [_own_reads(base, protocol.variables[base], others, records)]
            outcome = protocol.variables[base].endpoint
            if outcome in protocol.endpoints:
                # The outcome decided where the variable is cut.
                declared_end = protocol.endpoints[str(outcome)]
                reads_of.append(Reads(_endpoint(protocol, str(outcome), declared_end, partial)))
            parts += [(p, r) for p in _on_variable(protocol, key) for r in reads_of]
    if protocol.exposure:
        sizes = BODY_SIZE if _by_body_size(protocol, records) else ()
        doses = frozenset({*READS["exposure"], *(f"patients.{c}" for c in sizes)})
        parts.append(("exposure", Reads(doses)))
    if protocol.safety is not None:
        parts.append(("safety", Reads(frozenset(READS["safety"]))))
    if protocol.historical and protocol.response:
        response = next(read for part, read in parts if part == "response")
        parts.append(("historical.orr.p", response))
    parts += list(_outcome_parts(protocol, parts))
    if protocol.safety and protocol.safety.labs:
        parts.append(("labs", Reads(frozenset(READS["labs"]))))
    if protocol.published is not None:
        parts += list(_beside_parts(parts))
    asked = frozenset(f"{c.table}.{c.column}" for c in protocol.eligibility.criteria)
    parts.append((EVERYTHING, Reads(asked)))
    return Dependence(tuple(parts), records)


def with_blocks(problem: Problem, known: Dependence) -> Problem:
    """The problem with the results that rest on the values that it names as wrong."""
    if not problem.wrong or not errors([problem]):
        return problem
    found = {*problem.blocks, *known.rest_on(problem.wrong)}
    return replace(problem, blocks=(EVERYTHING,) if EVERYTHING in found else tuple(sorted(found)))


def _with_users(problem: Problem, protocol: Protocol) -> Problem:
    """A problem that leaves out a variable or an endpoint leaves out what is made of it.

    A Cox model without one of its variables is another model, whatever the reason; and an endpoint
    that is not known is not known in any section.
    """
    if not errors([problem]) or EVERYTHING in problem.blocks:
        return problem
    out = set(problem.blocks)
    for key in protocol.endpoints:
        if out & {f"survival.{key}", f"incidence.{key}"}:
            out |= set(_shown_in(protocol, key))
            out |= {f"variables.{k}" for k, v in protocol.variables.items() if v.endpoint == key}
    gone = {keys.removeprefix("variables.") for keys in out if keys.startswith("variables.")}
    for key in protocol.variables:
        if gone & set(sources(protocol, key)):
            out |= set(_on_variable(protocol, key))
    if protocol.published is not None:
        compared = {_BESIDE.get(part.partition(".")[0]) for part in out}
        out |= {f"published.{table}" for table in compared if table}
    return problem if out <= set(problem.blocks) else replace(problem, blocks=tuple(sorted(out)))


def settled(
    problems: Iterable[Problem], protocol: Protocol, records: Records | None = None
) -> list[Problem]:
    """The problems with what they block; a question on which nothing rests is not asked."""
    known = dependence(protocol, records)
    out = [_with_users(with_blocks(p, known), protocol) for p in problems]
    return [p for p in out if p.blocks or not p.wrong or p.severity is not Severity.QUESTION]
