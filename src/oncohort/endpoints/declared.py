"""A declared endpoint on its way to times and events: names, labels, and what becomes of it."""

from __future__ import annotations

from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import EndpointInfo
from oncohort.endpoints.reasons import kind_in_words
from oncohort.problems import Place, Problem
from oncohort.vocabulary.endpoints import (
    EndpointRule,
)
from oncohort.vocabulary.keys import key_of

if TYPE_CHECKING:
    from oncohort.protocol import Protocol
    from oncohort.protocol.endpoints import Endpoint


@dataclass(frozen=True, slots=True)
class Declared:
    """What became of the declared endpoints, each by its key."""

    frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    """One row per patient: time, event, reason and the fact behind it."""
    infos: dict[str, EndpointInfo] = field(default_factory=dict)
    others: dict[str, dict[str, EndpointRule]] = field(default_factory=dict)
    """The same endpoint under other rule sets."""
    rules: dict[str, EndpointRule] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DeclaredEndpoint:
    """One declared endpoint, and how problems of its protocol are placed."""

    key: str
    label: str
    declared: Endpoint
    protocol: Protocol

    @property
    def blocks(self) -> tuple[str, ...]:
        return parts_of(self.key, self.declared)

    @property
    def place(self) -> Place:
        return Place(file="study.toml", key=f"endpoints.{self.key}")


def parts_of(key: str, declared: Endpoint) -> tuple[str, ...]:
    """The prefix of an endpoint's own results; `study/depends.py` adds what is made of them.

    Examples
    --------
    >>> from oncohort.protocol.endpoints import Endpoint
    >>> parts_of("ttp", Endpoint(events=["progression"], competing=["death"]))
    ('incidence.ttp',)
    """
    if declared.has_competing:
        return (f"incidence.{key}",)
    return (f"survival.{key}",)


def described(one: DeclaredEndpoint, method: str, origin: str) -> EndpointInfo:
    """What is to be known of an endpoint, with the names of its events."""
    declared = one.declared
    labels = {
        key: declared.event_labels.get(key) or _event_words(key, declared)
        for key in (*declared.competing, *(("death_other",) if declared.causes else ()))
    }
    return EndpointInfo(
        one.key,
        one.label,
        method,
        origin,
        reduced=declared.reduced,
        competing=MappingProxyType({key_of_event(k): v for k, v in labels.items()}),
        event_label=declared.event_labels.get("event", one.label),
    )


def _event_words(key: str, declared: Endpoint) -> str:
    part = declared.parts.get(key)
    words = part.label if part is not None and part.label else kind_in_words(key)
    return words[:1].upper() + words[1:]


def key_of_event(kind: str) -> str:
    """The name of a kind of event in ids: the name of a column may have any letters."""
    return key_of(kind) or "other"
