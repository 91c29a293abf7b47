"""Rows of counts over the columns of a table: arms exchanged, and groups that make all patients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from oncohort.audit.checks.count_columns import Cell, total_of
from oncohort.audit.checks.count_sums import ONE_EACH, RULE_SUM
from oncohort.audit.checks.pairs import RULE_PERCENT, fits, near, other_unit
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Categorical
from oncohort.published.rounding import interval

Key = tuple[str, str, int]
"""Table, heading and number of a column."""

RULE_TOTAL = "Groups that make all patients make, row by row, what is counted of all of them."
_ENOUGH = 6
"""Other pairs of a table that have to be shares of their columns' patients."""
_MOST = 0.9
"""Share of them, and of the rows whose groups add up, that has to hold."""
_ROWS = 5
"""Rows of which the groups have to add up before one that doesn't is spoken of."""
_LARGE = 20
"""Patients of a column that levels make by chance too rarely."""


def stated_sizes(columns: Mapping[Key, Sequence[Cell]]) -> dict[Key, int]:
    """Columns whose patients their headings say, for three in four of their rows at least."""
    out: dict[Key, int] = {}
    for key, cells in columns.items():
        said = Counter(c.variable.n for c in cells if c.variable is not None)
        (n, times), *_ = said.most_common(1) or [("", 0)]
        if n.isdigit() and int(n) and 4 * times >= 3 * len(cells):
            out[key] = int(n)
    return out


def pooled(paired: Mapping[Key, Sequence[Cell]], stated: Mapping[Key, int]) -> dict[Key, int]:
    """Columns with few pairs whose heading the rest of their table confirms.

    Nine in ten of the table's other pairs or all but one, six at least, are shares of their own
    columns' patients, and so are all of this column but one, and one at least.
    """
    right = {
        key: sum(fits(c.level, n) for c in paired[key])
        for key, n in stated.items()
        if key in paired
    }
    out: dict[Key, int] = {}
    for key, holding in right.items():
        other = [k for k in right if k[0] == key[0] and k != key]
        every = sum(len(paired[k]) for k in other)
        good = sum(right[k] for k in other)
        few = 2 <= len(paired[key]) <= holding + 1 and holding
        if few and good >= _ENOUGH and (good >= _MOST * every or good == every - 1):
            out[key] = stated[key]
    return out


def rows_of(columns: Mapping[Key, Sequence[Cell]], table: str) -> Iterator[dict[Key, Cell]]:
    """The cells of each row of a table by their column, where a column names the row once."""
    found: dict[tuple[str, str, str], dict[Key, Cell]] = {}
    twice: set[tuple[str, str, str]] = set()
    for key, cells in columns.items():
        for cell in cells if key[0] == table else ():
            name = cell.variable.name if cell.variable is not None else ""
            row = (name, cell.level.label, cell.level.where.row)
            if key in found.setdefault(row, {}):
                twice.add(row)
            found[row][key] = cell
    yield from (cells for row, cells in found.items() if row not in twice)


def check_exchanged(
    columns: Mapping[Key, Sequence[Cell]], sizes: Mapping[Key, int], table: str, log: Log
) -> set[int]:
    """Two cells of a row each of which is a share of the other's patients, and not of its own.

    Returns
    -------
    set of int
        Which levels were told (by identity): nothing else is said of them.
    """
    told: set[int] = set()
    for cells in rows_of(columns, table):
        pairs = [
            (key, c)
            for key, c in cells.items()
            if key in sizes and c.count and "." in c.level.percent
        ]
        for (left, one), (right, two) in combinations(pairs, 2):
            n, m = sizes[left], sizes[right]
            apart = n != m and not near(one.level, n) and not near(two.level, m)
            if not apart or not (fits(one.level, m) and fits(two.level, n)):
                continue
            told |= {id(one.level), id(two.level)}
            _tell_exchanged(one, two, (n, m), log)
    return told


def _tell_exchanged(one: Cell, two: Cell, sizes: tuple[int, int], log: Log) -> None:
    n, m = sizes
    a, b = one.level, two.level
    log.checked(a, b)
    log.add(
        Finding(
            "counts.percentage",
            Certainty.INCONSISTENT,
            f"{_named(one)}: {a.count} ({a.percent}) of {n} and {b.count} ({b.percent}) of {m} in "
            f"{a.where.table}: each is a share of the other column's patients",
            (a.where, b.where),
            RULE_PERCENT,
            (
                f"100 x {a.count} / {n} = {100 * one.count / n:.3f}",
                f"100 x {b.count} / {m} = {100 * two.count / m:.3f}",
                f"100 x {a.count} / {m} = {100 * one.count / m:.3f}",
                f"100 x {b.count} / {n} = {100 * two.count / n:.3f}",
            ),
            tuple(f"{x.percent} allows {interval(x.percent)}" for x in (a, b)),
            (),
            ("the two cells may be exchanged",),
            (a.count, a.percent, b.count, b.percent),
        )
    )


def _named(cell: Cell) -> str:
    name = cell.variable.name if cell.variable is not None else ""
    label = cell.level.label
    return f"{name}: {label}" if name and name != label else label


def check_totals(
    columns: Mapping[Key, Sequence[Cell]], sizes: Mapping[Key, int], table: str, log: Log
) -> set[int]:
    """Counts of all patients are the sum of those of the groups that make them.

    Only in a table of which one column has as many patients as all others together, and whose
    rows add up: all of them but one, or nine in ten, and five at least.

    Returns
    -------
    set of int
        Variables whose rows were told (by identity).
    """
    told: set[int] = set()
    here = {k: n for k, n in sizes.items() if k[0] == table}
    whole = max(here, key=lambda k: here[k], default=None)
    if whole is None or len(here) < 3 or 2 * here[whole] != sum(here.values()):
        return told
    parts = [k for k in here if k != whole]
    full = [
        row for row in rows_of(columns, table) if all(k in row and row[k].level.count for k in here)
    ]
    off = [row for row in full if sum(row[k].count for k in parts) != row[whole].count]
    adding = len(full) - len(off)
    if adding < _ROWS or (len(off) > 1 and adding < _MOST * len(full)):
        return told
    for row in off:
        shares = all(row[k].level.percent and near(row[k].level, here[k]) for k in here)
        if shares and not other_unit(row[whole].level.label, _heading(row[whole])):
            told |= {id(c.variable) for c in row.values() if c.variable is not None}
            _tell_total(row, whole, (adding, len(full)), log)
    return told


def _heading(cell: Cell) -> str:
    return cell.variable.where.row if cell.variable is not None else ""


def _tell_total(row: Mapping[Key, Cell], whole: Key, rows: tuple[int, int], log: Log) -> None:
    every = row[whole]
    parts = [c for k, c in row.items() if k != whole]
    log.checked(*(c.level for c in row.values()))
    total = sum(c.count for c in parts)
    counts = " + ".join(c.level.count for c in parts)
    log.add(
        Finding(
            "counts.total",
            Certainty.INCONSISTENT,
            f"{_named(every)}: {counts} = {total} in the groups of {every.level.where.table}, but "
            f"{every.level.count} of all patients",
            (every.level.where,),
            RULE_TOTAL,
            (f"{counts} = {total}",),
            tuple(f"{c.level.percent} allows {interval(c.level.percent)}" for c in row.values()),
            (),
            (
                f"in {rows[0]} of the {rows[1]} rows of this table the groups make all patients",
                "every percentage of this row is of its own column's patients",
            ),
            tuple(v for c in (*parts, every) for v in (c.level.count, c.level.percent)),
        )
    )


def check_levels(
    columns: Mapping[Key, Sequence[Cell]],
    sizes: Mapping[Key, int],
    told: set[int],
    log: Log,
) -> None:
    """Levels that share out the patients of every other column make no more than all in this one.

    That they exclude each other the other columns show: there they make the patients exactly.
    """
    by: dict[tuple[str, str, tuple[str, ...]], list[tuple[Key, Categorical]]] = {}
    for key in sizes:
        for variable in {id(c.variable): c.variable for c in columns[key] if c.variable}.values():
            labels = tuple(x.label for x in variable.levels)
            by.setdefault((key[0], variable.name, labels), []).append((key, variable))
    for group in by.values():
        if len({key for key, _ in group}) != len(group):
            continue
        for key, variable in group:
            n, total = sizes[key], total_of(variable)
            others = [(sizes[k], v) for k, v in group if v is not variable]
            right = all(x.count.isdigit() and x.percent and near(x, n) for x in variable.levels)
            if total <= n or not right or id(variable) in told or variable.n != str(n):
                continue
            alone = variable.exclusive or ONE_EACH.search(variable.name) or len(others) > 1
            if alone and others and all(_shared_out(v, m) for m, v in others):
                _tell_levels(variable, n, len(others), log)


def _shared_out(variable: Categorical, n: int) -> bool:
    """Whether levels make a column's patients, two of them with some."""
    some = [x for x in variable.levels if x.count and int(x.count)]
    return n >= _LARGE and len(some) > 1 and total_of(variable) == n


def _tell_levels(variable: Categorical, n: int, others: int, log: Log) -> None:
    levels = variable.levels
    total = total_of(variable)
    counts = " + ".join(x.count for x in levels)
    log.checked(*levels)
    log.add(
        Finding(
            "counts.sum",
            Certainty.INCONSISTENT,
            f"{variable.name}: {counts} = {total}, of {n} patients, of whom each has one",
            tuple(x.where for x in levels),
            RULE_SUM,
            (
                f"{counts} = {total} > {n}",
                *(f"100 x {x.count} / {n} = {100 * int(x.count) / n:.2f}" for x in levels),
            ),
            tuple(f"{x.percent} allows {interval(x.percent)}" for x in levels),
            (),
            (
                f"in {'the other column' if others == 1 else f'all {others} other columns'} the "
                "levels make the patients exactly",
                f"every percentage is of {n}",
            ),
            tuple(v for x in levels for v in (x.count, x.percent)),
        )
    )


def without(cells: Sequence[Cell], told: set[int]) -> list[Cell]:
    """The cells of which nothing was said yet."""
    return [c for c in cells if id(c.level) not in told]


def trusted(
    found: Mapping[Key, int | None], stated: Mapping[Key, int], paired: Mapping[Key, Sequence[Cell]]
) -> dict[Key, int]:
    """Columns whose heading says their patients, and three in four of whose pairs are of those."""
    return {
        key: n
        for key, n in found.items()
        if n
        and stated.get(key) == n
        and 4 * sum(fits(c.level, n) for c in paired[key]) >= 3 * len(paired[key])
    }
