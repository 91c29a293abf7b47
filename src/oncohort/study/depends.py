"""Which results rest on which values: from the protocol and the vocabulary, never listed.

Readers, criteria and checks name the table, the column and the row that is wrong. Here columns
become kinds of facts, facts become endpoints, columns become variables, and these become prefixes
of result ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.endpoints.endpoint_rules import endpoint_rule, has_other_rules
from oncohort.problems import Problem, Severity, Wrong, errors
from oncohort.protocol import Protocol
from oncohort.protocol.derived import made_from
from oncohort.protocol.uses import uses
from oncohort.records import Records
from oncohort.study.reads import (
    Reads,
    columns_of_kinds,
    columns_under_other_rules,
    endpoint_columns,
    kinds_of,
    partial_deaths,
    variable_reads,
    visit_columns,
    with_imputed_dates,
)
from oncohort.vocabulary.endpoints import (
    DOR,
    ENDPOINTS,
)
from oncohort.vocabulary.facts import SIGNS_OF_LIFE, reads
from oncohort.vocabulary.sections import BODY_SIZE, CHANGE, CHARTED_RESPONSE, READS, TREATMENT

if TYPE_CHECKING:
    from oncohort.protocol.endpoints import Endpoint

OF_LIFE = frozenset(
    column.removeprefix("patients.")
    for kind in (*SIGNS_OF_LIFE, "death")
    for column in reads(kind)
    if column.startswith("patients.")
)
"""Columns of patients whose days show that somebody lived."""
EVERYTHING = ""
"""The prefix of every result id: who is in the study stays open."""


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


def _on_variables(protocol: Protocol) -> dict[str, list[str]]:
    """Parts of the results that use each variable."""
    found = {key: [f"variables.{key}"] for key in protocol.variables}
    for use in uses(protocol):
        if use.part and use.variable in found:
            found[use.variable] += [use.part, *_made_of(protocol, use.part)]
    return found


def _made_of(protocol: Protocol, part: str) -> Iterator[str]:
    """Parts that are computed from the numbers of a part."""
    section, _, endpoint = part.partition(".")
    if section == "prognosis" and protocol.prognosis and protocol.prognosis.e_values:
        yield f"e_value.{endpoint}" if endpoint else "e_value"
    modelled = protocol.logistic.outcomes or protocol.outcomes if protocol.logistic else ()
    if section == "outcomes" and endpoint in modelled:
        yield f"logistic.{endpoint}"


@dataclass(frozen=True, slots=True)
class Dependence:
    """What each part of the results reads in one study."""

    parts: tuple[tuple[str, Reads], ...]
    """(prefix of result ids, what it reads); a prefix may stand several times."""
    records: Records | None = None
    cutoff: date | None = None
    """Who is known to live after it counts as alive on it."""

    def rest_on(self, wrong: Iterable[Wrong]) -> tuple[str, ...]:
        """Prefixes of the results that rest on the wrong values, sorted."""
        found: set[str] = set()
        for one in wrong:
            if one.table == "patients" and (not one.columns or "patient" in one.columns):
                return (EVERYTHING,)
            meant = self._with_follow_up(one)
            found |= {prefix for prefix, read in self.parts if read.concern(meant, self.records)}
        if EVERYTHING in found:
            return (EVERYTHING,)
        return tuple(sorted(found))

    def _with_follow_up(self, one: Wrong) -> Wrong:
        """A wrong day of life after the cutoff makes the follow-up end on the cutoff."""
        if self.records is None or self.cutoff is None or one.table != "patients":
            return one
        if one.row is None:
            return one
        row = self.records.tables["patients"].filter(pl.col("source_row") == one.row)
        days = [row[c][0] for c in one.columns if c in OF_LIFE and c in row.columns and row.height]
        late = any(isinstance(day, date) and day > self.cutoff for day in days)
        return replace(one, columns=(*one.columns, "last_contact")) if late else one

    def waiting(self, blocks: Iterable[str], about: Wrong | None) -> tuple[str, ...]:
        """What waits for a question, by what it blocks and by the values that are open."""
        resting = self.rest_on([about]) if about is not None else ()
        return tuple(part or "everything" for part in dict.fromkeys((*blocks, *resting)))


def _response_parts(protocol: Protocol, partial: bool) -> Iterator[tuple[str, Reads]]:
    rule = protocol.response
    if rule is None:
        return
    charted = rule.source == "charted"
    read = set(CHARTED_RESPONSE if charted else (*visit_columns(protocol), *READS["response"]))
    yield "response", Reads(frozenset(read))
    if rule.best_change and charted:
        for part in CHANGE:
            yield part, Reads(frozenset({f"patients.{rule.best_change}"}))
    duration = columns_of_kinds(protocol, kinds_of(DOR), partial)
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


def _shown_in(protocol: Protocol, key: str, imputed: bool) -> Iterator[str]:
    """Parts of the results that show an endpoint, or are computed from its times and events.

    `imputed`: dates are known by month or year only, and endpoints are derived at their limits too.
    """
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
    if declared.has_contrasts:
        yield f"contrasts.{key}"
    if not declared.reduced and (imputed or has_other_rules(key, declared)):
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


def _endpoint_parts(
    protocol: Protocol, partial: bool, imputed: bool
) -> Iterator[tuple[str, Reads]]:
    for key, declared in protocol.endpoints.items():
        read = Reads(endpoint_columns(protocol, key, declared, partial))
        for part in _shown_in(protocol, key, imputed):
            yield part, read
            if part.startswith("sensitivity."):
                yield part, Reads(columns_under_other_rules(protocol, key, declared, partial))


def _change_parts(protocol: Protocol, partial: bool) -> Iterator[tuple[str, Reads]]:
    """Comparisons by a later event read its endpoint, and what says when it happened."""
    for key, rule in protocol.time_dependent.items():
        declared = protocol.endpoints.get(rule.endpoint)
        if declared is None:
            continue
        read = set(endpoint_columns(protocol, rule.endpoint, declared, partial))
        if rule.time is not None:
            read.add(f"patients.{rule.time}")
        elif rule.change == "adverse_event":
            read |= {f"adverse_events.{c}" for c in ("patient", "term", "start", "grade")}
        else:
            read |= columns_of_kinds(protocol, [str(rule.change)], partial)
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
            yield from ((part, read) for part in _made_of(protocol, f"outcomes.{name}"))


_BESIDE = {
    "baseline": ("baseline", 1),
    "prognosis": ("prognosis", 2),
    "safety": ("safety", 1),
    "response": ("outcomes", 1),
    "exposure": ("outcomes", 1),
    "survival": ("outcomes", 2),
}
"""Section to the table of a paper whose figures are compared with its numbers, and the words of
its parts: what is below them, groups and lists, is not compared."""


def _beside(protocol: Protocol, part: str) -> Iterator[str]:
    """The table of a paper that a part is compared with; that of Table I reads its variables."""
    words = part.split(".")
    table, length = _BESIDE.get(words[0], ("", 0))
    shown = protocol.baseline.variables if protocol.baseline else ()
    if words[0] == "variables" and words[1] in shown:
        yield "published.baseline"
    elif len(words) == length:
        yield f"published.{table}"


def _beside_parts(
    protocol: Protocol, parts: Iterable[tuple[str, Reads]]
) -> Iterator[tuple[str, Reads]]:
    """How many printed figures agree rests on every number that is compared."""
    for part, read in parts:
        yield from ((beside, read) for beside in _beside(protocol, part))


def _by_body_size(protocol: Protocol, records: Records | None) -> bool:
    """Is any dose, planned or given, one per m2 or kg?"""
    planned = [plan.unit for plan in protocol.exposure.values()]
    given = (
        records["doses"]["unit"].drop_nulls().unique(maintain_order=True).to_list()
        if records
        else []
    )
    return any(unit.strip().lower() not in ("mg", "g") for unit in (*planned, *given))


def _exposure_parts(protocol: Protocol, records: Records | None) -> Iterator[tuple[str, Reads]]:
    """Doses of the declared drugs; without one, time on treatment of a chart that has its end."""
    if not protocol.exposure:
        patients = records["patients"] if records is not None else pl.DataFrame()
        if "treatment_end" in patients.columns and patients["treatment_end"].count():
            yield "exposure", Reads(frozenset(TREATMENT))
        return
    sizes = BODY_SIZE if _by_body_size(protocol, records) else ()
    yield "exposure", Reads(frozenset({*READS["exposure"], *(f"patients.{c}" for c in sizes)}))
    events = Reads(frozenset(READS["safety"]))
    for drug, plan in protocol.exposure.items():
        if plan.drug_label:
            yield f"exposure.{drug}.label", events


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
    ('survival.follow_up', 'survival.os')
    """
    partial, imputed = partial_deaths(records), with_imputed_dates(records)
    parts = [
        *_response_parts(protocol, partial),
        *_endpoint_parts(protocol, partial, imputed),
        *_change_parts(protocol, partial),
    ]
    used, declared = _on_variables(protocol), frozenset(protocol.variables)
    for key in protocol.variables:
        for base in sources(protocol, key):
            reads_of = [variable_reads(base, protocol.variables[base], declared, records)]
            outcome = protocol.variables[base].endpoint
            if outcome in protocol.endpoints:
                # The outcome decided where the variable is cut.
                declared_end = protocol.endpoints[str(outcome)]
                reads_of.append(
                    Reads(endpoint_columns(protocol, str(outcome), declared_end, partial))
                )
            parts += [(p, r) for p in used[key] for r in reads_of]
    parts += list(_exposure_parts(protocol, records))
    if protocol.safety is not None:
        parts.append(("safety", Reads(frozenset(READS["safety"]))))
    if protocol.historical and protocol.response:
        response = next(read for part, read in parts if part == "response")
        parts.append(("historical.orr.p", response))
    parts += list(_outcome_parts(protocol, parts))
    if protocol.safety and protocol.safety.labs:
        parts.append(("labs", Reads(frozenset(READS["labs"]))))
    if protocol.published is not None:
        parts += list(_beside_parts(protocol, parts))
    asked = frozenset(f"{c.table}.{c.column}" for c in protocol.eligibility.criteria)
    parts.append((EVERYTHING, Reads(asked)))
    return Dependence(tuple(parts), records, protocol.study.cutoff)


def with_blocks(problem: Problem, known: Dependence) -> Problem:
    """The problem with the results that rest on the values that it names as wrong."""
    if not problem.wrong or not errors([problem]):
        return problem
    found = {*problem.blocks, *known.rest_on(problem.wrong)}
    return replace(problem, blocks=(EVERYTHING,) if EVERYTHING in found else tuple(sorted(found)))


def _with_users(problem: Problem, protocol: Protocol, imputed: bool) -> Problem:
    """A problem that leaves out a variable or an endpoint leaves out what is made of it.

    A Cox model without one of its variables is another model, whatever the reason; and an endpoint
    that is not known is not known in any section.
    """
    if not errors([problem]) or EVERYTHING in problem.blocks:
        return problem
    out = set(problem.blocks)
    for key in protocol.endpoints:
        if out & {f"survival.{key}", f"incidence.{key}"}:
            out |= set(_shown_in(protocol, key, imputed))
            out |= {f"variables.{k}" for k, v in protocol.variables.items() if v.endpoint == key}
    out |= {made for part in problem.blocks for made in _made_of(protocol, part)}
    gone = {keys.removeprefix("variables.") for keys in out if keys.startswith("variables.")}
    if gone:
        used = _on_variables(protocol)
        for key in protocol.variables:
            if gone & set(sources(protocol, key)):
                out |= set(used[key])
    if protocol.published is not None:
        out |= {beside for part in out for beside in _beside(protocol, part)}
    return problem if out <= set(problem.blocks) else replace(problem, blocks=tuple(sorted(out)))


def settled(
    problems: Iterable[Problem], protocol: Protocol, records: Records | None = None
) -> list[Problem]:
    """The problems with what they block; a question on which nothing rests is not asked, unless it
    stands in the protocol: its column would wait for ever."""
    known, imputed = dependence(protocol, records), with_imputed_dates(records)
    out = [_with_users(with_blocks(p, known), protocol, imputed) for p in problems]
    asked = {
        (w.table, column)
        for p in out
        if p.id == "protocol.open-question"
        for w in p.wrong
        for column in w.columns
    }
    return [
        p
        for p in out
        if not _is_asked(p, asked)
        and (
            p.blocks
            or not p.wrong
            or p.severity is not Severity.QUESTION
            or p.id == "protocol.open-question"
        )
    ]


def _is_asked(found: Problem, asked: set[tuple[str, str]]) -> bool:
    """Is it a code whose meaning is an open question? It is told once, by the question."""
    return found.id == "values.unknown-level" and any(
        (w.table, column) in asked for w in found.wrong for column in w.columns
    )
