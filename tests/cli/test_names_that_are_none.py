"""A name in the protocol that is none, wherever it stands, is told with the nearest one."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from terminal import oncohort

from oncohort.endpoints.changes import change_days
from oncohort.study.study import read_study

PROTOCOL = """
[study]
schema = 1
title = "Names"
data = "data"
synthetic = true
[endpoints.os]
[variables.sex]
[variables.age]
kind = "continuous"
[baseline]
variables = ["sex"]
by = "sex"
[safety]
[tables.labs.units]
value = "mg/dL"
"""


def write(folder: Path, more: str) -> Path:
    """Twenty made-up patients with laboratory values and adverse events."""
    rows: dict[str, list[dict[str, Any]]] = {"patients": [], "labs": [], "adverse_events": []}
    for i in range(20):
        who, start = {"patient": f"P{i}"}, date(2015, 1, 5) + timedelta(days=9 * i)
        end = start + timedelta(days=200 + 11 * i)
        rows["patients"].append(
            who
            | {
                "sex": ["male", "female"][i % 2], "age": 50 + i, "treatment_start": start,
                "last_contact": end, "vital_status": ["dead", "alive"][i % 2],
                "death_date": end if i % 2 == 0 else "", "best_response": ["PR", "SD"][i % 2],
                "os_m": 5 + i, "os_e": i % 3,
            }
        )  # fmt: skip
        rows["labs"].append(who | {"date": start, "test": "creatinine", "value": 1.0})
        rows["adverse_events"].append(who | {"term": "Rash", "start": end, "grade": 1})
    (folder / "data").mkdir()
    for name, table in rows.items():
        with (folder / "data" / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(table[0]))
            writer.writeheader()
            writer.writerows(table)
    (folder / "study.toml").write_text(PROTOCOL + more)
    return folder


NAMES: dict[str, tuple[str, str]] = {
    "codes": ('[tables.patients.codes.sexx]\nm = "male"\n', '"sex"'),
    "missing_in": ('[tables.patients.missing_in]\nagee = ["ND"]\n', '"age"'),
    "units": ('[tables.patients.units]\nagee = "years"\n', '"age"'),
    "ignore": ('[tables.patients]\nignore = ["agee"]\n', '"age"'),
    "columns": ('[tables.labs.columns]\ntset = "test"\n', '"test"'),
    "column of the chart": ('[tables.labs.columns]\ntest = "tset"\n', '"test"'),
    "constants": ('[tables.adverse_events.constants]\nseriuos = "yes"\n', '"serious"'),
    "a short constant": ('[tables.patients.constants]\nsx = "male"\n', '"sex"'),
    "repeated columns of patients": ('[tables.patients.repeat]\nsex = "x{n}"\n', '"wide"'),
    "repeated columns of a long table": ('[tables.labs.baseline]\nvalue = "x"\n', '"wide"'),
    "a laboratory test": ('[variables.c]\nderive = "lab"\ntest = "creatinin"\n', "creatinine"),
    "baseline of a wide table": (
        '[tables.labs]\nshape = "wide"\n[tables.labs.baseline]\nvalu = "x"\n',
        '"value"',
    ),
    "where": ('[tables.labs.where]\ntset = "creatinine"\n', '"test"'),
    "value of where": ('[tables.labs.where]\ntest = "creatinin"\n', '"creatinine"'),
    "table": ('[tables.labz]\nfile = "labs.csv"\n', '"labs"'),
    "variable of Table I": ('[prognosis]\ncandidates = ["agee"]\n', '"age"'),
    "groups of safety": ('[outcomes.a]\nof = "adverse_event"\nby = ["sexx"]\n', '"sex"'),
    "reference": ('[variables.old]\nfrom = "age"\ncut = [60]\nreference = "hig"\n', "ge60"),
    "level of an outcome": (
        '[outcomes.a]\nof = "variable"\nvariable = "sex"\nlevels = ["mal"]\n',
        '"male"',
    ),
    "term of an outcome": ('[outcomes.a]\nof = "adverse_event"\nterm = "rashh"\n', '"rash'),
    "label of an event": (
        '[endpoints.x]\ntime = "os_m"\nevent = "os_e"\nevent_value = 1\ncompeting = { other = 2 }\n'
        '[endpoints.x.event_labels]\nothr = "Other"\n',
        '"other"',
    ),
    "rule of a decision": (
        '[[decisions]]\nrule = "values.unreadabel"\npatients = ["P1"]\ndo = "missing"\n'
        'by = "A"\nwhy = "B"\n',
        '"values.unreadable"',
    ),
    "criterion": (
        '[[eligibility.criteria]]\nkey = "a"\nlabel = "A"\ncolumn = "agee"\nmin = 1\n',
        '"age"',
    ),
    "change": ('[time_dependent.a]\nendpoint = "os"\nchange = "responce"\n', '"response"'),
    "terms of a change": (
        '[time_dependent.a]\nendpoint = "os"\nchange = "adverse_event"\nterms = ["Rahs"]\n',
        '"Rash"',
    ),
    "journal": ('[style]\njournal = "jcoo"\n', "'jco'"),
    "key of a section": ('[propensity]\ntreatmnt = "sex"\n', '"treatment"'),
}


@pytest.mark.parametrize("what", list(NAMES))
def test_a_misspelt_name_is_told_with_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    text, near = NAMES[what]
    said = oncohort(capsys, "check", write(tmp_path, text))
    assert said.code in (1, 2)
    assert near in said.out + said.err


def test_an_onset_of_a_term_that_is_none_is_told_with_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = write(tmp_path, "")
    path = study / "study.toml"
    path.write_text(path.read_text().replace("[safety]", '[safety]\nonset = ["rsh", "any_event"]'))
    said = oncohort(capsys, "check", study)
    assert said.code == 1
    assert "safety.unknown-term" in said.out and '"rash"' in said.out


def test_terms_of_a_change_are_those_of_ctcae_in_any_spelling(tmp_path: Path) -> None:
    more = '[time_dependent.a]\nendpoint = "os"\nchange = "adverse_event"\nterms = ["Diarrhea"]\n'
    study = write(tmp_path, more)
    path = study / "data" / "adverse_events.csv"
    path.write_text(path.read_text().replace("Rash", "diarrhoea", 7))
    opened = read_study(study)
    assert not [p for p in opened.problems if p.id == "safety.unknown-term"]
    days = change_days(opened.cohort, opened.protocol.time_dependent["a"], opened.protocol)
    assert days is not None and days.height == 7


@pytest.mark.parametrize(
    ("text", "id_", "near"),
    [
        ('[tables.patients.codes.sex]\nmael = "male"\n', "values.unused-code", '"male"'),
        ('[safety.terms]\nx = "Rashs"\n', "safety.term-near", '"Rash"'),
    ],
)
def test_what_the_chart_may_lack_is_a_warning_where_something_is_called_almost_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, id_: str, near: str
) -> None:
    said = oncohort(capsys, "check", write(tmp_path, text))
    assert said.code == 0
    assert id_ in said.out and near in said.out


def test_a_summary_of_what_is_not_in_the_table_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = '[baseline.summaries]\nage = "mean_sd"\n'
    said = oncohort(capsys, "check", write(tmp_path, text))
    assert said.code == 2 and "summaries of age" in said.out + said.err


@pytest.mark.parametrize("name", ["age", "Age (years)"])
def test_the_names_of_the_chart_and_ours_are_both_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    text = '[tables.patients.columns]\nage = "Age (years)"\n'
    study = write(tmp_path, f'{text}[tables.patients.missing_in]\n"{name}" = ["55"]\n')
    path = study / "data" / "patients.csv"
    path.write_text(path.read_text().replace(",age,", ",Age (years),", 1))
    said = oncohort(capsys, "check", study)
    assert said.code == 0, said.out


def test_levels_of_a_variable_that_is_left_out_are_not_told_one_by_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = '[variables.os_m]\n[prognosis]\nendpoints = ["os"]\ncandidates = ["os_m"]\n'
    study = write(tmp_path, text)
    path = study / "data" / "patients.csv"
    path.write_text(path.read_text().replace(",12,", ",many,", 1))
    said = oncohort(capsys, "check", study)
    assert "variables.words-among-numbers" in said.out
    assert "variables.small-group" not in said.out
