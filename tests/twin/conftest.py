"""What several tests of twins need."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def measure() -> ModuleType:
    """The script that makes cohorts, summarises them as papers do and twins them back."""
    path = Path(__file__).parents[2] / "scripts" / "measure_twin.py"
    spec = importlib.util.spec_from_file_location("measure_twin", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
