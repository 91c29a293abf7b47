"""Which hazard ratios with their p a cohort of the built-in paper can have, by number of events.

Usage: python scripts/measure_attainable.py [FIRST LAST] [FILE.csv]
       python scripts/measure_attainable.py --table FILE.csv

For each ratio and each number of events: ``attainable`` with an order of patients that prints both
(a letter for each rank, see :func:`letters`); ``excluded``, by the closed bound or by the programme
over all orders without ties; otherwise ``open``: not found in the sweeps that stand in the file.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.published.exact import admissible_events
from oncohort.published.figures import ratio_key
from oncohort.published.model import Ratio
from oncohort.twin.job import stored
from oncohort.twin.plan import Plan
from oncohort.twin.search import Carrier, Chains, Cohort, Space, Term, Window, seed_state, temper

COLUMNS = ("ratio", "sizes", "estimate", "p", "events", "state", "sweeps", "order")
OTHER_SIZES = {"side_lung_metastases": 14}
"""Patients on the smaller side of a variable whose percentages contradict its counts."""
SWEEPS = (150, 1500)
"""Of the chains: a short search, and a longer one where it found nothing."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A printed ratio with its p: its place in a model, and how many carry each column."""

    ratio: Ratio
    term: Term
    place: int
    ones: tuple[int, ...]
    inverse: bool
    closed: bool
    """Whether the closed bound excludes it at every number of events."""


def pairs_of(plan: Plan) -> Iterator[Pair]:
    """Every ratio with a p; a variable with two readings of its sizes twice."""
    q = plan.question
    for term, own in zip(plan.layout.space.terms, plan.layout.ratios, strict=True):
        ones = tuple(int(q.values[c][0].sum()) for c in term.columns)
        for place, (ratio, inverse) in enumerate(own):
            if ratio is None or not ratio.p:
                continue
            closed = f"{ratio_key(ratio)}.p" in plan.impossible
            windows = tuple(w if k == place else Window() for k, w in enumerate(term.windows))
            alone = Term(0, tuple(range(len(ones))), windows)
            yield Pair(ratio, alone, place, ones, inverse, closed)
            other = next((v for k, v in OTHER_SIZES.items() if f".{k}." in ratio_key(ratio)), 0)
            if other and len(ones) == 1:
                yield Pair(ratio, alone, place, (other,), inverse, closed)


def able_of(pair: Pair, n: int, free: tuple[int, int]) -> frozenset[int] | None:
    """Numbers of events that the programme leaves; None where there is no programme."""
    if len(pair.ones) > 1:
        return None
    sizes = range(free[0], free[1] + 1) if free[1] else pair.ones
    found: set[int] = set()
    for k in sizes:
        first, second = (n - k, k) if pair.inverse else (k, n - k)
        own = admissible_events(pair.ratio.estimate, pair.ratio.p, first, second)
        if own is None:
            return None
        found |= set(own)
    return frozenset(found)


def letters(cohort: Cohort) -> str:
    """A letter for each rank: its kind (bits are the columns, ``a`` is none), capital if event."""
    kind = (cohort.x[:, cohort.order[0]] > 0.5).astype(int).T @ (1 << np.arange(len(cohort.x)))
    text = (chr(ord("a") + k) for k in kind.tolist())
    flags = cohort.event[0].tolist()
    return "".join(t.upper() if f else t for t, f in zip(text, flags, strict=True))


def sought(pair: Pair, n: int, events: int, free: tuple[int, int], seed: int) -> tuple[str, int]:
    """An order that prints ratio and p, or nothing; and how many sweeps were made."""
    rng, done = np.random.default_rng([seed, events]), 0
    carriers = tuple(
        Carrier(c, 1, free if len(pair.ones) == 1 else (0, 0)) for c in range(len(pair.ones))
    )
    space = Space(carriers, (pair.term,))
    moves = [("event", 0, 1.0), *(("covariate", c, 1.0) for c in range(len(carriers)))]
    moves += [("margin", 0, 0.3)] if carriers[0].ones[1] else []
    for sweeps in SWEEPS:
        x = np.stack([rng.permutation(np.arange(n) < k) for k in pair.ones]).astype(float)
        event = np.ones((1, n), dtype=np.int32)
        late = rng.choice(n, n - events, replace=False, p=np.arange(1, n + 1) * 2 / n / (n + 1))
        event[0, late] = 0
        begun = Cohort(x, event, np.arange(n, dtype=np.int32)[None])
        chains = Chains(tuple(moves), sweeps=sweeps)
        outcome = temper(space, begun, chains, seed_state(1000 * seed + events))
        done += outcome.sweeps
        if outcome.missed <= 0:
            return letters(outcome.cohort), done
    return "", done


def rows_of(first: int, last: int) -> Iterator[dict[str, str]]:
    """A row for every pair and number of events."""
    plan, _, _ = stored("lung_metastases")
    cuts = {c.key: c.free for c in plan.cox.covariates if c.free is not None}
    for k, pair in enumerate(pairs_of(plan)):
        free = next((v for key, v in cuts.items() if f".{key}." in ratio_key(pair.ratio)), (0, 0))
        able = None if pair.closed else able_of(pair, plan.n, free)
        sizes = "+".join(f"{o}/{plan.n - o}" for o in pair.ones) if not free[1] else "any"
        for events in range(first, last + 1):
            order, sweeps = "", 0
            if pair.closed or (able is not None and events not in able):
                state = "excluded"
            else:
                order, sweeps = sought(pair, plan.n, events, free, k)
                state = "attainable" if order else "open"
            yield {
                "ratio": ratio_key(pair.ratio).removeprefix("ratios."), "sizes": sizes,
                "estimate": pair.ratio.estimate, "p": pair.ratio.p, "events": str(events),
                "state": state, "sweeps": str(sweeps), "order": order,
            }  # fmt: skip


def table(rows: list[Mapping[str, str]]) -> str:
    """Markdown: a row for each pair, a mark for each number of events; most pairs per endpoint."""
    counts = sorted({int(r["events"]) for r in rows})
    marks = {"attainable": "●", "excluded": "·", "open": "?"}
    lines = [
        f"| pair | smaller/larger side | {' | '.join(map(str, counts))} |",
        "| --- | --- | " + " | ".join("---" for _ in counts) + " |",
    ]
    own: dict[tuple[str, str, str, str], dict[int, str]] = {}
    for r in rows:
        key = (r["ratio"], r["sizes"], r["estimate"], r["p"])
        own.setdefault(key, {})[int(r["events"])] = r["state"]
    for (ratio, sizes, estimate, p), states in own.items():
        cells = " | ".join(marks[states[k]] for k in counts)
        lines.append(f"| {ratio.replace('_', ' ')} {estimate}, p {p} | {sizes} | {cells} |")
    for endpoint in ("pfs", "os"):
        most = Counter[int]()
        for k in counts:
            left = {
                r for (r, *_), s in own.items() if r.startswith(endpoint) and s[k] != "excluded"
            }
            most[k] = len(left)
        cells = " | ".join(str(most[k]) for k in counts)
        lines.append(f"| **{endpoint.upper()}: pairs not excluded** | | {cells} |")
    return "\n".join(lines)


def main(argv: list[str]) -> None:
    """Write the rows, or print the table of a file."""
    if argv[:1] == ["--table"]:
        with Path(argv[1]).open(encoding="utf-8", newline="") as file:
            print(table(list(csv.DictReader(file))))
        return
    first, last = (int(v) for v in argv[:2]) if len(argv) > 1 else (20, 40)
    target = Path(argv[2] if len(argv) > 2 else "twin-pairs.csv")
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in rows_of(first, last):
            writer.writerow(row)
            file.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
