"""Figures in a second process: the same bytes, and nothing of the current folder is executed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from oncohort.displays.figures import draw_all
from oncohort.displays.figures.model import Figure
from oncohort.processes import child_command, child_environment
from oncohort.study import drawing
from oncohort.study.drawing import Drawer

CODE = "import pathlib; pathlib.Path({mark!r}).write_text('executed')\nraise ImportError\n"
NAMES = ("matplotlib.py", "oncohort.py", "numpy.py", "pickle.py", "site.py", "encodings.py")


def flow(name: str, kind: str = "flow") -> Figure:
    steps = [{"stay": "All (n = 3)", "leave": ""}, {"stay": "Included (n = 3)", "leave": ""}]
    return Figure(name, "Figure 1", "Flow", (), "Flow.", kind, {"steps": steps}, 158, 60)  # type: ignore[arg-type]


def test_another_process_draws_the_same_bytes_in_the_same_order() -> None:
    figures = [flow("a"), flow("b")]
    with Drawer(helped=True) as drawer:
        images = drawer.draw(figures, ("svg", "png"))
        assert images.get("c") is None
        assert dict(images) == draw_all(figures, ("svg", "png"))
        assert list(images) == ["a", "b"]
        assert images["a"] is images["a"] and not images._ours  # type: ignore[attr-defined]


def test_the_first_process_needs_no_drawing_library() -> None:
    code = """
import sys
from oncohort.study.drawing import Drawer
from oncohort.displays.figures.model import Figure
steps = [{"stay": "All", "leave": ""}, {"stay": "Included", "leave": ""}]
with Drawer(helped=True) as drawer:
    one = Figure("a", "Figure 1", "Flow", (), "Flow.", "flow", {"steps": steps}, 158, 60)
    assert drawer.draw([one], ("svg",))["a"]["svg"]
assert "matplotlib" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


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


@pytest.mark.parametrize("pythonpath", [None, ":/nowhere:study"])
def test_no_module_of_the_current_folder_is_executed(
    trap: Path, monkeypatch: pytest.MonkeyPatch, pythonpath: str | None
) -> None:
    if pythonpath is not None:
        monkeypatch.setenv("PYTHONPATH", pythonpath)
    with Drawer(helped=True) as drawer:
        images = drawer.draw([flow("a")], ("svg",))
        assert images["a"]["svg"] and not images._ours  # type: ignore[attr-defined]
    assert not trap.exists()
    # Without figures it ends by itself, and says nothing.
    done = subprocess.run(
        child_command("drawing"),
        input=b"",
        capture_output=True,
        env=child_environment(),
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_what_the_process_cannot_draw_is_said_by_this_one() -> None:
    figures = [flow("a"), flow("b", kind="nothing"), flow("c")]
    with Drawer(helped=True) as drawer:
        images = drawer.draw(figures, ("svg",))
        with pytest.raises(KeyError, match="nothing"):
            images["b"]
        assert images["c"] == draw_all(figures[2:], ("svg",))["c"]


def test_where_it_cannot_be_started_or_dies_figures_are_drawn_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = draw_all([flow("a")], ("svg",))
    for command in (
        [str(tmp_path / "no-such-program")],
        [sys.executable, "-c", "import os; os.abort()"],
        [sys.executable, "-c", "import sys; sys.stdin.buffer.read(); print('nonsense' * 9)"],
    ):
        monkeypatch.setattr(drawing, "child_command", lambda _, command=command: command)
        with Drawer(helped=True) as drawer:
            assert dict(drawer.draw([flow("a")], ("svg",))) == here


def test_a_process_that_is_not_asked_goes_with_its_context() -> None:
    with Drawer(helped=True) as drawer:
        process = drawer._process
        assert process is not None
    assert process.returncode is not None and process.stdout is not None and process.stdout.closed


def test_leaving_early_ends_the_process() -> None:
    with Drawer(helped=True) as drawer:
        images = drawer.draw([flow(f"f{i}") for i in range(200)], ("png",))
        process = drawer._process
    assert process is not None and process.returncode is not None
    assert len(images) == 200
