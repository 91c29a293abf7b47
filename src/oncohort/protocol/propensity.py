"""`[propensity]`: two treatments made comparable by a propensity score."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from oncohort.protocol.base import Key, Once, Section
from oncohort.protocol.uses import Use

Method = Literal["matching", "iptw", "stabilized", "overlap", "att"]


class Propensity(Section):
    """Two groups compared after matching or weighting by the probability of treatment."""

    treatment: Key
    """A variable with two levels; its reference level is the comparison."""
    variables: Annotated[list[Key], Field(min_length=1), Once]
    """What the score is made of: known before the treatment was chosen."""
    endpoints: Annotated[list[Key], Once] = []
    """Default: all endpoints."""
    methods: Annotated[list[Method], Field(min_length=1), Once] = ["matching", "iptw"]
    """Matching: pairs; iptw and stabilized: weights for all patients; overlap: for those who might
    have had either treatment; att: for those like the treated."""
    caliper: float = Field(default=0.2, ge=0)
    """Largest difference in a pair, in standard deviations of the distance; 0: none, every treated
    patient is matched, however far his neighbour is."""
    distance: Literal["logit", "probability"] = "logit"
    """What is near in matching: the logit of the score, or the score itself."""
    denominator: Literal["pooled", "treated"] = "pooled"
    """Standard deviation of the standardized differences: of both groups, or of the treated."""
    penalty: Literal["none", "firth"] = "none"
    """Of the logistic model of the score; Firth's keeps it finite under separation."""

    @model_validator(mode="after")
    def _not_itself(self) -> Propensity:
        if self.treatment in self.variables:
            raise ValueError(f'variables: "{self.treatment}" is the treatment itself')
        return self

    def uses(self) -> Iterator[Use]:
        """Each variable that is needed, and for which results."""
        yield Use(self.treatment, "propensity.treatment", "propensity", "groups")
        for name in self.variables:
            yield Use(name, "propensity.variables", "propensity", "model")
