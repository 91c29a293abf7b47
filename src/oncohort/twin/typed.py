"""Whether figures that a person typed mean something together: names, sides, limits, units.

A program's reading of a paper is left alone here: what it can't use, it leaves out. A person's slip
(a level spelt in two ways, limits exchanged, no unit) would silently give another cohort.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from oncohort.problems import Place, Problem, ReadError, problem
from oncohort.published.figures import COHORT, slug
from oncohort.published.model import Categorical, Published, Ratio
from oncohort.published.naming import with_own_names
from oncohort.published.rounding import number
from oncohort.published.values import read_checked
from oncohort.twin.plan import size_of
from oncohort.twin.question import names_side

ENDPOINTS = ("OS", "PFS", "TTP", "DFS", "RFS", "EFS")
"""Endpoints that patients are built with: the last one and those before it."""

RESPONSES = ("CR", "PR", "SD", "PD", "NE")

_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "ratios": {
        "kind": ("HR", "OR", "RR"),
        "model": ("", "univariable", "multivariable"),
    },
    "times": {"spread": ("", "interval", "range", "quartiles")},
    "summaries": {"spread": ("", "interval", "range", "quartiles")},
}
"""Fields that are one of a few words, by record."""

Entry = Iterator[tuple[str, str]]
"""(key, what is wrong)"""


def _near(name: str, known: Sequence[str], cutoff: float = 0.6) -> str:
    """The known name that is meant; empty if none is near."""
    small = {k.lower(): k for k in known}
    found = get_close_matches(name.lower(), list(small), n=1, cutoff=cutoff)
    return small[found[0]] if found else ""


def _meant(name: str, known: Sequence[str]) -> str:
    near = _near(name, known, 0.5)
    return f". Did you mean {near!r}?" if near else ""


def _words(published: Published) -> Entry:
    for table, own in _WORDS.items():
        for k, record in enumerate(getattr(published, table)):
            for name, known in own.items():
                value = getattr(record, name)
                if value not in known:
                    listed = ", ".join(w for w in known if w)
                    what = f"expected one of {listed}, not {value!r}{_meant(value, known)}"
                    yield f"{table}[{k}].{name}", what


def _limits(published: Published) -> Entry:
    for table in ("ratios", "times", "summaries", "landmarks", "rates"):
        for k, record in enumerate(getattr(published, table)):
            low, high = (number(v) if v else None for v in (record.low, record.high))
            if low is not None and high is not None and low.value > high.value:
                what = f"the lower end {record.low!r} is above the upper end {record.high!r}"
                yield f"{table}[{k}].low", what


def _units(published: Published) -> Entry:
    for table in ("times", "landmarks", "curves"):
        for k, record in enumerate(getattr(published, table)):
            if not record.unit:
                what = "the unit is missing: days, weeks, months or years"
                yield f"{table}[{k}].unit", what


def _again(names: Sequence[tuple[str, str]], what: str) -> Entry:
    """Names that stand twice, of (key, name)."""
    first: dict[str, str] = {}
    for key, name in names:
        if slug(name) in first:
            yield key, f"{what} {name!r} stands twice, first as {first[slug(name)]}"
        first.setdefault(slug(name), key)


def _names(published: Published) -> Entry:
    for table, name, what in (
        ("variables", "name", "the variable"),
        ("summaries", "name", "the summary of"),
        ("adverse_events", "term", "the adverse event"),
    ):
        own = [
            (f"{table}[{k}].{name}", getattr(x, name))
            for k, x in enumerate(getattr(published, table))
            if x.population in COHORT and not getattr(x, "group", 0)
        ]
        yield from _again(own, what)
    for table in ("variables", "responses"):
        for k, record in enumerate(getattr(published, table)):
            labels = [
                (f"{table}[{k}].levels[{j}].label", x.label) for j, x in enumerate(record.levels)
            ]
            yield from _again(labels, "the level")
    for k, response in enumerate(published.responses):
        for j, level in enumerate(response.levels):
            if level.label.strip().upper() not in RESPONSES:
                what = f"{level.label!r} is no best response: {', '.join(RESPONSES)}"
                yield f"responses[{k}].levels[{j}].label", what


def _any_event(published: Published) -> Entry:
    """The row of all events together is one."""
    rows = [k for k, e in enumerate(published.adverse_events) if e.any and e.population in COHORT]
    for k in rows[1:]:
        what = (
            "any = true is for the one row that counts patients with any event; "
            f"adverse_events[{rows[0]}] has it, too"
        )
        yield f"adverse_events[{k}].any", what


def _endpoints(published: Published) -> Entry:
    """Endpoints with the letters of one that is built; others (CSS) are not asked for."""
    for table in ("times", "landmarks", "ratios", "events", "curves"):
        for k, record in enumerate(getattr(published, table)):
            name = record.endpoint
            letters = "".join(sorted(name.upper()))
            near = [e for e in ENDPOINTS if "".join(sorted(e)) == letters and e != name.upper()]
            if near:
                what = f"unknown endpoint {name!r}. Did you mean {near[0]!r}?"
                yield f"{table}[{k}].endpoint", what
            elif table == "ratios" and not name and record.kind == "HR":
                yield f"{table}[{k}].endpoint", "the endpoint is missing: OS, PFS, ..."


def _sides(published: Published) -> Entry:
    """Variables of ratios that are nearly one of the tables', sides that are none of its levels."""
    named = with_own_names(published)
    variables = {slug(v.name): v for v in named.variables if v.population in COHORT}
    every = [v.name for v in published.variables] + [s.name for s in published.summaries]
    for k, (r, own) in enumerate(zip(published.ratios, named.ratios, strict=True)):
        if r.population not in COHORT:
            continue
        v = variables.get(slug(own.variable))
        near = _near(r.variable, every, 0.85)
        if v is not None:
            yield from _levels(r, own, v, f"ratios[{k}]")
        elif near and slug(near) != slug(r.variable):
            what = f"no variable has the name {r.variable!r}. Did you mean {near!r}?"
            yield f"ratios[{k}].variable", what


def _levels(r: Ratio, own: Ratio, v: Categorical, key: str) -> Entry:
    labels = [x.label for x in v.levels]
    for name in ("level", "reference"):
        if not names_side(getattr(own, name), v):
            text = getattr(r, name)
            what = f"{text!r} is no level of {v.name!r}: {', '.join(labels)}"
            yield f"{key}.{name}", what + _meant(text, labels)
    if r.level and slug(r.level) == slug(r.reference):
        yield f"{key}.reference", f"both sides of the ratio are {r.level!r}"


def meaning_problems(published: Published) -> list[Problem]:
    """A problem for every figure that can't be meant as it was typed.

    Examples
    --------
    >>> from oncohort.published.model import Time
    >>> turned = Published(times=(Time("OS", "14.2", "months", "20.3", "10.1"),))
    >>> [(p.place.key, p.what) for p in meaning_problems(turned)]
    [('times[0].low', "the lower end '20.3' is above the upper end '10.1'")]
    """
    checks = (_words, _limits, _units, _names, _any_event, _endpoints, _sides)
    return [
        problem("published.schema", place=Place(key=key), reason=what)
        for check in checks
        for key, what in check(published)
    ]


def read_typed(path: str | Path) -> Published:
    """Figures that a person typed as TOML: every one of its kind, and meant in one way.

    Raises
    ------
    oncohort.problems.ReadError
        If the file can't be read; it carries one problem per wrong key, value or meaning.
    """
    published = read_checked(path)
    wrong = meaning_problems(published)
    try:
        size_of(published)
    except ReadError as error:
        wrong += error.problems
    if wrong:
        at = [replace(p, place=Place(file=str(path), key=p.place.key)) for p in wrong]
        raise ReadError("", at)
    return published
