"""Plain text: a paragraph, or a whole paper, may stand on one line."""

from __future__ import annotations

import re

import pytest

from oncohort.audit.readers.lines import CAPTION as of_lines
from oncohort.audit.readers.pdf_tables import CAPTION as of_pages
from oncohort.audit.readers.text import MAX_LINE, read_text
from oncohort.audit.readers.word import CAPTION as of_word


def test_a_long_line_is_read_to_its_end() -> None:
    said = "Of 42 patients, 12 (28.6%) responded. " * 1_000
    paper = read_text("Results\n\n" + said + "\n\nThe last one (2.4%) died.", source="p.txt")
    text = " ".join(p.text for p in paper.paragraphs)
    assert len(said) > 8 * MAX_LINE
    assert text.count("responded.") == 1_000
    assert "died" in text and not paper.unread


def test_a_line_without_blanks_is_read_in_parts() -> None:
    paper = read_text("Results\n\n" + "1" * (3 * MAX_LINE), source="p.txt")
    assert sum(p.text.count("1") for p in paper.paragraphs) == 3 * MAX_LINE


def test_patients_below_the_results_are_results() -> None:
    text = "Methods\n\nWe studied them.\n\nResults\n\nPatients\n\nAll 40 patients were included.\n"
    paper = read_text(text)
    assert [p.section for p in paper.paragraphs] == ["methods"] * 2 + ["results"] * 3


@pytest.mark.parametrize("label", ["Table", "Table 1(a)", "TABLE"])
def test_the_only_table_needs_no_number(label: str) -> None:
    rows = [("Characteristic", "All (n = 42)"), ("Male", "30 (71.4)"), ("Female", "12 (28.6)")]
    lines = "\n".join(f"{a:<20}{b}" for a, b in rows)
    paper = read_text(f"Results\n\nThey were old.\n\n{label}. Patients of the study\n{lines}\n")
    (table,) = paper.tables
    assert (table.label, table.caption) == (label, "Patients of the study")
    assert [row.cells[-1] for row in table.rows] == ["30 (71.4)", "12 (28.6)"]


@pytest.mark.parametrize("text", ["Table of contents", "Table: see below", "Table shows the same"])
def test_a_sentence_that_begins_with_table_is_no_caption(text: str) -> None:
    assert not read_text(f"Results\n\n{text}\n\nMale      30\nFemale    12\n").tables


@pytest.mark.parametrize("read", [of_lines, of_pages, of_word])
def test_captions_are_told_in_every_reader(read: re.Pattern[str]) -> None:
    for text in (
        "Table. Patients",
        "Table 1(a). Patients",
        "Table 2. Patients",
        "TABLE II Patients",
    ):
        assert read.match(text), text
    for text in ("Table of contents", "Table shows that", "Table. the same"):
        assert not read.match(text), text
