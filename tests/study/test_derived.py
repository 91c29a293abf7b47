"""Derived variables through the whole job: left out where a cell is spoilt, explained by cells."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import oncohort as oc
from oncohort.cli.app import app
from oncohort.problems import Wrong
from oncohort.protocol import parse_protocol
from oncohort.study.depends import dependence
from oncohort.study.results import Results

PROTOCOL = """
[study]
schema = 1
title = "A made-up study"
data = "data"
synthetic = true
[tables.patients]
units = { weight = "kg", height = "cm" }
[endpoints.os]
time = "os_months"
event = "dead"
event_value = 1
by = ["nlr_high"]
[variables.nlr]
derive = "nlr"
[variables.nlr_high]
from = "nlr"
cut = [3]
origin = "made up"
[variables.bmi]
derive = "bmi"
[variables.age]
[variables.frail]
derive = "category"
when = { yes = "bmi [kg/m²] < 20 and age [years] >= 70", no = "otherwise" }
[baseline]
variables = ["nlr", "nlr_high", "bmi", "frail", "age"]
[prognosis]
endpoints = ["os"]
candidates = ["nlr", "age"]
"""


def write(
    folder: Path, protocol: str = PROTOCOL, lymphocytes: dict[int, str] | None = None
) -> Path:
    """A made-up chart of 40 patients: a sheet of patients and one of laboratory values."""
    data = folder / "data"
    data.mkdir(parents=True)
    people = ["patient,treatment_start,age,weight,height,os_months,dead"]
    labs = ["patient,date,test,value,unit"]
    for i in range(40):
        people.append(
            f"P{i:02},2014-03-{1 + i % 28:02},{50 + 7 * i % 31},{55 + 5 * i % 37},"
            f"{155 + 3 * i % 33},{3 + 11 * i % 29},{int(i % 3 > 0)}"
        )
        lymph = (lymphocytes or {}).get(i, f"{1 + (i * 7 % 13) / 10:.1f}")
        for test, value in (("ANC", f"{3000 + 450 * (i * 5 % 11)}"), ("ALC", lymph)):
            unit = "/uL" if test == "ANC" else "10^9/L"
            labs.append(f"P{i:02},2014-03-{1 + i % 28:02},{test},{value},{unit}")
    (data / "patients.csv").write_text("\n".join(people) + "\n", encoding="utf-8")
    (data / "labs.csv").write_text("\n".join(labs) + "\n", encoding="utf-8")
    (folder / "study.toml").write_text(protocol, encoding="utf-8")
    return folder


def run(folder: Path) -> Results:
    return oc.read_study(folder).run()


def test_derived_variables_are_variables_like_any_other(tmp_path: Path) -> None:
    results = run(write(tmp_path / "a"))
    assert results.left_out == ()
    assert results["baseline.nlr.median"].value == pytest.approx(3.0, abs=1.5)
    assert results["prognosis.os.hr[model=uni,variable=nlr]"].state == "ok"
    assert results["survival.os.logrank[variable=nlr_high]"].state == "ok"
    words = str(results.paper)
    assert "neutrophil-to-lymphocyte ratio" in words.lower()
    assert "Zahorec 2001" in words


def test_a_spoilt_cell_takes_out_what_is_made_of_it_and_the_models_with_it(
    tmp_path: Path,
) -> None:
    good = run(write(tmp_path / "a"))
    bad = run(write(tmp_path / "b", lymphocytes={4: "0"}))
    [problem] = [p for p in bad.problems if p.id == "variables.zero-denominator"]
    assert problem.patient == "P04"
    assert str(problem.place).endswith("labs.csv cell D11 (value)")
    gone = {o.section for o in bad.left_out}
    assert {"variables.nlr", "variables.nlr_high", "prognosis.os"} <= gone
    assert not [k for k in bad.numbers if "nlr" in k or k.startswith("prognosis.os")]
    kept = set(bad.numbers)
    assert {"baseline.bmi.median", "survival.os.median"} <= kept
    for key in kept:
        assert bad[key].value == good[key].value, key


def test_a_decision_settles_the_cell(tmp_path: Path) -> None:
    decided = (
        '[[decisions]]\nrule = "variables.zero-denominator"\npatients = ["P04"]\ndo = "missing"\n'
        'why = "Not measured."\nby = "A. Author"\n'
    )
    results = run(write(tmp_path / "a", PROTOCOL + decided, {4: "0"}))
    assert results.left_out == ()
    assert results["baseline.nlr.missing"].value == 1


def test_what_rests_on_a_column_is_known_without_data() -> None:
    known = dependence(parse_protocol(PROTOCOL))
    on_labs = known.rest_on([Wrong("labs", ("value",))])
    assert on_labs == (
        "prognosis.os", "survival.os.by.nlr_high", "variables.bmi", "variables.frail",
        "variables.nlr", "variables.nlr_high",
    )  # fmt: skip
    assert known.rest_on([Wrong("patients", ("height",))]) == ("variables.bmi", "variables.frail")
    assert "variables.frail" in known.rest_on([Wrong("patients", ("age",))])


def test_explain_shows_the_formula_and_the_cells_behind_each_value(tmp_path: Path) -> None:
    folder = write(tmp_path / "a")
    said = CliRunner().invoke(app, ["explain", str(folder), "P04"])
    assert said.exit_code == 0
    lines = [line.strip() for line in said.stdout.splitlines()]
    at = lines.index("Neutrophil-to-lymphocyte ratio (nlr): 5.875")
    assert lines[at + 1] == "= neutrophils [10^9/L] / lymphocytes [10^9/L]"
    assert lines[at + 2] == "neutrophils 7050 /uL of 2014-03-05  [data/labs.csv D10 value]"
    assert lines[at + 3].startswith("lymphocytes 1.2 10^9/L of ")
    results = run(folder)
    head, neutrophils, lymphocytes = results.behind.lines("variables.nlr", "P04")
    assert head == "5.875" and neutrophils.endswith("labs.csv cell D10 (value)")
    assert lymphocytes.startswith("lymphocytes 1.2 10^9/L")


def test_a_formula_that_reads_the_outcome_is_no_predictor(tmp_path: Path) -> None:
    """Known only afterwards, however it is derived."""
    late = PROTOCOL.replace('["nlr", "age"]', '["late", "age"]').replace(
        "[variables.nlr]\n", '[variables.late]\nderive = "formula"\nformula = "os_months / 2"\n'
        "[variables.nlr]\n", 1,
    )  # fmt: skip
    study = oc.read_study(write(tmp_path / "a", late))
    [problem] = [p for p in study.problems if p.id == "variables.outcome"]
    assert '"late"' in problem.what
