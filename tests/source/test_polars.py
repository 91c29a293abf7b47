"""One rule of imports: polars at the top of a module, except where it must stay out at first."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import oncohort

SOURCE = Path(oncohort.__file__).parent


@cache
def trees() -> dict[Path, ast.Module]:
    """Every module of the package by its place in it, read once."""
    return {
        path.relative_to(SOURCE): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(SOURCE.rglob("*.py"))
    }


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
        f"{path}:{line}"
        for path, tree in trees().items()
        if path.name != "__init__.py" and path.parts[0] not in LATE
        for line in late_imports(tree)
    ]
    assert found == []


def test_a_late_import_is_found() -> None:
    text = "import polars\n\n\ndef f():\n    import polars as pl\n\n    from polars import col\n"
    assert list(late_imports(ast.parse(text))) == [5, 7]


WHOLE = {"set", "sorted", "frozenset", "len", "max", "min"}
"""What is made of every member, in whatever order they come."""


def _in_any_order(call: ast.Call, parents: dict[ast.AST, ast.AST]) -> bool:
    """Does something around a call put its result into order, or take it as a set?"""
    node: ast.AST = call
    while node in parents and not isinstance(node := parents[node], ast.stmt):
        if isinstance(node, ast.Call):
            name = node.func
            if isinstance(name, ast.Name) and name.id in WHOLE:
                return True
            if isinstance(name, ast.Attribute) and name.attr in ("sort", "is_in", "implode"):
                return True
    return False


def unordered(tree: ast.Module) -> Iterator[int]:
    """Lines whose result has another order (or other rows) in every process: bare `unique`,
    `value_counts` by number alone."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        of, given = node.func.value, {k.arg for k in node.keywords}
        if isinstance(of, ast.Name) and of.id in ("np", "numpy", "stacked"):
            continue  # these sort
        bare = node.func.attr == "unique" and not (
            "maintain_order" in given and (not node.args or "keep" in given)
        )
        tied = node.func.attr == "value_counts" and "sort" in given
        if (bare and not _in_any_order(node, parents)) or tied:
            yield node.lineno


def test_the_order_of_rows_is_the_same_in_every_process() -> None:
    found = [
        f"{path}:{line}"
        for path, tree in trees().items()
        if path.parts[0] != "scale"  # arrow's `unique` keeps the order
        for line in unordered(tree)
    ]
    assert found == []


def test_an_order_of_chance_is_found() -> None:
    bad = "a.unique()\nb.unique('x')\nc.unique('x', maintain_order=True)\nd.value_counts(sort=True)"
    good = "sorted(a.unique())\na.unique().sort()\na.unique(maintain_order=True)\nnp.unique(a)"
    assert list(unordered(ast.parse(bad))) == [1, 2, 3, 4]
    assert list(unordered(ast.parse(good))) == []


def open_formats(tree: ast.Module) -> Iterator[int]:
    """Lines that put a text together and then fill its braces: one of a user may hold some."""
    for node in ast.walk(tree):
        call = node.func if isinstance(node, ast.Call) else None
        if isinstance(call, ast.Attribute) and ast.unparse(call) == "pl.format":
            assert isinstance(node, ast.Call)
            if not isinstance(node.args[0], ast.Constant):
                yield node.lineno


def test_formats_hold_no_words_of_a_user() -> None:
    found = [f"{path}:{line}" for path, tree in trees().items() for line in open_formats(tree)]
    assert found == []


def test_a_format_that_is_put_together_is_found() -> None:
    text = 'a = pl.format("{} d", x)\nb = pl.format(f"{y} {{}}", x)\nc = pl.format(y, x)\n'
    assert list(open_formats(ast.parse(text))) == [2, 3]
