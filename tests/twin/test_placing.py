"""One variable laid exactly on both endpoints, whatever is laid already stays."""

from __future__ import annotations

import numpy as np

from oncohort.stats import cox
from oncohort.twin.parts import look
from oncohort.twin.placing import alone, labels_of, matched, place
from oncohort.twin.search import Carrier, Cohort, Space, Term, Window

N = 30


def window(coef: float, se: float) -> Window:
    """As a paper prints it: two digits of the ratio and its limits."""
    ends = []
    for v in (coef, coef - 1.96 * se, coef + 1.96 * se):
        ratio = round(float(np.exp(v)), 2)
        ends.append((float(np.log(ratio - 0.00499)), float(np.log(ratio + 0.00499))))
    return Window(ends[0], ends[1], ends[2], quantile=1.96)


def asked(columns: tuple[int, ...], seed: int) -> tuple[Space, Cohort]:
    """Models of each column alone on both endpoints, as some other cohort has them."""
    rng = np.random.default_rng(seed)
    x = np.stack([rng.permutation(np.arange(N) < k) for k in (9, 4)]).astype(float)
    event = (rng.random((2, N)) < [[0.9], [0.75]]).astype(np.int32)
    early = np.arange(N) + rng.normal(size=N)
    order = np.stack([np.argsort(early), np.argsort(early + rng.random(N) * 12)]).astype(np.int32)
    terms = []
    for e in (0, 1):
        for c in columns:
            row = x[c][order[e]][:, None]
            fit = cox(np.arange(1.0, N + 1), event[e] > 0, row)
            terms.append(Term(e, (c,), (window(float(fit.coef[0]), float(fit.se[0])),)))
    template = np.stack([np.arange(1.0, N + 1), 1.6 * np.arange(1.0, N + 1)])
    carriers = (Carrier(0), Carrier(1))
    space = Space(carriers, tuple(terms), (), ((0, 1),), template)
    other = Cohort(np.stack([rng.permutation(row) for row in x]), event, order)
    return space, other


def test_a_variable_that_few_carry_is_met_on_both_endpoints() -> None:
    space, cohort = asked((1,), 1)
    it = alone(space, cohort, 1)
    assert it is not None
    own = Space(space.carriers, it.terms)
    assert look(own, cohort).missed > 0
    done = place(space, cohort, it, [0], np.random.default_rng(1))
    assert look(own, done).missed == 0
    # Its margin is kept, and so are the places of the column that was laid already.
    assert done.x[1].sum() == cohort.x[1].sum()
    for e in (0, 1):
        assert np.array_equal(done.x[0][done.order[e]], cohort.x[0][cohort.order[e]])
    assert np.array_equal(done.event, cohort.event)


def test_two_variables_one_after_the_other() -> None:
    space, cohort = asked((0, 1), 3)
    rng = np.random.default_rng(2)
    laid: list[int] = []
    for carrier in (1, 0):
        it = alone(space, cohort, carrier)
        assert it is not None
        cohort = place(space, cohort, it, laid, rng)
        laid.append(carrier)
    assert look(Space(space.carriers, space.terms), cohort).missed == 0


def test_nothing_is_laid_when_time_is_up() -> None:
    space, cohort = asked((1,), 1)
    it = alone(space, cohort, 1)
    assert it is not None
    done = place(space, cohort, it, [0], np.random.default_rng(1), stop=lambda: True)
    assert np.array_equal(done.x, cohort.x)


def test_what_can_not_be_laid_exactly() -> None:
    space, cohort = asked((0, 1), 4)
    joint = Term(0, (0, 1), (Window((0.1, 0.2)), Window((0.1, 0.2))))
    assert alone(Space(space.carriers, (joint,)), cohort, 0) is None
    assert alone(Space((Carrier(0, 2),), space.terms), cohort, 0) is None
    assert alone(Space((Carrier(0, 1, (5, 9)),), space.terms), cohort, 0) is None
    assert alone(Space(space.carriers, (Term(0, (0,), (Window(),)),)), cohort, 0) is None
    twice = (*space.terms, space.terms[0])
    assert alone(Space(space.carriers, twice), cohort, 0) is None


def test_who_is_alike_changes_places_in_the_early_endpoint_alone() -> None:
    space, cohort = asked((0, 1), 5)
    labels = labels_of(cohort, [0, 1])
    new = matched(space, cohort, 0, 1, labels[cohort.order[0]], labels, np.random.default_rng(1))
    assert np.array_equal(new.order[1], cohort.order[1])
    assert sorted(new.order[0]) == list(range(N))
    assert np.array_equal(labels[new.order[0]], labels[cohort.order[0]])
    assert not labels_of(cohort, []).any()
