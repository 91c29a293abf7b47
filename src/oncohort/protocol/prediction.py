"""`[prediction]`: a prediction model, how well it does, its nomogram and its decision curve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, model_validator

from oncohort.protocol.base import Key, Once, Section
from oncohort.protocol.uses import Use


class Prediction(Section):
    """A Cox model that predicts one endpoint, with what it flatters itself taken off."""

    endpoint: Key
    """The endpoint that is predicted."""
    variables: Annotated[list[Key], Once, Field(min_length=1)]
    """The model, specified in advance."""
    times: Annotated[list[Annotated[float, Field(gt=0)]], Once, Field(min_length=1)]
    """Times (study's unit) at which survival is predicted."""
    bootstraps: int = Field(default=200, ge=20, le=5000)
    """Bootstrap samples by which optimism is corrected."""
    groups: int = Field(default=4, ge=2, le=10)
    """Groups of predicted survival, for the calibration plot."""
    nomogram: bool = True
    """Draw the nomogram, where there are 10 events for each coefficient."""
    few_events: str = ""
    """Why the nomogram is drawn though there are fewer; the paper says it."""
    decision_curve: bool = True
    """Draw the net benefit over thresholds of risk."""

    @model_validator(mode="after")
    def _rising(self) -> Prediction:
        if sorted(self.times) != self.times:
            raise ValueError("the times must rise")
        return self

    def uses(self) -> Iterator[Use]:
        """The variables of the model: without one of them it is another model."""
        for name in self.variables:
            yield Use(name, "prediction.variables", f"prediction.{self.endpoint}", "model")
