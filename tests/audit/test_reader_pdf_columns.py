"""Pages of two text columns with a table over both, pages on their side, captions on their own."""

from __future__ import annotations

import pytest
from test_reader_pdf import one_page

from oncohort.audit import audit_report
from oncohort.audit.document import Table
from oncohort.audit.readers import read_bytes
from oncohort.audit.readers.text import read_text

LEFT, RIGHT, VALUES = 50, 310, 480
ROWS = (
    ("Prolonged cough of three weeks or more was named as a sign of the disease", "30 (71.4)"),
    ("Fever was named", "12 (28.6)"),
    ("Loss of weight in the year before was named as a sign of this disease by them", "21 (50.0)"),
    ("Sweats", "14 (33.3)"),
    ("Blood was named as a sign of this disease by these patients of the two clinics", "6 (14.3)"),
    ("Pain", "9 (21.4)"),
)
PROSE = "the cohort was seen at the clinic and its visits"


def shown(x: float, y: float, text: str, across: bool = False) -> bytes:
    """Text at a place of a page; ``across`` turns it by a quarter, upwards."""
    place = f"0 1 -1 0 {y} {x} Tm" if across else f"1 0 0 1 {x} {y} Tm"
    escaped = text.replace("(", r"\(").replace(")", r"\)")
    return f"BT /T 9 Tf {place} ({escaped}) Tj ET\n".encode()


def table(top: float, step: float, across: bool = False) -> list[bytes]:
    lines = [("Table 1", ""), ("Signs named by the patients", ""), ("Sign", "n = 42, n (%)"), *ROWS]
    out = []
    for k, (label, value) in enumerate(lines):
        y = top + k * step
        out.append(shown(LEFT, y, label, across))
        if value:
            out.append(shown(VALUES, y, value, across))
    return out


def columns(top: float, lines: int) -> list[bytes]:
    out = []
    for k in range(lines):
        out.append(shown(LEFT, top - 12 * k, f"{PROSE} {k}"))
        out.append(shown(RIGHT, top - 12 * k, f"{PROSE} {k}"))
    return out


def only_table(content: list[bytes]) -> Table:
    (found,) = read_bytes(one_page(b"".join(content)), source="paper.pdf").tables
    return found


@pytest.mark.parametrize("above", [True, False])
def test_a_table_over_both_columns_keeps_its_rows(above: bool) -> None:
    if above:
        content = [*table(800, -12), *columns(660, 40)]
    else:
        content = [*columns(800, 40), *table(290, -12)]
    rows = {row.label: row.values for row in only_table(content).rows}
    assert rows == {label: (value,) for label, value in ROWS}


def test_two_columns_of_text_are_read_one_after_the_other() -> None:
    content = [*table(800, -12), *columns(660, 40)]
    paper = read_bytes(one_page(b"".join(content)), source="paper.pdf")
    text = " ".join(p.text for p in paper.paragraphs)
    assert f"{PROSE} 0 {PROSE} 1" in text
    assert text.count(f"{PROSE} 39") == 2


def test_a_table_on_its_side_is_read() -> None:
    rows = {row.label: row.values for row in only_table(table(100, 14, across=True)).rows}
    assert rows == {label: (value,) for label, value in ROWS}


CAPTION_ALONE = """Results

Table 1
Baseline characteristics of the patients.

Characteristic        n = 42, n (%)
Male                  30 (71.4)
Smoker                12 (28.6)
Diabetes              21 (50.0)
Stroke                14 (33.3)
"""


def test_a_label_on_a_line_of_its_own_starts_a_table() -> None:
    (found,) = read_text(CAPTION_ALONE, source="paper.txt").tables
    assert (found.label, found.caption) == ("Table 1", "Baseline characteristics of the patients.")
    assert len(found.rows) == 4


def test_long_notes_are_the_tables_and_say_what_its_figures_are() -> None:
    notes = "".join(f"{mark}A remark.\n" for mark in "†‡§¶#" * 3)
    text = CAPTION_ALONE.replace("n = 42, n (%)", "n = 42")
    wrong = text.replace("9 (21.4)", "9 (25.4)") + "*Values are no. (%) of patients.\n" + notes
    (found,) = read_text(wrong, source="paper.txt").tables
    assert "Values are no. (%)" in found.notes[0]
    assert audit_report(wrong).checked >= 8


def parted(top: float) -> list[bytes]:
    """A table over both columns that no line of it crosses between them."""
    grid = (
        ("Sign", "A (n = 42)", "B (n = 42)", "p"),
        ("Cough", "30 (71.4)", "31 (73.8)", "0.8"),
        ("Fever", "12 (28.6)", "11 (26.2)", "0.8"),
        ("Sweats", "14 (33.3)", "6 (14.3)", "0.04"),
        ("Pain", "9 (21.4)", "7 (16.7)", "0.6"),
        ("Blood", "6 (14.3)", "8 (19.0)", "0.6"),
    )
    out = [shown(LEFT, top, "Table 1. Signs")]
    for k, row in enumerate(grid, start=1):
        out += [
            shown(x, top - 12 * k, c) for x, c in zip((LEFT, 180, RIGHT, 450), row, strict=True)
        ]
    return out


@pytest.mark.parametrize("lines", [5, 40])
def test_a_table_that_no_line_crosses_is_one(lines: int) -> None:
    # With few lines of text the page holds little else than the table.
    right = [shown(RIGHT, 794 - 12 * k, f"{PROSE} R{k}") for k in range(lines)]
    left = [shown(LEFT, 800 - 12 * k, f"{PROSE} L{k}") for k in range(lines)]
    paper = read_bytes(one_page(b"".join([*left, *right, *parted(250)])), source="paper.pdf")
    (found,) = paper.tables
    assert ("Sweats", ("14 (33.3)", "6 (14.3)", "0.04")) in [
        (r.label, r.values) for r in found.rows
    ]
    assert len({len(r.values) for r in found.rows}) == 1
    text = " ".join(p.text for p in paper.paragraphs)
    assert f"{PROSE} L0 {PROSE} L1" in text and f"{PROSE} R0 {PROSE} R1" in text
