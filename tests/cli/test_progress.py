"""Progress on a terminal, silence elsewhere; Ctrl-C in a sentence; the page of one patient."""

from __future__ import annotations

import io
import stat
import time
from pathlib import Path

import pytest
import typer
from rich.console import Console
from terminal import oncohort

from oncohort.cli import progress as room
from oncohort.cli.failing import INTERRUPTED, run_guarded
from oncohort.cli.messages import Messages, messages
from oncohort.cli.progress import progress
from oncohort.study.demo import write_demo


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A standard error that is a terminal, and no patience."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system=None, width=100)
    monkeypatch.setattr(Messages, "console", property(lambda self: console))
    monkeypatch.setattr(Messages, "is_terminal", property(lambda self: True))
    monkeypatch.setattr(room, "PATIENCE", 0.01)
    monkeypatch.setattr(messages, "quiet", False)
    return out


def shows(out: io.StringIO, words: str) -> bool:
    for _ in range(500):
        if words in out.getvalue():
            return True
        time.sleep(0.02)
    return False


def test_a_terminal_shows_what_is_done(terminal: io.StringIO) -> None:
    with progress("Reading the chart") as now:
        assert shows(terminal, "Reading the chart ...")
        now("Computing")
        assert shows(terminal, "Computing ...")


def test_what_is_quick_says_nothing(terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PATIENCE", 60.0)
    with progress("Reading the chart") as now:
        now("Computing")
    assert terminal.getvalue() == ""


def test_silent_where_told_to_be(terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "quiet", True)
    with progress("Reading the chart") as now:
        now("Computing")
        time.sleep(0.1)
    assert terminal.getvalue() == ""


def test_a_file_gets_no_turning_marks(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("Reading the chart") as now:
        now("Computing")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("error", [KeyboardInterrupt, typer.Abort])
def test_stopping_is_said_in_a_sentence(
    error: type[BaseException], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = typer.Typer()

    @app.command()
    def work() -> None:
        raise error

    monkeypatch.setattr("sys.argv", ["oncohort"])
    assert run_guarded(app) == INTERRUPTED
    assert "Stopped." in capsys.readouterr().err


def test_a_chart_is_no_study_and_the_way_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chart = write_demo(tmp_path / "study") / "data.xlsx"
    said = oncohort(capsys, "run", chart)
    assert said.code == 2 and "oncohort new STUDY --from data.xlsx" in said.err


def test_the_page_of_one_patient(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study, page = write_demo(tmp_path / "study"), tmp_path / "s05.html"
    said = oncohort(capsys, "explain", study, "5", "--page", page)
    assert said.code == 0 and "Hand-foot" in said.out and "reduction" in said.out
    text = page.read_text(encoding="utf-8")
    assert "Patient S05" in text and "doses!E12 amount" in text and "<script" not in text
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    wrong = oncohort(capsys, "explain", study, "5", "--page", tmp_path / "s05.txt")
    assert wrong.code == 2 and "explain.page" in wrong.err


def test_a_wrong_id_in_the_authors_text_is_a_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = write_demo(tmp_path / "study")
    (study / "text" / "discussion.md").write_text("Survival was {survival.os.medium} months.")
    said = oncohort(capsys, "check", study)
    assert "text.unknown-result" in said.out and '"survival.os.median"' in said.out
