"""An early endpoint printed ahead of a late one: impossible only where no patients have it."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.published import parse_published
from oncohort.stats import kaplan_meier
from oncohort.twin.crossings import Known, can_cross
from oncohort.twin.plan import make_plan

HEAD = 'schema = 1\n[[populations]]\nkey = "cohort"\nn = "40"\n'


def _time(endpoint: str, median: str, low: str = "", high: str = "") -> str:
    return (
        f'[[times]]\nendpoint = "{endpoint}"\nmedian = "{median}"\nunit = "months"\n'
        f'low = "{low}"\nhigh = "{high}"\nspread = "interval"\n'
    )


def _events(endpoint: str, count: int) -> str:
    return f'[[events]]\nendpoint = "{endpoint}"\ncount = "{count}"\n'


@settings(max_examples=300, deadline=None)
@given(st.integers(3, 30), st.integers(0, 2**32 - 1), st.floats(0.05, 0.95))
def test_curves_of_patients_are_never_called_impossible(n: int, seed: int, lost: float) -> None:
    """Patients drawn so that the early curve often lies above the late one."""
    rng = np.random.default_rng(seed)
    late = rng.uniform(1, 30, n)
    died = rng.random(n) > lost
    late = np.where(died, late + rng.uniform(0, 20), late)
    early_event = died | (rng.random(n) < 0.5)
    early = late * rng.uniform(0.7, 1.0, n)
    day = float(rng.uniform(2, 45))
    above = kaplan_meier(early, early_event).at(day)[0].survival
    below = kaplan_meier(late, died).at(day)[0].survival
    if above is None or below is None:
        return
    known = Known(int(early_event.sum()), int(died.sum()), int((late > day).sum()))
    assert can_cross(n, above, below, known)


def test_with_everybody_dead_the_early_curve_can_not_be_above() -> None:
    assert not can_cross(40, 0.51, 0.5, Known(late=40))
    assert not can_cross(40, 0.51, 0.5, Known(at_risk=20))
    assert can_cross(40, 0.51, 0.5, Known())


def test_a_later_median_of_the_early_endpoint_is_impossible_with_its_proof() -> None:
    text = HEAD + _time("PFS", "20.4", "15.1", "26.0") + _time("OS", "12.5") + _events("OS", 40)
    plan = make_plan(parse_published(text))
    found = plan.impossible["times.pfs.median"]
    assert found.conflict == ("times.pfs.median", "times.os.median", "events.os")
    assert "never comes after" in found.why
    assert set(plan.unasked) == {"times.pfs.low", "times.pfs.high"}
    assert plan.asked.times[0].median == "" and plan.asked.times[1].median == "12.5"


def test_where_it_is_possible_it_is_not_looked_for_and_not_called_impossible() -> None:
    plan = make_plan(parse_published(HEAD + _time("PFS", "20.4") + _time("OS", "12.5")))
    assert "times.pfs.median" not in plan.impossible
    assert "times.os.median" in plan.unasked["times.pfs.median"]


def test_rates_of_one_month_are_compared_too() -> None:
    rates = "".join(
        f'[[landmarks]]\nendpoint = "{e}"\ntime = "12"\nunit = "months"\npercent = "{p}"\n'
        for e, p in (("PFS", "80"), ("OS", "40"))
    )
    plan = make_plan(parse_published(HEAD + rates + _events("OS", 38)))
    assert plan.impossible["landmarks.pfs.12.percent"].conflict == (
        "landmarks.pfs.12.percent", "landmarks.os.12.percent", "events.os",
    )  # fmt: skip


def test_endpoints_in_their_usual_order_are_left_alone() -> None:
    plan = make_plan(parse_published(HEAD + _time("PFS", "7.4") + _time("OS", "12.5")))
    assert not plan.impossible and not plan.unasked


def test_numbers_at_risk_say_when_a_median_can_be() -> None:
    """Of 40 patients 30 have left by month 24: the curve is below one half by then."""
    risk = '[[curves]]\nendpoint = "OS"\nunit = "months"\n'
    risk += 'at_risk = [["0", "40"], ["12", "32"], ["24", "10"]]\n'
    marks = make_plan(parse_published(HEAD + _time("OS", "21.5") + risk)).question.space.marks
    late = [(m.least, m.most, m.low, m.high) for m in marks if m.endpoint == 1]
    assert late == [(8, 30, 0.0, 0.5), (8, 8, 0.5 + 1e-9, 1.0)]
