"""Damaged parts, curves, messages of hospitals, exports, answers: done, or refused in words."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from newer_doors import attempts


def test_damaged_input_is_refused_or_done(tmp_path: Path) -> None:
    tried = attempts(tmp_path, range(40))
    assert tried.faults == {}
    assert sum(tried.count.values()) >= 60


@pytest.mark.verify
def test_damaged_input_by_the_thousand(tmp_path: Path) -> None:
    n = int(os.environ.get("ONCOHORT_FUZZ_COUNT", "3000"))
    tried = attempts(tmp_path, range(10_000, 10_000 + n))
    print(sum(tried.count.values()), dict(tried.count))
    assert tried.faults == {}
