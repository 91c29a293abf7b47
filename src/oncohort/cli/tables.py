"""`oncohort km` and `oncohort cox`: one table in, one printed result out."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oncohort.problems import OncohortWarning, Place, ReadError, problem
from oncohort.protocol.references import nearest

if TYPE_CHECKING:
    import polars as pl


def read_table(path: Path) -> pl.DataFrame:
    """A CSV, Excel or Parquet file as a frame; anything else is refused."""
    import polars as pl

    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        if path.suffix in (".xlsx", ".xls", ".ods"):
            return pl.read_excel(path, engine="calamine")
        separator = "\t" if path.suffix == ".tsv" else ","
        return pl.read_csv(path, separator=separator, infer_schema_length=None)
    except (OSError, pl.exceptions.PolarsError, ImportError, ValueError) as error:
        said = problem(
            "table.unreadable",
            place=Place(file=str(path)),
            path=path,
            reason=str(error).splitlines()[0],
        )
        raise ReadError("", [said]) from error


def _column(frame: pl.DataFrame, path: Path, name: str) -> pl.Series:
    if name not in frame.columns:
        said = problem(
            "table.no-column",
            place=Place(file=str(path)),
            name=name,
            nearest=nearest(name, frame.columns),
        )
        raise ReadError("", [said])
    return frame[name]


def _times_and_events(
    frame: pl.DataFrame, path: Path, time: str, event: str, event_value: str
) -> pl.DataFrame:
    """`time`, `event` (bool) with rows; what can't be told is an error, never an answer."""
    from oncohort.endpoints import reduced
    from oncohort.endpoints.cohort import DAYS_PER_UNIT
    from oncohort.problems import errors

    values = _column(frame, path, time)
    _column(frame, path, event)
    if not values.dtype.is_numeric():
        said = problem(
            "table.not-a-number",
            place=Place(file=str(path), column=time),
            name=time,
            examples=", ".join(map(str, values.head(3))),
        )
        raise ReadError("", [said])
    import polars as pl

    rows = frame.with_row_index("source_row", offset=2).with_columns(
        pl.col("source_row").cast(pl.String).alias("patient")
    )
    done, problems = reduced(
        rows, key="time", time=time, event=event, event_value=event_value, unit="days"
    )
    bad = errors(problems)
    if bad:
        raise ReadError("", bad)
    scale = DAYS_PER_UNIT["days"]
    return done.select(pl.col("time") / scale, "event")


def km_text(
    path: Path,
    time: str,
    event: str,
    event_value: str,
    *,
    entry: str | None = None,
    by: str | None = None,
    weights: str | None = None,
) -> str:
    """Kaplan-Meier of a file's columns, as printed text."""
    from oncohort import stats

    frame = read_table(path)
    ends = _times_and_events(frame, path, time, event, event_value)
    options: dict[str, Any] = {}
    for name, column in (("entry", entry), ("group", by), ("weights", weights)):
        if column is not None:
            options[name] = _column(frame, path, column)
    result = stats.kaplan_meier(ends["time"], ends["event"], **options)
    text = str(result)
    if by is not None and entry is None and weights is None:
        text += "\n" + str(stats.logrank(ends["time"], ends["event"], frame[by]))
    return text


def cox_text(
    path: Path,
    time: str,
    event: str,
    event_value: str,
    covariates: list[str],
    *,
    entry: str | None = None,
    strata: str | None = None,
    weights: str | None = None,
    ties: str = "efron",
) -> str:
    """Cox regression of a file's columns, as printed text; text columns become dummies."""
    from oncohort import stats

    frame = read_table(path)
    ends = _times_and_events(frame, path, time, event, event_value)
    columns: dict[str, Any] = {}
    terms: dict[str, list[str]] = {}
    for name in covariates:
        values = _column(frame, path, name)
        if values.dtype.is_numeric() or str(values.dtype) == "Boolean":
            columns[name] = values.cast(float)
            terms[name] = [name]
            continue
        levels = values.drop_nulls().unique().sort().to_list()
        terms[name] = [f"{name}={level}" for level in levels[1:]]
        for level in levels[1:]:
            columns[f"{name}={level}"] = (values == level).cast(float)
    import polars as pl

    options: dict[str, Any] = {}
    for name, column in (("entry", entry), ("strata", strata), ("weights", weights)):
        if column is not None:
            options[name] = _column(frame, path, column)
    with warnings.catch_warnings():
        # The result itself says what a reader has to know; it is printed with it.
        warnings.simplefilter("ignore", OncohortWarning)
        result = stats.cox(
            ends["time"], ends["event"], pl.DataFrame(columns), ties=ties, terms=terms, **options
        )
    said = [f"note: {w}" for w in result.warnings]
    return "\n".join([str(result), *(n for n in said if n[6:] not in str(result))])
