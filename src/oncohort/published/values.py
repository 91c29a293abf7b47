"""Whether each printed figure is a figure at all: numbers where numbers stand, of their kind.

The reader of the TOML file takes any text (an audit compares what was printed, whatever it is);
who makes patients of figures needs numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from oncohort.problems import Place, Problem, ReadError, problem
from oncohort.published.figures import grades_of
from oncohort.published.model import (
    AdverseEvent,
    Curve,
    Grade,
    Landmark,
    Published,
    Rate,
    Ratio,
    Time,
    Treated,
)
from oncohort.published.rounding import number, probability
from oncohort.published.toml import read_published
from oncohort.vocabulary.boundaries import Parsed
from oncohort.vocabulary.times import DAYS_PER_UNIT

ABSENT = frozenset(
    {"", "nr", "ne", "na", "n/a", "nd", "-", "–", "—", "..", "not reached", "not estimable"}
)
"""Words of papers for a figure that there is not."""

NOT_REACHED = frozenset({"nr", "ne", "na", "n/a", "not reached", "not estimable"})
"""Those of them that a study may have, too: half of the patients were never reached."""

TREATED = ("stopped", "reduced", "interrupted", "escalated", "ongoing")
UNITS = ("days", "weeks", "months", "years")


def _whole(text: str) -> str:
    read = number(text)
    if read is None or read.value < 0 or read.value.denominator != 1:
        return "expected a whole number of patients"
    return ""


def _percent(text: str) -> str:
    read = number(text)
    if read is None or not 0 <= read.value <= 100:
        return "expected a percentage, 0 to 100"
    return ""


def _number(text: str) -> str:
    return "" if number(text) is not None else "expected a number"


def _positive(text: str) -> str:
    read = number(text)
    return "" if read is not None and read.value >= 0 else "expected a number that is not negative"


def _p(text: str) -> str:
    if text.strip().lower().rstrip(".") in ("ns", "n.s", "not significant"):
        return ""
    return "" if probability(text) is not None else "expected a p-value, 0 to 1"


Check = Callable[[str], str]
"""What is wrong with a printed figure; empty if nothing is."""


def _check_of(record: object, name: str) -> Check | None:
    """The check of a field; None for words."""
    if name in ("n", "count", "denominator", "missing"):
        return _whole
    if name == "percent" or (name in ("low", "high") and isinstance(record, Landmark | Rate)):
        return _percent
    if name == "p":
        return _p
    if name == "estimate" or (name in ("low", "high") and isinstance(record, Ratio)):
        return _positive
    if name in ("median", "low", "high", "time") and isinstance(record, Time | Landmark):
        return _positive
    if name in ("mean", "sd", "median", "low", "high"):
        return _number
    if name == "events" and isinstance(record, Curve):
        return _whole
    return None


def _word(record: object, name: str, value: str) -> str:
    """What is wrong with a word that stands for one of a few things."""
    if isinstance(record, Grade) and name == "grade" and not grades_of(value):
        return "expected a grade: any, >=3, 3, 1-2"
    known: tuple[str, ...] = ()
    if isinstance(record, Treated) and name == "kind":
        known = TREATED
    if isinstance(record, Time | Landmark | Curve) and name == "unit" and value:
        known = UNITS
    if known and value not in known:
        return f"expected one of {', '.join(known)}{_near(value, known)}"
    return ""


def _near(value: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(value.lower(), known, n=1, cutoff=0.5)
    return f". Did you mean {near[0]!r}?" if near else ""


def _stated(record: object, name: str, value: str) -> str:
    """What is wrong with one value; empty if nothing is."""
    check = _check_of(record, name)
    if check is None:
        stated = _word(record, name, value)
    else:
        stated = "" if value.strip().lower() in ABSENT else check(value)
    return stated if not stated or stated.endswith("?") else f"{stated}, not {value!r}"


def _pairs(curve: Curve, key: str) -> Iterator[tuple[str, str]]:
    checks = {"points": (_positive, _percent), "at_risk": (_positive, _whole)}
    for name, kinds in checks.items():
        for k, pair in enumerate(getattr(curve, name)):
            if len(pair) != 2:
                yield f"{key}.{name}[{k}]", f"expected two values, not {len(pair)}"
                continue
            for text, check in zip(pair, kinds, strict=True):
                if stated := check(text):
                    yield f"{key}.{name}[{k}]", f"{stated}, not {text!r}"


LONGEST = 40
"""Years of the longest time that patients are made with."""


def _long(record: Time | Landmark | Curve, key: str) -> Iterator[tuple[str, str]]:
    """Times beyond a life of follow-up: the unit is another one."""
    at = {n: getattr(record, n, "") for n in ("median", "low", "high", "time")}
    if isinstance(record, Landmark):
        at = {"time": record.time}
    for name in ("points", "at_risk"):
        pairs = getattr(record, name, ())
        at |= {f"{name}[{k}]": pair[0] for k, pair in enumerate(pairs) if pair}
    scale = DAYS_PER_UNIT.get(record.unit or "months", 0.0)
    for name, text in at.items():
        read = number(text) if text else None
        if read is not None and float(read.value) * scale > LONGEST * DAYS_PER_UNIT["years"]:
            unit = record.unit or "months"
            yield f"{key}.{name}", f"expected at most {LONGEST} years, not {text!r} {unit}"


def _wrong(record: Any, key: str) -> Iterator[tuple[str, str]]:
    """(key, what is wrong) of a record and its parts."""
    if isinstance(record, Curve):
        yield from _pairs(record, key)
    if isinstance(record, Time | Landmark | Curve):
        yield from _long(record, key)
    if isinstance(record, AdverseEvent) and not record.term:
        yield f"{key}.term", "expected the name of the event"
    for each in fields(record):
        value, at = getattr(record, each.name), f"{key}.{each.name}" if key else each.name
        if isinstance(value, tuple):
            for k, part in enumerate(value):
                if is_dataclass(part):
                    yield from _wrong(part, f"{at}[{k}]")
        elif isinstance(value, str) and (stated := _stated(record, each.name, value)):
            yield at, stated


_BUILT = (
    "populations", "variables", "summaries", "responses", "rates", "times", "landmarks", "ratios",
    "adverse_events", "events", "treated", "curves",
)  # fmt: skip
"""What patients are made of; tests, counts and facts of sentences are not."""


def value_problems(published: Published) -> list[Problem]:
    """A problem for every figure that is no figure of its kind.

    Examples
    --------
    >>> from oncohort.published.model import Population
    >>> [p.what for p in value_problems(Published(populations=(Population("cohort", n="4x"),)))]
    ["expected a whole number of patients, not '4x'"]
    """
    return [
        problem("published.schema", place=Place(key=key), reason=stated)
        for name in _BUILT
        for k, record in enumerate(getattr(published, name))
        for key, stated in _wrong(record, f"{name}[{k}]")
    ]


def read_checked(path: str | Path) -> Published:
    """Published figures from a TOML file, every one a figure of its kind.

    Raises
    ------
    oncohort.problems.ReadError
        If the file can't be read; it carries one problem per wrong key or value.
    """
    published = read_published(path)
    wrong = value_problems(published)
    if wrong:
        at = [replace(p, place=Place(file=str(path), key=p.place.key)) for p in wrong]
        raise ReadError("", at)
    return published


def without_unreadable(published: Published) -> tuple[Published, tuple[str, ...]]:
    """What a program read of a paper, without the records that hold no figures; and their keys."""
    gone: list[str] = []
    kept: dict[str, Parsed] = {}
    for name in _BUILT:
        rows = []
        for k, record in enumerate(getattr(published, name)):
            wrong = [key for key, _ in _wrong(record, f"{name}[{k}]")]
            gone += wrong
            if not wrong:
                rows.append(record)
        kept[name] = tuple(rows)
    return replace(published, **kept), tuple(gone)
