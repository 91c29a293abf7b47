"""Drafts are written by one writer of TOML, and are the same whatever the order of sets."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import oncohort.study
from oncohort.protocol.toml_text import toml_header, toml_line

SOURCE = Path(oncohort.study.__file__).parent
LINE = re.compile(r"^(?:\[[a-z_]+[.\]]|[a-z_]+(?:\.\S+)? = )")
TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)


def by_hand(text: str) -> list[str]:
    """Texts of a module that are lines of TOML put together by hand."""
    tree = ast.parse(text)
    told = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    told |= {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
    told |= {id(c) for n in ast.walk(tree) if isinstance(n, ast.Compare) for c in ast.walk(n)}
    found = []
    for n in ast.walk(tree):
        if id(n) in told:
            continue
        if isinstance(n, ast.JoinedStr):
            parts = [v.value if isinstance(v, ast.Constant) else "x" for v in n.values]
            found.append("".join(map(str, parts)))
        elif isinstance(n, ast.Constant) and isinstance(n.value, str):
            found.append(n.value)
    return [t for t in found if LINE.match(t)]


def test_a_line_by_hand_is_found() -> None:
    assert by_hand("a(f'columns.{a} = {b}')") and by_hand("a('[tables.labs]')")
    assert not by_hand('"""columns.a = 1"""') and not by_hand("x == '[tables.labs]'")


@pytest.mark.parametrize("path", sorted(SOURCE.glob("draft*.py")), ids=lambda p: p.stem)
def test_drafts_put_no_toml_together(path: Path) -> None:
    assert by_hand(path.read_text("utf-8")) == []


@given(TEXT, TEXT, st.dictionaries(TEXT, st.lists(TEXT | st.integers() | st.booleans())))
def test_any_name_and_value_is_read_back(one: str, two: str, value: dict[str, object]) -> None:
    text = "\n".join(
        [toml_header("a", one), toml_line(("b", two), value), toml_line("c", value, bare=True)]
    )
    assert tomllib.loads(text) == {"a": {one: {"b": {two: value}, "c": value}}}


def test_the_same_chart_gives_the_same_draft(tmp_path: Path) -> None:
    """Two times of one event, whose units are each said by their names."""
    rows = [f"P{i},{i + 2}.5,{i + 1}.25,{i % 2}" for i in range(12)]
    chart = tmp_path / "chart.csv"
    head = "id,OS from diagnosis (months),OS from treatment (months),died"
    chart.write_text("\n".join([head, *rows]))
    made = []
    for seed in ("1", "3"):
        code = "import sys; from oncohort.study.new import new_study; new_study(*sys.argv[1:])"
        env = os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run(
            [sys.executable, "-c", code, tmp_path / seed / "s", chart], check=True, env=env
        )
        made.append((tmp_path / seed / "s" / "study.toml").read_text("utf-8"))
    assert made[0] == made[1]
    assert "OS from diagnosis" in made[0] and 'time_unit = "months"' in made[0]
