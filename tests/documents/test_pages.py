"""Pages of the manuscript as LibreOffice makes them: where captions, heads and notes fall."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

import oncohort as oc
from declared_at_once import write_declared
from oncohort import documents
from oncohort.displays.figures import draw_all
from oncohort.displays.tables import Column, Table, row
from oncohort.documents.word_tables import continued, padded
from oncohort.study.demo import write_demo
from varied_studies import STUDIES, write_study

needs_office = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="needs LibreOffice (soffice)"
)


def has_japanese_font() -> bool:
    """Has the machine a font with Japanese letters? Without one a PDF holds no text of them."""
    if shutil.which("fc-list") is None:
        return False
    found = subprocess.run(["fc-list", ":lang=ja"], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip())


needs_japanese_font = pytest.mark.skipif(
    not has_japanese_font(), reason="needs a font with Japanese letters"
)


def written(results: Any, template: bytes | None = None) -> dict[str, bytes]:
    paper, protocol = results.paper, results.study.protocol
    images = draw_all(paper.figures.values(), ("png",))
    return {
        "manuscript": documents.write_manuscript(paper, protocol, images, template),
        "supplement": documents.write_supplement(paper, protocol, images, template),
    }


@cache
def demo(folder: Path) -> dict[str, bytes]:
    return written(oc.read_study(write_demo(folder / "study")).run())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


def pages_of(data: bytes, folder: Path, name: str) -> list[tuple[float, list[Any]]]:
    """(height, lines of text with their places) of each page."""
    import pdfplumber

    (folder / f"{name}.docx").write_bytes(data)
    home = f"-env:UserInstallation=file://{folder}/office"
    command = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*command, str(folder / f"{name}.docx")], check=True, capture_output=True)
    with pdfplumber.open(folder / f"{name}.pdf") as pdf:
        return [
            (
                float(page.height),
                [
                    *page.extract_text_lines(),
                    *({"text": "", "top": i["top"], "bottom": i["bottom"]} for i in page.images),
                ],
            )
            for page in pdf.pages
        ]


FOOT = re.compile(r".*Page \d+ of \d+")
CAPTION = re.compile(r"(Table|Figure)\sS?[IVX\d]+\. ")


@needs_office
def test_pages_of_the_built_in_manuscript(folder: Path) -> None:
    pages = pages_of(demo(folder)["manuscript"], folder, "manuscript")
    assert len(pages) <= 8
    text = "\n".join(line["text"] for _, lines in pages for line in lines)
    assert len(re.findall(r"^Table [IVX]+\. ", text, re.M)) == 3
    assert len(re.findall(r"^Figure \d\. ", text, re.M)) == 2
    for height, lines in pages[:-1]:
        body = [line for line in lines if not FOOT.match(line["text"])]
        assert max(line["bottom"] for line in body) > height / 2, "a page is half empty"


def fill(page: tuple[float, list[Any]]) -> float:
    """How far down a page its last line or figure stands, as a share of its height."""
    height, lines = page
    body = [line["bottom"] for line in lines if not FOOT.match(line["text"])]
    return max(body, default=0.0) / height


@needs_office
@pytest.mark.parametrize("name", ["demo", "everything", "five groups", "many variables"])
def test_no_page_of_a_supplement_is_half_empty(folder: Path, name: str) -> None:
    if name == "demo":
        data = demo(folder)["supplement"]
    else:
        place = folder / f"supplement_{name.split()[0]}"
        study = (
            write_declared(place) if name == "everything" else write_study(place, **STUDIES[name])
        )
        data = written(oc.read_study(study).run())["supplement"]
    pages = pages_of(data, folder, f"supplement_{name.split()[0]}")
    upright = [p for p in pages if p[0] > 700]
    assert [i for i, p in enumerate(upright[:-1], 1) if fill(p) <= 0.5] == []


def test_a_table_wider_than_the_page_stands_last_on_its_side(folder: Path) -> None:
    made = docx.Document(io.BytesIO(written(wide(folder))["manuscript"]))
    assert made.sections[-1].page_width > made.sections[-1].page_height
    assert all(s.page_width < s.page_height for s in made.sections[:-1])
    captions = [p.text for p in made.paragraphs if p.style.name == "Caption"]
    assert captions[-1].startswith("Table\u00a0II. ")
    codes = re.findall(r"SEQ Table [^<]*", made.element.xml)
    assert [c.strip() for c in codes] == [
        "SEQ Table \\* ROMAN",
        "SEQ Table \\* ROMAN \\r 3",
        "SEQ Table \\* ROMAN \\r 2",
    ]


@cache
def wide(folder: Path) -> Any:
    return oc.read_study(write_declared(folder / "wide", n=60)).run()


def test_numbers_in_brackets_stand_below_each_other() -> None:
    columns = (Column("Event", align="left"), Column("n (%)"), Column("HR (95% CI)"))
    rows = (
        row("All", "42 (100)", "1 (ref.)"),
        row("Rash", "22 (52.4)", "0.78 (0.39\u20131.56)"),
        row("Pain", "4 (9.5)", "12.00 (10.05\u2013134.9)"),
    )
    made = padded(Table("x", "", "", columns, rows))
    assert [r.cells[1].text for r in made.rows] == ["42 (100)", "22 (52.4)", "4 (\u00a0\u00a09.5)"]
    assert made.rows[1].cells[2].text == "0.78 (\u00a0\u00a00.39\u20131.56)"


@needs_office
@pytest.mark.parametrize("which", ["manuscript", "supplement"])
def test_captions_stay_with_their_displays(folder: Path, which: str) -> None:
    for _, lines in pages_of(demo(folder)[which], folder, which):
        texts = [line["text"] for line in lines if not FOOT.match(line["text"])]
        texts = [t for t in texts if t]
        for i, text in enumerate(texts):
            if re.match(r"Table\sS?[IVX\d]+\. ", text):
                assert i + 3 < len(texts), texts
            if re.match(r"Figure\sS?\d+\. ", text):
                tops = [line["top"] for line in lines if line["text"] == text]
                drawn = [line["bottom"] for line in lines if not line["text"]]
                assert any(bottom <= tops[0] + 2 for bottom in drawn), "a caption without a figure"


@needs_office
def test_no_value_is_broken(folder: Path) -> None:
    """No cell of a table continues on the next line in the middle of a number or a word."""
    study = write_study(folder / "many", n=60, variables=12)
    data = written(oc.read_study(study).run())["manuscript"]
    text = "\n".join(line["text"] for _, lines in pages_of(data, folder, "many") for line in lines)
    assert not re.search(r"^\s*[\d.]+\)\s*$|\($|<0\.0*$", text, re.M)
    assert "n =\n" not in text and "95%\nCI" not in text


@needs_office
@needs_japanese_font
def test_japanese_stands_in_the_pages(folder: Path) -> None:
    study = write_study(folder / "japanese", **STUDIES["japanese"])
    data = written(oc.read_study(study).run())["manuscript"]
    text = "".join(line["text"] for _, lines in pages_of(data, folder, "ja") for line in lines)
    assert "術後補助療法" in text


def test_a_long_group_is_continued_under_its_name() -> None:
    columns = (Column("Country", align="left"), Column("n"))
    rows = (row("Country, n", ""), *(row(f"C{i}", str(i), indent=1) for i in range(50)))
    made = continued(Table("x", "Table I", "x", columns, rows))
    heads = [r.cells[0].text for r in made.rows if r.indent == 0]
    assert heads == ["Country, n", "Country, n (continued)", "Country, n (continued)"]
    assert len(made.rows) == 53


def test_references_to_displays_are_fields(folder: Path) -> None:
    xml = docx.Document(io.BytesIO(demo(folder)["manuscript"])).element.xml
    marks = set(re.findall(r'bookmarkStart[^>]*w:name="([^"]+)"', xml))
    fields = set(re.findall(r" REF (\S+) ", xml))
    assert fields and fields <= marks
    assert {
        "_Ref_table_baseline",
        "_Ref_figure_survival",
        "_Num_figure_waterfall",
    } <= fields | marks
    assert "_Num_figure_waterfall" in fields or "_Ref_figure_waterfall" in fields


def test_numbers_of_a_column_end_in_one_line(folder: Path) -> None:
    """One digit is moved right by the width of the digit that it lacks."""
    table = docx.Document(io.BytesIO(demo(folder)["manuscript"])).tables[0]
    moved = {}
    for line in table.rows:
        cell = line.cells[1]
        if re.match(r"\d+ ?\(|\d+\u00a0\(", cell.text):
            whole = re.match(r"\d+", cell.text)
            assert whole is not None
            moved[len(whole[0])] = cell.paragraphs[0].paragraph_format.left_indent.mm
    assert moved[1] - moved[2] == pytest.approx(8.5 * 0.353 * 0.556, abs=0.05)


def test_a_template_gives_page_and_styles(folder: Path) -> None:
    from docx.shared import Mm, Pt

    template = docx.Document()
    template.add_paragraph("Text of the journal that must go")
    template.styles["Normal"].font.name = "Georgia"
    template.styles["Normal"].font.size = Pt(12)
    template.sections[0].page_width = Mm(216)
    template.sections[0].header.paragraphs[0].text = "Journal of Things"
    out = io.BytesIO()
    template.save(out)
    results = oc.read_study(write_study(folder / "template")).run()
    made = docx.Document(io.BytesIO(written(results, out.getvalue())["manuscript"]))
    assert made.styles["Normal"].font.name == "Georgia"
    assert made.sections[0].page_width.mm == pytest.approx(216, abs=0.1)
    assert made.sections[0].header.paragraphs[0].text == "Journal of Things"
    assert not any("must go" in p.text for p in made.paragraphs)
    used = {p.style.name for p in made.paragraphs}
    assert {"Title", "Heading 1", "Caption", "Table Note"} <= used
    assert made.element.find(qn("w:body")) is not None
