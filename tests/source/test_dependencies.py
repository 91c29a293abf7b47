"""What is imported is declared, and what is declared is imported."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import oncohort

ROOT = Path(__file__).parents[2]
NAMES = {
    "pillow": "PIL",
    "python-docx": "docx",
    "Jinja2": "jinja2",
    "python-calamine": "python_calamine",
    "citeproc-py": "citeproc",
    "pdfminer.six": "pdfminer",
    "MarkupSafe": "markupsafe",
}
"""Projects whose module has another name."""
USED_BY_OTHERS = {"python-multipart"}
"""Needed by starlette for the forms that we ask of it, and imported by that alone."""
PART_OF = {"pydantic_core": "pydantic"}
"""Modules that come with a declared one."""
OPTIONAL = {"pandas", "pyarrow"}


def imported() -> set[str]:
    found: set[str] = set()
    for path in Path(oncohort.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"oncohort"}


def declared(section: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[; ]", entry)[0] for entry in section}


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_import_is_declared() -> None:
    known = {NAMES.get(name, name) for name in declared(PROJECT["dependencies"])}
    used = {PART_OF.get(name, name) for name in imported()}
    optional = declared(PROJECT["optional-dependencies"]["pandas"])
    assert optional == OPTIONAL
    assert used - known - OPTIONAL - {"dask", "distributed"} == set()


def test_everything_declared_is_imported() -> None:
    wanted = declared(PROJECT["dependencies"]) - USED_BY_OTHERS
    assert {NAMES.get(name, name) for name in wanted} - imported() == set()


def test_every_declared_project_has_its_exact_version() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().splitlines()
    exact = {line.partition("==")[0].replace("_", "-") for line in lines}
    assert {n.lower().replace("_", "-") for n in declared(PROJECT["dependencies"])} - exact == set()
