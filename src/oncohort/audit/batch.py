"""Audit of many papers in parallel worker processes, with a limit on time and memory."""

from __future__ import annotations

import os
import pickle
import queue
import struct
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from oncohort.audit.report import AuditReport
from oncohort.processes import child_command, child_environment

TIMEOUT = 120.0
"""Seconds that one paper may take."""


class _Worker:
    """A process that is started anew whenever a paper has brought it down."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def audit(self, path: str, unusual: bool, timeout: float) -> AuditReport:
        if self.process is None or self.process.poll() is not None:
            try:
                self.process = subprocess.Popen(
                    child_command("audit"),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=child_environment(),
                )
            except OSError as error:  # too many processes, too little memory, not allowed
                why = error.strerror or str(error)
                return AuditReport(path, error=f"{path}: its reader can't be started ({why})")
        process = self.process
        assert process.stdin is not None and process.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(timeout, stop)
        timer.start()
        try:
            name = path.encode("utf-8", "surrogateescape").hex()
            process.stdin.write(b"%d %s\n" % (unusual, name.encode("ascii")))
            process.stdin.flush()
            head = process.stdout.read(8)
            body = process.stdout.read(struct.unpack("<Q", head)[0]) if len(head) == 8 else b""
            report: AuditReport = pickle.loads(body)
        except (OSError, EOFError, pickle.UnpicklingError):
            why = f"not done after {timeout:g} s" if late.is_set() else "its reader broke down"
            report = AuditReport(path, error=f"{path}: {why}")
            process.kill()
            self.process = None
        finally:
            timer.cancel()
        return report

    def close(self) -> None:
        if self.process is not None:
            if self.process.stdin is not None:
                self.process.stdin.close()
            self.process.wait()


def audit_limited(path: str, *, unusual: bool, timeout: float = TIMEOUT) -> AuditReport:
    """Audit one file in a process of its own, with a limit on time and memory."""
    worker = _Worker()
    try:
        return worker.audit(path, unusual, timeout)
    finally:
        worker.close()


def audit_in_processes(
    files: Sequence[Path],
    *,
    unusual: bool,
    workers: int | None,
    progress: Callable[[AuditReport, int, int], None] | None,
    timeout: float,
) -> list[AuditReport]:
    """Audit files in worker processes, so that none can take the others down; order is kept."""
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for index in range(len(files)):
        waiting.put(index)
    done: queue.SimpleQueue[tuple[int, AuditReport]] = queue.SimpleQueue()

    def serve() -> None:
        worker = _Worker()
        try:
            while True:
                try:
                    index = waiting.get_nowait()
                except queue.Empty:
                    return
                done.put((index, worker.audit(str(files[index]), unusual, timeout)))
        finally:
            worker.close()

    count = max(1, min(workers or os.cpu_count() or 1, len(files)))
    threads = [threading.Thread(target=serve, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    reports: dict[int, AuditReport] = {}
    while len(reports) < len(files):
        index, report = done.get()
        reports[index] = report
        if progress:
            progress(report, len(reports), len(files))
    for thread in threads:
        thread.join()
    return [reports[k] for k in range(len(files))]
