"""The examples in the pages about Cox regression run and print what the pages say."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs" / "stats"
PAGES = sorted([*DOCS.glob("cox*.md"), *DOCS.glob("concordance.md")])


@pytest.mark.filterwarnings("ignore::oncohort.problems.OncohortWarning")
@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_examples(page: Path) -> None:
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    found = doctest.testfile(str(page), module_relative=False, optionflags=flags)
    assert found.attempted > 0
    assert found.failed == 0
