"""Phrases within cells: every group is used, and no phrase stands twice in one."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from oncohort.vocabulary.phrases import one_of, phrases
from oncohort.vocabulary.words import LANGUAGES

ROOT = files("oncohort.vocabulary")
GROUPS = tomllib.loads(ROOT.joinpath("phrases.toml").read_text("utf-8"))


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_names_its_languages_and_each_phrase_once(group: str) -> None:
    assert set(GROUPS[group]) <= set(LANGUAGES)
    said = [phrase for many in GROUPS[group].values() for phrase in many]
    assert len(said) == len(set(said))
    assert all(re.fullmatch(one_of(group), phrase) for phrase in phrases(group))


def test_every_group_is_read_somewhere() -> None:
    source = "".join(p.read_text("utf-8") for p in Path(str(ROOT)).parent.rglob("*.py"))
    unread = [
        g for g in GROUPS if not g.startswith("stem_") and f'"{g}"' not in source.replace("'", '"')
    ]
    assert unread == []
