"""Tries at once: the same answers in the same order, and an end for every process."""

from __future__ import annotations

import os
import time

import pytest

from oncohort.twin.team import cores, team


def square(x: int) -> int:
    return x * x


def sleep(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


@pytest.mark.parametrize("workers", [1, 2])
def test_answers_in_order(workers: int) -> None:
    with team(workers) as together:
        assert list(together(square, [(k,) for k in range(5)])) == [0, 1, 4, 9, 16]


def test_processes_end_with_the_block() -> None:
    with pytest.raises(KeyboardInterrupt), team(2) as together:
        (worker,) = together(sleep, [(0.0,)])
        assert worker != os.getpid()
        raise KeyboardInterrupt
    for _ in range(200):
        try:
            os.kill(worker, 0)
            os.waitpid(worker, os.WNOHANG)
        except (ProcessLookupError, ChildProcessError):
            return
        time.sleep(0.05)
    raise AssertionError("a process was left")


def test_there_is_a_processor() -> None:
    assert cores() >= 1
