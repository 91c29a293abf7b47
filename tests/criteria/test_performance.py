"""Performance status: the three maps, values off the scale, baseline choice."""

from __future__ import annotations

from datetime import date
from typing import get_args

import polars as pl
import pytest

from oncohort.criteria import performance
from oncohort.problems import Wrong


@pytest.mark.parametrize("mapping", get_args(performance.EcogMap))
def test_each_map_covers_every_karnofsky_value_once(mapping: performance.EcogMap) -> None:
    covered = [
        value for low, high in performance.MAPS[mapping] for value in range(low, high + 1, 10)
    ]
    assert sorted(covered) == list(range(0, 101, 10))


@pytest.mark.parametrize(
    ("ecog", "mapping", "expected"),
    [
        (0, "conventional", False),
        (1, "conventional", None),
        (2, "conventional", True),
        (1, "ma2010", False),
        (2, "ma2010", True),
        (1, "prasad2018", False),
        (2, "prasad2018", True),
        (4, "prasad2018", True),
    ],
)
def test_karnofsky_below_80_from_ecog(
    ecog: int, mapping: performance.EcogMap, expected: bool | None
) -> None:
    assert performance.kps_below(80, ecog=ecog, mapping=mapping) is expected


def test_karnofsky_itself_decides() -> None:
    assert performance.kps_below(80, kps=80, ecog=3, mapping="ma2010") is False
    assert performance.kps_below(80) is None


@pytest.mark.parametrize("value", [75, -10, 110, 82.5])
def test_off_the_karnofsky_scale(value: float) -> None:
    with pytest.raises(performance.PerformanceError):
        performance.kps_below(80, kps=value)


def test_off_the_ecog_scale_and_unknown_map() -> None:
    with pytest.raises(performance.PerformanceError):
        performance.kps_range(6, "conventional")
    with pytest.raises(performance.PerformanceError, match="no map"):
        performance.kps_range(1, "mine")  # type: ignore[arg-type]


def test_baseline_takes_the_last_record_in_the_window() -> None:
    patients = pl.DataFrame(
        {"patient": ["a", "b"], "kps": [90, 90], "treatment_start": [date(2014, 3, 1)] * 2}
    )
    records = pl.DataFrame(
        {
            "patient": ["a", "a", "a", "b"],
            "date": [date(2014, 2, 1), date(2014, 2, 20), date(2014, 3, 2), date(2014, 1, 1)],
            "scale": ["Karnofsky", "Karnofsky", "Karnofsky", "ECOG"],
            "value": [70.0, 80.0, 60.0, 1.0],
            "source_row": [2, 3, 4, 5],
        }
    )
    found = performance.baseline(patients, records).table
    assert found.select("patient", "kps", "kps_row", "ecog").rows() == [
        ("a", 80.0, 3, None),
        ("b", 90.0, None, None),
    ]


def test_values_off_the_scale_are_problems_and_not_used() -> None:
    found = performance.baseline(
        pl.DataFrame({"patient": ["a", "b"], "kps": [85, 80], "ecog": [1, 7]})
    )
    assert [(p.patient, p.id) for p in found.problems] == [
        ("a", "performance.not-on-scale"),
        ("b", "performance.not-on-scale"),
    ]
    assert found.table.select("kps", "ecog").rows() == [(None, 1.0), (80.0, None)]


def test_a_value_off_the_scale_names_the_table_that_it_stands_in() -> None:
    patients = pl.DataFrame(
        {
            "patient": ["a", "b"],
            "source_row": [2, 3],
            "treatment_start": [date(2014, 1, 6)] * 2,
            "kps": [85.0, 80.0],
        }
    )
    records = pl.DataFrame(
        {
            "patient": ["b"],
            "source_row": [7],
            "date": [date(2014, 1, 5)],
            "scale": ["Karnofsky"],
            "value": [75.0],
        }
    )
    own, dated = performance.baseline(patients, records).problems
    assert own.wrong == (Wrong("patients", ("kps",), 2),)
    assert dated.wrong == (Wrong("performance", ("value",), 7),)
