"""The author's own texts: read with their state, written whole, each change kept for undo."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from oncohort.app.opened import StaleError, version_of
from oncohort.app.wording import say
from oncohort.problems import OncohortError
from oncohort.study.own_files import own_text
from oncohort.whole_files import write_whole

if TYPE_CHECKING:
    from oncohort.app.opened import Opened

PARTS = ("abstract", "introduction", "methods", "results",
         "discussion", "limitations", "conclusion", "ethics")  # fmt: skip
"""The parts of a paper that its authors can write, by the name of the file."""
HINTS = ("abstract", "methods", "results")
"""Parts that the study writes too: a hint says what becomes of the author's text."""
EARLIER = Path(".oncohort") / "texts"
"""Earlier versions of each text, within the study's folder."""
KEPT = 100
_NAME = re.compile(r"[A-Za-z][\w-]{0,60}")


def text_path(opened: Opened, part: str) -> Path:
    """File of a part; an existing `.txt` is taken before a new `.md`.

    Raises
    ------
    OncohortError
        That is no name of a part.
    """
    if not _NAME.fullmatch(part):
        raise OncohortError(say("notices.no_part"))
    folder = opened.folder / opened.study().protocol.study.text
    if not folder.resolve().is_relative_to(opened.folder.resolve()):
        raise OncohortError(say("notices.outside"))
    plain = folder / f"{part}.txt"
    return plain if plain.is_file() else folder / f"{part}.md"


def read_text(opened: Opened, part: str) -> str:
    """What the author has written so far; empty where there is no file yet."""
    return own_text(text_path(opened, part)) or ""


def write_text(opened: Opened, part: str, version: str, text: str) -> None:
    """Write a part whole or not at all; the text before is kept.

    Raises
    ------
    StaleError
        The file was changed meanwhile; nothing is written.
    OncohortError
        It can't be written.
    """
    with opened.lock:
        before = read_text(opened, part)
        if version_of(before) != version:
            raise StaleError("")
        if text == before:
            return
        path = text_path(opened, part)
        _whole(path, text)
        if before:
            _keep(opened, part, before)


def undo_text(opened: Opened, part: str, version: str) -> bool:
    """Go back to the text before the last change; False where there is none."""
    with opened.lock:
        if version_of(read_text(opened, part)) != version:
            raise StaleError("")
        kept = earlier(opened, part)
        if not kept:
            return False
        _whole(text_path(opened, part), kept[-1].read_text(encoding="utf-8"))
        kept[-1].unlink()
        return True


def earlier(opened: Opened, part: str) -> list[Path]:
    """Kept texts of a part, the oldest first."""
    folder = opened.folder / EARLIER / part
    return sorted(folder.glob("[0-9]*.md")) if folder.is_dir() else []


def _keep(opened: Opened, part: str, text: str) -> None:
    folder = opened.folder / EARLIER / part
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = earlier(opened, part)
    number = int(kept[-1].stem) + 1 if kept else 1
    _whole(folder / f"{number:06}.md", text)
    for old in kept[: max(0, len(kept) + 1 - KEPT)]:
        old.unlink()


def _whole(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    except OSError as error:
        notice = say("notices.cant_write", name=path.name, reason=error.strerror)
        raise OncohortError(notice) from error
