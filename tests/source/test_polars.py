"""One rule of imports: polars at the top of a module, except where it must stay out at first."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import oncohort

SOURCE = Path(oncohort.__file__).parent
LATE = ("cli", "stats", "audit")
"""Rooms that are used without a chart: arrays, papers, `--help`."""


def late_imports(tree: ast.Module) -> Iterator[int]:
    """Lines that import polars anywhere but at the top of a module."""
    for node in ast.walk(tree):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if node not in tree.body and any(n.split(".")[0] == "polars" for n in names):
            yield node.lineno  # type: ignore[attr-defined]


def test_polars_is_imported_at_the_top() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{line}"
        for path in sorted(SOURCE.rglob("*.py"))
        if path.name != "__init__.py" and path.relative_to(SOURCE).parts[0] not in LATE
        for line in late_imports(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_a_late_import_is_found() -> None:
    text = "import polars\n\n\ndef f():\n    import polars as pl\n\n    from polars import col\n"
    assert list(late_imports(ast.parse(text))) == [5, 7]
