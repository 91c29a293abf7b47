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


def test_what_the_system_refuses_is_no_fault_of_the_program(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refused(folder: object, **_: object) -> None:
        raise PermissionError(13, "Permission denied", "chart.xlsx")

    monkeypatch.setattr(room, "read_study", refused)
    monkeypatch.delenv("ONCOHORT_DEBUG", raising=False)
    said = oncohort(capsys, "check", tmp_path)
    assert (said.code, said.err.strip()) == (
        2, "chart.xlsx: Permission denied. Nothing more was done.",
    )  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [
        ("demo", "FILE"),
        ("plan", "h/consortium.toml", "--out", "FILE"),
        (*("join", "FILE", "--plan", "h/consortium.toml", "--name", "north"),
         *("--key", "j/keys/north.key", "--data", "h/north.csv")),
    ],
)  # fmt: skip
def test_a_file_where_hospitals_want_a_folder_is_refused(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    command: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").write_text("mine")
    oncohort(capsys, "consortium", "demo", "h")
    oncohort(capsys, "consortium", "plan", "h/consortium.toml", "--out", "j")
    said = oncohort(capsys, "consortium", *command)
    assert said.code == 2
    assert "consortium.site" in said.err
    assert (tmp_path / "FILE").read_text() == "mine"


def test_stopped_while_an_error_is_told_there_is_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[str] = []

    def fail(text: str) -> None:
        told.append(text)
        if len(told) == 1:
            raise KeyboardInterrupt

    from oncohort.cli.messages import messages

    monkeypatch.setattr(messages, "fail", fail)
    assert oncohort(capsys, "twin", tmp_path / "none.toml", "--out", tmp_path / "out").code == 130
    assert told[-1].startswith("Stopped.")


@pytest.mark.parametrize("command", [("twin", "none.toml", "--out", "out"), ("audit", "none.toml")])
def test_a_file_of_figures_that_is_not_there_is_said_so(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    said = oncohort(capsys, *command)
    assert said.code == 2
    assert "No such file" in said.err + said.out
    assert "isn't checked" not in said.err + said.out
