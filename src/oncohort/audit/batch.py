"""Audit of many papers in parallel, a process each, with a limit on time and memory."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from oncohort.audit.report import AuditReport

MEMORY = 2 * 2**30
"""Bytes of address space that one paper may take, where the system can limit it."""


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit.
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    ceiling = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, hard))


def _work(path: str, pipe: Connection) -> None:
    from oncohort.audit.run import audit_report

    _limit_memory()
    try:
        report = audit_report(path)
    except MemoryError:
        report = AuditReport(path, error=f"{path}: needs more memory than one paper may take")
    except Exception as problem:  # noqa: BLE001 - a batch says what failed, and goes on
        report = AuditReport(path, error=f"{path}: {type(problem).__name__}: {problem}")
    pipe.send(report)
    pipe.close()


@dataclass(slots=True)
class _Job:
    index: int
    process: BaseProcess
    pipe: Connection
    started: float


def audit_in_processes(
    files: Sequence[Path],
    *,
    workers: int | None,
    progress: Callable[[AuditReport, int, int], None] | None,
    timeout: float,
) -> list[AuditReport]:
    """One process per paper, so that none can take the others down; order is kept."""
    context = multiprocessing.get_context("spawn" if os.name == "nt" else "forkserver")
    if os.name != "nt":
        context.set_forkserver_preload(["oncohort.audit.run"])
    count = max(1, min(workers or os.cpu_count() or 1, len(files)))
    reports: list[AuditReport | None] = [None] * len(files)
    waiting = list(range(len(files)))[::-1]
    running: list[_Job] = []
    done = 0
    while waiting or running:
        while waiting and len(running) < count:
            index = waiting.pop()
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(str(files[index]), theirs), daemon=True)
            process.start()
            theirs.close()
            running.append(_Job(index, process, ours, time.monotonic()))
        ready = wait([job.pipe for job in running], timeout=0.5)
        for job in list(running):
            report: AuditReport | None = None
            path = str(files[job.index])
            if job.pipe in ready:
                try:
                    report = job.pipe.recv()
                except (EOFError, OSError):
                    report = AuditReport(path, error=f"{path}: the reader stopped abnormally")
            elif time.monotonic() - job.started > timeout:
                job.process.kill()
                report = AuditReport(path, error=f"{path}: not done after {timeout:g} s")
            if report is None:
                continue
            job.process.join()
            job.pipe.close()
            running.remove(job)
            reports[job.index] = report
            done += 1
            if progress:
                progress(report, done, len(files))
    return [r for r in reports if r is not None]
