"""Draw figures in two processes where a core is idle: drawing is the slow part.

The helper is this module run by the same Python, fed by pickles through pipes. It is started
early, so that it loads matplotlib while the first process still computes. On a busy machine it
would cost its start and save nothing, so there it isn't started. Where it can't be
started or dies, everything is drawn here; the bytes are the same. A pool of `multiprocessing`
would import the caller's script once more; this starts nothing but the package, and nothing that
lies in the current folder.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Self

from oncohort.processes import child_command, child_environment

if TYPE_CHECKING:
    from oncohort.displays.figures.model import Figure

Images = Mapping[str, Mapping[str, bytes]]
"""Figure id to format to bytes."""


def idle_core() -> bool:
    """Whether a core has been idle in the last minute, as far as the system says."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    try:
        load = os.getloadavg()[0]
    except (AttributeError, OSError):
        load = 0.0
    return load <= cores - 1


class Drawer:
    """A helper process for drawing; use it as a context.

    Parameters
    ----------
    helped
        Whether to start it; by default where a core is idle.
    """

    def __init__(self, *, helped: bool | None = None) -> None:
        self._helped = helped
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if not (idle_core() if self._helped is None else self._helped):
            return self
        try:
            self._process = subprocess.Popen(
                child_command("drawing"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=child_environment(),
            )
        except OSError:
            self._process = None
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def draw(self, figures: Iterable[Figure], formats: Sequence[str]) -> Images:
        """Draw all figures, every other one by the helper."""
        from oncohort.displays.figures import draw_all

        todo = list(figures)
        if self._process is None or len(todo) < 2:
            return draw_all(todo, formats)
        theirs, ours = todo[0::2], todo[1::2]
        process, self._process = self._process, None
        answer: list[bytes] = []
        request = pickle.dumps((theirs, tuple(formats)))
        thread = threading.Thread(target=lambda: answer.append(process.communicate(request)[0]))
        thread.start()
        done = dict(draw_all(ours, formats))
        thread.join()
        if process.returncode == 0 and answer and answer[0]:
            done |= pickle.loads(answer[0])
        else:
            done |= draw_all(theirs, formats)
        return {f.id: done[f.id] for f in todo}


def main() -> None:
    """The helper: load, wait for figures, answer with images."""
    from oncohort.displays.figures import draw_all, warm

    warm()
    request = sys.stdin.buffer.read()
    if not request:
        return
    figures, formats = pickle.loads(request)
    sys.stdout.buffer.write(pickle.dumps(draw_all(figures, formats)))
