"""Write docs/parity.md: each method beside R, with the largest difference found in the fixtures.

    python scripts/write_parity.py [--check]

``--check`` writes nothing and fails where the page would change by more than rounding.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "stats"))

from parity import SOURCES, Comparison, comparisons, versions  # noqa: E402

PAGE = ROOT / "docs" / "parity.md"
TITLES = {
    "cox_fits": "Cox regression",
    "cox_uno": "Concordance",
    "curves": "Survival curves and restricted means",
    "rank_tests": "Log-rank family",
    "competing_risks": "Competing risks",
    "interval_censoring": "Interval censoring",
    "comparisons": "Tests between groups, proportions, pooling",
    "logistic": "Logistic regression",
    "group_differences": "Trends and differences between groups",
    "hard_inputs": "Large tables, weights, late entry, censoring groups",
}


def bound(difference: float) -> str:
    """The power of ten that the difference stays below: stable over machines."""
    for power in range(-14, 1):
        if difference < 10.0**power:
            return f"< 1e{power}"
    return f"{difference:.2g}"


def section(name: str) -> tuple[list[str], int]:
    """Lines of a table, and the count of numbers compared."""
    rows: dict[tuple[str, str], list[Comparison]] = {}
    for found in comparisons(name):
        rows.setdefault((found.method, found.r), []).append(found)
    lines = [
        f"## {TITLES[name]}",
        "",
        "| method | R | cases | numbers | largest relative difference |",
        "|---|---|---:|---:|---|",
    ]
    total = 0
    for (method, r), group in rows.items():
        count = sum(one.count for one in group)
        total += count
        worst = max(one.difference for one in group)
        reasons = sorted({one.why for one in group if one.why})
        mark = f" ({'; '.join(reasons)})" if reasons else ""
        cases = len({one.case for one in group})
        lines.append(f"| {method} | `{r}` | {cases} | {count} | {bound(worst)}{mark} |")
    return [*lines, ""], total


def page() -> str:
    body: list[str] = []
    total = 0
    for name in TITLES:
        lines, count = section(name)
        body += lines
        total += count
    head = [
        "# Parity with R",
        "",
        "Written by `scripts/write_parity.py` from the fixtures in `tests/stats/fixtures`; the",
        "R scripts that made these are in `tests/stats/r`. `make verify-r` runs them again where",
        "R is installed and compares what they write with the fixtures.",
        "",
        f"{total:,} numbers, {versions()}.",
        "Differences are relative (absolute below 1e-8); entries of variances and residuals that",
        "cancel to about 0 are measured against 1 % of the largest.",
        "",
        "Where R and oncohort differ on purpose:",
        "",
        "- Before the first event a survival interval is 1 to 1; R gives NA on the log-log, logit",
        "  and arcsine scales. Once a curve is at 0 its variance is undefined here; R's robust",
        "  one is 0.",
        "- The median of a curve that stays at exactly 0.5 to its end is where it came there, as",
        "  in R's printed table; R's `quantile()` takes the middle up to the last follow-up.",
        "- The variance of a Fine-Gray model with several censoring groups is checked against a",
        "  numerical jackknife, to which it is closer than `crr`'s (by about 1 %).",
        "- The censoring weights of a Fine-Gray model are 0 after a censoring group's last",
        "  follow-up, as in `crr`. With case weights the censoring distribution is weighted too:",
        "  a weight of 3 is three rows; `survival::finegray` leaves it unweighted. At tied",
        "  times censorings and events are at risk together, as in `crr`; `finegray` lets events",
        "  leave first. With late entry the variance takes the weights as known, as `coxph` does.",
        "- Intervals of quantiles take the first time at which the band is at or below the level.",
        "  R sorts the band first, which differs where it is not falling (plain and log scales",
        "  after few events, late entry).",
        "- Times that differ by rounding alone are joined once, when they are read, in all",
        "  functions; R's survival package does so in each, cmprsk does not.",
        "- Fisher's test of an r x c table with too many tables is a seeded Monte Carlo that says",
        "  so, where `fisher.test` stops with an error.",
        "- The log-rank test takes weights: whole numbers are rows, others give the robust score",
        "  test of a Cox model with Breslow's ties. `survdiff` has none.",
        "- Weights that are not whole numbers give robust variances in `kaplan_meier`,",
        "  `nelson_aalen`, `rmst`, `logrank` and `cox` unless asked otherwise, as in R.",
        "- Differences of survival at fixed times, intervals of predicted incidence, Gray's test",
        "  with late entry or weights have no function in these R packages; they are tested by",
        "  their definition, by rows repeated and by rows left out.",
        "- R's own Turnbull iteration stops early (5e-4 off Kaplan-Meier where all times are",
        "  right-censored); the EM in the R script runs to its end.",
        "",
    ]
    return "\n".join(head + body).rstrip() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    assert set(TITLES) == set(SOURCES)
    text = page()
    if options.check:
        same = PAGE.exists() and PAGE.read_text() == text
        if not same:
            print("docs/parity.md is out of date: run scripts/write_parity.py", file=sys.stderr)
        return 0 if same else 1
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
