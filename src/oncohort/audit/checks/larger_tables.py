"""p-values of tables with more than two levels or arms against the usual tests of their counts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from oncohort.audit.finding import Certainty, Finding, Log
from oncohort.published.model import TwoByTwo
from oncohort.published.rounding import probability

RULE = (
    "The p of a cross table follows from its counts by the test used (chi-squared: Pearson 1900; "
    "likelihood ratio: Wilks 1938; ranks: Kruskal and Wallis 1952; trend: Cochran 1954, Armitage "
    "1955)."
)
APART = 3.0
"""Factor between the printed p and every test's p; Fisher's p may differ by less."""


def larger_p(counts: Sequence[Sequence[int]]) -> dict[str, float]:
    """p of the usual tests of counts[level][arm]; empty where a margin is zero.

    Examples
    --------
    >>> found = larger_p([(10, 20), (20, 20), (30, 20)])
    >>> round(found["chi-squared"], 4), round(found["likelihood ratio"], 4)
    (0.0695, 0.0668)
    """
    from scipy.special import chdtrc

    rows = [sum(row) for row in counts]
    columns = [sum(column) for column in zip(*counts, strict=True)]
    n = sum(rows)
    rows_kept = [k for k, total in enumerate(rows) if total]
    if min(columns) == 0 or len(rows_kept) < 2:
        return {}
    df = (len(rows_kept) - 1) * (len(columns) - 1)
    chi2 = ratio = 0.0
    for k in rows_kept:
        for j, total in enumerate(columns):
            expected = rows[k] * total / n
            chi2 += (counts[k][j] - expected) ** 2 / expected
            if counts[k][j]:
                ratio += 2 * counts[k][j] * math.log(counts[k][j] / expected)
    out = {
        "chi-squared": float(chdtrc(df, chi2)),
        "likelihood ratio": float(chdtrc(df, max(ratio, 0.0))),
    }
    # Levels in their order, as ranks and as whole-number scores.
    below = 0
    ranks = []
    for total in rows:
        ranks.append(below + (total + 1) / 2)
        below += total
    for name, scores in (("ranks", ranks), ("trend", list(range(len(rows))))):
        mean = sum(s * r for s, r in zip(scores, rows, strict=True)) / n
        spread = sum(r * (s - mean) ** 2 for s, r in zip(scores, rows, strict=True)) / (n - 1)
        if spread <= 0:
            continue
        between = 0.0
        for j, total in enumerate(columns):
            own = sum(s * row[j] for s, row in zip(scores, counts, strict=True)) / total
            between += total * (own - mean) ** 2
        out[name] = float(chdtrc(len(columns) - 1, between / spread))
    return out


def check_larger(table: TwoByTwo, log: Log) -> None:
    """A p that none of the usual tests of these counts is near to: *unusual*."""
    allowed = probability(table.p) if table.p else None
    if allowed is None or not all(c.isdigit() for row in table.counts for c in row):
        return
    found = larger_p([tuple(map(int, row)) for row in table.counts])
    if not found:
        return
    log.checked(table)
    least, most = min(found.values()), max(found.values())
    if float(allowed.high) * APART >= least and float(allowed.low) <= most * APART:
        return
    log.add(
        Finding(
            "tests.larger",
            Certainty.UNUSUAL,
            f"{table.name}: p = {table.p}, but the usual tests of the counts give "
            f"{least:.2g} to {most:.2g}",
            (table.where,),
            RULE,
            tuple(f"{name}: p = {p:.4g}" for name, p in found.items()),
            (f"p {table.p} allows {allowed}",),
            (),
            ("another test, or the mean of the variable, would explain it",),
            (table.p, *(x for row in table.counts for x in row)),
        )
    )
