"""Baseline of RECIST 1.1: what is measurable, what may be a target, what is a problem."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from oncohort.criteria import recist
from oncohort.problems import Problem, Severity

BASE, LATER = date(2014, 1, 6), date(2014, 3, 3)
START = pl.DataFrame({"patient": ["1"], "treatment_start": [date(2014, 1, 10)]})


@pytest.mark.parametrize(
    ("mm", "node", "method", "slice_mm", "site", "group"),
    [
        (10, False, "CT", 5, "lung", "target"),
        (9.99, False, "CT", 5, "lung", "non-target"),
        (14, False, "CT", 7, "lung", "target"),  # twice the slice
        (13.9, False, "CT", 7, "lung", "non-target"),
        (10, False, None, None, None, "target"),
        (10, False, "caliper", None, "skin", "target"),
        (9, False, "clinical examination", None, "skin", "non-target"),
        (20, False, "chest X-ray", None, "lung", "target"),
        (19.9, False, "CXR", None, "lung", "non-target"),
        (50, False, "ultrasound", None, "liver", "non-target"),
        (30, False, "PET/CT", 5, "liver", "target"),
        (15, True, "CT", 5, "mediastinum", "target"),
        (14.99, True, "CT", 5, "mediastinum", "non-target"),
        (10, True, "CT", 5, "mediastinum", "non-target"),
        (9.99, True, "CT", 5, "mediastinum", "normal"),
        (40, False, "CT", 5, "pleural effusion", "non-target"),
        (40, False, "CT", 5, "bone", "non-target"),
        (40, False, "CT", 5, "bone, soft-tissue part", "target"),
        (None, False, "CT", 5, "lung", "unknown"),
    ],
)
def test_measurable(
    mm: float | None,
    node: bool,
    method: str | None,
    slice_mm: float | None,
    site: str | None,
    group: str,
) -> None:
    found = recist.measurable(mm, node=node, method=method, slice_mm=slice_mm, site=site)
    assert found.group == group
    assert found.reason


@pytest.mark.parametrize(
    ("site", "node", "name"),
    [
        ("left lung", False, "lung"),
        ("Lung, right upper lobe", False, "lung"),
        ("adrenals", False, "adrenal"),
        ("adrenal left", False, "adrenal"),
        ("mediastinum", True, "lymph nodes"),
        ("retroperitoneal lymph node", False, "lymph nodes"),
        ("liver segment IV", False, "liver"),
        (None, False, None),
    ],
)
def test_organ(site: str | None, node: bool, name: str | None) -> None:
    assert recist.organ(site, node) == name


def row(
    lesion: str, day: date, mm: float | None, role: str = "target", **more: object
) -> dict[str, object]:
    return {
        "patient": "1", "lesion": lesion, "date": day, "role": role, "diameter_mm": mm,
        "site": None, "node": False, "status": None, "method": None, "slice_mm": None,
        "irradiated": None, "merged_into": None, "reader": None, "visit": None,
    } | more  # fmt: skip


def found(*rows: dict[str, object], patients: pl.DataFrame | None = START) -> list[Problem]:
    frame = pl.DataFrame(
        list(rows),
        schema_overrides={
            "site": pl.String, "status": pl.String, "method": pl.String, "slice_mm": pl.Float64,
            "irradiated": pl.Boolean, "merged_into": pl.String, "reader": pl.String,
            "diameter_mm": pl.Float64, "date": pl.Date, "visit": pl.String,
        },
    ).with_row_index("source_row", 2)  # fmt: skip
    return recist.check(frame, patients=patients)


def ids(*rows: dict[str, object], patients: pl.DataFrame | None = START) -> list[str]:
    return [p.id.removeprefix("recist.") for p in found(*rows, patients=patients)]


def test_a_clean_chart_has_no_problem() -> None:
    assert ids(row("T1", BASE, 30, site="lung"), row("T1", LATER, 20, site="lung")) == []


def test_a_small_target_names_its_row_and_the_rule() -> None:
    (problem,) = found(row("T1", BASE, 30), row("T2", BASE, 9.0))
    assert (problem.id, problem.place.row, problem.patient) == (
        "recist.target-not-measurable",
        3,
        "1",
    )
    assert problem.what == "Target T2: 9 mm is below 10 mm."
    assert problem.severity is Severity.WARNING


def test_at_most_two_targets_in_an_organ_and_five_in_all() -> None:
    lungs = [
        row(f"T{i}", BASE, 30, site=s) for i, s in enumerate(["left lung", "right lung", "lung"])
    ]
    (problem,) = found(*lungs)
    assert (problem.id, problem.what) == (
        "recist.too-many-in-organ",
        "3 targets in one organ (lung), rows 2, 3, 4.",
    )
    nodes = [
        row(f"T{i}", BASE, 20, site=s, node=True) for i, s in enumerate(["hilar", "axilla", "neck"])
    ]
    assert ids(*nodes) == ["too-many-in-organ"]
    sites = ["lung", "liver", "adrenal", "kidney", "spleen", "skin"]
    assert ids(*[row(f"T{i}", BASE, 30, site=s) for i, s in enumerate(sites)]) == [
        "too-many-targets"
    ]


def test_an_old_a_late_and_a_missing_baseline() -> None:
    assert ids(row("T1", date(2013, 12, 12), 30), row("T1", LATER, 20)) == ["baseline-old"]
    assert ids(row("T1", date(2013, 12, 13), 30), row("T1", LATER, 20)) == []
    assert ids(row("T1", date(2014, 1, 12), 30), row("T1", LATER, 20)) == ["no-baseline"]


def test_an_irradiated_target() -> None:
    assert ids(row("T1", BASE, 30, irradiated=True)) == ["irradiated-target"]


def test_a_target_that_was_treated_locally() -> None:
    rows = pl.DataFrame([row("T1", BASE, 30), row("T1", LATER, 20)], infer_schema_length=None)
    done = pl.DataFrame(
        {
            "patient": ["1"] * 3, "lesion": ["T1", "T1", "T1"],
            "date": [date(2013, 12, 1), date(2014, 2, 1), date(2014, 6, 1)],
            "kind": ["radiotherapy", "ablation", "metastasectomy"],
        }
    )  # fmt: skip
    found = recist.check(rows, patients=START, procedures=done)
    assert [p.id for p in found] == ["recist.irradiated-target", "recist.treated-target"]
    assert found[1].what == "Target T1: ablation on 2014-02-01, with scans after it."


def test_a_target_without_length_is_named_as_wrong() -> None:
    (problem,) = found(row("T1", BASE, None))
    assert problem.id == "recist.target-without-length"
    assert [(w.table, w.columns) for w in problem.wrong] == [("lesions", ("diameter_mm",))]


def test_lesions_that_the_baseline_does_not_know() -> None:
    assert ids(row("T1", BASE, 30), row("T1", LATER, 30), row("T2", LATER, 12)) == [
        "not-at-baseline"
    ]
    assert ids(row("T1", BASE, 30), row("T1/1", LATER, 20), row("T1/2", LATER, 12)) == []
    assert ids(row("T1", BASE, 30), row("N1", BASE, 12, "new")) == ["new-at-baseline"]
    assert ids(row("T1", BASE, 30), row("T1", LATER, 30, "non-target")) == ["role-changed"]
    assert ids(row("T1", BASE, 30), row("T1", LATER, 30, node=True)) == ["node-changed"]
    merged = row("T1", LATER, None, merged_into="T9")
    assert ids(row("T1", BASE, 30), merged) == ["merged-into-unknown"]


def test_contradictions_and_two_values() -> None:
    assert ids(row("T1", BASE, 30), row("T1", LATER, 8, status="absent")) == ["contradiction"]
    assert ids(row("T1", BASE, 30), row("T1", LATER, -8)) == ["contradiction"]
    assert ids(row("T1", BASE, 30), row("T1", LATER, 8), row("T1", LATER, 9)) == ["two-values"]
    assert ids(row("T1", BASE, 30), row("T1", LATER, 8), row("T1", LATER, 8)) == []


def test_words_that_are_not_known_and_missing_dates() -> None:
    assert ids(row("T1", BASE, 30), row("T2", BASE, 30, "tumour")) == ["unknown-role"]
    assert ids(row("T1", BASE, 30, status="visible")) == ["unknown-status"]
    undated = {**row("T2", BASE, 30), "date": None}
    assert ids(row("T1", BASE, 30), undated) == ["no-date"]


def test_readers() -> None:
    said = ids(row("T1", BASE, 30, reader="A"), row("T1", BASE, 31, reader="B"))
    assert said == ["several-readers"]


def test_scans_far_apart_under_one_label() -> None:
    rows = (
        row("T1", BASE, 30, visit="0"), row("T1", LATER, 20, visit="1"),
        row("T1", date(2014, 4, 10), 20, visit="1"),
    )  # fmt: skip
    assert ids(*rows) == ["visit-spread"]


# ------------------------------------------------------------------ charted against derived


def test_charted_parts_give_the_overall_response_by_the_tables() -> None:
    rows = pl.DataFrame(
        {
            "patient": ["1"] * 4, "date": [LATER] * 4,
            "target": ["PR", None, "SD", None], "non_target": ["Non-CR/Non-PD", "CR", None, None],
            "new_lesion": [False, False, True, None], "overall": [None, None, "SD", "NE"],
        }
    )  # fmt: skip
    out = recist.charted(rows)
    assert out["overall"].to_list() == ["PR", "CR", "SD", "NE"]
    assert out["by_tables"].to_list() == ["PR", "CR", "PD", None]


def test_discrepancies_by_visit_label_then_by_date() -> None:
    rows = pl.DataFrame(
        [row("T1", BASE, 100), row("T1", LATER, 60), row("T1", date(2014, 5, 5), 62),
         row("T1", date(2014, 7, 7), 90)]
    )  # fmt: skip
    chart = pl.DataFrame(
        {
            "patient": ["1"] * 3, "date": [date(2014, 3, 8), date(2014, 5, 5), date(2015, 1, 1)],
            "overall": ["SD", "PR", "PD"], "source_row": [2, 3, 4],
        }
    )  # fmt: skip
    out = recist.discrepancies(recist.assess(rows), chart)
    assert out.select("derived", "charted", "kind", "charted_row").rows() == [
        ("PR", "SD", "differs", 2),
        ("PD", None, "only-derived", None),
        (None, "PD", "only-charted", 4),
    ]


def test_a_charted_response_that_is_carried_is_no_discrepancy() -> None:
    rows = pl.DataFrame(
        [row("T1", BASE, 100), row("T1", LATER, 70), row("T1", date(2014, 5, 5), 80)]
    )
    chart = pl.DataFrame(
        {"patient": ["1"] * 2, "date": [LATER, date(2014, 5, 5)], "overall": ["PR", "PR"]}
    )
    assert recist.discrepancies(recist.assess(rows), chart).is_empty()


def test_two_readers() -> None:
    rows = pl.DataFrame(
        [row("T1", BASE, 30, reader="A"), row("T1", BASE, 32, reader="B"),
         row("T1", LATER, 21, reader="A"), row("T1", LATER, 31, reader="B")]
    )  # fmt: skip
    out = recist.compare_readers(rows, "A", "B")
    assert out.select("derived", "charted").rows() == [("PR", "SD")]


def test_best_response_charted_against_derived() -> None:
    visits = pl.DataFrame({"patient": ["1", "2"], "date": [LATER] * 2, "overall": ["PR", "PD"]})
    who = pl.DataFrame({"patient": ["1", "2"], "best_response": ["SD", "PD"]})
    out = recist.compare_best(recist.best_response(visits), who)
    assert out.select("patient", "derived", "charted").rows() == [("1", "PR", "SD")]
