"""Files beside the protocol that it names: references, styles, templates, the author's words."""

from __future__ import annotations

import stat
from pathlib import Path

MOST = 50_000_000
"""Bytes; nobody writes so much by hand."""


def own_bytes(path: Path) -> bytes | None:
    """What a file holds; None where there is no such file that can be read.

    A pipe or a device, which would wait for ever, and a file beyond `MOST` count as none; so does
    a name that no file can have.
    """
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode) or about.st_size > MOST:
            return None
        return path.read_bytes()
    except (OSError, ValueError):
        return None


def own_text(path: Path) -> str | None:
    """As :func:`own_bytes`, as text; letters that can't be read become marks."""
    data = own_bytes(path)
    return None if data is None else data.decode("utf-8-sig", errors="replace")
