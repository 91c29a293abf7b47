"""Round trips: random cohorts summarised as papers do, twinned back, and what share is met.

Usage: python scripts/measure_twin.py [N] [COHORTS] [SECONDS] [FIRST]

Patients, cohorts, search budget, seed of the first cohort. Seconds are processor seconds of one
core, so that the figures don't depend on what else runs; 240 are two minutes of two cores.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import Any

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


def simulate(rng: np.random.Generator, n: int) -> dict[str, Any]:
    """Covariates, PFS and OS in days without ties, progression before death."""
    x = np.stack([rng.permutation(np.arange(n) < max(2, round(n * s))) for s in SHARES]).astype(
        float
    )
    risk = np.exp(np.array(EFFECTS) @ x)
    gap = rng.exponential(1.0, n) ** 0.8
    pfs = 60 + 330 * gap / risk**0.8
    os = pfs + 30 + 700 * rng.exponential(1.0, n) ** 0.8 / risk**0.7
    end = rng.uniform(500, 2600, n)
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


def main(argv: list[str]) -> None:
    """Print met of all per kind as a table, and seconds."""
    n, cohorts, budget, first = (int(v) for v in (argv + ["42", "6", "240", "0"][len(argv) :])[:4])
    met: Counter[str] = Counter()
    every: Counter[str] = Counter()
    false, spent = 0, 0.0
    for seed in range(first, first + cohorts):
        rng = np.random.default_rng([n, seed])
        begun = time.process_time()
        figures = summarise(simulate(rng, n), rng)
        twin = reconstruct(
            figures, seed=seed, time_budget=budget, tries=1000, now=time.process_time
        )
        for line in twin.certificate.lines:
            every[line.kind] += 1
            met[line.kind] += line.state == "met"
            false += line.state == "impossible"
        took = time.process_time() - begun
        spent += took
        print(f"n={n} cohort {seed}: {twin.certificate.summary()}; {took:.0f} CPU s", flush=True)
    print(f"\n| {n} patients, {cohorts} cohorts, {spent / cohorts:.0f} CPU s each | met | |")
    print("|---|---|---|")
    for kind in [*every, "all"]:
        one, whole = (sum(c.values()) if kind == "all" else c[kind] for c in (met, every))
        print(f"| {kind} | {one} of {whole} | {100 * one / whole:.1f} % |")
    print(f"\nwrongly called impossible: {false}")


if __name__ == "__main__":
    main(sys.argv[1:])
