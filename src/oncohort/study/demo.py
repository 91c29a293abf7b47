"""The built-in study: synthetic patients, written where the user wants them."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from oncohort.problems import OutputError, Place, problem
from oncohort.whole_files import write_whole

DEFAULT = "oncohort-demo"


def _refused(path: Path, what: str) -> OutputError:
    wrong = problem("demo.refused", place=Place(file=str(path)), reason=what)
    return OutputError("", [wrong])


def _is_of_others(protocol: Path) -> bool:
    """Is it a protocol of which most lines are not those of the built-in one?"""
    if not protocol.is_file():
        return False
    try:
        theirs = set(protocol.read_text("utf-8").splitlines())
    except (OSError, UnicodeDecodeError):
        return True
    text = files("oncohort.study").joinpath("demo_study", "study.toml").read_text("utf-8")
    own = [line for line in text.splitlines() if line.strip()]
    return 2 * sum(line in theirs for line in own) < len(own)


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
    if _is_of_others(target / "study.toml"):
        raise _refused(target, f"{target} holds another study.")
    there = set(target.rglob("*")) if target.is_dir() else None
    try:
        with as_file(files("oncohort.study") / "demo_study") as source:
            # The protocol first: what a killed process left is then a study, and is completed.
            for path in sorted(source.rglob("*"), key=lambda p: (p.name != "study.toml", p)):
                copy = target / path.relative_to(source)
                if path.is_dir() or "__pycache__" in path.parts or copy.exists():
                    continue
                copy.parent.mkdir(parents=True, exist_ok=True)
                write_whole(copy, path.read_bytes(), mode=0o644)
    except OSError as error:
        for made in sorted(target.rglob("*"), reverse=True) if target.is_dir() else ():
            if there is None or made not in there:
                made.rmdir() if made.is_dir() else made.unlink()
        if there is None and target.is_dir():
            target.rmdir()
        raise _refused(target, f"Can't write here: {error}.") from error
    return target
