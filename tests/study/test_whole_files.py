"""A file is written whole or not at all, on Windows with some patience."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from oncohort.study import whole_files
from oncohort.study.whole_files import write_whole


def test_lines_letters_and_mode_are_as_given(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    write_whole(path, "é\n≥\n")
    assert path.read_bytes() == "é\n≥\n".encode()
    path.chmod(0o640)
    write_whole(path, "b\n")
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
        write_whole(path, "new")
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
            write_whole(path, "new")
    assert path.read_text("utf-8") == "old" and len(calls) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["a.toml"]
