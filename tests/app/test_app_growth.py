"""A server that is asked a thousand times holds no more than before; a study is read ahead."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from served_site import Site, served, wait  # noqa: F401
from test_kills import Running, key_of

from oncohort.app.asked import STEPS
from oncohort.app.opened import Library
from oncohort.study.demo import write_demo

MEGABYTES = 400
GROWTH = 25


def resident(pid: int, name: str) -> float:
    """Megabytes of a process, by the name that the system has for them."""
    text = Path(f"/proc/{pid}/status").read_text("ascii")
    found = re.search(rf"{name}:\s+(\d+)", text)
    assert found is not None
    return int(found[1]) / 1024


@pytest.mark.verify
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="memory is read from /proc")
def test_a_thousand_requests_hold_no_more_memory(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    write_demo(folder)
    running = Running.start(tmp_path, str(folder))
    try:
        pages = [f"/s/{key_of(folder)}/{step}" for step in (*STEPS, "patient")]
        for page in 5 * pages:
            running.ask("GET", page)
        before = resident(running.process.pid, "VmRSS")
        for nth in range(1000):
            running.ask("GET", pages[nth % len(pages)])
        assert resident(running.process.pid, "VmRSS") - before < GROWTH
        assert resident(running.process.pid, "VmHWM") < MEGABYTES
    finally:
        running.kill()


def test_a_study_is_read_as_soon_as_it_is_opened(tmp_path: Path) -> None:
    write_demo(tmp_path / "study")
    opened = Library(ahead=True).open(tmp_path / "study")
    assert wait(lambda: opened._read is not None and "problems" in opened._read[1].__dict__)


def test_a_study_that_can_not_be_read_is_opened_all_the_same(served: Site) -> None:
    (served.home / "study.toml").write_text("[study\n", encoding="utf-8")
    opened = Library(ahead=True).open(served.home)
    opened.warm()
    key = served.library.open(served.home).key
    assert served.get(f"/s/{key}/problems").status == 400
