"""Best overall response and the largest change of the target sum, one row per patient."""

from __future__ import annotations

from typing import Literal

import polars as pl

from oncohort.criteria.frames import as_polars, first_of, with_columns_of
from oncohort.criteria.partial_dates import earliest_day, impute, imputed_day, is_partial
from oncohort.dataclass import dataclass

from .charted import worst_of_day
from .words import as_responses

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
    "date_precision": pl.String(),
    "baseline": pl.Boolean(),
    "overall": pl.String(),
    "change_from_baseline": pl.Float64(),
    "disease_back": pl.Boolean(),
    "source_row": pl.Int64(),
    "code": pl.String(),
    "targets": pl.Int64(),
}

_DISEASE = ("PR", "SD", "Non-CR/Non-PD")


def prepare(
    assessments: object, patients: object | None, until: object | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Follow-up visits that count, sorted, and one row per patient with the reference date."""
    frame = with_columns_of(as_polars(assessments), ("patient", "date", "overall"), _TYPES)
    frame = as_responses(impute(frame.filter(pl.col("date").is_not_null())), "overall")
    frame = worst_of_day(frame)
    is_base = pl.col("baseline").fill_null(False)
    people = frame.group_by("patient").agg(
        pl.col("date").filter(is_base).min().alias("baseline_date"),
        pl.col("targets").max(),
    )
    if patients is not None:
        who = _starts(as_polars(patients))
        # Every patient of the study has a row, whether scanned or not; others are not in it.
        people = who.join(people, on="patient", how="left", maintain_order="left")
        frame = frame.join(who.select("patient"), on="patient", how="semi")
    else:
        none = pl.lit(None, dtype=pl.Date)
        people = people.with_columns(start=none, begun=none).sort("patient")
    people = people.with_columns(reference=pl.coalesce("begun", "baseline_date"))
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
            "patient", keep="first", maintain_order=True
        )
        frame = frame.join(stop, on="patient", how="left", maintain_order="left")
        frame = frame.filter(pl.col("until").is_null() | (pl.col("date") <= pl.col("until")))
    return frame.sort("patient", "date", "source_row", nulls_last=True), people


def _starts(patients: pl.DataFrame) -> pl.DataFrame:
    """Per patient: ``start``, the first day that treatment start allows, ``begun``, that taken."""
    frame = patients.with_columns(
        pl.lit(None, dtype=kind).alias(name)
        for name, kind in (("treatment_start", pl.Date), ("treatment_start_precision", pl.String))
        if name not in patients.columns
    )
    day, level = pl.col("treatment_start").cast(pl.Date), pl.col("treatment_start_precision")
    return frame.select(
        pl.col("patient").cast(pl.String),
        earliest_day(day, level).alias("start"),
        imputed_day(day, level).alias("begun"),
    ).unique("patient", keep="first", maintain_order=True)


def best_response(
    assessments: object,
    *,
    patients: object | None = None,
    confirmation: Confirmation | None = None,
    stable_disease_min_weeks: float = 6.0,
    stable_disease_min_days: float | None = None,
    until: object | None = None,
) -> pl.DataFrame:
    """Best overall response of each patient, with its date and reason.

    Source: RECIST 1.1 (Eisenhauer 2009), 4.4.3 and 4.6, table 3. Visits count until the first
    progression (included). SD, or Non-CR/Non-PD, needs a visit at least the minimum interval
    after the start; earlier than that with nothing after it is NE, and with PD after it PD.

    Parameters
    ----------
    assessments
        One row per patient and visit: ``patient``, ``date``, ``overall``; the frame of
        :func:`assess`, or charted responses. A date known only by month or year is taken at the
        middle of what it allows.
    patients
        All patients of the study; those without an assessment get NE. Their ``treatment_start``
        is where the SD interval begins (else the date of the baseline scan).
    confirmation
        How responses are to be confirmed; none: the first CR or PR counts.
    stable_disease_min_weeks, stable_disease_min_days
        Least time from start to an SD visit; days count where both are given.
    until
        ``patient`` and ``until``: the last date that counts (a new therapy, the data cutoff).

    Returns
    -------
    DataFrame
        ``patient``, ``best_response``, ``best_response_date`` (first date on which it was met),
        ``response_date`` (first CR or PR of those with one of them), ``confirmed_date``,
        ``progression_date`` (first PD, or the disease after a CR that counts as PD; the one that
        endpoints use), each with its ``..._precision`` (day, month, year); ``last_visit``,
        ``visits`` (assessments counted), ``evaluable`` (those that were not NE), ``reference``
        (start of the SD interval), ``days`` (from there to ``best_response_date``), ``min_days``,
        ``min_unit`` (weeks or days, as given), ``code`` and ``source_row`` (see
        :func:`~oncohort.criteria.recist.reason`), ``cr_then_disease`` (a CR followed by a visit
        with disease: look again).

    Raises
    ------
    RecistInputError
        A column is missing, or ``overall`` holds a word that is no response.

    Examples
    --------
    >>> from datetime import date
    >>> visits = pl.DataFrame({
    ...     "patient": ["1"] * 3, "overall": ["PR", "PR", "PD"],
    ...     "date": [date(2014, 3, 3), date(2014, 5, 5), date(2014, 7, 7)]})
    >>> best_response(visits, confirmation=Confirmation())["best_response"].to_list()
    ['PR']
    """
    visits, people = prepare(assessments, patients, until)
    in_days = stable_disease_min_days is not None
    min_days = (
        stable_disease_min_weeks * DAYS_PER_WEEK
        if stable_disease_min_days is None
        else float(stable_disease_min_days)
    )
    visits = _until_progression(visits)
    true_cr = confirmation is not None and confirmation.complete_then_partial == "progression"
    counted = visits
    if true_cr:
        counted = visits.filter(
            pl.col("disease_back").is_null() | (pl.col("date") < pl.col("disease_back"))
        )
    table = (
        people.join(_summary(visits), on="patient", how="left", maintain_order="left")
        .join(_first_of_each(counted, min_days), on="patient", how="left")
        .pipe(_with_responses, counted, confirmation)
    )
    if true_cr:
        table = table.with_columns(
            pd_date=pl.min_horizontal("pd_date", "disease_back"),
            pd_row=pl.coalesce("pd_row", "back_row"),
            progression_date=pl.min_horizontal("progression_date", "disease_back"),
        )
    table = table.with_columns(
        min_days=pl.lit(float(min_days)), min_unit=pl.lit("days" if in_days else "weeks")
    )
    return _finished(_chosen(table), visits)


def _until_progression(visits: pl.DataFrame) -> pl.DataFrame:
    """Visits up to the first PD, with its date, the first CR and the disease seen after it.

    Where :func:`assess` has judged whether it is disease that is back (a node that is 10 mm
    again is not), its judgement stands.
    """
    visits = visits.filter(pl.col("overall").is_not_null()).with_columns(
        days=(pl.col("date") - pl.col("reference")).dt.total_days()
    )
    pd_day = pl.col("date").filter(pl.col("overall") == "PD").min().over("patient")
    visits = visits.with_columns(progression_date=pd_day).filter(
        pl.col("progression_date").is_null() | (pl.col("date") <= pl.col("progression_date"))
    )
    first_cr = pl.col("date").filter(pl.col("overall") == "CR").min().over("patient")
    after = pl.col("overall").is_in(_DISEASE) & (pl.col("date") > first_cr)
    visits = visits.with_columns(after_cr=after.fill_null(False))
    back = pl.col("after_cr") & pl.col("disease_back").fill_null(True)
    return visits.with_columns(disease_back=pl.col("date").filter(back).min().over("patient"))


def _summary(visits: pl.DataFrame) -> pl.DataFrame:
    """Per patient: how many visits, the last one, the progression, and disease after a CR."""
    return visits.group_by("patient").agg(
        pl.len().alias("visits"),
        (pl.col("overall") != "NE").sum().alias("evaluable"),
        pl.col("date").max().alias("last_visit"),
        pl.col("progression_date").first(),
        pl.col("disease_back").first(),
        pl.col("after_cr").any().alias("cr_then_disease"),
        pl.col("source_row")
        .filter(pl.col("date") == pl.col("disease_back"))
        .first()
        .alias("back_row"),
    )


_SORTS = ("cr", "pr", "sd", "non", "early", "pd", "ne")


def _first_of_each(visits: pl.DataFrame, min_days: float) -> pl.DataFrame:
    """Date and row of the first visit of each sort (``_SORTS``), one row per patient."""
    long_enough = (pl.col("days") >= min_days) | pl.col("days").is_null()
    not_progressed = pl.col("overall").is_in(["CR", "PR", "SD"])
    non_target = pl.col("overall") == "Non-CR/Non-PD"
    marks = {
        "cr": pl.col("overall") == "CR",
        "pr": pl.col("overall").is_in(["CR", "PR"]),
        "sd": not_progressed & long_enough,
        "non": non_target & long_enough,
        "early": not_progressed | non_target,
        "pd": pl.col("overall") == "PD",
        "ne": pl.col("overall") == "NE",
    }
    # As row numbers: rows are sorted by patient and date.
    at = (
        visits.select(
            "patient",
            *[pl.when(marks[k]).then(pl.int_range(pl.len())).alias(k) for k in _SORTS],
        )
        .group_by("patient")
        .agg(pl.col(_SORTS).min())
    )
    return at.select(
        "patient",
        *[visits["date"].gather(at[k]).alias(f"{k}_date") for k in _SORTS],
        *[visits["source_row"].gather(at[k]).alias(f"{k}_row") for k in _SORTS],
    )


def _with_responses(
    table: pl.DataFrame, visits: pl.DataFrame, confirmation: Confirmation | None
) -> pl.DataFrame:
    """Whether each patient has a CR or PR that counts, its date and its confirmation."""
    if confirmation is None:
        return table.with_columns(
            cr_confirmed=pl.lit(None, dtype=pl.Date),
            pr_confirmed=pl.lit(None, dtype=pl.Date),
            has_cr=pl.col("cr_date").is_not_null(),
            has_pr=pl.col("pr_date").is_not_null(),
        )
    pairs = _confirmed(visits, confirmation)
    table = table.drop("cr_date", "cr_row").join(
        pairs, on="patient", how="left", maintain_order="left"
    )
    return table.with_columns(
        has_cr=pl.col("cr_date").is_not_null(),
        has_pr=pl.col("pr_confirmed").is_not_null(),
        pr_date=pl.coalesce("pr_pair_date", "pr_date"),
        pr_row=pl.coalesce("pr_pair_row", "pr_row"),
    )


def _chosen(table: pl.DataFrame) -> pl.DataFrame:
    """The best response with its code, date and row: the first of these that a patient has."""
    has = {k: pl.col(f"{k}_date").is_not_null() for k in _SORTS}
    unconfirmed = has["pr"] & ~pl.col("has_pr")
    choice = (
        ("CR", "cr", pl.col("has_cr"), "best-cr"),
        ("PR", "pr", pl.col("has_pr"), "best-pr"),
        ("SD", "sd", has["sd"] & unconfirmed, "best-sd-unconfirmed"),
        ("SD", "sd", has["sd"], "best-sd"),
        ("Non-CR/Non-PD", "non", has["non"], "best-non-cr-non-pd"),
        ("PD", "pd", has["pd"] & has["early"], "best-pd-after-early-sd"),
        ("PD", "pd", has["pd"], "best-pd"),
        ("NE", "early", has["early"], "best-ne-early-sd-only"),
        ("NE", "ne", has["ne"], "best-ne"),
    )
    known = pl.lit(True)
    return table.with_columns(
        best_response=first_of(*((c, pl.lit(w)) for w, _, c, _ in choice), (known, pl.lit("NE"))),
        code=first_of(
            *((c, pl.lit(reason)) for _, _, c, reason in choice),
            (known, pl.lit("best-ne-no-visit")),
        ),
        best_response_date=first_of(*((c, pl.col(f"{s}_date")) for _, s, c, _ in choice)),
        source_row=first_of(*((c, pl.col(f"{s}_row")) for _, s, c, _ in choice)),
    )


_DATES = ("best_response_date", "response_date", "confirmed_date", "progression_date")


def _finished(table: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """The columns of :func:`best_response`, each date with its precision."""
    table = table.with_columns(
        confirmed_date=pl.when(pl.col("code") == "best-cr")
        .then("cr_confirmed")
        .when(pl.col("code") == "best-pr")
        .then("pr_confirmed"),
        response_date=pl.when(pl.col("code").is_in(["best-cr", "best-pr"])).then("pr_date"),
        days=(pl.col("best_response_date") - pl.col("reference")).dt.total_days(),
        cr_then_disease=pl.col("cr_then_disease").fill_null(False),
        visits=pl.col("visits").fill_null(0).cast(pl.Int64),
        evaluable=pl.col("evaluable").fill_null(0).cast(pl.Int64),
    )
    vague = visits.filter(is_partial(pl.col("date_precision"))).unique(
        ["patient", "date"], keep="first", maintain_order=True
    )
    for column in _DATES:
        table = table.join(
            vague.select(
                "patient",
                pl.col("date").alias(column),
                pl.col("date_precision").alias(f"{column}_precision"),
            ),
            on=["patient", column],
            how="left",
            maintain_order="left",
        )
    return table.select(
        "patient",
        "best_response",
        *[c for day in _DATES for c in (day, f"{day}_precision")],
        "last_visit",
        "visits",
        "evaluable",
        "reference",
        "days",
        "min_days",
        "min_unit",
        "code",
        "source_row",
        "cr_then_disease",
    ).with_columns(pl.col(f"{day}_precision").fill_null("day") for day in _DATES)


def with_progression(visits: pl.DataFrame, best: pl.DataFrame) -> pl.DataFrame:
    """Visits at which disease after a complete response counts as progression, called so.

    The one date of progression is that of :func:`best_response`; visits, endpoints and plots
    follow it.
    """
    days = best.select("patient", pl.col("progression_date").alias("_day"))
    if "code" not in visits.columns:
        visits = visits.with_columns(code=pl.lit(None, dtype=pl.String))
    when = pl.col("date")
    if "date_precision" in visits.columns:
        when = imputed_day(when, pl.col("date_precision"))
    back = (when == pl.col("_day")) & pl.col("overall").is_in(_DISEASE)
    return (
        visits.join(days, on="patient", how="left", maintain_order="left")
        .with_columns(_back=back.fill_null(False))
        .with_columns(
            pl.when("_back").then(pl.lit("PD")).otherwise(pl.col(c)).alias(c)
            for c in ("overall", "overall_carried")
            if c in visits.columns
        )
        .with_columns(code=pl.when("_back").then(pl.lit("back-after-cr")).otherwise("code"))
        .drop("_day", "_back")
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
