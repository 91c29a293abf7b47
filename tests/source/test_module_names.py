"""Test modules have names of their own: pytest imports them by their last name alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def test_no_two_test_modules_have_one_name() -> None:
    names = Counter(p.name for p in TESTS.rglob("*.py") if p.name != "__init__.py")
    assert [n for n, many in names.items() if many > 1] == []
