"""The calls of all visits: nadir, responses, what is carried, dates and reason codes."""

from __future__ import annotations

import polars as pl

from .overall import non_target_response, overall_response, target_response
from .rules import RecistRules


def call(visits: pl.DataFrame, confirmation_days: int | None, rules: RecistRules) -> pl.DataFrame:
    """Nadir, responses and reason codes; ``visits`` is sorted by patient and date."""
    base = pl.col("phase") == "baseline"
    complete = (pl.col("targets") > 0) & (pl.col("evaluated") == pl.col("targets"))
    visits = visits.with_columns(
        baseline=base,
        complete=pl.when(base).then(pl.col("base_sum").is_not_null()).otherwise(complete),
        total=pl.when(base).then(pl.col("base_sum")).otherwise(pl.col("measured")),
    ).with_columns(full=pl.when("complete").then("total"))
    visits = visits.with_columns(low=pl.col("full").cum_min().forward_fill().over("p"))
    same = pl.col("p") == pl.col("p").shift(1)
    visits = visits.with_columns(nadir=pl.when(same).then(pl.col("low").shift(1)))
    visits = visits.with_columns(
        lowest_on=pl.when(
            pl.col("full").is_not_null()
            & (pl.col("nadir").is_null() | (pl.col("full") < pl.col("nadir")))
        ).then("last_date")
    )
    visits = visits.with_columns(lowest_on=pl.col("lowest_on").forward_fill())
    visits = visits.with_columns(
        nadir_date=pl.when(same & pl.col("nadir").is_not_null()).then(pl.col("lowest_on").shift(1))
    )

    no_target = pl.col("targets") == 0
    all_gone = (pl.col("left") == 0) & (
        pl.col("widest_node").is_null() | (pl.col("widest_node") < rules.node_normal_mm * 100)
    )
    target = target_response(
        total=pl.col("total"),
        baseline=pl.col("base_sum"),
        nadir=pl.col("nadir"),
        complete=pl.col("complete").fill_null(False),
        gone=all_gone,
        rules=rules,
    )
    non_target = non_target_response(
        n=pl.col("non_targets"),
        gone=pl.col("gone"),
        persisting=pl.col("persisting"),
        progressing=pl.col("progressing"),
    )
    visits = visits.with_columns(
        target=pl.when(~base & ~no_target).then(target),
        non_target=pl.when(~base).then(non_target),
        new_lesion=pl.when(~base).then(
            pl.when("has_new")
            .then(pl.lit("yes"))
            .when("has_equivocal")
            .then(pl.lit("equivocal"))
            .otherwise(pl.lit("no"))
        ),
        has_nothing=(pl.col("targets") == 0) & (pl.col("non_targets") == 0),
    ).with_columns(
        overall=pl.when(~base).then(
            overall_response(pl.col("target"), pl.col("non_target"), pl.col("new_lesion"))
        )
    )
    visits = _back_after_complete_response(visits, confirmation_days or 0, rules)
    visits = _dated(visits, rules)
    visits = _carried(visits, confirmation_days or 0)
    return _coded(visits)


def _earlier(flag: pl.Expr) -> pl.Expr:
    """Whether an earlier visit of the same patient had ``flag`` (rows sorted by patient)."""
    row = pl.int_range(pl.len())
    first = pl.when((pl.col("p") != pl.col("p").shift(1)).fill_null(True)).then(row).forward_fill()
    last = pl.when(flag).then(row).forward_fill().shift(1)
    return (last >= first).fill_null(False)


def _streak_confirmed(visits: pl.DataFrame, good: pl.Expr, broken: pl.Expr, days: int) -> pl.Expr:
    """Whether, before this visit, a run of ``good`` visits had lasted ``days``.

    A run ends at a visit that is ``broken``; visits that are neither (NE) don't end it.
    """
    if days <= 0:
        return _earlier(good)
    run = broken.fill_null(False).cast(pl.Int64).cum_sum()
    since = pl.when(good).then("last_date").min().over("p", run)
    lasted = good & ((pl.col("last_date") - since).dt.total_days() >= days)
    return pl.lit(visits.with_columns(lasted=lasted).select(_earlier(pl.col("lasted"))).to_series())


def _back_after_complete_response(
    visits: pl.DataFrame, days: int, rules: RecistRules
) -> pl.DataFrame:
    """Disease seen again after an overall complete response is progression.

    Source: RECIST 1.1, 4.3.2 and table 3, note a. A node that is 10 mm again isn't enough: nodes
    follow the sum rule. Where confirmation is asked for, disease after a complete response that
    was not confirmed is marked (``disease_back``) and left to the best response to judge.
    """
    cr = pl.col("overall") == "CR"
    if rules.after_complete_response == "sum rule" or not visits.select(cr.any()).item():
        return visits.with_columns(back=pl.lit(False), disease_back=pl.lit(False))
    after = _streak_confirmed(visits, cr, ~cr & (pl.col("overall") != "NE"), days)
    seen = (pl.col("left") > 0).fill_null(False) | (pl.col("persisting_not_node") > 0).fill_null(
        False
    )
    here = seen & ~pl.col("baseline")
    back = after & here & (pl.col("overall") != "PD").fill_null(False)
    return visits.with_columns(back=back, disease_back=here & _earlier(cr)).with_columns(
        overall=pl.when("back").then(pl.lit("PD")).otherwise("overall")
    )


def _dated(visits: pl.DataFrame, rules: RecistRules) -> pl.DataFrame:
    """The date of each assessment by the declared rule."""
    if rules.date_rule == "first":
        day = pl.col("first_date")
    elif rules.date_rule == "last":
        day = pl.col("last_date")
    else:
        day = (
            pl.when("has_new")
            .then("new_date")
            .when(pl.col("non_target") == "PD")
            .then("worse_date")
            .when(pl.col("target") == "PD")
            .then("target_date")
            .otherwise("last_date")
        )
    return visits.with_columns(date=pl.when("baseline").then("last_date").otherwise(day))


def _carried(visits: pl.DataFrame, days: int) -> pl.DataFrame:
    """An earlier partial response kept at visits that alone would be SD, until progression.

    Source: RECIST 1.1, 4.3.1, as clarified by Schwartz 2016: sums 100, 70, 70, 80 are PR
    throughout. Where confirmation is needed only a confirmed response is carried.
    """
    responding = pl.col("overall").is_in(["CR", "PR"])
    broken = pl.col("overall").is_in(["SD", "PD", "Non-CR/Non-PD"])
    had = _streak_confirmed(visits, responding, broken, days)
    worse = _earlier(pl.col("overall") == "PD")
    return visits.with_columns(
        overall_carried=pl.when((pl.col("overall") == "SD") & had & ~worse)
        .then(pl.lit("PR"))
        .otherwise("overall")
    )


def _mm(hundredths: pl.Expr) -> pl.Expr:
    """Millimetres; rounded, since division by 100 alone differs in the last bit."""
    return (hundredths / 100).round(2)


def _code() -> pl.Expr:
    """The code that says why a visit was called as it was."""
    target, other, overall = pl.col("target"), pl.col("non_target"), pl.col("overall")
    return (
        pl.when("baseline")
        .then(pl.lit("baseline"))
        .when("new_later")
        .then(pl.lit("new-lesion-confirmed-later"))
        .when("has_new")
        .then(pl.lit("new-lesion"))
        .when(other == "PD")
        .then(pl.lit("non-target-progression"))
        .when("back")
        .then(pl.lit("back-after-cr"))
        .when((target == "PD") & ~pl.col("complete"))
        .then(pl.lit("part-already-progressed"))
        .when(target == "PD")
        .then(pl.lit("sum-grown"))
        .when(pl.col("phase") == "no baseline")
        .then(pl.lit("no-baseline"))
        .when("has_nothing")
        .then(pl.lit("nothing-at-baseline"))
        .when((target == "NE") & pl.col("base_sum").is_null())
        .then(pl.lit("baseline-sum-unknown"))
        .when(target == "NE")
        .then(pl.lit("target-missing"))
        .when((target == "CR") & (overall == "CR"))
        .then(pl.lit("all-gone"))
        .when((target == "CR") & (other == "NE"))
        .then(pl.lit("targets-gone-others-unseen"))
        .when(target == "CR")
        .then(pl.lit("targets-gone-others-persist"))
        .when(target == "PR")
        .then(pl.lit("sum-shrunk"))
        .when(target == "SD")
        .then(pl.lit("sum-stable"))
        .when(other == "CR")
        .then(pl.lit("others-gone"))
        .when(other == "Non-CR/Non-PD")
        .then(pl.lit("others-persist"))
        .otherwise(pl.lit("others-unseen"))
    )


def _coded(visits: pl.DataFrame) -> pl.DataFrame:
    """Reason code, source row, and the numbers in millimetres and percent."""
    row = (
        pl.when("baseline")
        .then("base_row")
        .when("has_new")
        .then("new_row")
        .when(pl.col("non_target") == "PD")
        .then("worse_row")
        .otherwise(pl.coalesce("target_row", "other_row", "new_any_row"))
    )
    full, base, nadir = pl.col("full"), pl.col("base_sum"), pl.col("nadir")
    shown = pl.when(~pl.col("baseline"))
    return visits.with_columns(
        code=_code(),
        source_row=row,
        sum_mm=_mm(full),
        measured_mm=pl.when((pl.col("targets") > 0) & pl.col("total").is_not_null()).then(
            _mm(pl.col("total"))
        ),
        baseline_mm=_mm(base),
        nadir_mm=_mm(nadir),
        growth_mm=_mm(pl.col("total") - nadir),
        change_from_baseline=shown.then(pl.when(base > 0).then((full - base) * 100 / base)),
        change_from_nadir=shown.then(
            pl.when(nadir > 0).then((pl.col("total") - nadir) * 100 / nadir)
        ),
        targets_evaluated=pl.when("baseline").then("targets").otherwise("evaluated"),
    )
