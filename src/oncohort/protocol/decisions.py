"""What the authors decided about named problems of named patients or cells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from oncohort.protocol.base import Section
from oncohort.protocol.toml_text import toml_value
from oncohort.vocabulary.unseen import coded

Action = Literal["missing", "value", "leave out", "accept"]


class SettledProblem(Section):
    """One decision: which problem, of which patients or cells, what is done, by whom and why."""

    rule: str
    """Id of the problem, as `oncohort check` prints it."""
    patients: list[str] = []
    """Whose; empty where `cells` says which. Without either, with `do = "accept"`, the problem of a
    whole column or of the study is meant, and none of single patients."""
    cells: list[str] = []
    """Cells as `oncohort check` prints them: `K14`, or `Sheet!K14`."""
    do: Action
    """`missing`: the value means missing. `value`: it is `value`. `leave out`: the patients leave
    the endpoints and variables that rest on it. `accept`: it is right as it stands."""
    column: str | None = None
    """Which column of the record table is meant, where several contradict each other."""
    value: str | int | float | bool | date | None = None
    """What the cell should say, with `do = "value"`."""
    by: str = Field(min_length=1)
    """Who decided."""
    why: str = Field(min_length=1)
    """Why; it stands in the decisions log."""

    @model_validator(mode="after")
    def _whole(self) -> SettledProblem:
        if not self.patients and not self.cells and self.do != "accept":
            raise ValueError(
                "say whose problem it is: patients = [...] or cells = [...]; only what is accepted "
                "as it is may be a problem of a whole column or of the study"
            )
        if (self.do == "value") != (self.value is not None):
            raise ValueError('do = "value" and value = ... go together')
        return self


def decision_text(keys: Mapping[str, object], beside: Mapping[str, str] | None = None) -> str:
    """One decision as it stands in `study.toml`.

    Parameters
    ----------
    beside
        Key to a comment that stands behind its value.

    Examples
    --------
    >>> print(decision_text({"rule": "dates.future", "do": ""}, {"do": '"missing" or "accept"'}))
    [[decisions]]
    rule = "dates.future"
    do = "" # "missing" or "accept"
    """
    lines = {key: f"{key} = {toml_value(value)}" for key, value in keys.items()}
    for key, words in (beside or {}).items():
        lines[key] += f" # {coded(' '.join(words.split()))}"
    return "\n".join(["[[decisions]]", *lines.values()])
