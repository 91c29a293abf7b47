"""Prediction models: performance, nomogram and net benefit, equal to R, corrected for optimism."""

from __future__ import annotations

import json
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cohorts import cohort, patients
from hypothesis import given, settings
from hypothesis import strategies as st
from public import COLON, FIXTURES, PBC, run, study

from oncohort import stats
from oncohort.analyses import prediction
from oncohort.displays.figures.drawing import draw
from oncohort.problems import ProtocolError, Wrong
from oncohort.stats.errors import InputError
from oncohort.stats.prediction import Prediction
from oncohort.study.depends import dependence

R = json.loads((FIXTURES / "prediction.json").read_text(encoding="utf-8"))


def lung() -> Any:
    d = R["data"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return stats.cox(d["time"], d["event"], np.column_stack([d["age"], d["sex"], d["ph.ecog"]]))


@pytest.fixture(scope="module")
def lung_performance() -> Prediction:
    return stats.predict_performance(lung(), R["times"], groups=4, samples=R["samples"])


def test_concordance_and_slope_are_those_of_r(lung_performance: Prediction) -> None:
    p = lung_performance
    np.testing.assert_allclose((p.harrell.c, p.uno.c), R["c"], rtol=1e-8)
    corrected = (p.harrell_corrected, p.uno_corrected)
    np.testing.assert_allclose(corrected, R["c_corrected"], rtol=1e-8)
    assert p.slope == pytest.approx(R["slope"], rel=1e-8)
    assert p.usable == len(R["samples"])


@pytest.mark.parametrize("i", [0, 1])
def test_areas_calibration_and_net_benefit_are_those_of_r(
    i: int, lung_performance: Prediction
) -> None:
    p, r = lung_performance, R["per_time"][i]
    assert p.roc[i].auc == pytest.approx(r["auc"], rel=1e-8)
    assert p.auc_corrected[i] == pytest.approx(r["auc_corrected"], rel=1e-8)
    for ours, theirs in (
        (p.calibration[i].predicted, r["predicted"]),
        (p.calibration[i].observed, r["observed"]),
        (p.calibration[i].corrected, r["corrected"]),
        (p.benefit[i].model, r["nb"]),
        (p.benefit[i].corrected, r["nb_corrected"]),
        (p.benefit[i].treat_all, r["all"]),
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-11)


def test_points_are_those_of_rms() -> None:
    coef = lung().coef
    axes = {"age": "age", "sex": "sex", "ecog": "ecog"}
    values = {k: np.array(R["nomogram"][name]["value"], dtype=float) for k, name in axes.items()}
    found = stats.nomogram({k: b * values[k] for (k, b) in zip(values, coef, strict=True)})
    for key, name in axes.items():
        np.testing.assert_allclose(
            found.points[key], R["nomogram"][name]["points"], rtol=1e-6, atol=1e-6
        )


def test_published_concordance_of_the_colon_trial(tmp_path: Path) -> None:
    """Therneau and Atkinson, Concordance (vignette of survival), section 4, p. 8: 0.65559 with
    weights n(t), Harrell's C, and 0.65357 with weights n/G2, Uno's C."""
    text = (
        '[variables.rx]\nlevels = { obs = "Obs", lev = "Lev", lev_5fu = "Lev+5FU" }\n'
        '[variables.nodes]\n[variables.extent]\nkind = "continuous"\n'
        '[prediction]\nendpoint = "os"\nvariables = ["rx", "nodes", "extent"]\n'
        "times = [1000, 3000]\nbootstraps = 20\n"
    )
    results = run(tmp_path, COLON, text)
    assert round(results["prediction.os.harrell"].value, 5) == 0.65559
    assert round(results["prediction.os.uno"].value, 5) == 0.65357


MODEL = """
[variables.age]
label = "Age"
unit = "years"
[variables.bili]
label = "Bilirubin"
unit = "mg/dL"
log = 2
[variables.edema]
label = "Oedema"
levels = { "0" = "None", "0.5" = "Treated", "1" = "Resistant" }
[prediction]
endpoint = "os"
variables = ["age", "bili", "edema"]
times = [1000, 2000]
bootstraps = 30
"""


def test_a_study_gets_tables_figures_sentences_and_methods(tmp_path: Path) -> None:
    results = run(tmp_path, PBC, MODEL)
    assert results.left_out == ()
    tables = {"prediction_model", "prediction", "calibration", "nomogram_points"}
    assert tables <= set(results.tables)
    figures = ("calibration", "prediction_roc", "nomogram", "decision_curve")
    for name in figures:
        images = draw(results.figures[name])
        assert images["png"].startswith(b"\x89PNG")
        assert draw(results.figures[name]) == images
    words = str([b for s in results.paper.sections for b in s.blocks])
    assert "was predicted from age, bilirubin and oedema" in words
    assert "corrected for optimism by 30 bootstrap samples" in words
    ids = {i for t in tables for i in results.tables[t].ids}
    assert ids <= set(results.numbers)


def test_the_printed_equation_predicts_as_the_points_do(tmp_path: Path) -> None:
    """A patient read off the nomogram has the survival that the equation gives."""
    results = run(tmp_path, PBC, MODEL)
    path = "prediction.os"
    beta = {e.key["variable"]: e.value for e in results.numbers.of("prediction", "os", "beta")}
    resistant = results[f"{path}.beta[level=1,variable=edema]"].value
    risk = 60 * beta["age"] + math.log2(5) * beta["bili"] + resistant
    centre = results[f"{path}.centre"].value
    base = results[f"{path}.baseline[time=1000]"].value / 100
    survival = base ** math.exp(risk - centre)
    points = (
        results[f"{path}.points[value=60,variable=age]"].value
        + results[f"{path}.points[value=5,variable=bili]"].value
        + results[f"{path}.points[level=1,variable=edema]"].value
    )
    totals = {
        int(e.key["survival"]): e.value
        for e in results.numbers.of("prediction", "os", "total", time="1000")
    }
    risks = {math.log(-math.log(s / 100)): p for s, p in totals.items()}
    wanted = math.log(-math.log(survival))
    read = np.interp(wanted, sorted(risks), [risks[k] for k in sorted(risks)])
    assert read == pytest.approx(points, rel=1e-8)


def few(folder: Path, more: str = "") -> Any:
    """The first 40 patients of the liver study: 27 events."""
    folder.mkdir(parents=True, exist_ok=True)
    s = study(folder, PBC, MODEL + more)
    lines = (folder / "pbc.csv").read_text("utf-8").splitlines()[:41]
    (folder / "pbc.csv").write_text("\n".join(lines) + "\n", "utf-8")
    del s
    import oncohort as oc

    return oc.read_study(folder).run()


def test_few_events_stop_the_nomogram_unless_the_protocol_gives_a_reason(tmp_path: Path) -> None:
    results = few(tmp_path / "a")
    [problem] = [p for p in results.problems if p.id == "prediction.few-events"]
    assert "for 4 coefficients" in problem.what
    assert "nomogram" not in results.figures and "nomogram_points" not in results.tables
    words = str([b for s in results.paper.sections for b in s.blocks])
    assert "No nomogram is shown: there are " in words
    assert results["prediction.os.harrell"].state == "ok"
    reason = few(tmp_path / "b", 'few_events = "the score is to be validated elsewhere"\n')
    assert "nomogram" in reason.figures
    words = str([b for s in reason.paper.sections for b in s.blocks])
    assert "because the score is to be validated elsewhere" in words
    assert [p.id for p in reason.problems if p.id == "prediction.few-events"]


def test_a_group_that_the_outcome_made_is_no_predictor(tmp_path: Path) -> None:
    text = MODEL.replace(
        "[prediction]",
        '[variables.high]\nfrom = "age"\ncut_by = "max_logrank"\nendpoint = "os"\n[prediction]',
    ).replace('"edema"]', '"high"]')
    results = run(tmp_path, PBC, text)
    assert {o.section for o in results.left_out} == {"prediction.os"}
    assert not [k for k in results.numbers if k.startswith("prediction")]


def test_what_the_prediction_rests_on_is_known(tmp_path: Path) -> None:
    known = dependence(study(tmp_path, PBC, MODEL).protocol)
    for column in ("time", "dead", "bili", "edema"):
        assert "prediction.os" in known.rest_on([Wrong("patients", (column,))])
    assert "prediction.os" not in known.rest_on([Wrong("patients", ("platelet",))])


def small(n: int, dead: bool, x: list[float], times: str = "[12]") -> Any:
    frame = patients(n, x=x, days=[10 + i for i in range(n)], dead=[dead] * n)
    text = (
        "[endpoints.os]\n[variables.x]\n[prediction]\n"
        f"endpoint = 'os'\nvariables = ['x']\ntimes = {times}\nbootstraps = 20\n"
    )
    p, c = cohort(text, frame)
    return prediction.analyse(p, c)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (lambda: small(5, False, [1.0, 2.0, 3.0, 4.0, 5.0]), "no event"),
        (lambda: small(5, True, [2.0] * 5), "only one level"),
        (lambda: small(8, True, [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0], "[500]"), "nobody is"),
        (lambda: small(8, True, [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0], "[1]"), "no event by 1"),
        (lambda: small(5, True, [1.0, 2.0, 3.0, 4.0, 5.0]), "rises without end"),
    ],
)
def test_what_cannot_be_predicted_is_said_with_its_reason(result: Any, said: str) -> None:
    found = result()
    assert found is not None
    [c] = found.estimates
    assert c.state == "not_estimable" and said in c.note
    assert [p.id for p in found.problems] == ["prediction.not-estimable"]


def test_models_that_the_bootstrap_does_not_know_are_refused() -> None:
    d = R["data"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        late = stats.cox(d["time"], d["event"], np.array(d["age"]), entry=np.zeros(len(d["age"])))
    with pytest.raises(InputError, match="without delayed entry"):
        stats.predict_performance(late, [180])
    with pytest.raises(InputError, match="row numbers"):
        stats.predict_performance(lung(), [180], samples=[[0, 1]])
    with pytest.raises(InputError, match="no variable has any effect"):
        stats.nomogram({"a": [1.0, 1.0]})


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("times = [24, 12]", "the times must rise"),
        ("times = [0]", "greater than 0"),
        ("times = []", "at least 1 item"),
    ],
)
def test_keys_of_the_protocol(keys: str, said: str) -> None:
    text = "[endpoints.os]\n[variables.x]\n[prediction]\nendpoint = 'os'\nvariables = ['x']\n"
    with pytest.raises(ProtocolError, match=said):
        cohort(text + keys + "\n", patients(1, x=[1.0], days=[3]))
    with pytest.raises(ProtocolError, match='no endpoint "pfs"'):
        cohort((text + "times = [3]\n").replace("'os'", "'pfs'"), patients(1, x=[1.0], days=[3]))


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_hazard_of_equal_patients_is_nelson_aalens_with_ties_spread(seed: int) -> None:
    """With all relative hazards 1, Efron's estimate is that of Fleming and Harrington."""
    from oncohort.stats.prediction import hazard_at

    rng = np.random.default_rng(seed)
    time = rng.integers(1, 8, 25).astype(float)
    event = rng.random(25) < 0.6
    total, at = 0.0, []
    for t in range(1, 9):
        risk, died = int((time >= t).sum()), int((event & (time == t)).sum())
        total += sum(1 / (risk - k) for k in range(died))
        at.append(total)
    found = hazard_at(time, event, np.ones(25), range(1, 9))
    np.testing.assert_allclose(found, at, rtol=1e-12)
