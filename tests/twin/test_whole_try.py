"""Tries of the search: a variable that few carry, laid with the events of both endpoints."""

from __future__ import annotations

import numpy as np
import pytest

from oncohort.stats import cox
from oncohort.twin.joint import core_missed
from oncohort.twin.ordering import Effort, Found, Question, core_of, measure, sharing
from oncohort.twin.question import ways_to_lie
from oncohort.twin.search import Carrier, Space, Term, Window, compiled
from oncohort.twin.whole_try import again, one_try

N = 26


def question(seed: int = 1) -> Question:
    """Ratios with limits, as a cohort has them: two variables that share models, two alone."""
    rng = np.random.default_rng(seed)
    x = np.stack([rng.permutation(np.arange(N) < k) for k in (10, 8, 3, 12)]).astype(float)
    early = rng.exponential(1.0, N) / np.exp(0.5 * x[0])
    order = np.stack([np.argsort(early), np.argsort(early + rng.random(N) * 0.3)])
    event = (rng.random((2, N)) < [[0.9], [0.75]]).astype(np.int32)
    terms = []
    for e in (0, 1):
        for columns in ((0, 1), (0,), (1,), (2,), (3,)):
            rows = x[list(columns)][:, order[e]].T
            fit = cox(np.arange(1.0, N + 1), event[e] > 0, rows)
            windows = []
            for b, se in zip(fit.coef, fit.se, strict=True):
                ends = [(v - 0.02, v + 0.02) for v in (b, b - 1.96 * se, b + 1.96 * se)]
                windows.append(Window(*ends, quantile=1.96))
            terms.append(Term(e, columns, tuple(windows)))
    values = tuple(np.sort(row)[None, ::-1] for row in x)
    few = [ways_to_lie(v) < 12 for v in values]
    carriers = tuple(Carrier(k, few=f) for k, f in enumerate(few))
    template = np.stack([np.arange(1.0, N + 1), 1.5 * np.arange(1.0, N + 1)])
    space = Space(carriers, tuple(terms), (), ((0, 1),), template)
    return Question(N, space, values, tuple((int(e.sum()),) for e in event), (None, None))


def test_who_is_sought_with_the_events() -> None:
    space = question().space
    assert sharing(space) == [0, 1]
    assert core_of(space) == [0, 1, 2]


@pytest.mark.skipif(not compiled(), reason="without a compiler this takes long")
def test_a_try_meets_what_a_cohort_has_and_goes_on_from_its_best() -> None:
    q = question()
    effort = Effort(scale=0.03)
    best = one_try(q, 1, 0, effort)
    for k in range(1, 6):
        if best.missed <= 0:
            break
        more = again(q, Found(best.cohort, best.missed, best.energy, k), 1, effort)
        assert more.missed <= best.missed
        best = more
    assert best.missed == measure(q, best.cohort).missed == 0
    assert core_missed(q, best.cohort) == 0
    for row, values in zip(best.cohort.x, q.values, strict=True):
        assert row.sum() == values.sum()
