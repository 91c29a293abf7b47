"""Each part of the results that can be blocked is left out by name, and nothing else changes.

Over every part that a study of all sections has: endpoints, groups, models, variables, sections.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from test_depends_sections import written

from oncohort.displays.sections import SECTIONS
from oncohort.problems import Place, problem
from oncohort.study.depends import dependence, settled
from oncohort.study.running import Analysed, analyses_of, is_part
from oncohort.study.study import Study

CAUSE = replace(problem("endpoints.no-schedule", place=Place(file="study.toml")), blocks=())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return written(tmp_path_factory.mktemp("parts") / "s")


def blocked_by(study: Study, part: str) -> tuple[Study, tuple[str, ...]]:
    """The study with a cause in its protocol that blocks one part, and all that goes with it."""
    found = settled([replace(CAUSE, blocks=(part,))], study.protocol, study.records)
    other = Study(study.folder, study.protocol, study.protocol_text, study.records)
    other.__dict__.update(cohort=study.cohort, data_problems=tuple(found))
    return other, found[0].blocks


def values(done: Analysed) -> dict[Any, Any]:
    estimates = (e for r in done.numbers.results for e in r.estimates)
    return {e.key: (e.value, e.low, e.high, e.state, e.n) for e in estimates}


def rests(key: Any, blocks: tuple[str, ...]) -> bool:
    """Is a number of a blocked part, or of a variable that is left out?"""
    variables = [b.removeprefix("variables.") for b in blocks if b.startswith("variables.")]
    described = key.section == "baseline" and key.subject in variables
    return any(is_part(key, b) for b in blocks) or described or key.get("variable") in variables


def test_every_part_is_left_out_by_name_and_nothing_else(whole: Study) -> None:
    before = values(analyses_of(whole, SECTIONS))
    parts = sorted({p for p, _ in dependence(whole.protocol, whole.records).parts if p})
    assert len(parts) > 30
    for part in parts:
        study, blocks = blocked_by(whole, part)
        done = analyses_of(study, SECTIONS)
        after = values(done)
        assert part in blocks
        assert not [k.id for k in after if rests(k, blocks)], part
        assert {k: v for k, v in before.items() if not rests(k, blocks)} == after, part
        named = {o.section for o in done.left_out}
        for one in blocks:
            if any(rests(k, (one,)) for k in before):
                assert any(one == n or one.startswith(f"{n}.") for n in named), (part, one)
        for name in named:
            assert any(name == b or name.startswith(f"{b}.") for b in blocks), (part, name)


@pytest.mark.parametrize(
    ("part", "more"),
    [
        ("survival.os", {"arms.os", "contrasts.os", "e_value.os", "prediction.os", "prognosis.os"}),
        ("incidence.qx7", {"arms.qx7"}),
        ("survival.zz", {"propensity.zz", "time_dependent.moved"}),
        ("prognosis.os", {"e_value.os"}),
        ("outcomes.response", {"logistic.response"}),
        ("variables.crp", {"prognosis.os", "arms.os.subgroup.high", "incidence.qx7.models"}),
    ],
)
def test_what_is_made_of_a_part_goes_with_it(whole: Study, part: str, more: set[str]) -> None:
    assert more <= set(blocked_by(whole, part)[1])
