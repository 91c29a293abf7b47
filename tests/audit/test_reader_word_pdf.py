"""Word and PDF: merged cells, wrapped labels, two columns of text, damage."""

from __future__ import annotations

import io
import random

import pytest

from oncohort.audit.extract.paper import extract
from oncohort.audit.readers import read_bytes
from oncohort.audit.run import audit_published
from oncohort.problems import ReadError

WORDS = (
    "A total of 42 consecutive patients were included in this study, and the 42 patients were "
    "followed until death. The median OS was {median} months."
)


def word(male: str = "30 (71.4)", median: str = "20.3") -> bytes:
    import docx

    document = docx.Document()
    document.add_heading("Abstract", 1)
    document.add_paragraph("Results: " + WORDS.format(median="20.3"))
    document.add_heading("Results", 1)
    document.add_paragraph(WORDS.format(median=median))
    document.add_paragraph("Table 1. Characteristics of the 42 patients")
    table = document.add_table(rows=6, cols=3)
    cells = [
        ("Variable", "Category", "n (%)"),
        ("Sex", "Male", male),
        ("", "Female", "12 (28.6)"),
        ("Stage", "I", "14 (33.3)"),
        ("", "II", "14 (33.3)"),
        ("", "III", "14 (33.3)"),
    ]
    for row, texts in zip(table.rows, cells, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(3, 0).merge(table.cell(5, 0))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf(lines: list[tuple[float, float, str]], size: float = 9.0) -> bytes:
    """One page with words put where they are told, as a typesetter does."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"pdf.fonttype": 42, "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(8.27, 11.69))
        for x, y, text in lines:
            figure.text(x, y, text, fontsize=size)
        out = io.BytesIO()
        figure.savefig(out, format="pdf")
    return out.getvalue()


def laid_out(male: str = "30 (71.4)") -> bytes:
    rows = [
        ("Sex, n (%)", ""),
        ("  Male", male),
        ("  Female", "12 (28.6)"),
        ("Stage at first diagnosis", ""),
        ("(TNM), n (%)", ""),
        ("  I", "14 (33.3)"),
        ("  II", "14 (33.3)"),
        ("  III", "14 (33.3)"),
    ]
    lines = [(0.1, 0.95, "Results"), (0.1, 0.92, WORDS.format(median="20.3")[:95])]
    lines.append((0.1, 0.905, WORDS.format(median="20.3")[95:]))
    lines.append((0.1, 0.87, "Table 1. Characteristics of the 42 patients"))
    for k, (label, value) in enumerate(rows):
        indent = 0.02 if label.startswith(" ") else 0.0
        lines.append((0.1 + indent, 0.84 - 0.016 * k, label.strip()))
        if value:
            lines.append((0.6, 0.84 - 0.016 * k, value))
    return pdf(lines)


def found(content: bytes) -> list[str]:
    published, unread = extract(read_bytes(content))
    return [f.id for f in audit_published(published, unread=unread).shown()]


def test_word_with_merged_cells() -> None:
    published, _ = extract(read_bytes(word()))
    assert {v.name: len(v.levels) for v in published.variables} == {"Sex": 2, "Stage": 3}
    assert found(word()) == []
    assert "counts.percentage" in found(word(male="32 (71.4)"))
    assert found(word(median="23.0")) == ["twice.median"]


def test_pdf_with_a_table_without_lines() -> None:
    published, _ = extract(read_bytes(laid_out()))
    assert {v.name: len(v.levels) for v in published.variables}["Sex"] == 2
    assert found(laid_out()) == []
    assert "counts.percentage" in found(laid_out(male="32 (71.4)"))
    assert {v.where.page for v in published.variables} == {1}


def test_pdf_with_two_columns_of_text() -> None:
    left = [f"Left line {k} of the text goes on and on here" for k in range(20)]
    right = [f"and right line {k} follows after all of the left" for k in range(20)]
    lines = [(0.08, 0.95 - 0.02 * k, t) for k, t in enumerate(left)]
    lines += [(0.54, 0.95 - 0.02 * k, t) for k, t in enumerate(right)]
    text = " ".join(p.text for p in read_bytes(pdf(lines, 8)).paragraphs)
    assert text.index("Left line 19") < text.index("right line 0")


@pytest.mark.parametrize("make", [word, laid_out])
def test_damaged_files_are_refused_or_read_but_never_stop(make: object) -> None:
    whole = make()  # type: ignore[operator]
    rng = random.Random(7)
    for _ in range(12):
        content = bytearray(whole)
        kind = rng.randrange(3)
        if kind == 0:
            content = content[: rng.randrange(8, len(content))]
        else:
            for _ in range(30):
                content[rng.randrange(8, len(content))] = rng.randrange(256)
        try:
            extract(read_bytes(bytes(content)))
        except ReadError:
            continue


def test_archives_that_are_no_word_documents_are_refused() -> None:
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(ReadError, match="not a Word document"):
        read_bytes(out.getvalue())


def test_archives_that_unpack_to_too_much_are_refused() -> None:
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (201 * 2**20))
    with pytest.raises(ReadError, match="unpacks to more"):
        read_bytes(out.getvalue())


def raised(place: float | None) -> bytes:
    """A line of text with a small raised 35 at a place, in points from the left."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"pdf.fonttype": 42, "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(8.27, 11.69))
        figure.text(0.1, 0.9, "Results", fontsize=10)
        figure.text(0.1, 0.87, "The difference had p = 0.02", fontsize=10)
        if place is not None:
            figure.text(place / (8.27 * 72), 0.8745, "35", fontsize=6)
        figure.text(0.5, 0.87, "in these patients of the study.", fontsize=10)
        out = io.BytesIO()
        figure.savefig(out, format="pdf")
    return out.getvalue()


def test_raised_citations_do_not_lengthen_numbers() -> None:
    import pdfplumber

    with pdfplumber.open(io.BytesIO(raised(None))) as document:
        end = next(w["x1"] for w in document.pages[0].extract_words() if w["text"] == "0.02")
    text = " ".join(p.text for p in read_bytes(raised(end + 0.2)).paragraphs)
    assert "0.0235" not in text.replace(" ", "")
    assert "0.02" in text and "[35]" in text
