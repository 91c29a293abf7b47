"""What would break on Windows and can be seen here: encodings, modules and calls of POSIX alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "src" / "oncohort"
MODULES = sorted(ROOT.rglob("*.py"))
POSIX_MODULES = {"fcntl", "resource", "pwd", "grp", "termios", "pty"}
"""Imported within functions only, where their absence is answered."""
POSIX_CALLS = {"fork", "getuid", "geteuid", "setsid", "mkfifo", "chown", "getpgid", "rename"}
"""`os.rename` refuses on Windows what it replaces elsewhere: `os.replace` does neither."""


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def without_encoding(call: ast.Call) -> bool:
    """Whether a call opens a text in the code page of the machine."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = {k.arg for k in call.keywords}
    if "encoding" in given or None in given:
        return False
    if name in ("read_text", "write_text"):
        # A text that is written, and the pages' own function of that name with four arguments.
        return len(call.args) < (1 if name == "read_text" else 2)
    if name == "open" and isinstance(call.func, ast.Name):
        modes = [a.value for a in call.args[1:] if isinstance(a, ast.Constant)]
        return not any("b" in str(m) for m in modes)
    return name in ("run", "Popen") and bool({"text", "universal_newlines"} & given)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_nothing_of_posix_alone(path: Path) -> None:
    found = tree(path)
    for node in ast.walk(found):
        if isinstance(node, ast.Call):
            assert not without_encoding(node), f"{path.name}:{node.lineno} names no encoding"
            called = node.func
            if isinstance(called, ast.Attribute) and getattr(called.value, "id", "") == "os":
                assert called.attr not in POSIX_CALLS, f"{path.name}:{node.lineno} os.{called.attr}"
    for node in found.body:
        if isinstance(node, ast.Import):
            assert not {n.name for n in node.names} & POSIX_MODULES, path.name
