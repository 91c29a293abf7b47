"""Labels of the protocol that say another thing than what they stand for.

No number changes by them, and every table and figure that prints them is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oncohort.checks.rule import Data, rule
from oncohort.problems import Place, Problem, problem
from oncohort.vocabulary.endpoints import ENDPOINTS
from oncohort.vocabulary.mentions import LONGEST
from oncohort.vocabulary.words import level_words, outcome_words, plain


@rule("variables.label-of-another")
def label_of_another(data: Data) -> Iterator[Problem]:
    """A level whose label is the name of another one: `male = "Female"`, `a = "B", b = "A"`."""
    for name, variable in data.protocol.variables.items():
        keys = {plain(key): key for key in variable.levels}
        for key, label in variable.levels.items():
            other = keys.get(plain(label)) or _sex(label)
            own = plain(key) if other in keys.values() else _sex(key)
            if other is None or not own or own == plain(other) or _number(key):
                continue
            yield problem(
                "variables.label-of-another",
                place=Place(file="study.toml", key=f"variables.{name}.levels"),
                variable=variable.label or name,
                level=key,
                label=label,
                other=other,
            )


def _sex(text: str) -> str | None:
    return level_words("sex").get(plain(text)) if len(text) > 2 else None


def _number(text: str) -> bool:
    return re.fullmatch(r"[-\d.]+", text) is not None


_N = r"(?<![\d.,])(\d{1,9}(?:[.,]\d{1,9})?)"
_BELOW = re.compile(
    rf"(?:<|≤|⩽|\b(?:below|under|less than|up to))\s{{0,3}}=?\s{{0,3}}{_N}"
    rf"|{_N}\s{{0,3}}or\s{{1,3}}(?:less|fewer|below|under)"
)
_ABOVE = re.compile(
    rf"(?:>|≥|⩾|\b(?:above|over|more than|at least|from))\s{{0,3}}=?\s{{0,3}}{_N}"
    rf"|{_N}\s{{0,3}}(?:\+|or\s{{1,3}}(?:more|above|over|older))"
)


def bounds_in(label: str) -> tuple[float | None, float | None]:
    """The lower and the upper bound that a label says; None where it says none.

    Examples
    --------
    >>> bounds_in("< 10"), bounds_in("10 or more"), bounds_in("Age 65+ years")
    ((None, 10.0), (10.0, None), (65.0, None))
    >>> bounds_in("High"), bounds_in("≥ 5 and < 10")
    ((None, None), (5.0, 10.0))
    """
    found = []
    for pattern in (_ABOVE, _BELOW):
        hits = [a or b for a, b in pattern.findall(label[:LONGEST])]
        found.append(float(hits[0].replace(",", ".")) if len(hits) == 1 else None)
    return found[0], found[1]


@rule("variables.label-against-cut")
def label_against_cut(data: Data) -> Iterator[Problem]:
    """The label of a group says another bound than the cut-point that makes it."""
    for name, variable in data.protocol.variables.items():
        cuts = variable.cut
        if not cuts or len(variable.levels) != len(cuts) + 1 or sorted(cuts) != cuts:
            continue
        edges = [None, *cuts, None]
        for at, label in enumerate(variable.levels.values()):
            low, high = edges[at], edges[at + 1]
            said = bounds_in(label)
            if _fits(said[0], low) and _fits(said[1], high):
                continue
            yield problem(
                "variables.label-against-cut",
                place=Place(file="study.toml", key=f"variables.{name}.levels"),
                variable=variable.label or name,
                label=label,
                group=_group(low, high),
            )


def _fits(said: float | None, edge: float | None) -> bool:
    """Is a bound that a label says the cut-point, or the value next to it: `> 9` for 10?"""
    if said is None:
        return True
    if edge is None:
        return False
    figures = f"{edge:.10f}".rstrip("0").partition(".")[2]
    return abs(said - edge) <= 1.001 * 10.0 ** -len(figures)


def _group(low: float | None, high: float | None) -> str:
    if low is None:
        return f"below {high:g}"
    return f"{low:g} or more" if high is None else f"from {low:g} to below {high:g}"


@rule("endpoints.same-label")
def same_label(data: Data) -> Iterator[Problem]:
    """Two endpoints under one name, or one under the name of another."""
    endpoints = data.protocol.endpoints
    titles = {key: plain(rule_.label) for key, rule_ in ENDPOINTS.items()}
    seen: dict[str, str] = {}
    for key, endpoint in endpoints.items():
        label = plain(endpoint.label or titles.get(key, key))
        other = seen.get(label)
        if other is None and key in outcome_words("time_of") and label != titles.get(key):
            other = next((k for k, title in titles.items() if title == label), None)
        seen.setdefault(label, key)
        if other is not None:
            yield problem(
                "endpoints.same-label",
                place=Place(file="study.toml", key=f"endpoints.{key}.label"),
                label=endpoint.label or key,
                key=key,
                other=other,
            )


@rule("survival.late-landmark")
def late_landmark(data: Data) -> Iterator[Problem]:
    """A time at which a proportion is asked for, and nobody is under observation any more."""
    from oncohort.vocabulary.times import DAYS_PER_UNIT

    if data.cohort is None:
        return
    unit = data.protocol.study.time_unit
    for key, endpoint in data.protocol.endpoints.items():
        if f"{key}_time" not in data.cohort.frame.columns:
            continue
        rows = data.cohort.frame.select(f"{key}_time", f"{key}_event").drop_nulls()
        if rows.is_empty():
            continue
        last = max(rows[f"{key}_time"].to_list()) / DAYS_PER_UNIT[unit]
        beyond = [at for at in endpoint.landmarks if at > last > 0]
        # Where the last patients under observation all have the event, the proportion is known.
        left = rows.filter(rows[f"{key}_time"] == rows[f"{key}_time"].max())
        if not beyond or left[f"{key}_event"].all():
            continue
        yield problem(
            "survival.late-landmark",
            place=Place(file="study.toml", key=f"endpoints.{key}.landmarks"),
            label=endpoint.label or key.upper(),
            at=[f"{at:g}" for at in beyond],
            unit=unit,
            last=f"{last:.1f}",
        )
