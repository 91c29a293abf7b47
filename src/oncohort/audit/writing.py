"""Writing a report to a file: only a new file, or one that an audit wrote before."""

from __future__ import annotations

import re
from pathlib import Path

from oncohort.problems import OutputError
from oncohort.whole_files import write_whole

MARK = "oncohort-audit-report"
"""Stands in the head of every HTML page."""
_HEADS = (
    re.compile(rf"^<!DOCTYPE html>[\s\S]{{0,400}}{MARK}"),
    re.compile(r'^\[\s*\{\s*"error": [\s\S]{0,4000}"figures_checked": '),
    re.compile(r"^paper,verdict,figures_read,"),
    re.compile(r"^[^\n]{1,1000}: (?:\d+ figures read, \d+ checked, |cannot read: )"),
)


def write_report(path: Path, text: str) -> None:
    """Write a report whole or not at all.

    Raises
    ------
    OutputError
        If something stands there that no audit wrote, or the place can't be written.
    """
    try:
        if path.is_dir():
            raise OutputError(f"{path} is a folder; name a file for the report.")
        if path.exists() and not is_report(path):
            raise OutputError(
                f"{path} is there already and is no report of an audit; it was left as it is. "
                "Choose another name, or move it away."
            )
        write_whole(path, text.encode(), mode=0o600)
    except OSError as problem:
        raise OutputError(
            f"{path}: {problem.strerror or problem}; nothing was written."
        ) from problem


def is_report(path: Path) -> bool:
    """Whether a file is a report that an audit wrote; only regular files are looked into."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(8_000).decode("utf-8", "replace")
    return any(pattern.match(head) for pattern in _HEADS)
