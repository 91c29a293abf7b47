"""Child processes of our own: how each is started from an installed package and from a bundle.

A bundle is one program without a Python of its own, so a child is the same program once more,
with a word that says which of its parts is wanted. Nothing of the current folder is imported
either way: with `-P` Python leaves it out of the path, and a bundle never has it there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

CHILD = "--child"
"""The word that a bundle's program knows its children by."""
CHILDREN = {
    "parser": "oncohort.records.sources.native",
    "drawing": "oncohort.displays.figures.worker",
    "audit": "oncohort.audit.worker",
    "command": "oncohort.cli",
}
"""What a child may be, and the module whose `main` it runs."""


def bundled() -> bool:
    """Whether this is the program of a bundle, which has no Python to start.

    Examples
    --------
    >>> bundled()
    False
    """
    return bool(getattr(sys, "frozen", False))


def child_command(child: str, *arguments: str) -> list[str]:
    """The command that starts a child.

    Parameters
    ----------
    child
        A name of `CHILDREN`.
    arguments
        What follows in its command line.

    Examples
    --------
    >>> child_command("command", "--version")[1::3]
    ['-P', '--version']
    """
    module = CHILDREN[child]
    if bundled():
        return [sys.executable, CHILD, child, *arguments]
    root = str(Path(__file__).resolve().parents[1])
    start = f"import sys; sys.path.append({root!r}); from {module} import main; main()"
    return [sys.executable, "-P", "-c", start, *arguments]


def child_environment() -> dict[str, str]:
    """The environment without places of modules that depend on the current folder."""
    return child_environment_of(os.environ)


def child_environment_of(environment: Mapping[str, str]) -> dict[str, str]:
    """As :func:`child_environment`, of another environment."""
    out = dict(environment)
    places = [p for p in out.pop("PYTHONPATH", "").split(os.pathsep) if os.path.isabs(p)]
    return out | ({"PYTHONPATH": os.pathsep.join(places)} if places else {})


@contextmanager
def safe_workers() -> Iterator[None]:
    """For workers that a library starts: they too import nothing of the current folder.

    `multiprocessing` starts Python with `-c`, which looks for `multiprocessing` itself in the
    current folder first; the environment is all that such a child can be told beforehand.
    """
    before = dict(os.environ)
    try:
        os.environ.pop("PYTHONPATH", None)
        os.environ.update(child_environment_of(before) | {"PYTHONSAFEPATH": "1"})
        yield
    finally:
        for name in ("PYTHONSAFEPATH", "PYTHONPATH"):
            if name in before:
                os.environ[name] = before[name]
            else:
                os.environ.pop(name, None)


def run_child(arguments: Sequence[str]) -> None:
    """Be the child that a bundle's command line names: the child, then its own arguments."""
    child, *rest = arguments
    sys.argv = [sys.argv[0], *rest]
    import_module(CHILDREN[child]).main()


def restore_environment() -> None:
    """Take a bundle's own libraries out of the environment that other programs get from us.

    The browser, say, must find its own. This process and its children are not touched: the
    loader has read the value already, and a child of a bundle sets it again for itself.
    """
    for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if bundled() else ():
        before = os.environ.pop(f"{name}_ORIG", None)
        os.environ.pop(name, None)
        if before is not None:
            os.environ[name] = before
