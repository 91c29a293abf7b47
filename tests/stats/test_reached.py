"""What `oncohort.stats` offers is reached by a study, or says why no study asks for it."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import oncohort
from oncohort import stats
from oncohort.displays.sections import SECTIONS

SOURCE = Path(oncohort.__file__).parent
NOTE = "No study asks for it:"
INSIDE = {"adjust_p", "cause_specific_cox", "model_concordance", "time_roc"}
"""Names that a study reaches through another statistic."""
ROOMS = ("analyses", "endpoints", "checks", "displays", "study")


def declared() -> set[str]:
    """Names that the rows of the matrix reach."""
    return {name for section in SECTIONS for row in section.analyses for name in row.stats}


def imported() -> set[str]:
    """Names of the statistics that the rooms of a study use."""
    out: set[str] = set()
    for room in ROOMS:
        for path in sorted((SOURCE / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                    "oncohort.stats"
                ):
                    out |= {alias.name for alias in node.names}
                if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "stats":
                    out.add(node.attr)
    return out


def test_every_name_is_reached_or_says_why_not() -> None:
    reached = declared() | imported() | INSIDE
    silent = [
        name
        for name in stats.__all__
        if name not in reached
        and NOTE not in " ".join((inspect.getdoc(getattr(stats, name)) or "").split())
    ]
    assert not silent, f"no study reaches {silent}, and their docstrings don't say why"


def test_what_the_matrix_says_is_reached_is_used() -> None:
    assert declared() - imported() <= INSIDE


def test_what_is_reached_does_not_say_that_it_is_not() -> None:
    lying = [
        name
        for name in declared()
        if NOTE in " ".join((inspect.getdoc(getattr(stats, name)) or "").split())
    ]
    assert not lying
