"""The result model: ids, states, no number twice."""

from __future__ import annotations

import pytest

from oncohort.analyses.result import (
    Curve,
    Estimate,
    Numbers,
    Population,
    Result,
    parse_id,
    result_id,
)


def test_keys_of_an_id_stand_in_order_of_their_names() -> None:
    name = result_id("prognosis.os.hr", variable="crp", model="multi")
    assert name == "prognosis.os.hr[model=multi,variable=crp]"
    assert parse_id(name) == ("prognosis.os.hr", {"model": "multi", "variable": "crp"})


def test_an_estimate_without_a_value_has_a_state_and_the_other_way_round() -> None:
    with pytest.raises(ValueError, match="state"):
        Estimate("a", "A", None)
    with pytest.raises(ValueError, match="state"):
        Estimate("a", "A", 1.0, "not_reached")


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_numbers_that_json_cannot_hold_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="use a state"):
        Estimate("a", "A", 1.0, high=bad)


def test_no_id_twice() -> None:
    e = Estimate("a", "A", 1)
    with pytest.raises(ValueError, match="two estimates"):
        Numbers([Result("x", (e,)), Result("y", (e,))])


def test_a_population_may_be_named_twice_only_if_it_is_the_same() -> None:
    a = Population("cohort", "All", ("1", "2"))
    Numbers([Result("x", populations=(a,)), Result("y", populations=(a,))])
    with pytest.raises(ValueError, match="two populations"):
        other = Population("cohort", "All", ("1",))
        Numbers([Result("x", populations=(a,)), Result("y", populations=(other,))])


def test_columns_of_a_curve_are_equally_long() -> None:
    with pytest.raises(ValueError, match="unequal"):
        Curve("c", "C", {"time": (0, 1), "survival": (1.0,)})
