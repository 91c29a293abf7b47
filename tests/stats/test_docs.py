"""The examples of the statistics pages run and print what the pages say."""

from __future__ import annotations

import doctest
import re
import warnings
from pathlib import Path

import pytest

from oncohort import stats

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "stats").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_examples_run(page: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(), re.S)
    test = doctest.DocTestParser().get_doctest("\n\n".join(blocks), {}, page.name, str(page), 0)
    said: list[str] = []
    with warnings.catch_warnings():
        runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE)
        found = runner.run(test, out=said.append)
    assert found.failed == 0, "".join(said)
    assert found.attempted > 0 or page.stem == "README"


def test_every_function_has_a_page() -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    named = set(re.findall(r"`(\w+)`", text)) | set(re.findall(r"stats\.(\w+)", text))
    of_cox = {"cox", "baseline", "bootstrap", "concordance", "ph_test", "residuals"}
    wanted = {
        name
        for name in stats.__all__
        if getattr(stats, name).__module__.rsplit(".", 1)[-1] not in of_cox
        or (ROOT / "docs" / "stats" / "cox.md").exists()
    }
    assert len(wanted) > 25
    assert wanted <= named, sorted(wanted - named)


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([\w./-]+\.md)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
