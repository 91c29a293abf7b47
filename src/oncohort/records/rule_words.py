"""What the rules of reading did to a column, in words; and deaths that stand as last contacts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from oncohort.problems import Place
from oncohort.records.columns import Used
from oncohort.records.model import Decision
from oncohort.vocabulary.plurals import counted

_RULE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "values.missing": "read as missing, as the protocol says",
        "values.no-value": "read as missing: the word means nothing else",
        "values.alive": "read as no day of death: the word says alive",
        "numbers.years-and-months": "read as years and months",
        "values.may-be-missing": "kept as a value, though the word may mean missing",
        "values.code": "translated, as the protocol says",
        "values.word": "read by their plain meaning",
        "values.case": "read whatever the case of their letters",
        "numbers.decimal-comma": "read with a decimal comma: no thousands mark has so few or so "
        "many figures behind it",
        "numbers.percent-sign": "read without the percent sign",
        "numbers.unit-behind": "read without the unit behind the number",
        "numbers.own-unit": "read in the unit that stands behind the number",
        "values.grade": "read as grades",
        "dates.relative": "read as times since day zero, which is 2000-01-01",
        "dates.swapped-back": "read with day and month exchanged back",
        "dates.day-numbers": "read as days since day zero, as the protocol says",
        "dates.serial": "read as Excel's day numbers",
        "dates.word-beside": "read as the days that stand beside a word",
        "dates.first-of-several": "read as the first of the days that they list",
        "dates.about": "read as the days that they say, though they are not exact",
        "dates.partial": "kept as partial dates",
        "dates.compact": "read as year, month and day without marks",
        "dates.year-first": "read year first",
        "dates.era": "read as days of Japanese eras",
        "dates.buddhist": "read as days of the Buddhist era, 543 years ahead",
        "numbers.thousands": "read with a point between thousands: other columns of the table have "
        "decimal commas",
        "dates.day-first": "read day first",
        "dates.month-first": "read month first",
        "dates.against-order": "read in the other order than the column's: the day is above 12",
        "dates.month-name": "read with the month's name",
        "labels": "given as their labels",
    }
)


def decision_of(table: str, column: str, used: Used, order: str | None, place: Place) -> Decision:
    """What a rule did to a column.

    Parameters
    ----------
    order
        The evidence for the order of written dates, where the column gave it.
    """
    what = _RULE_WORDS.get(used.rule, "read")
    many = f"{counted(used.count, 'value')} of {column}"
    text = f"{many} ({used.example!r}{'' if used.count == 1 else ', ...'}) {what}"
    ordered = used.rule in ("dates.day-first", "dates.month-first")
    if order and ordered:
        text += f": {order}"
    protocol = used.rule in ("values.missing", "values.code") or (ordered and not order)
    return Decision(
        used.rule, f"{text}.", table, column, used.count, place, "protocol" if protocol else "rule"
    )


def deaths_at_last_contact(columns: dict[str, pl.Series]) -> int:
    """Give those who are dead without a date of death the day of their last contact.

    The columns are changed in place.

    Returns
    -------
    int
        How many there were.
    """
    names = [c for n in ("death_date", "last_contact") for c in (n, f"{n}_precision")]
    frame = pl.DataFrame([columns[c].alias(c) for c in [*names, "vital_status"]])
    fill = (pl.col("vital_status") == "dead") & pl.col("death_date").is_null()
    fill &= pl.col("last_contact").is_not_null()
    count = int(frame.select(fill.fill_null(False).sum()).item())
    for suffix in ("", "_precision"):
        name = f"death_date{suffix}"
        moved = pl.when(fill).then(pl.col(f"last_contact{suffix}")).otherwise(pl.col(name))
        columns[name] = frame.select(moved).to_series().alias(name)
    return count
