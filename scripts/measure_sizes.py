"""Functions above 60 lines (without their docstring) and modules above 500, longest first."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "oncohort"
FUNCTION, MODULE = 60, 500


def _functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            first = node.body[0]
            said = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(node) else 0
            yield node.name, node.end_lineno - node.lineno + 1 - said


def long_places(source: Path = SOURCE) -> dict[str, int]:
    """Place = its lines, of everything above the limits; a place is a file, or file:function."""
    out: dict[str, int] = {}
    for path in sorted(source.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        file = path.relative_to(source).as_posix()
        lines = len(text.splitlines())
        if lines > MODULE:
            out[file] = lines
        for name, length in _functions(ast.parse(text)):
            if length > FUNCTION:
                out[f"{file}:{name}"] = max(length, out.get(f"{file}:{name}", 0))
    return out


if __name__ == "__main__":
    for place, lines in sorted(long_places().items(), key=lambda one: -one[1]):
        print(f"{place}\t{lines}")
