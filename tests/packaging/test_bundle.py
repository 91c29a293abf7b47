"""The bundle does the whole job where there is no Python; `make bundle` makes it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
FOLDER = TOP / "dist" / "oncohort"

pytestmark = [
    pytest.mark.verify,
    pytest.mark.skipif(not FOLDER.exists(), reason="no dist/oncohort: make bundle"),
]


def test_the_bundle_works_in_a_bare_environment() -> None:
    command = [sys.executable, str(TOP / "packaging" / "try_bundle.py"), str(FOLDER)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("The bundle works.\n")


def test_the_numbers_of_the_bundle_are_those_of_the_installed_package(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    commands = ([sys.executable, "-m", "oncohort"], [str(FOLDER / "oncohort")])
    for command, folder in zip(commands, (ours, theirs), strict=True):
        subprocess.run([*command, "demo", str(folder), "--quiet"], check=True, capture_output=True)
    written = [(f / "results" / "results.json").read_bytes() for f in (ours, theirs)]
    assert written[0] == written[1]


def test_every_library_in_the_bundle_brings_its_licence() -> None:
    inside = FOLDER / "_internal"
    for name in ("numpy", "polars", "scipy", "matplotlib", "lxml", "pyreadstat", "uvicorn"):
        (described,) = inside.glob(f"{name}-*.dist-info")
        assert [f for f in described.rglob("*") if "licen" in f.name.lower()], name


def test_the_wheel_serves_every_python_from_3_11_on() -> None:
    (wheel,) = (TOP / "dist").glob("oncohort-*.whl")
    assert "-cp311-abi3-" in wheel.name
    names = zipfile.ZipFile(wheel).namelist()
    assert {n for n in names if ".abi3." in n} >= {
        "oncohort/stats/_kernel.abi3.so",
        "oncohort/twin/_search.abi3.so",
    }
