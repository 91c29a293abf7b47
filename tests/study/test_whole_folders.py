"""Folders that are written whole, and what killed processes left of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from oncohort import whole_files, whole_folders
from oncohort.problems import OutputError
from oncohort.study.demo import write_demo
from oncohort.whole_folders import new_working_folder, renewed_folder, same, whole_folder


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))


def test_a_folder_stands_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="full"), whole_folder(tmp_path / "a" / "s") as made:
        (made / "x").write_text("1")
        raise OSError(28, "full")
    assert names(tmp_path) == ["a"]
    with whole_folder(tmp_path / "a" / "s") as made:
        (made / "x").write_text("1")
    assert names(tmp_path / "a") == ["s", "s/x"]


def test_in_a_folder_with_files_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "chart.csv").write_text("mine")
    with pytest.raises(FileExistsError) as error, whole_folder(tmp_path / "s") as made:
        (made / "chart.csv").write_text("other")
        (made / "study.toml").write_text("1")
    assert str(error.value.filename).endswith("chart.csv")
    assert names(tmp_path / "s") == ["chart.csv"]
    with whole_folder(tmp_path / "s") as made:  # a start that was killed goes on
        (made / "chart.csv").write_text("mine")
        (made / "study.toml").write_text("1")
    assert names(tmp_path / "s") == ["chart.csv", "study.toml"]


def test_a_renewed_folder_keeps_what_is_not_ours(tmp_path: Path) -> None:
    target = tmp_path / "twin"
    (target / "results").mkdir(parents=True)
    (target / "results" / "report.html").write_text("report")
    (target / "data.csv").write_text("old")
    with renewed_folder(target) as made:
        (made / "data.csv").write_text("new")
    assert (target / "data.csv").read_text() == "new"
    assert (target / "results" / "report.html").read_text() == "report"
    assert [p.name for p in tmp_path.iterdir()] == ["twin"]


def test_an_old_folder_that_was_moved_aside_comes_back(tmp_path: Path) -> None:
    old = tmp_path / ".twin.oncohort-old"
    old.mkdir()
    (old / "notes.txt").write_text("mine")
    with pytest.raises(OSError, match="full"), renewed_folder(tmp_path / "twin"):
        raise OSError(28, "full")
    assert names(tmp_path) == ["twin", "twin/notes.txt"]


def test_the_folder_that_somebody_stands_in_is_not_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "twin" / "data").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "twin")
    before = (tmp_path / "twin").stat().st_ino
    with renewed_folder(Path()) as made:
        (made / "data").mkdir()
        (made / "data" / "x.csv").write_text("1")
    assert (tmp_path / "twin").stat().st_ino == before
    assert names(tmp_path) == ["twin", "twin/data", "twin/data/x.csv"]


@pytest.mark.skipif(os.name == "nt", reason="no process can be looked at there")
def test_what_an_ended_process_left_goes_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    mark = whole_files.owned("oncohort-").replace(f"-{os.getpid()}-", "-{}-")
    gone, alive = (tmp_path / f"{mark.format(pid)}x" for pid in (ended.pid, os.getpid()))
    elsewhere = tmp_path / f"oncohort-00000000-{ended.pid}-x"
    for folder in (gone, alive, elsewhere):
        folder.mkdir()
        (folder / "chart.csv").write_text("1")
    monkeypatch.setattr(whole_folders.tempfile, "gettempdir", lambda: str(tmp_path))
    made = new_working_folder()
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        p.name for p in (alive, elsewhere, made)
    )


def test_the_first_of_several_keys_stays(tmp_path: Path) -> None:
    whole_files.write_once(tmp_path / "key", b"one")
    whole_files.write_once(tmp_path / "key", b"two")
    assert (tmp_path / "key").read_bytes() == b"one"
    assert [p.name for p in tmp_path.iterdir()] == ["key"]


def test_folders_with_the_same_files_are_the_same(tmp_path: Path) -> None:
    for name, text in (("a", "1"), ("b", "1"), ("c", "2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_text(text)
    assert same(tmp_path / "a", tmp_path / "b")
    assert not same(tmp_path / "a", tmp_path / "c")
    assert not same(tmp_path / "a", tmp_path / "nothing")


def test_the_built_in_study_is_not_written_beside_another(tmp_path: Path) -> None:
    theirs = '[study]\nschema = 1\ntitle = "Ours"\ndata = "chart.csv"\n'
    (tmp_path / "study.toml").write_text(theirs)
    with pytest.raises(OutputError, match="another study"):
        write_demo(tmp_path)
    assert names(tmp_path) == ["study.toml"]
    assert (tmp_path / "study.toml").read_text() == theirs


def test_the_built_in_study_is_completed_whatever_was_changed_in_it(tmp_path: Path) -> None:
    write_demo(tmp_path / "s")
    protocol = tmp_path / "s" / "study.toml"
    text = protocol.read_text("utf-8").replace('journal = "default"', 'journal = "jco"')
    protocol.write_text(text, "utf-8")
    (tmp_path / "s" / "README.md").unlink()
    write_demo(tmp_path / "s")
    assert (tmp_path / "s" / "README.md").is_file()
    assert protocol.read_text("utf-8") == text
