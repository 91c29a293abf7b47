"""Tables of web pages: merged cells, several tables, what is no table, and bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncohort.problems import ReadError
from oncohort.records.grid import Sheet
from oncohort.records.sources import open_source


def sheets(folder: Path, text: str, name: str = "export.xls") -> list[Sheet]:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    opened = open_source(file, name)
    assert opened.kind == "html"
    found = [opened.read(s) for s in opened.sheets]
    return [s for s in found if isinstance(s, Sheet)]


def test_cells_are_their_texts(tmp_path: Path) -> None:
    page = (
        "<!DOCTYPE html><html><head><style>td { color: red }</style></head><table>"
        "<tr><th>ID<th>Age&nbsp;(years)<tr><td> 1 <td><b>61</b><script>x = 1</script></tr>"
        "<tr><td>2<td></table></html>"
    )
    (sheet,) = sheets(tmp_path, page)
    assert sheet.rows == [["ID", "Age (years)"], ["1", "61"], ["2", None]]


def test_merged_cells_keep_their_places(tmp_path: Path) -> None:
    page = (
        '<table><tr><th rowspan="2">ID<th colspan="2">Scan</tr><tr><th>Date<th>Sum</tr>'
        "<tr><td>1<td>2015-01-02<td>40</tr></table>"
    )
    (sheet,) = sheets(tmp_path, page)
    assert sheet.rows == [["ID", "Scan", None], [None, "Date", "Sum"], ["1", "2015-01-02", "40"]]
    assert set(sheet.merged) == {(0, 0, 1, 0), (0, 1, 0, 2)}


def test_each_table_is_a_sheet_and_one_within_a_cell_is_text(tmp_path: Path) -> None:
    inner = "<table><tr><td>x</table>"
    one = f"<table><tr><td>a<td>b<tr><td>1<td>{inner}</table>"
    found = sheets(tmp_path, f"<html>{one}<p>text</p>{one}", "two.html")
    assert [s.name for s in found] == ["Table 1", "Table 2"]
    assert found[0].rows == [["a", "b"], ["1", "x"]]


@pytest.mark.parametrize(
    "page",
    [
        "<html>nothing",
        "<table></table>",
        "<table><tr><td>only a header</table>",
        "<html>" + "<table>" * 5000,
        "<html>" + "<div>" * 50_000,
    ],
)
def test_a_page_without_a_table_is_refused(page: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError):
        sheets(tmp_path, page)


def test_a_span_without_end_is_bounded(tmp_path: Path) -> None:
    page = '<table><tr><td colspan="999999999">a<td colspan="99999">b<tr><td>1</table>'
    (sheet,) = sheets(tmp_path, page)
    assert len(sheet.rows[0]) <= 2000


def test_cells_that_cover_millions_of_places_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from oncohort.records.sources import html_tables

    monkeypatch.setattr(html_tables, "MAX_CELLS", 50_000)
    page = "<table>" + '<tr><td colspan="1000" rowspan="1000">x' * 60 + "</table>"
    with pytest.raises(ReadError, match="cells"):
        sheets(tmp_path, page)
