"""Variables of Table I whose counts are of all patients: of one column, or of all arms together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from oncohort.published.model import Categorical, Published

_WHOLE = re.compile(r"\b(?:total|all|overall|whole|entire|full)\b", re.I)


def whole_cohort(published: Published) -> list[Categorical]:
    """Variables in a column that is certain to be of all patients."""
    return [
        v
        for v in certain(published.variables)
        if published.n is None or not v.n or int(v.n) >= published.n
    ]


def certain(variables: Sequence[Categorical]) -> list[Categorical]:
    """Variables with levels, in a table's only column or in the one that is named so."""
    columns: dict[str, set[int]] = {}
    for variable in variables:
        columns.setdefault(variable.where.table, set()).add(variable.column)
    return [
        v
        for v in variables
        if (len(columns[v.where.table]) == 1 or _WHOLE.search(v.where.column)) and v.levels
    ]


def of_all_arms(published: Published) -> list[Categorical]:
    """Variables of tables that have a column for each arm and none for all: their counts added.

    The arms are taken to be all patients only where their sizes add up to a number of patients
    that the paper states, and to no fewer than it states for the cohort.
    """
    stated = {p.n for p in published.populations if p.n.isdigit()}
    tables: dict[str, list[Categorical]] = {}
    for variable in published.variables:
        tables.setdefault(variable.where.table, []).append(variable)
    out: list[Categorical] = []
    for variables in tables.values():
        sizes = {v.column: _heading_size(variables, v.column) for v in variables}
        whole = any(_WHOLE.search(v.where.column) for v in variables)
        if whole or len(sizes) < 2 or not all(sizes.values()):
            continue
        every = sum(map(int, sizes.values()))
        if str(every) not in stated or (published.n is not None and every < published.n):
            continue
        out += _added(variables, sorted(sizes), every)
    return out


def _heading_size(variables: Sequence[Categorical], column: int) -> str:
    """Patients of a column: the size that its variables give most often."""
    sizes = [v.n for v in variables if v.column == column and v.n.isdigit()]
    return max(set(sizes), key=sizes.count) if sizes else ""


def _added(
    variables: Sequence[Categorical], columns: Sequence[int], every: int
) -> list[Categorical]:
    """Each variable that stands in every column with the same levels, its counts added."""
    by_name: dict[tuple[str, tuple[str, ...]], dict[int, Categorical]] = {}
    twice = set()
    for variable in variables:
        key = (variable.name, tuple(level.label for level in variable.levels))
        if variable.column in by_name.setdefault(key, {}):
            twice.add(key)
        by_name[key][variable.column] = variable
    out = []
    for key, found in by_name.items():
        if key in twice or sorted(found) != list(columns):
            continue
        counts = [[level.count for level in found[c].levels] for c in columns]
        if not all(count.isdigit() for column in counts for count in column):
            continue
        first = found[columns[0]]
        levels = tuple(
            replace(level, count=str(sum(int(column[k]) for column in counts)), percent="")
            for k, level in enumerate(first.levels)
        )
        out.append(replace(first, levels=levels, n=str(every), missing=""))
    return out
