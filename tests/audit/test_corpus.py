"""Synthetic papers in every format, right ones and ones with a planted error."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest

from conftest import ROOT

pytestmark = pytest.mark.usefixtures("rules_alone")


def _script() -> ModuleType:
    path = ROOT / "scripts" / "make_audit_corpus.py"
    spec = importlib.util.spec_from_file_location("make_audit_corpus", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


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
