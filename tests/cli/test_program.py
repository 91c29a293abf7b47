"""The program ends with what the command says, and all that it said has arrived."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def program(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "oncohort", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_all_that_is_said_arrives() -> None:
    done = program("rules")
    assert done.returncode == 0
    assert len(done.stdout) > 8192  # more than is held back before it is written
    assert done.stdout.endswith("\n")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--version"], 0, ""),
        (["no-such-command"], 2, "No such command"),
        (["check"], 2, "Missing argument"),
        (["check", "no such folder"], 2, "no such folder"),
    ],
)
def test_the_code_is_that_of_the_command(arguments: list[str], code: int, said: str) -> None:
    done = program(*arguments)
    assert done.returncode == code
    assert said in done.stderr


def test_what_waits_for_the_end_is_done(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    script = (
        "import atexit, sys\n"
        f"atexit.register(lambda: open({str(mark)!r}, 'w').close())\n"
        "sys.argv = ['oncohort', '--version']\n"
        "from oncohort.cli import program\n"
        "program()\n"
        "raise SystemExit('not reached')\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
    assert mark.exists() is True


def test_help_of_one_command_and_of_all() -> None:
    assert "check" in program("--help").stdout
    assert "consortium" in program("--help").stdout
    assert " oncohort run [OPTIONS] " in program("run", "--help").stdout
