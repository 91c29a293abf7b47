"""Printed 2 x 2 tables: is their p that of one of the usual tests of the four counts?"""

from __future__ import annotations

import math
import re

from oncohort.audit.checks.confirmed import ALONE, confirmed
from oncohort.audit.checks.larger_tables import check_larger
from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import Published, TwoByTwo
from oncohort.published.rounding import probability

RULE_CROSS = (
    "The p of a 2 x 2 table follows from its four counts by the test used (chi-squared: Pearson "
    "1900, with or without Yates's correction; Fisher's exact test)."
)
CORRECTED = re.compile(
    r"bonferroni|holm|benjamini|\bFDR\b|tukey|scheff|dunnett|adjusted|corrected|correction|"
    r"greenhouse|huynh|welch|one[- ](?:sided|tailed)|permutation|bootstrap|"
    r"multiple (?:testing|compar)",
    re.I,
)
"""Words of a correction or of another test than the plain one."""
GROSS = 1.5
"""Factor between the printed p and every test's p that is said aloud; less is *unusual*."""


def check_tables(published: Published, methods: frozenset[str], log: Log) -> None:
    """Recompute the p of every cross table."""
    for table in published.cross_tables:
        if len(table.counts) != 2 or any(len(row) != 2 for row in table.counts):
            check_larger(table, log)
            continue
        near = [t for t in published.cross_tables if t.where.table == table.where.table]
        others = [a for t in near if t is not table and (a := _agrees(t)) is not None]
        _cross(table, methods, confirmed(others), log)


def cross_p(a: int, b: int, c: int, d: int) -> dict[str, float]:
    """p of the usual tests of a 2 x 2 table with rows (a, b) and (c, d).

    Returns
    -------
    dict
        By name of the test; empty where a margin is zero.

    Examples
    --------
    >>> {k: round(p, 3) for k, p in cross_p(3, 1, 1, 3).items() if k in ("chi-squared", "Fisher")}
    {'chi-squared': 0.157, 'Fisher': 0.486}
    """
    from scipy.special import chdtrc, gammaln

    n = a + b + c + d
    margins = (a + b, c + d, a + c, b + d)
    if min(margins) == 0:
        return {}
    product = math.prod(margins)
    cross = abs(a * d - b * c)
    chi2 = n * cross**2 / product
    yates = n * max(cross - n / 2, 0.0) ** 2 / product
    ratio = 2 * sum(
        k * math.log(k * n / (row * column))
        for k, row, column in (
            (a, margins[0], margins[2]),
            (b, margins[0], margins[3]),
            (c, margins[1], margins[2]),
            (d, margins[1], margins[3]),
        )
        if k
    )

    def log_p(x: int) -> float:
        cells = (x, margins[0] - x, margins[2] - x, n - margins[0] - margins[2] + x)
        return float(
            sum(gammaln(m + 1) for m in margins)
            - gammaln(n + 1)
            - sum(gammaln(k + 1) for k in cells)
        )

    support = range(max(0, margins[0] + margins[2] - n), min(margins[0], margins[2]) + 1)
    weights = {x: math.exp(log_p(x)) for x in support}
    here = weights[a]
    below = sum(w for x, w in weights.items() if x <= a)
    above = sum(w for x, w in weights.items() if x >= a)
    fisher = sum(w for w in weights.values() if w <= here * (1 + 1e-7))
    return {
        "chi-squared": float(chdtrc(1, chi2)),
        "chi-squared with Yates's correction": float(chdtrc(1, yates)),
        "chi-squared (n - 1)": float(chdtrc(1, chi2 * (n - 1) / n)),
        "likelihood ratio": float(chdtrc(1, max(ratio, 0.0))),
        "Fisher": min(fisher, 1.0),
        "Fisher, doubled": min(2 * min(below, above), 1.0),
        "Fisher, mid-p": min(fisher - here / 2, 1.0),
        "Fisher, one-sided": min(below, above),
        "chi-squared, one-sided": float(chdtrc(1, chi2)) / 2,
    }


_OTHER_COUNTS = frozenset({"weights", "weighted-shares", "imputation"})
_OTHER_TESTS = frozenset({"robust", "frailty", "resampling", "mantel-haenszel"})
"""Methods whose p is not that of the printed counts alone."""
FAR = 20.0


def _agrees(table: TwoByTwo) -> bool | None:
    """Whether the p of a 2 x 2 table is one of the usual tests'; None where that can't be told."""
    allowed = probability(table.p) if table.p else None
    if allowed is None or len(table.counts) != 2 or any(len(row) != 2 for row in table.counts):
        return None
    if not all(c.isdigit() for row in table.counts for c in row):
        return None
    (a, b), (c, d) = ((int(x), int(y)) for x, y in table.counts)
    found = cross_p(a, b, c, d)
    return any(float(allowed.low) <= p <= float(allowed.high) for p in found.values())


def _cross(table: TwoByTwo, methods: frozenset[str], shown: bool, log: Log) -> None:
    allowed = probability(table.p) if table.p else None
    if allowed is None or not all(c.isdigit() for row in table.counts for c in row):
        return
    (a, b), (c, d) = ((int(x), int(y)) for x, y in table.counts)
    found = cross_p(a, b, c, d)
    if not found:
        return
    log.checked(table)
    low, high = float(allowed.low), float(allowed.high)
    if any(low <= p <= high for p in found.values()):
        return
    least, most = min(found.values()), max(found.values())
    if least <= high and low <= most and table.test == "":
        # Between two of the tests: some other variant of them.
        return
    gross = low > GROSS * most or high * GROSS < least
    # What makes a p of dependent patients larger can't make it a twentieth.
    far = high * FAR < least
    outside = (
        methods & _OTHER_COUNTS
        or (methods & _OTHER_TESTS and not far)
        or CORRECTED.search(table.where.quote)
    )
    sure = gross and not outside and shown
    counts = f"{a} and {b} against {c} and {d}"
    assumption = "p is of a chi-squared or Fisher test of these counts"
    log.add(
        Finding(
            "tests.cross",
            Certainty.IMPOSSIBLE_IF if sure else Certainty.UNUSUAL,
            f"{table.name}, {counts}, p {printed_p(table.p)}: "
            + (f"impossible if {assumption}: " if sure else "")
            + f"chi-squared {found['chi-squared']:.2g}, Fisher {found['Fisher']:.2g}",
            (table.where,),
            RULE_CROSS,
            tuple(f"{name}: p = {p:.4g}" for name, p in found.items()),
            (f"p {table.p} allows {allowed}",),
            (assumption,) if sure else (),
            (
                "the tests listed were all tried, one-sided ones too",
                "two other rows of the table or more have the p of one of these tests"
                if shown
                else ALONE,
            ),
            (table.p, *(x for row in table.counts for x in row)),
        )
    )


def printed_p(text: str) -> str:
    """A p as a sentence has it: "= 0.03", "< 0.001"."""
    return text if text[:1] in "<>≤≥" else f"= {text}"
