"""Sites whose data are studies: the cohort table of `oncohort run`; protocols must agree."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hospitals import converse

import oncohort as oc
from oncohort import stats
from oncohort.consortium import answer, combine, join, parse_plan, start, take
from oncohort.consortium.conversation import agree
from oncohort.consortium.errors import AgreementError, SiteError
from oncohort.consortium.messages import CheckAnswer, Fact
from oncohort.consortium.reading import of_study
from oncohort.study.demo import write_demo

PLAN = """
[consortium]
schema = 1
name = "two-studies"
sites = ["first", "second"]
[disclosure]
minimum = 5
[times]
unit = "months"
grid = 1
[variables.age]
kind = "number"
unit = "years"
[variables.crp]
kind = "category"
levels = ["low", "high"]
[variables.best_response]
kind = "category"
levels = ["CR", "PR", "SD", "PD", "NE"]
[endpoints.os]
[analyses.response]
kind = "rate"
variable = "best_response"
levels = ["CR", "PR"]
[analyses.model]
kind = "cox"
endpoint = "os"
covariates = ["age", "crp"]
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo(tmp_path_factory.mktemp("studies") / "demo")


@pytest.fixture
def trial(demo: Path, tmp_path: Path) -> tuple[Any, dict[str, Path]]:
    (tmp_path / "consortium.toml").write_text(PLAN)
    job = start(tmp_path / "consortium.toml", tmp_path / "job")
    sites = {}
    for name in job.plan.sites:
        study = tmp_path / f"study-{name}"
        shutil.copytree(demo, study)
        sites[name] = tmp_path / name
        key = tmp_path / "job" / "keys" / f"{name}.key"
        join(sites[name], tmp_path / "consortium.toml", name, key, study)
    return job, sites


def test_two_studies_give_the_answer_of_both(demo: Path) -> None:
    plan, study = parse_plan(PLAN), oc.read_study(demo)
    data = of_study(plan, study)
    assert data.errors == 0 and data.rows.n == 42
    found = converse(plan, {"first": data.rows, "second": data.rows})
    frame = study.cohort.frame.drop_nulls(["age", "crp", "os_time"])
    x = np.column_stack([frame["age"], frame["crp"] == "high"]).astype(float)
    twice = [np.concatenate([v, v]) for v in (frame["os_time"], frame["os_event"])]
    pooled = stats.cox(*twice, np.vstack([x, x]), strata=[0] * len(x) + [1] * len(x))
    assert found["model"].coef == pytest.approx(pooled.coef, rel=1e-9)
    assert found["model"].se == pytest.approx(pooled.se, rel=1e-9)
    assert (found["response"].x[""].low, found["response"].n[""].low) == (32, 84)


def test_another_rule_in_a_protocol_is_named_with_both_values(trial: Any, tmp_path: Path) -> None:
    job, sites = trial
    path = tmp_path / "study-second" / "study.toml"
    text = path.read_text().replace('censoring = "last_assessment"', 'censoring = "last_contact"')
    path.write_text(text.replace('label = "Overall survival"', 'label = "Gesamtüberleben"'))
    for name, request in job.requests().items():
        take(job, answer(sites[name], request.read_text()).text)
    with pytest.raises(AgreementError) as error:
        combine(job)
    assert [p.what for p in error.value.problems] == [
        'protocol.endpoints.pfs.censoring is "last_assessment" at first and "last_contact" '
        "at second."
    ]


def test_a_plan_that_asks_for_what_a_study_has_not(demo: Path, tmp_path: Path) -> None:
    text = PLAN.replace("[variables.age]", "[variables.ldh]\nkind = 'number'\n[variables.age]")
    text = text.replace('levels = ["low", "high"]', 'levels = ["low", "middle"]')
    (tmp_path / "consortium.toml").write_text(
        text.replace("[endpoints.os]", "[endpoints.os]\n[endpoints.dss]")
    )
    job = start(tmp_path / "consortium.toml", tmp_path / "job")
    key = tmp_path / "job" / "keys" / "first.key"
    site = join(tmp_path / "first", tmp_path / "consortium.toml", "first", key, demo)
    with pytest.raises(SiteError) as error:
        site.data()
    said = " ".join(p.what for p in error.value.problems)
    assert 'no variable "ldh"' in said
    assert '"crp" has levels that the plan has not: "high"' in said
    assert 'no endpoint "dss"' in said
    assert job.waiting() == ["first", "second"]


def test_errors_and_few_patients_stop_with_the_name_of_the_site() -> None:
    plan = parse_plan(PLAN)
    same = (Fact("oncohort", "1"), Fact("variables.age.unit", '"years"'))
    good = CheckAnswer(same, 0, True)
    agree(plan, {"first": good, "second": good})
    with pytest.raises(SiteError, match='checks of "second" find 3 errors'):
        agree(plan, {"first": good, "second": CheckAnswer(same, 3, True)})
    with pytest.raises(SiteError, match='"first" has fewer than 10 patients'):
        agree(plan, {"first": CheckAnswer(same, 0, False), "second": good})
    other = CheckAnswer((Fact("oncohort", "2"), same[1]), 0, True)
    with pytest.raises(AgreementError, match="oncohort is 1 at first and 2 at second"):
        agree(plan, {"first": good, "second": other})
    with pytest.raises(AgreementError, match="oncohort is absent at first and 1 at second"):
        agree(plan, {"first": CheckAnswer((same[1],), 0, True), "second": good})
