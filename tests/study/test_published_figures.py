"""This study's figures beside a paper's: small charts, so that each verdict can be seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import oncohort as oc
from oncohort.displays.spans import text_of

PROTOCOL = """
[study]
schema = 1
title = "A small study"
data = "data"
cutoff = 2020-01-01

[tables.patients]
ignore = ["note"]

[variables.age]
kind = "continuous"

[variables.sex]
levels = { male = "Male", female = "Female" }
reference = "male"

[variables.marker]
cut = [2]
levels = { low = "< 2", high = "≥ 2" }
reference = "low"

[baseline]
variables = ["age", "sex", "marker"]
summary = "median_range"

[endpoints.os]
landmarks = [12]

[prognosis]
endpoints = ["os"]
candidates = ["sex", "marker"]
multivariable = ["sex", "marker"]

[published]
certificate = "certificate.json"
label = "an earlier report"

[published.variables]
"LDH ratio" = "marker"

[published.levels.sex]
Men = "male"
"""

FIGURES = """
schema = 1
[[populations]]
key = "cohort"
n = "12"
[[variables]]
name = "Sex"
levels = [
  { label = "Men", count = "7", percent = "58.3" },
  { label = "Female", count = "6", percent = "41.7" },
]
[[variables]]
name = "LDH ratio"
levels = [{ label = "<2", count = "6" }, { label = ">=2", count = "6" }]
[[variables]]
name = "Smoking"
levels = [{ label = "Yes", count = "3" }]
[[summaries]]
name = "age"
median = "61.5"
low = "50"
high = "73"
spread = "range"
[[times]]
endpoint = "OS"
median = "MEDIAN"
unit = "months"
[[ratios]]
variable = "LDH ratio"
endpoint = "OS"
model = "univariable"
level = ">=2"
reference = "<2"
estimate = "HIGH"
p = "0.9999"
[[ratios]]
variable = "LDH ratio"
endpoint = "OS"
model = "univariable"
level = "<2"
reference = ">=2"
estimate = "LOW"
"""

ROWS = """patient,sex,age,marker,treatment_start,last_contact,vital_status,death_date
A,male,50,1,2018-01-01,2018-03-02,dead,2018-03-02
B,male,52,3,2018-01-01,2018-04-11,dead,2018-04-11
C,female,55,2.5,2018-01-01,2018-05-21,dead,2018-05-21
D,male,57,1.5,2018-01-01,2018-07-09,dead,2018-07-09
E,female,59,4,2018-01-01,2018-08-30,dead,2018-08-30
F,male,61,1.2,2018-01-01,2018-10-20,alive,
G,female,62,2.2,2018-01-01,2019-01-10,dead,2019-01-10
H,male,63,1.1,2018-01-01,2019-02-01,alive,
I,female,65,3.1,2018-01-01,2019-03-05,dead,2019-03-05
J,male,66,0.8,2018-01-01,2019-05-09,dead,2019-05-09
K,female,70,2.9,2018-01-01,2019-06-11,alive,
L,male,73,1.9,2018-01-01,2019-09-01,alive,
"""


def write(folder: Path, figures: str, rows: str = ROWS, protocol: str = PROTOCOL) -> Path:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "patients.csv").write_text(rows, "utf-8")
    (folder / "study.toml").write_text(protocol, "utf-8")
    (folder / "figures.toml").write_text(figures, "utf-8")
    proof = {"key": "variables.sex.female.count", "state": "impossible", "why": "7 and 6 are 13"}
    (folder / "certificate.json").write_text(json.dumps({"figures": [proof]}), "utf-8")
    return folder


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> oc.Results:
    """The figures that a paper of these twelve would print."""
    first = write(tmp_path_factory.mktemp("one") / "s", FIGURES.replace("MEDIAN", "1"))
    numbers = oc.read_study(first).run()
    hr = numbers["prognosis.os.hr[model=uni,variable=marker]"].value
    median = numbers["survival.os.median"].value
    assert hr is not None and median is not None
    printed = FIGURES.replace("MEDIAN", f"{median:.1f}")
    printed = printed.replace("HIGH", f"{hr:.2f}").replace("LOW", f"{1 / hr:.3f}")
    return oc.read_study(write(tmp_path_factory.mktemp("two") / "s", printed)).run()


def rows_of(results: oc.Results, part: str) -> dict[str, tuple[str, str, str]]:
    table = results.paper.tables[f"published_{part}"]
    cells = [[text_of(c.spans) for c in row.cells] for row in table.rows]
    return {c[0]: (c[1], c[2], c[3]) for c in cells}


def test_margins_by_name_and_level(results: oc.Results) -> None:
    rows = rows_of(results, "baseline")
    assert rows["Sex: Men"] == ("7 (58.3)", "7 (58.3)", "agree")
    assert rows["Sex: Female"] == ("6 (41.7)", "5 (41.7)", "count: impossible; %: agree")
    assert rows["Marker: <2"] == ("6", "6", "agree")
    assert rows["Smoking: Yes"] == ("3", "\u2013", "not in this study")
    assert rows["Age"] == ("61.5 (50\u201373)", "61.5 (50\u201373)", "agree")


def test_ratios_in_the_direction_of_the_paper(results: oc.Results) -> None:
    table = results.paper.tables["published_prognosis"]
    cells = [[text_of(c.spans) for c in row.cells] for row in table.rows]
    assert len(cells) == 2
    assert cells[0][3] == "HR: agree; p: differ"
    assert cells[1][3] == "agree"
    hr = results["prognosis.os.hr[model=uni,variable=marker]"].value
    assert hr is not None
    assert cells[1][2] == f"{1 / hr:.3f}"
    assert table.rows[1].cells[2].ids == ("prognosis.os.hr[model=uni,variable=marker]",)


def test_counts_are_numbers_of_the_study(results: oc.Results) -> None:
    counts = {
        state: results[f"published.baseline.count[state={state}]"].value
        for state in ("agree", "differ", "impossible", "absent")
    }
    assert counts == {"agree": 8, "differ": 0, "impossible": 1, "absent": 1}
    assert results["published.outcomes.count[state=agree]"].value == 1
    assert any("Beside the published figures" in line for line in results.summary())


def test_tables_are_files(results: oc.Results, tmp_path: Path) -> None:
    folder = results.write(tmp_path / "out")
    for part in ("baseline", "outcomes", "prognosis"):
        assert (folder / "tables" / f"published_{part}.csv").is_file()
    assert "an earlier report" in (folder / "report.html").read_text("utf-8")


def test_a_wrong_cell_takes_out_what_rests_on_it(tmp_path: Path) -> None:
    spoilt = ROWS.replace("2018-05-21,dead,2018-05-21", "2018-05-21,dead,2017-05-21")
    results = oc.read_study(write(tmp_path / "s", FIGURES.replace("MEDIAN", "1"), spoilt)).run()
    names = set(results.numbers)
    assert "published.baseline.count[state=agree]" in names
    assert not any(i.startswith(("published.outcomes", "published.prognosis")) for i in names)


def test_a_variable_of_table_one_takes_out_its_comparison(tmp_path: Path) -> None:
    spoilt = ROWS.replace("B,male,", "B,banana,")
    results = oc.read_study(write(tmp_path / "s", FIGURES.replace("MEDIAN", "1"), spoilt)).run()
    assert not any(i.startswith("published.baseline") for i in results.numbers)
    assert "published.baseline" in {left.section for left in results.left_out}
    assert "published.outcomes.count[state=agree]" in results.numbers


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "s", "schema = 1\nratio = 3\n")
    (folder / "certificate.json").write_text("[]", "utf-8")
    study = oc.read_study(folder)
    found = {p.id: p for p in study.problems}
    assert "published.certificate" in found
    assert found["published.schema"].place.file.endswith("figures.toml")
    assert not any(i.startswith("published.") for i in study.run().numbers)


def test_names_that_the_protocol_does_not_have(tmp_path: Path) -> None:
    text = PROTOCOL.replace('"LDH ratio" = "marker"', '"LDH ratio" = "markr"')
    folder = write(tmp_path / "s", FIGURES, protocol=text)
    with pytest.raises(oc.OncohortError, match='no variable "markr"'):
        oc.read_study(folder)


def test_a_row_of_missing_values_is_compared_with_those_missing_here(tmp_path: Path) -> None:
    levels = '{ label = "<2", count = "6" }, { label = ">=2", count = "6" }'
    printed = '{ label = "<2", count = "5" }, { label = ">=2", count = "6" }, '
    printed += '{ label = "Missing data", count = "1" }'
    figures = FIGURES.replace("MEDIAN", "1").replace(levels, printed)
    rows = ROWS.replace("L,male,73,1.9,", "L,male,73,,")
    results = oc.read_study(write(tmp_path / "s", figures, rows)).run()
    assert rows_of(results, "baseline")["Marker: Missing data"] == ("1", "1", "agree")
