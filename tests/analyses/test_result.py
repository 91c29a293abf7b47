"""The result model: ids, states, no number twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oncohort.analyses.result import (
    Curve,
    Estimate,
    Numbers,
    Population,
    Result,
    State,
    key_of,
)
from oncohort.problems import ProtocolError


def test_levels_of_an_id_stand_in_order_of_their_names() -> None:
    key = key_of("prognosis", "os", "hr", variable="crp", model="multi")
    assert key.id == "prognosis.os.hr[model=multi,variable=crp]"
    assert key == key_of("prognosis", "os", "hr", model="multi", variable="crp")
    assert (key.section, key.subject, key["model"], key.get("level")) == (
        "prognosis", "os", "multi", None,
    )  # fmt: skip


def number(value: float | None, state: State = "ok", **fields: Any) -> Estimate:
    return Estimate(key_of("a"), "A", value, state, kind="value", **fields)


def test_an_estimate_without_a_value_has_a_state_and_the_other_way_round() -> None:
    with pytest.raises(ValueError, match="state"):
        number(None)
    with pytest.raises(ValueError, match="state"):
        number(1.0, "not_reached")


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_could_not_be_computed_is_a_state(bad: float) -> None:
    lost = number(bad, low=1.0, high=2.0, level=0.95, note="few patients")
    assert (lost.value, lost.state, lost.low, lost.high, lost.level) == (
        None, "not_estimable", None, None, None,
    )  # fmt: skip
    assert lost.note == "few patients; the calculation gave no finite number"
    open_end = number(1.0, low=0.5, high=bad, level=0.95)
    assert (open_end.value, open_end.low, open_end.high, open_end.level) == (1.0, 0.5, None, 0.95)
    json.dumps([lost.to_dict(), open_end.to_dict()], allow_nan=False)


def test_an_interval_of_which_nothing_is_known_is_none() -> None:
    nan = float("nan")
    assert number(1.0, low=nan, high=nan, level=0.95).level is None


def test_numbers_are_found_by_path_and_levels() -> None:
    def hr(model: str, variable: str) -> Estimate:
        key = key_of("prognosis", "os", "hr", model=model, variable=variable)
        return Estimate(key, "HR", 1.0, kind="ratio")

    made = (hr("uni", "crp"), hr("uni", "crp_high"), hr("multi", "crp"))
    found = Numbers([Result("prognosis", made)])
    assert found.of("prognosis", "os", "hr", model="uni", variable="crp") == [made[0]]
    assert found.of("prognosis", "os", "hr") == list(made)
    assert found.of("prognosis", "os") == []
    assert found.subjects("prognosis") == ["os"]


def test_no_id_twice() -> None:
    e = number(1)
    with pytest.raises(ProtocolError, match="Two results"):
        Numbers([Result("x", (e,)), Result("y", (e,))])


def test_a_population_may_be_named_twice_only_if_it_is_the_same() -> None:
    a = Population("cohort", "All", ("1", "2"))
    Numbers([Result("x", populations=(a,)), Result("y", populations=(a,))])
    with pytest.raises(ValueError, match="two populations"):
        other = Population("cohort", "All", ("1",))
        Numbers([Result("x", populations=(a,)), Result("y", populations=(other,))])


def test_columns_of_a_curve_are_equally_long() -> None:
    with pytest.raises(ValueError, match="unequal"):
        Curve(key_of("c"), "C", {"time": (0, 1), "survival": (1.0,)})
