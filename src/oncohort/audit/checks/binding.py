"""Which variable of Table I a row of Table II speaks of, and how large its two groups are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from oncohort.audit.extract import names
from oncohort.published.model import Categorical, Level, Published, Ratio
from oncohort.published.rounding import interval

_WHOLE = re.compile(r"\b(?:total|all|overall|whole|entire|full)\b", re.I)


@dataclass(frozen=True, slots=True)
class Groups:
    """Sizes of the two sides of a contrast, by one reading of the paper."""

    first: int
    second: int
    reading: str

    @property
    def n(self) -> int:
        return self.first + self.second


@dataclass(frozen=True, slots=True)
class Bound:
    """A contrast bound to a variable, with every reading of its group sizes."""

    variable: Categorical
    readings: tuple[Groups, ...]
    complete: bool = True
    """Whether the two sides are all of the variable's levels; otherwise each reading sets one
    side against everybody else, which is what bounds a dummy of a factor."""


def dictionary(published: Published) -> names.Dictionary:
    """Abbreviations of the paper."""
    return names.dictionary(published.abbreviations)


def whole_cohort(published: Published) -> list[Categorical]:
    """Variables in a column that is certain to be of all patients."""
    out = []
    columns: dict[str, set[int]] = {}
    for variable in published.variables:
        columns.setdefault(variable.where.table, set()).add(variable.column)
    for variable in published.variables:
        only = len(columns[variable.where.table]) == 1
        named = bool(_WHOLE.search(variable.where.column))
        if not (only or named) or len(variable.levels) < 2:
            continue
        if published.n is not None and variable.n and int(variable.n) != published.n:
            continue
        out.append(variable)
    return out


def bind(ratio: Ratio, published: Published, words: names.Dictionary) -> Bound | None:
    """Find the variable and the group sizes of a contrast; None unless both sides match.

    The name has to share its telling words with one variable alone, and both sides of the
    contrast have to be levels of it (or "others", the rest).
    """
    own = _printed_sizes(ratio)
    if own is not None:
        return own
    if not ratio.level or not ratio.reference or ratio.population == "other":
        return None
    candidates = whole_cohort(published)
    wanted = names.tokens(ratio.variable, words)
    index = names.best_match(wanted, [names.tokens(v.name, words) for v in candidates])
    if index is None:
        return None
    variable = candidates[index]
    if ratio.population.isdigit() and variable.n and ratio.population != variable.n:
        return None
    if not all(x.count.isdigit() for x in variable.levels):
        return None
    first = _side(ratio.level, variable, words)
    second = _side(ratio.reference, variable, words)
    every = set(range(len(variable.levels)))
    if first is not None and second is None and names.is_others(ratio.reference):
        second = every - first
    if second is not None and first is None and names.is_others(ratio.level):
        first = every - second
    if not first or not second or first & second:
        return None
    counts = [int(x.count) for x in variable.levels]
    if first | second != every:
        size = max(sum(counts), int(variable.n) if variable.n.isdigit() else 0)
        sides = (sum(counts[k] for k in first), sum(counts[k] for k in second))
        against = tuple(
            Groups(side, size - side, f"one level of {variable.name!r} against all others")
            for side in sides
            if 0 < side < size
        )
        return Bound(variable, against, complete=False) if len(against) == 2 else None
    readings = [_groups(variable, first, second, counts, "counts")]
    back = _from_percentages(variable)
    if back is not None and back != counts:
        readings.append(_groups(variable, first, second, back, "percentages"))
    usable = tuple(r for r in readings if r.first > 0 and r.second > 0)
    return Bound(variable, usable) if usable else None


def _printed_sizes(ratio: Ratio) -> Bound | None:
    """Sizes that are printed beside the ratio itself, or in the headings of its two arms."""
    if len(ratio.sizes) != 2 or not all(n.isdigit() and int(n) > 0 for n in ratio.sizes):
        return None
    first, second = map(int, ratio.sizes)
    levels = (
        Level(ratio.level, ratio.sizes[0], where=ratio.where),
        Level(ratio.reference, ratio.sizes[1], where=ratio.where),
    )
    variable = Categorical(ratio.variable, levels, where=ratio.where)
    return Bound(variable, (Groups(first, second, f"printed for it in {ratio.where.table}"),))


def _groups(
    variable: Categorical, first: set[int], second: set[int], counts: list[int], how: str
) -> Groups:
    return Groups(
        sum(counts[k] for k in first),
        sum(counts[k] for k in second),
        f"{how} of {variable.name!r} in {variable.where.table}",
    )


def _side(text: str, variable: Categorical, words: names.Dictionary) -> set[int] | None:
    """Levels that one side of a contrast means."""
    hits = {k for k, x in enumerate(variable.levels) if names.same_level(text, x.label, words)}
    if len(hits) == 1:
        return hits
    exact = {k for k, x in enumerate(variable.levels) if words.fold(x.label) == words.fold(text)}
    if len(exact) == 1:
        return exact
    parts = [p for p in re.split(r"\s{0,9}(?:/|\+|,|\bor\b|\band\b)\s{0,9}", text) if p]
    if len(parts) > 1 and not hits:
        sides = [_side(p, variable, words) for p in parts]
        if all(s is not None and len(s) == 1 for s in sides):
            joined = set().union(*(s for s in sides if s is not None))
            return joined if len(joined) == len(parts) else None
    return None


def _from_percentages(variable: Categorical) -> list[int] | None:
    """Counts that the percentages would give of the column's size, where there is one way."""
    if not variable.n.isdigit():
        return None
    n = int(variable.n)
    out = []
    for level in variable.levels:
        allowed = interval(level.percent) if level.percent else None
        if allowed is None:
            return None
        hits = [k for k in range(n + 1) if allowed.low <= Fraction(100 * k, n) <= allowed.high]
        if len(hits) != 1:
            return None
        out.append(hits[0])
    return out if sum(out) == n else None


def methods(published: Published) -> frozenset[str]:
    """Methods that the paper names."""
    return frozenset(f.subject for f in published.facts if f.kind == "method")
