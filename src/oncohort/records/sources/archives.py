"""What a zip archive says of itself in its last bytes, before its list of parts is read."""

from __future__ import annotations

from pathlib import Path

_END = b"PK\x05\x06"
_TAIL = 22 + 65_535
"""Bytes in which the end record stands: its own, and those of the longest comment."""
_PER_PART = 46
"""Bytes of the list for each part, at least."""
MAX_PARTS = 20_000
"""Parts of an archive; a workbook of a thousand sheets has some five thousand."""


def parts_at_most(path: Path) -> int:
    """How many parts an archive can have, by the length of its list; 0 where it has no end record.

    The list is read part by part, so that a million of empty ones take many seconds.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        return 0
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    return min(length, size) // _PER_PART
