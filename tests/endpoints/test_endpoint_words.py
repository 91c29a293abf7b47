"""Endpoints in words: what a reader of the methods is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oncohort.endpoints.endpoint_rules import in_words
from oncohort.vocabulary.endpoints import OF_RECURRENCE, PFS


@pytest.mark.parametrize("key", sorted(OF_RECURRENCE))
def test_a_resected_patient_has_a_recurrence(key: str) -> None:
    told = in_words(replace(PFS, key=key))
    assert "to recurrence or death" in told and "progression" not in told


def test_others_progress() -> None:
    assert "to progression or death" in in_words(PFS)
