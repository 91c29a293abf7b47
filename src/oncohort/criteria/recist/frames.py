"""Frames at the door: any data frame in, polars inside, missing optional columns filled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from oncohort.problems import OncohortError


class RecistInputError(OncohortError):
    """Lesions or assessments that can't be read by RECIST without a decision."""


def as_polars(frame: Any) -> pl.DataFrame:
    """A polars frame from polars, pandas or pyarrow (through Narwhals).

    Raises
    ------
    RecistInputError
        The object is not a data frame.
    """
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    import narwhals as nw

    try:
        polars: pl.DataFrame = nw.from_native(frame, eager_only=True).to_polars()
    except TypeError as error:
        raise RecistInputError(f"not a data frame: {type(frame).__name__}") from error
    return polars


def with_columns_of(
    frame: pl.DataFrame, required: tuple[str, ...], types: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """The frame with exactly the columns of ``types``; optional ones that lack are empty.

    Raises
    ------
    RecistInputError
        A required column is missing, or a column is of the wrong kind.
    """
    missing = [c for c in required if c not in frame.columns]
    if missing:
        raise RecistInputError(f"missing column(s): {', '.join(missing)}")
    columns: list[pl.Expr | pl.Series] = []
    for name, dtype in types.items():
        if name not in frame.columns:
            columns.append(pl.lit(None, dtype=dtype).alias(name))
            continue
        value = pl.col(name)
        if dtype == pl.Date and frame.schema[name] == pl.String:
            value = value.str.to_date("%Y-%m-%d")
        try:
            columns.append(frame.select(value.cast(dtype))[name])
        except pl.exceptions.PolarsError as error:
            kind = {pl.Date: "ISO dates", pl.Float64: "numbers", pl.Boolean: "true or false"}
            wanted = kind.get(type(dtype), str(dtype))
            raise RecistInputError(
                f"column {name!r} should hold {wanted}, it holds {frame.schema[name]}"
            ) from error
    return frame.select(columns)
