"""Several records in one row of a sheet: the one cell is named, and the row is the sheet's."""

from __future__ import annotations

from pathlib import Path

from oncohort.checks import check
from oncohort.problems import Wrong
from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.study.depends import settled

PROTOCOL = """
[study]
schema = 1
title = "A study"
data = "chart.csv"
[tables.lesions]
file = "chart.csv"
shape = "wide"
columns = { patient = "patient" }
repeat = { date = "scan{n}_date", diameter_mm = "scan{n}_ld" }
constants = { lesion = "T1", role = "target" }
[response]
[endpoints.pfs]
censoring = "last_contact"
"""


def test_the_second_record_of_a_row_has_its_own_cell_and_the_row_of_the_sheet(
    tmp_path: Path,
) -> None:
    (tmp_path / "chart.csv").write_text(
        "patient,treatment_start,last_contact,scan1_date,scan1_ld,scan2_date,scan2_ld\n"
        "1,2014-01-06,2015-01-06,2014-01-01,40,2014-03-01,41\n"
        "2,2014-01-06,2015-01-06,2014-01-01,40,2014-03-01,-41\n"
    )
    protocol = parse_protocol(PROTOCOL)
    records = read_records(protocol, tmp_path)
    [one] = [p for p in check(records, protocol) if p.id == "lesions.negative"]
    assert one.place.cell == "G3"
    assert one.wrong == (Wrong("lesions", ("diameter_mm",), 3),)
    [blocking] = settled([one], protocol, records)
    assert "survival.pfs" in blocking.blocks
