"""Numbers of events that no paper prints: told by the standard errors, and kept by the search."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from oncohort.twin.event_counts import likelihood, standard_errors_of
from oncohort.twin.ordering import Effort, Found, Question
from oncohort.twin.plan import make_plan
from oncohort.twin.search import Carrier, Cohort, Space, Term, Window, compiled
from oncohort.twin.tries import attempt, near_counts, spread_counts


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_true_number_is_among_those_that_are_tried(measure: ModuleType) -> None:
    apart = []
    for seed in range(300, 308):
        rng = np.random.default_rng([42, seed])
        patients = measure.simulate(rng, 42)
        question = make_plan(measure.summarise(patients, rng)).question
        for endpoint, choices in zip(("PFS", "OS"), question.events, strict=True):
            true = int(patients[endpoint][1].sum())
            assert true in choices, (seed, endpoint, true, choices)
            apart.append(abs(choices[0] - true))
    assert max(apart) <= 4
    assert sum(apart) / len(apart) < 1.6


def test_fewer_events_make_larger_standard_errors() -> None:
    mean, spread = standard_errors_of(60, 20, 0.4)
    assert (np.diff(mean) < 0).all()
    assert spread.min() > 0
    assert int(np.argmax(likelihood(60, [(20, 0.4, float(np.exp(mean[39])))]))) == 39


@pytest.mark.skipif(not compiled(), reason="without a compiler this takes long")
def test_the_first_tries_keep_the_number_that_was_drawn(measure: ModuleType) -> None:
    """Left to move it falls to the least one: fewer events leave more ways to lie."""
    rng = np.random.default_rng([30, 1])
    question = make_plan(measure.summarise(measure.simulate(rng, 30), rng)).question
    assert all(len(choices) > 1 for choices in question.events)
    effort = Effort(scale=0.002)
    first = attempt(question, 1, 0, effort, None)
    counts = [int(row.sum()) for row in first.cohort.event]
    early, late = (choices[0] for choices in question.events)
    assert counts == [early, min(early, late)]
    second = attempt(question, 1, 1, effort, replace(first, missed=1000.0))
    counts = list(spread_counts(question)[1])
    assert [int(row.sum()) for row in second.cohort.event] == counts


def _question(*events: tuple[int, ...]) -> Question:
    window = Window((0.1, 0.2))
    terms = tuple(Term(e, (0,), (window,)) for e in range(len(events)))
    values = (np.zeros((1, 42)),)
    return Question(42, Space((Carrier(0),), terms), values, events)


def test_short_tries_take_numbers_that_are_well_apart_likely_ones_first() -> None:
    tried = spread_counts(_question((42, 41), (35, 36, 34, 33, 37, 32, 31)))
    assert tried[0] == (42, 35)
    assert {late for _, late in tried} == {35, 33, 37, 31}
    assert len(set(tried)) == len(tried) <= 5


def test_there_are_no_short_tries_where_the_numbers_are_known() -> None:
    assert spread_counts(_question((40,), (31,))) == []


def test_later_tries_stay_near_the_numbers_of_the_best() -> None:
    flags = np.zeros((2, 42), dtype=np.int32)
    flags[0], flags[1, :33] = 1, 1
    cohort = Cohort(np.zeros((1, 42)), flags, np.tile(np.arange(42, dtype=np.int32), (2, 1)))
    q = near_counts(_question((42, 41), (36, 35, 37, 34, 33)), Found(cohort, 10.0, 0.1))
    assert q.events == ((42, 41), (33, 34, 35, 36, 37))
