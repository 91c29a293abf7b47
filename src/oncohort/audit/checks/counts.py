"""Counts in tables: does any denominator give the percentage, and do the levels add up?"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, takewhile

from oncohort.audit.checks.count_blocks import exchanged, report_block
from oncohort.audit.checks.count_columns import (
    SETTLED,
    Cell,
    Column,
    agrees,
    rows_told,
    total_of,
)
from oncohort.audit.checks.count_doubts import above_all, is_count
from oncohort.audit.checks.count_report import report_pair, shown_range
from oncohort.audit.checks.count_rows import (
    check_exchanged,
    check_levels,
    check_totals,
    pooled,
    stated_sizes,
    trusted,
    without,
)
from oncohort.audit.checks.count_sums import check_overfull, check_sexes, check_sum
from oncohort.audit.checks.pairs import (
    bare,
    fits,
    near_any,
    rounds_to_whole,
    sizes_of,
    within_half,
)
from oncohort.audit.checks.slips import slip
from oncohort.audit.finding import Certainty, Log
from oncohort.published.model import Categorical, Level, Published
from oncohort.published.rounding import denominators, number

LEAST_PAIRS = 4
"""Pairs of a column that have to agree with its size before one that doesn't is spoken of."""
LEAST_SHARE = 0.7
_FAR_FEWER = 0.8
"""So few of a column's patients have data where hardly anybody's are missing elsewhere."""
_MANY_OFF = 3
"""Pairs that are off, of one base: fewer may agree by chance."""


def check(published: Published, log: Log) -> None:
    """Check every count with a percentage in a table, and the sums of levels."""
    _tables(published, log)
    check_sexes(published, log)


# ---- tables -------------------------------------------------------------------------------


def _columns(published: Published) -> dict[tuple[str, str, int], list[Cell]]:
    out: dict[tuple[str, str, int], list[Cell]] = {}
    for variable in published.variables:
        for level in variable.levels:
            key = (variable.where.table, variable.where.column, variable.column)
            out.setdefault(key, []).append(Cell(level, variable))
    for event in published.adverse_events:
        for grade in event.grades:
            key = (grade.where.table, grade.where.column, -1 - event.group)
            level = Level(event.term, grade.count, grade.percent, "", grade.where)
            out.setdefault(key, []).append(Cell(level, None))
            # The grade itself is the record that was read.
    return out


def _tables(published: Published, log: Log) -> None:
    sizes = sizes_of(published)
    columns = _columns(published)
    grades = {(g.where, g.count, g.percent): g for e in published.adverse_events for g in e.grades}
    paired = {
        k: [c for c in cells if c.level.count and c.level.percent] for k, cells in columns.items()
    }
    found = {
        k: _column_size(published, *k, pairs)
        for k, pairs in paired.items()
        if len(pairs) >= LEAST_PAIRS
    }
    stated = stated_sizes(columns)
    found |= {k: n for k, n in pooled(paired, stated).items() if not found.get(k)}
    sure_columns = trusted(found, stated, paired)
    told: set[int] = set()
    summed: set[int] = set()
    for table in dict.fromkeys(k[0] for k in sure_columns):
        told |= check_exchanged(columns, sure_columns, table, log)
        summed |= check_totals(columns, sure_columns, table, log)
    check_levels(columns, sure_columns, summed, log)
    for (table, heading, index), n in found.items():
        key = (table, heading, index)
        cells, pairs = columns[key], paired[key]
        if n is None:
            log.not_checked.append(
                f"{table}, column {heading or index}: no one denominator explains most of the "
                "percentages"
            )
            n = 0
        for cell in pairs if n else ():
            level = cell.level
            grade = grades.get((level.where, level.count, level.percent))
            log.checked(grade if grade is not None else level)
        odd, sure, whole = rows_told(paired, found, table)
        column = Column(
            n,
            tuple(cells),
            len(pairs),
            sum(fits(c.level, n) for c in pairs),
            sizes,
            _row_counts(columns, table),
            odd_rows=odd,
            sure_rows=sure,
            whole_rows=whole,
            stated=_stated(pairs, n),
        )
        bad = [c for c in without(pairs, told) if not _explained(c, column)]
        column = replace(
            column,
            padded=sum(_only_bare(c, column) for c in bad) > 1,
            elsewhere=_elsewhere(bad, column),
        )
        for variable, group in _by_variable(cells):
            wrong = [c for c in group if c in bad]
            if not n:
                _judge_unsized(variable, wrong, column, log)
            elif not _report_sum(variable, wrong, column, log):
                _judge(variable, wrong, column, log)
                _too_many(variable, wrong, column, log)


def _report_sum(
    variable: Categorical | None, wrong: Sequence[Cell], column: Column, log: Log
) -> bool:
    """Whether the levels' sum tells the error: then their percentages don't tell it again.

    A pair that no denominator gives is the stronger statement, and goes first.
    """
    if variable is None or any(_no_denominator_at_all(c, column) for c in wrong):
        return False
    size = int(variable.n) if _own_size(variable, column.n) else column.n
    before = len(log.findings)
    check_sum(variable, size, log)
    if len(log.findings) == before:
        check_overfull(variable, size, log)
    return any(f.certainty is not Certainty.UNUSUAL for f in log.findings[before:])


def _too_many(
    variable: Categorical | None, wrong: Sequence[Cell], column: Column, log: Log
) -> None:
    """Levels of more patients than there are: said besides a percentage that nothing gives."""
    if variable is None or not any(_no_denominator_at_all(c, column) for c in wrong):
        return
    if total_of(variable) > column.n and not _own_size(variable, column.n):
        check_sum(variable, column.n, log)


def _no_denominator_at_all(cell: Cell, column: Column) -> bool:
    return (
        cell.count > 0
        and not denominators(cell.count, column.read(cell).percent)
        and _close(cell, column) is None
        and (column.based(cell) or _near_none(column.read(cell), column.n))
        and is_count(cell, column.n, in_row=column.counted(cell))
    )


def _own_size(variable: Categorical, n: int) -> bool:
    """Whether a variable's label gives it a number of patients of its own."""
    return (
        variable.n.isdigit()
        and int(variable.n) != n
        and f"{int(variable.n)}" in re.sub(r"[,\s]", "", variable.where.row)
    )


def _stated(pairs: Sequence[Cell], n: int) -> bool:
    """Whether the table says that a column is of n patients."""
    return any(c.variable is None or c.variable.n == str(n) for c in pairs)


def _column_size(
    published: Published, table: str, heading: str, index: int, pairs: Sequence[Cell]
) -> int | None:
    """Denominator of a column: the one it states, or the one that most pairs agree on.

    Four pairs at least have to be shares of it directly, and seven in ten shares of it or of the
    sum of their variable's levels.
    """
    stated = Counter(
        [
            v.n
            for v in published.variables
            if (v.where.table, v.where.column, v.column) == (table, heading, index) and v.n
        ]
        + [
            g.n
            for e in published.adverse_events
            for g in e.grades
            if (g.where.table, g.where.column) == (table, heading) and g.n
        ]
    )
    tried = [int(s) for s, _ in stated.most_common() if s.isdigit()]
    named = [int(p.n) for p in published.populations if p.n.isdigit() and p.key[:5] != "noted"]
    tried += [n for n in sorted(set(named), reverse=True) if n not in tried]
    for n in _of_enough(pairs, tried):
        if sum(agrees(c, n) for c in pairs) >= LEAST_SHARE * len(pairs):
            return n
    votes: Counter[int] = Counter()
    for cell in pairs:
        allowed = denominators(cell.count, cell.level.percent)
        if cell.count and len(allowed) < 2000:
            votes.update(allowed)
    if not votes:
        return None
    if stated:
        # The heading's patients are not who the percentages are of, nor any others that are named.
        return None
    (best, score), *rest = votes.most_common(2)
    alone = not rest or rest[0][1] < score
    if alone and score >= LEAST_PAIRS + 1 and score >= LEAST_SHARE * len(pairs):
        return best
    return None


def _of_enough(pairs: Sequence[Cell], tried: Sequence[int]) -> Iterator[int]:
    """Those of the numbers tried of which enough pairs are shares, in their order."""
    ordered = sorted(set(tried))
    steps = [0] * (len(ordered) + 1)
    for cell in pairs:
        allowed = denominators(cell.count, cell.level.percent)
        first = bisect_left(ordered, max(allowed.start, cell.count))
        last = bisect_left(ordered, allowed.stop)
        if first < last:
            steps[first] += 1
            steps[last] -= 1
    direct = dict(zip(ordered, accumulate(steps), strict=False))
    return (n for n in tried if direct[n] >= LEAST_PAIRS)


def _row_counts(
    columns: dict[tuple[str, str, int], list[Cell]], table: str
) -> dict[str, list[int]]:
    """Counts of each row over the columns of a table: row percentages are of their sums."""
    out: dict[str, list[int]] = {}
    for (name, _, _), cells in columns.items():
        if name == table:
            for cell in cells:
                if cell.level.count:
                    out.setdefault(cell.level.where.row, []).append(cell.count)
    return out


def _explained(cell: Cell, column: Column) -> bool:
    """Whether any denominator that the paper offers gives the percentage."""
    level = cell.level
    if level.denominator.isdigit():
        return fits(level, int(level.denominator))
    if column.offers(cell, level):
        # A sum of levels that is wrong itself may explain a wrong percentage; that shows as
        # a sum that differs from the size.
        return True
    if cell.variable is None or len(cell.variable.levels) == 1:
        return any(fits(level, c.count) for c in column.cells if c.level.count)
    # A part of a level above it ("of these, radical").
    above = takewhile(lambda x: x is not level, cell.variable.levels)
    return any(fits(level, int(x.count)) for x in above if x.count and int(x.count) > cell.count)


def _by_variable(
    cells: Sequence[Cell],
) -> list[tuple[Categorical | None, list[Cell]]]:
    out: dict[int, tuple[Categorical | None, list[Cell]]] = {}
    for k, cell in enumerate(cells):
        key = id(cell.variable) if cell.variable is not None else -1 - k
        out.setdefault(key, (cell.variable, []))[1].append(cell)
    return list(out.values())


def _judge(variable: Categorical | None, bad: list[Cell], column: Column, log: Log) -> None:
    n = column.n
    rest: list[Cell] = []
    for cell in bad:
        if cell.count > n and above_all(cell):
            continue  # "3133 (406)": a mean with its deviation, and no percentage at all
        why = _doubt(cell, column)
        if why:
            report_pair(cell, column, Certainty.UNUSUAL, why, log)
        else:
            rest.append(cell)
    if not column.known:
        if variable is not None and variable.exclusive and rest:
            total = total_of(variable)
            if total == n or _owntell_block(variable, rest, total):
                report_block(variable, rest, total, column, log)
        return
    if variable is not None and total_of(variable) == n and exchanged(rest, n):
        report_block(variable, rest, n, column, log)
        return
    none = [c for c in rest if _no_denominator_at_all(c, column)]
    if none and variable is not None:
        # What else is off with the variable's other levels is the same error, told once; but not
        # a share of more patients than there are.
        shares = {id(c): denominators(c.count, column.read(c).percent) for c in rest}
        rest = [c for c in rest if c in none or shares[id(c)].start > n]
    for cell in none:
        report_pair(cell, column, Certainty.IMPOSSIBLE, "no whole denominator at all", log)
    rest = [c for c in rest if c not in none]
    if not rest:
        return
    if variable is not None and len(variable.levels) > 1 and variable.exclusive:
        total = total_of(variable)
        if total == n or (total < n and _shares(variable, rest, total)):
            report_block(variable, rest, total, column, log)
            return
    for cell in rest:
        allowed = denominators(cell.count, column.read(cell).percent)
        why = f"only denominators {shown_range(allowed)} give it"
        if allowed and allowed.start > n:
            # A larger denominator can't be in this column; a smaller one may be of those with data.
            told = Certainty.INCONSISTENT if column.sure(cell, allowed.start) else Certainty.UNUSUAL
            report_pair(cell, column, told, why, log)
        elif allowed and allowed.stop - 1 < cell.count:
            report_pair(cell, column, Certainty.INCONSISTENT, "more than 100 percent", log)
        elif _nobody_missing(cell, column):
            reason = "nobody is missing in the other columns of its row, and a slip explains it"
            report_pair(cell, column, Certainty.INCONSISTENT, f"{why}; {reason}", log)
        elif _one_rule(cell, column):
            assumption = f"the percentages of this column are all of {n} patients"
            because = f"as {column.direct} of its {column.pairs} are"
            report_pair(cell, column, Certainty.IMPOSSIBLE_IF, why, log, (assumption, because))
        else:
            report_pair(cell, column, Certainty.UNUSUAL, why, log)


def _doubt(cell: Cell, column: Column) -> str:
    """What else than an error a pair that no denominator gives may be; empty if nothing says so."""
    close = _close(cell, column)
    if close is not None:
        return f"of {close} it is off by one in the last digit at most, or padded with zeros"
    if cell.level.where.row in column.odd_rows and not cell.shared_out(column.n):
        return "no cell of its row is a share of its column: it may count something else"
    if column.elsewhere and fits(cell.level, column.elsewhere):
        return f"all pairs of this column that are off are shares of {column.elsewhere}"
    if cell.count > column.n:
        return f"{cell.count} is more than the {column.n} patients of the column: events, perhaps"
    if above_all(cell) and not slip(cell.level, column.bases(cell)):
        return "above 100: a mean and its deviation, perhaps"
    if not is_count(cell, column.n, in_row=column.counted(cell)):
        return "may be a mean and its deviation, or count something else than patients"
    if not (_of_column(cell, column) or slip(cell.level, column.bases(cell))):
        return "no slip of a digit explains it, and nothing in its row shows whose percentage it is"
    return ""


def _of_column(cell: Cell, column: Column) -> bool:
    """Whether it is known that a pair is of the column's patients, or that it is of nobody's.

    Another cell of its row is, or its variable shares them out; or it has a decimal and no whole
    number gives it, as hardly any mean with its deviation has.
    """
    if cell.level.where.row in column.sure_rows or cell.shared_out(column.n):
        return True
    variable = cell.variable
    if variable is not None and variable.exclusive and len(variable.levels) > 1:
        return column.based(cell)
    return "." in cell.level.percent and not denominators(cell.count, cell.level.percent)


def _judge_unsized(
    variable: Categorical | None, bad: Sequence[Cell], column: Column, log: Log
) -> None:
    """Of a column without a known size only a variable that adds up to its own base is judged."""
    if variable is None or not variable.exclusive or not bad:
        return
    sure = [c for c in bad if _close(c, column) is None]
    total = total_of(variable)
    if len(sure) == len(bad) and _owntell_block(variable, sure, total):
        log.checked(*variable.levels)
        report_block(variable, sure, total, column, log)


def _close(cell: Cell, column: Column) -> int | None:
    """A denominator that gives the percentage but for one digit, or for zeros padded to it."""
    offered = column.offered(cell)
    close = near_any(column.read(cell), offered)
    if close is None and bare(cell.level) != cell.level:
        if column.padded or re.search(r"\.\d+0$", cell.level.percent):
            return next((n for n in offered if fits(bare(cell.level), n)), None)
        # "98.0" of 182 for 178: 97.8, rounded to whole percentages first.
        own = [n for n in column.bases(cell) if n >= max(cell.count, 1)]
        close = next((n for n in own if rounds_to_whole(cell.level, n)), None)
    if close is None and column.coarse and "." in cell.level.percent:
        # "15.5" for 15.8 among whole percentages, with which it makes 100.
        own = [n for n in column.bases(cell) if n >= max(cell.count, 1)]
        close = next((n for n in own if within_half(cell.level, n)), None)
    return close


def _elsewhere(bad: Sequence[Cell], column: Column) -> int:
    """A number of which all pairs that are off are shares, where they are many; else nought.

    Errors are of many kinds; three or more of one base are hardly errors, but shares of patients
    whose number is not known here. Levels of one variable that add up are judged by their sum.
    """
    off = [c for c in bad if c.count and _close(c, column) is None]
    apart = {id(c.variable) if c.variable is not None else id(c) for c in off}
    if len(off) < _MANY_OFF or len(apart) < 2:
        return 0
    ranges = [denominators(c.count, c.level.percent) for c in off]
    first, last = max(r.start for r in ranges), min(r.stop for r in ranges)
    return first if all(ranges) and first < last else 0


def _only_bare(cell: Cell, column: Column) -> bool:
    """Whether a percentage fits a denominator only without the zeros at its end."""
    plain = bare(cell.level)
    return plain != cell.level and column.offers(cell, plain)


def _near_none(level: Level, n: int) -> bool:
    """Whether no number of patients up to n is even near to giving the percentage."""
    read = number(level.percent)
    if read is None or read.value <= 0:
        return False
    middle = int(100 * int(level.count) / read.value)
    return near_any(level, range(max(middle - 2, 1), min(middle + 3, n) + 1)) is None


def _owntell_block(variable: Categorical, bad: Sequence[Cell], total: int) -> bool:
    """Whether one level alone is no share of a sum that all the others are shares of."""
    others = [x for x in variable.levels if all(x is not c.level for c in bad)]
    told = [x for x in others if x.count and x.count != "0" and x.percent]
    return len(bad) == 1 and len(told) >= 3 and all(x.percent and fits(x, total) for x in others)


def _shares(variable: Categorical, bad: Sequence[Cell], total: int) -> bool:
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


def _nobody_missing(cell: Cell, column: Column) -> bool:
    """Whether a pair that would be of far fewer patients is a slip and no share of those with data.

    One digit makes it right, the other columns of its row are of all their patients, and so are
    nine in ten of this column's pairs.
    """
    allowed = denominators(cell.count, cell.level.percent)
    return (
        "." in cell.level.percent
        and cell.level.where.row in column.whole_rows
        and column.stated
        and column.pairs > SETTLED
        and 10 * column.direct >= 9 * (column.pairs - 1)
        and bool(allowed)
        and allowed.stop - 1 < _FAR_FEWER * column.n
        and slip(cell.level, [column.n])
    )


def _one_rule(cell: Cell, column: Column) -> bool:
    """Whether a column of adverse events is so uniform that one row is hardly of fewer patients.

    Patients without data make a denominator a little smaller, not by a fifth.
    """
    allowed = denominators(cell.count, cell.level.percent)
    return (
        cell.variable is None
        and "." in cell.level.percent
        and column.direct >= 7
        and column.direct >= 0.85 * column.pairs
        and bool(allowed)
        and allowed.stop - 1 < 0.8 * column.n
    )
