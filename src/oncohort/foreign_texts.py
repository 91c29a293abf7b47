"""TOML and JSON that somebody else wrote: what they hold, or a `ValueError`, within bounds.

The readers of the standard library end in a `RecursionError` where values nest too deep, and that
of TOML takes memory with the square of the parts of a dotted key.
"""

from __future__ import annotations

import json
import re
import tomllib

from oncohort.vocabulary.boundaries import Parsed

MOST_PARTS = 60
"""Parts of a dotted key."""
_PART = r"""(?:(?<![\w-])[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_LONG_KEY = re.compile(rf"(?:{_PART}[ \t]*\.[ \t]*){{{MOST_PARTS}}}{_PART}")

_LONG_NUMBER = re.compile(r"(?<!\w)0[xob][0-9A-Fa-f_]{2000}")
"""It is read, but never printed."""


def toml_of(text: str) -> dict[str, Parsed]:
    """What a TOML text holds.

    Raises
    ------
    tomllib.TOMLDecodeError
        It is no TOML, or nests too deep.

    Examples
    --------
    >>> toml_of('title = "A study"')
    {'title': 'A study'}
    >>> toml_of("x = " + "[" * 100_000)
    Traceback (most recent call last):
    tomllib.TOMLDecodeError: Values nest too deep
    """
    if text.count(".") > MOST_PARTS and (found := _LONG_KEY.search(text)):
        line = text.count("\n", 0, found.start()) + 1
        raise tomllib.TOMLDecodeError(f"A key of more than {MOST_PARTS} parts (at line {line})")
    if found := _LONG_NUMBER.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise tomllib.TOMLDecodeError(f"A whole number is too long (at line {line})")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError("Values nest too deep") from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as error:  # a whole number of thousands of digits
        raise tomllib.TOMLDecodeError(str(error)[:60]) from None


def json_of(text: str | bytes) -> Parsed:
    """What a JSON text holds.

    Raises
    ------
    ValueError
        It is no JSON, or nests too deep.

    Examples
    --------
    >>> json_of('{"n": 42}')
    {'n': 42}
    >>> json_of("[" * 100_000)
    Traceback (most recent call last):
    ValueError: values nest too deep
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("values nest too deep") from None
