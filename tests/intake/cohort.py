"""One synthetic cohort of 24 patients, to be written down in many ways, and its truth.

The truth is computed from the numbers that the cohort was made of, never by reading a chart: how
many patients, deaths, responses, and the median survival. A chart says which answers it needs;
whatever else is asked is a fault.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

MONTH = 30.4375


@dataclass(frozen=True)
class Person:
    """One synthetic patient."""

    number: int
    sex: str
    age: int
    start: date
    days: int
    """From the start to death or the last contact."""
    dead: bool
    progression: int | None
    response: str
    hb: float

    @property
    def last(self) -> date:
        return self.start + timedelta(days=self.days)

    @property
    def progressed(self) -> date | None:
        return None if self.progression is None else self.start + timedelta(days=self.progression)


def _people() -> tuple[Person, ...]:
    chance = random.Random(20150104)
    out = []
    for i in range(24):
        days = 61 + i * 37 % 701
        response = ("PR", "SD", "PD", "SD", "PR", "CR")[i % 6]
        out.append(
            Person(
                i + 1,
                "male" if i % 3 else "female",
                41 + (i * 7) % 39,
                date(2015, 1, 1) + timedelta(days=13 * i + 12 * (i % 2)),
                days,
                i % 5 not in (0, 3),
                None if i % 4 == 1 else max(30, days // 2),
                response,
                round(10.4 + chance.random() * 4, 1),
            )
        )
    return tuple(out)


PEOPLE = _people()
N, DEATHS = len(PEOPLE), sum(p.dead for p in PEOPLE)
RESPONDERS = sum(p.response in ("CR", "PR") for p in PEOPLE)


def median(times: list[float], events: list[bool]) -> float:
    """The median of a Kaplan-Meier curve, by the plain definition (no ties in these data)."""
    left, survival = len(times), 1.0
    for time, event in sorted(zip(times, events, strict=True)):
        if event:
            survival *= 1 - 1 / left
            if survival <= 0.5:
                return time
        left -= 1
    return float("nan")


def km_median(times: list[float], events: list[bool]) -> float:
    """The median of a Kaplan-Meier curve where times may be equal: events come before censoring.

    Where the curve is 0.5 over an interval, the middle of it.
    """
    survival, half = 1.0, None
    for time in sorted(set(times)):
        n = sum(t >= time for t in times)
        d = sum(t == time and e for t, e in zip(times, events, strict=True))
        if not d:
            continue
        if half is not None:
            return (half + time) / 2
        survival *= 1 - d / n
        if abs(survival - 0.5) < 1e-12:
            half = time
        elif survival < 0.5:
            return time
    return float("nan") if half is None else half


OS_MEDIAN = median([p.days for p in PEOPLE], [p.dead for p in PEOPLE]) / MONTH


@dataclass(frozen=True)
class Chart:
    """A chart: how it is written, what is answered, what must come out."""

    name: str
    write: Callable[[Path], Path]
    answers: dict[str, str] = field(default_factory=dict)
    """Question = answer."""
    n: int = N
    deaths: int | None = DEATHS
    responders: int | None = RESPONDERS
    endpoint: str = "os"
    median: float | None = OS_MEDIAN
    """In months."""
    truths: dict[str, float | None] = field(default_factory=dict)
    """Further result ids and their values."""
    absent: tuple[str, ...] = ()
    """Texts that must stand nowhere in the results."""
    said: tuple[str, ...] = ()
    """Ids of problems that must be there."""


CHARTS: list[Chart] = []


def chart(**more: Any) -> Callable[[Callable[[Path], Path]], Callable[[Path], Path]]:
    """Add a chart to the list."""

    def add(write: Callable[[Path], Path]) -> Callable[[Path], Path]:
        CHARTS.append(Chart(write.__name__, write, **more))
        return write

    return add


def at(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day)


def save(path: Path, *rows: list[Any], title: str = "Sheet1") -> Path:
    """One sheet."""
    book = Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(row)
    file = path / "chart.xlsx"
    book.save(file)
    return file


def comma(path: Path, rows: list[list[Any]], name: str = "chart.csv") -> Path:
    """A file of comma-separated rows."""
    text = "\n".join(",".join("" if v is None else str(v) for v in row) for row in rows)
    (path / name).write_text(text + "\n", "utf-8")
    return path / name


def dated(p: Person) -> list[Any]:
    """Number, sex, age, start, response, progression, death, last contact."""
    return [
        p.number,
        p.sex,
        p.age,
        at(p.start),
        p.response,
        at(p.progressed),
        at(p.last) if p.dead else None,
        at(p.last),
    ]


def months(p: Person) -> float:
    return round(p.days / MONTH, 2)


def in_language(path: Path, head: list[str], words: dict[str, str], title: str) -> Path:
    rows = [[words.get(v, v) if isinstance(v, str) else v for v in dated(p)] for p in PEOPLE]
    return save(path, head, *rows, title=title)
