"""The matrix of analyses: every section has its rows, and what a row names is there."""

from __future__ import annotations

import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from conftest import program
from oncohort import stats
from oncohort.displays.sections import SECTIONS
from oncohort.problems.entries import catalogue
from oncohort.protocol import json_schema

ROOT = Path(__file__).parents[2]
ROWS = [
    pytest.param(section, row, id=f"{section.key}: {row.name}")
    for section in SECTIONS
    for row in section.analyses
]


SCHEMA = json_schema()


def writer() -> ModuleType:
    return program("scripts/write_matrix.py")


def step(schema: dict[str, Any], at: dict[str, Any], part: str) -> dict[str, Any] | None:
    """The schema one key deeper; ``*`` takes what a table of free keys holds."""
    kinds = [at, *at.get("anyOf", []), *at.get("oneOf", [])]
    for kind in kinds:
        if "$ref" in kind:
            found = step(schema, schema["$defs"][kind["$ref"].rsplit("/", 1)[1]], part)
            if found is not None:
                return found
        free = [kind.get("additionalProperties"), *kind.get("patternProperties", {}).values()]
        for value in free if part == "*" else []:
            if isinstance(value, dict):
                return value
        if part in kind.get("properties", {}):
            return kind["properties"][part]
        if isinstance(kind.get("items"), dict):
            found = step(schema, kind["items"], part)
            if found is not None:
                return found
    return None


def test_every_section_has_a_row() -> None:
    lacking = [section.key for section in SECTIONS if not section.analyses]
    assert not lacking, f"no row in the matrix of analyses: {lacking}"


@pytest.mark.parametrize(("section", "row"), ROWS)
def test_a_row_has_no_hole(section: Any, row: Any) -> None:
    assert row.name and row.ids and row.guard and row.r
    at: dict[str, Any] | None = SCHEMA
    for part in row.key.split("."):
        assert at is not None
        at = step(SCHEMA, at, part)
        assert at is not None, f"study.toml has no key {row.key}"
    assert all(path.split(".")[0] == section.key for path in row.ids)
    unknown = [id_ for id_ in row.guard if id_ not in catalogue()]
    assert not unknown, f"the catalogue of problems has no {unknown}"
    assert row.table is None or row.table in section.tables
    assert row.figure is None or row.figure in section.figures
    assert row.table or row.figure
    assert set(row.stats) <= set(stats.__all__)
    for function in (row.table, row.figure, row.sentence):
        assert function is None or inspect.getdoc(function)
    assert (ROOT / "docs" / row.page).is_file(), f"docs/{row.page} is missing"


def test_names_of_rows_differ() -> None:
    names = [row.name for section in SECTIONS for row in section.analyses]
    assert len(names) == len(set(names))


def test_the_page_is_what_the_code_says() -> None:
    page = ROOT / "docs" / "analyses" / "matrix.md"
    assert page.read_text("utf-8") == writer().page(), "run scripts/write_matrix.py"
