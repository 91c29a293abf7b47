"""The same calls from polars, pandas and pyarrow; what is no frame is refused by name."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from oncohort.criteria import ctcae, dosing, imdc, label, mskcc, performance
from oncohort.criteria.frames import FrameError, frame_in

PATIENTS = pl.DataFrame(
    {
        "patient": [1, 2],
        "sex": ["male", "female"],
        "kps": [90, 70],
        "treatment_start": [date(2014, 1, 1)] * 2,
        "treatment_end": [date(2014, 9, 1)] * 2,
        "diagnosis_date": [date(2010, 1, 1)] * 2,
        "first_systemic_date": [date(2010, 6, 1)] * 2,
    }
)
LABS = pl.DataFrame(
    {
        "patient": [1, 2],
        "date": [date(2013, 12, 30)] * 2,
        "test": ["Hb"] * 2,
        "value": [9.0, 14.0],
        "unit": ["g/dL"] * 2,
        "lower_limit": [13.5, 11.5],
        "upper_limit": [17.5, 15.5],
    }
)
EVENTS = pl.DataFrame(
    {
        "patient": [1],
        "term": ["HFS"],
        "grade": [3],
        "start": [date(2014, 2, 1)],
        "action": ["reduced"],
    }
)
DOSES = pl.DataFrame(
    {
        "patient": [1],
        "drug": ["sorafenib"],
        "start": [date(2014, 1, 1)],
        "end": [date(2014, 1, 30)],
        "amount": [400.0],
        "times_per_day": [2.0],
    }
)

CALLS: dict[str, Any] = {
    "imdc": lambda f: imdc.assess(f(PATIENTS), f(LABS)).table,
    "mskcc": lambda f: mskcc.assess(f(PATIENTS), f(LABS)).table,
    "performance": lambda f: performance.baseline(f(PATIENTS)).table,
    "worst_grades": lambda f: ctcae.worst_grades(f(EVENTS), f(PATIENTS), version="3.0").table,
    "course": lambda f: ctcae.course(f(EVENTS), f(PATIENTS), version="3.0").table,
    "grade_labs": lambda f: ctcae.grade_labs(f(LABS), f(PATIENTS), version="3.0").table,
    "exposure": lambda f: (
        dosing.exposure(f(DOSES), f(PATIENTS), {"sorafenib": dosing.Plan(800)}).table
    ),
    "audit": lambda f: label.audit(
        f(EVENTS), f(PATIENTS), f(DOSES), name="sorafenib_2005", version="3.0"
    ),
}


@pytest.mark.parametrize("name", sorted(CALLS))
@pytest.mark.parametrize("kind", ["pandas", "arrow", "lazy"])
def test_every_frame_gives_the_same_calls(name: str, kind: str) -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")

    def convert(frame: pl.DataFrame) -> Any:
        return {
            "pandas": frame.to_pandas,
            "arrow": frame.to_arrow,
            "lazy": frame.lazy,
        }[kind]()

    call = CALLS[name]
    expected = call(lambda f: f)
    assert expected.height > 0
    assert call(convert).equals(expected)


def test_no_frame_and_missing_columns() -> None:
    with pytest.raises(FrameError, match="labs: not a data frame but list"):
        frame_in([1], "labs")
    with pytest.raises(FrameError, match="doses: missing column drug"):
        dosing.exposure(DOSES.drop("drug"), PATIENTS, {})
