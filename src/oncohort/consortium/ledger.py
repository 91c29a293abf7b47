"""What a site has answered: kept on its disk, so that budget, order and sets survive a restart.

A line of JSON for each message that left, chained to the line before by its hash. A line is on the
disk before its message is handed over: who is stopped between the two hands over the same message
when asked again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from oncohort.consortium.errors import SiteError
from oncohort.consortium.rows import Bools
from oncohort.consortium.sealing import digest
from oncohort.consortium.view import Sets
from oncohort.dataclass import dataclass
from oncohort.foreign_texts import json_of
from oncohort.problems import Place, problem
from oncohort.whole_files import write_whole

FILE = "ledger.jsonl"
LOG = "left-the-site.log"
LOCK = ".lock"
"""A file of the folder that the command at work holds; it stays, empty."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message that left.

    Attributes
    ----------
    session, sequence, request
        Of the request, with its seal.
    answer
        The message as it left.
    spent
        Answers of this message.
    evaluated
        Models that were evaluated in it, each as :meth:`Rows.model` tells it, a slash, and the hash
        of its rows among the sets.
    sets
        Kind to sets of rows, as bits in hexadecimal.
    data
        SHA-256 of the patients and of each column.
    """

    session: str
    sequence: int
    request: str
    answer: str
    spent: int
    evaluated: tuple[str, ...]
    sets: Mapping[str, tuple[str, ...]]
    data: Mapping[str, str]
    when: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """All messages that left, in order."""

    path: Path
    entries: tuple[Entry, ...]
    head: str

    @property
    def spent(self) -> int:
        """Answers given."""
        return sum(e.spent for e in self.entries)

    def evaluated(self, n: int) -> tuple[tuple[str, Bools], ...]:
        """Models that were evaluated in any conversation, with their rows, once for each time."""
        every = {p for e in self.entries for packed in e.sets.values() for p in packed}
        rows = {digest(p)[:16]: unpacked(p, n) for p in every}
        told = [key.split("/") for e in self.entries for key in e.evaluated]
        return tuple((model, rows[which]) for model, which in told)

    def last(self, session: str) -> Entry | None:
        """The last message of a conversation."""
        own = [e for e in self.entries if e.session == session]
        return own[-1] if own else None

    def sets(self, n: int) -> Sets:
        """Sets of rows that sums were given about, by kind."""
        out: dict[str, dict[str, Bools]] = {}
        for e in self.entries:
            for kind, packed in e.sets.items():
                out.setdefault(kind, {}).update((p, unpacked(p, n)) for p in packed)
        return {kind: tuple(found.values()) for kind, found in out.items()}

    def data(self, session: str) -> dict[str, str]:
        """Hashes of the patients and columns, as they were when first used.

        That is when a number about them left, or when this conversation began.
        """
        out: dict[str, str] = {}
        for e in self.entries:
            if not e.spent and e.session != session:
                continue
            for key, value in e.data.items():
                out.setdefault(key, value)
        return out


def packed(mask: Bools) -> str:
    """Bits of a set of rows, in hexadecimal."""
    return np.packbits(mask).tobytes().hex()


def unpacked(text: str, n: int) -> Bools:
    """The set of rows again."""
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(text), dtype=np.uint8), count=n)
    return np.asarray(bits.astype(np.bool_))


def read_ledger(folder: Path) -> Ledger:
    """The ledger of a site's folder; empty before the first message.

    A last line without its end was never handed over, and is dropped.

    Raises
    ------
    SiteError
        A line was changed or taken out.
    """
    path = folder / FILE
    raw = path.read_bytes() if path.exists() else b""
    whole, _, rest = raw.rpartition(b"\n")
    if rest:
        replace_file(path, whole + b"\n" if whole else b"")
    head = ""
    entries = []
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            data = json_of(line)
            intact = data.pop("before") == head
            entry = Entry(**{**data, "evaluated": tuple(data["evaluated"])})
        except (ValueError, KeyError, TypeError, AttributeError):
            intact = False
        if not intact:
            reason = "The record of what left the site was changed: nothing is answered any more."
            raise SiteError(
                "",
                [
                    problem(
                        "consortium.site", place=Place(file=str(path), line=number), reason=reason
                    )
                ],
            )
        entries.append(entry)
        head = digest(line)
    return Ledger(path, tuple(entries), head)


def append(ledger: Ledger, entry: Entry) -> None:
    """Write an entry to the disk."""
    data: dict[str, object] = {name: getattr(entry, name) for name in Entry.__slots__}
    line = json.dumps({"before": ledger.head, **data}, sort_keys=True).encode() + b"\n"
    _add(ledger.path, line)


def log(folder: Path, text: str) -> None:
    """Add to the log that people read."""
    _add(folder / LOG, text.encode())


def replace_file(path: Path, data: bytes) -> None:
    """Write a file for its owner alone, whole or not at all, through to the disk."""
    write_whole(path, data, mode=0o600, durable=True)


def _add(path: Path, data: bytes) -> None:
    """Add bytes to a file, through to the disk."""
    how = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    handle = os.open(path, how, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """One command at a time works in a folder; the operating system frees the lock of one killed.

    Raises
    ------
    SiteError
        Another one is at work.
    """
    held = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(held, "r+b") as handle:
        if not _locked(handle.fileno()):
            reason = "Another command is at work in this folder just now."
            raise SiteError(
                "", [problem("consortium.site", place=Place(file=str(folder)), reason=reason)]
            )
        yield


def _locked(handle: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
