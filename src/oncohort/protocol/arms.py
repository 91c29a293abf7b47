"""`[arms]`: treatments set beside each other, in all patients and in subgroups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from oncohort.protocol.base import Key, Once, Section
from oncohort.protocol.uses import Use

Crossed = Annotated[list[Key], Field(min_length=2, max_length=2), Once]
"""Two variables whose levels are combined."""


CROSS = "*"
"""Stands between the two keys of crossed variables, and of their levels; no key has it."""


def subgroup_key(one: str | Sequence[str]) -> str:
    """The key of a declared subgroup, one variable or two crossed ones.

    Examples
    --------
    >>> subgroup_key("sex"), subgroup_key(["sex", "stage"])
    ('sex', 'sex*stage')
    """
    return one if isinstance(one, str) else CROSS.join(one)


class Arms(Section):
    """Treatments compared: hazard ratio, stratified tests, every two arms, subgroups."""

    variable: Key
    """The variable whose levels are the arms."""
    reference: Key | None = None
    """The arm that the others are compared with; default: the variable's own reference level."""
    endpoints: Annotated[list[Key], Once] = []
    """Default: all endpoints."""
    strata: Annotated[list[Key], Once] = []
    """Variables with levels: log-rank test and Cox model are also made within their strata."""
    pairwise: Literal["none", "holm", "bonferroni", "bh"] = "none"
    """Every two arms by the log-rank test, with p-values adjusted for their number."""
    subgroups: Annotated[list[Key | Crossed], Once] = []
    """Variables with levels for the forest plot; `["sex", "stage"]` in the list crosses two."""

    @model_validator(mode="after")
    def _not_itself(self) -> Arms:
        for name, used in (("strata", self.strata), ("subgroups", self.subgroup_variables)):
            if self.variable in used:
                raise ValueError(f'{name}: "{self.variable}" is the variable of the arms')
        return self

    @property
    def subgroup_variables(self) -> tuple[str, ...]:
        """Variables of the subgroups, each once."""
        named = (v for one in self.subgroups for v in ([one] if isinstance(one, str) else one))
        return tuple(dict.fromkeys(named))

    def uses(self, endpoints: Iterable[str]) -> Iterator[Use]:
        """Each variable that is needed, and for which results.

        Parameters
        ----------
        endpoints
            Keys of all endpoints of the study.
        """
        for whole in [f"arms.{name}" for name in self.endpoints or endpoints] or ["arms"]:
            yield Use(self.variable, "arms.variable", whole, "groups")
            for stratum in self.strata:
                yield Use(stratum, "arms.strata", whole, "groups")
            for one in self.subgroups:
                part = f"{whole}.subgroup.{subgroup_key(one)}"
                for variable in [one] if isinstance(one, str) else one:
                    yield Use(variable, "arms.subgroups", part, "groups")
