"""Hazards over time in a published trial, as a study: against the vignette of R and against R."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest

import oncohort as oc
from oncohort.study.results import Results

HERE = Path(__file__).parent / "public"
R = json.loads((HERE / "veteran.json").read_text())


def run(folder: Path, prognosis: str) -> Results:
    shutil.copy(HERE / "veteran.csv", folder)
    text = (HERE / "veteran.toml").read_text() + "\n[prognosis]\n" + prognosis
    (folder / "study.toml").write_text(text)
    return oc.read_study(folder).run()


def close(value: float) -> Any:
    return pytest.approx(value, rel=1e-8)


def prose(results: Results) -> str:
    return " ".join(
        "".join(s.text for s in block.spans)
        for section in results.paper.sections
        for block in section.blocks
        if hasattr(block, "spans")
    )


ALL = 'candidates = ["trt", "prior", "karno", "celltype"]\n'
THREE = 'candidates = ["trt", "prior", "karno"]\n'


def test_each_term_is_tested_and_named(tmp_path: Path) -> None:
    results = run(tmp_path, ALL)
    for name in ("trt", "prior", "karno", "celltype"):
        assert results[f"prognosis.os.ph[model=multi,variable={name}]"].value == close(
            R["zph"][name]
        )
    assert results["prognosis.os.ph[model=multi]"].value == close(R["zph"]["GLOBAL"])
    said = prose(results)
    assert "may not be proportional for" in said and "Karnofsky score (p" in said
    assert "no sign of non-proportional" not in said
    [warning] = [p for p in results.problems if p.id == "prognosis.not-proportional"]
    assert "Karnofsky score" in warning.what
    assert "strata" in warning.todo and "time_split" in warning.todo


def test_a_stratified_model_is_that_of_r(tmp_path: Path) -> None:
    results = run(tmp_path, ALL + 'strata = ["celltype"]\n')
    for i, name in enumerate(("trt", "prior", "karno")):
        hr = results[f"prognosis.os.hr[model=multi,variable={name}]"]
        assert (hr.value, hr.low, hr.high) == tuple(
            close(R["strat"][k][i]) for k in ("hr", "low", "high")
        )
        ph = results[f"prognosis.os.ph[model=multi,variable={name}]"]
        assert ph.value == close(R["zph_strat"][name])
    assert "prognosis.os.p_overall[model=multi,variable=celltype]" not in results.numbers
    assert results["prognosis.os.concordance[model=multi]"].value == close(R["conc_strat"])
    assert "stratified by Cell type" in prose(results)


def test_the_vignette_is_reproduced(tmp_path: Path) -> None:
    """Therneau, Crowson and Atkinson, Using time dependent covariates and time dependent
    coefficients in the Cox model (vignette of R survival), section 4.1, the fit `vfit2`:
    karno -0.048755, 0.008050 and -0.008349 up to 90, 180 days and later; p 4.64e-15, 0.530, 0.568.
    """
    results = run(tmp_path, THREE + "time_split = { karno = [90, 180] }\n")
    printed = ((-0.048755, 4.64e-15), (0.008050, 0.530), (-0.008349, 0.568))
    for k, (coefficient, p) in enumerate(printed, start=1):
        keys = f"[interval={k},model=changing,variable=karno]"
        hr = results[f"prognosis.os.hr{keys}"].value
        assert hr is not None
        assert round(math.log(hr), 6) == coefficient
        assert results[f"prognosis.os.p{keys}"].value == pytest.approx(p, rel=2e-3)
        at = R["loose"]["names"].index(f"karno:strata(tgroup)tgroup={k}")
        assert hr == close(R["loose"]["hr"][at])
    trt = results["prognosis.os.hr[model=changing,variable=trt]"]
    assert trt.value == close(R["loose"]["hr"][0])
    assert results["prognosis.os.constant_p[variable=karno]"].value == close(R["constant_p"])
    table = results.tables["changing_effects"]
    labels = [r.cells[0].text for r in table.rows]
    assert "per point, after 90 up to 180 days" in labels
    assert "The effect of Karnofsky score changed at 90 and 180\u00a0days (p" in prose(results)


def test_ties_that_have_no_test_of_proportional_hazards_say_so(tmp_path: Path) -> None:
    results = run(tmp_path, THREE + 'ties = "exact"\n')
    ph = results["prognosis.os.ph[model=multi]"]
    assert (ph.state, "ties" in ph.note) == ("not_estimable", True)
    assert "could not be tested" in prose(results)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("time_split = { karno = [180, 90] }\n", "must rise"),
        ("time_split = { celltype = [90] }\n", "not among the candidates"),
        ('time_split = { karno = [90] }\nstrata = ["karno"]\n', "no hazard ratio"),
    ],
)
def test_a_split_that_can_not_be_is_an_error_of_the_protocol(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(oc.problems.ProtocolError, match=complaint):
        run(tmp_path, THREE + text)
