"""Years and months of one time in two columns."""

from __future__ import annotations

from oncohort.records.grid import Raw
from oncohort.records.profile import profile
from oncohort.records.time_parts import find_time_parts, with_time_parts


def test_a_time_in_two_units_is_no_time_in_parts() -> None:
    years, months = [0.5, 1.0, 2.0, 3.0], [6, 12, 24, 36]
    held = {"FU (years)": profile(years), "FU (months)": profile(months)}
    assert find_time_parts(list(held), held) == {}


def test_what_is_no_number_is_told_and_not_counted_as_none() -> None:
    raw = Raw("c.csv", None, ("y", "m"), ([1, None, 2, None], [6, 3, "?x", None]), [2, 3, 4, 5])
    made, absent = with_time_parts(raw, {"fu": {"years": "y", "months": "m"}, "b": {"years": "z"}})
    assert made.columns[-1] == [18.0, 3.0, "2 + ?x", None]
    assert absent == ["z"]
