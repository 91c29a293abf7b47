"""Legends that a chart gives to its own codes, wherever and however it writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cohort import DEATHS, PEOPLE, months
from openpyxl import Workbook
from openpyxl.comments import Comment

from oncohort.study.new import new_study
from oncohort.study.study import read_study

HEADERS = (
    "Dead (1) / Alive (0)", "Vivant=0/Décédé=1", "Status (dead=1, alive=0)",
    "Status: dead 1, alive 0", "Status 0-alive 1-dead", "Status 0/1 = alive/dead",
    "Status (alive/dead = 0/1)", "Status [0: alive | 1: dead]", "verstorben=1, lebend=0",
    "Verstorben (1), lebend (0)", "Status (1 = verstorben; 0 = lebend)", "Vivo 0 / Muerto 1",
    "Stato (0=vivo 1=deceduto)", "Status (0 - żyje, 1 - zgon)", "生存0 死亡1",
    "転帰（0：生存、1：死亡）", "转归 0=存活；1=死亡", "사망=1, 생존=0", "Durum (0: sağ, 1: ölü)",
    "Overleden (1=ja, 0=nee)", "Óbito (sim=1/não=0)", "Status (1 if dead, 0 if alive)",
    "Status\n1 = dead\n0 = alive", "Status (0→alive, 1→dead)", "OS event: censored=0 death=1",
)  # fmt: skip
NOTES = (
    "Status: 0 = alive, 1 = dead", "Status: alive = 0, dead = 1", "0 = alive, 1 = dead (Status)",
    "Status 0 alive 1 dead", "Dead=1, alive=0", "Status: 1 verstorben, 0 lebt",
    "* Status coded as 1 (dead) and 0 (alive)",
    "Legend: Status 1=dead;0=alive. Sex 1=male;2=female",
)  # fmt: skip
COMMENTS = (*NOTES[:-1], "Dr X:\n0: alive\n1: dead")
BOOKS: dict[str, list[list[Any]]] = {
    "rows": [["Variable", "Code", "Meaning"], ["Status", 0, "alive"], ["Status", 1, "dead"]],
    "meaning first": [["Name", "Meaning", "Code"], ["Status", "alive", 0], ["Status", "dead", 1]],
    "names once": [["Variable", "Code", "Meaning"], ["Status", 0, "alive"], [None, 1, "dead"],
                   ["Age", None, "in years"]],
    "one cell": [["Variable", "Values"], ["Age", "years"], ["Status", "0 = alive; 1 = dead"]],
    "turned": [["Variable", "What", "Values"], ["Age", "at start", "years"],
               ["Status", "vital status at last contact", "alive=0, dead=1"]],
    "lines": [["Explanations"], ["Status: 0 = alive, 1 = dead"], ["OS months: from cycle 1"]],
    "no sign": [["Item", "Coding"], ["OS months", "from start"], ["Status", "0 alive, 1 dead"]],
    "below the names": [["Sex", "Status"], ["1 = male", "0 = alive"], ["2 = female", "1 = dead"]],
    "blocks": [["Status"], [0, "alive"], [1, "dead"], [], ["Sex"], [1, "male"], [2, "female"]],
}  # fmt: skip


def deaths(
    folder: Path,
    header: str = "Status",
    *,
    note: str = "",
    comment: str = "",
    book: list[list[Any]] | None = None,
    before: bool = False,
) -> tuple[list[str], float | None]:
    """What is asked of a chart of times and codes, and the deaths that are counted."""
    workbook = Workbook()
    page = workbook.active
    page.title = "Data"
    page.append(["ID", "Age", "OS months", header])
    for p in PEOPLE:
        page.append([p.number, p.age, months(p), int(p.dead)])
    if note:
        page.append([])
        page.append([note])
    if comment:
        page.cell(1, 4).comment = Comment(comment, "x")
    if book is not None:
        explained = workbook.create_sheet("Codebook", 0 if before else 1)
        for row in book:
            explained.append(row)
    workbook.save(folder / "chart.xlsx")
    made = new_study(folder / "study", folder / "chart.xlsx")
    results = read_study(made.folder).run()
    found = {e.id: e.value for r in results.numbers.results for e in r.estimates}
    return [q.name for q in made.questions], found.get("survival.os.events")


@pytest.mark.parametrize("header", HEADERS)
def test_a_legend_in_the_name_is_evidence(header: str, tmp_path: Path) -> None:
    assert deaths(tmp_path, header) == ([], DEATHS)


@pytest.mark.parametrize("note", NOTES)
def test_a_legend_below_the_table_is_evidence(note: str, tmp_path: Path) -> None:
    assert deaths(tmp_path, note=note) == ([], DEATHS)


@pytest.mark.parametrize("comment", COMMENTS)
def test_a_comment_on_the_name_is_evidence(comment: str, tmp_path: Path) -> None:
    assert deaths(tmp_path, comment=comment) == ([], DEATHS)


@pytest.mark.parametrize("before", [True, False], ids=["first", "last"])
@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS)
def test_a_codebook_is_evidence(book: list[list[Any]], before: bool, tmp_path: Path) -> None:
    assert deaths(tmp_path, book=book, before=before) == ([], DEATHS)


@pytest.mark.parametrize(
    "said",
    ["Status (codes 0, 1)", "Status 0 1", "Status (1 = see letter, 0 = open)", "Status (0/1)",
     "Status 0/1 = a/b/c"],
)  # fmt: skip
def test_what_says_no_meaning_is_asked(said: str, tmp_path: Path) -> None:
    asked, events = deaths(tmp_path, said)
    assert asked
    assert events is None


def test_a_codebook_of_other_codes_is_none(tmp_path: Path) -> None:
    asked, events = deaths(tmp_path, book=[["Status", 5, "alive"], ["Status", 6, "dead"]])
    assert asked == ["os"]
    assert events is None
