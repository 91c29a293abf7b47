"""Counts with percentages: does any denominator give both, and do the levels add up?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Categorical, Count, Level, Published, Where
from oncohort.published.rounding import denominators, interval, number

RULE_PERCENT = (
    "A percentage is 100 x count / denominator, rounded half up, half to even, or cut off; every "
    "whole denominator was tried."
)
_OWN_SECTIONS = frozenset({"abstract", "methods", "results", "legend"})
RULE_SUM = (
    "Levels that exclude each other and whose percentages make up 100 add up to the patients "
    "that the percentages are of."
)
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
    """Check every count with a percentage, in tables and prose, and the sums of levels."""
    _tables(published, log)
    _prose(published, log)


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
    sizes = _sizes(published)
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
                _sum(variable, n, log)
                _overfull(variable, n, log)


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
    tried += [n for n in _sizes(published) if n not in tried]
    for n in tried:
        agreeing = sum(_fits(c.level, n) for c in pairs)
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


def _sizes(published: Published) -> list[int]:
    return sorted({int(p.n) for p in published.populations if p.n.isdigit()}, reverse=True)


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


def _fits(level: Level, n: int, slack: Fraction = Fraction(0)) -> bool:
    allowed = interval(level.percent)
    if allowed is None or n <= 0 or int(level.count) > n:
        return False
    read = number(level.percent)
    extra = slack * (read.unit if read else 1)
    return allowed.low - extra <= Fraction(100 * int(level.count), n) <= allowed.high + extra


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
        return _fits(level, int(level.denominator))
    candidates = {n, *sizes}
    row = row_counts.get(level.where.row, [])
    if len(row) > 1:
        candidates |= {sum(row), *row, *(sum(row) - r for r in row)}
    if cell.variable is not None:
        block = [int(x.count) for x in cell.variable.levels if x.count]
        candidates.add(sum(block))
        if cell.variable.missing.isdigit():
            candidates.add(n - int(cell.variable.missing))
    if _fits(level, n) or any(_fits(level, c) for c in candidates):
        # A sum of levels that is wrong itself may explain a wrong percentage; that shows as
        # a sum that differs from the size.
        return True
    if cell.variable is None or len(cell.variable.levels) == 1:
        return any(_fits(level, c) for c in column_counts)
    # A part of a level above it ("of these, radical").
    above = cell.variable.levels[: cell.variable.levels.index(level)]
    return any(_fits(level, int(x.count)) for x in above if x.count and int(x.count) > cell.count)


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
    far = [c for c in bad if not _fits(c.level, n, Fraction(1))]
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
    whole = variable is not None and len(variable.levels) > 1 and _total(variable) == n
    if whole and variable is not None:
        _block(variable, rest, n, evidence, log, column)
        return
    for cell in rest:
        allowed = denominators(cell.count, cell.level.percent)
        above = allowed and allowed.start > n
        # A smaller denominator may be patients with data; a larger one can't be in this column.
        _report(
            cell,
            n,
            Certainty.INCONSISTENT if above else Certainty.UNUSUAL,
            evidence,
            f"only denominators {_range(allowed)} give it",
            log,
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
    return _total(variable) == n or any(_fits(x, n) for x in others)


def _nearly(cell: _Cell, sizes: Iterable[int]) -> bool:
    return any(_fits(cell.level, n, Fraction(1)) for n in sizes)


def _total(variable: Categorical) -> int:
    return sum(int(level.count) for level in variable.levels if level.count)


def _range(allowed: range) -> str:
    if not allowed:
        return "none"
    if len(allowed) == 1:
        return str(allowed.start)
    return f"{allowed.start} to {allowed.stop - 1}"


def _report(cell: _Cell, n: int, certainty: Certainty, evidence: str, why: str, log: Log) -> None:
    level = cell.level
    allowed = denominators(cell.count, level.percent)
    name = cell.variable.name if cell.variable and cell.variable.name != level.label else ""
    label = f"{name}: {level.label}" if name else level.label
    true = 100 * cell.count / n
    log.add(
        Finding(
            "counts.percentage",
            certainty,
            f"{label}: {level.count} ({level.percent}) in {level.where.table}: {level.count} of "
            f"{n} is {true:.2f}%, and {_no_denominator(allowed, cell.count, level.percent)}",
            (level.where,),
            RULE_PERCENT,
            (
                f"100 x {level.count} / {n} = {true:.3f}",
                f"whole denominators that give {level.percent}: {_range(allowed)}",
            ),
            (f"{level.percent} allows {interval(level.percent)}",),
            (),
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
    back = [_implied(c.level, n) for c in bad]
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
                "no patient is missing, since the levels add up to the column's size",
                *alternatives,
            ),
            tuple(x for c in bad for x in (c.level.count, c.level.percent)),
        )
    )


def _implied(level: Level, n: int) -> int | None:
    allowed = interval(level.percent)
    if allowed is None:
        return None
    hits = [k for k in range(n + 1) if allowed.low <= Fraction(100 * k, n) <= allowed.high]
    return hits[0] if len(hits) == 1 else None


def _sum(variable: Categorical, n: int, log: Log) -> None:
    """Levels whose percentages make 100 have to add up to their denominator."""
    levels = [x for x in variable.levels if x.count]
    if len(levels) < 2 or len(levels) != len(variable.levels):
        return
    if not all(x.percent for x in levels):
        return
    spans = [interval(x.percent) for x in levels]
    if any(s is None for s in spans):
        return
    faces = [number(x.percent) for x in levels]
    face = sum((f.value for f in faces if f), Fraction(0))
    unit = max((f.unit for f in faces if f), default=Fraction(1))
    if abs(face - 100) > unit * max(1, len(levels) // 2) or unit > 1:
        return
    log.checked(*levels)
    total = sum(int(x.count) for x in levels)
    if total == n:
        return
    if all(_fits(x, total, Fraction(1)) for x in levels):
        return
    holding = [x for x in levels if _fits(x, n) and not _fits(x, total, Fraction(1))]
    if variable.missing.isdigit() and total + int(variable.missing) == n:
        return
    if not holding:
        return
    readings = [
        f"denominator {total} (the sum): not {', '.join(x.percent for x in holding)}",
        f"a missing value is no way out: {total} is more than {n}"
        if total > n
        else f"with {n - total} missing, the percentages would be of {total}",
    ]
    back = [_implied(x, n) for x in levels]
    if all(b is not None for b in back):
        readings.append(
            f"the percentages agree with {' / '.join(map(str, back))} of {n}, which is "
            f"{sum(b for b in back if b is not None)}"
        )
    log.add(
        Finding(
            "counts.sum",
            Certainty.INCONSISTENT,
            f"{variable.name}: {' + '.join(x.count for x in levels)} = {total}, but the "
            f"percentages ({', '.join(x.percent for x in levels)}) share out {n} patients",
            tuple(x.where for x in levels),
            RULE_SUM,
            (
                f"{' + '.join(x.count for x in levels)} = {total}",
                f"{' + '.join(x.percent for x in levels)} = {float(face):g}",
                *(f"100 x {x.count} / {n} = {100 * int(x.count) / n:.2f}" for x in levels),
            ),
            tuple(f"{x.percent} allows {interval(x.percent)}" for x in levels),
            (),
            tuple(readings),
            tuple(v for x in levels for v in (x.count, x.percent)),
        )
    )


_ONE_EACH = re.compile(
    r"^(?:sex|gender|(?:ECOG |WHO )?(?:performance status|PS)|ECOG|ISUP grade|Fuhrman grade|"
    r"(?:clinical |pathological |TNM |AJCC |UICC |tumou?r )*stage|"
    r"(?:tumou?r |histologic(?:al)? )?grade|(?:IMDC|MSKCC|ASA)\b.{0,30}|"
    r"risk (?:group|classification|category))\b(?! at )",
    re.I,
)


def _overfull(variable: Categorical, n: int, log: Log) -> None:
    """Levels of a variable that each patient has one of make more than everybody."""
    levels = variable.levels
    if not variable.exclusive or not _ONE_EACH.search(variable.name) or len(levels) < 2:
        return
    if not all(x.count.isdigit() and x.percent and _fits(x, n) for x in levels):
        return
    counts = [int(x.count) for x in levels]
    total = sum(counts)
    if total <= n or any(total - c == n for c in counts):
        return
    # One level may hold others: III beside IIIA and IIIB, "0-1" beside 0 and 1.
    labels = [x.label.strip().lower() for x in levels]
    nested = any(re.fullmatch(re.escape(a) + r"\s?[a-c]\d?", b) for a in labels for b in labels)
    nested = nested or any(re.search(r"\w\s*[-–/+]\s*\w|\bor\b|≥|≤|>|<", x) for x in labels)
    parts = any(
        c == sum(counts[i:j])
        for k, c in enumerate(counts)
        for i in range(len(counts))
        for j in range(i + 2, len(counts) + 1)
        if not i <= k < j
    )
    if nested or parts:
        return
    log.add(
        Finding(
            "counts.sum",
            Certainty.INCONSISTENT,
            f"{variable.name}: {' + '.join(x.count for x in levels)} = {total}, of {n} patients, "
            f"of whom each has one",
            tuple(x.where for x in levels),
            RULE_SUM,
            (
                f"{' + '.join(x.count for x in levels)} = {total} > {n}",
                *(f"100 x {x.count} / {n} = {100 * int(x.count) / n:.2f}" for x in levels),
            ),
            tuple(f"{x.percent} allows {interval(x.percent)}" for x in levels),
            (),
            (
                f"every percentage is of {n}",
                "no level is the sum of others, and leaving none out makes it fit",
            ),
            tuple(v for x in levels for v in (x.count, x.percent)),
        )
    )


# ---- prose --------------------------------------------------------------------------------


def _prose(published: Published, log: Log) -> None:
    sizes = _sizes(published)
    for said in published.counts:
        if not said.percent or not said.count or said.role == "row":
            continue
        log.checked(said)
        count = int(said.count)
        level = Level("", said.count, said.percent, said.denominator, said.where)
        if said.denominator.isdigit() and int(said.denominator) > 0:
            _explicit(said, level, log)
            continue
        if count == 0 or not said.own or said.where.section not in _OWN_SECTIONS:
            continue
        if denominators(count, said.percent):
            continue
        siblings = [
            c
            for c in published.counts
            if c.where == said.where and c is not said and c.percent and c.role != "row"
        ]
        agree = any(_fits(Level("", c.count, c.percent), n) for c in siblings for n in sizes)
        close = [n for n in sizes if _fits(level, n, Fraction(1))]
        if close:
            _said(said, Certainty.UNUSUAL, close[0], log)
        elif agree or (said.patients and count > 10):
            _said(said, Certainty.IMPOSSIBLE, max(sizes, default=0), log)
        else:
            # The number may be a grade, an age or a score.
            _said(said, Certainty.UNUSUAL, max(sizes, default=0), log)


def _explicit(said: Count, level: Level, log: Log) -> None:
    n = int(said.denominator)
    count = int(said.count)
    if _fits(level, n):
        return
    if count > n:
        return
    near = _fits(level, n, Fraction(1))
    true = 100 * count / n
    log.add(
        Finding(
            "counts.fraction",
            Certainty.UNUSUAL if near else Certainty.INCONSISTENT,
            f"{count} of {n} is {true:.2f}%, not {said.percent}%",
            (said.where,),
            RULE_PERCENT,
            (f"100 x {count} / {n} = {true:.3f}",),
            (f"{said.percent} allows {interval(said.percent)}",),
            (),
            ("the denominator is printed beside the count",),
            (said.count, said.denominator, said.percent),
        )
    )


def _said(said: Count, certainty: Certainty, n: int, log: Log) -> None:
    count = int(said.count)
    log.add(
        Finding(
            "counts.percentage",
            certainty,
            f"{count} ({said.percent}%) in the {said.where.section or 'text'}: no whole number "
            f"of patients makes {count} {said.percent}%",
            (said.where,),
            RULE_PERCENT,
            ((f"100 x {count} / {n} = {100 * count / n:.3f}",) if n else ()),
            (f"{said.percent} allows {interval(said.percent)}",),
            (),
            ("every whole denominator was tried",),
            (said.count, said.percent),
        )
    )


def where_of(levels: Iterable[Level]) -> tuple[Where, ...]:
    """Places of several levels."""
    return tuple(level.where for level in levels)
