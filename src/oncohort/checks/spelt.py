"""Words of a category that stand once or twice beside one that is spelt nearly so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches

import polars as pl

from oncohort.checks.ranges import looks
from oncohort.checks.rule import Data, rule
from oncohort.checks.tumours import used_columns
from oncohort.checks.unnamed import ALIKE, OFTEN, one_slip
from oncohort.problems import Problem, problem

MOST_LEVELS = 60
"""Words of a category beyond which it is a text."""
SHORTEST = 4
"""Letters below which words differ by one letter and mean different things."""
SOME = 0.6
"""Likeness below which no slip makes one word of another."""


def is_near(text: str, usual: str) -> bool:
    """May a word be a slip of another one: a letter more, less or other, or two exchanged?

    Examples
    --------
    >>> is_near("Sotuh", "South"), is_near("HVB", "HBV"), is_near("HCV", "HBV")
    (True, True, False)
    """
    if len(text) < SHORTEST:
        return len(text) > 2 and text.isalpha() and text != usual and sorted(text) == sorted(usual)
    return bool(get_close_matches(text, [usual], 1, ALIKE)) and one_slip(text, usual)


@rule("values.near-level")
def near_level(data: Data) -> Iterator[Problem]:
    """`Sotuh` beside `South`: a group of its own, which is missing in the other."""
    included, kinds = data.included(data.patients), data.patients.schema
    for column in used_columns(data):
        if kinds[column] != pl.String or column == "sex":
            continue
        rows = included.select("source_record", "patient", column).drop_nulls(column)
        counts = Counter(map(str, rows[column].to_list()))
        usual = [k for k, n in counts.items() if n >= OFTEN and len(k) > 2]
        if not usual or len(counts) > MOST_LEVELS:
            continue
        for text, n in counts.items():
            if n > 2 or any(looks(text) == looks(k) for k in usual):
                continue  # told as another way of writing the same word
            near = [k for k in get_close_matches(text, usual, 3, SOME) if is_near(text, k)]
            if not near or counts[near[0]] < OFTEN * n:
                continue
            held = rows.filter(pl.col(column) == text)
            yield problem(
                "values.near-level",
                place=data.at("patients", column, held["source_record"][0]),
                patient=held["patient"][0] if n == 1 else None,
                name=column,
                text=text,
                n=n,
                usual=near[0],
                often=counts[near[0]],
                patients=held["patient"].to_list(),
            )
