"""Shared helpers of the tests: where the reference folder is, and skipping by name without it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("ONCOHORT_SHARED", ROOT.parent / "shared"))


def shared_file(*parts: str) -> Path:
    """Path below the shared reference folder; skips the calling test, by name, where absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs shared/{'/'.join(parts)}, which is not here")
    return path


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "verify" in (config.getoption("-m") or ""):
        return
    skip = pytest.mark.skip(reason="a long check: run by `make verify`")
    for item in items:
        if "verify" in item.keywords:
            item.add_marker(skip)
