"""Arms and subgroups of a published trial, as a study: against the paper and against R."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import oncohort as oc
from oncohort.study.results import Results

HERE = Path(__file__).parent / "public"
R = json.loads((HERE / "colon.json").read_text())
ARMS = ("lev", "lev+5fu")
LEVELS = {
    "sex": ("female", "male"), "old": {"FALSE": "lt60", "TRUE": "ge60"}, "node4": ("0", "1"),
    "differ": ("1", "2", "3"),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("colon")
    shutil.copy(HERE / "colon.csv", where)
    shutil.copy(HERE / "colon.toml", where / "study.toml")
    return where


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return oc.read_study(folder).run()


def close(value: float | None) -> Any:
    return pytest.approx(value, rel=1e-8)


@pytest.mark.parametrize("endpoint", ["recurrence", "os"])
def test_ratios_and_tests_are_those_of_r(results: Results, endpoint: str) -> None:
    mine, theirs = f"arms.{endpoint}", R[endpoint]
    for model, name in (("unstratified", "plain"), ("stratified", "stratified")):
        for i, arm in enumerate(ARMS):
            hr = results[f"{mine}.hr[arm={arm},model={model}]"]
            found = theirs[name]
            assert (hr.value, hr.low, hr.high) == tuple(
                close(found[k][i]) for k in ("hr", "low", "high")
            )
            assert results[f"{mine}.p[arm={arm},model={model}]"].value == close(found["p"][i])
            assert (hr.n, hr.events) == (found["n"], found["events"])
    assert results[f"{mine}.logrank[model=unstratified]"].value == close(theirs["logrank"])
    assert results[f"{mine}.logrank[model=stratified]"].value == close(theirs["logrank_stratified"])


KEY = {"Obs": "obs", "Lev": "lev", "Lev+5FU": "lev+5fu"}


@pytest.mark.parametrize("endpoint", ["recurrence", "os"])
def test_every_two_arms_are_those_of_r(results: Results, endpoint: str) -> None:
    for pair, adjusted in zip(R[endpoint]["pairs"], R[endpoint]["holm"], strict=True):
        first, second = (KEY[v] for v in pair["two"])
        levels = f"[against={first},arm={second}]"
        path = f"arms.{endpoint}.pair"
        assert results[f"{path}_hr{levels}"].value == close(pair["ratio"]["hr"])
        assert results[f"{path}_p{levels}"].value == close(pair["p"])
        assert results[f"{path}_p_adjusted{levels}"].value == close(adjusted)


@pytest.mark.parametrize("endpoint", ["recurrence", "os"])
@pytest.mark.parametrize("variable", list(LEVELS))
def test_subgroups_and_interactions_are_those_of_r(
    results: Results, endpoint: str, variable: str
) -> None:
    path, theirs = f"arms.{endpoint}.subgroup.{variable}", R[endpoint][variable]
    assert results[f"{path}.interaction_p"].value == close(theirs["p"])
    names = LEVELS[variable]
    for r_level, found in theirs["sub"].items():
        level = names[r_level] if isinstance(names, dict) else r_level
        for i, arm in enumerate(ARMS):
            hr = results[f"{path}.hr[arm={arm},level={level}]"]
            assert (hr.value, hr.low, hr.high) == tuple(
                close(found[k][i]) for k in ("hr", "low", "high")
            )


def test_two_crossed_variables(results: Results) -> None:
    path, theirs = "arms.os.subgroup.sex*old", R["os"]["cross"]
    assert results[f"{path}.interaction_p"].value == close(theirs["p"])
    hr = results[f"{path}.hr[arm=lev+5fu,level=female*ge60]"]
    assert hr.value == close(theirs["sub"]["female.TRUE"]["hr"][1])


def test_the_paper_is_reproduced(results: Results) -> None:
    """Moertel et al. 1995, Ann Intern Med 122:321, abstract: recurrence reduced by 40 % by
    fluorouracil plus levamisole (P < 0.0001), by levamisole alone by 2 %; 929 patients.
    """
    both = results["arms.recurrence.hr[arm=lev+5fu,model=unstratified]"]
    alone = results["arms.recurrence.hr[arm=lev,model=unstratified]"]
    assert both.value is not None and alone.value is not None
    assert (round(100 * (1 - both.value)), round(100 * (1 - alone.value))) == (40, 2)
    p = results["arms.recurrence.p[arm=lev+5fu,model=unstratified]"].value
    assert p is not None and p < 0.0001
    sizes = [results[f"arms.recurrence.n[arm={arm}]"].value for arm in ("obs", *ARMS)]
    assert sum(v for v in sizes if v) == 929


def test_tables_figures_and_sentences(results: Results) -> None:
    assert {"arms", "arms_pairs", "subgroups"} <= set(results.tables)
    forests = {f"subgroups_{e}_{a}" for e in ("recurrence", "os") for a in ARMS}
    assert forests <= set(results.figures)
    text = " ".join(
        "".join(s.text for s in block.spans)
        for section in results.paper.sections
        for block in section.blocks
        if hasattr(block, "spans")
    )
    assert "compared with observation: Levamisole (hazard ratio [HR] 0.98, 95% CI 0.80" in text
    assert "(stratified log-rank p\u00a0<\u00a00.001)" in text
    assert "smallest of 5 interaction p-values" in text
    assert results.numbers["arms.os.subgroup.differ.missing"].value == 23


def test_a_spoilt_subgroup_is_left_out_by_name_and_nothing_else(
    folder: Path, results: Results, tmp_path: Path
) -> None:
    for name in ("colon.csv", "study.toml"):
        shutil.copy(folder / name, tmp_path / name)
    lines = (tmp_path / "colon.csv").read_text().splitlines()
    lines[5] = lines[5].replace('"female"', '"f??"').replace('"male"', '"f??"')
    (tmp_path / "colon.csv").write_text("\n".join(lines) + "\n")
    text = (tmp_path / "study.toml").read_text().replace('strata = ["differ", "sex"]', "")
    (tmp_path / "study.toml").write_text(text)
    spoilt = oc.read_study(tmp_path).run()
    gone = {o.section for o in spoilt.left_out}
    assert gone == {
        "variables.sex",
        *(f"arms.{e}.subgroup.{s}" for e in ("recurrence", "os") for s in ("sex", "sex*old")),
    }
    assert not [k for k in spoilt.numbers if ".subgroup.sex" in k]
    same = "arms.os.subgroup.node4.interaction_p"
    assert spoilt[same].value == results[same].value


def test_strata_that_are_spoilt_take_the_endpoint_with_them(folder: Path, tmp_path: Path) -> None:
    for name in ("colon.csv", "study.toml"):
        shutil.copy(folder / name, tmp_path / name)
    lines = (tmp_path / "colon.csv").read_text().splitlines()
    lines[5] = lines[5].replace('"female"', '"f??"').replace('"male"', '"f??"')
    (tmp_path / "colon.csv").write_text("\n".join(lines) + "\n")
    spoilt = oc.read_study(tmp_path).run()
    assert {"arms.recurrence", "arms.os"} <= {o.section for o in spoilt.left_out}
    assert not [k for k in spoilt.numbers if k.startswith("arms.")]
