"""Run a command as a user would, in this process: exit code, standard output, standard error."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pytest

from oncohort.cli.app import app
from oncohort.cli.failing import run_guarded


@dataclass(frozen=True)
class Entry:
    """What a command left behind."""

    code: int
    out: str
    err: str


def oncohort(capsys: pytest.CaptureFixture[str], *arguments: object) -> Entry:
    """`oncohort ARGUMENTS...`"""
    before = sys.argv
    sys.argv = ["oncohort", *map(str, arguments)]
    try:
        code = run_guarded(app)
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        sys.argv = before
    out, err = capsys.readouterr()
    return Entry(code, out, err)
