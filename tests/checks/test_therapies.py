"""Therapies of which it is not known when they began."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.study.study import read_study

PATIENTS = "patient,treatment_start,last_contact,vital_status\n" + "".join(
    f"P{i},2019-01-0{i},2020-06-0{i},alive\n" for i in range(1, 7)
)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("P1,2,sunitinib,,", ["P1"]),
        ("P1,,,,2019-09-01", ["P1"]),
        ("P1,2,sunitinib,2019-05-01,", []),
        ("P1,,,,", []),  # nothing but the patient
        ("P1,1,interferon,,2018-12-01", []),  # it ended before the treatment
        ("P1,3,axitinib,,\nP1,2,sunitinib,2019-05-01,", []),  # another one is the next
        ("P1,1,interferon,2018-05-01,\nP1,3,axitinib,,", ["P1"]),
    ],
)
def test_a_therapy_without_a_start_is_told(tmp_path: Path, rows: str, told: list[str]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "patients.csv").write_text(PATIENTS)
    (data / "therapies.csv").write_text(
        f"patient,line,drugs,start,end\nP6,2,sunitinib,2019-04-01,2019-08-01\n{rows}\n"
    )
    (tmp_path / "study.toml").write_text(
        '[study]\nschema = 1\ntitle = "S"\ndata = "data"\n[endpoints.ttnt]\n'
    )
    study = read_study(tmp_path)
    found = [p for p in study.problems if p.id == "therapies.incomplete"]
    assert [p.patient for p in found] == told
    assert [p.place.column for p in found] == ["start"] * len(told)
