"""What holds of nearly all patients, and not of one or two."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncohort.checks.ranges import fences
from oncohort.problems import Problem
from oncohort.study.study import read_study

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "data"\nsynthetic = true\n'
Row = dict[str, str]


def told(folder: Path, id_: str, tables: dict[str, list[Row]], protocol: str = "") -> list[Problem]:
    (folder / "data").mkdir(parents=True)
    (folder / "study.toml").write_text(HEAD + protocol, "utf-8")
    for name, rows in tables.items():
        lines = [",".join(rows[0]), *(",".join(r.values()) for r in rows)]
        (folder / "data" / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return [p for p in read_study(folder).data_problems if p.id == id_]


def patients(n: int = 48) -> list[Row]:
    out = []
    for i in range(n):
        start = date(2016, 1, 5) + timedelta(days=11 * i)
        dead = i % 3 > 0
        out.append(
            {
                "patient": f"{i + 1}",
                "diagnosis_date": str(start - timedelta(days=12 + (i * 7) % 60)),
                "treatment_start": str(start),
                "treatment_end": str(start + timedelta(days=200 + i)),
                "treatment_end_reason": "progression",
                "progression_date": str(start + timedelta(days=196 + i)),
                "last_contact": str(start + timedelta(days=400 + 3 * i)),
                "death_date": str(start + timedelta(days=400 + 3 * i)) if dead else "",
                "vital_status": "dead" if dead else "alive",
                "status_of_menopause": ("post", "post", "pre")[i % 3],
                "her2": ("0", "1+", "2+", "3+")[i % 4],
                "nlr": f"{1.1 + (i * 7) % 13 / 2:.1f}",
                "crp": f"{2.1 + (i * 11) % 43:.1f}",
                "best_response": ("PD", "SD", "PR")[i % 3],
                "best_change": ("31", "-8", "-44")[i % 3],
            }
        )
    return out


def moved(day: str, days: int) -> str:
    return str(date.fromisoformat(day) + timedelta(days=days))


DATES = [
    ("dates.death-apart", "death_date", 365),
    ("dates.start-apart", "treatment_start", 365),
    ("survival.stopped-for-progression", "treatment_end", 365),
]


@pytest.mark.parametrize(("id_", "column", "days"), DATES)
def test_one_patient_whose_days_lie_apart(id_: str, column: str, days: int, tmp_path: Path) -> None:
    rows = patients()
    assert told(tmp_path / "clean", id_, {"patients": rows}) == []
    rows[7][column] = moved(rows[7][column], days)
    (found,) = told(tmp_path / "slip", id_, {"patients": rows})
    assert found.patient == "8"
    assert rows[7][column] in found.what


def test_where_deaths_and_last_contacts_differ_in_many_nothing_is_usual(tmp_path: Path) -> None:
    rows = patients()
    for row in rows[::4]:
        row["last_contact"] = moved(row["last_contact"], -90)
    assert told(tmp_path, "dates.death-apart", {"patients": rows}) == []


def test_times_from_diagnosis_to_treatment_that_vary_are_told_of_nobody(tmp_path: Path) -> None:
    rows = patients()
    for i, row in enumerate(rows):
        row["diagnosis_date"] = moved(row["treatment_start"], -10 - (i * 97) % 2200)
    assert told(tmp_path, "dates.start-apart", {"patients": rows}) == []


def visits(rows: list[Row]) -> list[Row]:
    return [
        {
            "patient": r["patient"],
            "lesion": "T1",
            "date": moved(r["treatment_start"], 56 * k - 7),
            "visit": f"week {8 * k}" if k else "baseline",
            "role": "target",
            "diameter_mm": "30",
            "status": "measured",
        }
        for r in rows
        for k in range(4)
    ]


def test_a_later_scan_before_the_start(tmp_path: Path) -> None:
    rows = patients(20)
    tables = {"patients": rows, "lesions": visits(rows)}
    protocol = '[response]\nsource = "lesions"\n'
    assert told(tmp_path / "clean", "lesions.baseline-visit", tables, protocol) == []
    rows[4]["treatment_start"] = moved(rows[4]["treatment_start"], 100)
    (found,) = told(tmp_path / "slip", "lesions.baseline-visit", tables, protocol)
    assert (found.patient, '"week 8"' in found.what, '"baseline"' in found.what) == (
        "5",
        True,
        True,
    )


LEVELS = [
    ("status_of_menopause", "perimenopausal", "values.rare-level"),
    ("status_of_menopause", "p0st", "values.rare-level"),
    ("her2", "4+", "values.rare-level"),
    ("her2", "positive", "values.rare-level"),
    ("her2", "3", "values.odd-level"),
]


@pytest.mark.parametrize(("column", "text", "id_"), LEVELS)
@pytest.mark.parametrize("n", [1, 2])
def test_a_level_of_one_or_two(column: str, text: str, id_: str, n: int, tmp_path: Path) -> None:
    protocol = f"[variables.{column}]\n"
    rows = patients()
    for other in ("values.rare-level", "values.odd-level"):
        assert told(tmp_path / other, other, {"patients": rows}, protocol) == []
    for row in rows[9 : 9 + n]:
        row[column] = text
    (found,) = told(tmp_path / "slip", id_, {"patients": rows}, protocol)
    assert text in found.what
    assert "10" in found.what


@pytest.mark.parametrize("few", [["peri", "male"], []])
def test_several_rare_levels_are_a_variable_of_many_kinds(few: list[str], tmp_path: Path) -> None:
    rows = patients()
    for k, text in enumerate(few):
        rows[k]["status_of_menopause"] = text
    protocol = "[variables.status_of_menopause]\n"
    assert told(tmp_path, "values.rare-level", {"patients": rows}, protocol) == []


def labs(rows: list[Row]) -> list[Row]:
    return [
        {
            "patient": r["patient"],
            "date": moved(r["treatment_start"], k),
            "test": "Bilirubin",
            "value": f"{0.4 + (i * 7 + k) % 11 / 13:.2f}",
            "unit": "mg/dL",
        }
        for i, r in enumerate(rows)
        for k in (-3, 28, 56)
    ]


def test_a_result_far_from_all_others_and_from_the_patients_own(tmp_path: Path) -> None:
    rows = patients(20)
    clean, slip, ill = labs(rows), labs(rows), labs(rows)
    slip[10]["value"] = f"{17.1 * float(slip[10]['value']):.1f}"
    ill[10]["value"], ill[11]["value"] = "11", "14"  # the liver fails
    for name, table, n in (("clean", clean, 0), ("slip", slip, 1), ("ill", ill, 0)):
        found = told(tmp_path / name, "labs.outlier", {"patients": rows, "labs": table})
        assert [p.place.cell for p in found] == ["D12"][:n]


def test_ratios_of_counts_have_a_scale(tmp_path: Path) -> None:
    rows = patients()
    protocol = '[variables.nlr]\nkind = "continuous"\n'
    assert told(tmp_path / "a", "values.median-unlikely", {"patients": rows}, protocol) == []
    for row in rows:
        row["nlr"] = f"{10 * float(row['nlr']):.0f}"
    (found,) = told(tmp_path / "b", "values.median-unlikely", {"patients": rows}, protocol)
    assert found.place.key == "variables.nlr.unit"


def test_three_times_99_among_values_that_hardly_stand_twice(tmp_path: Path) -> None:
    rows = patients()
    for k, value in ((0, "140.5"), (4, "99"), (17, "99"), (31, "99")):
        rows[k]["crp"] = value
    protocol = '[variables.crp]\nkind = "continuous"\nunit = "mg/L"\n'
    (found,) = told(tmp_path, "values.missing-code", {"patients": rows}, protocol)
    assert "5, 18, 32" in found.what


@pytest.mark.parametrize(("i", "change", "n"), [(0, "-60", 1), (0, "-20", 0), (1, "-100", 1)])
def test_changes_that_the_best_response_excludes(
    i: int, change: str, n: int, tmp_path: Path
) -> None:
    rows = patients()
    rows[i]["best_change"] = change
    protocol = '[response]\nsource = "charted"\nbest_change = "best_change"\n'
    found = told(tmp_path, "response.change-contradicts", {"patients": rows}, protocol)
    assert [p.patient for p in found] == [str(i + 1)][:n]


@pytest.mark.parametrize("copies", [2, 5, 9])
def test_a_row_that_was_copied_many_times(copies: int, tmp_path: Path) -> None:
    rows = patients()
    rows += [{**rows[5], "patient": f"9{k}"} for k in range(copies - 1)]
    (found,) = told(tmp_path, "patients.alike", {"patients": rows})
    assert all(f"9{k}" in found.what for k in range(copies - 1))


@given(st.integers(0, 10_000), st.floats(0.3, 1.0), st.sampled_from([40, 80, 150]))
def test_fences_of_skewed_values_do_not_move_with_one_slip(seed: int, wide: float, n: int) -> None:
    rng = random.Random(seed)
    values = [rng.lognormvariate(2, wide) for _ in range(n)]
    alone = fences(pl.Series(values))
    slipped = fences(pl.Series([*values, 1e6]))
    assert alone is not None
    assert slipped is not None
    assert slipped[1][1] < 1e6
    assert alone[0][0] <= alone[0][1] < alone[1][1]


@pytest.mark.parametrize(("filled", "n"), [(range(48), 0), (range(0), 1)])
def test_a_column_of_the_end_of_treatment_that_is_empty(
    filled: range, n: int, tmp_path: Path
) -> None:
    rows = [
        {("stopped" if k == "treatment_end" else k): v for k, v in r.items()} for r in patients()
    ]
    for i, row in enumerate(rows):
        row["stopped"] = row["stopped"] if i in filled else ""
    protocol = '[tables.patients]\ncolumns = { treatment_end = "stopped" }\n'
    found = told(tmp_path, "survival.end-without-date", {"patients": rows}, protocol)
    assert [("48 patients" in p.what, p.place.column) for p in found] == [(True, "stopped")][:n]
