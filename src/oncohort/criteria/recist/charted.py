"""Responses as charted: made complete by the tables, and set against those derived."""

from __future__ import annotations

import polars as pl

from oncohort.criteria.frames import FrameError as RecistInputError
from oncohort.criteria.frames import as_polars, with_columns_of
from oncohort.vocabulary.boundaries import Option

from .overall import overall_response
from .words import as_responses

_TYPES: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "visit": pl.String(),
    "date": pl.Date(),
    "date_precision": pl.String(),
    "target": pl.String(),
    "non_target": pl.String(),
    "new_lesion": pl.Boolean(),
    "overall": pl.String(),
    "reader": pl.String(),
    "source_row": pl.Int64(),
}


def charted(assessments: object, *, reader: str | None = None) -> pl.DataFrame:
    """Charted responses in the shape of visits: one row per charted row.

    Where the chart has the parts (target, non-target, new lesions) but no overall response, it is
    taken from RECIST 1.1 tables 1 and 2; a charted overall response is kept as it is, and
    ``by_tables`` says what its parts make of it.

    Parameters
    ----------
    assessments
        The record table ``assessments``.
    reader
        Whose reading counts where several people read the scans.

    Returns
    -------
    DataFrame
        ``patient``, ``visit``, ``date``, ``date_precision``, ``baseline`` (false), ``target``,
        ``non_target``, ``new_lesion`` (yes, no), ``overall``, ``by_tables``, ``code``
        (``charted`` or ``charted-parts``), ``source_row``.

    Raises
    ------
    RecistInputError
        Several readers of the same visits and none named, or a word that is no response.

    Examples
    --------
    >>> from datetime import date
    >>> rows = pl.DataFrame({"patient": ["1"], "date": [date(2014, 3, 3)], "overall": [None],
    ...                      "target": ["CR"], "non_target": ["NE"], "new_lesion": [False]})
    >>> charted(rows)["overall"].to_list()
    ['PR']
    """
    frame = with_columns_of(as_polars(assessments), ("patient", "date"), _TYPES)
    frame = frame.filter(pl.col("date").is_not_null())
    if reader is not None:
        frame = frame.filter((pl.col("reader") == reader) | pl.col("reader").is_null())
    else:
        readers = frame["reader"].drop_nulls().unique().sort().to_list()
        double = (
            frame.filter(pl.col("reader").is_not_null())
            .group_by("patient", "date")
            .agg(pl.col("reader").n_unique())
        )
        if len(readers) > 1 and double.filter(pl.col("reader") > 1).height:
            raise RecistInputError(
                f"several readers ({', '.join(readers)}) for the same visits; "
                "say whose reading counts with reader=..."
            )
    frame = as_responses(frame, "target", "non_target", "overall")
    new = (
        pl.when(pl.col("new_lesion"))
        .then(pl.lit("yes"))
        .when(pl.col("new_lesion").not_())
        .then(pl.lit("no"))
    )
    parts = pl.any_horizontal(
        pl.col("target").is_not_null(),
        pl.col("non_target").is_not_null(),
        pl.col("new_lesion") == "yes",
    ).fill_null(False)
    frame = frame.with_columns(new_lesion=new).with_columns(
        by_tables=pl.when(parts).then(
            overall_response(pl.col("target"), pl.col("non_target"), pl.col("new_lesion"))
        )
    )
    return frame.select(
        "patient",
        "visit",
        "date",
        pl.col("date_precision").fill_null("day"),
        pl.lit(False).alias("baseline"),
        "target",
        "non_target",
        "new_lesion",
        pl.coalesce("overall", "by_tables").alias("overall"),
        "by_tables",
        pl.when(pl.col("overall").is_not_null())
        .then(pl.lit("charted"))
        .otherwise(pl.lit("charted-parts"))
        .alias("code"),
        "source_row",
    ).sort("patient", "date", "source_row", nulls_last=True)


def contradictions(assessments: object, *, reader: str | None = None) -> pl.DataFrame:
    """Days on which one patient has charted responses that contradict each other.

    Two calls of one reader on one day can't both be right; until it is settled the worse one
    counts (:func:`worst_of_day`), so that no response is claimed that was not there.

    Returns
    -------
    DataFrame
        ``patient``, ``date``, ``calls`` (list), ``overall`` (the one that counts), ``rows``.

    Examples
    --------
    >>> from datetime import date
    >>> rows = pl.DataFrame({"patient": ["1"] * 2, "date": [date(2014, 3, 3)] * 2,
    ...                      "overall": ["PR", "PD"], "source_row": [2, 3]})
    >>> contradictions(rows).select("calls", "overall", "rows").row(0)
    (['PR', 'PD'], 'PD', [2, 3])
    """
    keys = ["patient", "date", "date_precision"]
    calls = pl.col("overall").drop_nulls().unique(maintain_order=True)
    days = (
        charted(assessments, reader=reader)
        .group_by(keys, maintain_order=True)
        .agg(calls.alias("calls"), pl.col("source_row").drop_nulls().alias("rows"))
        .filter(pl.col("calls").list.len() > 1)
    )
    worst = pl.col("calls").list.eval(_badness(pl.element())).list.min()
    return days.with_columns(overall=worst.replace_strict(dict(enumerate(_WORST)))).select(
        "patient", "date", "calls", "overall", "rows"
    )


_WORST = ("PD", "NE", "Non-CR/Non-PD", "SD", "PR", "CR")


def _badness(response: pl.Expr) -> pl.Expr:
    order = {word: i for i, word in enumerate(_WORST)}
    return response.replace_strict(order, default=None, return_dtype=pl.Int64)


def worst_of_day(visits: pl.DataFrame) -> pl.DataFrame:
    """One visit per patient and day: of several the worst call; NE is worse than any but PD.

    Examples
    --------
    >>> from datetime import date
    >>> visits = pl.DataFrame({"patient": ["1"] * 2, "date": [date(2014, 3, 3)] * 2,
    ...                        "overall": ["PR", "PD"]})
    >>> worst_of_day(visits)["overall"].to_list()
    ['PD']
    """
    keys = [c for c in ("patient", "date", "date_precision", "baseline") if c in visits.columns]
    if not visits.select(pl.struct(keys).is_duplicated().any()).item():
        return visits
    return (
        visits.with_row_index("_row")
        .sort(_badness(pl.col("overall")), nulls_last=True, maintain_order=True)
        .unique(keys, keep="first", maintain_order=True)
        .sort("_row")
        .drop("_row")
    )


def discrepancies(derived: object, charted: object, *, tolerance_days: int = 14) -> pl.DataFrame:
    """Visits at which the charted response differs from the derived one.

    Visits are matched by patient and visit label where both have it, else by the nearest date
    within the tolerance. A visit that only one of the two has is listed too. A charted PR agrees
    with a PR that is carried from an earlier visit.

    Parameters
    ----------
    derived
        The frame of :func:`~oncohort.criteria.recist.assess` (or another reading).
    charted
        The frame of :func:`charted`, or the record table ``assessments``.
    tolerance_days
        Greatest difference in days between the dates of one visit.

    Returns
    -------
    DataFrame
        ``patient``, ``visit``, ``date`` and ``charted_date``, ``derived``, ``charted``, ``code``
        and numbers of the derived call (for its reason), ``source_row``, ``charted_row``,
        ``kind``: ``differs``, ``only-derived``, ``only-charted``.

    Examples
    --------
    >>> from datetime import date
    >>> one = pl.DataFrame({"patient": ["1"], "date": [date(2014, 3, 3)], "overall": ["PR"]})
    >>> two = pl.DataFrame({"patient": ["1"], "date": [date(2014, 3, 5)], "overall": ["SD"]})
    >>> discrepancies(one, two).select("derived", "charted", "kind").rows()
    [('PR', 'SD', 'differs')]
    """
    left, right = as_polars(derived), as_polars(charted)
    if "baseline" in left.columns:
        left = left.filter(~pl.col("baseline"))
    left = _side(left, "derived", "date", "source_row")
    right = _side(right, "charted", "charted_date", "charted_row")
    # A label that a patient has twice ("unscheduled") says nothing: the date decides.
    once = pl.col("visit").is_not_null() & pl.struct("patient", "visit").is_unique()
    labelled = left.filter(once).join(right.filter(once), on=["patient", "visit"], how="inner")
    rest_left = left.join(labelled.select("i"), on="i", how="anti")
    rest_right = right.join(labelled.select("j"), on="j", how="anti").drop("visit")
    gap = (pl.col("date") - pl.col("charted_date")).dt.total_days().abs()
    near = (
        rest_left.join(rest_right, on="patient")
        .with_columns(gap=gap)
        .filter(pl.col("gap") <= tolerance_days)
        .sort("gap", "i", "j")
    )
    # The nearest pairs first; each visit is used once.
    used_left: set[int] = set()
    used_right: set[int] = set()
    keep = []
    for i, j in near.select("i", "j").iter_rows():
        free = i not in used_left and j not in used_right
        keep.append(free)
        if free:
            used_left.add(i)
            used_right.add(j)
    near = near.filter(pl.Series(keep, dtype=pl.Boolean)).drop("gap")
    matched = pl.concat([labelled, near.select(labelled.columns)])
    only_left = rest_left.join(matched.select("i"), on="i", how="anti")
    only_right = right.join(matched.select("j"), on="j", how="anti")
    out = pl.concat(
        [
            matched.filter(
                (pl.col("derived") != pl.col("charted")) & (pl.col("carried") != pl.col("charted"))
            ).with_columns(kind=pl.lit("differs")),
            only_left.with_columns(kind=pl.lit("only-derived")),
            only_right.with_columns(kind=pl.lit("only-charted")),
        ],
        how="diagonal",
    )
    columns = ["patient", "visit", "date", "charted_date", "derived", "charted", "kind"]
    rest = [c for c in out.columns if c not in (*columns, "i", "j", "carried")]
    order = pl.coalesce("date", "charted_date")
    return out.sort("patient", order, "kind", "i", "j", nulls_last=True).select(*columns, *rest)


_NUMBERS = (
    "code",
    "sum_mm",
    "baseline_mm",
    "nadir_mm",
    "nadir_date",
    "change_from_baseline",
    "change_from_nadir",
    "growth_mm",
    "measured_mm",
    "targets",
    "targets_evaluated",
    "non_targets",
)


def _side(frame: pl.DataFrame, name: str, day: str, row: str) -> pl.DataFrame:
    """One side of the comparison, numbered; the derived side keeps what its reason needs."""
    frame = frame.filter(pl.col("overall").is_not_null())
    for column, dtype in (("visit", pl.String), ("source_row", pl.Int64)):
        if column not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=dtype).alias(column))
    carried = "overall_carried" if "overall_carried" in frame.columns else "overall"
    extra: list[Option] = [c for c in _NUMBERS if c in frame.columns] if name == "derived" else []
    if name == "derived":
        extra.append(pl.col(carried).alias("carried"))
    return frame.select(
        pl.col("patient").cast(pl.String),
        pl.col("visit").cast(pl.String),
        pl.col("date").cast(pl.Date).alias(day),
        pl.col("overall").alias(name),
        pl.col("source_row").cast(pl.Int64).alias(row),
        *extra,
    ).with_row_index("i" if name == "derived" else "j")


def compare_readers(lesions: object, first: str, second: str, **options: Option) -> pl.DataFrame:
    """Visits at which two readers come to different responses, from their own measurements.

    Parameters
    ----------
    lesions
        The record table ``lesions`` with a column ``reader``.
    first, second
        Names of the readers; ``derived`` is the first's call, ``charted`` the second's.
    options
        Further arguments of :func:`~oncohort.criteria.recist.assess`.
    """
    from .assess import assess

    return discrepancies(
        assess(lesions, reader=first, **options),
        assess(lesions, reader=second, **options).filter(~pl.col("baseline")),
    )


def compare_best(derived: object, patients: object) -> pl.DataFrame:
    """Patients whose charted best response differs from the derived one.

    Parameters
    ----------
    derived
        The frame of :func:`~oncohort.criteria.recist.best_response`.
    patients
        The record table ``patients`` with ``best_response``.

    Returns
    -------
    DataFrame
        ``patient``, ``derived``, ``charted``, and the other columns of ``derived`` (for its
        reason); empty where the chart has no best response.
    """
    left, right = as_polars(derived), as_polars(patients)
    if "best_response" not in right.columns:
        right = right.with_columns(pl.lit(None, dtype=pl.String).alias("best_response"))
    theirs = right.select(
        pl.col("patient").cast(pl.String), pl.col("best_response").cast(pl.String).alias("charted")
    )
    out = left.join(theirs, on="patient").filter(
        pl.col("charted").is_not_null() & (pl.col("charted") != pl.col("best_response"))
    )
    rest = [c for c in left.columns if c not in ("patient", "best_response")]
    return out.select("patient", pl.col("best_response").alias("derived"), "charted", *rest)
