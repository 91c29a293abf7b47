"""How numbers enter models: per ten, per SD, as logarithms, as restricted cubic splines."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cohorts import cohort, patients
from hypothesis import given
from hypothesis import strategies as st
from public import FIXTURES, PBC, run

from oncohort import stats
from oncohort.analyses import prognosis
from oncohort.displays.figures.drawing import draw
from oncohort.problems import ProtocolError
from oncohort.stats.errors import InputError

R = json.loads((FIXTURES / "splines.json").read_text(encoding="utf-8"))
NUMBERS = """
[variables.age]
unit = "years"
AGE
[variables.bili]
unit = "mg/dL"
BILI
[variables.albumin]
unit = "g/dL"
[prognosis]
candidates = ["age", "OTHER"]
"""


def pbc(folder: Path, age: str = "", bili: str = "", other: str = "bili") -> Any:
    text = NUMBERS.replace("AGE", age).replace("BILI", bili).replace("OTHER", other)
    return run(folder, PBC, text)


@pytest.mark.parametrize("case", R["cases"], ids=lambda c: f"{c['k']} knots")
def test_splines_are_those_of_rms(case: dict[str, Any], tmp_path: Path) -> None:
    results = pbc(tmp_path, f"knots = {case['k']}", other="albumin")
    basis = stats.restricted_cubic([30, 45, 51, 60, 75], case["knots"])
    np.testing.assert_allclose(basis, case["basis"], rtol=1e-8, atol=1e-12)
    of = "[model=multi,variable=age]"
    hr = results[f"prognosis.os.hr{of}"]
    np.testing.assert_allclose((hr.value, hr.low, hr.high), case["quartile_hr"], rtol=1e-8)
    assert results[f"prognosis.os.p_overall{of}"].value == pytest.approx(case["p_age"], rel=1e-7)
    bend = results[f"prognosis.os.p_nonlinear{of}"].value
    assert bend == pytest.approx(case["p_nonlinear"], rel=1e-7)
    curve = results.numbers.curves[f"prognosis.os.effect{of}"].columns
    assert min(curve["hr"]) < 1 < max(curve["hr"])
    for x, wanted in zip((30, 60, 75), case["at"], strict=True):
        for name, value in zip(("hr", "low", "high"), wanted, strict=True):
            # The curve has 101 points; between them it is all but straight.
            got = np.interp(x, curve["value"], curve[name])
            assert got == pytest.approx(value, rel=3e-3)


def test_steps_and_logarithms_are_those_of_r(tmp_path: Path) -> None:
    one = pbc(tmp_path / "a", "per = 10", "log = 2")
    two = pbc(tmp_path / "b", 'per = "sd"', "log = 10")
    for results, variable, wanted in (
        (one, "bili", R["log2"]), (one, "age", R["per10"]),
        (two, "bili", R["log10"]), (two, "age", R["sd"]),
    ):  # fmt: skip
        hr = results[f"prognosis.os.hr[model=multi,variable={variable}]"]
        np.testing.assert_allclose((hr.value, hr.low, hr.high), wanted, rtol=1e-8)
    cells = [r.cells[0].text for r in one.tables["prognosis"].rows]
    assert cells == ["Age, per 10 years", "Bili, per doubling"]
    cells = [r.cells[0].text for r in two.tables["prognosis"].rows]
    assert cells == ["Age, per SD (10.4 years)", "Bili, per tenfold increase"]
    assert "Bili entered as a logarithm." in str(one.numbers.section("prognosis").methods)


def test_published_logarithms_of_the_liver_study(tmp_path: Path) -> None:
    """Therneau, Crowson and Atkinson, Using time dependent covariates and time dependent
    coefficients in the Cox model (vignette of survival), section 3.2, "baseline fit": 0.930592
    for log bilirubin and 2.890573 for log prothrombin time."""
    text = '[variables.bili]\nlog = "e"\n[variables.protime]\nlog = "e"\n'
    results = run(tmp_path, PBC, text + '[prognosis]\ncandidates = ["bili", "protime"]\n')
    for variable, published in (("bili", 0.930592), ("protime", 2.890573)):
        hr = results[f"prognosis.os.hr[model=multi,variable={variable}]"].value
        assert round(math.log(hr), 6) == published


def test_a_spline_has_its_row_its_figure_and_its_sentences(tmp_path: Path) -> None:
    results = pbc(tmp_path, "", "knots = 4")
    [row] = [r for r in results.tables["prognosis"].rows if r.cells[0].text.startswith("Bili")]
    assert row.cells[0].text == "Bili, 3.4 vs. 0.8 mg/dL"
    assert "prognosis.os.p_overall[model=multi,variable=bili]" in row.cells[5].ids
    figure = results.figures["effect_os"]
    images = draw(figure)
    assert images["png"].startswith(b"\x89PNG")
    assert draw(figure) == images
    text = str([b for s in results.paper.sections for b in s.blocks])
    assert "The effect of bili was not linear" in text or "The effect of Bili was not" in text
    assert "restricted cubic spline with knots at" in text


def test_logarithms_of_nothing_are_named_at_their_cells(tmp_path: Path) -> None:
    frame = patients(6, crp=[1.0, 0.0, 2.0, -1.0, 3.0, None], days=[9, 8, 7, 6, 5, 4])
    text = "[endpoints.os]\n[variables.crp]\nlog = 2\n[prognosis]\ncandidates = ['crp']\n"
    _, c = cohort(text, frame)
    found = [p for p in c.problems if p.id == "variables.log-of-nothing"]
    assert [(p.patient, p.wrong[0].columns, p.wrong[0].row) for p in found] == [
        ("2", ("crp",), 3), ("4", ("crp",), 5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "how", "said"),
    [
        ([3.0] * 6, "knots = 3", "different value"),
        ([3.0] * 6, "per = 'sd'", "no standard deviation"),
        ([1.0, 1.0, 1.0, 1.0, 1.0, 9.0], "knots = [0, 2, 5]", "quartiles are alike"),
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "knots = [10, 20, 30]", "no value lies between"),
    ],
)
def test_values_too_much_alike_make_no_effect(values: list[float], how: str, said: str) -> None:
    frame = patients(6, x=values, days=[9, 8, 7, 6, 5, 4])
    text = f"[endpoints.os]\n[variables.x]\n{how}\n[prognosis]\ncandidates = ['x']\n"
    _, c = cohort(text, frame)
    [problem] = [p for p in c.problems if p.id == "variables.effect"]
    assert said in problem.what
    assert problem.blocks == ("variables.x",)


def test_five_patients_and_no_events_give_no_ratio_and_no_crash() -> None:
    for dead in (True, False):
        frame = patients(5, x=[1.0, 2.0, 3.0, 4.0, 5.0], days=[9, 8, 7, 6, 5], dead=[dead] * 5)
        text = "[endpoints.os]\n[variables.x]\nknots = 3\n[prognosis]\ncandidates = ['x']\n"
        p, c = cohort(text, frame)
        result = prognosis.analyse(p, c)
        assert result is not None
        [hr] = [e for e in result.estimates if e.id == "prognosis.os.hr[model=uni,variable=x]"]
        assert hr.state == "not_estimable" and hr.note


@given(st.lists(st.floats(-50, 50), min_size=3, max_size=6, unique=True), st.floats(-100, 100))
def test_a_restricted_spline_is_straight_beyond_its_knots(knots: list[float], far: float) -> None:
    at = np.sort(np.array(knots))
    if np.diff(at).min() < 1e-3:
        return
    outside = at[-1] + abs(far) + np.array([1.0, 2.0, 3.0])
    basis = stats.restricted_cubic(outside, at)
    np.testing.assert_allclose(np.diff(basis, 2, axis=0), 0, atol=1e-6 * np.abs(basis).max())
    below = stats.restricted_cubic(at[0] - np.array([1.0, 2.0]), at)
    assert (below[:, 1:] == 0).all()


def test_a_spline_beside_an_effect_that_changes(tmp_path: Path) -> None:
    """The columns of the spline are in the split model too; only the other ratio changes."""
    text = (
        '[variables.age]\nunit = "years"\nknots = 4\n[variables.bili]\nlog = 2\n'
        '[prognosis]\ncandidates = ["age", "bili"]\ntime_split = { bili = [1000] }\n'
    )
    results = run(tmp_path / "a", PBC, text)
    of = "prognosis.os.hr[interval={},model=changing,variable=bili]"
    found = [results[of.format(k)].value for k in (1, 2)]
    np.testing.assert_allclose(found, R["split"], rtol=1e-8)
    with pytest.raises(ProtocolError, match="no single hazard ratio"):
        run(tmp_path / "b", PBC, text.replace("bili = [1000]", "age = [1000]"))


def test_knots_need_different_values() -> None:
    with pytest.raises(InputError, match="fall on 1 different value"):
        stats.knots_of([1.0] * 20, 4)
    with pytest.raises(InputError, match="no values"):
        stats.knots_of([float("nan")], 3)
    with pytest.raises(InputError, match="three rising knots"):
        stats.restricted_cubic([1.0], [1.0, 1.0, 2.0])
