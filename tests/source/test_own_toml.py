"""Our own data in TOML: the fast reader gives what the standard library's gives."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import oncohort
from oncohort.own_toml import own_toml

ROOT = Path(oncohort.__file__).parent
FILES = sorted(str(p.relative_to(ROOT)) for p in ROOT.rglob("*.toml"))


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_ours(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert repr(own_toml(text)) == repr(tomllib.loads(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        'a = 1\nb = -2.5\n"with blank" = true\n',
        '[a.b]\nx = ["p, ]", "[q]", "# r"]\n[a]\ny = "s = t"\n',
        '[a]\nx = [\n  "p",\n  "q",\n]\n',
        '[a."b.c"]\nx = "\\"q\\" \\u00e9"\n',
        "[a]\nx = 'literal \\n'\n",
        "[a]\nx = { y = 1 }\nletters.de = 2\n",
        "[[a]]\nx = 1\n[[a]]\nx = 2\n",
        "[a]\nx = 1979-05-27\n",
        '[a]\nx = 1 # behind\ny = """\nlong\n"""\n',
    ],
)
def test_other_ways_to_write_it(text: str) -> None:
    assert own_toml(text) == tomllib.loads(text)


def test_what_is_no_toml_is_refused() -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        own_toml("[a\nx = 1\n")
