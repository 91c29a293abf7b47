"""Columns whose names differ in what stands in brackets alone are columns of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.study.study import read_study

CHART = """\
ID,CRP (baseline),CRP (week 8),Start,End (planned),End (actual),Status (1y),Status (final)
1,1.0,9.0,2019-01-01,2019-03-01,2019-04-01,0,2
2,2.0,8.0,2019-02-01,2019-04-01,2019-05-01,2,2
3,n.m.,7.0,2019-03-01,2019-05-01,2019-06-01,0,1
4,4.0,x,2019-04-01,2019-06-01,2019-07-01,0,2
"""
PROTOCOL = """
[study]
schema = 1
title = "Brackets"
data = "c.csv"
[tables.patients]
columns.patient = "ID"
columns.treatment_start = "Start"
columns.last_contact = "End (actual)"
columns.vital_status = "Status (final)"
last_contact_is_death = true
ignore = ["End (planned)"]
codes."Status (final)" = { 1 = "alive", 2 = "dead" }
codes."CRP (week 8)" = { x = "" }
codes."CRP (baseline)" = { "n.m." = "" }
[endpoints.os]
label = "OS"
from = "treatment_start"
events = ["death"]
censoring = "last_contact"
[variables.before]
column = "CRP (baseline)"
kind = "continuous"
[variables.after]
column = "CRP (week 8)"
kind = "continuous"
[baseline]
variables = ["before", "after"]
"""


def test_settings_reach_the_column_that_they_name(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(CHART, encoding="utf-8")
    (tmp_path / "study.toml").write_text(PROTOCOL, encoding="utf-8")
    study = read_study(tmp_path)
    assert [p.what for p in study.problems if p.severity.value == "error"] == []
    patients = study.records["patients"]
    assert patients["CRP (baseline)"].to_list() == [1.0, 2.0, None, 4.0]
    assert patients["CRP (week 8)"].to_list() == [9.0, 8.0, 7.0, None]
    assert study.analysed.numbers["survival.os.events"].value == 3


@pytest.mark.parametrize(
    ("setting", "column", "values"),
    [
        ('earliest.d = ["Day (a)", "Day (b)"]', "d", ["2019-01-01", "2019-02-01"]),
        ('latest.d = ["Day (b)", "Day (a)"]', "d", ["2019-03-01", "2019-02-01"]),
        ('fill_from."Note (b)" = "Note (a)"', "Note (b)", ["p", "q"]),
        ('fill_down_columns = ["Note (b)"]', "Note (b)", ["p", "p"]),
        ('only_where."Day (b)" = { "Note (a)" = "x" }', "Day (b)", ["2019-03-01", None]),
        ('ignore = ["Note (a)"]', "Note (b)", ["p", None]),
    ],
)
def test_a_setting_that_names_one_of_two_leaves_the_other(
    tmp_path: Path, setting: str, column: str, values: list[str | None]
) -> None:
    (tmp_path / "c.csv").write_text(
        "ID,Day (a),Day (b),Note (a),Note (b)\n"
        "1,2019-01-01,2019-03-01,x,p\n2,2019-02-01,2019-02-01,q,\n",
        encoding="utf-8",
    )
    text = '[study]\nschema = 1\ntitle = "T"\ndata = "c.csv"\n[tables.patients]\n'
    text += f'columns.patient = "ID"\n{setting}\n'
    protocol = parse_protocol(f'{text}[variables.v]\ncolumn = "{column}"\n')
    table = read_records(protocol, tmp_path).tables["patients"]
    read = [None if v is None else str(v) for v in table[column].to_list()]
    assert read == values
