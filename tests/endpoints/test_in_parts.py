"""Patients judged in parts: the cohort and its problems are those of all patients at once."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from oncohort.endpoints.building import build_cohort
from oncohort.endpoints.cohort import Cohort
from oncohort.endpoints.in_parts import Parts, together
from oncohort.problems import worst_first
from oncohort.study.demo import write_demo
from oncohort.study.study import read_study
from varied_studies import STUDIES, write_study


def same_cohort(one: Cohort, other: Cohort) -> None:
    """The same in every frame and problem."""
    assert_frame_equal(one.frame, other.frame, check_exact=True)
    assert (one.steps, one.source, one.meaning) == (other.steps, other.source, other.meaning)
    assert worst_first(one.problems) == worst_first(other.problems)
    for field in fields(one.evidence):
        a, b = getattr(one.evidence, field.name), getattr(other.evidence, field.name)
        if isinstance(a, pl.DataFrame):
            assert_frame_equal(a, b, check_exact=True)
        elif field.name in ("tables", "derived"):
            assert list(a) == list(b)
            for name in a:
                assert_frame_equal(a[name], b[name], check_exact=True)
        else:
            assert a == b


@pytest.mark.parametrize("most", [1, 7])
def test_the_built_in_study(tmp_path: Path, most: int) -> None:
    write_demo(tmp_path / "study")
    study = read_study(tmp_path / "study")
    parts = Parts(most=most)
    same_cohort(study.cohort, build_cohort(study.records.tables, study.protocol, parts))


@pytest.mark.parametrize("name", ["plain", "one patient", "no doses", "nobody evaluable", "large"])
def test_studies_of_many_kinds(tmp_path: Path, name: str) -> None:
    write_study(tmp_path, **STUDIES[name])
    study = read_study(tmp_path)
    same_cohort(study.cohort, read_study(tmp_path, parts=Parts(most=2)).cohort)


def test_rows_in_any_order_and_of_strangers(tmp_path: Path) -> None:
    write_demo(tmp_path / "study")
    study = read_study(tmp_path / "study")
    tables = {
        n: f.sample(fraction=1, shuffle=True, seed=3) for n, f in study.records.tables.items()
    }
    tables["patients"] = tables["patients"].slice(0, 30)
    whole = build_cohort(tables, study.protocol)
    same_cohort(whole, build_cohort(tables, study.protocol, Parts(most=4)))


def test_two_readers_of_one_patient_are_a_question_to_all(tmp_path: Path) -> None:
    write_demo(tmp_path / "study")
    study = read_study(tmp_path / "study")
    lesions = study.records.tables["lesions"]
    last = study.cohort.evidence.tables["lesions"]["patient"][-1]
    read = [
        lesions.with_columns(reader=pl.lit("A")),
        lesions.filter(pl.col("patient") == last).with_columns(reader=pl.lit("B")),
    ]
    tables = {**study.records.tables, "lesions": pl.concat(read)}
    nobody = study.protocol.schedule.model_copy(update={"reader": None})
    protocol = study.protocol.model_copy(update={"schedule": nobody})
    whole = build_cohort(tables, protocol)
    assert "response.several-readers" in {p.id for p in whole.problems}
    same_cohort(whole, build_cohort(tables, protocol, Parts(most=3)))


@pytest.mark.parametrize("least", [1, 2, 3, 50])
def test_parts_are_runs_of_patients_and_hold_every_row_once(least: int) -> None:
    patients = pl.DataFrame({"patient": ["c", "a", "b", "d", "e"]})
    labs = pl.DataFrame({"patient": ["a", "e", "a", "b", "e"], "n": [0, 1, 2, 3, 4]})
    cut = list(Parts(most=2).cut({"patients": patients, "labs": labs}, least))
    assert pl.concat([p["patients"] for p in cut]).equals(patients)
    assert together([p["labs"] for p in cut], "n").equals(labs)
    assert len(cut) == max(3, min(least, 5))
    for part in cut:
        assert part["patients"].height in (1, 2)
        assert set(part["labs"]["patient"]) <= set(part["patients"]["patient"])


def test_nobody_is_one_part() -> None:
    nobody = pl.DataFrame({"patient": []}, schema={"patient": pl.String})
    assert len(list(Parts(most=2).cut({"patients": nobody}, 8))) == 1
