"""Figures are drawn by a second process while this one writes what needs no figure.

Drawing is half of a run. The process is started when the chart is read, so that it has loaded
the drawing library when there is something to draw; this one does not load it at all. Where there
is one processor, or the process can't be started or dies, figures are drawn here: the bytes are the
same. It starts nothing but the package, and nothing that lies in the current folder.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from oncohort.processes import child_command, child_environment

if TYPE_CHECKING:
    from oncohort.displays.figures.model import Figure

Images = Mapping[str, Mapping[str, bytes]]
"""Figure id to format to bytes."""


class Drawer:
    """The process that draws; use it as a context.

    Parameters
    ----------
    helped
        Whether to start it; by default where there is a second processor.

    Examples
    --------
    >>> with Drawer(helped=False) as drawer:
    ...     dict(drawer.draw([], ("svg",)))
    {}
    """

    def __init__(self, *, helped: bool | None = None) -> None:
        self._helped = _processors() > 1 if helped is None else helped
        self._process: subprocess.Popen[bytes] | None = None
        self._reading: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self._helped:
            with suppress(OSError):
                self._process = subprocess.Popen(
                    child_command("drawing"),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=child_environment(),
                )
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            with self._process:  # which closes its pipes
                self._process.kill()
                if self._reading is not None:
                    self._reading.join()

    def draw(self, figures: Iterable[Figure], formats: Sequence[str]) -> Images:
        """The images; one that is not drawn yet is waited for when it is asked for."""
        drawn = _Drawn(tuple(figures), tuple(formats))
        if self._process is not None and self._reading is None and len(drawn):
            self._reading = threading.Thread(target=drawn.receive, args=(self._process,))
            drawn.expect()
            self._reading.start()
        return drawn


class _Drawn(Images):
    def __init__(self, figures: Sequence[Figure], formats: Sequence[str]) -> None:
        self._figures = {f.id: f for f in figures}
        self._formats = formats
        self._theirs: dict[str, Future[Mapping[str, bytes] | None]] = {}
        self._ours: dict[str, Mapping[str, bytes]] = {}

    def expect(self) -> None:
        """All will come from the process, or None of it."""
        self._theirs = {name: Future() for name in self._figures}

    def receive(self, process: subprocess.Popen[bytes]) -> None:
        """Ask the process, and take what comes until all is there or it ends."""
        assert process.stdin is not None and process.stdout is not None
        with suppress(Exception):  # whatever it is: what is not there then is drawn here
            with process.stdin as pipe:
                pipe.write(pickle.dumps((list(self._figures.values()), self._formats)))
            for coming in self._theirs.values():
                (size,) = struct.unpack("<Q", process.stdout.read(8))
                coming.set_result(pickle.loads(process.stdout.read(size)))
        for coming in self._theirs.values():
            if not coming.done():
                coming.set_result(None)

    def __getitem__(self, name: str) -> Mapping[str, bytes]:
        drawn = self._theirs[name].result() if name in self._theirs else None
        if drawn is not None:
            return drawn
        if name not in self._ours:
            from oncohort.displays.figures import draw

            self._ours[name] = draw(self._figures[name], self._formats)
        return self._ours[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._figures)

    def __len__(self) -> int:
        return len(self._figures)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
