"""Which variable of Table I a row of Table II speaks of, and how large its two groups are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from oncohort.audit.checks import arms, indicators
from oncohort.audit.checks.whole_cohort import certain, of_all_arms, whole_cohort
from oncohort.audit.extract import names
from oncohort.dataclass import dataclass
from oncohort.published.model import Categorical, Level, Published, Ratio
from oncohort.published.rounding import interval


@dataclass(frozen=True, slots=True)
class Groups:
    """Sizes of the two sides of a contrast, by one reading of the paper."""

    first: int
    second: int
    reading: str
    everybody: bool = True
    """Whether the two sides are all patients of the model."""
    best_split: bool = False
    """Whether only the number of all patients is known; halves allow for the most."""

    def __str__(self) -> str:
        if self.best_split:
            return f"any two of {self.n} patients"
        return f"{self.first} and {self.second}"

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


def bind(ratio: Ratio, published: Published, paper: Groupings) -> Bound | None:
    """Find the variable and the group sizes of a contrast; None unless both sides match.

    Looked at are, in this order, the sizes printed beside the ratio, the counts of its own table,
    Table I's column of all patients, and the arms of Table I together. The name has to share its
    telling words with one variable alone, and both sides of the contrast have to be levels of it
    (or "others", the rest); a row that names one group alone has to name it as Table I does.
    Groups that are larger than those of the model are safe: they only allow for more.
    """
    own = _printed_sizes(ratio)
    if own is not None:
        return own
    if ratio.population == "other":
        return None
    words = paper.words
    for source in paper.sources(ratio):
        found = _of_variable(ratio, source, words) or _of_group(ratio, source, words)
        if found is not None:
            return found
    return _of_arms(ratio, paper) or _of_everybody(ratio, published)


@dataclass(frozen=True, slots=True)
class Source:
    """Variables of one table that may hold the groups of a ratio, and their groups by words."""

    variables: Sequence[Categorical]
    groups: indicators.ByWords


@dataclass(frozen=True, slots=True)
class Groupings:
    """What a paper says of groups of its patients, gathered once for all its ratios."""

    own: dict[str, Source]
    """By table: the variables of its column of all patients, whatever its size."""
    whole: tuple[Source, ...]
    """One for each table: the variables whose counts are of all patients of the study."""
    known: tuple[arms.Arm, ...]
    largest: int
    """The largest number of patients that the paper states."""
    words: names.Dictionary

    def sources(self, ratio: Ratio) -> Iterator[Source]:
        """Variables that may hold the groups: of its own table, then of every other by itself."""
        if ratio.where.table in self.own:
            yield self.own[ratio.where.table]
        yield from self.whole


def groupings(published: Published) -> Groupings:
    """Gather the groups of a paper."""
    words = dictionary(published)
    own: dict[str, list[Categorical]] = {}
    for variable in published.variables:
        own.setdefault(variable.where.table, []).append(variable)
    whole: dict[str, list[Categorical]] = {}
    for variable in (*whole_cohort(published), *of_all_arms(published)):
        whole.setdefault(variable.where.table, []).append(variable)
    return Groupings(
        {table: _source(certain(variables), words) for table, variables in own.items()},
        tuple(_source(variables, words) for variables in whole.values()),
        arms.arms(published),
        max((int(p.n) for p in published.populations if p.n.isdigit()), default=0),
        words,
    )


def _source(variables: Sequence[Categorical], words: names.Dictionary) -> Source:
    return Source(variables, indicators.by_words(variables, words))


def _of_arms(ratio: Ratio, paper: Groupings) -> Bound | None:
    """Sizes of a contrast whose two sides are arms that tables have as columns."""
    if not ratio.level or not ratio.reference:
        return None
    sides = (ratio.level, ratio.reference)
    first, second = (arms.find(side, paper.known, paper.words) for side in sides)
    if first is None or second is None or first.name.lower() == second.name.lower():
        return None
    if first.n + second.n < paper.largest:
        # The headings may be of a part of two arms; then the number of all bounds the ratio.
        return None
    levels = (Level(first.name, str(first.n)), Level(second.name, str(second.n)))
    variable = Categorical(ratio.variable, levels, where=ratio.where)
    reading = f"{first.name!r} and {second.name!r} in the headings of tables"
    return Bound(variable, (Groups(first.n, second.n, reading, everybody=False),))


def _of_everybody(ratio: Ratio, published: Published) -> Bound | None:
    """Any two groups of all patients: no split of them allows a smaller standard error.

    All patients are the largest number that the paper states anywhere, where it says how many
    there are in the study or in the table.
    """
    if not ratio.level or not ratio.reference or not ratio.where.table:
        return None
    if indicators.CONTINUOUS.search(f"{ratio.variable} {ratio.contrast}"):
        return None
    if published.n is None and not ratio.population.isdigit():
        return None
    n = max(int(p.n) for p in published.populations if p.n.isdigit())
    if n < 2:
        return None
    reading = "the largest number in the paper"
    variable = Categorical(ratio.variable, (), where=ratio.where)
    return Bound(variable, (Groups(n // 2, n - n // 2, reading, best_split=True),))


def _covers(variable: Categorical, population: str) -> bool:
    """Whether the variable is of no fewer patients than the ratio's table names."""
    if not (population.isdigit() and variable.n.isdigit()):
        return True
    return int(variable.n) >= int(population)


def _of_group(ratio: Ratio, source: Source, words: names.Dictionary) -> Bound | None:
    """Sizes of a row that names one group alone: those in it and all others."""
    group = indicators.find(ratio, source.groups, lambda v: _covers(v, ratio.population), words)
    if group is None:
        return None
    variable = Categorical(group.variable.name, (group.level,), where=group.variable.where)
    reading = f"{group.level.label!r} in {group.variable.where.table} and all others"
    return Bound(variable, (Groups(group.inside, group.outside, reading),))


def _of_variable(ratio: Ratio, source: Source, words: names.Dictionary) -> Bound | None:
    """Sizes of a contrast whose two sides are levels of one variable."""
    if not ratio.level or not ratio.reference:
        return None
    candidates = [v for v in source.variables if len(v.levels) > 1 and _covers(v, ratio.population)]
    wanted = names.tokens(ratio.variable, words)
    index = names.best_match(wanted, [names.tokens(v.name, words) for v in candidates])
    if index is None:
        return None
    variable = candidates[index]
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
        return _against_others(variable, counts, first, second)
    readings = [_groups(variable, first, second, counts, "counts")]
    back = _from_percentages(variable)
    if back is not None and back != counts:
        readings.append(_groups(variable, first, second, back, "percentages"))
    usable = tuple(r for r in readings if r.first > 0 and r.second > 0)
    return Bound(variable, usable) if usable else None


def _against_others(
    variable: Categorical, counts: list[int], first: set[int], second: set[int]
) -> Bound | None:
    """Each side against everybody else, which bounds the dummy of a factor."""
    size = max(sum(counts), int(variable.n) if variable.n.isdigit() else 0)
    sides = (sum(counts[k] for k in first), sum(counts[k] for k in second))
    against = tuple(
        Groups(side, size - side, f"one level of {variable.name!r} against all others")
        for side in sides
        if 0 < side < size
    )
    return Bound(variable, against, complete=False) if len(against) == 2 else None


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
    reading = f"printed for it in {ratio.where.table}"
    # Of a factor with more levels only the interval is bounded, not the likelihood-ratio test.
    return Bound(variable, (Groups(first, second, reading, everybody=ratio.binary),))


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
    parts = _span(text) or [
        p for p in re.split(r"\s{0,9}(?:/|\+|,|\bor\b|\band\b)\s{0,9}", text) if p
    ]
    if len(parts) > 1 and not hits:
        sides = [_side(p, variable, words) for p in parts]
        if all(s is not None and len(s) == 1 for s in sides):
            joined = set().union(*(s for s in sides if s is not None))
            return joined if len(joined) == len(parts) else None
    return None


def _span(text: str) -> list[str]:
    """The levels of a short range of whole numbers: "1-2" is 1 and 2."""
    ends = re.match(r"^(?:\w{1,9}\s)?(\d)\s?(?:[-–−]|to)\s?(\d)$", text.strip())
    if ends is None or not 0 < int(ends[2]) - int(ends[1]) <= 4:
        return []
    return [str(k) for k in range(int(ends[1]), int(ends[2]) + 1)]


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
