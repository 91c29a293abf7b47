"""The comparison with R notices what it has to notice."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from parity import FIXTURES, Comparison, array

from conftest import program

HERE = Path(__file__).parent


def load() -> ModuleType:
    return program("tests/stats/r/verify.py")


def worst(old: object, new: object) -> float:
    return max((gap for gap, _ in load().numbers(old, new)), default=0.0)


def test_differences_of_fixtures() -> None:
    assert worst({"r": "4.2", "a": [1.0, None]}, {"r": "4.3", "a": [1.0, None]}) == 0
    assert worst({"a": [100.0]}, {"a": [101.0]}) == pytest.approx(0.01)
    assert worst({"a": 0.0}, {"a": 1e-9}) == pytest.approx(1e-9)
    assert math.isinf(worst({"a": [1.0]}, {"a": [1.0, 2.0]}))
    assert math.isinf(worst({"a": 1.0}, {"b": 1.0}))
    assert math.isinf(worst({"a": 1.0}, {"a": None}))
    assert math.isinf(worst({"a": "x"}, {"a": "y"}))


def test_every_fixture_has_its_script() -> None:
    scripts = {path.stem for path in (HERE / "r").glob("*.R")}
    assert scripts == {path.stem for path in FIXTURES.glob("*.json")}
    for path in FIXTURES.glob("*.json"):
        assert isinstance(json.loads(path.read_text()), dict)


def test_missing_r_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = load()
    monkeypatch.setattr(module.shutil, "which", lambda _: None)
    monkeypatch.setattr(sys, "argv", ["verify.py"])
    assert module.main() == 0
    assert "Rscript is not installed" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["verify.py", "--require"])
    assert module.main() == 2


def test_differences_of_results() -> None:
    def gap(ours: object, theirs: object, floor: float = 0.0) -> float:
        return Comparison("m", "r", "c", "w", ours, theirs, floor=floor).difference

    assert gap([1.0, 2.0], [1.0, 2.0]) == 0
    assert gap(1.0, 1.1) == pytest.approx(0.1 / 1.1)
    assert math.isinf(gap([1.0, None], [1.0, 2.0])) and math.isinf(gap([1.0], [1.0, 2.0]))
    assert gap([None, np.inf], ["NA", "Inf"]) == 0
    assert gap([1.0, 1e-6], [1.0, 2e-6], floor=0.01) == pytest.approx(1e-4)
    assert array([[1, None]]).shape == (1, 2)
