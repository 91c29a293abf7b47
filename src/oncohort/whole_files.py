"""Single files that a command writes: whole or not at all, and for their owner alone.

What is written stands beside the file first and is then swapped in; what a killed process left
there is taken away by the next one.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 2.0
"""Seconds to wait for another program that holds the file for a moment (Windows)."""
ABANDONED = 60.0
"""Seconds after which a file that waits to be swapped in belongs to nobody."""
HEAD = 8_000
"""Bytes in which a file says who wrote it."""


def sweep(folder: Path, prefix: str) -> None:
    """Take away what killed processes left: files and folders that nobody writes to any more."""
    for left in folder.glob(f"{glob_name(prefix)}*"):
        with suppress(OSError):
            inside = left.rglob("*") if left.is_dir() else ()
            if time.time() - max(p.stat().st_mtime for p in (left, *inside)) > ABANDONED:
                shutil.rmtree(left) if left.is_dir() else left.unlink()


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


def write_whole(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Write a file whole or not at all.

    Parameters
    ----------
    mode
        Who may read it, where the system knows that; default: as before, a new file its owner.

    Raises
    ------
    OSError
        It can't be written; what was there is as before.
    """
    path = path.resolve() if path.is_symlink() else path
    prefix = f".{path.name}.oncohort-"
    sweep(path.parent, prefix)
    handle, name = tempfile.mkstemp(prefix=prefix, dir=path.parent)
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        if mode is None:
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
        made.chmod(mode)
        swap_in(made, path)
    except BaseException:
        with suppress(OSError):
            made.unlink()
        raise


def glob_name(name: str) -> str:
    """A file's name as a pattern that finds it alone.

    Examples
    --------
    >>> glob_name("a[1].html")
    'a[[]1].html'
    """
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def says(path: Path, mark: bytes) -> bool:
    """Is there a file that says in its head that we wrote it? Only regular files are read."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return mark in file.read(HEAD)


@contextmanager
def quiet_writers() -> Iterator[None]:
    """No words of a library about a file that it could not close: the error itself is raised."""
    before = sys.unraisablehook
    sys.unraisablehook = lambda _: None
    try:
        yield
    finally:
        sys.unraisablehook = before
