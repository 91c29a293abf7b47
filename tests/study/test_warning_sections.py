"""Studies without models are checked without their numbers; the problems are the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import oncohort.analyses
from declared_at_once import write_declared
from oncohort.displays.sections import NAMES, sections_of
from oncohort.protocol import parse_protocol
from oncohort.study.running import analyses_of
from oncohort.study.study import read_study
from oncohort.study.warning_sections import warning_sections

WARNING = (
    "baseline_tests",
    "whole_model",
    "propensity",
    "prognosis",
    "logistic",
    "time_dependent",
    "imputed",
    "prediction",
    "incidence_models",
    "arms",
)
"""Modules of `analyses` that make problems."""
HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "c.csv"\n[endpoints.os]\n'


def test_all_modules_that_make_problems_are_known() -> None:
    folder = Path(oncohort.analyses.__file__).parent
    found = {
        p.stem for p in folder.rglob("*.py") if re.search(r"\bproblem\(", p.read_text("utf-8"))
    }
    # `result` refuses two numbers of one id: an error, which is no problem of an analysis.
    assert found - {"result"} == set(WARNING)


@pytest.mark.parametrize(
    "more",
    [
        "[variables.sex]\n[baseline]\nvariables = ['sex']\n",
        "[response]\nsource = 'charted'\n",
        "[safety]\ncriteria = 'CTCAE 5.0'\n",
        "[endpoints.pfs]\nlandmarks = [6]\n",
    ],
)
def test_plain_studies_have_the_same_problems_without_their_numbers(
    more: str, tmp_path: Path
) -> None:
    assert not warning_sections(parse_protocol(HEAD + more))
    rows = "patient,sex,treatment_start,death_date,last_contact,best_response\n"
    rows += "1,male,2015-01-01,2015-05-01,,CR\n2,x,2015-02-01,,2015-09-01,PD\n"
    (tmp_path / "c.csv").write_text(rows)
    (tmp_path / "study.toml").write_text(HEAD + more)
    study = read_study(tmp_path)
    assert "analysed" not in vars(study) or not study.analysed.problems
    checked = study.problems
    assert study.analysed.problems == []
    assert set(checked) == set(read_study(tmp_path).run().problems)


@pytest.mark.parametrize(
    "more",
    [
        "[variables.sex]\n[prognosis]\ncandidates = ['sex']\n",
        "[variables.sex]\n[arms]\nvariable = 'sex'\n",
        "[variables.sex]\n[baseline]\nvariables = ['sex']\nby = 'sex'\n",
        "[endpoints.ttp]\nevents = ['progression']\ncompeting = ['death']\n",
    ],
)
def test_fits_may_speak(more: str) -> None:
    assert warning_sections(parse_protocol(HEAD + more))


def test_sections_that_do_not_speak_have_no_problems(tmp_path: Path) -> None:
    """A check computes the warning sections alone: all together have no more to say."""
    study = read_study(write_declared(tmp_path, n=60))
    asked = warning_sections(study.protocol)
    assert asked >= {"baseline", "prognosis", "arms", "incidence", "labs"}
    said = [r.section for r in study.analysed.numbers.results if r.problems]
    assert said and set(said) <= asked
    alone = analyses_of(study, sections_of(asked)).problems
    assert alone == study.analysed.problems


def test_every_section_that_may_speak_is_one() -> None:
    everything = (
        "[variables.sex]\n[baseline]\nvariables = ['sex']\nby = 'sex'\n"
        "[safety]\nlabs = true\ncriteria = 'CTCAE 5.0'\n"
    )
    assert warning_sections(parse_protocol(HEAD + everything)) == {"baseline", "labs"}
    assert warning_sections(parse_protocol(HEAD + everything)) <= set(NAMES)
