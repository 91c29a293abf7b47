"""Two treatments made comparable, as studies of public data: against MatchIt's vignette and R."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import oncohort as oc
from oncohort.study.results import Results

HERE = Path(__file__).parent / "public"
GBSG = json.loads((HERE / "gbsg.json").read_text(encoding="utf-8"))
LALONDE = json.loads((HERE / "lalonde.json").read_text(encoding="utf-8"))


def folder(where: Path, name: str) -> Path:
    shutil.copy(HERE / f"{name}.csv", where)
    shutil.copy(HERE / f"{name}.toml", where / "study.toml")
    return where


@pytest.fixture(scope="module")
def gbsg(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return oc.read_study(folder(tmp_path_factory.mktemp("gbsg"), "gbsg")).run()


@pytest.fixture(scope="module")
def lalonde(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return oc.read_study(folder(tmp_path_factory.mktemp("lalonde"), "lalonde")).run()


def close(value: float) -> Any:
    return pytest.approx(value, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("method", ["iptw", "stabilized", "overlap", "att"])
def test_weighted_ratios_curves_and_sizes_are_those_of_r(gbsg: Results, method: str) -> None:
    theirs = GBSG["weighted"][method]
    hr = gbsg[f"propensity.rfs.hr[method={method}]"]
    assert (hr.value, hr.low, hr.high) == tuple(close(theirs[k]) for k in ("hr", "low", "high"))
    assert gbsg[f"propensity.rfs.p[method={method}]"].value == close(theirs["p"])
    for i in (0, 1):
        keys = f"[group={i},method={method}]"
        assert gbsg[f"propensity.effective.n{keys}"].value == close(theirs["ess"][i])
        assert gbsg[f"propensity.rfs.median{keys}"].value == close(theirs["median"][i])
        curve = gbsg.numbers.curves[f"propensity.rfs.curve{keys}"].columns
        at = [s for t, s in zip(curve["time"], curve["survival"], strict=True) if t <= 1000]
        assert at[-1] == close(theirs["at1000"][i])
    smd = gbsg[f"propensity.balance.smd[method={method},variable=age]"].value
    assert smd == pytest.approx(GBSG["smd_age"][method], abs=1e-9)


def test_matched_pairs_have_errors_by_pair(gbsg: Results) -> None:
    theirs = GBSG["matching"]
    hr = gbsg["propensity.rfs.hr[method=matching]"]
    assert (hr.value, hr.low, hr.high) == tuple(close(theirs[k]) for k in ("hr", "low", "high"))
    assert gbsg["propensity.rfs.p[method=matching]"].value == close(theirs["p"])
    assert gbsg["propensity.matched.pairs"].value == theirs["pairs"]
    assert "by pair" in hr.method
    plain = gbsg["propensity.rfs.hr[method=unadjusted]"]
    assert plain.value == close(GBSG["unadjusted"]["hr"])


def test_overlap_weights_balance_the_means_exactly(gbsg: Results) -> None:
    """Li, Morgan and Zaslavsky 2018, theorem 3: with a logistic score the means are equal."""
    found = gbsg.numbers.of("propensity", "balance", "smd", method="overlap")
    assert len(found) == 9
    assert all(e.value == pytest.approx(0, abs=1e-8) for e in found)


PRINTED = {
    "age": (-0.3094, 0.0718), "educ": (0.0550, -0.1290), "race=black": (1.7615, 1.0259),
    "race=hispan": (-0.3498, -0.6629), "race=white": (-1.8819, -0.7296),
    "married": (-0.8263, -0.0552), "nodegree": (0.2450, 0.1546), "re74": (-0.7211, -0.0505),
    "re75": (-0.2903, -0.0257),
}  # fmt: skip


def test_the_vignette_of_matchit_is_reproduced(lalonde: Results) -> None:
    """Greifer, MatchIt: Getting Started (vignette of R MatchIt 4.5), tables "Summary of Balance for
    All Data" and "for Matched Data": standardized mean differences of the LaLonde data before and
    after 1:1 nearest neighbour matching; 185 pairs.
    """
    for name, printed in PRINTED.items():
        variable, _, level = name.partition("=")
        for method, value in zip(("unadjusted", "matching"), printed, strict=True):
            keys = f"level={level},method={method}" if level else f"method={method}"
            found = lalonde[f"propensity.balance.smd[{keys},variable={variable}]"].value
            assert found is not None and round(found, 4) == value, name
    before = lalonde["propensity.balance.score[method=unadjusted]"].value
    after = lalonde["propensity.balance.score[method=matching]"].value
    assert before is not None and after is not None
    assert (round(before, 4), round(after, 4)) == (1.7941, 0.9739)
    assert lalonde["propensity.matched.pairs"].value == 185
    # R's glm stops at 1e-8 of the deviance.
    assert before == pytest.approx(LALONDE["before"]["distance"], rel=1e-6)


def test_what_is_left_unbalanced_is_a_warning(lalonde: Results) -> None:
    [warning] = [p for p in lalonde.problems if p.id == "propensity.imbalance"]
    assert "matching: 5 standardized differences are above 0.1" in warning.what
    assert "Race, Black" in warning.what


def test_tables_figures_and_sentences(gbsg: Results) -> None:
    assert {"propensity", "propensity_balance"} <= set(gbsg.tables)
    assert {"love", "propensity_rfs", "propensity_rfs_2", "propensity_rfs_3"} <= set(gbsg.figures)
    text = " ".join(
        "".join(s.text for s in block.spans)
        for section in gbsg.paper.sections
        for block in section.blocks
        if hasattr(block, "spans")
    )
    assert "Matching gave 243 pairs; 3 of the patients with hormonal therapy had no match." in text
    assert (
        "The largest standardized difference was 0.61 (menopausal status) before adjustment" in text
    )
    assert "was 0.69 (95% CI 0.54–0.89; p\u00a0=\u00a00.004) without adjustment, 0.67" in text
    assert "outcomes were not looked at" in text


def test_a_spoilt_covariate_takes_the_comparison_out_by_name(tmp_path: Path) -> None:
    where = folder(tmp_path, "gbsg")
    lines = (where / "gbsg.csv").read_text().splitlines()
    cells = lines[9].split(",")
    cells[lines[0].split(",").index('"nodes"')] = "five"
    (where / "gbsg.csv").write_text("\n".join([*lines[:9], ",".join(cells), *lines[10:]]) + "\n")
    spoilt = oc.read_study(where).run()
    assert any(o.section.startswith("propensity") for o in spoilt.left_out)
    assert not [k for k in spoilt.numbers if k.startswith("propensity.")]
    assert "survival.rfs.median" in spoilt.numbers


def test_each_run_gives_the_same_bytes(gbsg: Results, tmp_path: Path) -> None:
    again = oc.read_study(gbsg.study.folder).run()
    one, two = gbsg.write(tmp_path / "one"), again.write(tmp_path / "two")
    assert (one / "results.json").read_bytes() == (two / "results.json").read_bytes()
    assert (one / "figures" / "love.svg").read_bytes() == (
        two / "figures" / "love.svg"
    ).read_bytes()
