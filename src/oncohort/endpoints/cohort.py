"""The cohort: one row per patient, and what the analyses have to know about its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import polars as pl

if TYPE_CHECKING:
    from oncohort.endpoints.eligibility import FlowStep
    from oncohort.problems import Problem
    from oncohort.vocabulary.endpoints import EndpointRule

DAYS_PER_UNIT: Mapping[str, float] = MappingProxyType(
    {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
)
"""Days in one unit of time; a month is a twelfth of 365.25 days."""


@dataclass(frozen=True, slots=True)
class VariableInfo:
    """What a column of the cohort table means."""

    key: str
    label: str
    kind: Literal["continuous", "categorical"]
    levels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Level key to label, in order; empty for a continuous variable."""
    reference: str | None = None
    unit: str = ""
    digits: int | None = None
    origin: str = ""
    """How it was made: derived from which records, cut where."""


@dataclass(frozen=True, slots=True)
class EndpointInfo:
    """What an endpoint of the cohort table means."""

    key: str
    label: str
    method: str
    """Events and censoring in words."""
    origin: str
    reduced: bool = False


@dataclass(frozen=True, slots=True)
class Cohort:
    """The eligible patients, with everything that was derived for them.

    Attributes
    ----------
    frame
        The cohort table: one row per patient.
    assessments
        One row per patient and visit: responses with their reasons; empty without lesions or
        charted visits.
    best
        One row per patient: best response, its reason.
    exposure
        One row per patient and drug.
    discrepancies
        Charted responses that differ from the derived ones.
    adverse_events
        Worst grade per patient and term (`patient`, `term` as key of the paper, `label`,
        `grade`).
    """

    frame: pl.DataFrame
    variables: Mapping[str, VariableInfo]
    endpoints: Mapping[str, EndpointInfo]
    steps: tuple[FlowStep, ...]
    source: tuple[str, ...]
    """All patients of the chart, before any criterion."""
    cutoff: date | None = None
    assessments: pl.DataFrame | None = None
    best: pl.DataFrame | None = None
    exposure: pl.DataFrame | None = None
    adverse_events: pl.DataFrame | None = None
    tables: Mapping[str, pl.DataFrame] = field(default_factory=lambda: MappingProxyType({}))
    """The record tables of the eligible patients."""
    alternatives: Mapping[str, Mapping[str, EndpointRule]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Endpoint to rule set to its rule: the same endpoint censored in other ways."""
    rules: Mapping[str, EndpointRule] = field(default_factory=lambda: MappingProxyType({}))
    """Endpoint to the rule that was applied, for endpoints that come from dates."""
    rule_sets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Rule set in words."""
    discrepancies: pl.DataFrame | None = None
    facts: pl.DataFrame | None = None
    """Every dated fact (`endpoints.facts`), where the chart has dates."""
    derived: Mapping[str, pl.DataFrame] = field(default_factory=lambda: MappingProxyType({}))
    """Endpoint to its frame from `endpoints.derive`, with sources and reasons."""
    problems: tuple[Problem, ...] = ()

    @property
    def patients(self) -> tuple[str, ...]:
        """The patients, in the order of the chart."""
        return tuple(self.frame["patient"].to_list())

    @property
    def n(self) -> int:
        """Number of patients."""
        return self.frame.height

    def members(self, keep: pl.Expr) -> tuple[str, ...]:
        """Patients for whom an expression over the cohort table is true."""
        return tuple(self.frame.filter(keep)["patient"].to_list())
