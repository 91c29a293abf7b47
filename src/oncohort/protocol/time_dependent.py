"""`[time_dependent.*]`: survival by something that happens after time zero."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from oncohort.protocol.base import Key, Once, Section
from oncohort.protocol.uses import Use

Method = Literal["landmark", "time_dependent", "naive"]
"""Ways of comparing; the naive one is refused."""


class TimeDependent(Section):
    """An endpoint by response, toxicity, a next treatment or another later event, without
    immortal time: nobody counts as exposed before the exposure began."""

    label: str | None = None
    """What happened, as the paper says it: "Objective response"."""
    endpoint: Key
    change: str | None = None
    """The event that changes the group: a kind of fact (`response`, `next_therapy`,
    `treatment_end`, ...), `adverse_event`, or a date column of `patients`."""
    terms: Annotated[list[str], Once] = []
    """For `adverse_event`: terms as charted; default: every one."""
    min_grade: int = Field(default=1, ge=1, le=5)
    """For `adverse_event`: the least grade that counts."""
    time: str | None = None
    """For endpoints from columns: column with the time to the change, in the endpoint's unit,
    empty where it never happened."""
    landmarks: Annotated[list[Annotated[float, Field(gt=0)]], Once] = []
    """Times (study's unit), set beforehand: who is still observed then is grouped by what had
    happened by then, and followed from there."""
    methods: Annotated[list[Method], Once] = ["landmark", "time_dependent"]
    """`landmark`, a Cox model with a `time_dependent` covariate, or both. `naive`, the groups
    compared from time zero, is refused."""
    adjust: Annotated[list[Key], Once] = []
    """Baseline variables of the adjusted time-dependent model."""

    @model_validator(mode="after")
    def _one_change(self) -> TimeDependent:
        if (self.change is None) == (self.time is None):
            raise ValueError("give change (an event with a date) or time (a column), one of them")
        if self.terms and self.change != "adverse_event":
            raise ValueError('terms belong to change = "adverse_event"')
        return self

    def uses(self, name: str) -> Iterator[Use]:
        """The variables of the adjusted model."""
        for variable in self.adjust:
            key = f"time_dependent.{name}.adjust"
            yield Use(variable, key, f"time_dependent.{name}.adjusted", "model")
