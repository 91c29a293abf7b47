"""What is being done, said while it lasts: on a terminal, and only where it takes a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from oncohort.cli.messages import messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.status import Status

PATIENCE = 1.0
"""Seconds that something may take without a word."""


class _Line:
    """A line with a turning mark that appears after a while and is gone at the end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._status: Status | None = None
        self._over = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(PATIENCE, self._appear)
        self._timer.daemon = True
        self._timer.start()

    def _appear(self) -> None:
        with self._lock:
            if not self._over:
                self._status = messages.console.status(self._text, spinner="dots")
                self._status.start()

    def say(self, text: str) -> None:
        """What is done now."""
        with self._lock:
            self._text = f"{text} ..."
            if self._status is not None:
                self._status.update(self._text)

    def end(self) -> None:
        """No more of it."""
        self._timer.cancel()
        with self._lock:
            self._over = True
            if self._status is not None:
                self._status.stop()


@contextmanager
def progress(first: str) -> Iterator[Callable[[str], None]]:
    """A place to say what is being done; silent off a terminal, and where told to be quiet.

    Examples
    --------
    >>> with progress("Reading the chart") as now:
    ...     now("Computing")
    """
    if messages.quiet or not messages.is_terminal:
        yield lambda text: None
        return
    line = _Line(f"{first} ...")
    try:
        yield line.say
    finally:
        line.end()
