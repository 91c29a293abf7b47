"""Keys made of names: what ids and sections of the protocol may hold, and never two the same."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from oncohort.vocabulary.keys import key_of, level_key, new_key, signed_slug, slug


@given(st.text())
def test_keys_are_plain_and_steady(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9_]*", slug(name))
    assert re.fullmatch(r"[a-z0-9_]+", signed_slug(name))
    assert re.fullmatch(r"[a-z0-9.+_-]*", key_of(name))
    assert slug(slug(name)) == slug(name) and key_of(key_of(name)) == key_of(name)
    assert level_key(name)


@given(st.lists(st.text(), max_size=20))
def test_new_keys_differ(names: list[str]) -> None:
    taken: set[str] = set()
    for name in names:
        key = new_key(name, taken, "column")
        assert key not in taken and re.fullmatch(r"[a-z0-9_]+", key)
        taken.add(key)


def test_signs_tell_levels_apart() -> None:
    levels = ("<0.8", ">0.8", "≥0.8", "≤0.8", "0.8", "0.8%", "0.8+")
    assert len({signed_slug(one) for one in levels}) == len(levels)
