"""Descriptive tables and response rates: counts per level, means, exact intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from oncohort.consortium.disclosure import withheld_cells
from oncohort.consortium.messages import LevelCounts, RateCounts, Sums, TableCounts
from oncohort.consortium.plan import Plan, RateAnalysis, TableAnalysis
from oncohort.consortium.rows import Bools
from oncohort.consortium.view import Draft, View, about, population_of, withheld
from oncohort.dataclass import dataclass
from oncohort.stats._show import Row, Shown
from oncohort.stats.proportions import proportion

Cell = int | None


# -- at the site ---------------------------------------------------------------------------------


def table_counts(view: View, key: str, analysis: TableAnalysis) -> Draft:
    """Counts and sums of a table; cells that would tell about few patients are none."""
    population = population_of(view, analysis.population)
    if view.too_small(population):
        return withheld(key, "rows")
    groups = view.rows.groups(view.plan, analysis.by, population)
    if view.gives_away(about(population, {})):
        return withheld(key, "differencing")
    sets: dict[str, tuple[Bools, ...]] = {}
    given = _cells(view, analysis.by, [population], groups)
    if given is None:
        return withheld(key, "differencing")
    n, sets_of_groups = given
    if analysis.by is not None:
        sets[view.rows.about(analysis.by)] = sets_of_groups
    levels, sums = [], []
    for name in analysis.variables:
        found = _of_variable(view, name, analysis.by, groups, n)
        if found is None:
            return withheld(key, "differencing")
        counts, more, published = found
        levels.append(counts)
        sums += more
        own = view.rows.about(name)
        sets[own] = (*sets.get(own, ()), *published)
        view = view.having(own, published)
    return Draft(TableCounts(key, n, tuple(levels), tuple(sums)), about(population, sets))


def _cells(
    view: View,
    name: str | None,
    total: Sequence[Bools],
    cells: Sequence[Bools],
    held: Iterable[int] = (),
) -> tuple[tuple[Cell, ...], tuple[Bools, ...]] | None:
    """Counts of cells (none where withheld) and the sets given; no answer where none is safe."""
    known = (*(view.known(view.rows.about(name)) if name else ()), *(t for t in total if t.any()))
    out = withheld_cells(known, cells, view.minimum, held)
    if out is None:
        return None
    given = tuple(c for i, c in enumerate(cells) if i not in out and c.any())
    counts = tuple(None if i in out else int(c.sum()) for i, c in enumerate(cells))
    return counts, given


def _of_variable(
    view: View, name: str, by: str | None, groups: Sequence[Bools], n: Sequence[Cell]
) -> tuple[LevelCounts, list[Sums], tuple[Bools, ...]] | None:
    """Counts per level and group, and sums per group."""
    rows, plan = view.rows, view.plan
    known = rows.known(name)
    parts = _parts(view, name)
    cells = [group & part for group in groups for part in parts]
    totals = [group & known for group, size in zip(groups, n, strict=True) if size is not None]
    width = len(parts)
    # The cells of a group whose size is withheld would add up to it.
    held = [at * width + j for at, size in enumerate(n) if size is None for j in range(width)]
    found = _cells(view, name, totals, cells, held)
    if found is None:
        return None
    counts, given = found
    table = []
    for at, group in enumerate(groups):
        missing: Cell = None if n[at] is None else int((group & ~known).sum())
        table.append((*counts[at * width : (at + 1) * width], missing))
    sums = []
    if name in rows.numbers:
        for at, label in enumerate(plan.groups(by)):
            own = groups[at] & known
            if n[at] is None or not own.any() or view.too_small(own):
                continue
            values = rows.numbers[name][own]
            sums.append(Sums(name, label, len(values), float(values.mean()), float(values.std())))
    return LevelCounts(name, tuple(table)), sums, (*given, *(t for t in totals if t.any()))


def _parts(view: View, name: str) -> list[Bools]:
    """Rows of each level, or of each bin, of a variable."""
    rows, variable = view.rows, view.plan.variables[name]
    if name in rows.codes:
        return [np.asarray(rows.codes[name] == at) for at in range(len(variable.levels))]
    if not variable.bins:
        return []
    bin_ = np.searchsorted(np.array(variable.bins), rows.numbers[name], side="right")
    known = rows.known(name)
    return [np.asarray(known & (bin_ == at)) for at in range(len(variable.bins) + 1)]


def rate_counts(view: View, key: str, analysis: RateAnalysis) -> Draft:
    """Patients with the outcome, and all with a known one, by group."""
    rows, plan = view.rows, view.plan
    population = population_of(view, analysis.population)
    if view.too_small(population):
        return withheld(key, "rows")
    wanted = [plan.variables[analysis.variable].levels.index(level) for level in analysis.levels]
    yes = np.isin(rows.codes[analysis.variable], wanted)
    known = rows.known(analysis.variable)
    groups = [g & known for g in rows.groups(plan, analysis.by, population)]
    if view.gives_away(about(population, {})):
        return withheld(key, "differencing")
    whole = _cells(view, analysis.by, [], groups)
    if whole is None:
        return withheld(key, "differencing")
    n, of_groups = whole
    cells = [part for g in groups for part in (g & yes, g & ~yes)]
    held = [2 * at + j for at, size in enumerate(n) if size is None for j in (0, 1)]
    found = _cells(view, analysis.variable, of_groups, cells, held)
    if found is None:
        return withheld(key, "differencing")
    counts, given = found
    pairs = zip(counts[0::2], counts[1::2], strict=True)
    x = tuple(None if a is None or b is None else a for a, b in pairs)
    sets = {rows.about(analysis.variable): (*given, *of_groups)}
    if analysis.by is not None:
        own = rows.about(analysis.by)
        sets[own] = (*sets.get(own, ()), *of_groups)
    return Draft(RateCounts(key, x, n), about(population, sets))


# -- at the coordinator --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Range:
    """A count of all sites: exact, or between two ends where sites withheld cells.

    `high` is none where nothing bounds it.
    """

    low: int
    high: int | None

    @property
    def exact(self) -> bool:
        """Nothing was withheld."""
        return self.low == self.high

    def __str__(self) -> str:
        if self.exact:
            return str(self.low)
        return f"{self.low} or more" if self.high is None else f"{self.low} to {self.high}"


def added(cells: Sequence[tuple[Cell, int | None]]) -> Range:
    """Sum of cells with the most that each withheld one (1 at least) can be.

    Examples
    --------
    >>> str(added([(12, None), (None, 6)])), str(added([(12, None), (3, None)]))
    ('13 to 18', '15')
    """
    low = sum(1 if value is None else value for value, _ in cells)
    ends = [most if value is None else value for value, most in cells]
    return Range(low, None if None in ends else sum(e for e in ends if e is not None))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CombinedTable(Shown):
    """A table of all sites.

    Attributes
    ----------
    n
        Group to patients.
    counts
        (variable, level, group) to patients; the level is ``missing``, or ``< 50``, ``50 to 60``
        for bins.
    means
        (variable, group) to number, mean and standard deviation (n - 1); none where a site
        withheld it.
    """

    title: str
    n: Mapping[str, Range]
    counts: Mapping[tuple[str, str, str], Range]
    means: Mapping[tuple[str, str], tuple[int, float, float] | None]
    sites: tuple[str, ...]

    def _title(self) -> str:
        return self.title

    def _rows(self) -> list[Row]:
        groups = list(self.n)
        heads = {g: g or "all" for g in groups}
        rows: list[Row] = [{"": "patients", **{heads[g]: str(self.n[g]) for g in groups}}]
        for variable in dict.fromkeys(v for v, _, _ in self.counts):
            of_means = {g: self.means.get((variable, g)) for g in groups}
            if any((variable, g) in self.means for g in groups):
                shown = {
                    heads[g]: "withheld" if m is None else f"{m[1]:.4g} ({m[2]:.4g})"
                    for g, m in of_means.items()
                }
                rows.append({"": f"{variable}, mean (SD)", **shown})
            for level in dict.fromkeys(x for v, x, _ in self.counts if v == variable):
                cells = {heads[g]: str(self.counts[variable, level, g]) for g in groups}
                rows.append({"": f"{variable}: {level}", **cells})
        return rows

    def _notes(self) -> list[str]:
        notes = [f"{len(self.sites)} sites: {', '.join(self.sites)}"]
        if not all(r.exact for r in (*self.n.values(), *self.counts.values())):
            notes.append("a range: a site withheld a small cell (or one that would give it away)")
        return notes


def bin_names(plan: Plan, name: str) -> tuple[str, ...]:
    """Levels of a variable as a table shows them.

    Examples
    --------
    >>> from types import SimpleNamespace as N
    >>> bin_names(N(variables={"age": N(levels=[], bins=[50, 60])}), "age")
    ('< 50', '50 to < 60', '60 and more')
    """
    variable = plan.variables[name]
    if variable.levels or not variable.bins:
        return tuple(variable.levels)
    b = [f"{limit:g}" for limit in variable.bins]
    between = [f"{low} to < {high}" for low, high in pairwise(b)]
    return (f"< {b[0]}", *between, f"{b[-1]} and more")


def combined_table(
    plan: Plan, analysis: TableAnalysis, title: str, answers: Mapping[str, TableCounts]
) -> CombinedTable:
    """Add the sites up; what was withheld makes a range."""
    groups = plan.groups(analysis.by)
    parts = list(answers.values())
    n = {g: added([(part.n[i], None) for part in parts]) for i, g in enumerate(groups)}
    counts: dict[tuple[str, str, str], Range] = {}
    means: dict[tuple[str, str], tuple[int, float, float] | None] = {}
    for v, name in enumerate(analysis.variables):
        for i, g in enumerate(groups):
            rows = [(part.levels[v].cells[i], part.n[i]) for part in parts]
            for j, level in enumerate((*bin_names(plan, name), "missing")):
                counts[name, level, g] = added([(row[j], _most(row, total)) for row, total in rows])
            if plan.variables[name].kind == "number":
                means[name, g] = _mean(parts, v, i, g)
    return CombinedTable(title, n, counts, means, tuple(answers))


def _most(row: Sequence[Cell], total: Cell) -> int | None:
    """The most that one withheld cell of a row can be; none where the row's total is withheld."""
    if total is None:
        return None
    hidden = sum(cell is None for cell in row)
    return total - sum(cell for cell in row if cell is not None) - max(hidden - 1, 0)


def _mean(
    parts: Sequence[TableCounts], v: int, at: int, group: str
) -> tuple[int, float, float] | None:
    """Number, mean and standard deviation of a number in a group; none where a site withheld it."""
    found = []
    for part in parts:
        name = part.levels[v].variable
        own = [s for s in part.sums if s.variable == name and s.group == group]
        missing = part.levels[v].cells[at][-1]
        if not own and (part.n[at] is None or missing is None or part.n[at] != missing):
            return None
        found += own
    return pooled_moments([(s.n, s.mean, s.sd) for s in found])


def pooled_moments(parts: Sequence[tuple[int, float, float]]) -> tuple[int, float, float] | None:
    """Number, mean and standard deviation (n - 1) of parts that have it with divisor n.

    Examples
    --------
    >>> pooled_moments([(2, 1.5, 0.5), (2, 3.5, 0.5)])
    (4, 2.5, 1.290994...)
    """
    n = sum(m for m, _, _ in parts)
    if not n:
        return None
    mean = sum(m * x for m, x, _ in parts) / n
    squares = sum(m * (sd * sd + (x - mean) ** 2) for m, x, sd in parts)
    return n, mean, float(np.sqrt(squares / (n - 1))) if n > 1 else float("nan")


def fits_table(plan: Plan, analysis: TableAnalysis, got: TableCounts) -> str:
    """Why an answer can't be the table of the plan; empty where it can."""
    groups = plan.groups(analysis.by)
    if len(got.n) != len(groups) or [v.variable for v in got.levels] != analysis.variables:
        return "it has other groups or variables than the plan"
    for v in got.levels:
        width = len(bin_names(plan, v.variable)) + 1
        if len(v.cells) != len(groups) or any(len(row) != width for row in v.cells):
            return f"{v.variable} has other levels than the plan"
        for row, total in zip(v.cells, got.n, strict=True):
            shown = sum(c for c in row if c is not None)
            whole = width > 1 and None not in row
            if total is not None and (shown > total or (whole and shown != total)):
                return f"the levels of {v.variable} don't add up to the patients"
    for s in got.sums:
        if s.variable not in analysis.variables or s.group not in groups:
            return "it has sums that nobody asked for"
    names = [(s.variable, s.group) for s in got.sums]
    return "it has sums twice" if len(set(names)) != len(names) else ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CombinedRate(Shown):
    """A share of patients of all sites, by group, with its Clopper-Pearson interval.

    Attributes
    ----------
    x, n
        Group to patients; ranges where sites withheld them.
    value, low, high
        Group to share and interval. Where `x` is a range, `value` is none and the interval
        reaches from the lower end for the fewest to the upper end for the most.
    """

    title: str
    x: Mapping[str, Range]
    n: Mapping[str, Range]
    value: Mapping[str, float | None]
    low: Mapping[str, float | None]
    high: Mapping[str, float | None]
    sites: tuple[str, ...]

    def _title(self) -> str:
        return self.title

    def _rows(self) -> list[Row]:
        return [
            {
                "group": g or "all",
                "x": str(self.x[g]),
                "n": str(self.n[g]),
                "share": self.value[g],
                "low": self.low[g],
                "high": self.high[g],
            }
            for g in self.x
        ]

    def _notes(self) -> list[str]:
        notes = [
            f"{len(self.sites)} sites: {', '.join(self.sites)}",
            "Clopper-Pearson (exact) 95 % intervals; patients without a known value are left out",
        ]
        if not all(r.exact for r in self.x.values()):
            notes.append("a range: a site withheld a small cell; its interval covers the range")
        return notes


def combined_rate(
    plan: Plan, analysis: RateAnalysis, title: str, answers: Mapping[str, RateCounts]
) -> CombinedRate:
    """Add the sites up."""
    x: dict[str, Range] = {}
    n: dict[str, Range] = {}
    value: dict[str, float | None] = {}
    low: dict[str, float | None] = {}
    high: dict[str, float | None] = {}
    for i, g in enumerate(plan.groups(analysis.by)):
        pairs = [(part.x[i], part.n[i]) for part in answers.values()]
        n[g] = added([(total, None) for _, total in pairs])
        # A withheld pair has one or more of either kind, or none of one where all are withheld.
        ends = [(a, a) if a is not None else (0, total) for a, total in pairs]
        most = [b for _, b in ends]
        x[g] = Range(
            sum(a for a, _ in ends), None if None in most else sum(b for b in most if b is not None)
        )
        value[g] = low[g] = high[g] = None
        if n[g].exact and n[g].low and x[g].high is not None:
            fewest = proportion(x[g].low, n[g].low)
            largest = proportion(x[g].high or 0, n[g].low)
            low[g], high[g] = fewest.low, largest.high
            value[g] = fewest.value if x[g].exact else None
    return CombinedRate(title, x, n, value, low, high, tuple(answers))


def fits_rate(plan: Plan, analysis: RateAnalysis, got: RateCounts) -> str:
    """Why an answer can't be the rate of the plan; empty where it can."""
    fits = len(got.x) == len(plan.groups(analysis.by))
    return "" if fits else "it has other groups than the plan"
