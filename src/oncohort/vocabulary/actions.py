"""What was done about an adverse event: words of charts for the four actions that papers tell."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oncohort.vocabulary.mentions import mentions

ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "reduced": "dose reduction",
        "interrupted": "interruption",
        "withdrawn": "discontinuation",
        "none": "no change",
    }
)
"""Action to its name in a sentence, in the order of the paper."""

_IDEAS = {
    "withdrawn": "withdrawn",
    "interrupted": "interrupted",
    "reduced": "reduced",
    "none": "unchanged",
}


def action_of(words: str) -> str | None:
    """The action that a chart's words name; None where they name none of the four.

    Examples
    --------
    >>> [action_of(w) for w in ("Dose reduced", "drug withdrawn", "none", "see note")]
    ['reduced', 'withdrawn', 'none', None]
    """
    return next((k for k, idea in _IDEAS.items() if mentions(words.strip(), idea)), None)
