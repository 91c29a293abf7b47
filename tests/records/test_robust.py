"""Hostile and broken files: a clear word, in bounded time and memory, and nothing written."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncohort.problems import ReadError
from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.study.new import new_study

HEAD = '[study]\nschema = 1\ntitle = "A study"\ndata = "{data}"\n'


def read(folder: Path, name: str) -> object:
    return read_records(parse_protocol(HEAD.format(data=name)), folder)


def refused(folder: Path, name: str) -> str:
    """The id of the error; a file that is refused is never half read, and nothing is written."""
    before = sorted(p.name for p in folder.iterdir())
    with pytest.raises(ReadError) as error:
        read(folder, name)
    with pytest.raises(ReadError):
        new_study(folder / "study", folder / name)
    assert sorted(p.name for p in folder.iterdir()) == before
    assert all(p.what for p in error.value.problems)
    return error.value.problems[0].id


def workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "patients"
    book.active.append(["patient", "age"])
    book.active.append(["1", 60])
    book.save(path)
    return path


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "c.xlsx").write_bytes(b"")
    assert refused(tmp_path, "c.xlsx") == "files.empty"


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.95])
def test_half_saved_workbook(tmp_path: Path, keep: float) -> None:
    whole = workbook(tmp_path / "c.xlsx").read_bytes()
    (tmp_path / "c.xlsx").write_bytes(whole[: int(len(whole) * keep)])
    assert refused(tmp_path, "c.xlsx") == "files.corrupt"


def test_a_flipped_byte_inside_the_archive(tmp_path: Path) -> None:
    """Found by fuzzing: the table of contents is whole, a part fails its checksum."""
    path = workbook(tmp_path / "c.xlsx")
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("xl/workbook.xml").header_offset + 60
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)
    assert refused(tmp_path, "c.xlsx") == "files.corrupt"


def test_workbook_with_a_password(tmp_path: Path) -> None:
    name = "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "c.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + name)
    assert refused(tmp_path, "c.xlsx") == "files.encrypted"


def test_zip_bomb(tmp_path: Path) -> None:
    path = workbook(tmp_path / "c.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", bytes(80_000_000))
    assert refused(tmp_path, "c.xlsx") == "files.zip-bomb"


def test_zip_that_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "c.xlsx", "w") as archive:
        archive.writestr("notes.txt", "hello")
    assert refused(tmp_path, "c.xlsx") == "files.unknown-kind"


def test_a_cell_at_the_end_of_the_world(tmp_path: Path) -> None:
    path = workbook(tmp_path / "c.xlsx")
    book = openpyxl.load_workbook(path)
    book.active["XFD1048576"] = "x"
    book.save(path)
    assert refused(tmp_path, "c.xlsx") == "files.too-large"


def test_text_in_a_workbooks_clothes_is_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "c.xlsx").write_text("patient,age\n1,60\n")
    records = read(tmp_path, "c.xlsx")
    assert records.tables["patients"]["age"].to_list() == [60.0]  # type: ignore[attr-defined]


def test_workbook_in_textual_clothes_is_read_as_a_workbook(tmp_path: Path) -> None:
    workbook(tmp_path / "c.xlsx").rename(tmp_path / "c.csv")
    records = read(tmp_path, "c.csv")
    assert records.tables["patients"].height == 1  # type: ignore[attr-defined]


def test_binary_rubbish(tmp_path: Path) -> None:
    (tmp_path / "c.dat").write_bytes(bytes(range(256)) * 40)
    assert refused(tmp_path, "c.dat") == "files.unknown-kind"


def test_nul_in_text(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_bytes(b"patient,age\n1,60\n2,\x006\n" + b"3,50\n" * 50)
    assert refused(tmp_path, "c.csv") == "files.corrupt"


def test_a_cell_of_ten_megabytes(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("patient,note\n1," + "x" * 10_000_000 + "\n")
    assert refused(tmp_path, "c.csv") == "files.corrupt"


def test_broken_parquet(tmp_path: Path) -> None:
    (tmp_path / "c.parquet").write_bytes(b"PAR1" + bytes(200) + b"PAR1")
    assert refused(tmp_path, "c.parquet") == "files.corrupt"


@pytest.mark.parametrize("mark", [b"$FL2", b"<stata_dta>", b"HEADER RECORD*******LIBRARY HEADER"])
def test_broken_statistics_files(tmp_path: Path, mark: bytes) -> None:
    (tmp_path / "c.sav").write_bytes(mark + bytes(400))
    assert refused(tmp_path, "c.sav") == "files.corrupt"


def test_macros_and_links_are_said_not_run(tmp_path: Path) -> None:
    path = workbook(tmp_path / "c.xlsm")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
        archive.writestr("xl/externalLinks/externalLink1.xml", b"<x/>")
    records = read(tmp_path, "c.xlsm")
    notes = [p.what for p in records.problems if p.id == "files.note"]  # type: ignore[attr-defined]
    assert len(notes) == 2


def test_a_workbook_open_in_excel_is_read_as_saved(tmp_path: Path) -> None:
    workbook(tmp_path / "c.xlsx")
    (tmp_path / "~$c.xlsx").write_bytes(b"x")
    records = read(tmp_path, "c.xlsx")
    assert "files.open" in {p.id for p in records.problems}  # type: ignore[attr-defined]


def test_locked_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "c.xlsx")
    opened = Path.open

    def locked(self: Path, *args: object, **kwargs: object) -> object:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return opened(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", locked)
    with pytest.raises(ReadError) as error:
        read(tmp_path, "c.xlsx")
    assert error.value.problems[0].id == "files.locked"


CELL = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "1",
            "1,5",
            "-12 %",
            "<5",
            "ND",
            "2019-13",
            "31/12/2019",
            "43528",
            "NaN",
            "inf",
            "1e999",
            "=1+1",
            "-",
            '"',
            "true",
            "m",
            "PD",
            "9" * 30,
            "２０",
            "²",
            "٣",
        ]
    ),
)


@settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=st.lists(st.lists(CELL, min_size=1, max_size=6), min_size=1, max_size=6))
def test_any_text_is_read_or_refused(tmp_path: Path, rows: list[list[str]]) -> None:
    import csv

    header = ["patient", "age", "treatment_start", "sex", "best_response", "crp"]
    with (tmp_path / "c.csv").open("w", newline="", encoding="utf-8", errors="replace") as handle:
        writer = csv.writer(handle)
        writer.writerow(header)
        writer.writerows(rows)
    try:
        records = read(tmp_path, "c.csv")
    except ReadError as error:
        assert error.problems
        return
    assert records.tables["patients"].height <= len(rows)  # type: ignore[attr-defined]


def test_of_thousands_of_columns_those_that_the_study_names_are_read(tmp_path: Path) -> None:
    names = ["patient", *(f"gene{i}" for i in range(2_100))]
    rows = [[f"P{r}", *(str((r * i) % 7) for i in range(2_100))] for r in range(4)]
    lines = (",".join(cells) for cells in (names, *rows))
    (tmp_path / "c.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    protocol = parse_protocol(
        '[study]\ntitle = "t"\nschema = 1\ndata = "c.csv"\n[variables.late]\ncolumn = "gene1700"\n'
    )
    read = read_records(protocol, tmp_path)
    held = read["patients"].columns
    assert "gene1700" in held and "gene0" in held and "gene1000" not in held
    assert any("of 2,101 columns are named nowhere" in d.what for d in read.decisions)
