"""A command that ends at each moment at which it touches a file: what it leaves, and what follows.

``python cut_short.py HOW OLD WORK COMMAND...`` runs the command on copies of the folder OLD, below
WORK, once for each such moment, and prints one line of JSON for each. HOW is ``killed`` (the
process ends there), ``full`` (nothing more can be written from there on), ``broken`` (that one
step fails) or ``denied``. Then the command is given again, and nothing stops it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
STEPS = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate"}
REMOVING = {"os.remove", "os.rmdir"}
GROWING = {"open", "os.mkdir", "os.link", "os.symlink"}
KEPT = (".oncohort", ".lock")
"""Hidden files that are meant to stay."""
CLOCK = re.compile(rb'"made_at": "[^"]*"')


def touches(event: str, arguments: tuple[Any, ...]) -> str:
    """The file that a step of the process changes; none for another step."""
    if event == "open":
        path, _, flags = arguments
        if not (isinstance(flags, int) and flags & WRITING):
            return ""
    elif event in STEPS:
        path = arguments[0]
    else:
        return ""
    return os.path.abspath(os.fsdecode(path)) if isinstance(path, (str, bytes, Path)) else ""


def stop_at(moment: int, how: str, root: str, count: int, removes: int) -> None:
    """From now on this process ends, or fails, at a moment; `count` gets their number.

    `removes` gets a sign where that moment takes a file away.
    """
    done = [0]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if not touches(event, arguments).startswith(root):
            return
        done[0] += 1
        now = done[0]
        if now == moment and event in REMOVING:
            os.pwrite(removes, b"1", 0)
        if how == "count":
            os.pwrite(count, str(now).encode(), 0)
        elif how == "killed" and now == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        elif how == "full" and now >= moment and event in GROWING:
            raise OSError(28, "No space left on device")
        elif how == "broken" and now == moment:
            raise OSError(5, "Input/output error")
        elif how == "denied" and now >= moment:
            raise PermissionError(13, "Permission denied")

    sys.addaudithook(hook)


def content(path: Path) -> bytes:
    """What a file holds, but for times of day; a workbook is what its parts hold."""
    if path.suffix == ".xlsx" and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as parts:
            names = sorted(set(parts.namelist()) - {"docProps/core.xml"})
            return b"".join(n.encode() + parts.read(n) for n in names)
    return CLOCK.sub(b"", path.read_bytes())


def state(folder: Path) -> dict[str, str]:
    """Every file with its content, but for times of day."""
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(content(p)).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != ".lock"
    }


def hidden(name: str) -> bool:
    """A file that is being written."""
    return any(part.startswith(".") and part not in KEPT for part in name.split("/"))


def once(how: str, moment: int, old: Path, work: Path, command: list[str]) -> tuple[int, str]:
    """Run the command on a fresh copy; its code (below 0: a signal), and what it said."""
    if how != "again":
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(old, work / "here")
        (work / "tmp").mkdir()
    said, count = work.parent / "said", work.parent / "count"
    child = os.fork()
    if child == 0:
        os.chdir(work / "here")
        for handle in (1, 2):
            os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), handle)
        os.environ |= {"TMPDIR": str(work / "tmp"), "NO_COLOR": "1"}
        tempfile.tempdir = str(work / "tmp")
        loaded = os.open(work.parent / "loaded", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        numbers = os.open(count, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        removes = os.open(work.parent / "removes", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        stop_at(moment, how, str(work), numbers, removes)
        sys.argv = ["oncohort", *command]
        signal.alarm(120)
        code: object = 1
        try:
            from oncohort.cli import main

            main()
            code = 0
        except SystemExit as end:
            code = end.code
        finally:
            if how == "count":
                os.pwrite(loaded, "\n".join(sys.modules).encode(), 0)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code if isinstance(code, int) else 0)
    status = os.waitpid(child, 0)[1]
    return os.waitstatus_to_exitcode(status), said.read_text(encoding="utf-8", errors="replace")


def cut_short(how: str, old: Path, work: Path, command: list[str]) -> Iterator[dict[str, Any]]:
    """What each moment leaves."""
    code, said = once("count", 0, old, work, command)
    before, new = state(old), state(work / "here")
    for module in (work.parent / "loaded").read_text(encoding="utf-8").splitlines():
        with suppress(Exception):  # what the command needs is imported once, and not in each child
            import_module(module)
    yield {"moment": 0, "code": code, "said": said, "new": sorted(new), "tmp": _left(work)}
    for moment in range(1, int((work.parent / "count").read_text()) + 1):
        code, said = once(how, moment, old, work, command)
        now = state(work / "here")
        shown = {k: v for k, v in now.items() if not hidden(k) and not k.endswith("/.lock")}
        kind = "old" if shown == before else "new" if shown == new else "half"
        out = {"moment": moment, "code": code, "said": said, "kind": kind, "shown": sorted(shown)}
        out["removes"] = (work.parent / "removes").stat().st_size > 0
        out |= {"hidden": [k for k in now if hidden(k)], "tmp": _left(work)}
        code, said = once("again", 0, old, work, command)
        after = state(work / "here")
        out |= {"again": after == new, "code_again": code, "said_again": said}
        yield out | {"after": sorted(after), "tmp_after": _left(work)}


def _left(work: Path) -> list[str]:
    return sorted(p.relative_to(work / "tmp").as_posix() for p in (work / "tmp").rglob("*"))


if __name__ == "__main__":
    for line in cut_short(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]):
        print(json.dumps(line), flush=True)
