"""JSON, CSV and Word files."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from functools import cache
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from oncohort import documents
from oncohort.analyses.result import Curve, Numbers, Result, key_of
from oncohort.displays.figures import draw_all
from oncohort.displays.tables import Column, Table, row
from paper_fixture import LONG, SECRET, made_up, paper_of


def test_json_is_sorted_and_the_same_again() -> None:
    numbers = made_up()[0]
    text = documents.to_json(numbers)
    assert text == documents.to_json(numbers)
    data = json.loads(text)
    assert data["schema_version"] == 1
    assert list(data["estimates"]) == sorted(data["estimates"])
    assert data["estimates"]["response.orr.percent"]["n"] == 42
    assert data["populations"]["cohort"]["patients"][0] == f"{SECRET}001"


def test_shared_json_has_no_patient() -> None:
    text = documents.to_json(made_up()[0], share=True)
    assert SECRET not in text
    data = json.loads(text)
    assert data["populations"]["cohort"]["n"] == 42
    assert "response.waterfall" not in data["curves"]
    assert "survival.os.curve" in data["curves"]


def test_json_refuses_nan() -> None:
    bad = Numbers([Result("a", (), (Curve(key_of("a", "c"), "x", {"v": (float("nan"),)}),))])
    with pytest.raises(ValueError, match="not JSON compliant"):
        documents.to_json(bad)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", " =", "\r=", "\n="])
def test_csv_runs_no_formula(start: str) -> None:
    table = Table(
        "x", "", "", (Column("a"), Column("b", ("s",))), (row(start + "A1", start + "cmd|2"),)
    )
    lines = list(csv.reader(io.StringIO(documents.to_csv(table))))
    assert lines[0] == ["a", "s: b"]
    assert all(cell.lstrip().startswith("'") for cell in lines[1])
    assert "\r" not in documents.to_csv(table)


def test_csv_of_every_table() -> None:
    paper = paper_of()[0]
    for table in paper.tables.values():
        lines = list(csv.reader(io.StringIO(documents.to_csv(table))))
        assert len(lines) == len(table.rows) + 1
        assert {len(line) for line in lines} == {len(table.columns)}
    safety = documents.to_csv(paper.tables["safety"])
    assert "'=Nausea & <i>vomiting</i>" in safety


@cache
def manuscript() -> bytes:
    paper, numbers, protocol, context = paper_of(left_out=True)
    images = draw_all(paper.figures.values(), ("png",))
    return documents.write_manuscript(paper, numbers, protocol, context, images)


@cache
def opened() -> Any:
    return docx.Document(io.BytesIO(manuscript()))


def test_word_is_the_same_again() -> None:
    paper, numbers, protocol, context = paper_of(left_out=True)
    images = draw_all(paper.figures.values(), ("png",))
    assert documents.write_manuscript(paper, numbers, protocol, context, images) == manuscript()
    with zipfile.ZipFile(io.BytesIO(manuscript())) as file:
        assert {i.date_time for i in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = file.read("docProps/core.xml").decode()
    assert "2020-01-01" in core and "python-docx" not in core


def test_word_has_every_table_with_head_rows_that_repeat() -> None:
    paper = paper_of(left_out=True)[0]
    tables = opened().tables
    assert len(tables) == len(paper.tables)
    for made, table in zip(tables, paper.tables.values(), strict=False):
        depth = table.spanner_depth + 1
        assert len(made.rows) == depth + len(table.rows)
        for i, line in enumerate(made.rows):
            properties = line._tr.trPr
            assert (properties.find(qn("w:tblHeader")) is not None) == (i < depth)
            assert properties.find(qn("w:cantSplit")) is not None


def test_word_tables_keep_their_widths() -> None:
    for made in opened().tables:
        grid = [int(c.get(qn("w:w"))) for c in made._tbl.tblGrid.findall(qn("w:gridCol"))]
        layout = made._tbl.tblPr.find(qn("w:tblLayout"))
        assert layout.get(qn("w:type")) == "fixed"
        whole = int(made._tbl.tblPr.find(qn("w:tblW")).get(qn("w:w")))
        assert sum(grid) == pytest.approx(whole, abs=len(grid))
        assert whole <= 261 / 25.4 * 1440 + 2


TABLE_ORDER = ["tblStyle", "tblW", "jc", "tblInd", "tblBorders", "tblLayout", "tblCellMar",
               "tblLook", "tblCaption"]  # fmt: skip
CELL_ORDER = ["tcW", "gridSpan", "vMerge", "tcBorders", "shd", "noWrap", "tcMar", "vAlign"]


def test_word_properties_stand_in_the_schema_order() -> None:
    """Word calls a file damaged whose children stand in another order."""

    def in_order(element: Any, order: list[str]) -> None:
        names = [child.tag.split("}")[1] for child in element]
        assert names == sorted(names, key=order.index)

    for made in opened().tables:
        in_order(made._tbl.tblPr, TABLE_ORDER)
        for cell in made._tbl.iter(qn("w:tcPr")):
            in_order(cell, CELL_ORDER)
        for borders in made._tbl.iter(qn("w:tcBorders")):
            in_order(borders, ["top", "left", "bottom", "right"])


def test_word_captions_have_fields() -> None:
    xml = opened().element.xml
    codes = re.findall(r"<w:instrText[^>]*>([^<]+)<", xml)
    assert sum("SEQ Table " in c for c in codes) == 3
    assert sum("SEQ Figure " in c for c in codes) == 2
    assert any("SEQ Table_S " in c for c in codes)
    footer = opened().sections[0].footer._element.xml
    assert "PAGE" in footer and "NUMPAGES" in footer


def test_word_figures_have_alt_text_and_fit_the_page() -> None:
    paper = paper_of(left_out=True)[0]
    shapes = opened().inline_shapes
    assert len(shapes) == len(paper.figures)
    for shape in shapes:
        assert shape._inline.docPr.get("descr")
        assert shape.width.mm <= 174.1 and shape.height.mm <= 226


def test_word_names_no_patient_and_escapes_labels() -> None:
    with zipfile.ZipFile(io.BytesIO(manuscript())) as file:
        for name in file.namelist():
            assert SECRET.encode() not in file.read(name)
    text = "\n".join(c.text for t in opened().tables for r in t.rows for c in r.cells)
    assert LONG in text
    whole = "\n".join(p.text for p in opened().paragraphs)
    assert "Left out: progression-free survival" in whole
    assert "synthetic" in whole


def test_word_takes_control_characters() -> None:
    paper, numbers, protocol, context = paper_of(texts=(("discussion", "bad \x0b\x00 char"),))
    data = documents.write_manuscript(paper, numbers, protocol, context, {})
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(data)).paragraphs)
    assert "bad  char" in text
    assert "This figure was not drawn." in text
