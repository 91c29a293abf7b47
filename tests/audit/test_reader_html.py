"""HTML pages and tables written with bars: papers as a browser or a word processor saves them."""

from __future__ import annotations

import pytest

from oncohort.audit import audit
from oncohort.audit.document import Table
from oncohort.audit.readers import kind_of, read_bytes
from oncohort.audit.readers.markdown import laid_out
from oncohort.problems import ReadError

PAGE = """<!DOCTYPE html>
<html><head><title>Made up</title><style>p { width: 10% }</style></head><body>
<nav><p>1 of 3 (50%) of the menu</p></nav>
<h1>A study</h1><h2>Results</h2>
<p>Of the 42 patients, 30 (71.4%) were men &ndash; see <b>Table&nbsp;1</b>.</p>
<div>A grade 3 event was seen in 16 patients (31.8%).</div>
<p>Table 1. Characteristics</p>
<table><tr><th rowspan="2">Characteristic</th><th colspan="2">Arm</th></tr>
<tr><th>Drug (n = 20), n (%)</th><th>Placebo (n = 22), n (%)</th></tr>
<tr><td>Male</td><td>14 (70.0)</td><td>16 (72.7)</td></tr>
<tr><td>Stage IV</td><td>8 (40.0)</td><td>11 (50.0)</td></tr></table>
<script>document.write("99 (1%) of 100")</script>
</body></html>
"""


def only(content: bytes) -> Table:
    (found,) = read_bytes(content, source="page").tables
    return found


def test_an_html_page_is_read_with_its_sections_and_tables() -> None:
    paper = read_bytes(PAGE.encode(), source="page.html")
    assert (paper.format, paper.title) == ("HTML", "Made up")
    told = [(p.section, p.text) for p in paper.paragraphs if p.kind != "heading"]
    assert [section for section, _ in told] == ["results", "results"]
    assert told[0][1].startswith("Of the 42 patients, 30 (71.4%) were men – see Table 1")
    (table,) = paper.tables
    assert (table.label, table.caption) == ("Table 1", "Characteristics")
    assert table.heading(2) == "Arm / Placebo (n = 22), n (%)"
    assert [r.cells for r in table.rows] == [
        ("Male", "14 (70.0)", "16 (72.7)"), ("Stage IV", "8 (40.0)", "11 (50.0)"),
    ]  # fmt: skip


def test_the_audit_of_a_page_is_that_of_its_words() -> None:
    assert [f.figures for f in audit(PAGE)] == [("16", "31.8")]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252"])
def test_pages_of_other_encodings(encoding: str) -> None:
    head = f"<html><head><meta charset='{encoding}'></head>"
    page = f"{head}<body><p>42 patients, müde</p></body></html>"
    (words,) = read_bytes(page.encode(encoding), source="x").paragraphs
    assert words.text == "42 patients, müde"


def test_a_page_without_words_says_so() -> None:
    with pytest.raises(ReadError, match="without paragraphs or tables"):
        read_bytes(b"<html><body><nav>menu</nav></body></html>", source="x")


def test_jats_is_no_html() -> None:
    assert kind_of(b'<?xml version="1.0"?><!-- x --><!DOCTYPE html><html>') == "html"
    assert kind_of(b'<?xml version="1.0"?><!DOCTYPE article><article>') == "jats"
    assert kind_of(b"<article><p>html</p></article>") == "jats"


MARKDOWN = """# Results

Of the 42 patients, 30 (71.4%) were men.

**Table 2. Characteristics**

| Characteristic | All (n = 42), n (%) | p |
|:---|---:|---|
| **Sex** | | 0.3 |
| &nbsp;&nbsp;Male | 30 (71.4) | |
| &nbsp;&nbsp;Female | 12 (28.6) | |
| Stage III \\| IV | 20 (47.6) | |

A | B is no table.
"""


def test_a_table_of_bars_is_read_with_its_caption_and_empty_cells() -> None:
    table = only(MARKDOWN.encode())
    assert (table.label, table.caption) == ("Table 2", "Characteristics")
    assert table.header == (("Characteristic", "All (n = 42), n (%)", "p"),)
    assert [r.cells for r in table.rows] == [
        ("Sex", "", "0.3"),
        ("Male", "30 (71.4)", ""),
        ("Female", "12 (28.6)", ""),
        ("Stage III | IV", "20 (47.6)", ""),
    ]
    assert table.rows[1].indent > table.rows[0].indent


def test_a_wrong_share_in_a_table_of_bars_is_found() -> None:
    rows = "".join(f"| Level {k} | {k} ({100 * k / 42:.1f}) |\n" for k in range(3, 9))
    text = f"| Variable | All (n = 42), n (%) |\n|---|---|\n{rows}| Level 9 | 22 (25.4) |\n"
    assert [f.figures for f in audit(f"Results\n\n{text}")] == [("22", "25.4")]


def test_text_with_bars_and_no_rule_stays_as_it_is() -> None:
    lines = ["a | b", "", "c | d", "---", "|x|"]
    assert laid_out(lines) == lines
