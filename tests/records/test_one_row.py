"""Several rows of a patient become one: kinds of events, intervals, visits."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.problems import ProtocolError
from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.records.model import Records

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "c.csv"\n[tables.patients]\n'
KINDS = "id,time,status,etype,site\n1,5,1,1,lung\n1,9,0,2,liver\n2,7,1,2,lung\n"


def read(folder: Path, table: str, lines: str) -> Records:
    (folder / "c.csv").write_text(table)
    return read_records(parse_protocol(f'{HEAD}columns.patient = "id"\n{lines}'), folder)


def test_a_column_for_each_kind_of_row(tmp_path: Path) -> None:
    how = 'one_row.by = "etype"\none_row.columns = ["time", "status"]\n'
    how += '[endpoints.os]\ntime = "time etype=2"\nevent = "status etype=2"\nevent_value = 1\n'
    records = read(tmp_path, KINDS, how)
    people = records["patients"]
    assert people["time etype=2"].to_list() == [9.0, 7.0]
    assert people["time etype=1"].to_list() == [5, None]
    assert people["source_row"].to_list() == [2, 4]
    # The value of another row knows its own row, and what differs is said.
    assert records.place("patients", "time etype=2", 2).row == 3
    (said,) = [d for d in records.decisions if d.rule == "rows.one-row"]
    assert said.count == 1
    assert "site" in said.what


def test_a_patient_with_two_rows_of_one_kind_is_an_error(tmp_path: Path) -> None:
    how = 'one_row.by = "etype"\none_row.columns = ["time", "status"]\n'
    records = read(tmp_path, KINDS + "2,8,1,2,lung\n", how)
    (wrong,) = [p for p in records.problems if p.id == "patients.duplicate"]
    assert wrong.patient == "2"
    assert "etype = 2" in wrong.what


def test_intervals_end_with_the_last(tmp_path: Path) -> None:
    table = "id,start,stop,event,age\n1,50,90,1,60\n1,0,50,0,59\n2,0,10,0,70\n"
    how = 'one_row.order = "start"\none_row.ends = ["stop", "event"]\n'
    people = read(tmp_path, table, how)["patients"]
    assert people["age"].to_list() == [59.0, 70.0]
    assert people["stop"].to_list() == [90, 10]
    assert people["event"].to_list() == [1, 0]


@pytest.mark.parametrize(("keep", "ages"), [("first", [61.0]), ("last", [62.0])])
def test_the_first_or_the_last_row(tmp_path: Path, keep: str, ages: list[float]) -> None:
    table = "id,age\n1,61\n1,62\n"
    assert read(tmp_path, table, f'one_row.keep = "{keep}"')["patients"]["age"].to_list() == ages


def test_each_row_is_a_patient_of_its_own(tmp_path: Path) -> None:
    people = read(tmp_path, "id,age\n1,61\n1,62\n", 'one_row.keep = "each"')["patients"]
    assert people["patient"].to_list() == ["2", "3"]


def test_columns_that_are_not_there_are_named(tmp_path: Path) -> None:
    records = read(tmp_path, KINDS, 'one_row.order = "tme"')
    (wrong,) = [p for p in records.problems if p.id == "columns.missing"]
    assert 'Did you mean "time"' in wrong.todo or "time" in str(wrong)


def test_by_needs_columns() -> None:
    with pytest.raises(ProtocolError, match="by and columns go together"):
        parse_protocol(f'{HEAD}one_row.by = "etype"\n')


def test_rows_below_a_patient_go_on_with_him(tmp_path: Path) -> None:
    table = "id,age,remark\n1,61,a\n,,b\n2,70,c\n"
    people = read(tmp_path, table, 'fill_down = true\none_row.keep = "first"')["patients"]
    assert people["patient"].to_list() == ["1", "2"]
    assert people["age"].to_list() == [61.0, 70.0]


def test_a_blank_may_be_a_value(tmp_path: Path) -> None:
    table = "id,dead\n1,x\n2,\n"
    how = 'codes.vital_status = { x = "dead", "" = "alive" }\ncolumns.vital_status = "dead"'
    assert read(tmp_path, table, how)["patients"]["vital_status"].to_list() == ["dead", "alive"]
