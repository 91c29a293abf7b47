"""A file is written whole or not at all: beside it first, then swapped in."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

PATIENCE = 2.0
"""Seconds to wait for another program that holds the file for a moment (Windows)."""


def swap_in(made: Path, target: Path) -> None:
    """Put a file in the place of another.

    Windows refuses while a third program (a virus scanner, an index) has the old one open, which
    is over in a moment; elsewhere the first try succeeds, or fails for good.

    Raises
    ------
    OSError
        The place can't be written.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            os.replace(made, target)
            return
        except PermissionError:
            if os.name != "nt" or time.monotonic() > end:
                raise
            time.sleep(0.05)


def write_whole(path: Path, text: str) -> None:
    """Write a text file; its mode stays, its lines end as they are, its letters are UTF-8.

    Raises
    ------
    OSError
        It can't be written; the file is as it was.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    made = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        if path.exists():
            os.chmod(made, path.stat().st_mode & 0o777)
        swap_in(made, path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
