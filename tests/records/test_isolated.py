"""Foreign binary files in a process of their own: when it dies, one file is refused."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from oncohort.problems import ReadError
from oncohort.protocol import parse_protocol
from oncohort.records import read_records
from oncohort.records.sources import isolated
from oncohort.records.sources.isolated import parsed


def workbook(path: Path, rows: int = 2) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "patients"
    book.active.append(["patient", "age"])
    for k in range(rows - 1):
        book.active.append([f"P{k}", 60])
    book.save(path)
    return path


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    isolated._parser.close()
    yield
    isolated._parser.close()


def refused(path: Path) -> str:
    with pytest.raises(ReadError) as error:
        parsed("sheets", path, path.name)
    [one] = error.value.problems
    assert one.id == "files.corrupt"
    return one.what


def test_sheets_and_cells(tmp_path: Path) -> None:
    path = workbook(tmp_path / "c.xlsx")
    assert parsed("sheets", path, "c.xlsx") == (("patients", False),)
    kind, rows, merged = parsed("cells", path, "c.xlsx", "patients", 100)
    assert (kind, rows, merged) == ("cells", [["patient", "age"], ["P0", 60.0]], ())
    assert parsed("cells", path, "c.xlsx", "patients", 3) == ("large", 2, 2)


def test_a_reader_that_dies_refuses_one_file_and_is_started_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "c.xlsx")
    with monkeypatch.context() as one:
        one.setattr(isolated, "command", lambda: [sys.executable, "-c", "import os; os.abort()"])
        assert "its reader died" in refused(path)
    assert parsed("sheets", path, "c.xlsx") == (("patients", False),)


def test_a_reader_that_never_answers_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "c.xlsx")
    monkeypatch.setattr(isolated, "SECONDS", 0.3)
    monkeypatch.setattr(isolated, "SECONDS_PER_MB", 0.0)
    sleep = "import time; time.sleep(600)"
    monkeypatch.setattr(isolated, "command", lambda: [sys.executable, "-c", sleep])
    assert "not read after" in refused(path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits of memory are those of Unix")
def test_a_file_that_needs_too_much_memory_fails_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "c.xlsx", rows=3000)
    whole = isolated.command()
    small = [*whole[:4], str(12_000_000), *whole[5:]]
    monkeypatch.setattr(isolated, "command", lambda: small)
    with pytest.raises(ReadError) as error:
        parsed("cells", path, path.name, "patients", 10**6)
    assert error.value.problems[0].id == "files.corrupt"


def test_only_plain_values_are_taken_from_the_reader() -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, ("true",)

    with pytest.raises(pickle.UnpicklingError):
        isolated._Plain(io.BytesIO(pickle.dumps(Evil()))).load()


@pytest.mark.parametrize("module", ["python_calamine", "pickle", "struct", "oncohort", "datetime"])
def test_nothing_of_the_current_folder_is_imported(tmp_path: Path, module: str) -> None:
    path = workbook(tmp_path / "c.xlsx")
    (tmp_path / f"{module}.py").write_text("open('ran', 'w').close()\nraise SystemExit(3)\n")
    request = pickle.dumps(("sheets", (str(path),), isolated.ROOM))
    done = subprocess.run(
        isolated.command(),
        input=len(request).to_bytes(8, "little") + request,
        cwd=tmp_path,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 0
    assert not (tmp_path / "ran").exists()
    assert b"patients" in done.stdout


def test_a_workbook_that_was_saved_again_is_read_again(tmp_path: Path) -> None:
    """One process reads for the whole time that the pages are open: never what was there before."""
    protocol = parse_protocol(
        '[study]\nschema = 1\ntitle = "A study"\ndata = "c.xlsx"\n[variables.age]\n'
    )
    for age, how in ((40, "over"), (50, "over"), (60, "beside"), (70, "beside")):
        book = openpyxl.Workbook()
        book.active.title = "patients"
        book.active.append(["patient", "age"])
        book.active.append(["1", age])
        book.save(tmp_path / ("c.xlsx" if how == "over" else "new.xlsx"))
        if how == "beside":
            (tmp_path / "new.xlsx").replace(tmp_path / "c.xlsx")
        assert read_records(protocol, tmp_path).tables["patients"]["age"].to_list() == [age]


def test_a_reader_that_the_system_does_not_start_is_said_and_does_not_blame_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolated, "command", lambda: [str(tmp_path / "no-such-program")])
    with pytest.raises(ReadError) as error:
        parsed("sheets", workbook(tmp_path / "book.xlsx"), "book.xlsx")
    [one] = error.value.problems
    assert "can't be started" in one.what
    assert one.id == "files.unreadable"
