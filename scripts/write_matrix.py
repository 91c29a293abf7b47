"""Write docs/analyses/matrix.md: every analysis with all that belongs to it, from the code.

    python scripts/write_matrix.py [--check]

Each section declares its rows (`Section.analyses`). ``--check`` writes nothing and fails where the
page would change.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from oncohort.displays.sections import SECTIONS, Section
from oncohort.displays.sections.analysis import Analysis

OUT = Path(__file__).resolve().parents[1] / "docs" / "analyses" / "matrix.md"
HEAD = """# The matrix of analyses

What a study can ask for, the key of `study.toml` that asks, the numbers that it gives, where they
are shown, what guards them, and what does the same in R. Every analysis has its sentence in Methods
(said by the analysis itself) and in Results. `*` stands for a key that the study chooses. A problem
of the guard is explained by `oncohort rules ID`. "none" in the column of R says why there is
nothing to compare with; a table or figure that an analysis has no use for reads "not shown".

This page is written from the code by `scripts/write_matrix.py`.
"""


def shown(function: Callable[..., Any] | None) -> str:
    """What a table, figure or sentence is, by the first line of its docstring."""
    if function is None:
        return "not shown"
    words = inspect.getdoc(function) or ""
    assert words, f"{function} has no docstring"
    return words.split("\n\n")[0].replace("\n", " ").rstrip(".").replace("|", "or")


def names(values: tuple[str, ...]) -> str:
    """Names as code, one a line."""
    return "<br>".join(f"`{v}`" for v in values)


def line(one: Analysis, section: Section) -> str:
    """One row of the page."""
    page = f"[{one.page}]({'' if one.page.startswith('analyses/') else '../'}{one.page.removeprefix('analyses/')})"  # noqa: E501
    cells = [
        one.name,
        f"`{one.key}`",
        names(one.ids),
        shown(one.table),
        shown(one.figure),
        shown(one.sentence or section.sentences),
        names(one.guard),
        one.r if one.r.startswith("none") else f"`{one.r}`",
        names(one.stats) or "counts and arithmetic",
        page,
    ]
    return f"| {' | '.join(cells)} |"


def table(section: Section) -> str:
    """The rows of one section."""
    title = section.title or section.methods
    columns = "analysis", "key", "numbers", "table", "figure", "text", "guard", "R", "stats", "page"
    head = [f"## {title} (`{section.key}`)", "", f"| {' | '.join(columns)} |"]
    head.append("|" + "---|" * len(columns))
    return "\n".join([*head, *(line(one, section) for one in section.analyses), ""])


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(table(section) for section in SECTIONS if section.analyses)])


def main() -> int:
    """Write the page, or compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true")
    text = page()
    if parser.parse_args().check:
        same = OUT.exists() and OUT.read_text("utf-8") == text
        if not same:
            print(f"{OUT.name} is out of date: run scripts/write_matrix.py", file=sys.stderr)
        return 0 if same else 1
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
