"""Facts in an order that can't be, and origins that would credit patients with time they could
not have died in."""

from __future__ import annotations

from typing import Any

import polars as pl

from oncohort.criteria.recist.frames import as_polars
from oncohort.problems import Place, Problem, Severity

from .reasons import kind_in_words
from .rules import EndpointRule

_AFTER_DEATH = (
    "assessment",
    "not_evaluable",
    "progression",
    "next_therapy",
    "therapy_after_next",
    "procedure",
    "last_contact",
)
_NOT_FACTS_OF_LIFE = ("death", "last_contact", "response", "complete_response")


def impossible_orders(facts: Any) -> list[Problem]:
    """Facts after death, and facts later than the last contact.

    Parameters
    ----------
    facts
        The frame of :func:`~oncohort.endpoints.facts`.

    Returns
    -------
    list of Problem
        ``endpoints.after-death`` (error): a scan, a therapy or a contact after the death.
        ``endpoints.after-last-contact`` (warning): the patient was seen later than the chart's
        last contact says. Partial dates count only where no day they allow is possible.

    Examples
    --------
    >>> from datetime import date
    >>> from oncohort.endpoints import facts
    >>> who = pl.DataFrame({"patient": ["1"], "death_date": [date(2014, 3, 1)],
    ...     "last_contact": [date(2014, 4, 1)], "source_row": [2]})
    >>> [p.what for p in impossible_orders(facts(who))]
    ['Last contact on 2014-04-01 is after death on 2014-03-01.']
    """
    frame = as_polars(facts)
    death = (
        frame.filter(pl.col("kind") == "death")
        .group_by("patient")
        .agg(pl.col("latest").max().alias("death"))
    )
    dead = (
        frame.filter(pl.col("kind").is_in(list(_AFTER_DEATH)))
        .join(death, on="patient")
        .filter(pl.col("earliest") > pl.col("death"))
        .sort("patient", "date", "kind")
    )
    out = [
        Problem(
            "endpoints.after-death",
            Severity.ERROR,
            _capital(
                f"{kind_in_words(row['kind'], row['code'], row['detail'])} on {row['date']} is "
                f"after death on {row['death']}."
            ),
            "One of the two dates is wrong, and a time of this patient with it.",
            "Look up both dates in the chart.",
            Place(sheet=row["table"], row=row["source_row"], column=_column(row["kind"])),
            row["patient"],
            blocks=("survival", "prognosis"),
        )
        for row in dead.iter_rows(named=True)
    ]
    contact = (
        frame.filter((pl.col("kind") == "last_contact") & (pl.col("code").is_null()))
        .group_by("patient")
        .agg(
            pl.col("latest").max().alias("contact"),
            pl.col("source_row").first().alias("contact_row"),
        )
    )
    later = (
        frame.filter(
            pl.col("kind").is_in(
                [k for k in _AFTER_DEATH if k not in _NOT_FACTS_OF_LIFE] + ["treatment_end"]
            )
        )
        .join(contact, on="patient")
        .filter(pl.col("earliest") > pl.col("contact"))
        .sort("patient", "date", descending=[False, True])
        .unique("patient", keep="first", maintain_order=True)
    )
    out += [
        Problem(
            "endpoints.after-last-contact",
            Severity.WARNING,
            _capital(
                f"{kind_in_words(row['kind'], row['code'], row['detail'])} on {row['date']} is "
                f"later than the last contact on {row['contact']}."
            ),
            "Survival would be censored although the patient is known to have lived longer.",
            "Correct the date of last contact.",
            Place(sheet="patients", row=row["contact_row"], column="last_contact"),
            row["patient"],
        )
        for row in later.iter_rows(named=True)
    ]
    return out


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _column(kind: str) -> str:
    return {
        "last_contact": "last_contact",
        "next_therapy": "start",
        "therapy_after_next": "start",
    }.get(kind, "date")


def immortal_time(
    facts: Any, rule: EndpointRule, *, start: str = "treatment_start"
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
        Problem(
            "endpoints.immortal-time",
            Severity.ERROR,
            f"{_capital(rule.label)} counts from {kind_in_words(rule.origin)}, up to "
            f"{longest} days before {kind_in_words(start)} in {early.height} "
            f"patient{'s' if early.height > 1 else ''}.",
            "They could not have died in that time and be in the study (immortal time).",
            "Let them enter at treatment start (delayed entry), or count from treatment start.",
            Place(key=f"endpoints.{rule.key}.from"),
            blocks=(f"survival.{rule.key}", f"prognosis.{rule.key}"),
        )
    ]
