"""Columns: the sheet as Excel shows it, what each column is taken for, groups of columns."""

from __future__ import annotations

import datetime
import random
import re
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Color, Font, PatternFill
from served_site import Site, served  # noqa: F401

from oncohort.app.chart_view import pages_of
from oncohort.app.opened import Opened
from oncohort.app.sheet_view import sheet_view
from oncohort.records.sources.colours import rgb, theme_of
from oncohort.records.sources.marks import look_at
from oncohort.study.new import new_study

TERMS = ("Diarrhea", "Fatigue", "Rash", "Nausea", "Vomiting", "Hypertension")


def coloured(path: Path) -> Path:
    """A workbook of 24 synthetic patients: a title above, colours, a struck cell, grades."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Patients"
    sheet.append(["Chart of Dr. Müller, 0171 5555555"])
    sheet.append([])
    sheet.append(["ID", "Initials", "Sex", "Start", "Last FU", "Dead", "Score", *TERMS])
    dice = random.Random(4)
    for i in range(24):
        start = datetime.date(2019, 1, 1) + datetime.timedelta(days=dice.randrange(600))
        last = start + datetime.timedelta(days=dice.randrange(30, 900))
        sheet.append([i + 1, "A.B.", dice.choice("mf"), start, last, dice.choice(["yes", "no"]),
                      dice.random(), *(dice.choice([0, 0, 1, 2, 3]) for _ in TERMS)])  # fmt: skip
    sheet["C5"].fill = PatternFill("solid", fgColor="FFFF00")
    sheet["D6"].fill = PatternFill("solid", fgColor=Color(theme=4, tint=0.4))
    sheet["E7"].fill = PatternFill("solid", fgColor=Color(indexed=10))
    sheet["A8"].font = Font(strike=True)
    sheet["G9"].number_format = "0%"
    sheet["A9"].comment = Comment("asked for his data to be taken out", "me")
    book.save(path)
    return path


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    new_study(tmp_path / "web", coloured(tmp_path / "chart.xlsx"))
    return Opened(tmp_path / "web")


def test_the_grid_has_rows_letters_and_colours_as_excel_has_them(opened: Opened) -> None:
    (page,) = pages_of(opened)
    view = sheet_view(opened, page)
    assert [letter for letter, _ in view.states][:7] == list("ABCDEFG")
    rows = {r.number: r for r in view.rows}
    assert rows[3].kind == "head" and rows[3].cells[0].text == "ID"
    assert rows[1].kind == "beside" and "Müller" not in rows[1].cells[0].text
    assert rows[5].cells[2].colour == "FFFF00" and "light" in rows[5].cells[2].kind
    assert rows[7].cells[4].colour == "FF0000", "the old palette"
    theme = theme_of(opened.folder / "chart.xlsx")
    assert rows[6].cells[3].colour == rgb("theme 4 0.4", theme) != ""
    assert "struck" in rows[8].cells[0].kind
    assert rows[9].cells[6].text.endswith(" %")
    assert view.colours == 3
    assert all(r.cells[1].text in ("•", "") for r in view.rows if r.kind == "data"), "initials"


def test_what_is_not_settled_stands_first(opened: Opened) -> None:
    (page,) = pages_of(opened)
    uses = {u.column: u for u in sheet_view(opened, page).uses}
    assert uses["ID"].state == "used" and uses["Initials"].state == "personal"
    assert all(uses[t].state == "asked" for t in TERMS)
    states = [u.state for u in sheet_view(opened, page).uses]
    assert states == sorted(states, key=("asked", "open", "used", "out", "personal").index)


def test_a_group_of_columns_is_taken_by_one_button(served: Site, tmp_path: Path) -> None:
    new_study(served.home / "web", coloured(tmp_path / "chart.xlsx"))
    opened = served.library.open(served.home / "web")
    base = f"/s/{opened.key}"
    page = served.get(f"{base}/columns")
    assert "These 6 columns look like adverse-event grades" in page.text
    button = re.search(r'name="slot0" value="([^"]*CTCAE 5.0[^"]*)"', page.text)
    assert button is not None
    done = served.post(
        f"{base}/questions", question="adverse_events", back="columns",
        slot0='"CTCAE 5.0"', version=page.field("version"),
    )  # fmt: skip
    assert "look like adverse-event grades" not in done.text and ">Columns</h1>" in done.text
    uses = {u.column: u for u in sheet_view(opened, pages_of(opened)[0]).uses}
    assert {uses[t].use for t in TERMS} == {"grade (adverse events)"}


def test_a_column_is_taken_left_out_and_read_again(served: Site, tmp_path: Path) -> None:
    new_study(served.home / "web", coloured(tmp_path / "chart.xlsx"))
    opened = served.library.open(served.home / "web")
    base = f"/s/{opened.key}"

    def do(what: str, **more: str) -> int:
        version = served.get(f"{base}/columns").field("version")
        fields = {"table": "patients", "column": "Score", "do": what, "version": version}
        return served.post(f"{base}/columns", **fields, **more).status

    assert do("leave out") == 200
    assert "score" not in opened.study().protocol.variables, "what rests on it goes with it"
    assert do("read") == 200 and do("take", ours="kps") == 200
    assert opened.study().records.cells.tables["patients"].columns["kps"] == "Score"
    before = opened.text
    assert do("take", ours="no such column") == 400 and do("burn") == 400 and do("take") == 400
    assert opened.text == before


def test_a_problem_leads_to_its_cell(served: Site, tmp_path: Path) -> None:
    new_study(served.home / "web", coloured(tmp_path / "chart.xlsx"))
    base = f"/s/{served.library.open(served.home / 'web').key}"
    links = re.findall(r'href="([^"]*columns\?at=[^"]+)"', served.get(f"{base}/problems").text)
    page = served.get(f"{base}/columns?at=chart.xlsx!Patients!C20")
    assert 'id="mark"' in page.text and re.search(r'<td class="[^"]*marked', page.text)
    for link in links:
        assert 'id="mark"' in served.get(link.replace("&amp;", "&")).text
    for strange in ("x", "!!", "../..!a!A1", "chart.xlsx!Patients!<b>"):
        assert served.get(f"{base}/columns?at={strange}").status == 200


def test_colours_of_the_old_palette_are_marks_too(tmp_path: Path) -> None:
    marks = look_at(coloured(tmp_path / "chart.xlsx"), "Patients")
    assert marks.colours["00FF0000"] == [(7, 4)]


def test_examples_stand_with_a_question_and_show_nobody(served: Site, tmp_path: Path) -> None:
    new_study(served.home / "web", coloured(tmp_path / "chart.xlsx"))
    base = f"/s/{served.library.open(served.home / 'web').key}"
    text = served.get(f"{base}/questions").text
    assert "Rows with it" in text and "A.B." not in text


def test_columns_of_endpoints_and_criteria_are_used(tmp_path: Path) -> None:
    rows = [f"{i},{i + 3}.5,{i % 2},{i % 3 + 1},x" for i in range(1, 25)]
    (tmp_path / "chart.csv").write_text("patient,OS months,Died,line,other\n" + "\n".join(rows))
    (tmp_path / "study.toml").write_text(
        '[study]\nschema = 1\ntitle = "A study"\ndata = "chart.csv"\n'
        '[[eligibility.criteria]]\nkey = "line"\nlabel = "Later lines"\ncolumn = "line"\nmax = 2\n'
        '[endpoints.os]\ntime = "OS months"\nevent = "Died"\nevent_value = 1\n'
    )
    opened = Opened(tmp_path)
    uses = {u.column: u for u in sheet_view(opened, pages_of(opened)[0]).uses}
    assert uses["OS months"].use == uses["Died"].use == "endpoint os"
    assert uses["line"].use == "criterion: Later lines"
    assert uses["other"].state == "open"
