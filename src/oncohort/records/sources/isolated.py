"""Foreign binary files are parsed in a process of their own, with limits of memory and time.

The native parsers of workbooks and of files of statistics packages can abort on damaged files.
The process dies then, and the file is refused in words; nothing else is lost. It is started for
such files alone, once, imports nothing of the current folder, and answers with plain values only.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import os
import pickle
import struct
import subprocess
import sys
import threading
from pathlib import Path

from oncohort.processes import bundled, child_command
from oncohort.records.sources import unreadable
from oncohort.vocabulary.boundaries import Parsed

MEMORY = 4 * 2**30
"""Bytes of address space that the process may take."""
ROOM = 400 * 2**20
"""Bytes beyond what the process has already, for one file, however small."""
ROOM_PER_BYTE = 100
"""Further bytes for each byte of it."""
SECONDS = 20.0
"""Time for one file, however small."""
SECONDS_PER_MB = 10.0
"""Further time for each megabyte of it."""
_PLAIN = frozenset(
    {("datetime", n) for n in ("date", "datetime", "time", "timedelta")}
    | {("builtins", n) for n in ("complex", "set", "frozenset")}
)


class _Plain(pickle.Unpickler):
    """Reads values, and nothing that could run code."""

    def find_class(self, module: str, name: str) -> Parsed:
        if (module, name) not in _PLAIN:
            raise pickle.UnpicklingError(f"{module}.{name} is no plain value")
        return super().find_class(module, name)


def command() -> list[str]:
    """How the process is started: no module of the current folder, no settings of the user."""
    if bundled():
        return child_command("parser", str(MEMORY))
    places = [p for p in sys.path if p and os.path.isabs(p)]
    own = str(Path(__file__).with_name("native.py"))
    return [sys.executable, "-I", "-S", own, str(MEMORY), *places]


class _Parser:
    """The process; it is started anew when a file has brought it down."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def ask(
        self, action: str, arguments: tuple[object, ...], room: int, seconds: float
    ) -> tuple[str, Parsed]:
        """The answer, or why there is none.

        ``("dead", why)`` where the process died or took too long, ``("unstarted", why)`` where the
        system did not start it.
        """
        with self._lock:
            return self._ask(pickle.dumps((action, arguments, room)), seconds)

    def start(self) -> None:
        """Start the process, if it isn't there; where it can't be started, who asks is told."""
        with self._lock, contextlib.suppress(OSError):
            self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
            )
        return self._process

    def _ask(self, request: bytes, seconds: float) -> tuple[str, Parsed]:
        try:
            process = self._started()
        except OSError as error:  # too many processes, too little memory, not allowed
            return "unstarted", error.strerror or str(error)
        assert process.stdin is not None and process.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(struct.pack("<Q", len(request)) + request)
            process.stdin.flush()
            head = process.stdout.read(8)
            body = process.stdout.read(struct.unpack("<Q", head)[0]) if len(head) == 8 else b""
            answer: tuple[str, object] = _Plain(io.BytesIO(body)).load()
        except (OSError, EOFError, pickle.UnpicklingError):
            self.close()
            return "dead", f"not read after {seconds:.0f} s" if late.is_set() else "its reader died"
        finally:
            timer.cancel()
        return answer

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        with contextlib.suppress(OSError):
            process.communicate()


_parser = _Parser()
atexit.register(_parser.close)


def expect() -> None:
    """A file for the process is at hand: it starts while the file is looked at from outside."""
    _parser.start()


def parsed(action: str, path: Path, name: str, *arguments: object) -> Parsed:
    """The answer of the process about a file.

    Raises
    ------
    ReadError
        The file is damaged, protected, too large, or has brought the process down.
    """
    size = path.stat().st_size
    full = (str(path.resolve()), *arguments)
    room = ROOM + ROOM_PER_BYTE * size
    state, answer = _parser.ask(action, full, room, SECONDS + SECONDS_PER_MB * size / 1e6)
    if state == "ok":
        return answer
    if state == "password":
        raise unreadable(
            name,
            f"{path.name} is protected by a password.",
            "Save a copy without a password, in a place where only you can read it.",
            "files.encrypted",
        )
    if state == "unstarted":
        raise unreadable(
            name,
            f"{path.name} was not read: the process that reads it can't be started ({answer}).",
            "The file may be whole. Close other programs, or ask who looks after the computer.",
        )
    raise unreadable(
        name,
        f"{path.name} can't be read: {answer or 'it is damaged'}.",
        "Open it in the program that wrote it, let that repair it, and save or export it again.",
        "files.corrupt",
    )
