"""A process that audits one paper after another: paths in, pickled reports out.

Started by :mod:`oncohort.audit.batch` alone, without the current folder among the places that
modules come from.
"""

from __future__ import annotations

import pickle
import struct
import sys
from pathlib import Path

from oncohort.audit.report import AuditReport
from oncohort.audit.run import report_here
from oncohort.records.sources.native import taken

MEMORY = 3 * 2**29
"""Bytes of address space that a worker may take, where the system can limit it."""
ROOM = 450 * 2**20
"""Bytes that the papers may take beyond what the program itself needs."""


def limit_memory() -> None:
    """Let a paper that needs too much memory fail alone."""
    try:
        import resource
    except ImportError:  # Windows has no such limit.
        return
    from oncohort.audit.readers import jats, pdf, text, word  # noqa: F401 - not counted

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = min(MEMORY, taken() + ROOM) if taken() else MEMORY
    ceiling = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, hard))


def audit_safely(path: str, unusual: bool) -> AuditReport:
    """A report, whatever the paper does to its reader."""
    try:
        return report_here(Path(path), unusual=unusual)  # a name may hold line breaks
    except MemoryError:
        return AuditReport(path, error=f"{path}: needs more memory than one paper may take")
    except Exception as problem:  # noqa: BLE001 - a batch says what failed, and goes on
        return AuditReport(path, error=f"{path}: {type(problem).__name__}: {problem}")


def main() -> None:
    """Read paths, a line each (0 or 1 for unusual, then the path in hex), until the input ends."""
    limit_memory()
    out = sys.stdout.buffer
    # Libraries that print would spoil the stream of reports.
    sys.stdout = sys.stderr
    for line in sys.stdin.buffer:
        unusual, _, name = line.decode("ascii").strip().partition(" ")
        path = bytes.fromhex(name).decode("utf-8", "surrogateescape")
        content = pickle.dumps(audit_safely(path, unusual == "1"))
        out.write(struct.pack("<Q", len(content)) + content)
        out.flush()
