"""Two patients who are so alike that they may be one, under two ids or in both arms."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oncohort.checks.rule import HIDDEN, MANY, Data, rule
from oncohort.problems import Problem, problem

RARE = 5
"""Values of so many patients at most tell patients apart; commoner ones say little."""
EQUAL = 4
"""So many rare values have to be the same."""
DIFFERENT = 1 / 4
"""At most this share of the values that tell patients apart may differ."""
MOST_COLUMNS = 400
"""Columns that are looked at: each is compared with every other, and so many tell enough."""
CHANCE = 1e-2
"""So seldom may a pair be so alike by chance, were the columns independent."""
_COMMON = (*HIDDEN, "patient")
_Hashes: TypeAlias = NDArray[np.uint64]
_Known: TypeAlias = NDArray[np.bool_]


def _telling(frame: pl.DataFrame) -> list[str]:
    """Columns whose values tell patients apart: most of them stand a few times only."""
    varied = []
    for values in frame.iter_columns():
        if values.name in _COMMON or values.name.endswith("_precision"):
            continue
        n, absent = values.count(), values.null_count() > 0
        if n >= 5 and (values.n_unique() - absent) * 2 > n:
            varied.append(values.name)
    out: dict[str, tuple[_Hashes, _Known]] = {}
    for column, own in _hashed(frame, varied):
        if len(out) == MOST_COLUMNS:
            break
        if not any(_repeats(own, other) for other in out.values()):
            out[column] = own
    return list(out)


MOSTLY_TWICE = 0.6
"""Of a table that stands twice under other ids, at most this share of the rows is different."""


def _once(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows that differ in the most varied columns, where nearly every row stands twice.

    There each value has a second patient, and no column would tell patients apart.
    """
    own = [c for c in frame.columns if c not in ("_i", *_COMMON) and not c.endswith("_precision")]
    varied = sorted(own, key=lambda c: frame[c].n_unique(), reverse=True)[:EQUAL]
    once = frame.unique(varied, keep="first", maintain_order=True) if varied else frame
    return once if once.height <= MOSTLY_TWICE * frame.height else frame.clear()


REPEATED = 0.3
"""Share of equal values from which a column says what another one has said."""


AT_ONCE = 50
"""Columns whose values are made numbers at once."""


def _hashed(
    frame: pl.DataFrame, columns: list[str]
) -> Iterator[tuple[str, tuple[_Hashes, _Known]]]:
    """A number for each value of a column as it is written, and whether there is one.

    Each column is compared with every other: of numbers that costs microseconds a pair.
    """
    for at in range(0, len(columns), AT_ONCE):
        part = columns[at : at + AT_ONCE]
        hashes = frame.select(pl.col(part).cast(pl.String).hash())
        known = frame.select(pl.col(part).is_not_null())
        for own, there in zip(hashes.iter_columns(), known.iter_columns(), strict=True):
            yield own.name, (own.to_numpy(), there.to_numpy())


def _repeats(one: tuple[_Hashes, _Known], other: tuple[_Hashes, _Known]) -> bool:
    """Does a column mostly hold the values of another one, as several endpoints' times do?"""
    both = one[1] & other[1]
    equal = np.count_nonzero((one[0] == other[0]) & both)
    return bool(equal > REPEATED * np.count_nonzero(both))


def _copies(frame: pl.DataFrame, columns: list[str]) -> list[list[int]]:
    """Rows that are the same in every column that tells patients apart, and known in most."""
    known = pl.sum_horizontal(pl.col(c).is_not_null() for c in columns)
    full = frame.filter(known >= max(EQUAL, len(columns) / 2))
    groups = full.group_by(columns, maintain_order=True).agg("_i")
    return [row for row in groups["_i"].to_list() if len(row) > 1]


def _pairs(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Pairs of rows with rare values in common: ``a``, ``b``, ``n``, ``log_chance``."""
    together = max(1, CELLS // max(1, frame.height))
    parts = [
        _in_common(frame, columns[at : at + together]) for at in range(0, len(columns), together)
    ]
    return (
        pl.concat(parts)
        .group_by("a", "b", maintain_order=True)
        .agg(n=pl.len(), log_chance=pl.col("log").sum())
    )


CELLS = 500_000
"""Cells that are compared at once."""


def _in_common(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Each rare value that two rows have in one of the columns: ``a``, ``b``, ``log``."""
    own = (pl.col(column).cast(pl.String).alias(str(k)) for k, column in enumerate(columns))
    values = (
        frame.select("_i", *own)
        .unpivot(index="_i", variable_name="c", value_name="v")
        .drop_nulls("v")
    )
    known = values.with_columns(k=pl.len().over("c", "v"), known=pl.len().over("c"))
    rare = known.filter((pl.col("k") > 1) & (pl.col("k") <= RARE))
    both = rare.join(rare.select("c", "v", b="_i"), on=["c", "v"], maintain_order="left_right")
    return both.filter(pl.col("_i") < pl.col("b")).select(
        a="_i", b="b", log=(pl.col("k") / pl.col("known")).log()
    )


@rule("patients.alike")
def alike(data: Data) -> Iterator[Problem]:
    """Nearly every value that tells patients apart is the same, though the ids are not."""
    frame = data.patients.unique("patient", keep="first", maintain_order=True).with_row_index("_i")
    columns = [c for c in _telling(frame) if c != "_i"]
    if len(columns) < EQUAL:
        columns = [c for c in _telling(_once(frame)) if c != "_i"]
    if len(columns) < EQUAL or frame.height < 5:
        return
    rows = frame.rows(named=True)
    groups: dict[int, list[int]] = {}
    of: dict[int, int] = {}
    copies = _copies(frame, columns)
    for same in (c for c in copies if len(c) > RARE - 2):
        # So many copies are not rare any more: they are one patient in what follows.
        groups[same[0]] = same
        frame = frame.filter(~pl.col("_i").is_in(same[1:]))
    close = _pairs(frame, columns).filter(pl.col("n") >= EQUAL).sort("a", "b")
    for a, b, n, log_chance in close.iter_rows():
        one, other = rows[a], rows[b]
        held = [c for c in columns if one[c] is not None and other[c] is not None]
        differ = sum(one[c] != other[c] for c in held)
        likely = math.log(frame.height) * 2 + log_chance > math.log(CHANCE)
        if likely or differ > DIFFERENT * len(held) or n < EQUAL:
            continue
        first = of.get(a, a)
        of[b] = first
        if b not in groups.setdefault(first, [first]):
            groups[first].append(b)
    for members in list(groups.values())[:MANY]:
        own = [rows[i] for i in members]
        others = [c for c in frame.columns if c not in ("_i", *_COMMON)]
        unequal = [c for c in others if len({str(r[c]) for r in own}) > 1]
        yield problem(
            "patients.alike",
            place=data.at("patients", "patient", own[-1]["source_record"]),
            patient=own[-1]["patient"],
            names=[r["patient"] for r in own],
            rows=data.records.cells.rows("patients", (r["source_row"] for r in own)),
            equal=len(others) - len(unequal),
            unequal=unequal or ["nothing"],
        )
