"""The declared variables of a study, each after those that it is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import VariableInfo
from oncohort.endpoints.cutting import find_cut
from oncohort.endpoints.derived_values import derived_values
from oncohort.endpoints.effect_problems import with_effect
from oncohort.endpoints.formulas import Held, Known, derive_formula, with_defaults
from oncohort.endpoints.variables import Derived, column_values, derive_variable, in_order
from oncohort.problems import Problem
from oncohort.protocol.derived import FORMULAS

if TYPE_CHECKING:
    from oncohort.protocol import Protocol
    from oncohort.protocol.data import Variable

MadeOf = Mapping[str, Mapping[str, Mapping[str, Held]]]
Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Variables:
    """What the declared variables mean, a column of each, and what they were made of."""

    infos: Mapping[str, VariableInfo]
    frame: pl.DataFrame
    made_of: MadeOf
    problems: list[Problem]


@dataclass(slots=True)
class _Building:
    """The variables that are ready."""

    tables: Tables
    protocol: Protocol
    outcomes: Mapping[str, pl.DataFrame]
    infos: dict[str, VariableInfo] = field(default_factory=dict)
    numbers: dict[str, pl.DataFrame] = field(default_factory=dict)
    """Values that a further variable cuts or groups: of a cut one its numbers."""
    values: dict[str, pl.DataFrame] = field(default_factory=dict)
    made_of: dict[str, Mapping[str, Mapping[str, Held]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Make one variable, and keep what is wrong with it."""
        variable = with_defaults(self.protocol.variables[name], self.protocol)
        base = self.infos.get(variable.source) if variable.source else None
        found = self._raw(name, variable)
        if found is None:
            return
        values, told = found
        if variable.cut_by and base is not None:
            done, more = self._cut(name, variable, values, base)
            told = (*told, *more)
        else:
            done = derive_variable(name, variable, values, base)
        # Where there is nothing to derive it from, that it is empty is no news.
        known = told or {p.id for p in self.problems if f"variables.{name}" in p.blocks}
        self.problems += [p for p in done.problems if p.id != "variables.empty" or not known]
        self.infos[name], wrong = with_effect(
            name, variable, done.info, done.values, self.tables, self.made_of
        )
        self.problems += wrong
        self.numbers[name] = values if variable.cut else done.values
        self.values[name] = done.values

    def _raw(
        self, name: str, variable: Variable
    ) -> tuple[pl.DataFrame, tuple[Problem, ...]] | None:
        """Values as they are charted or derived, and what is said of them; none without any."""
        if variable.source:
            if variable.source not in self.infos:
                return None
            return self.numbers[variable.source], ()
        if variable.derive in FORMULAS:
            known = Known(self.infos, self.numbers)
            made = derive_formula(name, variable, self.tables, self.protocol, known)
            self.made_of[name] = made.parts
            self.problems += made.problems
            return made.values, made.problems
        if variable.derive:
            values, more = derived_values(name, variable, self.tables, self.protocol)
            self.problems += [p for p in more if p not in self.problems]
            return values, ()
        found = column_values(name, variable, self.tables["patients"])
        if isinstance(found, Problem):
            self.problems.append(found)
            return None
        return found, ()

    def _cut(
        self, name: str, variable: Variable, values: pl.DataFrame, base: VariableInfo
    ) -> tuple[Derived, tuple[Problem, ...]]:
        """The groups of a cut that is found in the data."""
        groups = self.values.get(variable.within) if variable.within else None
        cut = find_cut(name, variable, values, base.unit, groups, self.outcomes, self.protocol)
        self.problems += cut.problems
        named = variable.model_copy(update={"levels": dict(cut.levels)})
        done = derive_variable(name, named, cut.values, base)
        return replace(done, info=replace(done.info, found=cut.found)), cut.problems


def declared_variables(
    tables: Tables, protocol: Protocol, outcomes: Mapping[str, pl.DataFrame]
) -> Variables:
    """Every declared variable, with its problems.

    Parameters
    ----------
    outcomes
        Endpoint = its frame with ``time`` and ``event``, for cuts that an outcome decides.
    """
    names, circles = in_order(protocol.variables)
    building = _Building(tables, protocol, outcomes, problems=list(circles))
    for name in names:
        building.add(name)
    return Variables(
        MappingProxyType(building.infos),
        _beside(tables["patients"]["patient"], building.values),
        MappingProxyType(building.made_of),
        building.problems,
    )


def _beside(patients: pl.Series, values: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Patients with the values of each variable; those of a column have the same patients."""
    named = {name: held["value"].alias(name) for name, held in values.items()}
    plain = not patients.null_count() and patients.n_unique() == patients.len()
    same = {name for name in named if plain and values[name]["patient"].equals(patients)}
    frame = pl.DataFrame([patients, *(named[name] for name in named if name in same)])
    for name, held in values.items():
        if name not in same:
            own = pl.DataFrame([held["patient"], named[name]])
            frame = frame.join(own, on="patient", how="left", maintain_order="left")
    return frame.select("patient", *named)
