"""The example of the documentation runs."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from oncohort.twin.search import compiled

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not compiled(), reason="without a compiler this takes long")
def test_the_example_of_the_page_runs() -> None:
    failed, tried = doctest.testfile(
        str(ROOT / "docs/twin.md"), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert tried >= 6 and failed == 0
