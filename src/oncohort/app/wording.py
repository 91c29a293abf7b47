"""What the pages say: a catalogue of texts for each language, `words/<language>.toml`.

A further language is a further file with the same keys; nothing else names the languages.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from oncohort.problems.making import fill

FOLDER = Path(__file__).parent / "words"
DEFAULT = "en"
COOKIE = "oncohort_language"

language: ContextVar[str] = ContextVar("language", default=DEFAULT)
"""The language of the request that is answered."""


@cache
def languages() -> Mapping[str, str]:
    """Languages that have a catalogue, by code, each with its own name; English is the first."""
    found = {path.stem: texts(path.stem)["language.name"] for path in sorted(FOLDER.glob("*.toml"))}
    return {DEFAULT: found[DEFAULT]} | found


@cache
def texts(code: str) -> Mapping[str, str]:
    """The texts of a language by their dotted keys."""
    data = tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    return dict(_flat("", data))


def _flat(before: str, data: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flat(f"{before}{key}.", value)
        else:
            yield before + key, str(value)


def say(key: str, /, **holes: object) -> str:
    """A text in the language of the request.

    `{n:row|rows}` is the first word for 1 and the second for every other number.

    Examples
    --------
    >>> say("questions.left", n=2)
    '2 questions are left.'
    """
    return fill(texts(language.get())[key], **holes)


def chosen(cookie: str, accepted: str) -> str:
    """The language of a request: the one that was chosen here, else the browser's first known one.

    Parameters
    ----------
    cookie
        What the switch has left.
    accepted
        The header `Accept-Language`.

    Examples
    --------
    >>> chosen("", "de;q=0.9, ja-JP;q=0.8, en;q=0.5"), chosen("en", "ja"), chosen("xx", "*")
    ('ja', 'en', 'en')
    """
    known = languages()
    if cookie in known:
        return cookie
    wanted = []
    for nth, part in enumerate(accepted[:400].split(",")):
        name, _, weight = part.strip().partition(";q=")
        code = name.partition("-")[0].lower()
        try:
            rank = float(weight or 1)
        except ValueError:
            continue
        if code in known and rank > 0:
            wanted.append((-rank, nth, code))
    return min(wanted)[2] if wanted else DEFAULT
