"""Lesions of a twin look like measurements, laboratory values like one unit."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from random import Random

import pytest

from oncohort.checks.measurements import SMALLEST_MM
from oncohort.twin.chart import HEMOGLOBIN, _imdc
from oncohort.twin.lesions import lesion_rows


@pytest.mark.parametrize("best", ["CR", "PR", "SD", "PD"])
def test_no_lesion_that_is_there_is_too_small_to_measure(best: str) -> None:
    for seed in range(60):
        rows = lesion_rows(
            Random(seed),
            best=best,
            days=[60] if best == "PD" else [60, 120, 180, 240],
            later=[],
            baseline_day=-7,
            sides=["left"] * (1 + seed % 4),
            mode="new" if best == "PD" else "none",
        )
        sizes = [r.diameter for r in rows if r.role == "target" and r.diameter]
        assert min(sizes) >= SMALLEST_MM, (seed, sizes)


@pytest.mark.parametrize("sex", HEMOGLOBIN)
def test_haemoglobin_leaves_no_gap_that_looks_like_two_units(sex: str) -> None:
    values, low = [], 0
    for seed in range(200):
        rows, _, _ = _imdc(Random(seed), "A", "poor", sex, date(2020, 1, 1))
        row = next(r for r in rows if r["test"] == "Hemoglobin")
        assert isinstance(row["value"], float)
        values.append(row["value"])
        low += row["value"] < HEMOGLOBIN[sex]
    values.sort()
    assert 0 < low < 200
    assert max(b - a for a, b in pairwise(values)) < 0.6
