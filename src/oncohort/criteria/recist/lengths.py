"""What a row says about a lesion: its length for the sum, or its state."""

from __future__ import annotations

import polars as pl

from .rules import RecistRules, hundredths

PIECE = "/"
"""A lesion that has split is written one row per piece: ``T1/1``, ``T1/2``."""


def parent(lesion: pl.Expr) -> pl.Expr:
    """Name of the lesion that a piece belongs to (``T1/2`` belongs to ``T1``)."""
    return lesion.str.split(PIECE).list.first()


def length(rules: RecistRules) -> pl.Expr:
    """Length of a target lesion in hundredths of a millimetre; null where it can't be told.

    Source: RECIST 1.1 (Eisenhauer 2009), 4.3.2. Absent is 0. Too small to measure is the default
    length unless a value was measured, which is kept even below the default. A lesion merged
    into another counts there. Not evaluable, present without a length, or a length that
    contradicts the status (absent with 8 mm, present with 0 mm) can't be told.

    Examples
    --------
    >>> rows = pl.DataFrame(
    ...     {"diameter_mm": [12.3, None, 3.0, None, None, 8.0],
    ...      "status": ["measured", "too small", "too small", "absent", "present", "absent"],
    ...      "merged_into": pl.Series([None] * 6, dtype=pl.String)})
    >>> rows.select(length(RecistRules()))["length"].to_list()
    [1230, 500, 300, 0, None, None]
    """
    mm, status = pl.col("diameter_mm"), pl.col("status")
    value = (mm * 100).round().cast(pl.Int64)
    return (
        pl.when(status == "not evaluable")
        .then(None)
        .when(pl.col("merged_into").is_not_null())
        .then(0)
        .when(status == "absent")
        .then(pl.when(mm.is_null() | (mm == 0)).then(0))
        .when(status == "too small")
        .then(pl.when(mm > 0).then(value).otherwise(hundredths(rules.too_small_mm)))
        .when((mm < 0) | mm.is_nan() | mm.is_infinite() | ((mm == 0) & (status == "present")))
        .then(None)
        .otherwise(value)
        .cast(pl.Int64)
        .alias("length")
    )


def non_target_state(rules: RecistRules) -> pl.Expr:
    """State of a non-target lesion: ``gone``, ``persists``, ``progression`` or ``not evaluable``.

    Source: RECIST 1.1, 4.3.3. A node is gone when its short axis is below 10 mm. Growth alone is
    not progression; it must have been called unequivocal.

    Examples
    --------
    >>> rows = pl.DataFrame(
    ...     {"diameter_mm": [None, 9.0, None, None], "node": [False, True, False, False],
    ...      "status": ["present", None, "unequivocal progression", None]})
    >>> rows.select(non_target_state(RecistRules()))["state"].to_list()
    ['persists', 'gone', 'progression', 'not evaluable']
    """
    mm, status, node = pl.col("diameter_mm"), pl.col("status"), pl.col("node").fill_null(False)
    return (
        pl.when(status == "unequivocal progression")
        .then(pl.lit("progression"))
        .when(status == "not evaluable")
        .then(pl.lit("not evaluable"))
        .when(
            (status == "absent")
            | (mm == 0)
            | (node & (mm < rules.node_normal_mm))
            | (node & (status == "too small"))
        )
        .then(pl.lit("gone"))
        .when(status.is_null() & mm.is_null())
        .then(pl.lit("not evaluable"))
        .otherwise(pl.lit("persists"))
        .alias("state")
    )


def one_row_per_lesion(rows: pl.DataFrame, value: str) -> pl.DataFrame:
    """One row per assessment ``a`` and lesion ``l``: the last scan that could be evaluated.

    Two different values for one lesion on one day can't be settled here: the lesion is not
    evaluable at that assessment (and reported as a problem, see ``baseline.check``).
    """
    if rows.is_empty():
        return rows
    pair = pl.col("a") * (pl.col("l").max() + 1) + pl.col("l")
    if rows.select(pair.n_unique()).item() == rows.height:
        return rows
    unknown = pl.col(value).is_null()
    if value == "state":
        unknown = unknown | (pl.col(value) == "not evaluable")
    day = pl.coalesce(pl.col("date").filter(~unknown).max(), pl.col("date").max())
    rows = rows.with_columns(day.over("a", "l").alias("day")).filter(
        pl.col("date") == pl.col("day")
    )
    clash = pl.lit("not evaluable") if value == "state" else pl.lit(None)
    others = [c for c in rows.columns if c not in ("a", "l", "day", value)]
    return (
        rows.sort("a", "l", "source_row", nulls_last=True)
        .group_by("a", "l", maintain_order=True)
        .agg(
            *[pl.col(c).first() for c in others],
            pl.when(pl.col(value).n_unique() == 1)
            .then(pl.col(value).first())
            .otherwise(clash)
            .alias(value),
        )
    )
