"""Rows of evidence: what was seen in a patient, and at which cell of the chart.

A frame of evidence has one row per thing seen: ``patient``, ``said`` (one phrase), and ``table``,
``column``, ``row`` of the record that it was seen in (``row`` is its ``source_row``; all three are
null where no single cell decides). A patient has as many rows as it takes.
"""

from __future__ import annotations

import polars as pl

SEEN = {
    "patient": pl.String(),
    "text": pl.String(),
    "table": pl.String(),
    "column": pl.String(),
    "row": pl.Int64(),
}


def nothing() -> pl.DataFrame:
    """Evidence of nobody."""
    return pl.DataFrame(schema=SEEN)


def seen(
    frame: pl.DataFrame,
    text: pl.Expr | str,
    table: pl.Expr | str | None,
    column: pl.Expr | str | None,
    row: str = "source_row",
) -> pl.DataFrame:
    """Rows of evidence from the rows of a frame.

    Parameters
    ----------
    said
        The phrase, as an expression over the frame; a text is the name of a column.
    table, column
        Where it was seen: a name, or an expression over the frame.
    row
        The column with the row of the chart.

    Examples
    --------
    >>> frame = pl.DataFrame({"patient": ["P1"], "age": [61.0], "source_row": [4]})
    >>> seen(frame, number("age"), "patients", "age").row(0)
    ('P1', '61', 'patients', 'age', 4)
    """

    number_of = pl.col(row) if row in frame.columns else pl.lit(None)

    def name(value: pl.Expr | str | None) -> pl.Expr:
        named = value if isinstance(value, pl.Expr) else pl.lit(value, dtype=pl.String)
        return pl.when(number_of.is_not_null()).then(named)

    return frame.select(
        pl.col("patient").cast(pl.String),
        (pl.col(text) if isinstance(text, str) else text).cast(pl.String).alias("text"),
        name(table).alias("table"),
        name(column).alias("column"),
        number_of.cast(pl.Int64).alias("row"),
    )


def together(*frames: pl.DataFrame) -> pl.DataFrame:
    """Several frames of evidence as one, in their order."""
    have = [f for f in frames if not f.is_empty()]
    return pl.concat(have) if have else nothing()


def number(column: str | pl.Expr) -> pl.Expr:
    """A number as people write it: 61, 0.8.

    Examples
    --------
    >>> pl.DataFrame({"x": [61.0, 0.8, None]}).select(number("x")).to_series().to_list()
    ['61', '0.8', None]
    """
    value = pl.col(column) if isinstance(column, str) else column
    return value.cast(pl.Float64).round(4).cast(pl.String).str.replace(r"\.0$", "")


def plain(frame: pl.DataFrame, column: str) -> pl.Expr:
    """A value of any kind as text."""
    dtype = frame.schema[column]
    if dtype.is_numeric():
        return number(column)
    if dtype == pl.Boolean:
        return pl.when(pl.col(column)).then(pl.lit("yes")).when(~pl.col(column)).then(pl.lit("no"))
    return pl.col(column).cast(pl.String)


def words(*parts: pl.Expr | str) -> pl.Expr:
    """Parts that are there, one after the other; a part that is null is left out."""
    shown = [p if isinstance(p, pl.Expr) else pl.lit(p) for p in parts]
    return pl.concat_str([p.fill_null("") for p in shown]).str.strip_chars()


def headed(rows: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """Evidence below a verdict per patient.

    One thing seen stands behind its verdict ("≥ 60: 80 years"); of several, the verdict is a line
    of its own above them.

    Parameters
    ----------
    heads
        ``patient``, ``head``; every one of them stands in the outcome.
    """
    known = heads.select("patient", "head").join(
        rows.with_columns(n=pl.len().over("patient")),
        on="patient",
        how="left",
        maintain_order="left_right",
    )
    same = pl.col("text").str.to_lowercase() == pl.col("head").str.to_lowercase()
    single = known.filter(pl.col("n") == 1).with_columns(
        text=pl.when(same).then("head").otherwise(pl.format("{}: {}", "head", "text"))
    )
    alone = known.filter(pl.col("n").fill_null(0) != 1)
    many = alone.filter(pl.col("n") > 1)
    return together(
        single.select(list(SEEN)),
        seen(alone.unique("patient", keep="first", maintain_order=True), "head", None, None),
        many.select(list(SEEN)),
    )
