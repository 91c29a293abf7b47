"""Counts in tables: does any denominator give the percentage, and do the levels add up?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from oncohort.audit.checks.count_sums import check_overfull, check_sum
from oncohort.audit.checks.pairs import RULE_PERCENT, fits, implied, sizes_of
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Categorical, Level, Published
from oncohort.published.rounding import denominators, interval

LEAST_PAIRS = 4
"""Pairs of a column that have to agree with its size before one that doesn't is spoken of."""
LEAST_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class _Cell:
    level: Level
    variable: Categorical | None

    @property
    def count(self) -> int:
        return int(self.level.count)


def check(published: Published, log: Log) -> None:
    """Check every count with a percentage in a table, and the sums of levels."""
    _tables(published, log)


# ---- tables -------------------------------------------------------------------------------


def _columns(published: Published) -> dict[tuple[str, str, int], list[_Cell]]:
    out: dict[tuple[str, str, int], list[_Cell]] = {}
    for variable in published.variables:
        for level in variable.levels:
            key = (variable.where.table, variable.where.column, variable.column)
            out.setdefault(key, []).append(_Cell(level, variable))
    for event in published.adverse_events:
        for grade in event.grades:
            key = (grade.where.table, grade.where.column, -1 - event.group)
            level = Level(event.term, grade.count, grade.percent, "", grade.where)
            out.setdefault(key, []).append(_Cell(level, None))
            # The grade itself is the record that was read.
    return out


def _tables(published: Published, log: Log) -> None:
    sizes = sizes_of(published)
    columns = _columns(published)
    grades = {(g.where, g.count, g.percent): g for e in published.adverse_events for g in e.grades}
    for (table, heading, index), cells in columns.items():
        pairs = [c for c in cells if c.level.count and c.level.percent]
        if len(pairs) < LEAST_PAIRS:
            continue
        n = _column_size(published, table, heading, index, pairs)
        if n is None:
            log.not_checked.append(
                f"{table}, column {heading or index}: no one denominator explains most of the "
                "percentages"
            )
            continue
        row_counts = _row_counts(columns, table)
        column_counts = {c.count for c in cells}
        for cell in pairs:
            level = cell.level
            grade = grades.get((level.where, level.count, level.percent))
            log.checked(grade if grade is not None else level)
        bad = [c for c in pairs if not _explained(c, n, sizes, row_counts, column_counts)]
        agreeing = len(pairs) - len(bad)
        for variable, group in _by_variable(bad):
            _judge(variable, group, n, agreeing, len(pairs), log, columns[(table, heading, index)])
        for variable in {id(c.variable): c.variable for c in cells if c.variable}.values():
            if variable is not None:
                check_sum(variable, n, log)
                check_overfull(variable, n, log)


def _column_size(
    published: Published, table: str, heading: str, index: int, pairs: Sequence[_Cell]
) -> int | None:
    """Denominator of a column: the one it states, or the one that most pairs agree on."""
    stated = {
        v.n
        for v in published.variables
        if (v.where.table, v.where.column, v.column) == (table, heading, index) and v.n
    } | {
        g.n
        for e in published.adverse_events
        for g in e.grades
        if (g.where.table, g.where.column) == (table, heading) and g.n
    }
    tried = [int(s) for s in stated if s.isdigit()]
    tried += [n for n in sizes_of(published) if n not in tried]
    for n in tried:
        agreeing = sum(_agrees(c, n) for c in pairs)
        if agreeing >= LEAST_PAIRS and agreeing >= LEAST_SHARE * len(pairs):
            return n
        if n in [int(s) for s in stated if s.isdigit()]:
            continue
    votes: Counter[int] = Counter()
    for cell in pairs:
        allowed = denominators(cell.count, cell.level.percent)
        if cell.count and len(allowed) < 2000:
            votes.update(allowed)
    if not votes:
        return None
    (best, score), *rest = votes.most_common(2)
    alone = not rest or rest[0][1] < score
    if alone and score >= LEAST_PAIRS + 1 and score >= LEAST_SHARE * len(pairs):
        return best
    return None


def _agrees(cell: _Cell, n: int) -> bool:
    """Whether a pair is of the column's patients, or of those with a value of its variable."""
    if fits(cell.level, n):
        return True
    variable = cell.variable
    if variable is None or len(variable.levels) < 2:
        return False
    total = _total(variable)
    return total < n and fits(cell.level, total)


def _row_counts(
    columns: dict[tuple[str, str, int], list[_Cell]], table: str
) -> dict[str, list[int]]:
    """Counts of each row over the columns of a table: row percentages are of their sums."""
    out: dict[str, list[int]] = {}
    for (name, _, _), cells in columns.items():
        if name == table:
            for cell in cells:
                if cell.level.count:
                    out.setdefault(cell.level.where.row, []).append(cell.count)
    return out


def _explained(
    cell: _Cell,
    n: int,
    sizes: Iterable[int],
    row_counts: dict[str, list[int]],
    column_counts: set[int],
) -> bool:
    """Whether any denominator that the paper offers gives the percentage."""
    level = cell.level
    if level.denominator.isdigit():
        return fits(level, int(level.denominator))
    candidates = {n, *sizes}
    row = row_counts.get(level.where.row, [])
    if len(row) > 1:
        candidates |= {sum(row), *row, *(sum(row) - r for r in row)}
    if cell.variable is not None:
        block = [int(x.count) for x in cell.variable.levels if x.count]
        candidates.add(sum(block))
        if cell.variable.missing.isdigit():
            candidates.add(n - int(cell.variable.missing))
    if fits(level, n) or any(fits(level, c) for c in candidates):
        # A sum of levels that is wrong itself may explain a wrong percentage; that shows as
        # a sum that differs from the size.
        return True
    if cell.variable is None or len(cell.variable.levels) == 1:
        return any(fits(level, c) for c in column_counts)
    # A part of a level above it ("of these, radical").
    above = cell.variable.levels[: cell.variable.levels.index(level)]
    return any(fits(level, int(x.count)) for x in above if x.count and int(x.count) > cell.count)


def _by_variable(
    cells: Sequence[_Cell],
) -> list[tuple[Categorical | None, list[_Cell]]]:
    out: dict[int, tuple[Categorical | None, list[_Cell]]] = {}
    for k, cell in enumerate(cells):
        key = id(cell.variable) if cell.variable is not None else -1 - k
        out.setdefault(key, (cell.variable, []))[1].append(cell)
    return list(out.values())


def _judge(
    variable: Categorical | None,
    bad: list[_Cell],
    n: int,
    agreeing: int,
    pairs: int,
    log: Log,
    column: Sequence[_Cell],
) -> None:
    far = [c for c in bad if not fits(c.level, n, Fraction(1))]
    near = [c for c in bad if c not in far]
    evidence = f"{agreeing} of the {pairs} pairs of this column agree with {n} patients"
    for cell in near:
        _report(cell, n, Certainty.UNUSUAL, evidence, "off by one in the last digit", log)
    if not far:
        return
    far = [c for c in far if c.count <= n]
    sure = [c for c in far if _surely_count(c, n)]
    for cell in far:
        if cell not in sure:
            _report(cell, n, Certainty.UNUSUAL, evidence, "may be a mean and its deviation", log)
    far = sure
    none = [c for c in far if c.count and not denominators(c.count, c.level.percent)
            and not _nearly(c, [n])]  # fmt: skip
    for cell in none:
        _report(cell, n, Certainty.IMPOSSIBLE, evidence, "no whole denominator at all", log)
    rest = [c for c in far if c not in none]
    if not rest:
        return
    if variable is not None and len(variable.levels) > 1:
        total = _total(variable)
        if total == n or (total < n and _shares(variable, rest, total)):
            _block(variable, rest, total, evidence, log, column)
            return
    for cell in rest:
        allowed = denominators(cell.count, cell.level.percent)
        why = f"only denominators {_range(allowed)} give it"
        if allowed and allowed.start > n:
            # A larger denominator can't be in this column; a smaller one may be of those with data.
            _report(cell, n, Certainty.INCONSISTENT, evidence, why, log)
        elif allowed and allowed.stop - 1 < cell.count:
            _report(cell, n, Certainty.INCONSISTENT, evidence, "more than 100 percent", log)
        elif _one_rule(cell, agreeing, pairs, n):
            assumption = f"the percentages of this column are all of {n} patients"
            because = f"as {agreeing} of its {pairs} are"
            _report(cell, n, Certainty.IMPOSSIBLE_IF, evidence, why, log, (assumption, because))
        else:
            _report(cell, n, Certainty.UNUSUAL, evidence, why, log)


def _shares(variable: Categorical, bad: Sequence[_Cell], total: int) -> bool:
    """Whether all other levels are shares of the levels' sum: then so is the one that isn't."""
    others = [x for x in variable.levels if all(x is not c.level for c in bad)]
    decimals = all("." in x.percent for x in variable.levels)
    return (
        variable.exclusive
        and decimals
        and len(bad) == 1
        and len(others) >= 1
        and all(fits(x, total) for x in others)
    )


def _one_rule(cell: _Cell, agreeing: int, pairs: int, n: int) -> bool:
    """Whether a column of adverse events is so uniform that one row is hardly of fewer patients.

    Patients without data make a denominator a little smaller, not by a fifth.
    """
    allowed = denominators(cell.count, cell.level.percent)
    return (
        cell.variable is None
        and "." in cell.level.percent
        and agreeing >= 7
        and agreeing >= 0.85 * pairs
        and bool(allowed)
        and allowed.stop - 1 < 0.8 * n
    )


_OTHER_UNITS = re.compile(
    r"lesion|node|sample|specimen|event|cycle|biops|eye|metastas[ei]s\b.*number|admission|visit|"
    r"procedure|episode|death",
    re.I,
)


def _surely_count(cell: _Cell, n: int) -> bool:
    """Whether a cell is certain to be patients with a percentage, not a mean with a deviation.

    A percent sign at the cell or its heading says so; so does an adverse event's grade, or a
    block of levels of which another one agrees with the column, or that adds up to its size.
    """
    level, variable = cell.level, cell.variable
    if _OTHER_UNITS.search(level.label) or _OTHER_UNITS.search(level.where.row):
        return False
    if variable is None:
        return True
    if "%" in level.where.row or "%" in level.where.quote:
        return True
    if len(variable.levels) < 2:
        return False
    others = [x for x in variable.levels if x is not level and x.count and x.percent]
    return _total(variable) == n or any(fits(x, n) for x in others)


def _nearly(cell: _Cell, sizes: Iterable[int]) -> bool:
    return any(fits(cell.level, n, Fraction(1)) for n in sizes)


def _total(variable: Categorical) -> int:
    return sum(int(level.count) for level in variable.levels if level.count)


def _range(allowed: range) -> str:
    if not allowed:
        return "none"
    if len(allowed) == 1:
        return str(allowed.start)
    return f"{allowed.start} to {allowed.stop - 1}"


def _report(
    cell: _Cell,
    n: int,
    certainty: Certainty,
    evidence: str,
    why: str,
    log: Log,
    assumed: tuple[str, str] = ("", ""),
) -> None:
    level = cell.level
    allowed = denominators(cell.count, level.percent)
    name = cell.variable.name if cell.variable and cell.variable.name != level.label else ""
    label = f"{name}: {level.label}" if name else level.label
    true = 100 * cell.count / n
    scope = f"impossible if {', '.join(a for a in assumed if a)}: " if assumed[0] else ""
    log.add(
        Finding(
            "counts.percentage",
            certainty,
            f"{label}: {level.count} ({level.percent}) in {level.where.table}: {scope}"
            f"{level.count} of {n} is {true:.2f}%, and "
            f"{_no_denominator(allowed, cell.count, level.percent)}",
            (level.where,),
            RULE_PERCENT,
            (
                f"100 x {level.count} / {n} = {true:.3f}",
                f"whole denominators that give {level.percent}: {_range(allowed)}",
            ),
            (f"{level.percent} allows {interval(level.percent)}",),
            tuple(a for a in assumed[:1] if a),
            (
                evidence,
                "denominators tried: the column's size, every size that the paper states, the "
                "sum of the levels, the row's other counts and their sum, and every whole number",
                why,
            ),
            (level.count, level.percent),
        )
    )


def _no_denominator(allowed: range, count: int, percent: str) -> str:
    if not allowed:
        return f"no whole number of patients makes {count} {percent}%"
    return f"{percent}% would need {_range(allowed)} patients"


def _block(
    variable: Categorical,
    bad: list[_Cell],
    n: int,
    evidence: str,
    log: Log,
    column: Sequence[_Cell],
) -> None:
    """Levels add up to n, so none is missing, and yet their percentages are not of n."""
    printed = ", ".join(f"{c.level.label} {c.level.count} ({c.level.percent})" for c in bad)
    right = ", ".join(f"{100 * c.count / n:.1f}" for c in bad)
    alternatives = []
    back = [implied(c.level, n) for c in bad]
    if all(b is not None for b in back):
        alternatives.append(
            f"read from the percentages, the counts would be {', '.join(map(str, back))} of {n}"
        )
    percents = [c.level.percent for c in bad]
    for other in {id(c.variable): c.variable for c in column if c.variable}.values():
        if (
            other is not None
            and other is not variable
            and sorted(x.percent for x in other.levels) == sorted(percents)
        ):
            alternatives.append(f"the same percentages stand at {other.name!r}")
    log.add(
        Finding(
            "counts.percentage",
            Certainty.INCONSISTENT,
            f"{variable.name}: {printed}: the counts add up to {n}, of which they are "
            f"{right} percent",
            tuple(c.level.where for c in bad),
            RULE_PERCENT,
            (
                " + ".join(x.count for x in variable.levels if x.count) + f" = {n}",
                *(f"100 x {c.count} / {n} = {100 * c.count / n:.2f}" for c in bad),
            ),
            tuple(f"{c.level.percent} allows {interval(c.level.percent)}" for c in bad),
            (),
            (
                evidence,
                f"the levels add up to {n}, and the others are shares of that",
                *alternatives,
            ),
            tuple(x for c in bad for x in (c.level.count, c.level.percent)),
        )
    )
