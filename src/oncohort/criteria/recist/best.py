"""Best overall response and the largest change of the target sum, one row per patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from .frames import as_polars, with_columns_of
from .rules import RESPONSES

DAYS_PER_WEEK = 7


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How a response has to be confirmed.

    Source: RECIST 1.1 (Eisenhauer 2009), 4.6 and table 3: needed only where response is the
    primary endpoint of a trial without randomisation; a second scan at least 4 weeks later.

    Parameters
    ----------
    min_days
        The confirming scan is at least this many days after the first.
    max_days
        ... and at most this many; none: no limit.
    max_not_evaluable
        Visits that could not be evaluated, tolerated between the two.
    stable_between
        SD visits tolerated between the two (PR, SD, PR).
    complete_then_partial
        A CR followed by a visit with disease: ``progression`` takes the CR as true, so the later
        disease is a progression at that point (best response SD or PD); ``partial`` takes the CR
        to have been a PR all along (table 3, note a).

    Examples
    --------
    >>> Confirmation().min_days
    28
    """

    min_days: int = 28
    max_days: int | None = None
    max_not_evaluable: int = 1
    stable_between: int = 0
    complete_then_partial: Literal["progression", "partial"] = "progression"


_TYPES: dict[str, pl.DataType] = {
    "patient": pl.String(),
    "visit": pl.String(),
    "date": pl.Date(),
    "baseline": pl.Boolean(),
    "overall": pl.String(),
    "change_from_baseline": pl.Float64(),
    "source_row": pl.Int64(),
    "code": pl.String(),
    "targets": pl.Int64(),
}


def _prepare(
    assessments: Any, patients: Any | None, until: Any | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Follow-up visits that count, sorted, and one row per patient with the reference date."""
    frame = with_columns_of(as_polars(assessments), ("patient", "date", "overall"), _TYPES)
    frame = frame.filter(pl.col("date").is_not_null())
    is_base = pl.col("baseline").fill_null(False)
    people = frame.group_by("patient").agg(
        pl.col("date").filter(is_base).min().alias("baseline_date"),
        pl.col("targets").max(),
    )
    if patients is not None:
        who = as_polars(patients)
        start = (
            pl.col("treatment_start").cast(pl.Date)
            if "treatment_start" in who.columns
            else pl.lit(None, dtype=pl.Date)
        )
        who = who.select(pl.col("patient").cast(pl.String), start.alias("start")).unique(
            "patient", keep="first", maintain_order=True
        )
        # Every patient of the study has a row, whether scanned or not; others are not in it.
        people = who.join(people, on="patient", how="left", maintain_order="left")
        frame = frame.join(who.select("patient"), on="patient", how="semi")
    else:
        people = people.with_columns(start=pl.lit(None, dtype=pl.Date)).sort("patient")
    people = people.with_columns(reference=pl.coalesce("start", "baseline_date"))
    frame = frame.filter(~is_base).join(
        people.select("patient", "reference", "start"),
        on="patient",
        how="left",
        maintain_order="left",
    )
    # A charted row at or before the start of treatment is not a response to it.
    frame = frame.filter((pl.col("start").is_null()) | (pl.col("date") > pl.col("start")))
    if until is not None:
        stop = as_polars(until)
        stop = stop.select(pl.col("patient").cast(pl.String), pl.col("until").cast(pl.Date)).unique(
            "patient"
        )
        frame = frame.join(stop, on="patient", how="left", maintain_order="left")
        frame = frame.filter(pl.col("until").is_null() | (pl.col("date") <= pl.col("until")))
    return frame.sort("patient", "date", "source_row", nulls_last=True), people


def best_response(
    assessments: Any,
    *,
    patients: Any | None = None,
    confirmation: Confirmation | None = None,
    stable_disease_min_weeks: float = 6.0,
    until: Any | None = None,
) -> pl.DataFrame:
    """Best overall response of each patient, with its date and reason.

    Source: RECIST 1.1 (Eisenhauer 2009), 4.4.3 and 4.6, table 3. Visits count until the first
    progression (included). SD, or Non-CR/Non-PD, needs a visit at least the minimum interval
    after the start; earlier than that with nothing after it is NE, and with PD after it PD.

    Parameters
    ----------
    assessments
        One row per patient and visit: ``patient``, ``date``, ``overall``; the frame of
        :func:`assess`, or charted responses.
    patients
        All patients of the study; those without an assessment get NE. Their ``treatment_start``
        is where the SD interval begins (else the date of the baseline scan).
    confirmation
        How responses are to be confirmed; none: the first CR or PR counts.
    stable_disease_min_weeks
        Least number of weeks from start to an SD visit.
    until
        ``patient`` and ``until``: the last date that counts (a new therapy, the data cutoff).

    Returns
    -------
    DataFrame
        ``patient``, ``best_response``, ``best_response_date`` (first date on which it was met),
        ``response_date`` (first CR or PR of those with one of them), ``confirmed_date``,
        ``progression_date`` (first PD), ``last_visit``, ``visits`` (assessments counted),
        ``evaluable`` (those that were not NE), ``reference`` (start of the SD interval), ``days``
        (from there to ``best_response_date``), ``min_days``, ``code`` (see
        :func:`~oncohort.criteria.recist.reason`), ``source_row``, ``cr_then_disease`` (a CR
        followed by a visit with disease: look again).

    Examples
    --------
    >>> from datetime import date
    >>> visits = pl.DataFrame({
    ...     "patient": ["1"] * 3, "overall": ["PR", "PR", "PD"],
    ...     "date": [date(2014, 3, 3), date(2014, 5, 5), date(2014, 7, 7)]})
    >>> best_response(visits, confirmation=Confirmation())["best_response"].to_list()
    ['PR']
    """
    visits, people = _prepare(assessments, patients, until)
    min_days = stable_disease_min_weeks * DAYS_PER_WEEK
    visits = visits.filter(pl.col("overall").is_in(RESPONSES)).with_columns(
        days=(pl.col("date") - pl.col("reference")).dt.total_days()
    )
    # The first PD ends the record; a true CR followed by disease does so too, where declared.
    pd_day = pl.col("date").filter(pl.col("overall") == "PD").min().over("patient")
    visits = visits.with_columns(progression_date=pd_day).filter(
        pl.col("progression_date").is_null() | (pl.col("date") <= pl.col("progression_date"))
    )
    cr_day = pl.col("date").filter(pl.col("overall") == "CR").min().over("patient")
    disease = pl.col("overall").is_in(["PR", "SD", "Non-CR/Non-PD"])
    visits = visits.with_columns(first_cr=cr_day).with_columns(
        disease_back=pl.col("date")
        .filter(disease & (pl.col("date") > pl.col("first_cr")))
        .min()
        .over("patient")
    )
    counted = visits
    if confirmation is not None and confirmation.complete_then_partial == "progression":
        counted = visits.filter(
            pl.col("disease_back").is_null() | (pl.col("date") < pl.col("disease_back"))
        )
    long_enough = (pl.col("days") >= min_days) | pl.col("days").is_null()
    calm = pl.col("overall").is_in(["CR", "PR", "SD"])
    calm_other = pl.col("overall") == "Non-CR/Non-PD"

    marks = {
        "cr": pl.col("overall") == "CR",
        "pr": pl.col("overall").is_in(["CR", "PR"]),
        "sd": calm & long_enough,
        "non": calm_other & long_enough,
        "early": calm | calm_other,
        "pd": pl.col("overall") == "PD",
        "ne": pl.col("overall") == "NE",
    }
    # First visit of each sort, as a row number; rows are sorted by patient and date.
    at = (
        counted.select(
            "patient",
            *[pl.when(which).then(pl.int_range(pl.len())).alias(k) for k, which in marks.items()],
        )
        .group_by("patient")
        .agg(pl.col(*marks).min())
    )
    table = at.select(
        "patient",
        *[counted["date"].gather(at[k]).alias(f"{k}_date") for k in marks],
        *[counted["source_row"].gather(at[k]).alias(f"{k}_row") for k in marks],
    )
    extra = visits.group_by("patient").agg(
        pl.len().alias("visits"),
        (pl.col("overall") != "NE").sum().alias("evaluable"),
        pl.col("date").max().alias("last_visit"),
        pl.col("progression_date").first(),
        pl.col("disease_back").first(),
        pl.col("source_row")
        .filter(pl.col("date") == pl.col("disease_back"))
        .first()
        .alias("back_row"),
    )
    table = people.join(extra, on="patient", how="left", maintain_order="left").join(
        table, on="patient", how="left"
    )
    if confirmation is None:
        table = table.with_columns(
            cr_confirmed=pl.lit(None, dtype=pl.Date),
            pr_confirmed=pl.lit(None, dtype=pl.Date),
            has_cr=pl.col("cr_date").is_not_null(),
            has_pr=pl.col("pr_date").is_not_null(),
        )
        # A second progression by the CR rule is for the visits to say, not for their summary.
        pd_known = pl.col("pd_date").is_not_null()
    else:
        pairs = _confirmed(counted, confirmation)
        table = table.drop("cr_date", "cr_row").join(
            pairs, on="patient", how="left", maintain_order="left"
        )
        table = table.with_columns(
            has_cr=pl.col("cr_date").is_not_null(),
            has_pr=pl.col("pr_confirmed").is_not_null(),
            pr_date=pl.coalesce("pr_pair_date", "pr_date"),
            pr_row=pl.coalesce("pr_pair_row", "pr_row"),
        )
        pd_known = pl.col("pd_date").is_not_null()
        if confirmation.complete_then_partial == "progression":
            pd_known = pd_known | pl.col("disease_back").is_not_null()
            table = table.with_columns(
                pd_date=pl.coalesce("pd_date", "disease_back"),
                pd_row=pl.coalesce("pd_row", "back_row"),
            )
    unconfirmed = pl.col("pr_date").is_not_null() & ~pl.col("has_pr")
    choice = [
        ("CR", "cr", pl.col("has_cr"), "best-cr"),
        ("PR", "pr", pl.col("has_pr"), "best-pr"),
        ("SD", "sd", pl.col("sd_date").is_not_null() & unconfirmed, "best-sd-unconfirmed"),
        ("SD", "sd", pl.col("sd_date").is_not_null(), "best-sd"),
        ("Non-CR/Non-PD", "non", pl.col("non_date").is_not_null(), "best-non-cr-non-pd"),
        ("PD", "pd", pd_known & pl.col("early_date").is_not_null(), "best-pd-after-early-sd"),
        ("PD", "pd", pd_known, "best-pd"),
        ("NE", "early", pl.col("early_date").is_not_null(), "best-ne-early-sd-only"),
        ("NE", "ne", pl.col("ne_date").is_not_null(), "best-ne"),
    ]

    def pick(index: int, fallback: str | None) -> pl.Expr:
        expr: Any = pl
        for row in choice:
            value = (
                pl.lit(row[index])
                if index in (0, 3)
                else pl.col(f"{row[1]}_{'date' if index == 1 else 'row'}")
            )
            expr = expr.when(row[2]).then(value)
        out: pl.Expr = expr.otherwise(pl.lit(fallback))
        return out

    table = table.with_columns(
        best_response=pick(0, "NE"),
        code=pick(3, "best-ne-no-visit"),
        best_response_date=pick(1, None),
        source_row=pick(2, None),
    ).with_columns(
        confirmed_date=pl.when(pl.col("code") == "best-cr")
        .then("cr_confirmed")
        .when(pl.col("code") == "best-pr")
        .then("pr_confirmed"),
        response_date=pl.when(pl.col("code").is_in(["best-cr", "best-pr"])).then("pr_date"),
        days=(pl.col("best_response_date") - pl.col("reference")).dt.total_days(),
        cr_then_disease=pl.col("disease_back").is_not_null().fill_null(False),
        min_days=pl.lit(float(min_days)),
        visits=pl.col("visits").fill_null(0).cast(pl.Int64),
        evaluable=pl.col("evaluable").fill_null(0).cast(pl.Int64),
    )
    return table.select(
        "patient",
        "best_response",
        "best_response_date",
        "response_date",
        "confirmed_date",
        "progression_date",
        "last_visit",
        "visits",
        "evaluable",
        "reference",
        "days",
        "min_days",
        "code",
        "source_row",
        "cr_then_disease",
    )


def _confirmed(visits: pl.DataFrame, rule: Confirmation) -> pl.DataFrame:
    """First confirmed CR and first confirmed CR or PR of each patient.

    Two visits confirm each other when what lies between them is allowed: counted by running
    totals, so that no pair has to look at the visits in between.
    """
    is_cr = pl.col("overall") == "CR"
    counts = visits.with_columns(
        ne=(pl.col("overall") == "NE").cum_sum().over("patient").cast(pl.Int64),
        stable=pl.col("overall")
        .is_in(["SD", "Non-CR/Non-PD"])
        .cum_sum()
        .over("patient")
        .cast(pl.Int64),
        less=(pl.col("overall").is_in(["PR", "SD", "Non-CR/Non-PD", "PD"]))
        .cum_sum()
        .over("patient")
        .cast(pl.Int64),
        cr=is_cr,
    )
    good = counts.filter(pl.col("overall").is_in(["CR", "PR"])).select(
        "patient", "date", "cr", "ne", "stable", "less", "source_row"
    )
    pairs = good.join(good, on="patient", suffix="_2").filter(pl.col("date_2") > pl.col("date"))
    gap = (pl.col("date_2") - pl.col("date")).dt.total_days()
    pairs = pairs.filter(
        (gap >= rule.min_days) & (pl.lit(rule.max_days is None) | (gap <= (rule.max_days or 0)))
    )
    few_ne = (pl.col("ne_2") - pl.col("ne")) <= rule.max_not_evaluable
    cr = few_ne & pl.col("cr") & pl.col("cr_2") & (pl.col("less_2") == pl.col("less"))
    pr = few_ne & ((pl.col("stable_2") - pl.col("stable")) <= rule.stable_between)
    pairs = pairs.with_columns(cr_pair=cr, pr_pair=pr).sort("patient", "date", "date_2")
    return pairs.group_by("patient").agg(
        pl.col("date").filter("cr_pair").first().alias("cr_date"),
        pl.col("date_2").filter("cr_pair").first().alias("cr_confirmed"),
        pl.col("source_row").filter("cr_pair").first().alias("cr_row"),
        pl.col("date").filter("pr_pair").first().alias("pr_pair_date"),
        pl.col("date_2").filter("pr_pair").first().alias("pr_confirmed"),
        pl.col("source_row").filter("pr_pair").first().alias("pr_pair_row"),
    )


def best_change(
    assessments: Any,
    *,
    patients: Any | None = None,
    until: Any | None = None,
    after_progression: bool = False,
) -> pl.DataFrame:
    """Largest shrinkage (or smallest growth) of the target sum, with the visit; for a waterfall.

    Parameters
    ----------
    assessments
        The frame of :func:`assess`.
    patients, until
        As in :func:`best_response`.
    after_progression
        Whether visits after the first progression count; the visit of progression always does.

    Returns
    -------
    DataFrame
        ``patient``, ``best_change`` (percent, negative is shrinkage; null where there is none),
        ``best_change_date``, ``best_change_visit``, ``best_change_code``: ``largest-change``, or
        why there is none: ``no-visit`` (no scan after baseline), ``no-targets`` (no target
        lesions at baseline), ``no-complete-sum`` (never all targets evaluated).

    Examples
    --------
    >>> from datetime import date
    >>> visits = pl.DataFrame({
    ...     "patient": ["1"] * 2, "overall": ["SD", "PR"], "change_from_baseline": [-12.5, -40.0],
    ...     "date": [date(2014, 3, 3), date(2014, 5, 5)]})
    >>> best_change(visits)["best_change"].to_list()
    [-40.0]
    """
    visits, people = _prepare(assessments, patients, until)
    if not after_progression:
        stop = pl.col("date").filter(pl.col("overall") == "PD").min().over("patient")
        visits = visits.filter(stop.is_null() | (pl.col("date") <= stop))
    counts = visits.group_by("patient").agg(pl.len().alias("n"))
    best = (
        visits.filter(pl.col("change_from_baseline").is_not_null())
        .sort("patient", "change_from_baseline", "date")
        .group_by("patient", maintain_order=True)
        .agg(
            pl.col("change_from_baseline").first().alias("best_change"),
            pl.col("date").first().alias("best_change_date"),
            pl.col("visit").first().alias("best_change_visit"),
        )
    )
    out = people.join(best, on="patient", how="left", maintain_order="left").join(
        counts, on="patient", how="left"
    )
    return out.select(
        "patient",
        "best_change",
        "best_change_date",
        "best_change_visit",
        pl.when(pl.col("best_change").is_not_null())
        .then(pl.lit("largest-change"))
        .when(pl.col("n").is_null())
        .then(pl.lit("no-visit"))
        .when(pl.col("targets") == 0)
        .then(pl.lit("no-targets"))
        .otherwise(pl.lit("no-complete-sum"))
        .alias("best_change_code"),
    )
