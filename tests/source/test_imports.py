"""No module of the package reaches itself through what it imports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from graphlib import CycleError, TopologicalSorter

import grimp


def circle(modules: Iterable[str], imported_by: Callable[[str], Iterable[str]]) -> list[str]:
    """The modules of one circle of imports; empty where there is none."""
    try:
        TopologicalSorter({m: imported_by(m) for m in modules}).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_two_modules_import_each_other_in_a_circle() -> None:
    """Imports for types alone (under TYPE_CHECKING) never run, and are left out."""
    graph = grimp.build_graph("oncohort", exclude_type_checking_imports=True)
    assert circle(graph.modules, graph.find_modules_directly_imported_by) == []


def test_a_circle_would_be_found() -> None:
    graph = {"a": ["b"], "b": ["c"], "c": ["a"], "d": []}
    assert set(circle(graph, lambda name: graph[name])) == {"a", "b", "c"}
