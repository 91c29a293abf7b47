"""What the terminal says where the program itself is at fault."""

from __future__ import annotations

from pathlib import Path

import pytest
from terminal import oncohort

from oncohort.study import study as room


def _broken(folder: object, **_: object) -> None:
    raise KeyError("a fault")


def test_an_unforeseen_error_is_said_in_words_without_a_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(room, "read_study", _broken)
    monkeypatch.delenv("ONCOHORT_DEBUG", raising=False)
    said = oncohort(capsys, "check", tmp_path)
    assert said.code == 2
    assert "fault of the program, not of your data" in said.err
    assert "KeyError" in said.err
    assert "Traceback" not in said.err


def test_a_developer_can_ask_for_the_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(room, "read_study", _broken)
    monkeypatch.setenv("ONCOHORT_DEBUG", "1")
    with pytest.raises(KeyError):
        oncohort(capsys, "check", tmp_path)
