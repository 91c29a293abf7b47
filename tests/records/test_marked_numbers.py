"""Numbers whose mark gets a column of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.records.marked_numbers import mark_of
from oncohort.study.study import read_study

HEAD = '[study]\nschema = 1\ntitle = "T"\ndata = "c.csv"\n[tables.patients]\nmarked = ["OS"]\n'
ENDPOINT = (
    '[endpoints.os]\ntime = "OS"\nevent = "OS marks"\nevent_value = "without"\n'
    'time_unit = "months"\n'
)


@given(st.floats(0, 900).map(lambda x: round(x, 2)), st.sampled_from(["", " "]))
def test_a_number_keeps_its_figures_and_its_mark(number: float, blank: str) -> None:
    assert mark_of(f"{number}{blank}+") == (str(number), "with +")
    assert mark_of(f"{number}") == (str(number), "without")


@pytest.mark.parametrize(
    "text", ["", "+", "12-14", "2019-01-02", "12.3++", "> 12 +", "12 mo 3", "a 7"]
)
def test_what_is_no_marked_number_stays(text: str) -> None:
    assert mark_of(text) is None


def test_the_mark_is_the_event_and_keeps_its_cell(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("patient,OS\n1,12.3+\n2,8\n3,5.5\n4,20 +\n5,\n6,7\n")
    (tmp_path / "study.toml").write_text(HEAD + ENDPOINT)
    study = read_study(tmp_path)
    assert study.records["patients"]["OS marks"].to_list() == [
        *("with +", "without", "without", "with +"),
        *(None, "without"),
    ]
    assert study.records["patients"]["OS"].to_list() == [12.3, 8.0, 5.5, 20.0, None, 7.0]
    assert [study.cohort.frame["os_event"].sum(), study.cohort.frame["os_event"].null_count()] == [
        3,
        1,
    ]
    assert study.records.cells.place("patients", "OS marks", 2).column == "OS marks"


def test_a_cell_that_is_no_number_is_told_and_takes_the_endpoint_out(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("patient,OS\n1,12.3+\n2,8\n3,5..5+\n4,20\n")
    (tmp_path / "study.toml").write_text(HEAD + ENDPOINT)
    study = read_study(tmp_path)
    assert [p.place.cell for p in study.problems if p.id == "values.unreadable"] == ["B4"]
    found = study.run()
    values = {e.id: e.value for r in found.numbers.results for e in r.estimates}
    assert found.left_out
    assert not [v for i, v in values.items() if i.startswith("survival.os") and v is not None]


def test_a_name_that_the_sheet_has_not_is_told(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("patient,OX\n1,12.3+\n")
    records = read_records(parse_protocol(HEAD), tmp_path)
    assert [p.id for p in records.problems if p.id == "columns.missing"] == ["columns.missing"]
