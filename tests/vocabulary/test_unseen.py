"""What is written never holds a sign that steers a terminal or the direction of writing."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from unicodedata import category

from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from oncohort.cli.app import app
from oncohort.documents import to_json
from oncohort.protocol.toml_text import toml_value
from oncohort.published.model import Categorical, Level, Published
from oncohort.published.toml import parse_published, to_toml
from oncohort.study.deciding import _block, _whole_block
from oncohort.study.editing import changed_criterion, with_criterion, with_values
from oncohort.study.new import new_study
from oncohort.study.study import read_study
from oncohort.study.writing import _json
from oncohort.twin.protocol_text import toml_text
from oncohort.vocabulary.unseen import coded_edits

TEXT_FILES = (".toml", ".md", ".json")
UNSEEN = "\x7f\x80\x85\x9b\x9f\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069"
TEXTS = st.text(alphabet=st.sampled_from('ab"\\=# ' + "'\t\n\x1b" + UNSEEN), max_size=12)


def steers(text: str) -> set[str]:
    return {c for c in text if c in UNSEEN or (category(c) == "Cc" and c not in "\n\t")}


@given(TEXTS)
def test_a_text_is_the_same_and_its_signs_are_codes(text: str) -> None:
    assert tomllib.loads(f"x = {toml_value(text)}") == {"x": text}
    assert not steers(toml_value(text))


@given(TEXTS, TEXTS)
def test_figures_are_the_same_and_their_signs_are_codes(title: str, label: str) -> None:
    figures = Published(title=title, variables=(Categorical(label, levels=(Level(label, "1"),)),))
    written = to_toml(figures)
    assert parse_published(written) == figures
    assert not steers(written)


@given(TEXTS, TEXTS)
def test_a_protocol_of_a_twin_is_the_same_and_its_signs_are_codes(key: str, text: str) -> None:
    written = toml_text({"study": {"title": text}, "variables": {f"k{key}": {"label": text}}})
    assert tomllib.loads(written)["variables"] == {f"k{key}": {"label": text}}
    assert not steers(written)


PROTOCOL = """[study]
title = 'own \u202e'  # as it was written \u200e
[eligibility]
[[eligibility.criteria]]
key = "old"
label = 'own \u202e'
"""


@given(TEXTS, TEXTS)
def test_an_edit_writes_codes_and_leaves_what_a_person_wrote(label: str, value: str) -> None:
    text = with_criterion(PROTOCOL, label, "age", {"is": value})
    text = with_values(text, {("variables", "sex", "label"): value, ("study", "disease"): label})
    text = changed_criterion(text, "old", {"column": label})
    held = tomllib.loads(text)
    assert held["variables"]["sex"]["label"] == value
    assert [c.get("label") for c in held["eligibility"]["criteria"]] == ["own \u202e", label]
    own = PROTOCOL.split("\n")
    assert set(own) <= set(text.split("\n"))
    assert not steers("\n".join(line for line in text.split("\n") if line not in own))


def test_a_line_that_codes_would_change_stays() -> None:
    before = "a = { b = 'x\u202e' }"
    after = "a = { b = 'x\u202e', c = \"y\" }"
    assert coded_edits(before, after) == after


@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_blocks_of_decisions_are_toml_and_hold_none(columns: list[str]) -> None:
    for block in (_block("values.age", columns, tuple(columns)), _whole_block("x.y", columns[0])):
        (one,) = tomllib.loads(block)["decisions"]
        assert one.get("patients", columns) == columns
        assert one.get("column", "") in ("", columns[0])
        assert not steers(block)


@given(TEXTS)
def test_lists_of_problems_and_of_files_hold_none(text: str) -> None:
    written = _json({"what": text}).decode()
    assert json.loads(written) == {"what": text}
    assert not steers(written)


def test_a_drafted_protocol_holds_none(tmp_path: Path) -> None:
    cells = [f"P{i},{50 + i},{'ab'[i % 2]}{UNSEEN[i]}x" for i in range(10)]
    text = "\n".join([f"id,age\u202e,g\x9b{UNSEEN[0]}roup", *cells])
    (tmp_path / "chart.csv").write_text(text, encoding="utf-8")
    new_study(tmp_path / "s", source=tmp_path / "chart.csv")
    written = (tmp_path / "s" / "study.toml").read_text(encoding="utf-8")
    tomllib.loads(written)
    assert not steers(written)


def test_the_certificate_and_results_of_a_twin_hold_none(tmp_path: Path) -> None:
    label = json.dumps(f"men {UNSEEN}\x1b")
    (tmp_path / "figures.toml").write_text(
        'schema = 1\npopulations = [{ key = "cohort", n = "20" }]\n[[variables]]\nname = "sex"\n'
        f'population = "cohort"\nlevels = [{{ label = {label}, count = "8" }}, '
        '{ label = "women", count = "12" }]\n',
        encoding="utf-8",
    )
    twin = tmp_path / "twin"
    CliRunner().invoke(app, ["twin", str(tmp_path / "figures.toml"), "--out", str(twin)])
    written = {p.name: p.read_text("utf-8") for p in twin.iterdir() if p.suffix in TEXT_FILES}
    assert {"figures.toml", "study.toml", "certificate.json", "certificate.md"} <= set(written)
    written["results"] = to_json(read_study(twin).run(only=["baseline"]).numbers, False)
    assert "\\u202E" in written["results"]
    assert [name for name, text in written.items() if steers(text)] == []
