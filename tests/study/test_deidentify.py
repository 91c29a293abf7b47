"""A copy without identifiers: the same intervals, other ids, nothing that names anybody."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from oncohort.problems import OutputError
from oncohort.protocol import parse_protocol
from oncohort.records import Records, read_records
from oncohort.study.deidentify import KEY_FILE, deidentify

PROTOCOL = """[study]
schema = 1
title = "A study"
data = "data"
cutoff = 2018-01-01
[tables.patients]
columns = { treatment_start = "Start", patient = "Hospital no" }
"""


def study(folder: Path) -> Path:
    (folder / "data").mkdir(parents=True)
    (folder / "study.toml").write_text(PROTOCOL)
    rows = [
        "Hospital no,Surname,Start,birth_date,last_contact,death_date,vital_status,crp,note",
        "HOSP-4711,Smith,2015-03-04,1950-01-01,2017-03-04,,alive,0.4,",
        "HOSP-4712,Jones,2015-06,1920-05-05,2016-03-04,2016-03-04,dead,1.5,by Dr. Miller today",
        "HOSP-4713,Meyer,2016-01-31,1960-05-05,2018-06-04,2018-06-04,dead,2.5,",
    ]
    (folder / "data/patients.csv").write_text("\n".join(rows) + "\n")
    (folder / "data/labs.csv").write_text(
        "patient,date,test,value,unit\nHOSP-4711,2015-03-01,Hb,12.5,g/dL\nHOSP-4713,2018-02-01,Hb,9,g/dL\n"
    )
    return folder


def read(folder: Path) -> Records:
    return read_records(parse_protocol((folder / "study.toml").read_text("utf-8")), folder)


def test_intervals_stay_and_identifiers_go(tmp_path: Path) -> None:
    source = study(tmp_path / "study")
    done = deidentify(source, tmp_path / "copy")
    everything = "".join(p.read_text("utf-8") for p in (tmp_path / "copy").rglob("*.*"))
    for word in ("HOSP-4711", "Smith", "Jones", "Miller", "2015-03-04", "1950"):
        assert word not in everything
    before = read(source).tables["patients"].sort("crp")
    after = read(tmp_path / "copy").tables["patients"].sort("crp")
    assert after.height == 3
    first = (before["last_contact"] - before["treatment_start"]).dt.total_days()[0]
    assert (after["last_contact"] - after["treatment_start"]).dt.total_days()[0] == first
    assert after["treatment_start"][0] != before["treatment_start"][0]
    assert after["age"].to_list() == [65.0, 90.0, 55.0]
    assert after["treatment_start_precision"][1] == "month"
    # The third death lay after the cutoff: at that day the patient was alive.
    assert after["vital_status"].to_list() == ["alive", "dead", "alive"]
    assert after["death_date"].null_count() == 2
    assert (after["last_contact"] - after["treatment_start"]).dt.total_days()[2] == 701
    assert any("Surname" in d for d in done.dropped)
    assert any("note" in d for d in done.dropped)
    assert any("smallest group" in line for line in done.lines())


def test_tables_of_the_copy_still_belong_together(tmp_path: Path) -> None:
    source = study(tmp_path / "study")
    deidentify(source, tmp_path / "copy")
    copy = read(tmp_path / "copy")
    labs, patients = copy.tables["labs"], copy.tables["patients"]
    assert labs.height == 1  # the other one lies after the cutoff
    one = patients.filter(patients["patient"] == labs["patient"][0])
    assert one["crp"].to_list() == [0.4]
    assert (one["treatment_start"][0] - labs["date"][0]).days == 3


def test_the_key_stays_in_the_study_and_gives_the_same_ids_again(tmp_path: Path) -> None:
    source = study(tmp_path / "study")
    deidentify(source, tmp_path / "one")
    deidentify(source, tmp_path / "two")
    one = (tmp_path / "one/data/patients.csv").read_bytes()
    assert one == (tmp_path / "two/data/patients.csv").read_bytes()
    assert stat.S_IMODE((source / KEY_FILE).stat().st_mode) == 0o600
    assert not (tmp_path / "one" / KEY_FILE).exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    source = study(tmp_path / "study")
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy/x").write_text("x")
    with pytest.raises(OutputError):
        deidentify(source, tmp_path / "copy")
    with pytest.raises(OutputError):
        deidentify(source, source)


def test_criteria_on_calendar_dates_are_answered_first(tmp_path: Path) -> None:
    source = study(tmp_path / "study")
    with (source / "study.toml").open("a") as handle:
        handle.write(
            '[[eligibility.criteria]]\nkey = "period"\nlabel = "Treated later"\n'
            'column = "treatment_start"\nmax = 2015-12-31\n'
        )
    deidentify(source, tmp_path / "copy")
    protocol = parse_protocol((tmp_path / "copy/study.toml").read_text("utf-8"))
    (criterion,) = protocol.eligibility.criteria
    assert (criterion.column, criterion.is_, criterion.max) == ("meets_period", "yes", None)
    patients = read(tmp_path / "copy").tables["patients"].sort("crp")
    assert patients["meets_period"].to_list() == ["yes", "yes", "no"]


def test_the_copy_of_the_built_in_study_gives_the_same_times(tmp_path: Path) -> None:
    from oncohort.study.demo import write_demo
    from oncohort.study.study import read_study

    write_demo(tmp_path / "demo")
    deidentify(tmp_path / "demo", tmp_path / "copy")
    columns = ["pfs_time", "pfs_event", "os_time", "os_event", "best_response"]
    before, after = (
        read_study(tmp_path / name).cohort.frame.select(columns).sort(columns)
        for name in ("demo", "copy")
    )
    assert before.height > 30
    assert before.equals(after)
