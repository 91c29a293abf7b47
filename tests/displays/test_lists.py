"""Lists for the study team: in the report only, never in what is shared."""

from __future__ import annotations

from oncohort.analyses.result import Curve, Numbers, Result, key_of
from oncohort.displays.lists import lists_of

DIFFERS = Curve(
    key_of("response", "discrepancies"),
    "Visits at which the charted response differs",
    {
        "patient": ("7",),
        "visit": ("scan 2",),
        "date": ("2014-03-02",),
        "derived": ("PD",),
        "charted": ("SD",),
        "reason": ("sum 63 mm is 22 % above the nadir: PD",),
    },
)


def test_a_list_has_a_row_for_each_visit() -> None:
    [table] = lists_of(Numbers([Result("response", curves=(DIFFERS,))]))
    assert table.number == "List 1"
    assert [c.text for c in table.rows[0].cells] == [
        "7", "scan 2", "2014-03-02", "SD", "PD", "sum 63 mm is 22 % above the nadir: PD",
    ]  # fmt: skip


def test_an_empty_list_is_not_shown() -> None:
    empty = Curve(DIFFERS.key, DIFFERS.label, dict.fromkeys(DIFFERS.columns, ()))
    assert lists_of(Numbers([Result("response", curves=(empty,))])) == ()
