"""A copy without identifiers: the same intervals, other ids, nothing that names anybody."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest

from oncohort.endpoints.building import build_cohort
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
    (source / KEY_FILE).write_text("5a" * 32 + "\n", encoding="ascii")
    done = deidentify(source, tmp_path / "copy", exact_follow_up=True)
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


def everything_in(folder: Path) -> str:
    return "".join(p.read_text("utf-8") for p in folder.rglob("*.*"))


def wider_study(folder: Path, n: int = 12) -> Path:
    """Patients seen after the cutoff, with lesions, dates as text and ids inside texts."""
    (folder / "data").mkdir(parents=True)
    (folder / "study.toml").write_text(
        "# P003, born 1950-02-03, asked to be left out\n"
        '[study]\nschema = 1\ntitle = "A study"\ndata = "data"\ncutoff = 2018-01-01\n'
        '[[eligibility.criteria]]\nkey = "consent"\nlabel = "Withdrew consent"\n'
        'column = "patient"\nis_not = ["P003"]\n'
    )
    rows = ["patient,sex,treatment_start,last_contact,vital_status,crp,biopsy,code,remark"]
    lesions = ["patient,lesion,date,role,site,diameter_mm"]
    for i in range(1, n + 1):
        who, start = f"P{i:03d}", f"2016-{i:02d}-11"
        remark = "seen by Dr. Miller" if i == 5 else "call +49 761 12345" if i == 6 else "none"
        rows.append(
            f"{who},male,{start},2018-06-{i:02d},alive,{i / 10},{i:02d}.03.2016,X-{who},{remark}"
        )
        site = "liver (CT 12.03.2016)" if i == 2 else f"lung of {who}" if i == 4 else "lung"
        lesions += [
            f"{who},{who}-T1/1,{start},target,{site},20",
            f"{who},{who}-T1/2,{start},target,{site},10",
            f"{who},{who}-T2,{start},target,bone,15",
        ]
    (folder / "data/patients.csv").write_text("\n".join(rows) + "\n")
    (folder / "data/lesions.csv").write_text("\n".join(lesions) + "\n")
    return folder


def test_no_id_name_or_date_stays_in_any_text(tmp_path: Path) -> None:
    source = wider_study(tmp_path / "study")
    # A key that is always the same: by chance a shifted date could be another patient's true one.
    (source / KEY_FILE).write_text("5a" * 32 + "\n", encoding="ascii")
    done = deidentify(source, tmp_path / "copy")
    text = everything_in(tmp_path / "copy")
    for i in range(1, 13):
        assert f"P{i:03d}" not in text
    for word in ("Miller", "761", "12.03.2016", ".03.2016", "1950", "2018-01-01"):
        assert word not in text
    said = "\n".join(done.lines())
    assert "patients.biopsy (calendar dates as text)" in said
    assert "remark (free text that names people" in said
    assert '"lesions.site"' in said


def test_lesions_are_numbered_within_a_patient_and_pieces_stay_pieces(tmp_path: Path) -> None:
    source = wider_study(tmp_path / "study")
    deidentify(source, tmp_path / "copy")
    lesions = read(tmp_path / "copy").tables["lesions"]
    for _, own in lesions.group_by("patient"):
        assert own["lesion"].to_list() == ["L1/1", "L1/2", "L2"]


def test_a_patient_who_was_left_out_stays_out(tmp_path: Path) -> None:
    from oncohort.study.study import read_study

    source = wider_study(tmp_path / "study")
    deidentify(source, tmp_path / "copy")
    assert read_study(source).cohort.n == 11
    assert read_study(tmp_path / "copy").cohort.n == 11


def test_follow_up_to_the_cutoff_does_not_give_the_shift_away(tmp_path: Path) -> None:
    source = wider_study(tmp_path / "study")
    exact, copy = tmp_path / "exact", tmp_path / "copy"
    deidentify(source, exact, exact_follow_up=True)
    done = deidentify(source, copy)
    before, after = (
        read(folder).tables["patients"].sort("crp").select("treatment_start", "last_contact")
        for folder in (exact, copy)
    )
    assert before["treatment_start"].to_list() == after["treatment_start"].to_list()
    earlier = (before["last_contact"] - after["last_contact"]).dt.total_days().to_list()
    assert all(1 <= days <= 60 for days in earlier)
    assert len(set(earlier)) > 5
    assert any("12 patients ended on a day that many share" in line for line in done.lines())


def test_an_export_day_that_many_share_counts_as_a_cutoff() -> None:
    import polars as pl

    from oncohort.study.deidentify.follow_up import administrative_days

    export = date(2019, 5, 1)
    days = [export] * 4 + [date(2018, 1, d) for d in range(1, 20)]
    patients = pl.DataFrame({"death_date": [None] * 23, "last_contact": days}).with_columns(
        pl.col("death_date").cast(pl.Date)
    )
    assert administrative_days(patients, None) == {export}


def test_a_full_disk_leaves_no_half_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from oncohort.study.deidentify import copying

    source = wider_study(tmp_path / "study")

    def full(path: Path, name: str, frame: object) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copying, "_write", full)
    with pytest.raises(OutputError, match="No copy was made"):
        deidentify(source, tmp_path / "copy")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["study"]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("P025", None),
        ("p025-t1", "[removed]-t1"),
        ("P0251", "P0251"),
        ("scan 12 Mar 2015", "scan [removed]"),
        ("Befund vom 3.4.15", "Befund vom [removed]"),
        ("2015年3月4日 CT", "[removed] CT"),
        ("Frau Schmidt-Bauer", None),
        ("ask ann.lee@clinic.org", "ask [removed]"),
        ("CT 15-Mar-2015", "CT [removed]"),
        ("15MAR2015", None),
        ("seen March 15, 2015", "seen [removed]"),
        ("since 03/2015", "since [removed]"),
        ("Mar '15 scan", "[removed] scan"),
        ("15-Mar-15 CT", "[removed] CT"),
        ("le 3 février 2016, scanner", "le [removed], scanner"),
        ("el 3 de enero de 2016", "el [removed]"),
        ("am 6. März im Haus", "am [removed] im Haus"),
        ("nel giugno 2016", "nel [removed]"),
        ("KW 12/2015", None),
        ("Q1 2015 scan", "[removed] scan"),
        ("平成27年3月5日", None),
        ("2015년 3월 5일 CT", "[removed] CT"),
        ("20150315 CT", "[removed] CT"),
        ("may 20 mg", "may 20 mg"),
        ("0.2015 ng/ml", "0.2015 ng/ml"),
        ("march in place", "march in place"),
        ("CA 19-9 above 37", "CA 19-9 above 37"),
        ("24 x 13 mm", "24 x 13 mm"),
        ("pT3a N0 M1", "pT3a N0 M1"),
        ("FOLFOX 5-FU 2400 mg/m2", "FOLFOX 5-FU 2400 mg/m2"),
        ("Stage III, grade 2-3", "Stage III, grade 2-3"),
    ],
)
def test_texts_lose_what_identifies_and_nothing_else(text: str, clean: str | None) -> None:
    from oncohort.records.known_ids import KnownIds
    from oncohort.study.deidentify.texts import redact

    assert redact(text, KnownIds.of(["P025", "7", "AB"])) == clean


def test_a_full_disk_leaves_no_half_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    from oncohort.study.deidentify.identity import KEY_FILE, key_of

    def full(handle: int, *_: object, **__: object) -> None:
        os.close(handle)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdopen", full)
        with pytest.raises(OutputError, match="No space left"):
            key_of(tmp_path)
    assert not (tmp_path / KEY_FILE).exists()
    assert key_of(tmp_path) == key_of(tmp_path)


def test_what_a_killed_copy_left_is_taken_away(tmp_path: Path) -> None:
    import os

    source = study(tmp_path / "study")
    old, running = (tmp_path / f".copy.oncohort-{n}" for n in "ab")
    for left in (old, running):
        (left / "data").mkdir(parents=True)
        (left / "data" / "patients.csv").write_text("half")
    for path in (old / "data" / "patients.csv", old / "data", old):
        os.utime(path, (1, 1))
    deidentify(source, tmp_path / "copy")
    assert sorted(p.name for p in tmp_path.iterdir()) == [running.name, "copy", "study"]


def numbered_study(folder: Path) -> Path:
    """24 patients with numbers, days and words that tell who they are."""
    (folder / "data").mkdir(parents=True)
    (folder / "study.toml").write_text(
        '[study]\nschema = 1\ntitle = "Patients of Prof. Kessler"\ndata = "data"\n'
        "[variables.lot]\n"
        '[[eligibility.criteria]]\nkey = "early"\nlabel = "Scanned late (Mrs Ahlers)"\n'
        'table = "lesions"\ncolumn = "date"\nmax = 2015-12-31\nrows = "all"\n'
        '[[decisions]]\nrule = "dates.future"\npatients = ["K-07"]\ndo = "accept"\n'
        'by = "Prof. Kessler"\nwhy = "Mrs Ahlers, seen on 3 March 2015"\n'
    )
    head = "patient,treatment_start,chart,room,serial,figures,seen,lot"
    rows, lesions, events = [head], ["patient,lesion,date,role,diameter_mm"], ["patient,term,grade"]
    for k in range(24):
        day = date(2015, 1 + k % 12, 6 + k % 3)
        serial, written = (day - date(1899, 12, 30)).days, day.strftime("%d-%b-%y")
        cells = (f"K-{k:02d}", day, 101 + k, 300 + k // 2, serial, f"{day:%Y%m%d}", written, 42_000)
        rows.append(",".join(map(str, cells)))
        scan = day if k != 5 else date(2016, 3, 1)
        lesions.append(f"K-{k:02d},a,{scan},target,20")
        events.append(f"K-{k:02d},{'Rash' if k else 'Rash of Mr. Haas'},1")
    for name, lines in (("patients", rows), ("lesions", lesions), ("adverse_events", events)):
        (folder / "data" / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_numbers_and_days_that_tell_somebody_go_or_are_said(tmp_path: Path) -> None:
    done = deidentify(numbered_study(tmp_path / "study"), tmp_path / "copy")
    assert done.dropped == (
        "patients.chart (a value of its own for each patient)",
        "patients.serial (calendar dates as numbers)",
        "patients.figures (calendar dates as numbers)",
        "patients.seen (calendar dates as text)",
    )
    assert '"room" has 12 numbers that fewer than 3 patients share.' in done.remains
    assert {"room", "lot"} <= set(read(tmp_path / "copy").tables["patients"].columns)
    text = (tmp_path / "copy" / "study.toml").read_text("utf-8")
    assert not [w for w in ("Ahlers", "K-07", "3 March") if w in text]
    assert text.count("Kessler") == 1  # who decided


def test_a_criterion_on_the_dates_of_another_table_is_answered_first(tmp_path: Path) -> None:
    source = numbered_study(tmp_path / "study")
    deidentify(source, tmp_path / "copy")
    kept = [
        build_cohort(read(folder).tables, parse_protocol((folder / "study.toml").read_text())).n
        for folder in (source, tmp_path / "copy")
    ]
    assert kept == [23, 23]


def test_what_the_study_reads_goes_too_where_it_tells_somebody(tmp_path: Path) -> None:
    import openpyxl

    (tmp_path / "s").mkdir()
    book = openpyxl.Workbook()
    book.active.title = "patients"
    book.active.append(["patient", "treatment_start", "Born", "policy", "last_contact", "crp"])
    for k in range(16):
        born, start, last = date(1940 + k, 2, 3 + k), date(2016, 3, 1 + k), date(2018, 5, 2 + k)
        book.active.append([f"HK-{k:02d}7", start, born, f"A{700 + k}", last, 1.5 + k])
    book.save(tmp_path / "s" / "chart.xlsx")
    (tmp_path / "s" / "study.toml").write_text(
        '[study]\nschema = 1\ntitle = "A study"\ndata = "chart.xlsx"\n[variables.policy]\n'
        "[variables.crp]\nkind = 'continuous'\n[eligibility]\n[[eligibility.criteria]]\n"
        'key = "born"\nlabel = "Old enough"\ncolumn = "Born"\nmax = 1950-01-01\n'
    )
    done = deidentify(tmp_path / "s", tmp_path / "copy")
    assert set(done.dropped) == {
        "patients.policy (a value of its own for each patient)",
        "patients.Born (dates of birth)",
    }
    header, *lines = (tmp_path / "copy" / "data" / "patients.csv").read_text().splitlines()
    assert header.split(",")[-2:] == ["crp", "meets_born"]
    assert not {"Born", "Born_precision", "policy"} & set(header.split(","))
    assert sum(line.endswith(",yes") for line in lines) == 10


def test_a_linked_folder_of_a_copy_stays_linked(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "copy").symlink_to(tmp_path / "disk")
    deidentify(study(tmp_path / "study"), tmp_path / "copy")
    assert (tmp_path / "copy").is_symlink()
    assert (tmp_path / "disk" / "study.toml").is_file()
