"""Studies that are open: read once per state of their files, written one change at a time."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from oncohort.app.wording import say
from oncohort.dataclass import dataclass
from oncohort.foreign_texts import json_of
from oncohort.problems import OncohortError
from oncohort.protocol import Protocol
from oncohort.whole_files import write_whole

if TYPE_CHECKING:
    from oncohort.study.study import Study

T = TypeVar("T")
UNDO = Path(".oncohort") / "undo"
"""Earlier texts of the protocol, within the study's folder."""
KEPT = 100


class StaleError(OncohortError):
    """The protocol was changed meanwhile, in another tab or by hand."""

    def __init__(self, changed: str) -> None:
        super().__init__("The protocol was changed meanwhile. Look at it again, then decide.")
        self.changed = changed
        """The lines that differ from what the page showed, if that text is still known."""


def version_of(text: str) -> str:
    """Short name of a state of the protocol."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass
class Opened:
    """One open study."""

    folder: Path
    lock: threading.RLock = field(default_factory=threading.RLock)
    _read: tuple[tuple[object, ...], Study] | None = None
    _held: dict[str, tuple[object, object]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Its name in addresses."""
        return hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]

    @property
    def path(self) -> Path:
        """The protocol."""
        return self.folder / Protocol.FILE

    @property
    def text(self) -> str:
        """The protocol's text, as it is now."""
        return self.path.read_text(encoding="utf-8")

    @property
    def version(self) -> str:
        """Name of the protocol's state."""
        return version_of(self.text)

    def study(self) -> Study:
        """The study as its files are now; read again only after a change.

        Raises
        ------
        OncohortError
            The protocol or a data file can't be read.
        """
        from oncohort.study.study import read_study

        with self.lock:
            state = self._state()
            if self._read is None or self._read[0] != state:
                self._held.clear()
                self._read = (state, read_study(self.folder))
            return self._read[1]

    def held(self, name: str, of: object, make: Callable[[Study], T]) -> T:
        """What was made of the study as its files are now; the last of each name is held.

        Parameters
        ----------
        of
            What it was made for, a sheet for instance; for another one it is made anew.
        """
        with self.lock:
            study = self.study()
            known = self._held.get(name)
            if known is None or known[0] != of:
                known = self._held[name] = (of, make(study))
            return cast("T", known[1])

    def warm(self) -> None:
        """Read and check the study beforehand, so that its pages come at once."""
        with contextlib.suppress(OncohortError, OSError):  # its pages will say what is wrong
            _ = self.study().problems

    def _state(self) -> tuple[object, ...]:
        files = [p for p in sorted(self.folder.iterdir()) if p.is_file()]
        data = self.folder / "data"
        files += [p for p in sorted(data.iterdir()) if p.is_file()] if data.is_dir() else []
        return tuple((p.name, p.stat().st_mtime_ns, p.stat().st_size) for p in files)

    @contextmanager
    def changing(self, version: str) -> Iterator[None]:
        """Hold the study for one change of the protocol that the page showed as `version`.

        The text before is kept for undo.

        Raises
        ------
        StaleError
            The protocol is in another state.
        """
        with self.lock:
            before = self.text
            if version_of(before) != version:
                raise StaleError(self._difference(version, before))
            yield
            if self.text != before:
                self._keep(before)

    def write(self, version: str, edit: Callable[[str], str], *, read: bool = False) -> None:
        """Change the protocol's text; it has to stay a protocol that can be read.

        Parameters
        ----------
        read
            The data have to be readable with it, too.

        Raises
        ------
        StaleError, OncohortError
            Nothing is written.
        """
        from oncohort.protocol import parse_protocol
        from oncohort.study.answering import write_protocol
        from oncohort.study.study import study_of

        with self.changing(version):
            before = self.text
            new = edit(before)
            if read:
                study_of(self.folder, new)
            else:
                parse_protocol(new)
            write_protocol(self.path, new, before=before)

    def same(self, version: str) -> None:
        """Make sure that the protocol is still in the state that a page showed.

        Raises
        ------
        StaleError
            It is in another one.
        """
        text = self.text
        if version_of(text) != version:
            raise StaleError(self._difference(version, text))

    def undo(self, version: str) -> bool:
        """Go back to the text before the last change; False where there is none."""
        from oncohort.study.answering import write_protocol

        with self.lock:
            now = self.text
            if version_of(now) != version:
                raise StaleError(self._difference(version, now))
            kept = self._kept()
            if not kept:
                return False
            write_protocol(self.path, kept[-1].read_text(encoding="utf-8"), before=now)
            kept[-1].unlink()
            return True

    def can_undo(self) -> int:
        """How many changes can be taken back."""
        return len(self._kept())

    def _kept(self) -> list[Path]:
        folder = self.folder / UNDO
        return sorted(folder.glob("[0-9]*.toml")) if folder.is_dir() else []

    def _keep(self, text: str) -> None:
        folder = self.folder / UNDO
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = self._kept()
        number = int(kept[-1].stem) + 1 if kept else 1
        write_whole(folder / f"{number:06}.toml", text.encode())
        for old in kept[: max(0, len(kept) + 1 - KEPT)]:
            old.unlink()

    def _difference(self, version: str, now: str) -> str:
        shown = next(
            (t for p in self._kept() if version_of(t := p.read_text(encoding="utf-8")) == version),
            None,
        )
        if shown is None:
            return ""
        lines = difflib.unified_diff(shown.splitlines(), now.splitlines(), lineterm="", n=0)
        return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


class Library:
    """The studies that were opened, and those of earlier starts.

    Parameters
    ----------
    remember
        The file that keeps the folders of studies from one start to the next.
    ahead
        Read a study in the background as soon as it is opened.
    """

    def __init__(self, remember: Path | None = None, *, ahead: bool = False) -> None:
        self._open: dict[str, Opened] = {}
        self._remember = remember
        self._ahead = ahead

    def open(self, folder: Path) -> Opened:
        """Open a study's folder.

        Raises
        ------
        OncohortError
            There is no study in it.
        """
        from oncohort.study.results_folder import recover_if_free

        folder = folder.expanduser().resolve()
        if not (folder / Protocol.FILE).is_file():
            raise OncohortError(say("notices.no_study"))
        recover_if_free(folder / "results")
        opened = Opened(folder)
        if self._open.setdefault(opened.key, opened) is opened and self._ahead:
            threading.Thread(target=opened.warm, daemon=True).start()
        self._note(folder)
        return self._open[opened.key]

    def get(self, key: str) -> Opened | None:
        """An open study by its name in addresses."""
        return self._open.get(key)

    def recent(self) -> list[Path]:
        """Studies opened before that are still there, the last one first."""
        if self._remember is None:
            return [o.folder for o in reversed(self._open.values())]
        try:
            named = json_of(self._remember.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        paths = [Path(p) for p in named if isinstance(p, str)] if isinstance(named, list) else []
        return [p for p in paths if (p / Protocol.FILE).is_file()]

    def _note(self, folder: Path) -> None:
        if self._remember is None:
            return
        known = [str(folder), *(str(p) for p in self.recent() if p != folder)][:12]
        try:
            self._remember.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self._remember, json.dumps(known).encode())
        except OSError:
            return  # a list of recent studies is a comfort; without it nothing is lost
