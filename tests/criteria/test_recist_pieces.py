"""Lesions that split, and labels that several scans share."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from oncohort.criteria import recist

DAYS = (0, 60, 120, 180)


def chart(lesions: dict[str, str], role: str = "target") -> pl.DataFrame:
    """Lesions with one word a visit: a length, ``-`` (no row), ``NE``, ``gone``, ``uPD``, ``+``."""
    status = {"NE": "not evaluable", "gone": "absent", "+": "present",
              "uPD": "unequivocal progression"}  # fmt: skip
    rows: list[dict[str, Any]] = []
    for name, course in lesions.items():
        for day, word in zip(DAYS, course.split(), strict=False):
            if word == "-":
                continue
            rows.append(
                {
                    "patient": "1", "lesion": name, "role": role,
                    "date": date(2014, 1, 1) + timedelta(days=day),
                    "diameter_mm": None if word in status else float(word),
                    "status": status.get(word),
                }
            )  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"diameter_mm": pl.Float64, "status": pl.String})


@pytest.mark.parametrize(
    ("lesions", "calls"),
    [
        # a piece without a row: not evaluable
        ({"T1": "40 - -", "T1/1": "- 20 10", "T1/2": "- 15 -"}, ["SD", "NE"]),
        ({"T1": "40 - -", "T1/1": "- 20 10", "T1/2": "- 15 gone"}, ["SD", "PR"]),
        ({"T1": "40 - -", "T1/1": "- 20 gone", "T1/2": "- 15 gone"}, ["SD", "CR"]),
        # one not evaluable, the other alone grown enough over the nadir
        ({"T1": "40 -", "T1/1": "- 50", "T1/2": "- NE"}, ["PD"]),
        ({"T1": "40 -", "T1/1": "- 47", "T1/2": "- NE"}, ["NE"]),
        ({"T1": "40 -", "T1/1": "- 48", "T1/2": "- NE"}, ["PD"]),
        ({"T1": "20 -", "T1/1": "- 24", "T1/2": "- NE"}, ["NE"]),  # 20 % but 4 mm
        ({"T1": "40 - -", "T1/1": "- 20 55", "T1/2": "- 20 -"}, ["SD", "PD"]),
        # charted as a whole again
        ({"T1": "40 - 25", "T1/1": "- 20 -", "T1/2": "- 15 -"}, ["SD", "PR"]),
        # a third piece that appears later is due from then on
        (
            {"T1": "40 - - -", "T1/1": "- 10 10 10", "T1/2": "- 10 10 10", "T1/3": "- - 15 -"},
            ["PR", "PD", "NE"],
        ),
        # beside a lesion that did not split
        ({"T1": "40 -", "T2": "20 20", "T1/1": "- 20", "T1/2": "- 15"}, ["SD"]),
        ({"T1": "40 -", "T2": "20 -", "T1/1": "- 40", "T1/2": "- 35"}, ["PD"]),
        ({"T1": "40 -", "T1/1": "- NE", "T1/2": "- NE"}, ["NE"]),
    ],
)
def test_split_target_lesions(lesions: dict[str, str], calls: list[str]) -> None:
    assert recist.assess(chart(lesions))["overall"].to_list()[1:] == calls


@pytest.mark.parametrize(
    ("lesions", "calls"),
    [
        ({"N1": "+ - -", "N1/1": "- + gone", "N1/2": "- gone gone"}, ["Non-CR/Non-PD", "CR"]),
        ({"N1": "+ - -", "N1/1": "- + gone", "N1/2": "- + -"}, ["Non-CR/Non-PD", "NE"]),
        ({"N1": "+ -", "N1/1": "- gone", "N1/2": "- uPD"}, ["PD"]),
        ({"N1": "+ -", "N1/1": "- gone", "N1/2": "- NE"}, ["NE"]),
    ],
)
def test_split_non_target_lesions(lesions: dict[str, str], calls: list[str]) -> None:
    assert recist.assess(chart(lesions, "non-target"))["overall"].to_list()[1:] == calls


def labelled(*scans: tuple[date, str | None, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"patient": "1", "lesion": "T1", "role": "target", "date": d, "visit": v,
             "diameter_mm": mm}
            for d, v, mm in scans
        ],
        schema_overrides={"visit": pl.String},
    )  # fmt: skip


BASE = (date(2014, 1, 1), "base", 50.0)


def test_unscheduled_scans_months_apart_are_judged_apart() -> None:
    rows = labelled(
        BASE, (date(2014, 2, 10), "Unscheduled", 70.0), (date(2014, 5, 12), "Unscheduled", 45.0)
    )
    visits = recist.assess(rows)
    assert visits["overall"].to_list() == [None, "PD", "SD"]
    assert [p.id for p in recist.check(rows)] == ["recist.visit-spread"]


@pytest.mark.parametrize(("gap", "visits"), [(0, 1), (7, 1), (28, 1), (29, 2), (60, 2)])
def test_a_label_joins_scans_up_to_four_weeks(gap: int, visits: int) -> None:
    first = date(2014, 3, 1)
    rows = labelled(BASE, (first, "W8", 30.0), (first + timedelta(days=gap), "W8", 30.0))
    assert recist.assess(rows).height == 1 + visits


def test_a_chain_of_scans_under_one_label_is_cut() -> None:
    days = [date(2014, 3, 1) + timedelta(days=20 * i) for i in range(4)]
    rows = labelled(BASE, *((d, "Unscheduled", 30.0) for d in days))
    out = recist.assess(rows)
    spread = (out["last_date"] - out["first_date"]).dt.total_days()
    assert spread.max() <= 28  # type: ignore[operator]
    assert out.height == 3


def test_a_label_that_stands_twice_is_matched_by_its_date() -> None:
    calls = pl.DataFrame(
        {
            "patient": ["1"] * 2, "visit": ["Unscheduled"] * 2,
            "date": [date(2014, 2, 10), date(2014, 5, 12)], "overall": ["PD", "SD"],
        }
    )  # fmt: skip
    assert recist.discrepancies(calls, calls).is_empty()
    other = calls.with_columns(overall=pl.Series(["PD", "PR"]))
    found = recist.discrepancies(calls, other)
    assert found.select("derived", "charted", "kind").rows() == [("SD", "PR", "differs")]


def test_two_states_of_a_non_target_lesion_on_one_day_are_named() -> None:
    rows = pl.concat([chart({"N1": "+ +"}, "non-target"), chart({"N1": "- gone"}, "non-target")])
    assert [p.id for p in recist.check(rows)] == ["recist.two-values"]
