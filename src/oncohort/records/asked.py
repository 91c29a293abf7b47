"""Which columns of `patients` the protocol asks for, and as what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from oncohort.records.personal import Personal
from oncohort.vocabulary.keys import level_key
from oncohort.vocabulary.sections import BODY_SIZE
from oncohort.vocabulary.tables import TABLES

if TYPE_CHECKING:
    from oncohort.protocol import Protocol


def asked_for(protocol: Protocol, table: str) -> set[str]:
    """Columns that the protocol names as variables, as times and events, and in criteria."""
    p = protocol
    asked = {v.column or key for key, v in p.variables.items()}
    asked |= {c for e in p.endpoints.values() for c in e.columns} | set(p.dates)
    return asked | {c.column for c in p.eligibility.criteria if c.table == table}


def not_asked_for(protocol: Protocol, table: str, alarm: Iterable[Personal]) -> set[str]:
    """Columns that name people and that the protocol does not ask for."""
    asked = asked_for(protocol, table)
    return {f.column for f in alarm if f.column not in asked}


def misnamed(protocol: Protocol, named: Iterable[str], held: Iterable[str]) -> dict[str, str]:
    """Names that the protocol gives to columns of `patients` and uses nowhere = ours that is meant.

    Parameters
    ----------
    named
        Keys of `columns` and `constants`.
    held
        Our columns that the chart has: a name beside them is no misspelling of them. None for
        constants, which are one value for all.
    """
    told = protocol.model_dump(mode="json", exclude={"tables"})
    used = set(re.findall(r"\w+", json.dumps(told, ensure_ascii=False)))
    kinds = TABLES["patients"].kinds
    ours = [c for c in kinds if c not in set(held)]
    near = {
        name: get_close_matches(name.lower(), ours, n=1, cutoff=0.75)
        for name in named
        if name not in kinds and name != "patient" and not set(re.findall(r"\w+", name)) <= used
    }
    return {name: meant[0] for name, meant in near.items() if meant}


def declared_levels(protocol: Protocol) -> dict[str, frozenset[str]]:
    """Column of `patients` = the level keys that the protocol declares for it."""
    out: dict[str, set[str]] = {}
    for key, v in protocol.variables.items():
        if v.derive is None and v.source is None:
            levels = out.setdefault(v.column or key, set())
            levels |= set(v.levels) | {level_key(x) for g in v.group.values() for x in g}
    return {column: frozenset(keys) for column, keys in out.items()}


def number_columns(protocol: Protocol) -> set[str]:
    """Columns of `patients` that the protocol uses as numbers."""
    out: set[str] = set()
    for key, v in protocol.variables.items():
        if v.derive is None and v.source is None and (v.cut or v.kind == "continuous"):
            out.add(v.column or key)
    for e in protocol.endpoints.values():
        out |= {c for c in (e.time, *(part.time for part in e.parts.values())) if c}
    out |= {t.time for t in protocol.time_dependent.values() if t.time}
    if protocol.response and protocol.response.best_change:
        out.add(protocol.response.best_change)
    if protocol.exposure:
        out.update(BODY_SIZE)
    return out
