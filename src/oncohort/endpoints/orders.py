"""Facts later than the last contact, and origins that would credit patients with time they could
not have died in."""

from __future__ import annotations

import polars as pl

from oncohort.criteria.frames import as_polars
from oncohort.problems import Place, Problem, problem
from oncohort.vocabulary.endpoints import EndpointRule

from .reasons import kind_in_words

_SEEN = (
    "assessment",
    "not_evaluable",
    "progression",
    "next_therapy",
    "therapy_after_next",
    "procedure",
    "treatment_end",
)
"""Kinds of facts at which somebody saw the patient."""


def seen_after_last_contact(facts: object) -> list[Problem]:
    """Facts later than the last contact.

    Parameters
    ----------
    facts
        The frame of :func:`~oncohort.endpoints.facts`.

    Returns
    -------
    list of Problem
        ``endpoints.after-last-contact`` (warning): the patient was seen later than the chart's
        last contact says. Partial dates count only where no day they allow is possible.

    Examples
    --------
    >>> from datetime import date
    >>> from oncohort.endpoints import facts
    >>> who = pl.DataFrame({"patient": ["1"], "treatment_end": [date(2014, 4, 1)],
    ...     "last_contact": [date(2014, 3, 1)], "source_row": [2]})
    >>> [p.what for p in seen_after_last_contact(facts(who))]
    ['Treatment ended on 2014-04-01 is later than the last contact on 2014-03-01.']
    """
    frame = as_polars(facts)
    contact = (
        frame.filter((pl.col("kind") == "last_contact") & (pl.col("code").is_null()))
        .group_by("patient")
        .agg(
            pl.col("latest").max().alias("contact"),
            pl.col("source_row").first().alias("contact_row"),
        )
    )
    later = (
        frame.filter(pl.col("kind").is_in(list(_SEEN)))
        .join(contact, on="patient")
        .filter(pl.col("earliest") > pl.col("contact"))
        .sort("patient", "date", descending=[False, True])
        .unique("patient", keep="first", maintain_order=True)
    )
    return [
        problem(
            "endpoints.after-last-contact",
            place=Place(sheet="patients", row=row["contact_row"], column="last_contact"),
            patient=row["patient"],
            fact=_capital(kind_in_words(row["kind"], row["code"], row["detail"])),
            date=row["date"],
            contact=row["contact"],
        )
        for row in later.iter_rows(named=True)
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def immortal_time(
    facts: object, rule: EndpointRule, *, start: str = "treatment_start"
) -> list[Problem]:
    """An origin before treatment start without delayed entry.

    Patients are in the study because they lived to be treated; counting from an earlier day, such
    as diagnosis, credits them with time in which they could not have died. With delayed entry
    (``rule.entry``) they come under observation at treatment start.

    Returns
    -------
    list of Problem
        One ``endpoints.immortal-time`` error that blocks the endpoint, with the number of
        patients and the longest such time; none where the rule has delayed entry.

    Examples
    --------
    >>> from datetime import date
    >>> from dataclasses import replace
    >>> from oncohort.endpoints import OS, facts
    >>> who = pl.DataFrame({"patient": ["1"], "treatment_start": [date(2014, 1, 6)],
    ...                     "diagnosis_date": [date(2013, 1, 6)]})
    >>> rule = replace(OS, origin="diagnosis_date")
    >>> [p.what for p in immortal_time(facts(who), rule)]
    ['Overall survival counts from diagnosis, up to 365 days before treatment start in 1 \
patient.']
    """
    if rule.entry is not None:
        return []
    frame = as_polars(facts)

    def first(kind: str, name: str) -> pl.DataFrame:
        return (
            frame.filter(pl.col("kind") == kind)
            .group_by("patient")
            .agg(pl.col("date").min().alias(name))
        )

    early = (
        first(rule.origin, "origin")
        .join(first(start, "start"), on="patient")
        .with_columns(days=(pl.col("start") - pl.col("origin")).dt.total_days())
        .filter(pl.col("days") > 0)
    )
    if early.is_empty():
        return []
    longest = max(int(d) for d in early["days"])
    return [
        problem(
            "endpoints.immortal-time",
            place=Place(key=f"endpoints.{rule.key}.from"),
            blocks=(f"survival.{rule.key}",),
            label=_capital(rule.label),
            origin=kind_in_words(rule.origin),
            longest=longest,
            start=kind_in_words(start),
            n=early.height,
        )
    ]
