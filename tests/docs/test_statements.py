"""The page that sets a paper's statements beside ours points at what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import oncohort as oc
from oncohort.protocol import Protocol, json_schema
from oncohort.study.demo import write_demo

PAGE = (Path(__file__).parents[2] / "docs" / "statements.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", PAGE, re.M)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> oc.Results:
    return oc.read_study(write_demo(tmp_path_factory.mktemp("demo") / "study")).run()


SCHEMA = json_schema()


def key_exists(path: str) -> bool:
    """Is there such a key of study.toml? ``*`` stands for any name."""

    def inner(node: dict[str, Any]) -> dict[str, Any]:
        for _ in range(6):
            if "$ref" in node:
                node = SCHEMA["$defs"][node["$ref"].rsplit("/", 1)[1]]
            elif "anyOf" in node:
                node = next(n for n in node["anyOf"] if n.get("type") != "null")
        return node

    node = inner(SCHEMA)
    for part in path.split("."):
        if "properties" in node and part in node["properties"]:
            node = inner(node["properties"][part])
        elif part == "*" and "patternProperties" in node:
            node = inner(next(iter(node["patternProperties"].values())))
        else:
            return False
    return True


def test_there_are_62_statements() -> None:
    assert [int(n) for n, _, _ in ROWS] == list(range(1, 63))
    assert all(said and ours for _, said, ours in ROWS)


def test_each_points_at_a_number_or_a_key(results: oc.Results) -> None:
    assert Protocol.model_fields
    for number, _, ours in ROWS:
        for name in re.findall(r"`([a-z_]+\.[^`]+)`", ours):
            known = name in results.numbers or key_exists(name) or name == "performance.scale"
            assert known, (number, name)


def test_the_manuscript_tells_what_the_paper_tells(results: oc.Results) -> None:
    """Every number of the page that is not only in a table stands in a sentence."""
    from oncohort.displays.paper import Paragraph

    told = {
        span.id
        for section in results.paper.sections
        for block in section.blocks
        if isinstance(block, Paragraph)
        for span in block.spans
        if span.id
    }
    shown = told | {i for t in results.tables.values() if t.shown for i in t.ids}
    shown |= {s.id for f in results.figures.values() if f.shown for s in f.caption}
    only_in_figure = {"flow.lung_only.remaining"}
    for number, _, ours in ROWS:
        for name in re.findall(r"`([a-z_]+\.[^`]+)`", ours):
            if name in results.numbers and name not in only_in_figure:
                assert name in shown, (number, name)
