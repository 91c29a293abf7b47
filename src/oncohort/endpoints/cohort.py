"""The cohort: one row per patient, and what the analyses have to know about its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.endpoints.effects import Effect

if TYPE_CHECKING:
    from oncohort.endpoints.cutting import FoundCut
    from oncohort.endpoints.derive import Case
    from oncohort.endpoints.eligibility import FlowStep
    from oncohort.endpoints.formulas import Held
    from oncohort.problems import Problem
    from oncohort.vocabulary.endpoints import EndpointRule


_Kept: TypeAlias = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]
KEPT = 10_000
"""Patients up to whom an endpoint under another rule is kept."""


def _empty() -> Any:
    """A field that is an empty mapping unless given."""
    return field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class VariableInfo:
    """What a column of the cohort table means."""

    key: str
    label: str
    kind: Literal["continuous", "categorical"]
    levels: Mapping[str, str] = _empty()
    """Level key to label, in order; empty for a continuous variable."""
    reference: str | None = None
    unit: str = ""
    digits: int | None = None
    origin: str = ""
    """How it was made: derived from which records, cut where."""
    effect: Effect = field(default_factory=Effect)
    """How a number enters models."""
    found: FoundCut | None = None
    """The cut-point behind its groups, where it was found in the data."""


@dataclass(frozen=True, slots=True)
class EndpointInfo:
    """What an endpoint of the cohort table means."""

    key: str
    label: str
    method: str
    """Events and censoring in words."""
    origin: str
    reduced: bool = False
    competing: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Key of each event that can come first instead, with its label; `<endpoint>_cause` of the
    cohort table then holds ``event``, such a key, or nothing (censored)."""
    event_label: str = ""
    """What the event itself is called, where others compete with it."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the columns of the cohort table mean."""

    variables: Mapping[str, VariableInfo] = _empty()
    endpoints: Mapping[str, EndpointInfo] = _empty()
    rules: Mapping[str, EndpointRule] = _empty()
    """Endpoint to the rule that was applied, for endpoints that come from dates."""
    alternatives: Mapping[str, Mapping[str, EndpointRule]] = _empty()
    """Endpoint to rule set to its rule: the same endpoint censored in other ways."""
    rule_sets: Mapping[str, str] = _empty()
    """Rule set in words."""
    cutoff: date | None = None
    """The day of data cutoff."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the cohort table was made of: the frames behind it, of the eligible patients."""

    tables: Mapping[str, pl.DataFrame] = _empty()
    """The record tables."""
    facts: pl.DataFrame | None = None
    """Every dated fact (`endpoints.facts`), where the chart has dates."""
    derived: Mapping[str, pl.DataFrame] = _empty()
    """Endpoint to its frame from `endpoints.derive`, with sources and reasons."""
    assessments: pl.DataFrame | None = None
    """One row per patient and visit: responses with their reasons; none without visits."""
    best: pl.DataFrame | None = None
    """One row per patient: best response, its reason."""
    discrepancies: pl.DataFrame | None = None
    """Charted responses that differ from the derived ones."""
    exposure: pl.DataFrame | None = None
    """One row per patient and drug."""
    adverse_events: pl.DataFrame | None = None
    """Worst grade per patient and term (`patient`, `term` as key of the paper, `label`,
    `grade`)."""
    events: pl.DataFrame | None = None
    """Every adverse event that counts, with `key` and `shown`, its term in the paper."""
    made_of: Mapping[str, Mapping[str, Mapping[str, Held]]] = _empty()
    """Variable to patient to the values that its formula took, by their names in the formula."""
    _again: dict[tuple[int, int, EndpointRule, Case], _Kept] = field(
        default_factory=dict, repr=False, compare=False
    )
    """Endpoints under other rules, by the frames that they were derived from, with those."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """The eligible patients: their table, what its columns mean, and what it was made of.

    Attributes
    ----------
    frame
        The cohort table: one row per patient.
    meaning, evidence
        Of the columns; the frames behind them.
    """

    frame: pl.DataFrame
    steps: tuple[FlowStep, ...]
    source: tuple[str, ...]
    """All patients of the chart, before any criterion."""
    meaning: Meaning = Meaning()
    evidence: Evidence = Evidence()
    problems: tuple[Problem, ...] = ()

    @property
    def patients(self) -> tuple[str, ...]:
        """The patients, in the order of the chart."""
        return tuple(self.frame["patient"].to_list())

    @property
    def n(self) -> int:
        """Number of patients."""
        return self.frame.height

    def only(self, patient: str) -> Cohort:
        """The cohort of one of its patients: every frame without the others."""

        def own(frame: pl.DataFrame | None) -> pl.DataFrame | None:
            if frame is None or "patient" not in frame.columns:
                return frame
            return frame.filter(pl.col("patient") == patient)

        def each(frames: Mapping[str, pl.DataFrame]) -> Mapping[str, pl.DataFrame]:
            return {k: f for k, f in ((k, own(f)) for k, f in frames.items()) if f is not None}

        known = self.evidence
        frame = own(self.frame)
        made_of = {
            k: {p: h for p, h in held.items() if p == patient} for k, held in known.made_of.items()
        }
        evidence = replace(
            known,
            tables=each(known.tables),
            derived=each(known.derived),
            facts=own(known.facts),
            assessments=own(known.assessments),
            best=own(known.best),
            discrepancies=own(known.discrepancies),
            exposure=own(known.exposure),
            adverse_events=own(known.adverse_events),
            events=own(known.events),
            made_of=made_of,
        )
        return replace(self, frame=self.frame if frame is None else frame, evidence=evidence)

    def under(self, rule: EndpointRule, case: Case = "imputed") -> pl.DataFrame:
        """An endpoint under another rule than the declared one.

        Numbers and the evidence behind them both ask for it: that of few patients is kept.
        """
        from oncohort.endpoints.derive import derive

        facts, known = self.evidence.facts, self.evidence._again
        key = (id(facts), id(self.frame), rule, case)
        kept = known.get(key)
        if kept is not None and kept[1] is facts and kept[2] is self.frame:
            return kept[0]
        found = derive(facts, rule, patients=self.frame, case=case)
        if facts is not None and self.n <= KEPT:
            known[key] = (found, facts, self.frame)
        return found

    def members(self, keep: pl.Expr) -> tuple[str, ...]:
        """Patients for whom an expression over the cohort table is true."""
        return tuple(self.frame.filter(keep)["patient"].to_list())
