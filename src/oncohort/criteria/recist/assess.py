"""From lesion rows to one call per patient and visit."""

from __future__ import annotations

import polars as pl

from .lengths import PIECE, length, non_target_state, one_row_per_lesion, parent
from .rules import RECIST_1_1, RecistRules
from .visit_calls import call
from .visits import group_scans, number_scans, read_lesions, starts_of

COLUMNS = (
    "patient",
    "visit",
    "date",
    "date_precision",
    "baseline",
    "target",
    "non_target",
    "new_lesion",
    "overall",
    "overall_carried",
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
    "disease_back",
    "code",
    "first_date",
    "last_date",
    "source_row",
)
"""Columns of the frame that :func:`assess` returns."""


def assess(
    lesions: object,
    *,
    patients: object | None = None,
    reader: str | None = None,
    confirmation_days: int | None = None,
    rules: RecistRules = RECIST_1_1,
) -> pl.DataFrame:
    """Response at every visit by RECIST 1.1, from lesion measurements.

    Source: Eisenhauer et al., Eur J Cancer 2009;45:228-247: 4.3 (target, non-target, new), tables
    1 and 2 (overall).

    Parameters
    ----------
    lesions
        The record table ``lesions``: one row per lesion and scan. Needed: ``patient``,
        ``lesion``, ``date``, ``role``; lengths in ``diameter_mm`` (short axis for nodes).
    patients
        The record table ``patients``; its ``treatment_start`` says which scan is the baseline:
        the last one on or before it. Without it, the first scan of a patient is the baseline.
    reader
        Whose reading counts where several readers measured the same scans.
    confirmation_days
        Where responses need confirmation, the least number of days until the confirming scan;
        then only a confirmed PR is carried forward, and only a confirmed CR makes returning
        disease a progression.
    rules
        Thresholds and declared choices.

    Returns
    -------
    DataFrame
        One row per patient and assessment, by patient and date, the baseline included
        (``baseline`` true, no ``overall``). ``date_precision``: day, month or year. ``target``,
        ``non_target`` (null: none at baseline), ``new_lesion`` (yes, no, equivocal), ``overall``:
        the response of that visit alone, and ``overall_carried`` with an earlier PR kept until
        progression. ``sum_mm`` (only when every target was evaluated), ``baseline_mm``,
        ``nadir_mm`` and ``nadir_date`` (smallest complete sum before this visit),
        ``change_from_baseline`` and ``change_from_nadir`` in percent, ``growth_mm`` over the
        nadir, ``measured_mm`` (sum of what was evaluated), counts of lesions, ``disease_back``
        (disease, not just a node, seen after an overall CR), ``code`` (see
        :func:`~oncohort.criteria.recist.reason`), ``first_date`` and ``last_date`` of the scans,
        ``source_row`` of the row that made the call.

    Raises
    ------
    RecistInputError
        Missing columns, or several readers and none named.

    Examples
    --------
    >>> from datetime import date
    >>> rows = pl.DataFrame({
    ...     "patient": ["7", "7", "7"], "lesion": ["T1"] * 3, "role": ["target"] * 3,
    ...     "date": [date(2014, 1, 6), date(2014, 3, 2), date(2014, 5, 4)],
    ...     "diameter_mm": [80.0, 51.6, 63.0]})
    >>> assess(rows)["overall"].to_list()
    [None, 'PR', 'PD']
    """
    frame = number_scans(read_lesions(lesions, reader))
    scans = group_scans(frame, starts_of(patients), rules)
    visits = _with_precision(_visits(scans), frame, scans)
    rows = _keyed(frame, scans)

    base_targets, base_others = _baseline_lesions(rows, rules)
    follow = rows.filter((pl.col("phase") == "follow-up") & (pl.col("role") != "new"))
    target = _target_sums(follow, base_targets, visits, rules)
    others = _non_target_counts(follow, base_others, rules)
    new = _new_lesions(rows, rules)

    per_patient = base_targets.group_by("p").agg(
        pl.len().alias("targets"),
        pl.col("length").null_count().alias("unknown"),
        pl.col("length").sum().alias("base_sum"),
        pl.col("source_row").min().alias("base_row"),
    )
    per_patient = per_patient.with_columns(
        base_sum=pl.when(pl.col("unknown") == 0).then("base_sum")
    ).drop("unknown")
    counts = base_others.group_by("p").agg(pl.len().alias("non_targets"))
    visits = visits.sort("a")
    for found, key in ((per_patient, "p"), (counts, "p"), (target, "a"), (others, "a"), (new, "a")):
        visits = _looked_up(visits, found, key)
    visits = visits.with_columns(
        pl.col("targets", "non_targets", "evaluated", "gone", "persisting", "progressing")
        .fill_null(0)
        .cast(pl.Int64),
        pl.col("has_new", "new_later", "has_equivocal").fill_null(False),
    )
    visits = call(visits, confirmation_days, rules)
    return visits.select(*COLUMNS)


def _looked_up(visits: pl.DataFrame, table: pl.DataFrame, key: str) -> pl.DataFrame:
    """A left join on a whole-number key without large gaps, by position."""
    rest = table.drop(key)
    if table.is_empty():
        return visits.with_columns(
            pl.lit(None, dtype=dtype).alias(name) for name, dtype in rest.schema.items()
        )
    size = visits.select(pl.col(key).max()).item() + 1
    rows = pl.int_range(table.height, dtype=pl.UInt32, eager=True)
    row = pl.repeat(None, size, dtype=pl.UInt32, eager=True).scatter(table[key], rows)
    return visits.hstack(rest.select(pl.all().gather(row.gather(visits[key]))))


def _visits(scans: pl.DataFrame) -> pl.DataFrame:
    """One row per assessment that counts (baseline and after)."""
    return (
        scans.filter(pl.col("phase") != "before")
        .group_by("a")
        .agg(
            pl.col("p", "patient", "phase").first(),
            pl.col("visit").min(),
            pl.col("date").min().alias("first_date"),
            pl.col("date").max().alias("last_date"),
        )
    )


def _with_precision(visits: pl.DataFrame, frame: pl.DataFrame, scans: pl.DataFrame) -> pl.DataFrame:
    """How well the dates of each assessment are known: by its vaguest scan."""
    vague = frame.filter(pl.col("date_precision").is_in(["month", "year"]))
    if vague.is_empty():
        return visits.with_columns(date_precision=pl.lit("day"))
    level = (
        vague.select(scans["a"].gather(vague["s"]), pl.col("date_precision"))
        .group_by("a")
        .agg(pl.col("date_precision").max())  # "year" sorts after "month"
    )
    return visits.join(level, on="a", how="left", maintain_order="left").with_columns(
        pl.col("date_precision").fill_null("day")
    )


def _keyed(frame: pl.DataFrame, scans: pl.DataFrame) -> pl.DataFrame:
    """Lesion rows with patient number ``p``, assessment ``a``, phase, and lesion number ``l``."""
    lesions = frame["lesion"].drop_nulls().unique(maintain_order=True)
    whole = lesions.to_frame().select(parent(pl.col("lesion")))["lesion"]
    every = pl.concat([lesions, whole]).unique().sort()
    code = pl.Enum(every)
    own = pl.col("lesion").cast(code).to_physical().cast(pl.Int64)
    split = lesions.str.contains(PIECE, literal=True).any()
    of = parent(pl.col("lesion")).cast(code).to_physical().cast(pl.Int64) if split else own
    p = pl.col("p") * (every.len() + 1)
    return (
        frame.with_columns(
            scans["a"].gather(frame["s"]).cast(pl.Int64), scans["phase"].gather(frame["s"])
        )
        .filter((pl.col("phase") != "before") & pl.col("lesion").is_not_null())
        .select(*_ROW, (p + own).alias("l"), (p + of).alias("lp"))
    )


_ROW = (
    "p",
    "a",
    "phase",
    "role",
    "lesion",
    "date",
    "node",
    "diameter_mm",
    "status",
    "merged_into",
    "source_row",
)


def _pieces_added(rows: pl.DataFrame) -> pl.DataFrame:
    """Pieces of a split lesion as one lesion ``lp``, lengths added (RECIST 1.1, 4.3.2).

    ``length`` is null unless every piece that was seen so far has a length; ``known`` is the sum
    of those that have one, which may show progression whatever the others do.
    """
    if not (rows["l"] != rows["lp"]).any():
        return rows.with_columns(known=pl.col("length"))
    keep = ["p", "lesion", "node", "date", "source_row"]
    added = rows.group_by("a", "lp", maintain_order=True).agg(
        *[pl.col(c).first() for c in keep],
        (pl.col("length").null_count() == 0).alias("_all"),
        pl.col("length").sum().alias("known"),
        pl.col("length").count().alias("_seen"),
        pl.col("merged_into").drop_nulls().first(),
        pl.col("status").first(),
    )
    whole = pl.col("_all") & ~_lacks_pieces(added, rows)
    return added.with_columns(
        length=pl.when(whole).then("known"), known=pl.when(pl.col("_seen") > 0).then("known")
    ).drop("_all", "_seen")


def _lacks_pieces(added: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    """Per row of ``added``: a piece that was seen before has no row at this assessment.

    Where the lesion is charted under its own name again, nothing is lacking.
    """
    pieces = rows.filter(pl.col("l") != pl.col("lp"))
    known = pieces.group_by("lp", "l").agg(pl.col("a").min().alias("since"))
    due = (
        added.select("a", "lp")
        .join(known, on="lp")
        .filter(pl.col("since") <= pl.col("a"))
        .group_by("a", "lp")
        .agg(pl.len().alias("due"))
    )
    there = rows.group_by("a", "lp").agg(
        (pl.col("l") != pl.col("lp")).sum().alias("there"),
        (pl.col("l") == pl.col("lp")).any().alias("own"),
    )
    both = added.select("a", "lp").join(due, on=["a", "lp"], how="left", maintain_order="left")
    both = both.join(there, on=["a", "lp"], how="left", maintain_order="left")
    return both.select(
        (~pl.col("own") & (pl.col("there") < pl.col("due").fill_null(0))).fill_null(False)
    ).to_series()


def _baseline_lesions(rows: pl.DataFrame, rules: RecistRules) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Target and non-target lesions at baseline, one row per lesion."""
    base = rows.filter(pl.col("phase") == "baseline")
    targets = base.filter(pl.col("role") == "target").with_columns(length(rules))
    targets = _pieces_added(one_row_per_lesion(targets, "length"))
    others = base.filter(pl.col("role") == "non-target").with_columns(non_target_state(rules))
    others = _states_joined(one_row_per_lesion(others, "state")).filter(pl.col("state") != "gone")
    return (
        targets.select(
            "p", "lp", "lesion", pl.col("node").fill_null(False), "length", "source_row"
        ),
        others.select("p", "lp", "lesion", pl.col("node").fill_null(False)),
    )


def _target_sums(
    follow: pl.DataFrame, targets: pl.DataFrame, visits: pl.DataFrame, rules: RecistRules
) -> pl.DataFrame:
    """Per assessment: how many baseline targets could be evaluated, their sum and extremes."""
    rows = follow.join(
        targets.select("lp", pl.col("node").alias("base_node")), on="lp", how="inner"
    ).with_columns(length(rules))
    rows = _pieces_added(
        one_row_per_lesion(rows.drop("node").rename({"base_node": "node"}), "length")
    )
    rows = rows.select(
        "p", "a", "lp", "node", "length", "known", "date", "source_row", "merged_into"
    )
    merged = (
        rows.filter(pl.col("merged_into").is_not_null())
        .group_by("p", "lp")
        .agg(pl.col("a").min().alias("since"), pl.col("node").first())
    )
    if merged.height:
        # A lesion that has merged into another stays part of it at later visits.
        later = (
            merged.join(visits.select("p", "a", "last_date"), on="p")
            .filter(pl.col("a") > pl.col("since"))
            .join(rows, on=["a", "lp"], how="anti")
            .select(
                "p",
                "a",
                "lp",
                "node",
                pl.lit(0, dtype=pl.Int64).alias("length"),
                pl.lit(0, dtype=pl.Int64).alias("known"),
                pl.col("last_date").alias("date"),
                pl.lit(None, dtype=pl.Int64).alias("source_row"),
                pl.lit(None, dtype=pl.String).alias("merged_into"),
            )
        )
        rows = pl.concat([rows, later])
    # Plain columns first: filters inside an aggregation are several times slower.
    size, node = pl.col("length"), pl.col("node")
    return (
        rows.select(
            "a",
            size.is_not_null().alias("evaluated"),
            pl.col("known").alias("measured"),
            ((size > 0) & ~node).alias("left"),
            pl.when(node).then(size).alias("widest_node"),
            pl.when(size.is_not_null()).then("date").alias("target_date"),
            pl.col("source_row").alias("target_row"),
        )
        .group_by("a")
        .agg(
            pl.col("evaluated", "measured", "left").sum(),
            pl.col("widest_node", "target_date").max(),
            pl.col("target_row").min(),
        )
    )


def _states_joined(rows: pl.DataFrame) -> pl.DataFrame:
    """Pieces of a split non-target lesion as one lesion: it is as bad as its worst piece."""
    if not (rows["l"] != rows["lp"]).any():
        return rows
    state = pl.col("state")
    joined = rows.group_by("a", "lp", maintain_order=True).agg(
        *[pl.col(c).first() for c in ("p", "lesion", "node", "date", "source_row")],
        pl.when((state == "progression").any())
        .then(pl.lit("progression"))
        .when((state == "persists").any())
        .then(pl.lit("persists"))
        .when((state == "gone").all())
        .then(pl.lit("gone"))
        .otherwise(pl.lit("not evaluable"))
        .alias("state"),
    )
    lacking = (pl.col("state") == "gone") & _lacks_pieces(joined, rows)
    return joined.with_columns(
        state=pl.when(lacking).then(pl.lit("not evaluable")).otherwise("state")
    )


def _non_target_counts(
    follow: pl.DataFrame, others: pl.DataFrame, rules: RecistRules
) -> pl.DataFrame:
    """Per assessment: non-target lesions gone, persisting and progressing."""
    rows = follow.join(others.select("lp", pl.col("node").alias("base_node")), on="lp", how="inner")
    rows = rows.with_columns(node=pl.col("base_node")).with_columns(non_target_state(rules))
    rows = _states_joined(one_row_per_lesion(rows, "state"))
    worse = pl.col("state") == "progression"
    return rows.group_by("a").agg(
        (pl.col("state") == "gone").sum().alias("gone"),
        (pl.col("state") == "persists").sum().alias("persisting"),
        ((pl.col("state") == "persists") & ~pl.col("node")).sum().alias("persisting_not_node"),
        worse.sum().alias("progressing"),
        pl.col("date").filter(worse).min().alias("worse_date"),
        pl.col("source_row").filter(worse).min().alias("worse_row"),
        pl.col("source_row").min().alias("other_row"),
    )


def _new_lesions(rows: pl.DataFrame, rules: RecistRules) -> pl.DataFrame:
    """Per assessment: new lesions, certain or equivocal, with those confirmed later dated back.

    Source: RECIST 1.1, 4.3.5. The dating back stops at a scan on which the finding was absent.
    """
    new = rows.filter(
        (pl.col("role") == "new") & pl.col("phase").is_in(["follow-up", "no baseline"])
    )
    status = pl.col("status").fill_null("present")
    new = new.with_columns(
        equivocal=status == "equivocal",
        nothing=(status == "absent") | (pl.col("diameter_mm") == 0).fill_null(False),
        unseen=status == "not evaluable",
    ).with_columns(certain=~(pl.col("equivocal") | pl.col("nothing") | pl.col("unseen")))
    first = pl.col("a").filter("certain").min()
    new = new.with_columns(first.over("l").alias("confirmed_at")).with_columns(
        pl.col("a")
        .filter(pl.col("nothing") & (pl.col("a") < pl.col("confirmed_at")))
        .max()
        .over("l")
        .alias("absent_at")
    )
    later = (
        pl.col("equivocal")
        & (pl.col("a") <= pl.col("confirmed_at")).fill_null(False)
        & (pl.col("absent_at").is_null() | (pl.col("a") > pl.col("absent_at")))
    )
    if not rules.backdate_equivocal:
        later = pl.lit(False)
    new = new.with_columns(later=later)
    counts = pl.col("certain") | pl.col("later")
    return new.group_by("a").agg(
        counts.any().alias("has_new"),
        (counts.any() & ~pl.col("certain").any()).alias("new_later"),
        pl.col("equivocal").any().alias("has_equivocal"),
        pl.col("date").filter(counts).min().alias("new_date"),
        pl.col("source_row").filter(counts).min().alias("new_row"),
        pl.col("source_row").min().alias("new_any_row"),
    )
