"""Cut-points found in the data: where R finds them, with the p of the search, never the naive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from cohorts import cohort, patients
from hypothesis import given, settings
from hypothesis import strategies as st
from public import DLBCL, FIXTURES, PBC, run, study

from oncohort import stats
from oncohort.analyses import cutpoints, survival
from oncohort.displays.figures.drawing import draw
from oncohort.endpoints.cutting import printed
from oncohort.problems import ProtocolError, Wrong
from oncohort.study.depends import dependence

R = json.loads((FIXTURES / "cutpoints.json").read_text(encoding="utf-8"))
BY = 'event_value = 1\nby = ["high"]\n'
SEARCHED = (
    '[variables.mge]\ncolumn = "MGE"\n[variables.high]\nlabel = "Gene expression"\nfrom = "mge"\n'
    'cut_by = "max_logrank"\nendpoint = "os"\n'
)


def dlbcl(folder: Path, text: str = SEARCHED) -> Any:
    return run(folder, DLBCL.replace("event_value = 1\n", BY), text)


def test_the_published_search_of_the_lymphoma_study(tmp_path: Path) -> None:
    """Hothorn and Lausen, Maximally Selected Rank Statistics in R (R News 2(1), 2002, p. 4, and
    vignette of maxstat, section 4): M = 3.171 at a mean gene expression of 0.186."""
    results = dlbcl(tmp_path)
    assert round(results["cutpoints.high.statistic"].value, 3) == 3.171
    assert round(results["cutpoints.high.cut"].value, 7) == 0.1860526
    assert results["cutpoints.high.p"].value < 0.02


def test_the_search_is_that_of_maxstat() -> None:
    found = stats.cutpoint(R["time"], R["cens"], R["mge"], permutations=20_000, bootstraps=1)
    np.testing.assert_allclose((found.statistic, found.cut), (R["statistic"], R["cut"]), rtol=1e-8)
    # The two bounds are those of the cuts that are examined, and maxstat examines a few others.
    assert found.p_improved_bonferroni == pytest.approx(R["lau94"], rel=0.05)
    # Two Monte Carlo p-values, of 20,000 and 99,999 permutations.
    assert found.p == pytest.approx(R["condMC"], abs=4e-3)
    ours = dict(zip(found.cuts.tolist(), np.abs(found.statistics).tolist(), strict=True))
    theirs = dict(zip(R["cuts"], R["stats"], strict=True))
    both = set(ours) & set(theirs)
    assert len(both) > 20
    for cut in both:
        assert ours[cut] == pytest.approx(theirs[cut], rel=1e-8)


def test_groups_are_at_or_below_and_above_the_searched_cut(tmp_path: Path) -> None:
    s = study(tmp_path, DLBCL, SEARCHED)
    frame = s.cohort.frame.drop_nulls("mge")
    cut = R["cut"]
    assert set(frame.filter(pl.col("mge") <= cut + 1e-12)["high"]) == {"low"}
    assert set(frame.filter(pl.col("mge") > cut + 1e-12)["high"]) == {"high"}
    assert list(s.cohort.meaning.variables["high"].levels.values()) == ["≤0.1861", ">0.1861"]


def test_the_log_rank_test_of_searched_groups_is_the_corrected_one(tmp_path: Path) -> None:
    results = dlbcl(tmp_path)
    p = results["survival.os.logrank[variable=high]"]
    assert p.value == results["cutpoints.high.p"].value
    naive = float(
        stats.logrank(
            *(results.study.cohort.frame.drop_nulls(["high", "os_time"])[c].to_list()
              for c in ("os_time", "os_event", "high"))
        ).p
    )  # fmt: skip
    assert p.value > 2 * naive
    printed = str(results.paper.sections) + str(results.tables)
    assert results.paper.style.p(naive) not in printed
    assert "data-driven" in str(results.numbers.section("cutpoints").methods)


@pytest.mark.parametrize(
    ("section", "block"),
    [
        ('[prognosis]\nendpoints = ["os"]\ncandidates = ["mge", "high"]\n', "prognosis.os"),
        (
            '[variables.again]\nfrom = "high"\ngroup = { a = ["low"], b = ["high"] }\n'
            '[prognosis]\nendpoints = ["os"]\ncandidates = ["again"]\n',
            "prognosis.os",
        ),
    ],
)
def test_double_dipping_is_refused(tmp_path: Path, section: str, block: str) -> None:
    results = dlbcl(tmp_path, SEARCHED + section)
    [problem] = [p for p in results.problems if p.id == "variables.double-dipping"]
    assert problem.blocks == (block,)
    assert {o.section for o in results.left_out} == {block}
    assert not [k for k in results.numbers if k.startswith("prognosis")]
    assert 'Use "mge" itself' in problem.todo


def test_another_endpoint_gets_no_p_by_the_groups_of_a_search() -> None:
    days, dead = [*range(20, 50)], [i % 3 > 0 for i in range(30)]
    frame = patients(30, x=[float((i * 7) % 30) for i in range(30)], days=days, dead=dead)
    text = (
        '[endpoints.os]\n[endpoints.other]\nevents = ["death"]\nby = ["high"]\n[variables.x]\n'
        '[variables.high]\nfrom = "x"\ncut_by = "max_logrank"\nendpoint = "os"\n'
    )
    p, c = cohort(text, frame)
    result = survival.analyse(p, c)
    assert result is not None
    [test] = [e for e in result.estimates if "logrank" in e.id]
    assert test.state == "not_estimable" and "same patients" in test.note


def test_no_contrast_of_groups_that_were_made_to_differ(tmp_path: Path) -> None:
    """Restricted means are described by group, and neither they nor landmarks are compared."""
    more = BY + "restricted_mean = [24]\ndifferences = true\nlandmarks = [24]\n"
    results = run(tmp_path, DLBCL.replace("event_value = 1\n", more), SEARCHED)
    [problem] = [p for p in results.problems if p.id == "variables.searched-groups"]
    assert "restricted_mean, differences" in problem.what
    found = [k for k in results.numbers if k.startswith("contrasts.")]
    assert found and not [k for k in found if "difference" in k or k.endswith(".p")]
    median = SEARCHED.replace('"max_logrank"\nendpoint = "os"', '"median"')
    plain = run(tmp_path / "b", DLBCL.replace("event_value = 1\n", more), median)
    assert [k for k in plain.numbers if k.startswith("contrasts.") and "difference" in k]


def test_the_published_roc_cut_of_s100b() -> None:
    """Robin et al. 2011, BMC Bioinformatics 12:77: area 0.7314 for S100B; the best threshold of
    pROC is 0.205 with specificity 0.806 and sensitivity 0.634."""
    a = R["saah"]
    poor = np.array(a["poor"])
    time = np.where(poor == 1, 1.0, 3.0)
    found = stats.roc_cut(time, poor, a["x"], at=2, permutations=50, bootstraps=50)
    assert round(found.roc.auc, 4) == 0.7314
    above = min(v for v in a["x"] if v > found.cut)
    assert (found.cut + above) / 2 == pytest.approx(0.205) == a["threshold"]
    assert (round(found.specificity, 3), round(found.sensitivity, 3)) == (0.806, 0.634)
    np.testing.assert_allclose(found.sensitivity, a["sensitivity"], rtol=1e-12)
    assert found.youden_corrected is not None and found.youden_corrected < found.youden


@pytest.mark.parametrize("case", R["timed"], ids=lambda c: f"{c['at']} days")
def test_time_dependent_roc_weighs_for_censoring(case: dict[str, Any]) -> None:
    frame = pl.read_csv(FIXTURES / "pbc.csv")
    roc = stats.time_roc(frame["time"], frame["dead"], frame["bili"], at=case["at"])
    assert roc.auc == pytest.approx(case["auc"], rel=1e-8)
    np.testing.assert_allclose(roc.thresholds[1:], case["cut"], rtol=1e-12)
    np.testing.assert_allclose(roc.sensitivity[1:], case["sens"], rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(roc.specificity[1:], case["spec"], rtol=1e-8, atol=1e-12)


def test_a_roc_cut_in_a_study_has_table_figure_and_sentences(tmp_path: Path) -> None:
    text = (
        '[variables.bili]\nlabel = "Bilirubin"\nunit = "mg/dL"\n[variables.high]\nfrom = "bili"\n'
        'cut_by = "roc"\nendpoint = "os"\nhorizon = 2000\nlabel = "Bilirubin"\n'
        '[variables.quarter]\nfrom = "bili"\ncut_by = "quartiles"\nwithin = "sex"\n'
        "[variables.sex]\n"
    )
    results = run(tmp_path, PBC, text)
    found = results["cutpoints.high.cut"]
    case = next(c for c in R["timed"] if c["at"] == 2000)
    sums = np.array(case["sens"]) + np.array(case["spec"])
    assert found.value == case["cut"][int(np.argmax(sums))]
    assert found.low <= found.value <= found.high
    assert 0.8 < results["cutpoints.high.auc"].value < 0.9
    assert results["cutpoints.high.p"].value < 0.001
    rows = {r.cells[1].text: r for r in results.tables["cutpoints"].rows}
    assert "ROC curve (Youden index), OS at 2000 days" in rows
    assert "female: " in rows["Quartiles, within sex"].cells[2].text
    assert draw(results.figures["cutpoint_high"])["png"].startswith(b"\x89PNG")
    words = str([b for s in results.paper.sections for b in s.blocks])
    assert "Youden index" in words and "needs validation" in words


def test_low_values_may_be_the_bad_ones() -> None:
    x = np.arange(20.0)
    found = stats.roc_cut(20 - (20 - x), np.ones(20), x, at=9.5, permutations=20, bootstraps=20)
    assert not found.positive_above
    assert (found.sensitivity, found.specificity) == pytest.approx((1.0, 1.0))


def frame_of(values: list[Any], dead: bool = True, **more: list[Any]) -> pl.DataFrame:
    n = len(values)
    return patients(n, x=values, days=[10 + i for i in range(n)], dead=[dead] * n, **more)


@pytest.mark.parametrize(
    ("rule", "levels", "groups"),
    [
        ("median", ["<4.5", "≥4.5"], ["low"] * 4 + ["high"] * 4),
        ("tertiles", ["<3.33", "3.33 to <5.67", "≥5.67"], ["t1"] * 3 + ["t2"] * 2 + ["t3"] * 3),
        ("quartiles", ["<2.75", "2.75 to <4.5", "4.5 to <6.25", "≥6.25"],
         ["q1"] * 2 + ["q2"] * 2 + ["q3"] * 2 + ["q4"] * 2),
    ],
)  # fmt: skip
def test_quantiles(rule: str, levels: list[str], groups: list[str]) -> None:
    text = f'[variables.x]\n[variables.g]\nfrom = "x"\ncut_by = "{rule}"\n'
    p, c = cohort(text, frame_of([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]))
    assert list(c.meaning.variables["g"].levels.values()) == levels
    assert c.frame["g"].to_list() == groups
    result = cutpoints.analyse(p, c)
    assert result is not None and not [e for e in result.estimates if e.kind == "p"]


def test_percentiles_within_groups() -> None:
    text = (
        '[variables.x]\n[variables.sex]\n[variables.g]\nfrom = "x"\ncut_by = "percentiles"\n'
        'percentiles = [50]\nwithin = "sex"\nlevels = { few = "Few", many = "Many" }\n'
    )
    sex = ["male", "male", "male", "female", "female", "female", None]
    p, c = cohort(text, frame_of([1.0, 2.0, 3.0, 10.0, 20.0, 30.0, 5.0], sex=sex))
    assert c.frame["g"].to_list() == ["few", "many", "many", "few", "many", "many", None]
    cuts = {e.id: e.value for e in cutpoints.analyse(p, c).estimates if ".cut[" in e.id}  # type: ignore[union-attr]
    assert cuts == {"cutpoints.g.cut[group=male]": 2.0, "cutpoints.g.cut[group=female]": 20.0}


@pytest.mark.parametrize("rule", ["median", "tertiles", "quartiles", "max_logrank", "roc"])
@pytest.mark.parametrize(
    ("values", "dead", "said"),
    [
        ([3.0] * 8, True, ""),
        ([None] * 8, True, ""),
        ([1.0, 2.0, 3.0, 4.0, 5.0], False, "no event"),
    ],
)
def test_what_cannot_be_cut_is_said_and_takes_the_variable_out(
    rule: str, values: list[Any], dead: bool, said: str
) -> None:
    searching = rule in ("max_logrank", "roc")
    if not dead and not searching:
        return
    how = 'endpoint = "os"\n' if searching else ""
    how += "horizon = 12\n" if rule == "roc" else ""
    text = '[endpoints.os]\n[variables.x]\nkind = "continuous"\n[variables.g]\nfrom = "x"\n'
    _, c = cohort(text + f'cut_by = "{rule}"\n{how}', frame_of(values, dead))
    found = [p for p in c.problems if p.id == "variables.no-cut"]
    assert [p.blocks for p in found] == [("variables.g",)]
    if rule == "max_logrank":
        assert said in found[0].what
    assert c.frame["g"].null_count() == len(values)


def test_five_patients_are_searched_with_a_warning() -> None:
    text = (
        '[endpoints.os]\n[variables.x]\n[variables.g]\nfrom = "x"\ncut_by = "max_logrank"\n'
        'endpoint = "os"\n'
    )
    p, c = cohort(text, frame_of([5.0, 4.0, 3.0, 2.0, 1.0]))
    assert [q.id for q in c.problems] == ["variables.cut-of-few-events"]
    result = cutpoints.analyse(p, c)
    assert result is not None
    assert {e.id: e.state for e in result.estimates}["cutpoints.g.p"] == "ok"


def test_what_the_cut_rests_on_is_known(tmp_path: Path) -> None:
    known = dependence(study(tmp_path, DLBCL.replace("event_value = 1\n", BY), SEARCHED).protocol)
    on_time = known.rest_on([Wrong("patients", ("time",))])
    assert {"cutpoints.high", "variables.high", "survival.os"} <= set(on_time)
    on_value = known.rest_on([Wrong("patients", ("MGE",))])
    assert set(on_value) == {
        "cutpoints.high", "survival.os.by.high", "variables.high", "variables.mge",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('cut_by = "median"', "needs from"),
        ('from = "a"\ncut_by = "roc"\nendpoint = "os"', "needs horizon"),
        ('from = "a"\ncut_by = "max_logrank"', "needs endpoint"),
        ('from = "a"\ncut_by = "median"\ncut = [1]', "exclude each other"),
        ('from = "a"\ncut_by = "percentiles"\npercentiles = [80, 20]', "percentiles rise"),
        ('from = "a"\nwithin = "b"', "within goes with a cut_by"),
        ('from = "a"\ncut_by = "median"\nhorizon = 2', "horizon goes with"),
        ('from = "a"\ncut_by = "tertiles"\nlevels = { x = "X", y = "Y" }', "makes 3 levels"),
        ('from = "a"\ncut_by = "max_logrank"\nendpoint = "pfs"', 'no endpoint "pfs"'),
    ],
)
def test_keys_that_do_not_go_together(keys: str, said: str) -> None:
    with pytest.raises(ProtocolError) as error:
        cohort(
            f"[endpoints.os]\n[variables.a]\n[variables.b]\n[variables.x]\n{keys}\n",
            frame_of([1.0]),
        )
    assert said in str(error.value)


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_the_corrected_p_is_never_below_the_naive_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 30
    time, event, x = rng.exponential(size=n), rng.random(n) < 0.7, rng.normal(size=n)
    if event.sum() < 5:
        return
    found = stats.cutpoint(time, event, x, permutations=400, bootstraps=1, seed=seed)
    naive = stats.logrank(time, event, x > found.cut).p
    assert found.p > naive - 0.05
    assert stats.best_cut(time, event, x) == (found.cut, found.statistic)


@given(
    st.lists(st.floats(0.001, 1e4), min_size=4, max_size=30, unique=True),
    st.booleans(),
    st.data(),
)
def test_a_printed_cut_parts_the_patients_as_the_cut_does(
    values: list[float], inside: bool, data: st.DataObject
) -> None:
    known = np.array(values)
    cut = data.draw(st.sampled_from(values))
    shown = float(printed(cut, known, inside))
    upper, same = (known >= cut, known >= shown) if inside else (known > cut, known > shown)
    assert (upper == same).all()
