"""The whole protocol, as frozen data."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, model_validator

from oncohort.protocol.analysis import (
    Baseline,
    Exposure,
    Historical,
    Prognosis,
    Response,
    Safety,
    Style,
)
from oncohort.protocol.arms import Arms
from oncohort.protocol.base import Key, Section
from oncohort.protocol.data import Eligibility, Schedule, Study, TableMap, Variable
from oncohort.protocol.decisions import SettledProblem
from oncohort.protocol.endpoints import Endpoint
from oncohort.protocol.missing import Missing
from oncohort.protocol.outcomes import BinaryOutcome, Logistic
from oncohort.protocol.paper import Conduct, Paper
from oncohort.protocol.prediction import Prediction
from oncohort.protocol.propensity import Propensity
from oncohort.protocol.published import PublishedFigures
from oncohort.protocol.time_dependent import TimeDependent
from oncohort.vocabulary.facts import EVENTS, FACTS, ORIGINS


class Protocol(Section):
    """`study.toml`, read and checked. Every step reads it, none writes it."""

    FILE: ClassVar[str] = "study.toml"

    study: Study
    tables: dict[str, TableMap] = {}
    variables: dict[Key, Variable] = {}
    eligibility: Eligibility = Field(default_factory=Eligibility)
    schedule: Schedule = Field(default_factory=Schedule)
    response: Response | None = None
    endpoints: dict[Key, Endpoint] = {}
    baseline: Baseline | None = None
    prognosis: Prognosis | None = None
    arms: Arms | None = None
    missing: Missing | None = None
    propensity: Propensity | None = None
    prediction: Prediction | None = None
    safety: Safety | None = None
    time_dependent: dict[Key, TimeDependent] = {}
    outcomes: dict[Key, BinaryOutcome] = {}
    logistic: Logistic | None = None
    exposure: dict[Key, Exposure] = {}
    historical: dict[Key, Historical] = {}
    published: PublishedFigures | None = None
    paper: Paper = Field(default_factory=Paper)
    conduct: Conduct = Field(default_factory=Conduct)
    style: Style = Field(default_factory=Style)
    decisions: list[SettledProblem] = []

    @property
    def dates(self) -> tuple[str, ...]:
        """Columns of `patients` that the protocol uses as dates, beside those of the table."""
        named = (
            kind
            for e in self.endpoints.values()
            if not e.reduced
            for kind in (e.origin, *e.events, *e.competing)
        )
        ended = (c for e in self.endpoints.values() if e.date for c in (e.origin, e.date))
        changes = (t.change for t in self.time_dependent.values() if t.change is not None)
        known = (*EVENTS, *ORIGINS, *FACTS, "adverse_event")
        return tuple(dict.fromkeys(k for k in (*named, *ended, *changes) if k not in known))

    @model_validator(mode="after")
    def _names_exist(self) -> Protocol:
        from oncohort.protocol.references import dangling

        complaints = dangling(self)
        if complaints:
            raise ValueError("\n".join(f"{key}: {text}" for key, text in complaints))
        return self
