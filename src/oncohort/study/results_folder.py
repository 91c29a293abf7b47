"""The folder of results on disk: swapped in whole, never over what somebody else put there.

A run writes its files beside the folder and swaps the two. What the user added to the folder, or
changed in it, is carried over; a run that was killed at any moment leaves the old results or the
new ones, and the next run clears away what it left.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from oncohort.dataclass import dataclass
from oncohort.foreign_texts import json_of
from oncohort.problems import OutputError, Place, problem
from oncohort.regular_files import why
from oncohort.vocabulary.plurals import counted
from oncohort.whole_folders import locked, swap

MARK = "provenance.json"
"""A folder with this file, written by oncohort, may be replaced."""
PATIENCE = 60.0
"""Seconds to wait for another run that is writing."""
_LAYOUT = re.compile(
    r"report\.html|(manuscript|supplement)\.docx|(results|problems)\.json|tables/\w+\.csv|figures/\w+\.\w+"
)
"""Files of results, where no list of them was kept."""
_NEW, _OLD = ".oncohort-new", ".oncohort-old"


@dataclass(frozen=True, slots=True)
class Written:
    """Where results are, and what of the user's was kept beside them."""

    folder: Path
    kept: tuple[str, ...] = ()
    """Sentences, one per file that is not ours."""


def refused(path: Path, what: str, todo: str) -> OutputError:
    """The error that results can't be written there."""
    wrong = problem("output.refused", place=Place(file=str(path)), reason=what, todo=todo)
    return OutputError("", [wrong])


def _mark_of(folder: Path) -> dict[str, object] | None:
    try:
        mark = json_of((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    ours = isinstance(mark, dict) and mark.get("made_by") == "oncohort"
    return mark if ours else None


def _real(target: Path) -> Path:
    """Where a linked folder of results really is: the link itself stays."""
    try:
        return target.resolve() if target.is_symlink() else target
    except (OSError, RuntimeError) as error:  # a link that points at itself
        raise refused(
            target, f"{target} can't be followed: {why(error)}.", "Mend the link."
        ) from error


def check_target(target: Path) -> None:
    """Refuse to write over anything that oncohort didn't write.

    Raises
    ------
    OutputError
        The target is a file, or a folder whose files are not results.
    """
    try:
        if target.exists() and not target.is_dir():
            raise refused(target, f"{target} is a file.", "Choose another --out.")
        above = next((p for p in target.parents if p.exists()), None)
        if above is not None and not above.is_dir():
            raise refused(target, f"{above} is a file.", "Choose another --out.")
        if target.is_dir() and any(target.iterdir()) and _mark_of(target) is None:
            raise refused(
                target,
                f"{target} holds files that oncohort didn't write.",
                "Choose another --out, or empty the folder yourself.",
            )
        if target.is_dir():
            _check_writable(target)
    except OSError as error:
        raise refused(
            target, f"Can't look there: {why(error)}.", "Choose another --out."
        ) from error


def _check_writable(target: Path) -> None:
    """Refuse results that were made read-only, or are another user's: they could not be removed."""
    folders = [p for p in (target, *target.rglob("*")) if p.is_dir() and not p.is_symlink()]
    locked = next((p for p in folders if not os.access(p, os.R_OK | os.W_OK | os.X_OK)), None)
    if locked is not None:
        raise refused(
            target,
            f"{locked} is read-only for you.",
            "Choose another --out, or make it yours first.",
        )


def digest(data: bytes) -> str:
    """What a written file is recognised by later."""
    return hashlib.sha256(data).hexdigest()


def recover(target: Path) -> None:
    """Put back old results that a killed run moved away, and clear what it left."""
    parent = target.parent
    if not parent.is_dir():
        return
    left = [p for p in parent.glob(f".{target.name}-*") if p.suffix in (_NEW, _OLD) and p.is_dir()]
    for old in left:
        if old.suffix == _OLD and not target.exists():
            os.replace(old, target)
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)


def recover_if_free(target: Path) -> None:
    """Recover, unless a run is writing there at this moment."""
    if sys.platform == "win32" or not target.parent.is_dir():
        return  # without a lock nobody can tell whether a run is writing; the next run recovers
    try:
        with locked(target.parent, 0):
            recover(target)
    except OSError:
        return


def _free_name(path: PurePosixPath, taken: set[str]) -> str:
    """``manuscript.docx`` kept beside a new one: ``manuscript.kept.docx``, then ``.kept-2``.

    Examples
    --------
    >>> _free_name(PurePosixPath("a/m.docx"), {"a/m.kept.docx"})
    'a/m.kept-2.docx'
    """
    n = 1
    while True:
        mark = ".kept" if n == 1 else f".kept-{n}"
        name = str(path.with_name(f"{path.stem}{mark}{path.suffix}"))
        if name not in taken:
            return name
        n += 1


def _ours(path: Path, name: str, mark: Mapping[str, object]) -> bool:
    """Is this file as a run of oncohort wrote it?"""
    if name == MARK:
        return True
    if path.is_symlink() or not path.is_file():
        return False
    known = mark.get("files")
    if not isinstance(known, Mapping):  # written before files were listed
        return _LAYOUT.fullmatch(name) is not None
    return known.get(name) == digest(path.read_bytes())


def _carry_over(target: Path, fresh: Path, new: set[str], *, private: bool) -> list[str]:
    """Everything in the old folder that is not ours goes into the new one."""
    mark = _mark_of(target)
    if mark is None:
        return []
    known = mark.get("files")
    listed = known if isinstance(known, Mapping) else {}
    notes, others = [], 0
    present = sorted(target.rglob("*"))
    taken = new | {p.relative_to(target).as_posix() for p in present}
    for path in present:
        name = path.relative_to(target).as_posix()
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                (fresh / name).mkdir(parents=True, exist_ok=True)
            continue
        if _ours(path, name, mark):
            continue
        to = name if name not in new else _free_name(PurePosixPath(name), taken)
        taken.add(to)
        copy = fresh / to
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy, follow_symlinks=False)
        if to != name:
            why = "was changed since it was written" if name in listed else "is not oncohort's"
            notes.append(f"{name} {why}; it is kept as {to}.")
        else:
            others += 1
    if others:
        files = counted(others, "file that is", "files that are")
        notes.append(f"{files} not oncohort's stayed in {target.name}.")
    if notes and not private:
        notes.append("Nobody looked for patients in what was kept: read it before you pass it on.")
    return notes


def _write_files(folder: Path, files: Mapping[str, bytes], *, private: bool) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if private:
            path.chmod(0o600)
            path.parent.chmod(0o700)
    folder.chmod(0o700 if private else 0o777 & ~_umask())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_folder(target: Path, files: Mapping[str, bytes], *, private: bool = True) -> Written:
    """Write all files beside the target first, then swap folders.

    Parameters
    ----------
    target
        The folder of results; a link to a folder stays a link.
    files
        Path in the folder (with ``/``) = content. `MARK` must be among them, with a map
        ``files`` of every other path to its `digest`.
    private
        Readable by the user alone, where the system knows that.

    Raises
    ------
    OutputError
        The target holds other things, or can't be written; it is then as it was.
    """
    check_target(target)
    real = _real(target)
    fresh: Path | None = None
    try:
        real.parent.mkdir(parents=True, exist_ok=True)
        with locked(real.parent, PATIENCE):
            recover(real)
            fresh = Path(tempfile.mkdtemp(prefix=f".{real.name}-", suffix=_NEW, dir=real.parent))
            _write_files(fresh, files, private=private)
            kept = _carry_over(real, fresh, set(files), private=private) if real.is_dir() else []
            swap(fresh, real, fresh.with_suffix(_OLD))
    except OSError as error:
        raise refused(
            target, f"Can't write here: {why(error)}.", "Choose another --out."
        ) from error
    finally:
        if fresh is not None:
            shutil.rmtree(fresh, ignore_errors=True)
    return Written(target, tuple(kept))
