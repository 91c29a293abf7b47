"""Every kind of source ends in the same record tables; labels are kept and said."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from conftest import shared_file
from oncohort.protocol import parse_protocol
from oncohort.records import Records, read_records
from oncohort.study.new import new_study

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "{data}"\n'


def read(folder: Path, name: str, rest: str = "") -> Records:
    return read_records(parse_protocol(HEAD.format(data=name) + rest), folder)


def expect(records: Records) -> None:
    patients = records.tables["patients"]
    assert patients["patient"].to_list() == ["1", "2", "3"]
    assert patients["sex"].to_list() == ["male", "female", "male"]
    assert patients["age"].to_list() == [61.0, 58.5, None]
    assert not [p for p in records.problems if p.severity == "error"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_text_of_any_encoding_and_delimiter(tmp_path: Path, encoding: str, mark: str) -> None:
    lines = ["patient,sex,age,ort", "1,M,61,Köln", "2,F,58.5,Zürich", "3,M,,Orléans"]
    (tmp_path / "c.txt").write_bytes("\n".join(lines).replace(",", mark).encode(encoding))
    records = read(tmp_path, "c.txt")
    expect(records)
    assert records.tables["patients"]["ort"].to_list() == ["Köln", "Zürich", "Orléans"]


def test_decimal_comma(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("patient;sex;age\n1;M;61\n2;F;58,5\n3;M;\n")
    records = read(tmp_path, "c.csv")
    expect(records)
    assert "numbers.decimal-comma" in {d.rule for d in records.decisions}


def test_parquet_keeps_types(tmp_path: Path) -> None:
    pl.DataFrame(
        {
            "patient": [1, 2, 3],
            "sex": [" m", "F", "male"],
            "age": [61.0, 58.5, float("nan")],
            "treatment_start": [date(2015, 1, 1), None, date(2016, 1, 1)],
            "arm": ["A", "B", "A"],
        }
    ).write_parquet(tmp_path / "c.parquet")
    records = read(tmp_path, "c.parquet")
    expect(records)
    patients = records.tables["patients"]
    assert patients["treatment_start_precision"].to_list() == ["day", None, "day"]
    assert patients["source_row"].to_list() == [1, 2, 3]
    assert records.place("patients", "age", 2).row == 2
    assert records.place("patients", "age", 2).cell is None


@pytest.mark.parametrize("ending", ["sav", "dta", "xpt"])
def test_statistics_packages_keep_their_labels(tmp_path: Path, ending: str) -> None:
    pandas = pytest.importorskip("pandas")
    import pyreadstat

    frame = pandas.DataFrame({"patient": [1, 2, 3], "sex": [1, 2, 1], "age": [61.0, 58.5, None]})
    path = tmp_path / f"c.{ending}"
    labels = {"sex": {1: "Male", 2: "Female"}}
    if ending == "sav":
        pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
    elif ending == "dta":
        pyreadstat.write_dta(frame, str(path), variable_value_labels=labels)
    else:
        pyreadstat.write_xport(frame, str(path))
    rest = '[tables.patients]\ncodes = { sex = { "1" = "male", "2" = "female" } }\n'
    records = read(tmp_path, path.name, rest if ending == "xpt" else "")
    expect(records)
    rules = {d.rule: d.what for d in records.decisions if d.column == "sex"}
    if ending == "xpt":  # a transport file has no labels: the protocol gives them
        assert set(rules) == {"values.code"}
    else:
        assert "1 = Male, 2 = Female" in rules["labels"]


def test_a_real_transport_file_of_sas_is_read() -> None:
    folder = shared_file("data")
    records = read(
        folder, "xpt_example_adtte.xpt", '[tables.patients]\ncolumns = { patient = "USUBJID" }\n'
    )
    assert records.tables["patients"].height == 254


def test_opendocument(tmp_path: Path) -> None:
    import zipfile

    cells = [["patient", "sex", "age"], ["1", "M", 61], ["2", "F", 58.5], ["3", "M", None]]
    xml = "".join(
        "<table:table-row>"
        + "".join(
            "<table:table-cell/>"
            if v is None
            else f'<table:table-cell office:value-type="float" office:value="{v}"/>'
            if not isinstance(v, str)
            else f'<table:table-cell office:value-type="string"><text:p>{v}</text:p>'
            "</table:table-cell>"
            for v in row
        )
        + "</table:table-row>"
        for row in cells
    )
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{space}office:1.0" '
        f'xmlns:table="{space}table:1.0" xmlns:text="{space}text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="patients">{xml}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(tmp_path / "c.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest '
            f'xmlns:manifest="{space}manifest:1.0"></manifest:manifest>',
        )
    expect(read(tmp_path, "c.ods"))


def test_several_files_in_a_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "patients.csv").write_text("patient,sex,age\n1,M,61\n2,F,58.5\n3,M,\n")
    pl.DataFrame(
        {"patient": ["1"], "test": ["Hb"], "value": [12.5], "unit": ["g/dL"]}
    ).write_parquet(data / "labs.parquet")
    records = read(tmp_path, "data")
    expect(records)
    assert records.tables["labs"].height == 1
    assert [s.file for s in records.sources] == ["data/labs.parquet", "data/patients.csv"]


DICTIONARY = (
    '"Variable / Field Name","Form Name","Section Header","Field Type","Field Label",'
    '"Choices, Calculations, OR Slider Labels","Field Note",'
    '"Text Validation Type OR Show Slider Number","Text Validation Min","Text Validation Max",'
    '"Identifier?"\n'
    "record_id,base,,text,Record,,,,,,\n"
    "surname,base,,text,Surname,,,,,,y\n"
    'gender,base,,radio,Gender,"1, Male | 2, Female",,,,,\n'
    "age,base,,text,Age,,,,,,\n"
    'mets,base,,checkbox,Metastases,"lu, Lung | li, Liver",,,,,\n'
    "ae_term,ae,,text,Adverse event,,,,,,\n"
    "grade,ae,,text,CTCAE grade,,,,,,\n"
    "onset,ae,,text,Onset date,,,,,,\n"
)
EXPORT = (
    "record_id,redcap_repeat_instrument,redcap_repeat_instance,surname,gender,age,mets___lu,"
    "mets___li,ae_term,grade,onset\n"
    "1,,,Smith,1,61,1,0,,,\n1,adverse_events,1,,,,,,Rash,2,2015-01-01\n"
    "2,,,Jones,2,58.5,0,1,,,\n3,,,Sato,1,,1,1,,,\n3,adverse_events,1,,,,,,Fatigue,1,2015-02-01\n"
)


def test_redcap_with_its_dictionary(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(EXPORT)
    (tmp_path / "dictionary.csv").write_text(DICTIONARY)
    made = new_study(tmp_path / "study", tmp_path / "export.csv")
    assert made.protocol.tables["patients"].where == {"redcap_repeat_instrument": ""}
    assert "surname" in made.protocol.tables["patients"].ignore
    records = read_records(made.protocol, made.folder)
    expect(records)
    assert records.tables["adverse_events"]["term"].to_list() == ["Rash", "Fatigue"]
    assert records.tables["patients"]["mets___lu"].to_list() == ["Yes", "No", "Yes"]
    assert records.place("adverse_events", "term", 3).cell == "I3"
    variables = {v.label for v in made.protocol.variables.values()}
    assert "Metastases: Lung" in variables


@pytest.mark.parametrize(
    "name", ["clinical-trial-1", "longitudinal", "repeating-instruments", "checkboxes-1"]
)
def test_real_redcap_exports(tmp_path: Path, name: str) -> None:
    source = shared_file("data", "redcap", f"{name}-data.csv")
    made = new_study(tmp_path / "study", source)
    records = read_records(made.protocol, made.folder)
    patients = records.tables["patients"]
    assert patients["patient"].is_duplicated().sum() == 0
    # What codes mean is asked; nothing else is wrong with them.
    wrong = {p.id for p in records.problems if p.severity == "error"}
    assert wrong <= {"values.unknown-level"}
