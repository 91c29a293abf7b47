"""What is written never holds a sign that steers a terminal or the direction of writing."""

from __future__ import annotations

import tomllib
from pathlib import Path
from unicodedata import category

from hypothesis import given
from hypothesis import strategies as st

from oncohort.published.model import Categorical, Level, Published
from oncohort.published.toml import parse_published, to_toml
from oncohort.study.drafting import toml
from oncohort.study.new import new_study
from oncohort.twin.protocol_text import toml_text

UNSEEN = "\x7f\x80\x85\x9b\x9f\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069"
TEXTS = st.text(alphabet=st.sampled_from('ab"\\=# ' + "'\t\n\x1b" + UNSEEN), max_size=12)


def steers(text: str) -> set[str]:
    return {c for c in text if c in UNSEEN or (category(c) == "Cc" and c not in "\n\t")}


@given(TEXTS)
def test_a_text_is_the_same_and_its_signs_are_codes(text: str) -> None:
    assert tomllib.loads(f"x = {toml(text)}") == {"x": text}
    assert not steers(toml(text))


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


def test_a_drafted_protocol_holds_none(tmp_path: Path) -> None:
    cells = [f"P{i},{50 + i},{'ab'[i % 2]}{UNSEEN[i]}x" for i in range(10)]
    text = "\n".join([f"id,age\u202e,g\x9b{UNSEEN[0]}roup", *cells])
    (tmp_path / "chart.csv").write_text(text, encoding="utf-8")
    new_study(tmp_path / "s", source=tmp_path / "chart.csv")
    written = (tmp_path / "s" / "study.toml").read_text(encoding="utf-8")
    tomllib.loads(written)
    assert not steers(written)
