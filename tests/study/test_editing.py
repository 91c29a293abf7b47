"""Single settings changed in the protocol's text: comments stay, the rest stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.protocol import parse_protocol
from oncohort.study.answering import AnswerError
from oncohort.study.columns import left_out, taken_for
from oncohort.study.editing import (
    changed_criterion,
    moved_criterion,
    with_criterion,
    with_values,
    without_criterion,
)

DEMO = (
    Path(__file__).parents[2] / "src" / "oncohort" / "study" / "demo_study" / "study.toml"
).read_text("utf-8")


def keys(text: str) -> list[str]:
    return [c.key for c in parse_protocol(text).eligibility.criteria]


def test_criteria_are_added_changed_moved_and_taken_out() -> None:
    more = with_criterion(DEMO, "Men", "sex", {"is": "female"})
    assert keys(more) == [*keys(DEMO), "men"]
    assert keys(moved_criterion(DEMO, "adult", 1))[:3] == ["period", "second_line", "adult"]
    assert keys(moved_criterion(DEMO, "period", -1)) == keys(DEMO)
    assert keys(without_criterion(DEMO, "adult")) == [k for k in keys(DEMO) if k != "adult"]
    changed = changed_criterion(DEMO, "adult", {"min": 18, "missing": "keep"})
    adult = parse_protocol(changed).eligibility.criteria[1]
    assert (adult.min, adult.missing) == (18, "keep")
    assert changed_criterion(changed, "adult", {"min": 20, "missing": None}) == DEMO
    with pytest.raises(AnswerError):
        without_criterion(DEMO, "no such")


def test_a_change_and_its_way_back_leave_the_text_as_it_was() -> None:
    path = ("endpoints", "pfs", "from")
    there = with_values(DEMO, {path: "first_systemic_date"})
    assert parse_protocol(there).endpoints["pfs"].origin == "first_systemic_date"
    assert with_values(there, {path: "treatment_start"}) == DEMO
    gone = with_values(DEMO, {("endpoints", "pfs", "landmarks"): None})
    assert parse_protocol(gone).endpoints["pfs"].landmarks == []
    assert DEMO.count("#") - gone.count("#") == 1, "only the remark on its own line goes"


def test_a_column_left_out_takes_what_rests_on_it() -> None:
    text = left_out(DEMO, "patients", "sex")
    protocol = parse_protocol(text)
    assert "sex" not in protocol.variables
    assert protocol.baseline is not None and "sex" not in protocol.baseline.variables
    with pytest.raises(AnswerError):
        left_out(DEMO, "no such table", "sex")
    with pytest.raises(AnswerError):
        taken_for(DEMO, "patients", "sex", "no such column")
