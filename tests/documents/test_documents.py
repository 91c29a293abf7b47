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
from oncohort.analyses.result import Curve, Numbers, Population, Result, key_of
from oncohort.displays.figures import draw_all
from oncohort.displays.spans import Span
from oncohort.displays.tables import Column, Table, row
from oncohort.documents import word_tables, word_text
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


def many(n: int) -> Numbers:
    """A curve and a population of many patients, and small ones."""
    who = tuple(f"{SECRET}{i}" for i in range(n))
    curves = (
        Curve(key_of("response", "waterfall"), "x", {"patient": who, "change": tuple(range(n))}),
        Curve(key_of("survival", "os", "curve"), "x", {"time": tuple(range(n)), "y": (0.5,) * n}),
        Curve(key_of("survival", "pfs", "curve"), "x", {"time": (0, 1), "y": (1.0, 0.5)}),
    )
    people = (Population("cohort", "All", who), Population("few", "Few", who[:3]))
    return Numbers([Result("a", (), curves, people)])


def test_what_is_long_is_counted_and_stands_in_a_file() -> None:
    text = documents.to_json(many(200_000))
    assert len(text) < 2000
    data = json.loads(text)
    assert data["populations"]["cohort"] == {
        "label": "All", "n": 200_000, "file": "evidence/populations.parquet"
    }  # fmt: skip
    assert len(data["populations"]["few"]["patients"]) == 3
    assert data["curves"]["survival.pfs.curve"]["columns"]["y"] == [1.0, 0.5]
    long = data["curves"]["survival.os.curve"]
    assert "columns" not in long and long["rows"] == 200_000
    files = documents.long_curves(many(200_000))
    assert files[long["file"]].decode().splitlines()[:3] == ["time,y", "0,0.5", "1,0.5"]
    assert set(files) == {"curves/survival.os.curve.csv", "evidence/curves/response.waterfall.csv"}


def test_long_curves_hold_no_formula() -> None:
    who = tuple(f"=1+{i}" for i in range(70_000))
    columns = {"patient": who, "change": tuple(-i for i in range(70_000))}
    curve = Curve(key_of("response", "waterfall"), "x", columns)
    (file,) = documents.long_curves(Numbers([Result("a", (), (curve,), ())])).values()
    assert file.decode().splitlines()[:3] == ["patient,change", "'=1+0,0", "'=1+1,-1"]


def test_long_curves_of_patients_are_never_shared() -> None:
    assert set(documents.long_curves(many(200_000), share=True)) == {"curves/survival.os.curve.csv"}
    data = json.loads(documents.to_json(many(200_000), share=True))
    assert data["populations"]["few"] == {"label": "Few", "n": 3}
    assert not documents.long_curves(many(10))


def test_one_line_for_each_number() -> None:
    """Two files can be compared line by line."""
    numbers = made_up()[0]
    lines = documents.to_json(numbers).splitlines()
    start = lines.index('"estimates": {') + 1
    own = lines[start : start + len(numbers)]
    assert [json.loads(f"[{line.strip().partition(': ')[0]}]")[0] for line in own] == sorted(
        numbers
    )


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
    paper, _, protocol, _ = paper_of(left_out=True)
    images = draw_all(paper.figures.values(), ("png",))
    return documents.write_manuscript(paper, protocol, images)


@cache
def supplement() -> bytes:
    paper, _, protocol, _ = paper_of(left_out=True)
    images = draw_all(paper.figures.values(), ("png",))
    return documents.write_supplement(paper, protocol, images)


@cache
def opened(which: str = "manuscript") -> Any:
    data = {"manuscript": manuscript, "supplement": supplement}[which]()
    return docx.Document(io.BytesIO(data))


BOTH = pytest.mark.parametrize("which", ["manuscript", "supplement"])


def test_word_is_the_same_again() -> None:
    paper, _, protocol, _ = paper_of(left_out=True)
    images = draw_all(paper.figures.values(), ("png",))
    assert documents.write_manuscript(paper, protocol, images) == manuscript()
    with zipfile.ZipFile(io.BytesIO(manuscript())) as file:
        assert {i.date_time for i in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = file.read("docProps/core.xml").decode()
    assert "2020-01-01" in core and "python-docx" not in core


def test_main_displays_stand_in_the_manuscript_and_all_others_in_the_supplement() -> None:
    paper = paper_of(left_out=True)[0]
    for which, main in (("manuscript", True), ("supplement", False)):
        figures = [f for f in paper.figures.values() if f.shown and f.main is main]
        assert len(opened(which).inline_shapes) == len(figures)
        titles = [t.title for t in paper.tables.values() if t.shown and t.main is main]
        captions = [p.text for p in opened(which).paragraphs if p.style.name == "Caption"]
        assert all(any(title in c for c in captions) for title in titles)
        assert len(captions) == len(figures) + len(titles)


@BOTH
def test_word_has_every_table_with_head_rows_that_repeat(which: str) -> None:
    paper = paper_of(left_out=True)[0]
    tables = opened(which).tables
    main = which == "manuscript"
    wanted = [t for t in paper.tables.values() if t.shown and t.main is main]
    assert len(tables) == len(wanted)
    for made, table in zip(tables, wanted, strict=True):
        depth = table.spanner_depth + 1
        assert len(made.rows) == depth + len(table.rows)
        for i, line in enumerate(made.rows):
            properties = line._tr.trPr
            assert (properties.find(qn("w:tblHeader")) is not None) == (i < depth)
            assert properties.find(qn("w:cantSplit")) is not None


@BOTH
def test_word_tables_keep_their_widths(which: str) -> None:
    for made in opened(which).tables:
        grid = [int(c.get(qn("w:w"))) for c in made._tbl.tblGrid.findall(qn("w:gridCol"))]
        layout = made._tbl.tblPr.find(qn("w:tblLayout"))
        assert layout.get(qn("w:type")) == "fixed"
        whole = int(made._tbl.tblPr.find(qn("w:tblW")).get(qn("w:w")))
        assert sum(grid) == pytest.approx(whole, abs=len(grid))
        assert whole <= 261 / 25.4 * 1440 + 2


TABLE_ORDER = ["tblStyle", "tblW", "jc", "tblInd", "tblBorders", "tblLayout", "tblCellMar",
               "tblLook", "tblCaption"]  # fmt: skip
CELL_ORDER = ["tcW", "gridSpan", "vMerge", "tcBorders", "shd", "noWrap", "tcMar", "vAlign"]


@BOTH
def test_word_properties_stand_in_the_schema_order(which: str) -> None:
    """Word calls a file damaged whose children stand in another order."""

    def in_order(element: Any, order: list[str]) -> None:
        names = [child.tag.split("}")[1] for child in element]
        assert names == sorted(names, key=order.index)

    for made in opened(which).tables:
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
    more = re.findall(r"<w:instrText[^>]*>([^<]+)<", opened("supplement").element.xml)
    assert any("SEQ Table_S " in c for c in more)
    footer = opened().sections[0].footer._element.xml
    assert "PAGE" in footer and "NUMPAGES" in footer


@BOTH
def test_word_figures_have_alt_text_and_fit_the_page(which: str) -> None:
    for shape in opened(which).inline_shapes:
        assert shape._inline.docPr.get("descr")
        assert shape.width.mm <= 174.1 and shape.height.mm <= 226


def test_word_names_no_patient_and_escapes_labels() -> None:
    for data in (manuscript(), supplement()):
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            for name in file.namelist():
                assert SECRET.encode() not in file.read(name)
    text = "\n".join(c.text for t in opened().tables for r in t.rows for c in r.cells)
    assert LONG in text
    whole = "\n".join(p.text for p in opened().paragraphs)
    assert "Left out: progression-free survival" in whole
    assert "synthetic" in whole


def test_word_takes_control_characters() -> None:
    paper, _, protocol, _ = paper_of(texts=(("discussion", "bad \x0b\x00 char"),))
    data = documents.write_manuscript(paper, protocol, {})
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(data)).paragraphs)
    assert "bad  char" in text
    assert "This figure was not drawn." in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("All patients (n = 42)", "All patients (n\u00a0=\u00a042)"),
        ("95% CI 7.4\u201314.2", "95%\u00a0CI 7.4\u201314.2"),
        ("14 (33.3)", "14\u00a0(33.3)"),
        ("patients (of 3)", "patients (of 3)"),
    ],
)
def test_word_keeps_numbers_together(text: str, shown: str) -> None:
    made = docx.Document().add_paragraph()
    word_text.runs(made, (Span(text),))
    assert made.text == shown


@pytest.mark.parametrize("width", [174.0, 261.0])
def test_a_column_is_as_wide_as_its_values_where_the_page_is(width: float) -> None:
    long = "0.44 (0.16\u20131.17)"
    columns = (Column("Variable", align="left", width=9), Column("HR (95% CI)", width=0.1))
    table = Table("x", "", "", columns, (row("Age", long), row("A long name of a variable", "1")))
    widths = word_tables.widths_mm(table, width)
    assert sum(widths) == pytest.approx(width)
    assert word_tables.folded(table.rows[0].cells[1], widths[1]) == table.rows[0].cells[1]
    narrow = word_tables.widths_mm(table, 20.0)
    assert sum(narrow) == pytest.approx(20.0)


def test_rows_stay_with_their_head_their_group_and_their_notes() -> None:
    paper = paper_of(left_out=True)[0]
    table = paper.tables["baseline"]
    made = opened().tables[0]
    depth = table.spanner_depth + 1
    kept = [r.cells[0].paragraphs[0].paragraph_format.keep_with_next for r in made.rows]
    assert all(kept[: depth + 2])
    assert all(kept[-2:])
    body = kept[depth:]
    for i, line in enumerate(table.rows[:-1]):
        if table.rows[i + 1].indent:
            assert body[i], line.cells[0].text
    assert not all(body)  # a long table may break between two variables
