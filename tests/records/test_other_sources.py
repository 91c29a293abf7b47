"""jamovi, JSON, comments above a header; files that would hang, or ask for all memory."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest

from oncohort.problems import ReadError
from oncohort.records.grid import Raw, Sheet
from oncohort.records.layout import lay_out
from oncohort.records.sources import open_source
from oncohort.records.sources.redcap import find_dictionary


def raw(path: Path) -> Raw:
    opened = open_source(path, path.name)
    found = opened.read(opened.sheets[0])
    return lay_out(found).raw if isinstance(found, Sheet) else found


def test_a_jamovi_file_has_numbers_codes_with_labels_and_texts(tmp_path: Path) -> None:
    fields = [
        {"name": "id", "type": "integer", "dataType": "Integer", "measureType": "Nominal"},
        {"name": "age", "type": "number", "dataType": "Decimal", "measureType": "Continuous"},
        {"name": "sex", "type": "integer", "dataType": "Integer", "measureType": "Nominal"},
        {"name": "bor", "type": "integer", "dataType": "Text", "measureType": "Nominal"},
    ]
    data = struct.pack("<3i", 1, 2, -2147483648) + struct.pack("<3d", 61.5, float("nan"), 58)
    data += struct.pack("<3i", 1, 2, 1) + struct.pack("<3i", 0, 1, -2147483648)
    path = tmp_path / "c.omv"
    with zipfile.ZipFile(path, "w") as archive:
        meta = {"dataSet": {"rowCount": 3, "columnCount": 4, "fields": fields}}
        archive.writestr("metadata.json", json.dumps(meta))
        labels = {"sex": {"labels": [[1, "male", "1", False], [2, "female", "2", False]]}}
        labels["bor"] = {"labels": [[0, "PR", "PR", False], [1, "SD", "SD", False]]}
        archive.writestr("xdata.json", json.dumps(labels))
        archive.writestr("data.bin", data)
    found = raw(path)
    assert list(found.column("id")) == [1, 2, None]
    assert list(found.column("age")) == [61.5, None, 58.0]
    assert list(found.column("bor")) == ["PR", "SD", None]
    assert found.label_of["sex"] == {"1": "male", "2": "female"}
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ReadError):
        raw(path)


def test_json_with_one_object_per_row(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text('[{"record_id": "1", "age": "61"}, {"record_id": "2", "age": "", "sex": "1"}]')
    found = raw(path)
    assert found.names == ("record_id", "age", "sex")
    assert list(found.column("age")) == ["61", None]
    path.write_text('{"a": 1}')
    with pytest.raises(ReadError, match="no list of rows"):
        raw(path)


def test_lines_of_comment_above_a_header_are_its_labels(tmp_path: Path) -> None:
    path = tmp_path / "data_clinical_patient.txt"
    path.write_text(
        "#Patient Identifier\tDiagnosis Age\n#Identifier\tAge at diagnosis\n#STRING\tNUMBER\n"
        "#1\t1\nPATIENT_ID\tAGE\nTCGA-1\t61\nTCGA-2\t58\n"
    )
    found = raw(path)
    assert found.names == ("PATIENT_ID", "AGE")
    assert list(found.rows) == [6, 7]
    assert found.column_label == {"PATIENT_ID": "Patient Identifier", "AGE": "Diagnosis Age"}


@pytest.mark.parametrize("first", ["#", "#Patient"])
def test_a_header_that_begins_with_a_hash_is_a_header(first: str, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text(f"{first},Age\n1,61\n2,58\n")
    assert raw(path).names == (first, "Age")


def test_a_quotation_mark_that_is_not_closed_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text('id,note,age\n1,"fine",61\n2,"open,58\n3,x,44\n4,y,50\n')
    with pytest.raises(ReadError, match="line 3"):
        raw(path)
    path.write_text('id,note,age\n1,"two\nlines",61\n')
    assert raw(path).height == 1


def test_a_named_pipe_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    os.mkfifo(path)
    with pytest.raises(ReadError, match="no file"):
        raw(path)


def test_a_file_beside_the_data_that_cannot_be_read_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("id,age\n1,61\n")
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    (tmp_path / "folder.csv").mkdir()
    assert find_dictionary(path, ("id", "age")) is None


def rewritten(path: Path, part: str, old: bytes, new: bytes) -> Path:
    out = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w") as target:
        for item in source.infolist():
            data = source.read(item)
            target.writestr(item, data.replace(old, new, 1) if item.filename == part else data)
    return out


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'r="B2"', b'r="XFD1048576"'),
        (b'r="B2"', b"r='XFD1048576'"),
        (b'r="B2"', b'r="xfd1048576"'),
        (b'r="B2"', b'r = "XFD1048576"'),
    ],
)
def test_a_stray_cell_far_away_is_refused_however_it_is_written(
    old: bytes, new: bytes, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "age"])
    book.active.append([1, 61])
    book.save(tmp_path / "c.xlsx")
    path = rewritten(tmp_path / "c.xlsx", "xl/worksheets/sheet1.xml", old, new)
    with pytest.raises(ReadError):
        raw(path)


def test_a_list_of_texts_that_claims_too_many_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "age"])
    book.active.append([1, "x"])
    book.save(tmp_path / "c.xlsx")
    path = rewritten(tmp_path / "c.xlsx", "xl/worksheets/sheet1.xml", b"", b"")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", '<sst uniqueCount="4294967295"><si/></sst>')
    with pytest.raises(ReadError, match="claims"):
        raw(path)


def test_cells_parted_by_blanks_as_r_writes_them(tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_text('"trt" "cell type" "time"\n"1" 1 "small cell" 72\n"2" 2 NA 4.5\n"3" 1 "a" 7\n')
    found = open_source(file, file.name).read(None)
    assert isinstance(found, Sheet)
    assert found.rows[:2] == [
        ["rownames", "trt", "cell type", "time"],
        ["1", "1", "small cell", "72"],
    ]


@pytest.mark.parametrize(
    "text", ["id,name x\n1,a b\n2,c d\n", "id;age\n1;62,5\n2;58,1\n", "id\tnote\n1\ta b\n2\tc d\n"]
)
def test_blanks_within_cells_part_nothing(text: str, tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_text(text)
    found = open_source(file, file.name).read(None)
    assert isinstance(found, Sheet)
    assert [len(r) for r in found.rows] == [2, 2, 2]


def test_a_file_of_r_is_told_as_what_it_is(tmp_path: Path) -> None:
    import gzip

    (tmp_path / "x.rds").write_bytes(gzip.compress(b"X\n\x00"))
    with pytest.raises(ReadError, match=r"write\.csv"):
        open_source(tmp_path / "x.rds", "x.rds")


@pytest.mark.parametrize(
    "held",
    [
        {"columns": [{"name": "id"}, {"name": "age"}], "rows": [[1, 60], [2, 61]]},
        {"columns": ["id", "age"], "data": [[1, 60], [2, 61]], "index": [0, 1]},
        {"clinicalData": {"itemGroupData": {"IG.A": {
            "items": [{"name": "id"}, {"name": "age"}], "itemData": [[1, 60], [2, 61]]}}}},
        {"id": [1, 2], "age": [60, 61]},
        {"id": {"0": 1, "1": 2}, "age": {"0": 60, "1": 61}},
        {"rows": [{"id": 1, "age": 60}, {"id": 2, "age": 61}]},
    ],
)  # fmt: skip
def test_json_of_rows_of_lists_and_of_columns(held: object, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps(held))
    found = raw(tmp_path / "x.json")
    assert found.names == ("id", "age")
    assert [list(c) for c in found.columns] == [[1, 2], [60, 61]]


@pytest.mark.parametrize(
    "held",
    [{"columns": ["id"], "rows": [[1, 2]]}, {"a": [1], "b": [1, 2]}, {"a": {"x": {}}, "b": {}}],
)
def test_json_that_is_no_table_is_refused(held: object, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps(held))
    with pytest.raises(ReadError, match="no list of rows"):
        raw(tmp_path / "x.json")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("N°;Âge;Décès;Début\n1;60;oui;3\n2;61;non;4\n", "cp1252"),
        ("Pat.;Größe;Läsion;Übelkeit;Jährlich\n1;3;ja;nö;ä\n", "cp1252"),
        ("Edad;Año;Éxitus;Situación\n61;3;sí;él\n", "cp1252"),
        ("患者番号,性別,年齢,死亡\n1,男,60,なし\n", "cp932"),
        ("ID,ｽﾃｰｼﾞ,効果,治療開始日\n1,II,PR,2015\n", "cp932"),
    ],
)
def test_letters_with_accents_are_no_ideographs(text: str, encoding: str) -> None:
    from oncohort.records.sources.delimited import decode

    assert decode(text.encode(encoding)) == (text, encoding)
