"""What was done about an adverse event: words of charts for the four actions that papers tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "reduced": "dose reduction",
        "interrupted": "interruption",
        "withdrawn": "discontinuation",
        "none": "no change",
    }
)
"""Action to its name in a sentence, in the order of the paper."""

_WORDS = {
    "withdrawn": r"withdr|discontinu|stopp|permanent|abbruch|abgesetzt|arr[eê]t|中止",
    "interrupted": r"interrupt|withh[eo]ld|delay|hold|paus|suspen|unterbr|休薬",
    "reduced": r"reduc|decreas|lower|reduz|r[eé]duct|減量",
    "none": r"^(none|no( change| action)?|not changed|unchanged|maintained|continued|keine?|なし)$",
}


def action_of(words: str) -> str | None:
    """The action that a chart's words name; None where they name none of the four.

    Examples
    --------
    >>> [action_of(w) for w in ("Dose reduced", "drug withdrawn", "none", "see note")]
    ['reduced', 'withdrawn', 'none', None]
    """
    text = words.strip().lower()
    return next((k for k, pattern in _WORDS.items() if re.search(pattern, text)), None)
