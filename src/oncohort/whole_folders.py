"""Folders that a command writes: whole or not at all, beside their place first.

What a killed process left is taken away at the next start, old files that it had moved aside are
put back.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from oncohort.whole_files import owned, sweep

WORK = "oncohort-"
"""Temporary folders of ours begin so."""


@contextmanager
def locked(folder: Path, patience: float) -> Iterator[None]:
    """One writer at a time in a folder; the system frees the lock of a process that died.

    Parameters
    ----------
    patience
        Seconds to wait for another one.

    Raises
    ------
    BlockingIOError
        Another one is still writing.
    """
    if sys.platform == "win32":  # a folder can't be locked there; replacing is refused instead
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        end = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > end:
                    what = "another command is writing there; wait for it"
                    raise BlockingIOError(error.errno, what) from None
                time.sleep(0.05)
            except OSError:
                break  # a file system without locks
        yield
    finally:
        os.close(handle)


@contextmanager
def working_folder(parent: Path | None = None, prefix: str = WORK) -> Iterator[Path]:
    """A folder for the time being, readable by its owner alone.

    Parameters
    ----------
    parent
        Where it is made; default: where the system has such folders.
    """
    made = new_working_folder(parent, prefix)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def new_working_folder(parent: Path | None = None, prefix: str = WORK) -> Path:
    """The same, for the caller to take away; those of ended processes are swept."""
    parent = Path(tempfile.gettempdir()) if parent is None else parent
    sweep(parent, prefix)
    return Path(tempfile.mkdtemp(prefix=owned(prefix), dir=parent))


@contextmanager
def whole_folder(target: Path, *, private: bool = False) -> Iterator[Path]:
    """A folder to write into, which then takes its place: all of it or nothing.

    In a folder that is there already, each file is put in its place at the end, in the order in
    which it was written; what is there with the same content stays.

    Parameters
    ----------
    private
        Readable by the user alone, where the system knows that.

    Raises
    ------
    OSError
        It can't be written.
    FileExistsError
        Something else is there under the name of one of the files.
    """
    target = target.resolve()
    inside = target.is_dir()
    parent = target if inside else target.parent
    parent.mkdir(parents=True, exist_ok=True)
    with working_folder(parent, f".{target.name}.oncohort-") as made:
        yield made
        for path in made.rglob("*") if private else ():
            path.chmod(0o700 if path.is_dir() else 0o600)
        if inside:
            _placed(made, target)
            return
        made.chmod(0o700 if private else _mode())
        os.replace(made, target)


def _mode() -> int:
    """Of a folder that the user makes."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o777 & ~mask


def _placed(made: Path, target: Path) -> None:
    """Move every entry to its place, the last one written last."""
    entries = sorted(made.iterdir(), key=lambda p: (p.stat().st_mtime_ns, p.name))
    moved = [p for p in entries if not same(p, target / p.name)]
    for path in moved:
        if (target / path.name).exists():
            raise FileExistsError(17, "it is there already", str(target / path.name))
    for path in moved:
        os.replace(path, target / path.name)


def same(one: Path, other: Path) -> bool:
    """Whether two files, or two folders of files, hold the same."""
    if one.is_dir():
        names = sorted(p.name for p in one.iterdir())
        return (
            other.is_dir()
            and sorted(p.name for p in other.iterdir()) == names
            and all(same(one / name, other / name) for name in names)
        )
    return other.is_file() and filecmp.cmp(one, other, shallow=False)


def swap(made: Path, target: Path, old: Path) -> None:
    """A new folder takes the old one's place; if that fails, the old one is put back.

    Parameters
    ----------
    old
        The name that the old folder has until it is gone.
    """
    try:
        if target.exists():
            os.replace(target, old)
        os.replace(made, target)
    except OSError:
        if old.exists() and not target.exists():
            os.replace(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def renewed_folder(target: Path) -> Iterator[Path]:
    """As :func:`whole_folder`, for a folder that is written again: what else it holds stays.

    Raises
    ------
    OSError
        It can't be written; what was there is as before.
    """
    target = target.resolve()
    old = target.with_name(f".{target.name}.oncohort-old")
    if old.is_dir() and not target.exists():  # a process was killed between the two renames
        os.replace(old, target)
    shutil.rmtree(old, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    with working_folder(target.parent, f".{target.name}.oncohort-new-") as made:
        yield made
        if Path.cwd().is_relative_to(target):  # the folder that somebody stands in is not moved
            for path in made.iterdir():
                if (target / path.name).is_dir():
                    shutil.rmtree(target / path.name)
                os.replace(path, target / path.name)
            return
        made.chmod(target.stat().st_mode & 0o777 if target.is_dir() else _mode())
        for path in target.iterdir() if target.is_dir() else ():
            if not (made / path.name).exists():
                _copied(path, made / path.name)
        swap(made, target, old)


def _copied(path: Path, to: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.copytree(path, to, symlinks=True)
    else:
        with suppress(FileNotFoundError):  # another process has taken it away
            shutil.copy2(path, to, follow_symlinks=False)
