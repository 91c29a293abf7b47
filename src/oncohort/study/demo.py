"""The built-in study: synthetic patients, written where the user wants them."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from oncohort.problems import OutputError, Place, problem

DEFAULT = "oncohort-demo"


def _refused(path: Path, what: str) -> OutputError:
    said = problem("demo.refused", place=Place(file=str(path)), reason=what)
    return OutputError("", [said])


def write_demo(directory: str | Path = DEFAULT) -> Path:
    """Write the built-in study; files that are there already stay as they are.

    Raises
    ------
    OutputError
        The directory is a file, holds something other than a study, or can't be written.
    """
    target = Path(directory)
    if target.exists() and not target.is_dir():
        raise _refused(target, f"{target} is a file.")
    if target.is_dir() and any(target.iterdir()) and not (target / "study.toml").exists():
        raise _refused(target, f"{target} holds files, but no study.")
    try:
        with as_file(files("oncohort.study") / "demo_study") as source:
            for path in sorted(source.rglob("*")):
                copy = target / path.relative_to(source)
                if path.is_dir() or "__pycache__" in path.parts or copy.exists():
                    continue
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
    except OSError as error:
        raise _refused(target, f"Can't write here: {error}.") from error
    return target
