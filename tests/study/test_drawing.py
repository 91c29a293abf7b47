"""Figures in a second process: the same bytes, and nothing of the current folder is executed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from oncohort.displays.figures.model import Figure
from oncohort.processes import child_command, child_environment
from oncohort.study.drawing import Drawer

CODE = "import pathlib; pathlib.Path({mark!r}).write_text('executed')\nraise ImportError\n"
NAMES = ("matplotlib.py", "oncohort.py", "numpy.py", "pickle.py", "site.py", "encodings.py")


def flow(name: str) -> Figure:
    steps = [{"stay": "All (n = 3)", "leave": ""}, {"stay": "Included (n = 3)", "leave": ""}]
    return Figure(name, "Figure 1", "Flow", (), "Flow.", "flow", {"steps": steps}, 158, 60)


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder full of modules that leave a mark when they are executed."""
    mark = tmp_path / "mark"
    here = tmp_path / "study"
    here.mkdir()
    for name in NAMES:
        (here / name).write_text(CODE.format(mark=str(mark)))
    monkeypatch.chdir(here)
    return mark


@pytest.mark.parametrize("pythonpath", [None, "", ".", ":/nowhere:study"])
def test_no_module_of_the_current_folder_is_executed(
    trap: Path, monkeypatch: pytest.MonkeyPatch, pythonpath: str | None
) -> None:
    if pythonpath is not None:
        monkeypatch.setenv("PYTHONPATH", pythonpath)
    figures = [flow("a"), flow("b")]
    with Drawer(helped=True) as drawer:
        images = drawer.draw(figures, ("svg",))
    assert set(images) == {"a", "b"}
    assert not trap.exists()
    # The helper itself drew: it answers, and does not only leave the work to this process.
    done = subprocess.run(
        child_command("drawing"),
        input=b"",
        capture_output=True,
        env=child_environment(),
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(("load", "started"), [(0.4, True), (7.0, False)])
def test_the_helper_is_started_where_a_core_is_idle(
    monkeypatch: pytest.MonkeyPatch, load: float, started: bool
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1}, raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("os.getloadavg", lambda: (load, load, load), raising=False)
    with Drawer() as drawer:
        assert (drawer._process is not None) == started
        images = drawer.draw([flow("a"), flow("b")], ("svg",))
    with Drawer(helped=False) as alone:
        assert alone.draw([flow("a"), flow("b")], ("svg",)) == images


def test_the_trap_would_have_been_executed(trap: Path) -> None:
    subprocess.run([sys.executable, "-c", "import matplotlib"], capture_output=True, check=False)
    assert trap.exists()


def test_a_matplotlibrc_of_the_folder_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import matplotlib

    from oncohort.displays.figures import draw

    plain = draw(flow("a"), ("svg",))
    with matplotlib.rc_context({"axes.facecolor": "red", "font.size": 40, "lines.linewidth": 9}):
        assert draw(flow("a"), ("svg",)) == plain
