"""Several files of one chart, and what is told once."""

from __future__ import annotations

from pathlib import Path

import pytest
from cohort import DEATHS, PEOPLE, at, comma, months, save
from typer.testing import CliRunner

from oncohort.cli.app import app
from oncohort.problems import OutputError
from oncohort.study.new import new_study
from oncohort.study.study import read_study


def two_files(folder: Path) -> tuple[Path, Path]:
    patients = [["PATIENT_ID", "SEX", "OS_STATUS", "OS_MONTHS"]]
    samples = [["PATIENT_ID", "SAMPLE_ID", "TMB"]]
    for p in PEOPLE:
        status = "1:DECEASED" if p.dead else "0:LIVING"
        patients.append([f"P-{p.number:03}", p.sex, status, str(months(p))])
        samples.append([f"P-{p.number:03}", f"S-{p.number:03}", f"{p.number / 3:.2f}"])
    one = comma(folder, patients, "data_clinical_patient.csv")
    return one, comma(folder, samples, "data_clinical_sample.csv")


def test_several_files_of_a_chart(tmp_path: Path) -> None:
    one, other = two_files(tmp_path)
    study = tmp_path / "study"
    done = CliRunner().invoke(app, ["new", str(study), "--from", str(one), "--from", str(other)])
    assert done.exit_code == 0, done.output
    results = read_study(study).run()
    found = {e.id: e.value for r in results.numbers.results for e in r.estimates}
    assert found["survival.os.events"] == DEATHS
    assert found["baseline.tmb.missing"] == 0
    assert {p.name for p in (study / "data").iterdir()} == {one.name, other.name}


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    one, _ = two_files(tmp_path)
    with pytest.raises(OutputError, match="Two files are called data_clinical_patient"):
        new_study(tmp_path / "study", [one, one])
    assert not (tmp_path / "study").exists()


def test_a_start_that_lacks_is_told_once(tmp_path: Path) -> None:
    rows = [[p.number, p.age, at(p.progressed), at(p.last) if p.dead else None, at(p.last)]
            for p in PEOPLE]  # fmt: skip
    file = save(tmp_path, ["ID", "Age", "PD date", "Death", "Last contact"], *rows)
    made = new_study(tmp_path / "study", file)
    assert [q.name for q in made.questions] == ["start"]
    study = read_study(made.folder)
    told = {p.id for p in study.problems if "start" in p.what.lower()}
    assert told == {"protocol.open-question"}
    assert study.run().left_out
