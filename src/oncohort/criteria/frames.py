"""Any data frame in (polars, pandas, pyarrow), polars inside, optional columns filled."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from oncohort.problems import OncohortError
from oncohort.vocabulary.boundaries import Frame, Row
from oncohort.vocabulary.plurals import plural

__all__ = ["FrameError", "Row", "as_polars", "frame_in", "with_absent", "with_columns_of"]


class FrameError(OncohortError):
    """Not a data frame, or one that a criterion can't read without a decision."""


def frame_in(frame: object, name: str, required: tuple[str, ...] = ("patient",)) -> pl.DataFrame:
    """A polars frame with dates as dates and patients as text.

    Parameters
    ----------
    frame
        Polars (eager or lazy), or anything that Narwhals reads.
    name
        Name of the record table, for the error.
    required
        Columns that must be there.

    Raises
    ------
    FrameError
        Not a data frame, or a required column is missing.

    Examples
    --------
    >>> import polars as pl
    >>> frame_in(pl.DataFrame({"patient": [1, 2]}), "patients").schema["patient"]
    String
    """
    table = as_polars(frame, name)
    missing = [c for c in required if c not in table.columns]
    if missing:
        raise FrameError(f"{name}: missing {plural(len(missing), 'column')} {', '.join(missing)}")
    casts = [
        pl.col(column).cast(pl.Date)
        for column, kind in table.schema.items()
        if isinstance(kind, pl.Datetime)
    ]
    if "patient" in table.columns and table.schema["patient"] != pl.String:
        casts.append(pl.col("patient").cast(pl.String))
    return table.with_columns(casts) if casts else table


def as_polars(frame: Frame, name: str = "table") -> pl.DataFrame:
    """A polars frame from polars, pandas or pyarrow (through Narwhals).

    Raises
    ------
    FrameError
        The object is not a data frame.
    """
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    import narwhals as nw

    try:
        table: pl.DataFrame = nw.from_native(frame, eager_only=True).to_polars()
    except TypeError as error:
        raise FrameError(f"{name}: not a data frame but {type(frame).__name__}") from error
    return table


def first_of(*cases: tuple[pl.Expr, pl.Expr]) -> pl.Expr:
    """The value of the first condition that holds; none where none does.

    Examples
    --------
    >>> size = pl.col("mm")
    >>> named = first_of((size < 10, pl.lit("small")), (size < 20, pl.lit("middle")))
    >>> pl.DataFrame({"mm": [12, 5, 40]}).select(named).to_series().to_list()
    ['middle', 'small', None]
    """
    out = pl.lit(None)
    for when, value in reversed(cases):
        out = pl.when(when).then(value).otherwise(out)
    return out


def with_absent(frame: pl.DataFrame, types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The frame with an empty column for each of ``types`` that it lacks.

    Examples
    --------
    >>> import polars as pl
    >>> with_absent(pl.DataFrame({"patient": ["a"]}), {"sex": pl.String()}).row(0)
    ('a', None)
    """
    absent = [pl.lit(None, dtype=t).alias(c) for c, t in types.items() if c not in frame.columns]
    return frame.with_columns(absent)


def with_columns_of(
    frame: pl.DataFrame, required: tuple[str, ...], types: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """The frame with exactly the columns of ``types``; optional ones that lack are empty.

    Raises
    ------
    FrameError
        A required column is missing, or a column is of the wrong kind.
    """
    missing = [c for c in required if c not in frame.columns]
    if missing:
        raise FrameError(f"missing {plural(len(missing), 'column')}: {', '.join(missing)}")
    columns: dict[str, pl.Expr] = {}
    for name, dtype in types.items():
        if name not in frame.columns:
            columns[name] = pl.lit(None, dtype=dtype).alias(name)
            continue
        value = pl.col(name)
        if dtype == pl.Date and frame.schema[name] == pl.String:
            value = value.str.to_date("%Y-%m-%d")
        columns[name] = value.cast(dtype)
    try:
        return frame.select(columns.values())
    except pl.exceptions.PolarsError:
        for name, value in columns.items():  # one by one, to name the column
            _tried(frame, name, value, types[name])
        raise


def _tried(frame: pl.DataFrame, name: str, value: pl.Expr, dtype: pl.DataType) -> None:
    """Refuse a column that is of the wrong kind."""
    try:
        frame.select(value)
    except pl.exceptions.PolarsError as error:
        kind = {pl.Date: "ISO dates", pl.Float64: "numbers", pl.Boolean: "true or false"}
        wanted = kind.get(type(dtype), str(dtype))
        raise FrameError(
            f"column {name!r} should hold {wanted}, it holds {frame.schema[name]}"
        ) from error
