"""Dates with two readings: decided by the row or the sheet, never against them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.records.date_rows import RANK, decide, looks_swapped

DAYS = st.dates(date(2010, 1, 1), date(2019, 12, 31))


@given(
    st.lists(DAYS, min_size=4, max_size=4),
    st.lists(st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d"]), min_size=4, max_size=4),
)
def test_a_date_is_only_decided_as_it_was_meant(days: list[date], ways: list[str]) -> None:
    """Whatever the order of each cell: a row in true order never decides a date wrongly."""
    names = ["diagnosis_date", "treatment_start", "progression_date", "death_date"]
    meant = dict(zip(names, sorted(days), strict=True))
    columns = {n: [meant[n].strftime(w)] for n, w in zip(names, ways, strict=True)}
    for one in decide(columns):
        assert one.day == meant[one.column]


def test_the_ranks_are_those_of_date_columns() -> None:
    from oncohort.vocabulary.tables import TABLES

    assert set(RANK) == set(TABLES["patients"].dates)


@given(st.lists(DAYS, min_size=30, max_size=60))
def test_a_column_that_a_us_excel_read_is_noticed_and_read_back(days: list[date]) -> None:
    cells = [
        d.strftime("%d/%m/%Y") if d.day > 12 else datetime(d.year, d.day, d.month) for d in days
    ]
    texts, real = sum(d.day > 12 for d in days), sum(d.day <= 12 for d in days)
    assert looks_swapped(cells) == ((texts, real) if texts >= 3 and real >= 4 else None)
    assert looks_swapped([datetime(d.year, d.month, d.day) for d in days]) is None


def _study(folder: Path, more: str, rows: list[str]):
    (folder / "c.csv").write_text("patient,treatment_start,death_date\n" + "\n".join(rows) + "\n")
    head = '[study]\nschema = 1\ntitle = "T"\ndata = "c.csv"\n[tables.patients]\n'
    return read_records(parse_protocol(head + more), folder)


def test_mixed_by_row_reads_what_the_row_decides_and_names_the_rest(tmp_path: Path) -> None:
    rows = ["1,05/03/2015,2015-04-01", "2,05/03/2015,2016-04-01", "3,31/03/2015,2016-01-01"]
    records = _study(tmp_path, 'dates = "mixed-by-row"\n', rows)
    starts = records.tables["patients"]["treatment_start"].to_list()
    assert starts == [date(2015, 3, 5), None, date(2015, 3, 31)]
    assert [p.place.row for p in records.problems if p.id == "values.unreadable"] == [3]
    assert "dates.by-row" in {d.rule for d in records.decisions}


def test_times_instead_of_dates(tmp_path: Path) -> None:
    more = 'relative = "months"\nconstants.treatment_start = "2000-01-01"\n'
    (tmp_path / "c.csv").write_text("patient,death_date\n1,12\n2,-1\n3,x\n4,2015-01-01\n")
    head = '[study]\nschema = 1\ntitle = "T"\ndata = "c.csv"\n[tables.patients]\n'
    records = read_records(parse_protocol(head + more), tmp_path)
    zero = date(2000, 1, 1)
    assert records.tables["patients"]["treatment_start"].to_list() == [zero] * 4
    assert records.tables["patients"]["death_date"].to_list() == [
        zero + timedelta(days=365),
        zero - timedelta(days=30),
        None,
        None,
    ]
    assert [p.place.row for p in records.problems if p.id == "values.unreadable"] == [4, 5]
