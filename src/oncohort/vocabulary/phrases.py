"""Words and phrases that stand within cells or below a table: `phrases.toml`."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from oncohort.own_toml import own_toml


@cache
def _groups() -> dict[str, dict[str, list[str]]]:
    return own_toml(files("oncohort.vocabulary").joinpath("phrases.toml").read_text("utf-8"))


@cache
def phrases(group: str) -> tuple[str, ...]:
    """The phrases of a group, in all languages.

    Raises
    ------
    KeyError
        No such group.

    Examples
    --------
    >>> "abgesetzt" in phrases("off"), "停药" in phrases("off")
    (True, True)
    """
    return tuple(dict.fromkeys(phrase for many in _groups()[group].values() for phrase in many))


def one_of(group: str) -> str:
    """A pattern for one of the phrases of a group, the longest first.

    Examples
    --------
    >>> re.fullmatch(one_of("months"), "meses") is not None
    True
    """
    longest = sorted(phrases(group), key=len, reverse=True)
    return f"(?:{'|'.join(re.escape(phrase) for phrase in longest)})"
