"""Sheets that call the patients as the patients' sheet does, and years of birth."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from oncohort.records.columns import as_list
from oncohort.records.matching import Match
from oncohort.records.names import fold
from oncohort.records.values import text_of
from oncohort.study.drafting import Page
from oncohort.vocabulary.mentions import mentions

if TYPE_CHECKING:
    from oncohort.study.draft_chart import Chart

_SHARED = 0.9
"""Share of the values of a column that are patients, from which it names them."""
_YEAR = re.compile(r"(?:19|20)\d\d(?:\.0)?")


def name_patients(chart: Chart) -> None:
    """Find who the records of each sheet are of: by the name of the patients' own column, or by
    its values where they are no mere numbers.

    The pages of the chart are changed in place.
    """
    own = chart.patients.ours.get("patient")
    if own is None or chart.patients.by_row:
        return
    known = {text_of(v) for v in as_list(chart.patients.raw.column(own)) if v is not None}
    for table, page in chart.tables.items():
        if table == "patients" or "patient" in page.ours or not page.raw.height:
            continue
        column = next((c for c in page.raw.names if fold(c) == fold(own)), None)
        column = column or next((c for c in page.raw.names if _are_of(page, c, known)), None)
        if column is None:
            continue
        kept = [m for m in page.matches if m.column != column and m.ours != "patient"]
        page.matches = [*kept, Match(column, "patient", 0.9, "it names the patients")]
        page.personal = [p for p in page.personal if p.column != column]


def _are_of(page: Page, column: str, known: set[str]) -> bool:
    held = page.held[column]
    if not held.n or held.mostly != "text" or held.distinct < 2:
        return False
    return sum(n for v, n in held.counts.items() if v in known) >= _SHARED * held.n


def settle_birth_year(page: Page) -> None:
    """A year of birth tells the age where nothing else does.

    The page's matches are changed in place.
    """
    if {"age", "birth_date"} & set(page.ours):
        return
    for column in page.raw.names:
        if is_birth_year(page, column):
            kept = [m for m in page.matches if m.column != column and m.ours != "birth_date"]
            page.matches = [*kept, Match(column, "birth_date", 0.9, "years of birth")]
            return


def is_birth_year(page: Page, column: str) -> bool:
    """Does a column hold years of birth, by its name and its values?"""
    held = page.held[column]
    if not mentions(column, "birth_year") or not held.n:
        return False
    return all(_YEAR.fullmatch(v) for v in held.counts)


def no_measure(page: Page, column: str) -> str:
    """Why numbers are no measure of the patient; empty where they may be one."""
    if is_birth_year(page, column):
        return "years of birth, no baseline variable: the age is"
    if mentions(column, "limit_of_normal"):
        return "a limit of laboratory values, no baseline variable"
    return ""


__all__ = ["is_birth_year", "name_patients", "no_measure", "settle_birth_year"]
