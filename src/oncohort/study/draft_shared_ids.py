"""Columns that name the patients by what they hold: the same values, each once, on two sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from oncohort.records.columns import as_list
from oncohort.records.matching import guess_table, match_table
from oncohort.records.names import fold
from oncohort.records.values import text_of
from oncohort.study.drafting import Page
from oncohort.vocabulary.tables import TABLES

FEWEST = 5
"""Rows below which equal values on two sheets are no evidence."""
SHARED = 0.8
"""Share of the values of one sheet that stand on the other too, from which they name one thing."""


def settle_shared_ids(pages: Sequence[Page]) -> None:
    """A column of one name on two sheets, with the same values and each of them once on one of
    them, names the patients, whatever it is called. The pages are changed in place."""
    nameless = [p for p in pages if p.table is None and _may_name(p)]
    for page in nameless:
        column = next((c for c in page.raw.names if _names_rows(page, c, pages)), "")
        if not column:
            continue
        page.raw = replace(page.raw, patient=column)
        page.table, page.why = guess_table(page.raw, page.sheet, page.held)
        if page.table is not None:
            page.matches = match_table(page.raw, TABLES[page.table], page.held)


def _may_name(page: Page) -> bool:
    """Is it a table in which no column is known to name the patients?"""
    if page.where or page.hidden or page.raw.height < FEWEST:
        return False
    return all(m.ours != "patient" for m in match_table(page.raw, TABLES["patients"], page.held))


def _names_rows(page: Page, column: str, pages: Sequence[Page]) -> bool:
    """Do the values of a column stand on another sheet, under the same name, and once on one?"""
    if not _is_key(page, column):
        return False
    own = _values(page, column)
    for other in pages:
        theirs = next((c for c in other.raw.names if fold(c) == fold(column)), None)
        if other is page or theirs is None or not _is_key(other, theirs):
            continue
        if not (_once(page, column) or _once(other, theirs)):
            continue
        values = _values(other, theirs)
        if len(own & values) >= max(FEWEST, SHARED * min(len(own), len(values))):
            return True
    return False


def _is_key(page: Page, column: str) -> bool:
    """Are the values of a column whole numbers or texts, in (nearly) every row?"""
    held = page.held.get(column)
    if held is None or held.mostly == "date" or held.n < 0.95 * held.rows:
        return False
    return held.distinct >= FEWEST and not any("." in v and v[-2:] != ".0" for v in held.counts)


def _once(page: Page, column: str) -> bool:
    return page.held[column].distinct == page.held[column].n


def _values(page: Page, column: str) -> set[str]:
    return {text_of(v) for v in as_list(page.raw.column(column)) if v is not None}
