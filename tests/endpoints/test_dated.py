"""A date and an event flag as an endpoint: times, cutoff, what is missing, what rests on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.problems import ProtocolError
from oncohort.protocol import parse_protocol
from oncohort.study.study import Study, read_study

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "c.csv"\n'
RULE = '[endpoints.pfs]\ndate = "PFS date"\nevent = "PFS event"\nevent_value = 1\n'
ROWS = "patient,treatment_start,PFS date,PFS event\n"


def study_of(folder: Path, rows: str, more: str = RULE, head: str = HEAD) -> Study:
    (folder / "c.csv").write_text(ROWS + rows)
    (folder / "study.toml").write_text(head + more)
    return read_study(folder)


def times(study: Study) -> list[tuple[float | None, bool | None]]:
    frame = study.cohort.frame
    return list(zip(frame["pfs_time"].to_list(), frame["pfs_event"].to_list(), strict=True))


def test_the_time_runs_from_the_start_to_the_date(tmp_path: Path) -> None:
    rows = "1,2015-01-01,2015-01-31,1\n2,2015-01-01,2015-03-02,0\n3,2015-02-01,2015-02-01,0\n"
    assert times(study_of(tmp_path, rows)) == [(30, True), (60, False), (0, False)]


def test_it_may_start_elsewhere(tmp_path: Path) -> None:
    rows = "1,2015-01-01,2015-01-31,1\n2,2015-01-01,2015-03-02,0\n"
    (tmp_path / "c.csv").write_text("")
    more = RULE + 'from = "diagnosis_date"\n'
    head = HEAD + '[tables.patients]\ncolumns.diagnosis_date = "treatment_start"\n'
    assert times(study_of(tmp_path, rows, more, head)) == [(30, True), (60, False)]


def test_what_is_after_the_cutoff_does_not_count(tmp_path: Path) -> None:
    rows = "1,2015-01-01,2015-01-31,1\n2,2015-01-01,2015-03-02,1\n"
    head = HEAD + "cutoff = 2015-02-10\n"
    assert times(study_of(tmp_path, rows, head=head)) == [(30, True), (40, False)]


def test_a_missing_date_is_no_time_and_is_named(tmp_path: Path) -> None:
    study = study_of(tmp_path, "1,2015-01-01,,1\n2,2015-01-01,2015-03-02,0\n")
    assert times(study)[0] == (None, None)
    assert [p.patient for p in study.problems if p.id == "endpoints.no-time"] == ["1"]


def test_a_date_before_the_start_is_an_error(tmp_path: Path) -> None:
    study = study_of(tmp_path, "1,2015-03-01,2015-01-31,1\n2,2015-01-01,2015-03-02,0\n")
    (wrong,) = [p for p in study.problems if p.id == "endpoints.negative-time"]
    assert wrong.patient == "1"
    assert "survival.pfs" in wrong.blocks


@pytest.mark.parametrize(
    ("change", "id_"),
    [
        (('date = "PFS date"', 'date = "PFS dat"'), "endpoints.no-column"),
        (('date = "PFS date"', 'date = "treatment_stop"'), "endpoints.no-column"),
        (("event_value = 1", 'event_value = 1\nfrom = "begin"'), "endpoints.no-origin"),
    ],
)
def test_what_is_not_there_is_named(tmp_path: Path, change: tuple[str, str], id_: str) -> None:
    study = study_of(tmp_path, "1,2015-01-01,2015-01-31,1\n", RULE.replace(*change))
    found = [p for p in study.problems if p.id == id_]
    assert found
    assert "survival.pfs" in found[0].blocks


def test_a_spoilt_date_or_start_takes_the_numbers_out(tmp_path: Path) -> None:
    for spoilt in ("1,2015-01-01,31 of Jan,1\n", "1,start of 2015,2015-01-31,1\n"):
        study = study_of(tmp_path, spoilt + "2,2015-01-01,2015-03-02,0\n")
        (wrong,) = [p for p in study.problems if p.id == "values.unreadable"]
        assert "survival.pfs" in wrong.blocks


def test_competing_events_have_values(tmp_path: Path) -> None:
    more = RULE + "competing = { death = 2 }\n"
    rows = "1,2015-01-01,2015-01-31,1\n2,2015-01-01,2015-03-02,0\n3,2015-01-01,2015-02-02,2\n"
    frame = study_of(tmp_path, rows, more).cohort.frame
    assert frame["pfs_cause"].to_list() == ["event", None, "death"]


def test_a_time_and_a_date_are_one_too_many() -> None:
    with pytest.raises(ProtocolError, match="time or date"):
        parse_protocol(HEAD + RULE + 'time = "t"\n')


def test_a_date_needs_its_event_value() -> None:
    with pytest.raises(ProtocolError, match="event_value is missing"):
        parse_protocol(HEAD + '[endpoints.pfs]\ndate = "d"\nevent = "e"\n')
