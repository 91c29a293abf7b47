"""The printed figures of a cohort, each with its key, its words and its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field

from oncohort.dataclass import dataclass
from oncohort.published.model import (
    AdverseEvent,
    Categorical,
    Continuous,
    Curve,
    Events,
    Grade,
    Landmark,
    Published,
    Rate,
    Ratio,
    Record,
    Response,
    Time,
    Treated,
    Where,
)
from oncohort.vocabulary.keys import signed_slug as slug

COHORT = ("", "cohort")
"""Populations that are the whole study; figures of others are not asked for."""


_CAPITALS = frozenset(
    {"afp", "alp", "bmi", "ca", "cea", "crp", "ecog", "egfr", "esr", "figo", "hpv", "imdc", "kps",
     "ldh", "mskcc", "msi", "nlr", "plr", "ps", "psa", "tnm", "tsh", "who"}
)  # fmt: skip
"""Words of keys that papers write in capitals."""

_UNITS = {" mg dl": " mg/dL", " g dl": " g/dL", " mg l": " mg/L", " g l": " g/L", " iu l": " IU/L"}


def in_words(name: str) -> str:
    """The name of a variable that was typed as a key, as papers write it; its slug stays.

    Examples
    --------
    >>> in_words("crp mg dl"), in_words("first line"), in_words("imdc"), in_words("Sex")
    ('CRP mg/dL', 'first line', 'IMDC', 'Sex')
    """
    if name != name.lower():
        return name
    for plain, unit in _UNITS.items():
        if name.endswith(plain):
            return in_words(name.removesuffix(plain)) + unit
    return " ".join(w.upper() if w in _CAPITALS else w for w in name.split(" "))


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed figure.

    Parameters
    ----------
    key
        Its name in the certificate: ``variables.sex.male.count``.
    printed
        As printed.
    words
        What it is.
    kind
        ``margin``, ``response``, ``event``, ``dose``, ``summary``, ``median``, ``curve``,
        ``ratio``, ``interval`` or ``p``; ``other`` for what is not asked for.
    """

    key: str
    printed: str
    words: str
    kind: str
    where: Where = field(default_factory=Where)


def _figures(record: Record, key: str, names: dict[str, tuple[str, str]]) -> Iterator[Figure]:
    for name, (kind, words) in names.items():
        printed = getattr(record, name)
        if printed:
            yield Figure(f"{key}.{name}", printed, words, kind, record.where)


def _both(kind: str, words: str) -> dict[str, tuple[str, str]]:
    """A count with its percentage."""
    return {"count": (kind, f"{words}, patients"), "percent": (kind, f"{words}, percent")}


def of_variable(v: Categorical) -> Iterator[Figure]:
    """Counts and percentages of a variable's levels."""
    for level in v.levels:
        key, words = (
            f"variables.{slug(v.name)}.{slug(level.label)}",
            f"{in_words(v.name)}: {level.label}",
        )
        yield from _figures(level, key, _both("margin", words))


def of_response(r: Response) -> Iterator[Figure]:
    """Best responses."""
    for level in r.levels:
        words = f"best response {level.label}"
        yield from _figures(
            level,
            f"responses.{slug(level.label)}",
            _both("response", words),
        )


def of_rate(r: Rate) -> Iterator[Figure]:
    """Response rates, with their intervals."""
    yield from _figures(
        r,
        f"rates.{slug(r.kind)}",
        {
            "percent": ("response", f"{r.kind}, percent"),
            "count": ("response", f"{r.kind}, patients"),
            "low": ("response", f"{r.kind}, lower limit"),
            "high": ("response", f"{r.kind}, upper limit"),
        },
    )


def of_event(a: AdverseEvent) -> Iterator[Figure]:
    """Adverse events by grade."""
    for grade in a.grades:
        words = f"{a.term}, grade {grade.grade}"
        yield from _figures(
            grade,
            f"adverse_events.{slug(a.term)}.{slug(grade.grade)}",
            {"count": ("event", f"{words}, patients"), "percent": ("event", f"{words}, percent")},
        )


def of_treated(t: Treated) -> Iterator[Figure]:
    """Dose changes and reasons for stopping."""
    key = f"treated.{t.kind}" + (f".{slug(t.reason)}" if t.reason else "")
    words = f"treatment {t.kind}" + (f" for {t.reason}" if t.reason else "")
    yield from _figures(
        t, key, {"count": ("dose", f"{words}, patients"), "percent": ("dose", f"{words}, percent")}
    )


def of_events(e: Events) -> Iterator[Figure]:
    """Stated numbers of events."""
    yield from _figures(
        e,
        f"events.{slug(e.endpoint)}",
        _both("curve", f"{e.endpoint}, events"),
    )


def of_time(t: Time) -> Iterator[Figure]:
    """Medians with intervals or ranges."""
    key, spread = f"times.{slug(t.endpoint)}", t.spread or "interval"
    yield from _figures(
        t,
        key,
        {
            "median": ("median", f"{t.endpoint}, median"),
            "low": ("median", f"{t.endpoint}, lower end of the {spread}"),
            "high": ("median", f"{t.endpoint}, upper end of the {spread}"),
        },
    )


def ratio_key(r: Ratio) -> str:
    """The key of one contrast in one model."""
    contrast = f".{slug(r.level)}" if r.level else ""
    return f"ratios.{slug(r.endpoint)}.{r.model or 'univariable'}.{slug(r.variable)}{contrast}"


def of_ratio(r: Ratio) -> Iterator[Figure]:
    """Ratio, confidence limits and p."""
    sides = r.contrast or " versus ".join(x for x in (r.level, r.reference) if x)
    words = f"{r.endpoint} {r.model or 'univariable'} {r.kind} of {in_words(r.variable)}"
    words += f" ({sides})" * bool(sides)
    yield from _figures(
        r,
        ratio_key(r),
        {
            "estimate": ("ratio", words),
            "low": ("interval", f"{words}, lower limit"),
            "high": ("interval", f"{words}, upper limit"),
            "p": ("p", f"{words}, p"),
        },
    )


def figures_of(published: Published) -> tuple[Figure, ...]:
    """Every figure of the whole cohort that can be compared, each key once.

    Two different values under one key (a median said twice) are kept apart by a number.
    """
    makers = {
        "variables": of_variable,
        "summaries": of_summary,
        "responses": of_response,
        "rates": of_rate,
        "adverse_events": of_event,
        "treated": of_treated,
        "events": of_events,
        "times": of_time,
        "landmarks": of_landmark,
        "curves": of_curve,
        "ratios": of_ratio,
    }
    out: dict[str, Figure] = {}
    for name, maker in makers.items():
        for record in getattr(published, name):
            if record.population not in COHORT:
                continue
            for figure in maker(record):  # type: ignore[operator]
                if figure.key in out and out[figure.key].printed == figure.printed:
                    continue
                key, k = figure.key, 1
                while key in out:
                    k += 1
                    key = f"{figure.key}#{k}"
                out[key] = Figure(key, figure.printed, figure.words, figure.kind, figure.where)
    return tuple(out.values())


def of_summary(s: Continuous) -> Iterator[Figure]:
    """Mean, SD, median and spread of a continuous variable."""
    words = in_words(s.name)
    ends = {"range": ("least", "greatest"), "quartiles": ("lower quartile", "upper quartile")}
    low, high = ends.get(s.spread, ("lower end", "upper end"))
    yield from _figures(
        s,
        f"summaries.{slug(s.name)}",
        {
            "mean": ("summary", f"{words}, mean"),
            "sd": ("summary", f"{words}, standard deviation"),
            "median": ("summary", f"{words}, median"),
            "low": ("summary", f"{words}, {low}"),
            "high": ("summary", f"{words}, {high}"),
        },
    )


def of_landmark(x: Landmark) -> Iterator[Figure]:
    """Survival at fixed times, with its interval."""
    words = f"{x.endpoint} at {x.time} {x.unit}"
    yield from _figures(
        x,
        f"landmarks.{slug(x.endpoint)}.{slug(x.time)}",
        {
            "percent": ("curve", f"{words}, percent"),
            "low": ("curve", f"{words}, lower limit"),
            "high": ("curve", f"{words}, upper limit"),
        },
    )


def of_curve(c: Curve) -> Iterator[Figure]:
    """Numbers at risk."""
    for pair in c.at_risk:
        key = f"curves.{slug(c.endpoint)}.at_risk.{slug(pair[0])}"
        yield Figure(key, pair[1], f"{c.endpoint}, at risk at {pair[0]} {c.unit}", "curve", c.where)
    if c.events:
        yield Figure(
            f"curves.{slug(c.endpoint)}.events", c.events, f"{c.endpoint}, events", "curve", c.where
        )


def grades_of(text: str) -> tuple[int, ...]:
    """Grades that a heading covers; empty where it can't be read.

    Examples
    --------
    >>> grades_of("any"), grades_of(">=3"), grades_of("1-2"), grades_of("4")
    ((1, 2, 3, 4, 5), (3, 4, 5), (1, 2), (4,))
    """
    clean = text.strip().lower().replace("grade", "").strip()
    if clean in ("any", "all", "all grades", "any grade", ""):
        return (1, 2, 3, 4, 5)
    found = [int(d) for d in re.findall(r"[1-5]", clean)]
    if len(found) == 1 and re.search(r"≥|>=|≦|or (more|higher)|and above|\+", clean):
        return tuple(range(found[0], 6))
    if len(found) == 1:
        return (found[0],)
    if len(found) == 2:
        return tuple(range(found[0], found[1] + 1))
    return ()


__all__ = [
    "COHORT",
    "Figure",
    "Grade",
    "figures_of",
    "grades_of",
    "of_event",
    "of_events",
    "of_ratio",
    "of_rate",
    "of_response",
    "of_time",
    "of_treated",
    "of_variable",
    "ratio_key",
    "slug",
]
