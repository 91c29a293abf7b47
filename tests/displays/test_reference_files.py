"""References are read whatever flags Python runs with."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytest.importorskip("citeproc", reason="needs citeproc-py")

BIB = r"""@article{a2007, title = {A {\'e}tude of cells}, author = {M{\"u}ller, A. and B, C.},
  journal = {J}, year = 2007, volume = 3, pages = {1--9}}
@string{lancet = "Lancet"}
@article{b2009, title = "B", author = "D, E", journal = lancet, year = 2009}
"""
ITEMS = json.dumps([{"id": "a2007", "type": "article-journal", "title": "A", "issued": {}}])
TOLD = """
import json, sys
from oncohort.displays.citations import Sources, cite, known_works
bib, items = json.loads(sys.argv[1])
for sources in (Sources(bib, "r.bib"), Sources(items, "r.json"), Sources(bib[:90], "r.bib")):
    print(cite(sources, [("a2007",), ("b2009", "a2007")]), known_works(sources))
"""


def told(*flags: str) -> str:
    command = [sys.executable, *flags, "-c", TOLD, json.dumps([BIB, ITEMS])]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout


def test_flags_that_leave_out_assertions_change_no_reference() -> None:
    usual = told()
    assert "Müller" in usual
    assert told("-O") == usual
    assert told("-OO") == usual
