"""Frames at the door: polars, pandas or pyarrow in, polars inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncohort.problems import OncohortError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["FrameError", "frame_in"]


class FrameError(OncohortError):
    """Not a data frame, or one without the columns that a criterion needs."""


def frame_in(frame: Any, name: str, required: tuple[str, ...] = ("patient",)) -> pl.DataFrame:
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
    import polars as pl

    table = _as_polars(frame, name)
    missing = [c for c in required if c not in table.columns]
    if missing:
        raise FrameError(f"{name}: missing column(s) {', '.join(missing)}")
    casts = [
        pl.col(column).cast(pl.Date)
        for column, kind in table.schema.items()
        if isinstance(kind, pl.Datetime)
    ]
    if "patient" in table.columns and table.schema["patient"] != pl.String:
        casts.append(pl.col("patient").cast(pl.String))
    return table.with_columns(casts) if casts else table


def _as_polars(frame: Any, name: str) -> pl.DataFrame:
    import polars as pl

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
