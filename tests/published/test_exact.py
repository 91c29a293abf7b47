"""The dynamic programme against brute force, real fits, and ranges known from other work."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import oncohort as oc
from conftest import shared_file
from oncohort.audit import Certainty, audit_report
from oncohort.published.exact import ROUGH, admissible_events


def fit(order: tuple[tuple[int, bool], ...]) -> tuple[float, float] | None:
    """Log hazard ratio and information of an order of (group, event), by Newton steps."""
    n1 = sum(g for g, _ in order)
    n0 = len(order) - n1
    steps = []
    for group, event in order:
        if event:
            steps.append((n1, n0, group))
        n1, n0 = n1 - group, n0 - (1 - group)
    beta = 0.0
    for _ in range(60):
        h = math.exp(beta)
        q = [a * h / (a * h + b) for a, b, _ in steps]
        score = sum(x for _, _, x in steps) - sum(q)
        information = sum(v * (1 - v) for v in q)
        if information < 1e-9 or abs(beta) > 15:
            return None
        step = score / information
        beta += max(-1.0, min(1.0, step))
        if abs(step) < 1e-12:
            return beta, information
    return None


def test_it_holds_every_order_of_a_small_cohort() -> None:
    first, second = 3, 3
    seen: dict[tuple[str, int], list[float]] = {}
    for places in itertools.combinations(range(6), first):
        groups = [int(k in places) for k in range(6)]
        for events in itertools.product((False, True), repeat=6):
            found = fit(tuple(zip(groups, events, strict=True)))
            if found is None or abs(found[0]) < 0.3:
                continue
            printed = f"{math.exp(found[0]):.2f}"
            p = math.erfc(abs(found[0]) * math.sqrt(found[1]) / math.sqrt(2))
            seen.setdefault((printed, sum(events)), []).append(p)
    assert len(seen) > 50
    ratios = sorted({r for r, _ in seen})
    for printed in ratios[:: max(1, len(ratios) // 12)]:
        for (ratio, events), ps in seen.items():
            for p in {f"{p:.4f}" for p in ps if ratio == printed}:
                assert events in (admissible_events(printed, p, first, second) or ())


@pytest.mark.parametrize("seed", range(12))
def test_it_holds_fits_of_real_cohorts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 50))
    x = (np.arange(n) < rng.integers(4, n - 4)).astype(float)
    time = rng.exponential(1 / np.exp(rng.normal(0, 0.8) * x))
    event = rng.random(n) < rng.uniform(0.5, 1.0)
    result = oc.stats.cox(time, event, x)
    estimate, p = f"{result.hr[0]:.2f}", f"{result.p[0]:.3f}"
    if float(p) == 0.0:
        p = "<0.001"
    allowed = admissible_events(estimate, p, int(x.sum()), int(n - x.sum()))
    assert allowed is not None
    assert result.events in allowed
    rough = admissible_events(estimate, p, int(x.sum()), int(n - x.sum()), width=ROUGH)
    assert rough is not None
    assert set(allowed) <= set(rough)


@pytest.mark.parametrize(
    ("estimate", "p", "groups", "least", "most"),
    [
        ("0.68", "0.52", (23, 19), None, 29),
        ("0.57", "0.48", (24, 18), None, 27),
        ("0.57", "0.48", (28, 14), None, 31),
        ("1.32", "0.41", (30, 12), 40, 42),
        ("3.92", "0.0083", (15, 27), None, 38),
        ("2.92", "0.037", (6, 36), 16, 41),
        ("0.53", "0.18", (24, 18), 17, 36),
    ],
)
def test_ranges_known_from_an_independent_search(
    estimate: str, p: str, groups: tuple[int, int], least: int | None, most: int
) -> None:
    found = admissible_events(estimate, p, *groups)
    assert found is not None
    assert abs(max(found) - most) <= 1
    assert least is None or abs(min(found) - least) <= 1


def test_what_no_number_of_events_allows() -> None:
    assert admissible_events("1.8", "0.12", 6, 36) == ()
    assert admissible_events("1.13", "0.47", 14, 28) == ()


def test_sizes_and_figures_that_it_does_not_speak_of() -> None:
    assert admissible_events("1.8", "0.12", 60, 60) is None
    assert admissible_events("1.8", "n.s.", 6, 36) is None
    assert admissible_events("0.0", "0.12", 6, 36) is None
    assert admissible_events("1.0", "0.99", 6, 36) is not None


def test_rows_of_the_founding_paper() -> None:
    report = audit_report(shared_file("paper", "paper.txt"), unusual=True)
    rows = [f for f in report.findings if f.id.startswith("event_range.")]
    assert {f.certainty for f in rows} == {Certainty.UNUSUAL}
    stated = {f.headline.split(",")[0] for f in rows if f.id == "event_range.stated"}
    assert stated == {"Number of lung metastasis", "Side of lung metastasis"}
    (together,) = (f for f in rows if f.id == "event_range.together")
    assert together.headline.startswith("PFS")
    assert "Sex" in together.headline or "Gender" in together.headline
