"""Days for ordered patients."""

from __future__ import annotations

import numpy as np

from oncohort.published.model import Curve, Landmark, Population, Published, Time
from oncohort.stats import kaplan_meier
from oncohort.twin import reconstruct
from oncohort.twin.search import Cohort
from oncohort.twin.times import (
    Course,
    Knots,
    bound,
    cut_at,
    fit,
    median_ranks,
    survival_after,
    template,
)

N = 40


def event(seed: int, share: float = 0.8) -> np.ndarray:
    return (np.random.default_rng(seed).random(N) < share).astype(np.int32)


def course(e: np.ndarray, median: float) -> Course:
    return Course(
        np.full(N, 1.0), np.full(N, np.inf), template(N, Knots(((median, 0.5),)), e)
    )  # fmt: skip


def test_median_and_limits_come_from_these_ranks() -> None:
    for seed in range(25):
        e = event(seed)
        days = np.sort(np.random.default_rng(seed + 100).choice(3000, N, replace=False)) + 1.0
        m = kaplan_meier(days, e > 0).median
        for value, ranks in zip((m.value, m.low, m.high), median_ranks(e), strict=True):
            assert (value is None) == (not ranks)
            if ranks:
                assert value == np.mean(days[ranks])


def test_survival_after_is_kaplan_meier() -> None:
    e = event(3)
    curve = kaplan_meier(np.arange(1.0, N + 1), e > 0)
    for k in (1, 7, 20, N):
        assert abs(survival_after(e)[k] - curve.at(float(k))[0].survival) < 1e-12


def test_all_demands_hold_at_once() -> None:
    early, late = np.ones(N, np.int32), event(2, 0.7)
    order = np.stack([np.arange(N), np.arange(N)]).astype(np.int32)
    cohort = Cohort(np.zeros((0, N)), np.stack([early, late]), order)
    a, b = course(early, 300.0), course(late, 900.0)
    assert bound(a, median_ranks(early)[0], 310, 313, "median")
    assert bound(b, median_ranks(late)[0], 918, 920, "median")
    cut_at(b, 6, 365, "at risk")
    timed = fit(cohort, [a, b], ((0, 1),))
    assert timed is not None
    first, second = timed.days
    assert (np.diff(first) > 0).all() and (np.diff(second) > 0).all()
    assert (first < second).all()
    assert 310 <= kaplan_meier(first, early > 0).median.value <= 313
    assert 918 <= kaplan_meier(second, late > 0).median.value <= 920
    assert (second <= 365).sum() == 6
    assert max(timed.stretch) <= 2


def test_demands_that_no_days_have_give_none() -> None:
    e = np.ones(N, np.int32)
    order = np.stack([np.arange(N), np.arange(N)[::-1]]).astype(np.int32)
    cohort = Cohort(np.zeros((0, N)), np.stack([e, e]), order)
    a, b = course(e, 300.0), course(e, 900.0)
    bound(a, [N - 1], 1000, 1001, "longest")  # this patient has the first late event
    bound(b, [0], 500, 501, "shortest")
    assert fit(cohort, [a, b], ((0, 1),)) is None


def test_template_goes_through_the_printed_points() -> None:
    knots = Knots(((180.0, 0.8), (365.0, 0.5), (730.0, 0.2)))
    days = template(200, knots)
    for day, survival in knots.points:
        assert abs((days > day).mean() - survival) < 0.02
    assert (np.diff(days) > 0).all()


def test_whoever_has_the_very_day_is_at_risk_on_it_and_limits_stand_without_their_median() -> None:
    """12 months are 365.25 days: a patient of 365 days is not at risk then, one of 366 is."""
    figures = Published(
        populations=(Population("cohort", n="30"),),
        times=(Time("OS", "25.4", "months", "13.1", "22.4", "interval", "95", "cohort"),),
        landmarks=(
            Landmark("OS", "6", "months", "83.3"),
            Landmark("OS", "24", "months", "30.0"),
        ),
        curves=(Curve("OS", at_risk=(("0", "30"), ("12", "21"), ("24", "9")), unit="months"),),
    )
    twin = reconstruct(figures, seed=1, time_budget=None, tries=6)
    states = {x.key: x.state for x in twin.certificate.lines}
    assert states.pop("times.os.median") == "impossible"
    assert set(states.values()) == {"met"}, twin.certificate.to_markdown()
