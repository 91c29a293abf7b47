"""Two units in one steady measurement, told by the heaps they make; whole endpoints; comments."""

from __future__ import annotations

import random
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.comments import Comment

from oncohort.checks.unit_heaps import heap_in
from oncohort.problems import Problem
from oncohort.study.study import read_study

HEAD = '[study]\nschema = 1\ntitle = "A study"\nsynthetic = true\n'
USUAL = {"hemoglobin": (12.6, 1.5), "weight": (76.0, 13.0), "height": (170.0, 8.0)}
OTHER = {"hemoglobin": 0.6206, "weight": 2.2046, "height": 1 / 2.54}


def values(name: str, n: int, seed: int) -> list[float]:
    rng = random.Random(seed)
    return [round(rng.gauss(*USUAL[name]), 1) for _ in range(n)]


def frame(held: list[float]) -> pl.DataFrame:
    return pl.DataFrame({"value": held}).with_row_index("source_record")


@pytest.mark.parametrize("name", USUAL)
@pytest.mark.parametrize("n", [16, 40, 300])
def test_one_unit_makes_one_heap(name: str, n: int) -> None:
    for seed in range(40):
        found = heap_in(frame(values(name, n, seed)), "value", name, 1.0)
        assert found is None, (seed, found)


@pytest.mark.parametrize("name", USUAL)
@pytest.mark.parametrize(("n", "wrong"), [(20, 10), (40, 12), (40, 20), (300, 150)])
def test_half_in_another_unit_is_another_heap(name: str, n: int, wrong: int) -> None:
    sizes = []
    for seed in range(10):
        held = values(name, n, seed)
        for i in range(wrong):
            held[i] = round(held[i] * OTHER[name], 1)
        found = heap_in(frame(held), "value", name, 1.0)
        sizes.append(0 if found is None else found.rows.height)
    # Now and then the heaps of few patients touch.
    assert sum(abs(size - wrong) <= n // 8 for size in sizes) >= 8, sizes


def test_three_weights_in_pounds() -> None:
    held = values("weight", 40, 1)
    for i in (3, 8, 20):
        held[i] = round(80 * 2.2046 + i)
    found = heap_in(frame(held), "value", "weight", 1.0)
    assert found is not None
    assert found.unit == "pounds" and set(found.rows["source_record"]) == {3, 8, 20}
    # In another unit than kg the ratio is another one: nothing is said.
    assert heap_in(frame(held), "value", "weight", 0.4536) is None


def told(folder: Path, protocol: str, rows: list[str], id_: str) -> list[Problem]:
    folder.mkdir()
    (folder / "study.toml").write_text(HEAD + 'data = "data.csv"\n' + protocol, "utf-8")
    (folder / "data.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return [p for p in read_study(folder).data_problems if p.id == id_]


HB = '[variables.hb]\ncolumn = "Hämoglobin"\nkind = "continuous"\nunit = "g/dL"\n'


@pytest.mark.parametrize(("factor", "n"), [(0.6206, 1), (1.0, 0)])
def test_hemoglobin_in_mmol_of_a_whole_column(tmp_path: Path, factor: float, n: int) -> None:
    rows = [f"{i},{(v + 1) * factor:.1f}" for i, v in enumerate(values("hemoglobin", 30, 5))]
    found = told(tmp_path / "s", HB, ["patient,Hämoglobin", *rows], "values.like-another-unit")
    assert [p.place.key for p in found] == ["variables.hb.unit"] * n


def test_weights_in_pounds_of_a_german_column(tmp_path: Path) -> None:
    held = values("weight", 30, 2)
    rows = [f"{i},{v * 2.2046 if i < 15 else v:.0f}" for i, v in enumerate(held)]
    protocol = '[variables.g]\ncolumn = "Gewicht (kg)"\nkind = "continuous"\n'
    (found,) = told(tmp_path / "s", protocol, ["patient,Gewicht (kg)", *rows], "values.two-units")
    assert "pounds" in found.what and "15 values look" in found.what


def test_more_neutrophils_than_leukocytes(tmp_path: Path) -> None:
    rows = [f"{i},{5 + i % 4},{62 if i == 7 else 3.1}" for i in range(20)]
    protocol = "".join(
        f'[variables.{key}]\ncolumn = "{key} (10^9/L)"\nkind = "continuous"\n'
        for key in ("wbc", "neutrophils")
    )
    head = "patient,wbc (10^9/L),neutrophils (10^9/L)"
    (found,) = told(tmp_path / "s", protocol, [head, *rows], "values.differential")
    assert (found.patient, found.place.cell) == ("7", "C9")


@pytest.mark.parametrize(("column", "n"), [("Platelets (10^9/L)", 1), ("LDH (U/L)", 0)])
def test_a_variable_of_another_measurement(tmp_path: Path, column: str, n: int) -> None:
    rows = [f"{i},{180 + i},{200 + i}" for i in range(12)]
    protocol = f'[variables.ldh]\ncolumn = "{column}"\nkind = "continuous"\n'
    head = "patient,LDH (U/L),Platelets (10^9/L)"
    found = told(tmp_path / "s", protocol, [head, *rows], "variables.other-measurement")
    assert [p.place.key for p in found] == ["variables.ldh.column"] * n


# ---- endpoints as a whole ----
BOTH = '[endpoints.pfs]\ncensoring = "last_contact"\n[endpoints.os]\n[response]\nsource="charted"\n'
DATED = (
    "patient,treatment_start,progression_date,death_date,vital_status,last_contact,best_response"
)


def courses(n: int, change: dict[int, str]) -> list[str]:
    rows = []
    for i in range(n):
        dead = i % 2 == 0
        death = f"2019-0{1 + i % 9}-11" if dead else ""
        end = death or "2019-12-01"
        best = "PD" if i % 4 == 0 else "SD"
        progression = "2018-04-20" if best == "PD" else "2018-11-03"
        row = f"{i},2018-03-01,{progression},{death},{'dead' if dead else 'alive'},{end},{best}"
        rows.append(change.get(i, row))
    return [DATED, *rows]


CHANGES = {
    "response.progression-without-event": ({8: "8,2018-03-01,,,alive,2019-12-01,PD"}, ["8"]),
    "response.progression-late": (
        {8: "8,2018-03-01,2019-05-02,,alive,2019-12-01,PD"},
        ["8"],
    ),
    "survival.nobody-censored": (
        {i: f"{i},2018-03-01,2018-11-03,2019-12-01,dead,2019-12-01,SD" for i in range(24) if i % 2},
        [None],
    ),
}


@pytest.mark.parametrize("id_", CHANGES)
def test_progression_and_death_of_dated_charts(tmp_path: Path, id_: str) -> None:
    change, patients = CHANGES[id_]
    assert told(tmp_path / "clean", BOTH, courses(24, {}), id_) == []
    assert [p.patient for p in told(tmp_path / "s", BOTH, courses(24, change), id_)] == patients


def test_two_endpoints_that_are_one(tmp_path: Path) -> None:
    id_ = "endpoints.one-and-the-same"
    assert told(tmp_path / "clean", BOTH, courses(24, {}), id_) == []
    same = BOTH.replace("[endpoints.pfs]", '[endpoints.pfs]\nevents = ["death"]')
    (found,) = told(tmp_path / "s", same, courses(24, {}), id_)
    assert found.place.key == "endpoints.os"


@pytest.mark.parametrize(
    ("key", "events", "n"),
    [
        ("pfs", '["death"]', 1),
        ("os", '["death", "progression"]', 1),
        ("pfs", '["progression"]', 0),
        ("os", '["death"]', 0),
        ("mine", '["death", "progression"]', 0),
    ],
)
def test_the_name_of_an_endpoint_and_its_events(
    tmp_path: Path, key: str, events: str, n: int
) -> None:
    protocol = f'[endpoints.{key}]\nevents = {events}\ncensoring = "last_contact"\n'
    found = told(tmp_path / "s", protocol, courses(12, {}), "endpoints.name-against-events")
    assert [p.place.key for p in found] == [f"endpoints.{key}.events"] * n


REDUCED = "".join(
    f'[endpoints.{k}]\ntime = "{k}"\nevent = "{k}_event"\nevent_value = 1\n' for k in ("pfs", "os")
)


@pytest.mark.parametrize(
    ("factor", "unit"), [(4.348, "weeks among months"), (30.4375, "days among months"), (1.0, "")]
)
def test_survival_of_some_in_another_unit(tmp_path: Path, factor: float, unit: str) -> None:
    rows = ["patient,pfs,pfs_event,os,os_event"]
    for i in range(40):
        free = 4 + (i * 7) % 23
        died = i % 3 == 0
        survival = free + 5 + i % 9 if died else free * (factor if i % 2 else 1)
        rows.append(f"{i},{free},{int(died)},{survival:.1f},{int(died)}")
    found = told(tmp_path / "s", REDUCED, rows, "survival.censored-apart")
    assert [unit in p.what for p in found] == [True] * bool(unit)


# ---- what only a workbook can hide ----
def workbook(folder: Path, hidden: bool, *comments: str) -> list[Problem]:
    folder.mkdir()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "patients"
    sheet.append(["patient", "sex", "age"])
    for i in range(8):
        sheet.append([f"P{i}", "male" if i % 2 else "female", 50 + i])
    for k, text in enumerate(comments):
        sheet.cell(k + 2, 3).comment = Comment(text, "Dr. X")
    labs = book.create_sheet("labs")
    labs.append(["patient", "date", "test", "value", "unit"])
    labs.append(["P1", "2018-03-01", "Hb", 12.1, "g/dL"])
    labs.sheet_state = "veryHidden" if hidden else "visible"
    book.save(folder / "data.xlsx")
    (folder / "study.toml").write_text(HEAD + 'data = "data.xlsx"\n', "utf-8")
    return list(read_study(folder).data_problems)


@pytest.mark.parametrize("hidden", [True, False])
def test_a_hidden_sheet_that_is_read_is_told(tmp_path: Path, hidden: bool) -> None:
    found = [p for p in workbook(tmp_path / "s", hidden) if p.id == "layout.hidden-sheet"]
    assert [p.place.sheet for p in found] == ["labs"] * hidden


def test_comments_by_what_they_tell(tmp_path: Path) -> None:
    words = ("new lesion in the liver", "withdrew consent", "checked", "Rezidiv 2019", "死亡")
    found = [p for p in workbook(tmp_path / "s", False, *words) if p.id == "layout.comment"]
    assert sorted((p.severity.name, p.what.split(": ")[-1]) for p in found) == [
        ("NOTE", "C4."),
        ("WARNING", "C2, C5, C6."),
        ("WARNING", "C3."),
    ]
    assert not any("lesion in the liver" in str(p) for p in found)
