"""Pixels as PNG: three channels, packed fast.

A drawing is lines and letters on white. The filters of PNG, of which other writers try five for
every row, gain nothing there, and take as long as the packing.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVEL = 3
"""How hard zlib packs: of its quick levels the one that makes the smallest files."""
_METRE = 39.37007874015748
"""Inches."""


def png(pixels: NDArray[np.uint8], dpi: int) -> bytes:
    """A PNG of eight bits for each of red, green and blue.

    Parameters
    ----------
    pixels
        Height x width x at least 3; a fourth channel is left out.
    dpi
        Dots per inch, as programs show the picture.

    Examples
    --------
    >>> import numpy as np
    >>> png(np.zeros((2, 3, 3), dtype=np.uint8), 300)[1:4]
    b'PNG'
    """
    import numpy as np

    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), dtype=np.uint8)  # each begins with its filter: none
    for colour in range(3):  # one after the other: numpy is slow where the last axis is short
        rows[:, 1 + colour :: 3] = pixels[:, :, colour]
    dots = round(dpi * _METRE)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">IIB", dots, dots, 1)),
            _chunk(b"IDAT", zlib.compress(rows.data, LEVEL)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, held: bytes) -> bytes:
    return b"".join(
        [
            struct.pack(">I", len(held)),
            kind,
            held,
            struct.pack(">I", zlib.crc32(held, zlib.crc32(kind))),
        ]
    )
