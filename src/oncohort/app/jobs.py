"""Long work in a process of its own: its lines as they come, its end, and a way to stop it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import field, replace

from oncohort.dataclass import dataclass
from oncohort.processes import child_command, child_environment

KEPT_LINES = 400
GRACE = 3.0
"""Seconds that a stopped process has to end by itself."""


@dataclass
class Job:
    """A command that runs, or ran."""

    name: str
    """What it does, in words: "Running the study"."""
    arguments: tuple[str, ...]
    lines: list[str] = field(default_factory=list)
    code: int | None = None
    """Exit code once it has ended."""
    stopped: bool = False
    started: float = field(default_factory=time.time)
    then: Callable[[Job], None] | None = None
    """What is done when it has ended, before others see that it has."""
    _process: subprocess.Popen[str] | None = None

    def start(self) -> Job:
        """Start `oncohort ARGUMENTS`; nothing of the current folder is ever imported."""
        own = {"start_new_session": True} if os.name == "posix" else {}
        self._process = subprocess.Popen(
            child_command("command", *self.arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**child_environment(), "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"},
            **own,  # type: ignore[call-overload]
        )
        threading.Thread(target=self._follow, daemon=True).start()
        return self

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self.code is None

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.time() - self.started

    def stop(self) -> None:
        """Stop it, kindly first; what it would have replaced stays as it was."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        self.stopped = True
        self._signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
            process.wait()

    def _signal(self, which: signal.Signals) -> None:
        process = self._process
        if process is None:
            return
        try:
            if os.name == "posix":
                os.killpg(process.pid, which)
            else:
                process.terminate()
        except ProcessLookupError:
            return

    def _follow(self) -> None:
        process = self._process
        if process is None or process.stdout is None:
            return
        for line in process.stdout:
            self.lines.append(line.rstrip("\n"))
            del self.lines[:-KEPT_LINES]
        code = process.wait()
        if self.then is not None:
            with contextlib.suppress(OSError):  # what a job leaves is a comfort
                self.then(replace(self, code=code))
        self.code = code


class Jobs:
    """The last job of each study; one runs at a time for each."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def start(
        self,
        key: str,
        name: str,
        arguments: Sequence[str],
        then: Callable[[Job], None] | None = None,
    ) -> Job:
        """Start a job, or give the one that already runs under this key."""
        with self._lock:
            known = self._jobs.get(key)
            if known is not None and known.running:
                return known
            self._jobs[key] = Job(name, tuple(arguments), then=then).start()
            return self._jobs[key]

    def get(self, key: str) -> Job | None:
        """The last job of a study."""
        return self._jobs.get(key)

    def running(self) -> int:
        """How many run now."""
        return sum(job.running for job in self._jobs.values())

    def stop_all(self) -> None:
        """Stop what runs; the server ends."""
        for job in self._jobs.values():
            job.stop()
