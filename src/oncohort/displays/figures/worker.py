"""A process that draws: pickled figures in, one pickled answer for each out, in their order.

Started by :mod:`oncohort.study.drawing` alone. It loads the drawing library while it waits.
"""

from __future__ import annotations

import gc
import pickle
import struct
import sys

from oncohort.displays.figures.drawing import draw
from oncohort.displays.figures.library import load_canvas


def main() -> None:
    """Load, wait for the figures and their formats, answer."""
    gc.set_threshold(200_000, 50, 50)  # it lives for seconds, as a command does
    out = sys.stdout.buffer
    sys.stdout = sys.stderr  # libraries that print would spoil the answers
    load_canvas()
    request = sys.stdin.buffer.read()
    if not request:
        return
    figures, formats = pickle.loads(request)
    for figure in figures:
        body = pickle.dumps(draw(figure, formats))
        out.write(struct.pack("<Q", len(body)) + body)
        out.flush()
