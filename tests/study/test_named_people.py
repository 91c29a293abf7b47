"""Patients' names that the chart itself holds are found where the paper would print them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from oncohort.records.personal import find_personal, people_in
from oncohort.study.deidentify.copying import deidentify
from oncohort.study.study import read_study

FIRST = ("Erika", "Hans", "Anna", "Klaus", "Petra", "Jürgen", "Sabine", "Dieter")
LAST = ("Mustermann", "Huber", "Krause", "Vogel", "Albrecht", "Winkler", "Lorenz", "Brandt")
PROTOCOL = """[study]
schema = 1
title = "{title}"
data = "chart.csv"
[variables.age]
label = "{label}"
[variables.histology]
[baseline]
variables = ["age", "histology"]
"""


def study(
    folder: Path, title: str = "A study", label: str = "Age", cell: str = "", split: bool = False
) -> Path:
    folder.mkdir()
    names = [(FIRST[k % 8], LAST[(k * 3) % 8]) for k in range(24)]
    with (folder / "chart.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(
            ["patient", *(("Vorname", "Nachname") if split else ("Name",)), "age", "histology"]
        )
        for k, (first, last) in enumerate(names):
            called = (first, last) if split else (f"{last}, {first}",)
            kind = ("clear cell", "papillary")[k % 2]
            lines.writerow([f"K{k:03}", *called, 40 + k, cell if cell and k == 5 else kind])
    (folder / "study.toml").write_text(PROTOCOL.format(title=title, label=label), encoding="utf-8")
    return folder


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("written", ["Hans Vogel", "VOGEL, Hans", "the case of hans vogel (2015)"])
def test_a_name_in_a_title_is_left_out_and_told(tmp_path: Path, written: str, split: bool) -> None:
    done = read_study(study(tmp_path / "s", title=written, label=f"Age ({written})", split=split))
    told = {p.place.key for p in done.problems if p.id == "protocol.names-patient"}
    assert told == {"study.title", "variables.age.label"}
    assert "[removed]" in done.protocol.study.title
    assert "ogel" not in done.protocol.study.title.lower()


def test_words_that_are_one_half_of_a_name_stay(tmp_path: Path) -> None:
    done = read_study(study(tmp_path / "s", title="A study after Krause of Hans and Anna"))
    assert done.protocol.study.title == "A study after Krause of Hans and Anna"
    assert not [p for p in done.problems if p.id == "protocol.names-patient"]


def test_a_name_in_a_level_leaves_its_variable_out(tmp_path: Path) -> None:
    done = read_study(study(tmp_path / "s", cell="papillary like Anna Lorenz"))
    (told,) = [p for p in done.problems if p.id == "variables.names-patients"]
    assert "names" in told.what and told.place.key == "variables.histology"
    tables = done.run().write(tmp_path / "out") / "tables"
    assert "Lorenz" not in (tables / "baseline.csv").read_text(encoding="utf-8")


def test_the_copy_has_no_name_of_the_chart(tmp_path: Path) -> None:
    where = study(
        tmp_path / "s",
        title="Of Hans Vogel",
        label="Years of Anna Lorenz",
        cell="seen by Hans Vogel",
    )
    deidentify(where, tmp_path / "copy")
    for path in (tmp_path / "copy").rglob("*"):
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        assert "Vogel" not in text and "Lorenz" not in text, path


def test_numbers_and_names_of_a_column_are_people() -> None:
    held = {
        "Versichertennummer": ["A123456789", "B987654321"],
        "Name": ["Anna Schmidt", "de la Cruz, Maria"],
        "age": [60, 61],
    }
    found = find_personal(tuple(held), tuple(held.values()))
    people = people_in(found, held)
    assert {"Anna Schmidt", "Schmidt Anna", "de la Cruz Maria"} & people >= {"Anna Schmidt"}
    assert "60" not in people
