"""Which scans belong together: rows to assessments, and which assessment is the baseline."""

from __future__ import annotations

import polars as pl

from oncohort.criteria.frames import FrameError as RecistInputError
from oncohort.criteria.frames import as_polars, with_columns_of

from .rules import RecistRules
from .sites import is_node

LESION_TYPES: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "lesion": pl.String(),
    "date": pl.Date(),
    "date_precision": pl.String(),
    "visit": pl.String(),
    "role": pl.String(),
    "site": pl.String(),
    "side": pl.String(),
    "node": pl.Boolean(),
    "diameter_mm": pl.Float64(),
    "status": pl.String(),
    "method": pl.String(),
    "slice_mm": pl.Float64(),
    "irradiated": pl.Boolean(),
    "merged_into": pl.String(),
    "reader": pl.String(),
    "source_row": pl.Int64(),
}


def read_lesions(lesions: object, reader: str | None = None) -> pl.DataFrame:
    """The lesions table with all its columns, of one reader, without rows that have no date.

    Raises
    ------
    RecistInputError
        A needed column is missing, or several readers measured the same patient and none was
        named: whose reading counts is a decision.
    """
    frame = with_columns_of(as_polars(lesions), ("patient", "lesion", "date", "role"), LESION_TYPES)
    frame = _nodes_by_site(frame)
    frame = frame.filter(pl.col("date").is_not_null() & pl.col("patient").is_not_null())
    if reader is not None:
        return frame.filter((pl.col("reader") == reader) | pl.col("reader").is_null())
    readers = frame["reader"].drop_nulls().unique().sort().to_list()
    if len(readers) > 1:
        several = (
            frame.filter(pl.col("reader").is_not_null())
            .group_by("patient", "date")
            .agg(pl.col("reader").n_unique())
            .filter(pl.col("reader") > 1)
        )
        if several.height:
            raise RecistInputError(
                f"several readers ({', '.join(readers)}) for the same scans; "
                "say whose reading counts with reader=..."
            )
    return frame


def _nodes_by_site(frame: pl.DataFrame) -> pl.DataFrame:
    """``node`` from the site where it isn't said, and ``node_by_site`` that marks it.

    A lesion that is a node at one scan is one at its scans whose site is left empty.
    """
    sites = frame.filter(pl.col("node").is_null())["site"].drop_nulls().unique(maintain_order=True)
    nodes = [site for site in sites.to_list() if is_node(site)]
    by_site = pl.col("node").is_null() & pl.col("site").is_in(nodes)
    frame = frame.with_columns(node_by_site=by_site.fill_null(False))
    if not nodes:
        return frame
    elsewhere = pl.col("node_by_site").any().over("patient", "lesion")
    silent = pl.col("node").is_null() & pl.col("site").is_null() & elsewhere
    return frame.with_columns(node_by_site=pl.col("node_by_site") | silent).with_columns(
        node=pl.when("node_by_site").then(pl.lit(True)).otherwise("node")
    )


def starts_of(patients: object | None) -> pl.DataFrame | None:
    """``patient`` and ``start`` (treatment start) from the patients table, or nothing."""
    if patients is None:
        return None
    frame = as_polars(patients)
    if "treatment_start" not in frame.columns:
        return None
    return frame.select(
        pl.col("patient").cast(pl.String),
        pl.col("treatment_start").cast(pl.Date).alias("start"),
    ).unique("patient", keep="first", maintain_order=True)


def number_scans(frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``p``, the number of the patient, and ``s``, the number of the scan.

    A scan is a patient, date and visit label. Numbers rise with patient and date; they are
    whole numbers without gaps, so that later steps look up instead of joining texts.
    """
    people = frame["patient"].unique().sort()
    labels = frame["visit"].drop_nulls().unique().sort()
    frame = frame.with_columns(
        pl.col("patient").cast(pl.Enum(people)).to_physical().cast(pl.Int64).alias("p"),
        pl.col("date").to_physical().cast(pl.Int64).alias("day"),
        (pl.col("visit").cast(pl.Enum(labels)).to_physical().cast(pl.Int64) + 1)
        .fill_null(0)
        .alias("v"),
    )
    if frame.is_empty():
        return frame.drop("day", "v").with_columns(s=pl.lit(0, dtype=pl.Int64))
    first = pl.col("day").min()
    width = pl.col("day").max() - first + 1
    key = (pl.col("p") * width + pl.col("day") - first) * (labels.len() + 1) + pl.col("v")
    return frame.with_columns(s=key.rank("dense").cast(pl.Int64) - 1).drop("day", "v")


def group_scans(
    frame: pl.DataFrame, starts: pl.DataFrame | None, rules: RecistRules
) -> pl.DataFrame:
    """Number the assessments: one row per scan, with the assessment it belongs to.

    Scans with the same visit label are one assessment, up to ``rules.label_window_days`` apart: a
    label such as "unscheduled" may stand for several. Without labels, scans within
    ``rules.visit_window_days`` of the first are one; all scans in the baseline window before
    treatment start are one, the baseline. A scan on or before treatment start is never put
    together with one after it.

    Parameters
    ----------
    frame
        Rows with ``patient``, ``visit``, ``date``, ``p`` and ``s`` of :func:`number_scans`.

    Returns
    -------
    DataFrame
        In the order of ``s``: ``s``, ``patient``, ``visit``, ``date``, ``p``, ``a`` (assessment
        number, rising with patient and date), ``phase`` (``before``: earlier than the baseline,
        ``baseline``, ``follow-up``, ``no baseline``: follow-up of a patient without one),
        ``start``.
    """
    scans = frame.select("patient", "visit", "date", "p", "s").filter(
        pl.col("s").is_first_distinct()
    )
    if starts is None:
        scans = scans.with_columns(start=pl.lit(None, dtype=pl.Date))
    else:
        scans = scans.join(starts, on="patient", how="left", maintain_order="left")
    scans = scans.with_columns(pre=(pl.col("date") <= pl.col("start")).fill_null(False))

    scans = _with_labels(scans)
    free = _free_groups(scans.filter(pl.col("label").is_null()), rules)
    marked = scans.filter(pl.col("label").is_not_null())
    scans = free
    if marked.height:
        offset = free.select((pl.col("g").max() + 1).fill_null(0)).item()
        labelled = _label_groups(marked, rules).with_columns(pl.col("g") + offset)
        scans = pl.concat([free, labelled.select(free.columns)], how="vertical")
    groups = _phases(scans, rules if starts is not None else None)
    return (
        scans.with_columns(groups["a"].gather(scans["g"]), groups["phase"].gather(scans["g"]))
        .select("s", "patient", "visit", "date", "p", "a", "phase", "start")
        .sort("s")
    )


def _with_labels(scans: pl.DataFrame) -> pl.DataFrame:
    """``label``: the visit; an unlabelled scan on the day of a labelled one belongs to it."""
    if not 0 < scans["visit"].null_count() < scans.height:
        return scans.with_columns(label=pl.col("visit"))
    same_day = (
        scans.filter(pl.col("visit").is_not_null())
        .group_by("p", "date")
        .agg(pl.col("visit").min().alias("label"))
    )
    return scans.join(same_day, on=["p", "date"], how="left", maintain_order="left").with_columns(
        label=pl.coalesce("visit", "label")
    )


def _free_groups(free: pl.DataFrame, rules: RecistRules) -> pl.DataFrame:
    """``g``: scans without a label that belong together, by their days."""
    window = pl.duration(days=rules.visit_window_days)
    baseline = pl.col("start") - pl.duration(days=rules.baseline_window_days)
    old = ((pl.col("date") < baseline) & pl.col("pre")).fill_null(False)
    free = free.sort("p", "date").with_columns(old=old)
    far = pl.col("date") - pl.col("date").shift(1) > window
    begins = (
        (pl.col("p") != pl.col("p").shift(1))
        | (pl.col("pre") != pl.col("pre").shift(1))
        | (pl.col("old") != pl.col("old").shift(1))
        | (far & (~pl.col("pre") | pl.col("old")))
    ).fill_null(True)
    free = _short_chains(free.with_columns(begins=begins), rules.visit_window_days)
    return free.with_columns(g=pl.col("begins").cast(pl.Int64).cum_sum() - 1).drop("begins", "old")


def _phases(scans: pl.DataFrame, rules: RecistRules | None) -> pl.DataFrame:
    """Per group of scans: ``a`` and ``phase``, in the order of ``g``; no rules without starts."""
    groups = (
        scans.group_by("g")
        .agg(pl.col("p", "pre", "start").first(), pl.col("date").min().alias("first"))
        .sort("p", "first", "g")
        .with_columns(a=pl.int_range(pl.len()))
    )
    usable = pl.lit(True)
    if rules is not None:
        latest = pl.col("start") + pl.duration(days=rules.baseline_after_start_days)
        # A patient without a treatment start: the first scan is the baseline.
        usable = pl.col("start").is_null() | (pl.col("first") <= latest)
    last_before, first_usable = pl.when("pre").then("a").max(), pl.when(usable).then("a").min()
    base = groups.group_by("p").agg(pl.coalesce(last_before, first_usable).alias("base"))
    position = pl.col("a") - pl.col("base")
    phase = (
        pl.when(position.is_null())
        .then(pl.lit("no baseline", dtype=PHASE))
        .when(position == 0)
        .then(pl.lit("baseline", dtype=PHASE))
        .when(position < 0)
        .then(pl.lit("before", dtype=PHASE))
        .otherwise(pl.lit("follow-up", dtype=PHASE))
    )
    groups = groups.join(base, on="p", how="left", maintain_order="left")
    return groups.with_columns(phase=phase).sort("g")


def _label_groups(marked: pl.DataFrame, rules: RecistRules) -> pl.DataFrame:
    """``g``: scans of one label, on one side of treatment start, that are near enough."""
    keys = ["p", "pre", "label"]
    marked = marked.sort(*keys, "date")
    new = pl.any_horizontal(pl.col(k) != pl.col(k).shift(1) for k in keys).fill_null(True)
    gap = (pl.col("date") - pl.col("date").shift(1)).dt.total_days()
    limit = pl.when("pre").then(max(rules.label_window_days, rules.baseline_window_days))
    marked = marked.with_columns(
        old=pl.lit(True), begins=new | (gap > limit.otherwise(rules.label_window_days))
    )
    parts = [
        _short_chains(part, max(rules.label_window_days, rules.baseline_window_days))
        if pre
        else _short_chains(part, rules.label_window_days)
        for (pre,), part in marked.partition_by("pre", as_dict=True).items()
    ]
    marked = pl.concat(parts)
    return marked.with_columns(g=pl.col("begins").cast(pl.Int64).cum_sum() - 1).drop(
        "begins", "old"
    )


def _short_chains(free: pl.DataFrame, days: int) -> pl.DataFrame:
    """Begin a new assessment where a chain of scans has become longer than the window.

    Scans a week apart would otherwise all be one. Such chains are rare, so they are walked.
    """
    chain = pl.col("begins").cast(pl.Int64).cum_sum()
    length = (pl.col("date").max() - pl.col("date").min()).dt.total_days().over(chain)
    # In the baseline window all scans are one, whatever their distance.
    long = (length > days) & (~pl.col("pre") | pl.col("old"))
    where = free.select(long).to_series().arg_true().to_list()
    if not where:
        return free
    begins, dates = free["begins"].to_list(), free["date"].to_list()
    first = None
    for i in where:
        if begins[i] or first is None:
            first = dates[i]
        elif (dates[i] - first).days > days:
            begins[i], first = True, dates[i]
    return free.with_columns(pl.Series("begins", begins, dtype=pl.Boolean))


PHASE = pl.Enum(["before", "baseline", "follow-up", "no baseline"])
