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
    """As :func:`own_bytes`, as text, in UTF-8 or the code page that its words are in."""
    data = own_bytes(path)
    if data is None:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        from oncohort.records.sources.encodings import told

        return told(data).text
