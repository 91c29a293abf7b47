"""What is known of the hazard ratios with their p of a built-in twin, pair by pair.

Usage: python scripts/measure_pairs.py [lung_metastases | lung_metastases_pairs]

For each ratio of one 0/1 variable: the numbers of events with which any cohort of groups of these
sizes can print it with its p (a proof: all orders without ties, rounded outwards), and of the
twin's own order of events all ways to lay the variable: how many of them print both.
"""

from __future__ import annotations

import math
import sys

import numpy as np

from oncohort.published.exact import admissible_events
from oncohort.twin.assignments import needed, ways
from oncohort.twin.job import stored
from oncohort.twin.pairs import rows_of, tally
from oncohort.twin.parts import look
from oncohort.twin.placing import Alone, by_rank, distance
from oncohort.twin.search import Space


def ranges(numbers: tuple[int, ...]) -> str:
    """Whole numbers as ranges."""
    out: list[list[int]] = []
    for k in numbers:
        if out and k == out[-1][1] + 1:
            out[-1][1] = k
        else:
            out.append([k, k])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in out) or "none"


def main(argv: list[str]) -> None:
    """Print a row for every pair."""
    name = argv[0] if argv else "lung_metastases"
    plan, found, _ = stored(name)
    space, cohort, n = plan.question.space, found.cohort, plan.n
    met, rows = tally(space, cohort), rows_of(space)
    events = [int(row.sum()) for row in cohort.event]
    print(f"{name}: events {events}, {len(met.pairs)} pairs, {len(met.ratios)} ratios\n")
    print(
        "| pair | events of any cohort | all ways at the twin's events | with both | in the twin |"
    )
    print("|---|---|---|---|---|")
    for (t, c), asked in rows.items():
        term = space.terms[t]
        ratio, _ = plan.layout.ratios[t][c]
        if len(term.columns) > 1 or ratio is None or not asked:
            continue
        e, column = term.endpoint, term.columns[0]
        ones = int(cohort.x[column].sum())
        able = admissible_events(ratio.estimate, ratio.p, *_sizes(ratio.estimate, term, ones, n))
        want = needed(term.windows[0], events[e])
        assert want is not None
        it, own = Alone(column, (term,), (want,)), Space(space.carriers, (term,))
        count, rng = 0, np.random.default_rng(0)
        x, flags = by_rank(cohort, it, e), cohort.event[e].astype(np.int8)
        for some in ways(x, flags, want, rng, pairs=10**9):
            count += int((distance(some, cohort, it, 0) <= 1e-9).sum())
        assert (t, c) not in met.pairs or count > 0, look(own, cohort)
        state = "pair" if (t, c) in met.pairs else "ratio" if (t, c) in met.ratios else ""
        print(
            f"| {ratio.variable} {ratio.endpoint} {ratio.estimate}, p {ratio.p} | "
            f"{ranges(able or ())} | {math.comb(n, ones):,} | {count:,} | {state} |",
            flush=True,
        )


def _sizes(estimate: str, term: object, ones: int, n: int) -> tuple[int, int]:
    """Sizes of the two sides, in the order of the printed contrast."""
    log = math.log(float(estimate))
    low, high = term.windows[0].ratio  # type: ignore[attr-defined]
    return (ones, n - ones) if low <= log <= high else (n - ones, ones)


if __name__ == "__main__":
    main(sys.argv[1:])
