"""Several tries of a search at once, each in a process of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Protocol, TypeVar

from oncohort.processes import safe_workers

Given = TypeVar("Given")


class Calls(Protocol):
    """Calls a function with several sets of arguments; answers in their order, as they come."""

    def __call__(
        self, function: Callable[..., Given], calls: Sequence[tuple[object, ...]]
    ) -> Iterator[Given]: ...


def cores() -> int:
    """Processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def _quiet() -> None:
    """Ctrl-C is the main process's: it keeps the best so far and ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _one_by_one(
    function: Callable[..., Given], calls: Sequence[tuple[object, ...]]
) -> Iterator[Given]:
    return (function(*call) for call in calls)


@contextmanager
def team(workers: int) -> Iterator[Calls]:
    """A way to do several calls at once; with one worker they are done here, one by one.

    Whatever ends the block ends the processes, too, also in the middle of a call.
    """
    if workers < 2:
        yield _one_by_one
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_quiet)

    def together(
        function: Callable[..., Given], calls: Sequence[tuple[object, ...]]
    ) -> Iterator[Given]:
        waiting = [pool.submit(function, *call) for call in calls]
        return (one.result() for one in waiting)

    try:
        with safe_workers():
            yield together
    finally:
        running = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in running:
            process.terminate()
