"""Published tables of public data, as studies: groups in Table I, response, logistic regression."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import oncohort as oc
from oncohort.study.results import Results

PUBLIC = Path(__file__).parent / "public"
HEAD = '[study]\nschema = 1\ntitle = "Public data"\n'


def run(folder: Path, text: str, csv: Path) -> Results:
    """The study of one public table."""
    (folder / "study.toml").write_text(HEAD + f'data = "{csv.name}"\n' + text, encoding="utf-8")
    (folder / csv.name).write_bytes(csv.read_bytes())
    return oc.read_study(folder).run()


PBC = """
[variables.arm]
levels = { penicillamine = "D-penicillamine", placebo = "Placebo" }
[variables.age]
unit = "years"
kind = "continuous"
[variables.bili]
kind = "continuous"
[variables.chol]
kind = "continuous"
[variables.albumin]
kind = "continuous"
[variables.sex]
levels = { m = "Male", f = "Female" }
[baseline]
variables = ["age", "bili", "chol", "albumin", "sex"]
by = "arm"
summary = "mean_sd"
test = true
tests = { age = "t", bili = "t", chol = "t", albumin = "t" }
smd = true
"""


def test_table_one_of_pbc_is_as_the_vignette_of_tableone_prints_it(tmp_path: Path) -> None:
    """Yoshida, Introduction to tableone (CRAN), table stratified by trt."""
    results = run(tmp_path, PBC, PUBLIC / "pbc.csv")
    printed = {
        "age": ("51.42 (11.01)", "48.58 (9.96)", "0.018", "0.270"),
        "bili": ("2.87 (3.63)", "3.65 (5.28)", "0.131", "0.171"),
        "chol": ("365.01 (209.54)", "373.88 (252.48)", "0.748", "0.038"),
        "albumin": ("3.52 (0.44)", "3.52 (0.40)", "0.874", "0.018"),
    }
    for key, (one, other, p, smd) in printed.items():
        for group, text in (("penicillamine", one), ("placebo", other)):
            mean = results[f"baseline.{key}.mean[group={group}]"].value
            sd = results[f"baseline.{key}.sd[group={group}]"].value
            assert f"{mean:.2f} ({sd:.2f})" == text
        assert f"{results[f'baseline.{key}.p'].value:.3f}" == p, key
        assert f"{results[f'baseline.{key}.smd'].value:.3f}" == smd, key
    assert results["baseline.sex.count[group=penicillamine,level=f]"].value == 137
    assert results["baseline.sex.count[group=placebo,level=f]"].value == 139
    assert f"{results['baseline.sex.smd'].value:.3f}" == "0.111"


RESPONSES = """
synthetic = true
[variables.arm]
label = "Treatment"
levels = { atezolizumab = "Atezolizumab plus bevacizumab", sorafenib = "Sorafenib" }
reference = "sorafenib"
[response]
source = "charted"
by = ["arm"]
"""
IMBRAVE150 = {
    "atezolizumab": {"CR": 18, "PR": 71, "SD": 151, "PD": 64, "NE": 22},
    "sorafenib": {"CR": 0, "PR": 19, "SD": 69, "PD": 39, "NE": 32},
}
"""Finn et al., N Engl J Med 2020;382:1894, table 2 (RECIST 1.1, independent review); "could not be
evaluated" and "data missing" are NE."""


def test_response_by_arm_of_imbrave150_is_as_printed(tmp_path: Path) -> None:
    """The counts of table 2 as made-up patients: its rates, intervals and p come out."""
    lines = ["patient,arm,best_response"]
    for arm, counts in IMBRAVE150.items():
        for word, n in counts.items():
            lines += [f"P{len(lines) + i},{arm},{word}" for i in range(n)]
    (tmp_path / "counts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = f'{HEAD}data = "counts.csv"{RESPONSES}'
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    results = oc.read_study(tmp_path).run()
    printed = {
        ("atezolizumab", "orr"): (326, "27.3 (22.5-32.5)"),
        ("sorafenib", "orr"): (159, "11.9 (7.4-18.0)"),
    }
    for (arm, rate), (n, words) in printed.items():
        e = results[f"response.{rate}.percent[group={arm},variable=arm]"]
        assert (e.n, f"{e.value:.1f} ({e.low:.1f}-{e.high:.1f})") == (n, words)
    shares = {
        "atezolizumab": ("5.5", "21.8", "46.3", "19.6"),
        "sorafenib": ("0.0", "11.9", "43.4", "24.5"),
    }
    for arm, wanted in shares.items():
        got = [
            f"{results[f'response.best.percent[group={arm},level={v},variable=arm]'].value:.1f}"
            for v in ("cr", "pr", "sd", "pd")
        ]
        assert tuple(got) == wanted
    control = [results[f"response.dcr.percent[group={a},variable=arm]"].value for a in IMBRAVE150]
    assert [f"{v:.1f}" for v in control] == ["73.6", "55.3"]
    assert results["response.orr.p[variable=arm]"].value < 0.001
    table = results.tables["response_arm"]
    cells = {r.cells[0].text: [c.text for c in r.cells[1:]] for r in table.rows}
    assert cells["Objective response (CR + PR), n (%)"] == ["89 (27.3)", "19 (11.9)", "<0.001"]
    words = "".join(
        span.text
        for part in results.paper.sections
        for block in part.blocks
        for span in getattr(block, "spans", ())
    )
    assert "The objective response rate was 27.3% (95% CI 22.5–32.5) for atezolizumab" in words


BIRTHS = """
[variables.low]
kind = "categorical"
[variables.age]
unit = "years"
kind = "continuous"
[variables.lwt]
kind = "continuous"
[variables.ftv]
kind = "continuous"
[variables.race]
levels = { white = "White", black = "Black", other = "Other" }
[variables.smoke]
levels = { no = "No", yes = "Yes" }
[outcomes.low]
label = "Low birth weight"
of = "variable"
variable = "low"
levels = ["1"]
by = ["smoke", "race"]
[logistic]
candidates = ["age", "lwt", "race", "ftv", "smoke"]
multivariable = ["lwt", "race"]
"""


def test_low_birth_weight_is_as_hosmer_and_lemeshow_print_it(tmp_path: Path) -> None:
    """Applied Logistic Regression (2nd edition): tables 2.3 and 3.3 (crude ratio of smoking)."""
    results = run(tmp_path, BIRTHS, PUBLIC / "birthwt.csv")
    assert results["outcomes.low.count"].value == 59
    crude = results["logistic.low.or[model=uni,variable=smoke]"]
    assert f"{crude.value:.2f} ({crude.low:.2f}-{crude.high:.2f})" == "2.02 (1.08-3.78)"
    other = results["outcomes.low.odds_ratio[group=yes,variable=smoke]"]
    assert other.value == pytest.approx(crude.value, rel=1e-9)
    black = results["logistic.low.or[level=black,model=multi,variable=race]"]
    assert f"{math.log(black.value):.3f}" == "1.081"
    assert f"{math.log(results['logistic.low.or[model=multi,variable=lwt]'].value):.3f}" == "-0.015"
    assert results["logistic.low.n[model=multi]"].value == 189
    table = results.tables["logistic"]
    cells = {r.cells[0].text: [c.text for c in r.cells[1:]] for r in table.rows}
    assert cells["White"][:2] == ["96 (23)", "1 (ref.)"]
    assert cells["Yes"][0] == "74 (30)" and cells["Yes"][1] == "2.02 (1.08–3.78)"
    assert set(results.figures) >= {"odds"}
    assert results.left_out == ()


EVENTS = """
synthetic = true
[tables.patients]
file = "patients.csv"
[tables.adverse_events]
file = "adverse_events.csv"
[variables.arm]
label = "Treatment"
levels = { atezolizumab = "Atezolizumab plus bevacizumab", sorafenib = "Sorafenib" }
reference = "sorafenib"
[safety]
criteria = "CTCAE 4.03"
by = ["arm"]
test = "fisher"
[safety.terms]
hypertension = "Hypertension"
diarrhea = "Diarrhea"
fatigue = "Fatigue"
"""
TABLE_3 = {
    "atezolizumab": (329, {"Hypertension": (98, 50), "Diarrhea": (62, 6), "Fatigue": (67, 8)}),
    "sorafenib": (156, {"Hypertension": (38, 19), "Diarrhea": (77, 8), "Fatigue": (29, 5)}),
}
"""Finn et al., N Engl J Med 2020;382:1894, table 3: treated patients; any grade, grade 3 or 4."""


def test_adverse_events_by_arm_of_imbrave150_are_as_printed(tmp_path: Path) -> None:
    """The counts of table 3 as made-up patients: its percentages come out."""
    data = tmp_path / "data"
    data.mkdir()
    who, events = ["patient,arm,treatment_start"], ["patient,term,grade,start"]
    for arm, (n, terms) in TABLE_3.items():
        names = [f"{arm[0]}{i:03}" for i in range(n)]
        who += [f"{name},{arm},2019-01-01" for name in names]
        for term, (any_grade, high) in terms.items():
            for i, name in enumerate(names[:any_grade]):
                events.append(f"{name},{term},{3 if i < high else 2},2019-02-01")
    (data / "patients.csv").write_text("\n".join(who) + "\n", encoding="utf-8")
    (data / "adverse_events.csv").write_text("\n".join(events) + "\n", encoding="utf-8")
    (tmp_path / "study.toml").write_text(f'{HEAD}data = "data"{EVENTS}', encoding="utf-8")
    results = oc.read_study(tmp_path).run()
    table = results.tables["safety_arm"]
    cells = {r.cells[0].text: [c.text for c in r.cells[1:5]] for r in table.rows}
    assert cells["Hypertension"] == ["98 (29.8)", "50 (15.2)", "38 (24.4)", "19 (12.2)"]
    assert cells["Diarrhea"] == ["62 (18.8)", "6 (1.8)", "77 (49.4)", "8 (5.1)"]
    assert cells["Fatigue"] == ["67 (20.4)", "8 (2.4)", "29 (18.6)", "5 (3.2)"]
    p = results["safety.diarrhea.p[grade=any,variable=arm]"].value
    assert p is not None and p < 0.001
