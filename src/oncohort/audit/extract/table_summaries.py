"""Means, medians and median times to an event, in tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

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


_MEAN = re.compile(r"\bmean\b|±|\bSD\b", re.I)
_MEDIAN = re.compile(r"\bmedian\b", re.I)


def read_continuous(table: Table, taken: set[int], cohort: str) -> Iterator[Continuous]:
    """Means with their deviation and medians with their range, in columns not read otherwise."""
    data = [c for c in range(1, table.width) if c not in taken]
    heading = ""
    for row in table.rows:
        if not any(v.strip() for v in row.values):
            heading = row.label
            continue
        told = f"{heading} {row.label}" if row.indent > 0 or heading == "" else row.label
        if endpoint_of(told):
            continue
        says = row.label
        if row.indent > 0 and not _MEDIAN.search(says) and not _MEAN.search(says):
            says = heading
        for c in (c for c in data if c < len(row.cells) and row.cells[c].strip()):
            n = SIZE.search(table.heading(c))
            size = n[1].replace(",", "") if n else (cohort if len(data) == 1 else "")
            found = _continuous(row.cells[c].strip(), says, told, table.heading(c))
            if found is not None:
                where = place(table, row, c, heading if told != row.label else "")
                yield replace(found, n=size, where=where)


def _continuous(text: str, says: str, told: str, heading: str) -> Continuous | None:
    """A cell as a median with its range or a mean with its deviation, if the row says which."""
    median, mean = _MEDIAN.search(says), _MEAN.search(says)
    around = f"{told} {heading} {text}"
    age = bool(re.search(r"\bage\b", told, re.I))
    plain = Continuous(_name(told), unit="years" if age else "", whole=age)
    middle = MEDIAN_RANGE.match(text)
    if middle and median and not mean:
        return replace(
            plain,
            median=middle["center"],
            low=middle["low"],
            high=middle["high"],
            spread=_spread(around),
        )
    both = _MEAN_SD.match(text)
    if both and mean and not median and re.search(r"\bSD\b|±|standard deviation", around, re.I):
        return replace(plain, mean=both["mean"] or both["mean2"], sd=both["sd"] or both["sd2"])
    return None


def _spread(text: str) -> str:
    """What the two values beside a median are."""
    if re.search(r"\bIQR\b|quartile|Q1|25", text, re.I):
        return "quartiles"
    if re.search(r"range|min", text, re.I):
        return "range"
    return "interval" if CI.search(text) else ""


def _name(told: str) -> str:
    """A variable's name without the words for its summary."""
    name = re.sub(
        r"\b(?:median|mean|range|years?|yrs?|IQR|SD|interquartile)\b|[(),;±\[\]–-]",
        " ",
        told,
        flags=re.I,
    )
    return re.sub(r"\s+", " ", name).strip() or told


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
