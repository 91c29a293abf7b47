"""A pipe or a device where a file is wanted is refused at once: nothing waits for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from terminal import oncohort

from oncohort.regular_files import regular

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders")
COMMANDS = (
    ("check", "study"),
    ("explain", "study", "1"),
    ("answer", "study", "1", "yes"),
    ("new", "n", "--from", "pipe.csv"),
    ("km", "pipe.csv", "--time", "t", "--event", "e", "--event-value", "1"),
    ("audit", "pipe.csv"),
    ("audit", "pipe.toml"),
    ("twin", "pipe.toml", "--out", "t"),
    ("diff", "results", "results"),
    ("consortium", "plan", "pipe.toml"),
    ("consortium", "answer", "site", "pipe.toml"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_waits_for_a_pipe(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    command: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("study/study.toml", "results/results.json", "site/site.toml"):
        (tmp_path / name).parent.mkdir()
        os.mkfifo(name)
    for name in ("pipe.csv", "pipe.toml"):
        os.mkfifo(name)
    said = oncohort(capsys, *command)
    assert said.code == 2, said
    assert "Traceback" not in said.err


def test_what_a_shell_hands_over_is_read() -> None:
    assert regular(Path("/dev/stdin")) == Path("/dev/stdin")
    assert regular(Path("/dev/fd/63")) == Path("/dev/fd/63")
