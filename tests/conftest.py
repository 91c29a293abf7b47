"""Shared helpers of the tests: where the reference folder is, and skipping by name without it."""

from __future__ import annotations

import gc
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("ONCOHORT_SHARED", ROOT.parent / "shared"))


# On the build machine the same examples are tried each time, so that a change is judged by itself;
# everywhere else new ones are drawn, which is how rare cases are found.
# Nothing in a test depends on speed.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("any", _PATIENT)
settings.register_profile("ci", _PATIENT, derandomize=True)
settings.load_profile("any")
if os.environ.get("CI"):
    settings.load_profile("ci")


# Thousands of tests and modules live to the end: looking them through for garbage over and over
# takes longer than many a test.
gc.set_threshold(100_000, 20, 20)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


def shared_file(*parts: str) -> Path:
    """Path below the shared reference folder; skips the calling test, by name, where absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs shared/{'/'.join(parts)}, which is not here")
    return path


def program(path: str) -> ModuleType:
    """A program of the project that no package holds, below its root (``scripts/make_demo.py``)."""
    file = ROOT / path
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "verify" in (config.getoption("-m") or ""):
        return
    skip = pytest.mark.skip(reason="a long check: run by `make verify`")
    for item in items:
        if "verify" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="module")
def rules_alone() -> Iterator[None]:
    """Findings of an audit as its rules tell them, whatever was measured of the rules."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("oncohort.audit.run.by_measure", tuple)
        yield


@pytest.fixture(scope="module")
def measure() -> ModuleType:
    """The script that makes cohorts, summarises them as papers do and twins them back."""
    return program("scripts/measure_twin.py")
