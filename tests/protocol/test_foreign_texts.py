"""TOML and JSON of others: what nests, repeats or counts beyond all use is a `ValueError`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable

import pytest

from oncohort.consortium.plan import parse_plan
from oncohort.foreign_texts import MOST_PARTS, json_of, toml_of
from oncohort.problems import OncohortError
from oncohort.protocol import parse_protocol
from oncohort.published.toml import parse_published

TOO_MUCH = {
    "lists": "x = " + "[" * 100_000,
    "tables": "x = " + "{a=" * 20_000,
    "a dotted key": "x" + ".a" * 100_000 + " = 1",
    "a dotted name": "[x" + ' . "a b"' * 20_000 + "]",
    "within a table": "x = { y" + ".'a'" * 20_000 + " = 1 }",
    "digits": "x = " + "9" * 100_000,
    "figures": "x = 0x" + "f" * 100_000,
}


@pytest.mark.parametrize("name", TOO_MUCH)
@pytest.mark.parametrize("read", [parse_protocol, parse_published, parse_plan])
def test_what_is_too_much_is_refused_in_words(name: str, read: Callable[[str], object]) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        toml_of(TOO_MUCH[name])
    with pytest.raises(OncohortError) as error:
        read(TOO_MUCH[name])
    assert len(str(error.value)) < 2000


def test_long_keys_of_their_own_are_read() -> None:
    key = ".".join("a" * 20 for _ in range(MOST_PARTS))
    assert toml_of(f"{key} = 1")
    text = "t = '''\n" + "Median survival " + "." * 500 + " 10.4\n'''\nn = " + "9" * 300
    assert toml_of(text)["n"] == int("9" * 300)


def test_json_that_nests_is_refused() -> None:
    for text in ("[" * 100_000, '{"a":' * 100_000, b"[" * 100_000):
        with pytest.raises(ValueError, match="nest too deep"):
            json_of(text)
