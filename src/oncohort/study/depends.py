"""Which results rest on which values of the record tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from oncohort.problems import Problem, Severity, errors
from oncohort.protocol import Protocol
from oncohort.records.blocking import blocked_by
from oncohort.records.tables import TABLES


def with_blocks(problem: Problem, protocol: Protocol) -> Problem:
    """The problem with the results that rest on the values that it names as wrong."""
    if not problem.wrong or not errors([problem]):
        return problem
    if any(w.table == "patients" and not w.columns for w in problem.wrong):
        return replace(problem, blocks=("",))  # who is in the study stays open
    found = set(problem.blocks)
    for wrong in problem.wrong:
        columns = wrong.columns or ("patient", *TABLES[wrong.table].kinds)
        for column in columns:
            found |= set(blocked_by(protocol, wrong.table, column))
    return replace(problem, blocks=tuple(sorted(found)))


def settled(problems: Iterable[Problem], protocol: Protocol) -> list[Problem]:
    """The problems with what they block; a question on which nothing rests is not asked."""
    out = [with_blocks(p, protocol) for p in problems]
    return [p for p in out if p.blocks or not p.wrong or p.severity is not Severity.QUESTION]
