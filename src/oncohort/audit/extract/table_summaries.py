"""Means, medians and median times to an event, in tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from oncohort.audit.document import Table
from oncohort.audit.extract.cells import CI, MEDIAN_RANGE, RATIO, SIZE, place
from oncohort.audit.extract.endpoints import endpoint_of
from oncohort.published.model import (
    Continuous,
    Time,
)

_MEAN_SD = re.compile(
    r"^(?P<mean>\d+(?:[.·]\d+)?)\s*(?:±|\+/[-−])\s*(?P<sd>\d+(?:[.·]\d+)?)$|"
    r"^(?P<mean2>\d+(?:[.·]\d+)?)\s*[(\[]\s*(?:SD\s*)?(?P<sd2>\d+(?:[.·]\d+)?)\s*[)\]]$"
)


def read_continuous(table: Table, taken: set[int], cohort: str) -> Iterator[Continuous]:
    data = [c for c in range(1, table.width) if c not in taken]
    heading = ""
    for row in table.rows:
        if not any(v.strip() for v in row.values):
            heading = row.label
            continue
        label = row.label
        told = f"{heading} {label}" if row.indent > 0 or heading == "" else label
        median = re.search(r"\bmedian\b", label, re.I)
        mean = re.search(r"\bmean\b|±|\bSD\b", label, re.I)
        if not median and not mean and row.indent > 0:
            median = re.search(r"\bmedian\b", heading, re.I)
            mean = re.search(r"\bmean\b|±|\bSD\b", heading, re.I)
        if endpoint_of(told):
            continue
        age = re.search(r"\bage\b", told, re.I)
        for c in data:
            if c >= len(row.cells):
                continue
            text = row.cells[c].strip()
            n = SIZE.search(table.heading(c))
            size = n[1].replace(",", "") if n else (cohort if len(data) == 1 else "")
            spread_says = f"{told} {table.heading(c)} {text}"
            spread = (
                "quartiles"
                if re.search(r"\bIQR\b|quartile|Q1|25", spread_says, re.I)
                else "range"
                if re.search(r"range|min", spread_says, re.I)
                else "interval"
                if CI.search(spread_says)
                else ""
            )
            name = re.sub(
                r"\b(?:median|mean|range|years?|yrs?|IQR|SD|interquartile)\b|[(),;±\[\]–-]",
                " ",
                told,
                flags=re.I,
            )
            name = re.sub(r"\s+", " ", name).strip() or told
            where = place(table, row, c, heading if told != label else "")
            middle = MEDIAN_RANGE.match(text)
            if middle and median and not mean:
                yield Continuous(
                    name,
                    n=size,
                    median=middle["center"],
                    low=middle["low"],
                    high=middle["high"],
                    spread=spread,
                    unit="years" if age else "",
                    whole=bool(age),
                    where=where,
                )
                continue
            both = _MEAN_SD.match(text)
            says_sd = re.search(r"\bSD\b|±|standard deviation", spread_says, re.I)
            if both and mean and says_sd and not median:
                yield Continuous(
                    name,
                    n=size,
                    mean=both["mean"] or both["mean2"],
                    sd=both["sd"] or both["sd2"],
                    unit="years" if age else "",
                    whole=bool(age),
                    where=where,
                )


def read_times(table: Table, cohort: str) -> Iterator[Time]:
    """Median times to an event; bound to the cohort only in a table of one column."""
    heading = ""
    data = [c for c in range(1, table.width) if any(r.cells[c].strip() for r in table.rows)]
    for row in table.rows:
        if not any(v.strip() for v in row.values):
            heading = row.label
            continue
        label = f"{heading} {row.label}" if row.indent else row.label
        endpoint = endpoint_of(label)
        unit = re.search(r"\b(month|year|week|day)s?\b", f"{label} {table.caption[:300]}", re.I)
        if (
            not endpoint
            or endpoint == "ORR"
            or unit is None
            or not re.search(r"median", label, re.I)
        ):
            continue
        if re.search(r"%(?!\s*CI)|rate|HR|hazard|events?\b", label):
            continue
        for c in data:
            middle = MEDIAN_RANGE.match(row.cells[c].strip()) or RATIO.match(row.cells[c].strip())
            groups = middle.groupdict() if middle else {}
            value = groups.get("center") or groups.get("estimate") or ""
            size = SIZE.search(table.heading(c))
            whole = len(data) == 1 and (size is None or size[1] == cohort)
            if not value:
                continue
            yield Time(
                endpoint,
                value.replace("·", "."),
                unit[1].lower() + "s",
                groups["low"].replace("·", "."),
                groups["high"].replace("·", "."),
                "interval" if CI.search(label + table.heading(c)) else "",
                "95" if CI.search(label + table.heading(c)) else "",
                "cohort" if whole and cohort and _plain_label(row.label) else "",
                where=place(table, row, c, heading if row.indent else ""),
            )


def _plain_label(label: str) -> bool:
    """Whether a row is of everybody: its label names no group."""
    return not re.search(
        r"\b(?:with|in|for|arm|group|responders|patients|stage|risk)\b", label, re.I
    )
