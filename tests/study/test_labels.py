"""What the protocol names goes into the paper: no id of a patient stands in it."""

from __future__ import annotations

from pathlib import Path

from oncohort.study.study import read_study

TEXT = """[study]
schema = 1
title = "Without HK-0173"
data = "data"
[variables.sex]
label = "Sex (HK 0273 unknown)"
levels = { male = "Male", female = "Female, but HK-0373" }
[[eligibility.criteria]]
key = "out"
label = "Withdrew: HK-0473"
column = "patient"
is_not = ["HK-0473"]
"""


def test_ids_in_titles_and_labels_are_not_printed_and_said(tmp_path: Path) -> None:
    rows = ["patient,sex", *(f"HK-{k:02d}73,{('male', 'female')[k % 2]}" for k in range(8))]
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "patients.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "study.toml").write_text(TEXT)
    study = read_study(tmp_path)
    said = [p.place.key for p in study.records.problems if p.id == "protocol.names-patient"]
    assert said == [
        "study.title",
        "variables.sex.label",
        "variables.sex.levels.female",
        "eligibility.criteria.0.label",
    ]
    protocol = study.protocol
    assert protocol.study.title == "Without [removed]"
    assert protocol.variables["sex"].levels["female"] == "Female, but [removed]"
    assert protocol.eligibility.criteria[0].is_not == ["HK-0473"]
    assert study.cohort.n == 7
    assert study.protocol_text == TEXT


def test_a_protocol_that_names_nobody_is_as_it_was_read(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "patients.csv").write_text("patient,sex\nS1,male\nS2,female\n")
    (tmp_path / "study.toml").write_text(TEXT.replace("HK-0", "S").replace("HK 0", "Figure S"))
    assert "[removed]" not in str(read_study(tmp_path).protocol)


def test_short_ids_are_found_as_they_are_written(tmp_path: Path) -> None:
    rows = ["patient,sex", *(f"P{k:02d},{('male', 'female')[k % 2]}" for k in range(20))]
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "patients.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "study.toml").write_text(
        TEXT.replace("HK-0173", "P05").replace("HK 0273 unknown", "p16 positive")
    )
    protocol = read_study(tmp_path).protocol
    assert protocol.study.title == "Without [removed]"
    assert protocol.variables["sex"].label == "Sex (p16 positive)"
