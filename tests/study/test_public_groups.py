"""Published tables of public data, as studies: groups in Table I, response, logistic regression."""

from __future__ import annotations

from pathlib import Path

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
