"""Laboratory values that can't be graded where the paper grades them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from oncohort.checks.rule import Data, rule
from oncohort.problems import Problem


def _unread_units(data: Data) -> Iterator[Problem]:
    """Units of the tests that CTCAE grades which are not known: a value of any grade is lost."""
    asked = data.protocol.safety
    if asked is None or not asked.labs or not data.has("labs", "test", "value"):
        return
    from oncohort.criteria.ctcae.lab_rules import rules
    from oncohort.records.units import convert_labs

    version = asked.criteria.removeprefix("CTCAE ")
    graded = frozenset(one.test for one in rules(version))
    labs = data.included(data.records.tables["labs"])
    for found in convert_labs(labs, only=graded).problems:
        yield replace(found, place=replace(found.place, column="unit"))


@rule("units.unknown")
def unknown_units(data: Data) -> Iterator[Problem]:
    yield from (p for p in _unread_units(data) if p.id == "units.unknown")


@rule("units.missing")
def missing_units(data: Data) -> Iterator[Problem]:
    yield from (p for p in _unread_units(data) if p.id == "units.missing")
