"""Single files that a command writes: whole or not at all, and for their owner alone.

What is written stands beside the file first and is then swapped in; what a killed process left
there is taken away by the next one.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import socket
import tempfile
import time
from contextlib import suppress
from pathlib import Path

PATIENCE = 2.0
"""Seconds to wait for another program that holds the file for a moment (Windows)."""
ABANDONED = 60.0
"""Seconds after which a file that waits to be swapped in belongs to nobody."""
HEAD = 8_000
"""Bytes in which a file says who wrote it."""


def _machine() -> str:
    """A mark of this machine: the processes of another one can't be looked at."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def owned(prefix: str) -> str:
    """The beginning of a name that says which process makes what is called so.

    Examples
    --------
    >>> owned(".x.oncohort-").startswith(".x.oncohort-") and owned("a")[-1]
    '-'
    """
    return f"{prefix}{_machine()}-{os.getpid()}-"


def _ended(name: str, prefix: str) -> bool:
    """Whether the process of this machine that made a file is known to have ended."""
    found = re.match(rf"{_machine()}-([0-9]{{1,9}})-", name.removeprefix(prefix))
    if found is None or os.name == "nt":  # there a signal, even none, would end the process
        return False
    try:
        os.kill(int(found[1]), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def sweep(folder: Path, prefix: str) -> None:
    """Take away what killed processes left: files and folders that nobody writes to any more.

    At once where the process is known to have ended, else when nothing was written for a while.
    """
    for left in folder.glob(f"{glob_name(prefix)}*"):
        with suppress(OSError):
            inside = left.rglob("*") if left.is_dir() else ()
            late = time.time() - ABANDONED
            if _ended(left.name, prefix) or max(p.stat().st_mtime for p in (left, *inside)) < late:
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


def write_whole(path: Path, data: bytes, *, mode: int | None = None, durable: bool = False) -> None:
    """Write a file whole or not at all.

    Parameters
    ----------
    mode
        Who may read it, where the system knows that; default: as before, a new file its owner.
    durable
        Wait until it is on the disk.

    Raises
    ------
    OSError
        It can't be written; what was there is as before.
    """
    path = path.resolve() if path.is_symlink() else path
    prefix = f".{path.name}.oncohort-"
    sweep(path.parent, prefix)
    handle, name = tempfile.mkstemp(prefix=owned(prefix), dir=path.parent)
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        if mode is None:
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
        made.chmod(mode)
        swap_in(made, path)
    except BaseException:
        with suppress(OSError):
            made.unlink()
        raise


def write_once(path: Path, data: bytes) -> None:
    """Write a file for its owner alone, whole, unless there is one; the first of several stays.

    Raises
    ------
    OSError
        It can't be written.
    """
    prefix = f".{path.name}.oncohort-"
    sweep(path.parent, prefix)
    if path.exists():
        return
    made = path.with_name(f"{owned(prefix)}{secrets.token_hex(4)}")
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        try:
            os.link(made, path)
        except FileExistsError:
            return
        except OSError:  # a file system without links
            if not path.exists():
                swap_in(made, path)
    finally:
        made.unlink(missing_ok=True)


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
