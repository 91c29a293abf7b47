"""Files of a few kilobytes that claim, unpack to or repeat far more: each is answered in words.

The figures of memory and time are in docs/robustness.md; here each kind is refused, or read as the
little that it holds.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from oncohort.problems import ReadError
from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.records.grid import Sheet
from oncohort.records.sources import open_source
from oncohort.scale.parquet_footer import unpacked_bytes
from oncohort.study.new import new_study

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "{data}"\n'
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FIRST = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>patient</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>age</t></is></c></row>'
    '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>60</v></c></row>'
)
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
CELL = "<c><v>1</v></c>"


def sheet(rows: str, dimension: str = "A1:B2", behind: str = "") -> str:
    return (
        f'<?xml version="1.0"?><worksheet xmlns="{SPACE}"><dimension ref="{dimension}"/>'
        f"<sheetData>{rows}</sheetData>{behind}</worksheet>"
    )


def workbook(rows: str, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    """A workbook whose only sheet has this XML, in this part."""
    whole, out = io.BytesIO(), io.BytesIO()
    book = openpyxl.Workbook()
    book.active.title = "patients"
    book.active.append(["patient", "age"])
    book.save(whole)
    old = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as to:
        for item in source.infolist():
            data = source.read(item)
            if item.filename == old:
                to.writestr(part, rows)
            else:
                to.writestr(item.filename, data.replace(old.encode(), part.encode()))
    return out.getvalue()


def document(rows: str) -> bytes:
    """An OpenDocument sheet."""
    out = io.BytesIO()
    name = "urn:oasis:names:tc:opendocument:xmlns"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{name}:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="content.xml"'
            ' manifest:media-type="text/xml"/></manifest:manifest>',
        )
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content xmlns:office="{name}:office:1.0" '
            f'xmlns:table="{name}:table:1.0" xmlns:text="{name}:text:1.0"><office:body>'
            f'<office:spreadsheet><table:table table:name="patients">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()


STRING = 'office:value-type="string"'
ONE = ("<text:p>1</text:p>", "<text:p>60</text:p>")


def repeated(rows: int, columns: int, quote: str = '"') -> bytes:
    cell = f"table:number-columns-repeated={quote}{columns}{quote}"
    return document(
        f"<table:table-row table:number-rows-repeated={quote}{rows}{quote}><table:table-cell {cell}"
        ' office:value-type="string"><text:p>1</text:p></table:table-cell></table:table-row>'
    )


def parquet(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def jamovi(rows: int, fields: int, data: bytes = b"") -> bytes:
    out = io.BytesIO()
    described = {"rowCount": rows, "fields": [{"name": "patient", "type": "integer"}] * fields}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", json.dumps({"dataSet": described}))
        archive.writestr("data.bin", data)
    return out.getvalue()


def workbook_of(sheets: int) -> bytes:
    """A workbook that names one sheet many times."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(sheet(FIRST)))) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as to,
    ):
        for item in source.infolist():
            data = source.read(item)
            if item.filename == "xl/workbook.xml":
                start, end = data.index(b"<sheet "), data.index(b"</sheets>")
                one = data[start:end].replace(b'name="patients"', b'name="s%d"')
                data = data[:start] + b"".join(one % k for k in range(sheets)) + data[end:]
            to.writestr(item.filename, data)
    return out.getvalue()


def archive_of(parts: int) -> bytes:
    """A zip archive of so many empty parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for i in range(parts):
            archive.writestr(f"x{i}", b"")
    return out.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "row.xlsx": (lambda: workbook(sheet(FIRST + FAR)), "files.too-large"),
    "quotes.xlsx": (lambda: workbook(sheet(FIRST + FAR.replace('"', "'"))), "files.too-large"),
    "blanks.xlsx": (lambda: workbook(sheet(FIRST + FAR.replace("r=", "r = "))), "files.too-large"),
    "sign.xlsx": (
        lambda: workbook(sheet(FIRST + FAR.replace("<c ", '<c x=">" '))),
        "files.too-large",
    ),
    "elsewhere.xlsx": (
        lambda: workbook(sheet(FIRST + FAR), "xl/other/one.xml"),
        "files.too-large",
    ),
    "middle.xlsx": (
        lambda: workbook(sheet(FIRST + '<row r="30000"><c r="AHP30000"><v>1</v></c></row>')),
        "files.too-large",
    ),
    "implied.xlsx": (
        lambda: workbook(sheet(f"<row>{CELL}</row>" * 200_000 + f"<row>{CELL * 9_000}</row>")),
        "files.corrupt",
    ),
    "entity.xlsx": (
        lambda: workbook(
            '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
            + sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>')[21:]
        ),
        "files.corrupt",
    ),
    "rows.ods": (lambda: repeated(1_048_575, 16_384), "files.too-large"),
    "quotes.ods": (lambda: repeated(900_000, 100_000, "'"), "files.too-large"),
    "same.ods": (lambda: repeated(1_000_000_000, 1), "files.too-large"),
    "lower.ods": (lambda: repeated(70_000, 2, "'"), "files.too-large"),
    "wide.html": (
        lambda: b"<table><tr><td>patient</td></tr><tr>" + b"<td>1</td>" * 20_000 + b"</table>",
        "files.too-large",
    ),
    "wide.csv": (lambda: b"patient" + b",x" * 20_000 + b"\n1\n", "files.too-large"),
    "gap.csv": (lambda: b"patient,age\n1,2\n" + b"\n" * 1_100_000 + b"2,3\n", "files.too-large"),
    "cell.csv": (lambda: b"patient,note\n1," + b"x" * 2_000_000, "files.corrupt"),
    "sheets.xlsx": (lambda: workbook_of(3_000), "files.too-large"),
    "parts.xlsx": (lambda: archive_of(50_000), "files.corrupt"),
    "parts.omv": (lambda: archive_of(50_000), "files.corrupt"),
    "deep.json": (lambda: b"[" * 200_000, "files.corrupt"),
    "digits.json": (lambda: b'[{"patient":"1","age":' + b"9" * 9_999 + b"}]", "files.corrupt"),
    "cell.json": (
        lambda: json.dumps([{"patient": "a" * 2_000_000, "age": 1}]).encode(),
        "files.too-large",
    ),
    "keys.json": (
        lambda: json.dumps([{f"k{i}": 1} for i in range(17_000)]).encode(),
        "files.too-large",
    ),
    "rows.parquet": (
        lambda: parquet(pl.select(patient=pl.repeat(1, 3_000_000))),
        "files.too-large",
    ),
    "cell.parquet": (
        lambda: parquet(pl.DataFrame({"patient": ["a" * 2_000_000], "age": [1]})),
        "files.too-large",
    ),
    "unpacks.parquet": (
        lambda: parquet(pl.DataFrame({"patient": ["a" * 60_000_000], "age": [1]})),
        "files.too-large",
    ),
    "wide.parquet": (
        lambda: parquet(pl.DataFrame({f"c{i}": [1] for i in range(17_000)})),
        "files.too-large",
    ),
    "rows.omv": (lambda: jamovi(10**12, 1), "files.corrupt"),
    "negative.omv": (lambda: jamovi(-5, 1), "files.corrupt"),
    "fields.omv": (lambda: jamovi(0, 20_000), "files.too-large"),
    "bomb.omv": (lambda: jamovi(20_000_000, 1, bytes(80_000_000)), "files.corrupt"),
    "chart.csv.gz": (lambda: gzip.compress(b"patient,age\n1,60\n"), "files.unknown-kind"),
    "chart.bz2": (lambda: bz2.compress(b"patient,age\n1,60\n"), "files.unknown-kind"),
    "chart.csv.xz": (lambda: lzma.compress(b"patient,age\n1,60\n"), "files.unknown-kind"),
    "chart.tar": (lambda: b"data.csv" + bytes(600), "files.unknown-kind"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_asks_for_too_much_is_refused(tmp_path: Path, name: str) -> None:
    make, wanted = REFUSED[name]
    (tmp_path / name).write_bytes(make())
    with pytest.raises(ReadError) as error:
        read_records(parse_protocol(HEAD.format(data=name)), tmp_path)
    assert error.value.problems[0].id == wanted


READ: dict[str, Callable[[], bytes]] = {
    "dimension.xlsx": lambda: workbook(sheet(FIRST, "A1:XFD1048576")),
    "merged.xlsx": lambda: workbook(
        sheet(FIRST, behind='<mergeCells count="1"><mergeCell ref="A3:XFD1048576"/></mergeCells>')
    ),
    "blank.ods": lambda: document(
        "".join(
            "<table:table-row>"
            + "".join(f"<table:table-cell {STRING}>{p}</table:table-cell>" for p in row)
            + "</table:table-row>"
            for row in (("<text:p>patient</text:p>", "<text:p>age</text:p>"), ONE)
        )
        + '<table:table-row table:number-rows-repeated="1048574">'
        '<table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
    ),
    "blank.csv": lambda: b"patient,age\n1,60\n" + b"\n" * 1_100_000,
    "commas.csv": lambda: b"patient,age\n1,60\n" + b",\n" * 1_100_000,
}


@pytest.mark.parametrize("name", READ)
def test_what_only_looks_large_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(READ[name]())
    records = read_records(parse_protocol(HEAD.format(data=name)), tmp_path)
    assert records.tables["patients"]["age"].to_list() == [60.0]


NESTED = {
    "lists": pl.Series([[1, 2]] * 3),
    "structs": pl.Series([{"a": 1}] * 3),
    "arrays": pl.Series([[1, 2]] * 3, dtype=pl.Array(pl.Int64, 2)),
    "bytes": pl.Series([b"\xff\x00a"] * 3),
    "times": pl.Series([time(1, 2)] * 3),
    "spans": pl.Series([timedelta(days=3)] * 3),
    "decimals": pl.Series([Decimal("1.25")] * 3),
    "nothing": pl.Series([None] * 3),
    "huge": pl.Series([2**90] * 3, dtype=pl.Int128),
}


@pytest.mark.parametrize("kind", NESTED)
def test_values_that_no_cell_holds_are_read_as_their_text(tmp_path: Path, kind: str) -> None:
    frame = pl.DataFrame({"patient": ["1", "2", "3"], "x": NESTED[kind]})
    (tmp_path / "c.parquet").write_bytes(parquet(frame))
    for use in ("", '[variables.x]\nkind = "continuous"\n'):
        read = read_records(parse_protocol(HEAD.format(data="c.parquet") + use), tmp_path)
        assert read.tables["patients"]["x"].len() == 3
    new_study(tmp_path / "new", tmp_path / "c.parquet")


def test_a_whole_number_beyond_all_numbers_is_no_number(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(f'[{{"patient": "1", "age": {"9" * 4000}}}]')
    records = read_records(parse_protocol(HEAD.format(data="c.json")), tmp_path)
    assert records.tables["patients"]["age"].to_list() == [None]
    assert "values.unreadable" in {p.id for p in records.problems}
    new_study(tmp_path / "new", tmp_path / "c.json")


def test_a_parquet_file_says_what_it_unpacks_to(tmp_path: Path) -> None:
    file = tmp_path / "x.parquet"
    frame = pl.DataFrame({"a": range(5000), "b": [f"word {i % 7}" for i in range(5000)]})
    frame.write_parquet(file, row_group_size=1000)
    said = unpacked_bytes(file)
    assert said is not None and 5000 * 8 < said < 20 * file.stat().st_size
    whole = file.read_bytes()
    for k in range(0, 400, 7):  # a damaged footer says nothing, or something else; it ends
        file.write_bytes(whole[: -9 - k] + bytes([k % 256]) + whole[-8 - k :])
        unpacked_bytes(file)
    file.write_bytes(b"PAR1")
    assert unpacked_bytes(file) is None


def test_ten_thousand_columns_of_one_name_get_names_of_their_own() -> None:
    from oncohort.records.sources.statistical import named

    names = named(["x"] * 10_000)
    assert len(set(names)) == 10_000
    assert names[:2] == ("x", "x (2)")


STRETCH = (
    "<!--",
    "<!",
    "<![",
    "<?",
    "<a ",
    '<a x="',
    "</a ",
    "&",
    "<script>",
    "<![CDATA[",
    "<td x='",
)


@pytest.mark.parametrize("stretch", STRETCH)
def test_a_page_whose_tags_never_end_is_read_in_one_pass(tmp_path: Path, stretch: str) -> None:
    """The library's own parser takes minutes for these, or ends with an error of its own."""
    page = (
        "<html><!-- x --><table><tr><td>patient</td><td>age<![if x]></td></tr><tr><td>1</td><td>60"
    )
    page += "</td></tr><tr><td>2</td><td>61"
    (tmp_path / "c.html").write_text(f"{page}</td></tr></table>" + stretch * 200_000)
    sheet = open_source(tmp_path / "c.html", "c.html").read(None)
    assert isinstance(sheet, Sheet)
    assert sheet.rows == [["patient", "age"], ["1", "60"], ["2", "61"]]


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.parquet"])
def test_a_name_as_long_as_a_book_is_refused_before_it_is_looked_at(
    tmp_path: Path, name: str
) -> None:
    frame = pl.DataFrame({"patient": ["1", "2"], "x" * 10_000: [1, 2]})
    out = io.BytesIO()
    {"a.csv": frame.write_csv, "a.json": frame.write_json, "a.parquet": frame.write_parquet}[name](
        out
    )
    (tmp_path / name).write_bytes(out.getvalue())
    with pytest.raises(ReadError, match="a name of 10,000 letters"):
        new_study(tmp_path / "new", tmp_path / name)
    assert not (tmp_path / "new").exists()
