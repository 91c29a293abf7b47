"""Single files: whole or not at all, for their owner alone, never over a file of somebody else."""

from __future__ import annotations

import os
import stat
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "mutations"))

import clean_study

from oncohort import whole_files
from oncohort.cli.app import app
from oncohort.problems import OutputError
from oncohort.study import demo
from oncohort.study.demo import write_demo

BUILT_IN = files("oncohort.study").joinpath("demo_study", "study.toml").read_bytes()


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return clean_study.write_study(tmp_path / "study", clean_study.clean_tables())


def test_a_file_is_written_whole_and_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "a[1].html"
    whole_files.write_whole(path, b"one")
    whole_files.write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in tmp_path.iterdir()] == ["a[1].html"]
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_a_killed_process_left_is_taken_away(tmp_path: Path) -> None:
    old, new = (tmp_path / f".x.html.oncohort-{n}" for n in "ab")
    other = tmp_path / ".y.html.oncohort-a"
    for left in (old, new, other):
        left.write_bytes(b"half")
    for left in (old, other):
        os.utime(left, (1, 1))
    whole_files.write_whole(tmp_path / "x.html", b"whole")
    assert {p.name for p in tmp_path.iterdir()} == {other.name, new.name, "x.html"}


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there.html").write_bytes(b"old")
    (tmp_path / "link.html").symlink_to("there.html")
    whole_files.write_whole(tmp_path / "link.html", b"new")
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "there.html").read_bytes() == b"new"


@pytest.mark.parametrize(
    ("option", "name"), [("--page", "p.html"), ("--picture", "p.svg"), ("--picture", "p.png")]
)
def test_pages_and_pictures_of_a_patient_replace_their_like_alone(
    study: Path, tmp_path: Path, option: str, name: str
) -> None:
    out = tmp_path / name
    command = ["explain", str(study), "S01"]
    first = CliRunner().invoke(app, [*command, option, str(out)])
    assert first.exit_code == 0, first.output
    assert CliRunner().invoke(app, [*command, option, str(out)]).exit_code == 0
    if sys.platform != "win32":
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
    out.write_bytes(b"my paper")
    done = CliRunner().invoke(app, [*command, option, str(out)])
    assert isinstance(done.exception, OutputError) or done.exit_code == 2
    assert out.read_bytes() == b"my paper"


def test_a_picture_takes_words_as_they_are_and_no_setting_of_the_user(tmp_path: Path) -> None:
    import matplotlib

    from oncohort.study.explaining import draw_timeline
    from oncohort.study.study import read_study

    tables = clean_study.clean_tables()
    for rows in tables.values():
        for row in rows:
            row["patient"] = row["patient"].replace("S01", "S$\\frac{1$")
    folder = clean_study.write_study(tmp_path / "study", tables)
    with matplotlib.rc_context({"text.usetex": True, "font.size": 40}):
        draw_timeline(read_study(folder), "S$\\frac{1$", tmp_path / "p.svg")
        assert matplotlib.rcParams["font.size"] == 40
    assert "S$\\frac{1$" in (tmp_path / "p.svg").read_text(encoding="utf-8")


def test_half_a_built_in_study_goes_and_a_killed_one_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "demo"
    written: list[str] = []

    def full(path: Path, data: bytes, *, mode: int) -> None:
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(path.name)
        path.write_bytes(data)

    with monkeypatch.context() as patched:
        patched.setattr(demo, "write_whole", full)
        with pytest.raises(OutputError, match="No space left"):
            write_demo(target)
    assert written[0] == "study.toml"
    assert not target.exists()
    target.mkdir()
    (target / "notes.txt").write_text("mine")
    with pytest.raises(OutputError):
        write_demo(target)
    assert [p.name for p in target.iterdir()] == ["notes.txt"]
    (target / "notes.txt").unlink()
    (target / "study.toml").write_bytes(BUILT_IN)  # killed behind its first file
    write_demo(target)
    assert (target / "data.xlsx").is_file()
    assert (target / "study.toml").read_bytes() == BUILT_IN


def test_lines_letters_and_mode_are_as_given(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    whole_files.write_whole(path, "é\n≥\n".encode())
    assert path.read_bytes() == "é\n≥\n".encode()
    path.chmod(0o640)
    whole_files.write_whole(path, b"b\n")
    assert path.read_bytes() == b"b\n" and path.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["a.toml"]


def refusing(times: int, calls: list[int]) -> object:
    real = os.replace

    def replace(made: Path, target: Path) -> None:
        calls.append(1)
        if len(calls) <= times:
            raise PermissionError(13, "held by a scanner")
        real(made, target)

    return replace


def test_a_file_that_a_scanner_holds_is_tried_again_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.toml"
    calls: list[int] = []
    with monkeypatch.context() as windows:
        windows.setattr(os, "replace", refusing(3, calls))
        windows.setattr(whole_files.os, "name", "nt")
        windows.setattr(whole_files, "Path", type(tmp_path))
        whole_files.write_whole(path, b"new")
    assert path.read_text("utf-8") == "new" and len(calls) == 4


def test_a_refusal_for_good_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.toml"
    path.write_text("old", encoding="utf-8")
    calls: list[int] = []
    with monkeypatch.context() as refused:
        refused.setattr(os, "replace", refusing(10**9, calls))
        with pytest.raises(PermissionError):
            whole_files.write_whole(path, b"new")
    assert path.read_text("utf-8") == "old" and len(calls) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["a.toml"]
