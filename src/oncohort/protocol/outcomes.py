"""`[outcomes.*]` and `[logistic]`: what either happened or not, and what goes with it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from oncohort.protocol.base import Key, Once, Section

Source = Literal["response", "adverse_event", "dose", "variable"]
BELONGS: dict[str, str] = {
    "responses": "response",
    "term": "adverse_event",
    "grade": "adverse_event",
    "drug": "dose",
    "change": "dose",
    "variable": "variable",
    "levels": "variable",
}
"""Key of an outcome = the kind of outcome that it belongs to."""


class BinaryOutcome(Section):
    """A yes or no of each patient: a response, a toxicity, a dose reduction, a level."""

    label: str | None = None
    of: Source
    """What it is made of: the best response, the adverse events, the doses, a variable."""
    responses: Annotated[list[Literal["CR", "PR", "SD", "Non-CR/Non-PD", "PD"]], Once] = [
        "CR",
        "PR",
    ]
    """For `of = "response"`: the best responses that count; all patients are the denominator."""
    term: Key | None = None
    """For `of = "adverse_event"`: a term of `[safety]`; default: any term."""
    grade: int = Field(default=1, ge=1, le=5)
    """For `of = "adverse_event"`: this grade or higher."""
    drug: Key | None = None
    """For `of = "dose"`: a drug of `[exposure]`."""
    change: Literal["reduced", "interrupted", "escalated"] = "reduced"
    """For `of = "dose"`: what happened to its dose."""
    variable: Key | None = None
    """For `of = "variable"`: a variable with levels."""
    levels: Annotated[list[Key], Once] = []
    """For `of = "variable"`: the levels that mean yes. Never guessed."""
    by: Annotated[list[Key], Once] = []
    """Variables whose groups get rates, differences, odds ratios and a test."""
    test: Literal["fisher", "chi-squared", "trend", "none"] = "fisher"
    """The test between the groups of `by`; "trend" takes them in their order."""

    @model_validator(mode="after")
    def _of_one_kind(self) -> BinaryOutcome:
        strange = [k for k in self.model_fields_set if BELONGS.get(k, self.of) != self.of]
        if strange:
            raise ValueError(f'{", ".join(sorted(strange))} does not go with of = "{self.of}"')
        if self.of == "dose" and self.drug is None:
            raise ValueError('of = "dose" needs drug = "..."')
        if self.of == "variable" and (self.variable is None or not self.levels):
            raise ValueError('of = "variable" needs variable = "..." and levels = ["..."]')
        if not self.responses:
            raise ValueError("responses is empty: nothing would count")
        return self


class Logistic(Section):
    """Odds ratios for binary outcomes, univariable and multivariable."""

    outcomes: Annotated[list[Key], Once] = []
    """Default: every outcome."""
    candidates: Annotated[list[Key], Once] = []
    selection: Literal["prespecified", "screening"] = "prespecified"
    """Prespecified: the model is `multivariable`. Screening: candidates with univariable
    p below `p_enter` (it inflates false findings, and is labelled so)."""
    multivariable: Annotated[list[Key], Once] = []
    """Variables of the prespecified model; default: all candidates."""
    p_enter: float = Field(default=0.05, gt=0, le=1)
    penalty: Literal["none", "firth"] = "none"
    """Firth's penalised likelihood: finite odds ratios where a group has nobody or everybody."""
