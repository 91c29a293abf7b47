"""Sheets with more columns than a chart has: the genes beside the patients' columns."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from functools import cache

from oncohort.records.grid import Raw
from oncohort.records.names import fold
from oncohort.records.sheet_cells import id_names
from oncohort.vocabulary.words import names, outcome_words

WIDE = 600
"""Columns up to which a sheet is taken for a chart as a whole."""
TOO_WIDE = 2_000
"""Columns above which a study reads only those that it names, asked to or not."""
FIRST, LAST = 300, 150
"""So many of the first and of the last columns of a wider sheet are looked at."""


@cache
def _known() -> frozenset[str]:
    columns = names()["patients"].values()
    return frozenset(fold(n) for many in columns for n in many) | frozenset(id_names())


@cache
def _words() -> frozenset[str]:
    groups = ("time_of", "event_of")
    return frozenset(w for g in groups for many in outcome_words(g).values() for w in many)


def _of_patients(name: str) -> bool:
    """Is it a name that charts give to columns of patients or endpoints?"""
    return fold(name) in _known() or bool(_words() & set(re.split(r"[\W_]+", name.casefold())))


def narrowed(raw: Raw, asked: Collection[str] = ()) -> tuple[Raw, tuple[str, ...]]:
    """A sheet without the columns that are more than a chart has, and the names of these.

    Parameters
    ----------
    asked
        Columns that stay in any case.

    Returns
    -------
    tuple
        The first and the last columns, those with a name that charts have, and those asked for.

    Examples
    --------
    >>> genes = [f"gene{i}" for i in range(900)]
    >>> names = ("id", *genes[:700], "OS_MONTHS", *genes[700:])
    >>> raw = Raw("c.csv", None, names, [[1]] * len(names), [2])
    >>> kept, rest = narrowed(raw)
    >>> len(kept.names), "OS_MONTHS" in kept.names, rest[0]
    (451, True, 'gene299')
    """
    n = len(raw.names)
    if n <= WIDE:
        return raw, ()
    ends = {*range(FIRST), *range(n - LAST, n)}
    wanted = {fold(c) for c in asked}
    amid = [i for i in range(FIRST, n - LAST) if _of_patients(raw.names[i])][:LAST]
    more = [i for i in range(FIRST, n - LAST) if wanted and fold(raw.names[i]) in wanted]
    index = sorted({*ends, *amid, *more})
    kept = replace(
        raw,
        names=tuple(raw.names[i] for i in index),
        columns=[raw.columns[i] for i in index],
        letters=tuple(raw.letters[i] for i in index) if raw.letters else (),
    )
    gone = set(range(n)) - set(index)
    return kept, tuple(raw.names[i] for i in sorted(gone))
