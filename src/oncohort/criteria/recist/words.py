"""Responses as charts write them, and the words of the guideline for them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from oncohort.criteria.frames import FrameError as RecistInputError

from .rules import RESPONSES

_WORDS: Mapping[str, str] = {
    "cr": "CR",
    "completeresponse": "CR",
    "completeremission": "CR",
    "pr": "PR",
    "partialresponse": "PR",
    "partialremission": "PR",
    "sd": "SD",
    "stabledisease": "SD",
    "nc": "SD",
    "nochange": "SD",
    "noncrnonpd": "Non-CR/Non-PD",
    "irsd": "Non-CR/Non-PD",
    "pd": "PD",
    "upd": "PD",
    "progressivedisease": "PD",
    "progression": "PD",
    "unequivocalprogression": "PD",
    "ne": "NE",
    "notevaluable": "NE",
    "inevaluable": "NE",
    "unevaluable": "NE",
    "nonevaluable": "NE",
    "notallevaluated": "NE",
    "notevaluated": "NE",
    "notassessed": "NE",
    "nd": "NE",
    "notdone": "NE",
}
"""Letters of a word, in lower case, and the response that it means. ND: no scan was made."""


def response_of(text: str) -> str | None:
    """The response that a text means; none where it can't be told.

    Source: RECIST 1.1, tables 1 and 2 (where "not all evaluated" stands for NE of a part).

    Examples
    --------
    >>> response_of("NON-CR/NON-PD"), response_of("not all evaluated"), response_of("ND")
    ('Non-CR/Non-PD', 'NE', 'NE')
    >>> response_of("MR") is None
    True
    """
    return _WORDS.get("".join(c for c in text.lower() if c.isalpha()))


def as_responses(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """A frame whose columns hold the guideline's own words.

    Raises
    ------
    RecistInputError
        A column holds a word that is no response.
    """
    for column in columns:
        words = frame[column].drop_nulls().unique().sort().to_list()
        if set(words) <= set(RESPONSES):
            continue
        meant = {word: response_of(word) for word in words if word.strip()}
        strange = [repr(word) for word, response in meant.items() if response is None]
        if strange:
            raise RecistInputError(
                f"column {column!r} holds {', '.join(strange)}, which is no response; known are "
                f"{', '.join(RESPONSES)}"
            )
        frame = frame.with_columns(
            pl.col(column).replace_strict(meant, default=None, return_dtype=pl.String)
        )
    return frame
