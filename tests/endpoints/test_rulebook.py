"""Every problem's id can be looked up."""

from __future__ import annotations

import re
from pathlib import Path

import oncohort
from oncohort.checks.report import rules_text
from oncohort.criteria import recist
from oncohort.endpoints import NO_TIME
from oncohort.endpoints.rulebook import RULES

ROOT = Path(oncohort.__file__).parent
_ID = re.compile(
    r'"((?:recist|endpoints|response|variables|eligibility|labs)\.[a-z]+(?:-[a-z]+)*)"'
)


def test_every_id_in_the_sources_has_its_text() -> None:
    known = set(RULES) | set(recist.RULES)
    for folder in ("endpoints", "criteria/recist"):
        for path in (ROOT / folder).glob("*.py"):
            found = set(_ID.findall(path.read_text()))
            found = {i for i in found if "-" in i or i in known}
            assert found <= known, (path.name, found - known)
    assert {f"endpoints.{code}" for code in NO_TIME} <= known


def test_the_list_of_rules_has_them() -> None:
    text = rules_text()
    assert all(name in text for name in (*RULES, *recist.RULES))
