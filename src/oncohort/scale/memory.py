"""How much memory there is to use."""

from __future__ import annotations

import os
from pathlib import Path

UNKNOWN = 2**30
"""Bytes taken as free where the system does not say."""

_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
_USED = ("/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory/memory.usage_in_bytes")


def available() -> int:
    """Bytes that can be used without swapping, within the limits of a container.

    >>> available() > 0
    True
    """
    found = [_meminfo(), *(_left(a, b) for a, b in zip(_LIMITS, _USED, strict=True))]
    known = [n for n in found if n is not None]
    return max(min(known), 2**20) if known else UNKNOWN


def _meminfo() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        try:
            return int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")) // 2
        except (AttributeError, ValueError, OSError):
            return None
    for line in lines:
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _left(limit: str, used: str) -> int | None:
    try:
        return int(Path(limit).read_text("ascii")) - int(Path(used).read_text("ascii"))
    except (OSError, ValueError):  # no container, or "max"
        return None
