"""Responses of a study: several readers, charted against derived."""

from __future__ import annotations

from datetime import date

import polars as pl

from oncohort.endpoints.building import build_cohort
from oncohort.protocol import Protocol
from oncohort.study.depends import settled

START, W8 = date(2014, 1, 6), date(2014, 3, 3)


def protocol(**schedule: object) -> Protocol:
    return Protocol.model_validate(
        {
            "study": {"schema": 1, "title": "T", "data": "x"},
            "response": {"source": "lesions"},
            "schedule": schedule,
            "endpoints": {"pfs": {"events": ["progression", "death"]}},
        }
    )


def tables(reader: list[str] | None = None) -> dict[str, pl.DataFrame]:
    rows = pl.DataFrame(
        {
            "patient": ["1"] * 4, "lesion": ["T1"] * 4, "role": ["target"] * 4,
            "date": [START, START, W8, W8], "diameter_mm": [50.0, 50.0, 30.0, 50.0],
            "reader": reader or ["A", "B", "A", "B"], "source_row": [2, 3, 4, 5],
        }
    )  # fmt: skip
    who = pl.DataFrame({"patient": ["1"], "treatment_start": [START], "source_row": [2]})
    return {"patients": who, "lesions": rows}


def test_two_readers_are_a_question_that_blocks_response() -> None:
    cohort = build_cohort(tables(), protocol())
    (found,) = [p for p in cohort.problems if p.id == "response.several-readers"]
    (problem,) = settled([found], protocol())
    assert "response" in problem.blocks
    assert "survival.pfs" in problem.blocks
    assert problem.place.key == "schedule.reader"


def test_a_declared_reader_counts() -> None:
    assert build_cohort(tables(), protocol(reader="A")).frame["best_response"].to_list() == ["PR"]
    assert build_cohort(tables(), protocol(reader="B")).frame["best_response"].to_list() == ["SD"]


def test_charted_visits_beside_derived_ones() -> None:
    data = tables()
    data["assessments"] = pl.DataFrame(
        {"patient": ["1"], "date": [W8], "overall": ["PD"], "source_row": [2]}
    )
    cohort = build_cohort(data, protocol(reader="A"))
    assert cohort.evidence.discrepancies is not None
    assert cohort.evidence.discrepancies.select("derived", "charted").rows() == [("PR", "PD")]
    assert "response.charted-differs" in {p.id for p in cohort.problems}


def test_the_windows_of_the_protocol_are_those_of_the_checks() -> None:
    data = tables()
    data["patients"] = data["patients"].with_columns(treatment_start=pl.lit(date(2014, 2, 20)))
    ids = {p.id for p in build_cohort(data, protocol(reader="A")).problems}
    assert "recist.baseline-old" in ids
    wide = protocol(reader="A", baseline_days_before=60)
    assert "recist.baseline-old" not in {p.id for p in build_cohort(data, wide).problems}


def test_a_charted_best_response_that_differs_is_named_with_its_row() -> None:
    data = tables()
    data["patients"] = data["patients"].with_columns(best_response=pl.lit("SD"))
    cohort = build_cohort(data, protocol(reader="A"))
    (problem,) = [p for p in cohort.problems if p.id == "response.best-differs"]
    assert (problem.patient, problem.place.row) == ("1", 2)
    assert "partial response on 2014-03-03" in problem.what
