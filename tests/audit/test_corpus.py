"""Synthetic papers in every format, right ones and ones with a planted error."""

from __future__ import annotations

from types import ModuleType

import pytest

from conftest import program

pytestmark = pytest.mark.usefixtures("rules_alone")


def _script() -> ModuleType:
    return program("scripts/make_audit_corpus.py")


SCRIPT = _script()


def test_a_sample_of_the_corpus() -> None:
    found = SCRIPT.measure(SCRIPT.corpus(24, seed=1))
    assert found.false == []
    planted = sum(s.papers for s in found.kinds.values())
    hits = sum(s.found for s in found.kinds.values())
    assert planted == 12
    assert hits >= 10
    assert found.checked > 0.9 * found.read


@pytest.mark.verify
@pytest.mark.parametrize("seed", [1, 2])
def test_the_whole_corpus(seed: int) -> None:
    found = SCRIPT.measure(SCRIPT.corpus(240, seed=seed))
    assert found.papers >= 200
    assert found.false == []
    planted = sum(s.papers for s in found.kinds.values())
    assert sum(s.found + s.hinted for s in found.kinds.values()) >= 0.9 * planted
    for kind, score in found.kinds.items():
        assert score.found + score.hinted > 0, kind


def test_right_papers_are_right_in_every_layout_and_format() -> None:
    for layout in range(4):
        figures = SCRIPT.simulate(500 + layout, n=40)
        for form in SCRIPT.FORMATS:
            item = SCRIPT.Item(
                f"{layout}.{form}",
                form,
                layout,
                500 + layout,
                figures.p_kind,
                None,
                SCRIPT.write(SCRIPT.compose(figures, layout), form),
            )
            found = SCRIPT.measure(iter([item]))
            assert found.false == []
            assert found.read > 80, (layout, form)
