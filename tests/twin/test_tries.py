"""Searches that a number of tries ends: the same cohorts on every machine."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from oncohort.twin import tries
from oncohort.twin.ordering import Effort, Found, Question
from oncohort.twin.plan import make_plan


@pytest.fixture(scope="module")
def question(measure: ModuleType) -> Question:
    rng = np.random.default_rng([24, 1])
    return make_plan(measure.summarise(measure.simulate(rng, 24), rng)).question


def cohorts(found: list[Found]) -> list[tuple[bytes, ...]]:
    return [
        (f.cohort.x.tobytes(), f.cohort.event.tobytes(), f.cohort.order.tobytes(), b"%d" % f.tries)
        for f in found
    ]


def test_workers_do_not_tell_what_a_number_of_tries_finds(question: Question) -> None:
    effort = Effort(scale=0.0001)
    alone, two = (list(tries.search(question, 3, effort, 5, None, w)) for w in (1, 2))
    assert [f.tries for f in alone] == [0, tries.ABREAST, 5]
    assert cohorts(alone) == cohorts(two)


def test_the_first_that_misses_nothing_ends_the_search_whoever_is_done_first(
    question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = tries.unsearched(question, 1)
    missed = [5.0, 0.0, 0.0, 1.0]

    def attempt(*call: object) -> Found:
        return Found(some.cohort, missed[call[2]], 0.1, 1, 10)  # type: ignore[call-overload]

    monkeypatch.setattr(tries, "attempt", attempt)
    *_, last = tries.search(question, 1, Effort(), 9)
    assert (last.missed, last.tries, last.sweeps) == (0.0, 2, 20)
