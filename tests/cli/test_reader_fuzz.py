"""Damaged input at every reader: read or refused in words, never an error that nobody foresaw."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from reader_fuzz import KINDS, attempts


def test_a_thousand_damaged_inputs_are_read_or_refused(tmp_path: Path) -> None:
    tried = attempts(tmp_path, range(1000))
    assert tried.faults == {}
    assert {key.split()[0] for key in tried.count} == set(KINDS)
    assert sum(tried.count.values()) == 1000


@pytest.mark.verify
def test_damaged_inputs_by_the_hundred_thousand(tmp_path: Path) -> None:
    n = int(os.environ.get("ONCOHORT_READER_FUZZ", "100000"))
    tried = attempts(tmp_path, range(10_000, 10_000 + n))
    print(sum(tried.count.values()), dict(sorted(tried.count.items())))
    assert tried.faults == {}
