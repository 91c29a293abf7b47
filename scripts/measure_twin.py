"""Round trips: random cohorts summarised as papers do, twinned back, and what share is met.

Usage: python scripts/measure_twin.py [N] [COHORTS] [SECONDS] [FIRST] [FILE] [KIND]
       python scripts/measure_twin.py --table FILE

Patients, cohorts, search budget, seed of the first cohort, kind of cohort (a key of ``KINDS``, or
``all``: one after the other; ``+events`` behind it: with its numbers of events); one line of
JSON for each cohort is added to FILE, of which ``--table`` makes the table of the docs.
Seconds are processor seconds of one core, so that the figures do not depend on what else runs; 240
are two minutes of two cores.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from oncohort.published.model import (
    Categorical,
    Continuous,
    Level,
    Population,
    Published,
    Ratio,
    Response,
    Time,
)
from oncohort.stats import cox, kaplan_meier
from oncohort.twin import reconstruct

SHARES = (0.7, 0.35, 0.2, 0.45, 0.12)
EFFECTS = (0.2, 0.8, 0.9, -0.2, 0.4)
MONTH = 30.4375


class Kind(NamedTuple):
    """What a simulated cohort is like: shares and log hazard ratios of factors, follow-up."""

    shares: tuple[float, ...] = SHARES
    effects: tuple[float, ...] = EFFECTS
    days: tuple[float, float] = (500, 2600)


KINDS = {
    "plain": Kind(),
    "censored": Kind(days=(250, 1100)),
    "complete": Kind(days=(4000, 9000)),
    "even": Kind((0.5, 0.5, 0.3, 0.4, 0.25), (0.3, 0.5, 0.6, -0.4, 0.1)),
    "rare": Kind((0.85, 0.25, 0.1, 0.3, 0.1), (0.1, 0.9, 1.1, 0.3, -0.5)),
}
"""``plain`` is the one of the tests; the others are censored much or not at all, have shares near
one half, or factors that few patients carry."""


def simulate(rng: np.random.Generator, n: int, kind: str = "plain") -> dict[str, Any]:
    """Covariates, PFS and OS in days without ties, progression before death."""
    own = KINDS[kind]
    x = np.stack([rng.permutation(np.arange(n) < max(2, round(n * s))) for s in own.shares]).astype(
        float
    )
    risk = np.exp(np.array(own.effects) @ x)
    gap = rng.exponential(1.0, n) ** 0.8
    pfs = 60 + 330 * gap / risk**0.8
    os = pfs + 30 + 700 * rng.exponential(1.0, n) ** 0.8 / risk**0.7
    end = rng.uniform(*own.days, n)
    out: dict[str, Any] = {"x": x}
    for name, t in (("PFS", pfs), ("OS", os)):
        seen = np.minimum(t, end if name == "OS" else end - 20)
        out[name] = (
            np.ceil(seen) + rng.permutation(n) / (2 * n),
            t <= (end if name == "OS" else end - 20),
        )
    out["age"] = np.clip(np.round(rng.normal(62, 9, n)), 25, 90)
    return out


def _p(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _ratio(c: dict[str, Any], endpoint: str, columns: list[int], model: str) -> list[Ratio]:
    fit = cox(*c[endpoint], c["x"][columns].T)
    return [
        Ratio(
            f"factor {k + 1}", "HR", endpoint, model, "yes versus no", "yes", "no",
            f"{fit.hr[j]:.2f}", f"{fit.low[j]:.2f}", f"{fit.high[j]:.2f}", "95",
            _p(float(fit.p[j])),
            binary=True, population="cohort",
        )
        for j, k in enumerate(columns)
        if np.isfinite([fit.hr[j], fit.low[j], fit.high[j], fit.p[j]]).all()
    ]  # fmt: skip


def summarise(c: dict[str, Any], rng: np.random.Generator) -> Published:
    """A paper's figures: margins, age, responses, medians with intervals, hazard ratios."""
    n = len(c["age"])
    variables = []
    for k, row in enumerate(c["x"]):
        ones = int(row.sum())
        levels = (
            Level("yes", str(ones), f"{100 * ones / n:.1f}"),
            Level("no", str(n - ones), f"{100 * (n - ones) / n:.1f}"),
        )
        variables.append(Categorical(f"factor {k + 1}", levels, "cohort", str(n)))
    age = c["age"]
    summary = Continuous(
        "age", "cohort", str(n), f"{age.mean():.1f}", f"{age.std(ddof=1):.1f}",
        f"{np.median(age):g}", f"{age.min():g}", f"{age.max():g}", "range", "years", True,
    )  # fmt: skip
    best = rng.multinomial(n, (0.05, 0.3, 0.55, 0.1))
    codes = ("CR", "PR", "SD", "PD")
    response = Response(tuple(Level(k, str(v)) for k, v in zip(codes, best, strict=True)), "cohort")
    times = []
    for endpoint in ("PFS", "OS"):
        m = kaplan_meier(*c[endpoint]).median
        if m.value is not None:
            ends = [f"{v / MONTH:.1f}" if v is not None else "" for v in (m.value, m.low, m.high)]
            times.append(
                Time(endpoint, ends[0], "months", ends[1], ends[2], "interval", "95", "cohort")
            )
    ratios = []
    for endpoint in ("PFS", "OS"):
        for k in range(len(SHARES)):
            ratios += _ratio(c, endpoint, [k], "univariable")
        ratios += _ratio(c, endpoint, [1, 2], "multivariable")
    return Published(
        "A simulated cohort", (Population("cohort", "all", str(n)),), tuple(variables), (summary,),
        (response,), times=tuple(times), ratios=tuple(ratios),
    )  # fmt: skip


def round_trip(n: int, seed: int, budget: int, kind: str = "plain") -> dict[str, Any]:
    """One cohort there and back: met and all figures by kind, seconds."""
    rng = np.random.default_rng([n, seed])
    begun = time.process_time()
    cohort = simulate(rng, n, kind.removesuffix("+events"))
    figures = summarise(cohort, rng)
    told = {e: int(cohort[e][1].sum()) for e in ("PFS", "OS")} if kind.endswith("+events") else None
    twin = reconstruct(
        figures, seed=seed, time_budget=budget, tries=1000, events=told, now=time.process_time
    )
    lines = twin.certificate.lines
    every = Counter(x.kind for x in lines)
    met = Counter(x.kind for x in lines if x.state == "met")
    return {
        "n": n, "seed": seed, "cohort": kind, "budget": budget,
        "every": dict(every), "met": dict(met),
        "impossible": twin.certificate.count("impossible"),
        "seconds": round(time.process_time() - begun, 1),
    }  # fmt: skip


def table(trips: list[dict[str, Any]]) -> str:
    """Markdown: a column for each number of patients, a row for each kind of figure."""
    sizes = sorted({t["n"] for t in trips})
    own = {n: [t for t in trips if t["n"] == n] for n in sizes}
    head = ["", *(f"{n} patients" for n in sizes)]
    rows = [["cohorts", *(str(len(own[n])) for n in sizes)]]
    rows.append(
        [
            "processor seconds, median (most)",
            *(
                f"{np.median([t['seconds'] for t in own[n]]):.0f} "
                f"({max(t['seconds'] for t in own[n]):.0f})"
                for n in sizes
            ),
        ]
    )
    for kind in [*dict.fromkeys(k for t in trips for k in t["every"]), "all figures"]:
        cells = []
        for n in sizes:
            met, every = (
                sum(v for t in own[n] for k, v in t[part].items() if kind in (k, "all figures"))
                for part in ("met", "every")
            )
            cells.append(f"{met} of {every} ({100 * met / max(every, 1):.1f} %)")
        rows.append([kind, *cells])
    rows.append(
        ["wrongly called impossible", *(str(sum(t["impossible"] for t in own[n])) for n in sizes)]
    )
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(argv: list[str]) -> None:
    """Print what is met of each cohort, then a table by kind."""
    if argv[:1] == ["--table"]:
        text = Path(argv[1]).read_text(encoding="utf-8")
        print(table([json.loads(line) for line in text.splitlines()]))
        return
    given = (argv + ["42", "6", "240", "0", "", "plain"][len(argv) :])[:6]
    n, cohorts, budget, first = (int(v) for v in given[:4])
    trips = []
    for seed in range(first, first + cohorts):
        kind = list(KINDS)[seed % len(KINDS)] if given[5] == "all" else given[5]
        trips.append(round_trip(n, seed, budget, kind))
        print(json.dumps(trips[-1]), flush=True)
        if given[4]:
            with Path(given[4]).open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps(trips[-1])}\n")
    print(table(trips))


if __name__ == "__main__":
    main(sys.argv[1:])
