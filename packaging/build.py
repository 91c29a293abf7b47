"""Make what is given out: `python packaging/build.py dist` or `bundle`, into dist/.

dist    wheel (compiled kernels, any Python from 3.11 on) and source archive
bundle  a folder with the program and a Python of its own, packed: for machines without Python

Runs alike on Linux, macOS and Windows, each of which makes the bundle for itself.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
DIST = TOP / "dist"
WORK = TOP / "build" / "bundle"
BUILD = "build>=1.2,<2"
KERNELS = 2
"""Compiled modules of a whole wheel (setup.py)."""
PYINSTALLER = "pyinstaller>=6.10,<7"


def run(*command: str | Path, cwd: Path = TOP) -> None:
    """Run a command, or end with its fault."""
    subprocess.run([str(c) for c in command], cwd=cwd, check=True)


def environment(folder: Path, *packages: str) -> Path:
    """A new virtual environment with packages in the versions of constraints.txt; its Python."""
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    quiet = ("--quiet", "--disable-pip-version-check")
    run(python, "-m", "pip", "install", *quiet, "-c", TOP / "constraints.txt", *packages)
    return python


def dist() -> Path:
    """Wheel and source archive in dist/; the wheel's path."""
    python = environment(WORK / "build-venv", BUILD)
    out = WORK / "wheels"
    shutil.rmtree(out, ignore_errors=True)
    run(python, "-m", "build", "--outdir", out, TOP)
    DIST.mkdir(exist_ok=True)
    for made in sorted(out.iterdir()):
        shutil.copy2(made, DIST / made.name)
        print(f"dist/{made.name}  {made.stat().st_size / 1e6:.1f} MB")
    wheel = next(out.glob("*.whl"))
    kernels = [n for n in zipfile.ZipFile(wheel).namelist() if n.endswith((".so", ".pyd"))]
    if len(kernels) != KERNELS:
        raise SystemExit(f"{wheel.name} has {len(kernels)} of {KERNELS} kernels: no C compiler?")
    return wheel


def bundle() -> Path:
    """The folder dist/oncohort and its packed form; the packed form's path."""
    wheel = dist()
    python = environment(WORK / "venv", str(wheel), PYINSTALLER)
    folder = DIST / "oncohort"
    shutil.rmtree(folder, ignore_errors=True)
    spec = TOP / "packaging" / "oncohort.spec"
    places = ("--distpath", DIST, "--workpath", WORK / "work")
    run(python, "-m", "PyInstaller", "--noconfirm", "--log-level=WARN", *places, spec)
    shutil.copy2(TOP / "LICENSE", folder / "LICENSE")
    shutil.copy2(TOP / "packaging" / "READ-ME-FIRST.txt", folder / "READ-ME-FIRST.txt")
    packed = pack(folder)
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    print(f"dist/oncohort/  {size / 1e6:.0f} MB")
    print(f"dist/{packed.name}  {packed.stat().st_size / 1e6:.0f} MB")
    return packed


def pack(folder: Path) -> Path:
    """The folder as one file: a zip for Windows, which opens it, else tar.xz."""
    system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
    name = f"oncohort-{system}-{platform.machine().lower()}"
    if sys.platform == "win32":
        packed = DIST / f"{name}.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
            for file in sorted(folder.rglob("*")):
                out.write(file, Path("oncohort") / file.relative_to(folder))
        return packed
    packed = DIST / f"{name}.tar.xz"
    with tarfile.open(packed, "w:xz", preset=9) as out:
        out.add(folder, "oncohort")
    return packed


if __name__ == "__main__":
    actions = {"dist": dist, "bundle": bundle}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        raise SystemExit(__doc__)
    actions[sys.argv[1]]()
