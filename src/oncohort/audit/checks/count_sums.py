"""Levels of a variable add up to the patients that their percentages are of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from oncohort.audit.checks.pairs import fits, implied, near
from oncohort.audit.checks.slips import slip
from oncohort.audit.extract.table_sexes import sex_of
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Categorical, Level, Published
from oncohort.published.rounding import could_be, denominators, interval, number

RULE_SUM = (
    "Levels that exclude each other and whose percentages make up 100 add up to the patients "
    "that the percentages are of."
)
_MANY = 10_000
"""Common denominators that are tried at most."""
_HUNDRED = (99, 100, 101)
"""Numbers that make so many may be percentages."""
ONE_EACH = re.compile(
    r"^(?:sex|gender|(?:ECOG |WHO )?(?:performance status|PS)|ECOG|ISUP grade|Fuhrman grade|"
    r"(?:clinical |pathological |TNM |AJCC |UICC |tumou?r )*stage|"
    r"(?:tumou?r |histologic(?:al)? )?grade|(?:IMDC|MSKCC|ASA)\b.{0,30}|"
    r"risk (?:group|classification|category))\b(?! at )",
    re.I,
)


def check_sum(variable: Categorical, n: int, log: Log) -> None:
    """Levels whose percentages make 100 have to add up to their denominator."""
    levels = [x for x in variable.levels if x.count]
    face = _share_out(levels) if len(levels) == len(variable.levels) else None
    if face is None:
        return
    log.checked(*levels)
    total = sum(int(x.count) for x in levels)
    if not variable.exclusive or _adds_up(variable, levels, total, n):
        return
    holding = [x for x in levels if fits(x, n) and not near(x, total)]
    if not holding:
        shared = _common(levels, n)
        if shared is None:
            return
        n = shared
        holding = [x for x in levels if fits(x, n)]
    if not _incomplete(levels, holding, total, n) and not _foreign(levels, n):
        _tell_sum(variable, levels, holding, (total, n, face), log)


def _share_out(levels: Sequence[Level]) -> Fraction | None:
    """The sum of the levels' percentages where these share out 100; None where they don't.

    Shares that were rounded make 100 within half a unit each, and that is a bound, not a habit.
    """
    if len(levels) < 2 or any(interval(x.percent) is None for x in levels):
        return None
    faces = [f for f in (number(x.percent) for x in levels) if f is not None]
    if len(faces) != len(levels):
        return None
    face = sum((f.value for f in faces), Fraction(0))
    # None of a level's patients is none exactly: "0 (0)" widens nothing.
    units = [f.unit for f, x in zip(faces, levels, strict=True) if int(x.count)]
    if not units or max(units) > 1 or abs(face - 100) > sum(units) / 2:
        return None
    return face


def _adds_up(variable: Categorical, levels: Sequence[Level], total: int, n: int) -> bool:
    """Whether the levels make the patients, all or those with a value, as their percentages do."""
    if total == n or all(near(x, total) for x in levels):
        return True
    if total < n and all(near(x, n) for x in levels):
        # The rest has no value, and the percentages are of everybody.
        return True
    return variable.missing.isdigit() and total + int(variable.missing) == n


def _tell_sum(
    variable: Categorical,
    levels: Sequence[Level],
    holding: Sequence[Level],
    sums: tuple[int, int, Fraction],
    log: Log,
) -> None:
    """``sums``: of the counts, the patients that the percentages are of, and of the percentages."""
    total, n, face = sums
    readings = [
        f"denominator {total} (the sum): not {', '.join(x.percent for x in holding)}",
        f"a missing value is no way out: {total} is more than {n}"
        if total > n
        else f"with {n - total} missing, the percentages would be of {total}",
    ]
    back = [implied(x, n) for x in levels]
    if all(b is not None for b in back):
        readings.append(
            f"the percentages agree with {' / '.join(map(str, back))} of {n}, which is "
            f"{sum(b for b in back if b is not None)}"
        )
    counts, percents = " + ".join(x.count for x in levels), [x.percent for x in levels]
    log.add(
        Finding(
            "counts.sum",
            Certainty.INCONSISTENT,
            f"{variable.name}: {counts} = {total}, but the "
            f"percentages ({', '.join(percents)}) share out {n} patients",
            tuple(x.where for x in levels),
            RULE_SUM,
            (
                f"{counts} = {total}",
                f"{' + '.join(percents)} = {float(face):g}",
                *(f"100 x {x.count} / {n} = {100 * int(x.count) / n:.2f}" for x in levels),
            ),
            tuple(f"{x.percent} allows {interval(x.percent)}" for x in levels),
            (),
            tuple(readings),
            tuple(v for x in levels for v in (x.count, x.percent)),
        )
    )


def _incomplete(levels: Sequence[Level], holding: Sequence[Level], total: int, n: int) -> bool:
    """Whether the levels may lack the patients without a value.

    So they may if no level is a share of n alone, or all are; and if as many are shares of the sum
    alone: then one is off by a digit.
    """
    of_sum = [x for x in levels if fits(x, total) and not near(x, n)]
    return not holding or (
        total < n and (len(holding) == len(levels) or len(of_sum) >= len(holding))
    )


def _foreign(levels: Sequence[Level], n: int) -> bool:
    """Whether several levels are no shares of n, and a slip explains one of them as little.

    Two rows with slips are rare; rows of events with their rates stand in such blocks, too.
    """
    off = [x for x in levels if not near(x, n)]
    return len(off) > 1 and not any(slip(x, [n]) for x in off)


def _common(levels: Sequence[Level], n: int) -> int | None:
    """Denominator of all levels but one, with which that one's percentage fits what is left over.

    Patients without a value make the denominator smaller than the column; a misprinted count
    then shows as the one level that the common denominator doesn't explain.
    """
    found: set[int] = set()
    for odd in levels:
        others = [x for x in levels if x is not odd]
        if any(int(x.count) == 0 for x in others):
            continue
        ranges = [denominators(int(x.count), x.percent) for x in others]
        first, last = max(r.start for r in ranges), min(n + 1, *(r.stop for r in ranges))
        for d in range(first, min(last, first + _MANY)):
            left = d - sum(int(x.count) for x in others)
            if 0 <= left != int(odd.count) and could_be(left, d, odd.percent):
                found.add(d)
    return found.pop() if len(found) == 1 else None


def check_sexes(published: Published, log: Log) -> None:
    """Men and women of one column are never more than its patients.

    They stand below each other without a heading, with percentages that are of the column's
    patients; or their counts alone, in a column that says its patients.
    """
    variables = published.variables
    for one, other in pairwise(variables):
        pair = (*one.levels, *other.levels)
        same = one.column == other.column and (
            (one.where.table, one.where.column) == (other.where.table, other.where.column)
        )
        sexes = len(pair) == 2 and {sex_of(x.label) for x in pair} == {"men", "women"}
        if same and sexes and one.n.isdigit() and all(x.percent for x in pair):
            both = replace(one, name="Sex", levels=pair, exclusive=True)
            check_overfull(both, int(one.n), log)
    for each in variables:
        total = sum(int(x.count) for x in each.levels if x.count)
        if each.n.isdigit() and not any(x.percent for x in each.levels) and total not in _HUNDRED:
            check_overfull(each, int(each.n), log)


def check_overfull(variable: Categorical, n: int, log: Log) -> None:
    """Levels of a variable that each patient has one of make more than everybody."""
    levels = variable.levels
    if not variable.exclusive or not ONE_EACH.search(variable.name) or len(levels) < 2:
        return
    if not all(x.count.isdigit() for x in levels):
        return
    if any(x.percent for x in levels) and not all(x.percent and fits(x, n) for x in levels):
        return
    if not levels[0].percent and {sex_of(x.label) for x in levels} != {"men", "women"}:
        return
    counts = [int(x.count) for x in levels]
    total = sum(counts)
    if total <= n or (not levels[0].percent and 2 * total > 3 * n):
        return
    if any(total - c == n for c in counts):
        return
    if all(near(x, total) for x in levels):
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
                f"every percentage is of {n}" if levels[0].percent else f"the column is of {n}",
                "no level is the sum of others, and leaving none out makes it fit",
            ),
            tuple(v for x in levels for v in (x.count, x.percent)),
        )
    )
