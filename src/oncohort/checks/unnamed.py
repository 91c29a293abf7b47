"""Records that do not say what they are of: a value without its test, a dose without its drug."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches

import polars as pl

from oncohort.checks.rule import Data, rule
from oncohort.problems import Problem, problem
from oncohort.records.units import analyte

_NAMES = (
    ("labs", "test", "value"),
    ("doses", "drug", "amount"),
    ("performance", "scale", "value"),
    ("sites", "organ", "count"),
    ("procedures", "kind", "date"),
)
"""Table, the column that says what a record is of, and the one that makes it a record."""
_VISITS = (("lesions", "visit", "date"), ("assessments", "visit", "date"))


@rule("rows.unnamed")
def unnamed(data: Data) -> Iterator[Problem]:
    """A record without its name counts for nothing, and may be the one that decides."""
    for table, name, value in _NAMES:
        if not data.has(table, name, value):
            continue
        frame = data.records.tables[table]
        yield from data.problems(
            "rows.unnamed",
            frame.filter(pl.col(name).is_null() & pl.col(value).is_not_null()),
            table,
            name,
            value=pl.col(value),
            of=value,
        )


OFTEN, RARE = 8, 0.03
"""Rows of a name that is no slip; and the share of rows up to which one near it may be."""
ALIKE = 0.75


@rule("rows.misspelt")
def misspelt(data: Data) -> Iterator[Problem]:
    """A name that stands once or twice beside one like it that stands often: `lnug` for `lung`."""
    for table, name, value in (*_NAMES, *_VISITS):
        if table == "doses" or not data.has(table, name, value):
            continue  # a drug that nobody planned is told by a rule of its own
        frame = data.records.tables[table].filter(pl.col(name).is_not_null())
        counts = Counter(map(str, frame[name].to_list()))
        usual = [k for k, n in counts.items() if n >= OFTEN]
        for text, n in counts.most_common():
            if n > max(2, RARE * frame.height) or (table == "labs" and analyte(text) is not None):
                continue
            slip = _slip_of_visit if name == "visit" else one_slip
            near = [k for k in get_close_matches(text, usual, 1, ALIKE) if slip(text, k)]
            if not near:
                continue
            rows = frame.filter(pl.col(name) == text)
            yield problem(
                "rows.misspelt",
                place=data.at(table, name, rows["source_record"][0]),
                patient=rows["patient"][0] if rows["patient"].n_unique() == 1 else None,
                table=table,
                name=text,
                n=n,
                usual=near[0],
                often=counts[near[0]],
                patients=rows["patient"].unique(maintain_order=True).to_list(),
            )


def one_slip(text: str, other: str) -> bool:
    """Do two names differ within one word, and by letters alone?"""
    one, two = text.lower().split(), other.lower().split()
    apart = [(a, b) for a, b in zip(one, two, strict=False) if a != b]
    figures = [c for c in text + other if c.isdigit()]
    return len(one) == len(two) and len(apart) == 1 and not figures and len(apart[0][0]) > 2


def _slip_of_visit(text: str, other: str) -> bool:
    """The same of labels of visits: `sacn 1` is `scan 1`, and `scan 2` another one."""
    numbers = ["".join(c for c in t if c.isdigit()) for t in (text, other)]
    letters = ["".join(c for c in t if not c.isdigit()) for t in (text, other)]
    return numbers[0] == numbers[1] and one_slip(*letters)
