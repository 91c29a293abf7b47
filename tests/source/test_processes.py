"""Every child of the program is started the same way, from an installation and from a bundle."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from oncohort import processes
from oncohort.cli import bundle

SOURCE = Path(processes.__file__).parent


@pytest.mark.parametrize("child", processes.CHILDREN)
def test_every_child_has_a_main(child: str) -> None:
    assert callable(import_module(processes.CHILDREN[child]).main)


def test_a_child_of_an_installation_imports_nothing_of_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise SystemExit('taken from the current folder')")
    done = subprocess.run(
        processes.child_command("command", "--version"),
        cwd=tmp_path,
        env=processes.child_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", done.stdout)


HOSTILE = (
    *("matplotlib", "oncohort", "polars", "numpy", "scipy", "sitecustomize", "usercustomize"),
    *("multiprocessing", "pickle", "random", "socket", "selectors", "struct", "concurrent"),
    *("distributed", "dask", "openpyxl", "pydantic", "typer", "signal", "json", "runpy"),
)
TEAM = """
import math
from oncohort.twin.team import team
if __name__ == "__main__":
    with team(2) as together:
        print(list(together(math.sqrt, [(4,), (9,)])))
"""
DASK = """
from oncohort.scale.workers import connect
if __name__ == "__main__":
    with connect("local:1") as client:
        print([client.submit(abs, -2).result(), 3])
"""


@pytest.mark.parametrize(("script", "said"), [(TEAM, "[2.0, 3.0]"), (DASK, "[2, 3]")])
def test_workers_of_libraries_import_nothing_of_the_current_folder(
    tmp_path: Path, script: str, said: str
) -> None:
    if script == DASK:
        pytest.importorskip("distributed")
    study = tmp_path / "study"
    study.mkdir()
    for name in HOSTILE:
        (study / f"{name}.py").write_text("import os; os._exit(7)\n", encoding="utf-8")
    (tmp_path / "main.py").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "main.py")],
        cwd=study,
        env={k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"}
        | {"PYTHONPATH": str(SOURCE.parent)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert said in done.stdout, done.stderr[-500:]


def test_the_environment_is_as_it_was_behind_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "relative")
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    before = dict(os.environ)
    with processes.safe_workers():
        assert os.environ["PYTHONSAFEPATH"] == "1"
        assert "PYTHONPATH" not in os.environ
    assert dict(os.environ) == before


def test_a_child_of_a_bundle_is_the_same_program_once_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    command = processes.child_command("command", "--version")
    assert command == [sys.executable, "--child", "command", "--version"]
    monkeypatch.setattr(sys, "argv", ["oncohort", *command[1:]])
    with pytest.raises(SystemExit) as end:
        bundle.main()
    assert end.value.code == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_a_bundle_opens_the_pages_when_nothing_else_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(sys, "argv", ["oncohort"])
    monkeypatch.setattr("oncohort.cli.program", lambda: seen.append(sys.argv[1:]))
    bundle.main()
    assert seen == [["app"]]


def test_other_programs_do_not_get_the_libraries_of_a_bundle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/usr/own")
    processes.restore_environment()
    assert processes.child_environment()["LD_LIBRARY_PATH"] == "/bundle"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    processes.restore_environment()
    assert processes.child_environment()["LD_LIBRARY_PATH"] == "/usr/own"
    processes.restore_environment()
    assert "LD_LIBRARY_PATH" not in processes.child_environment()


def test_a_child_keeps_the_absolute_places_of_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}::relative")
    assert processes.child_environment()["PYTHONPATH"] == str(tmp_path)


def test_no_other_module_starts_python_by_itself() -> None:
    """`sys.executable` in a bundle is no Python."""
    allowed = {"processes.py", "records/sources/isolated.py"}
    found = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "sys.executable" in path.read_text(encoding="utf-8")
    }
    assert found <= allowed
