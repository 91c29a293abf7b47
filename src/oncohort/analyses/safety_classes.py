"""Adverse events by system organ class: the categories of CTCAE."""

from __future__ import annotations

import polars as pl

from oncohort.analyses.counting import percent
from oncohort.analyses.result import Curve, Estimate, Population, key_of
from oncohort.endpoints.cohort import Cohort
from oncohort.protocol.analysis import Safety
from oncohort.vocabulary.keys import level_key

CLASS = ("safety", "class")


def events_by_class(
    rule: Safety, cohort: Cohort, events: pl.DataFrame, treated: str
) -> tuple[list[Estimate], Curve | None, list[Population]]:
    """Patients with an event of each class, and which terms each class has.

    Parameters
    ----------
    events
        Every counted event, with the key of its term (`key`) and its `category`.
    treated
        Id of the population of treated patients.
    """
    if events.is_empty():
        return [], None, []
    ranked = (
        events.group_by("category")
        .agg(pl.col("patient").n_unique().alias("n"))
        .sort(["n", "category"], descending=[True, False])
    )
    estimates: list[Estimate] = []
    populations: list[Population] = []
    layout: list[tuple[str, str, str]] = []
    # A term that stands for several of CTCAE's is of the class that most of its events have.
    classes = (
        events.group_by("key", "category")
        .agg(pl.len().alias("n"))
        .sort(["n", "category"], descending=[True, False])
        .unique("key", keep="first", maintain_order=True)
    )
    of = dict(classes.select("key", "category").iter_rows())
    shown = events.with_columns(pl.col("key").replace_strict(of).alias("of"))
    high = f"ge{rule.threshold}"
    for category in ranked["category"].to_list():
        part = shown.filter(pl.col("of") == category)
        if part.is_empty():
            continue
        soc = level_key(category)
        for grade, keep in (
            ("any", pl.lit(True)),
            (high, (pl.col("grade") >= rule.threshold).fill_null(False)),
        ):
            es, who = percent(
                CLASS,
                f"{category}, {'any grade' if grade == 'any' else f'grade {rule.threshold}+'}",
                part.filter(keep)["patient"].unique(maintain_order=True).to_list(),
                cohort.n,
                population=treated,
                heading=category,
                grade=grade,
                soc=soc,
            )
            estimates += es
            populations.append(who)
        terms = (
            part.group_by("key", maintain_order=True)
            .agg(pl.col("patient").n_unique().alias("n"))
            .sort(["n", "key"], descending=[True, False])
        )
        layout += [(soc, category, key) for key in terms["key"].to_list()]
    curve = Curve(
        key_of("safety", "classes"),
        "Terms of each system organ class",
        {name: tuple(r[i] for r in layout) for i, name in enumerate(("soc", "label", "term"))},
    )
    return estimates, curve, populations
