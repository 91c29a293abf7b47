"""Sentences on competing events: which came first, when, by group and by model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.incidence_causes import (
    HAZARDS,
    causes_of,
    endpoints_of,
    groups_of,
    times_of,
)
from oncohort.displays.sections.table_of_models import NAMED
from oncohort.displays.spans import Piece, Spans, listed, say, sentences, spans
from oncohort.displays.words import (
    low_first,
    name_in_text,
    patients,
    per_step,
)
from oncohort.protocol.number_style import SIGNIFICANT


def texts(lookup: Lookup) -> list[Spans]:
    """How often each event came first, its incidence at the declared times, groups, models."""
    out: list[Spans] = []
    for endpoint in endpoints_of(lookup):
        parts: list[Piece] = [_first(lookup, endpoint), *_incidences(lookup, endpoint)]
        parts += [_grouped(lookup, endpoint, v) for v in lookup.protocol.endpoints[endpoint].by]
        parts.append(_associations(lookup, endpoint))
        out.append(sentences(*parts))
    return out


def _first(lookup: Lookup, endpoint: str) -> Spans:
    path = f"incidence.{endpoint}"
    counted = [
        say("{n} had {w}", n=lookup.show(f"{path}.events", cause=cause), w=low_first(words))
        for cause, words in causes_of(lookup, endpoint).items()
    ]
    n = lookup.number(f"{path}.n")
    return say(
        "Of {n} {p}, {l} as the first event.",
        n=lookup.show(f"{path}.n"),
        p=patients(n),
        l=listed(counted),
    )


def _incidences(lookup: Lookup, endpoint: str) -> list[Spans]:
    out = []
    for cause, words in causes_of(lookup, endpoint).items():
        shown = [
            say(
                "{r} at {t}\u00a0{u}",
                r=lookup.with_ci(f"incidence.{endpoint}.at", cause=cause, time=t),
                t=t,
                u=lookup.unit,
            )
            for t in times_of(lookup, endpoint)
            if lookup.number(f"incidence.{endpoint}.at", cause=cause, time=t) is not None
        ]
        if shown:
            name = low_first(words)
            out.append(say("The cumulative incidence of {w} was {l}.", w=name, l=listed(shown)))
    return out


def _grouped(lookup: Lookup, endpoint: str, variable: str) -> Spans:
    """ "By arm, the cumulative incidence of relapse differed (p = 0.005), that of death not"."""
    path = f"incidence.{endpoint}.gray"
    apart: list[Spans] = []
    alike: list[Spans] = []
    for cause, words in causes_of(lookup, endpoint).items():
        p = lookup.number(path, cause=cause, variable=variable)
        if p is None:
            continue
        test = lookup.p_phrase(path, cause=cause, variable=variable)
        (apart if p < SIGNIFICANT else alike).append(say("{w} ({p})", w=low_first(words), p=test))
    if not (apart or alike) or not groups_of(lookup, endpoint, variable):
        return ()
    name = name_in_text(lookup.variable(variable))
    if not apart:
        return say(
            "The cumulative incidence of {l} did not differ significantly by {v} (Gray's test).",
            l=listed(alike, "or"),
            v=name,
        )
    rest = say("; that of {l} did not", l=listed(alike, "or")) if alike else ()
    return say(
        "The cumulative incidence of {l} differed by {v} (Gray's test){r}.",
        l=listed(apart),
        v=name,
        r=rest,
    )


def _associations(lookup: Lookup, endpoint: str) -> Spans:
    """What went with the event, by both hazards."""
    path = f"incidence.{endpoint}"
    multi = lookup.has(f"{path}.model_n", cause="event", model="multi")
    model = "multi" if multi else "uni"
    found = lookup.numbers.of("incidence", endpoint, "p", cause="event", model=model)
    if not found:
        return ()
    told = []
    for keys in dict.fromkeys(_contrast(e.key.levels) for e in found):
        ps = [e for e in found if _contrast(e.key.levels) == keys]
        if not any(e.value is not None and e.value < SIGNIFICANT for e in ps):
            continue
        ratios = [
            say(
                "{k} {r}{c}",
                k="cause-specific HR" if hazard == "cause_specific" else "subdistribution HR",
                r=lookup.show(f"{path}.hr", hazard=hazard, **full),
                c=lookup.level_ci(f"{path}.hr", ", {c}", hazard=hazard, **full),
            )
            for hazard in HAZARDS
            for full in [{"cause": "event", "model": model, **dict(keys)}]
        ]
        told.append(say("{v}{a}; {b})", v=_named(lookup, dict(keys)), a=ratios[0], b=ratios[1]))
    name = low_first(causes_of(lookup, endpoint)["event"])
    how = "multivariable" if multi else "univariable"
    if not told:
        return say("In {h} analysis, no factor was associated with {e}.", h=how, e=name)
    more = len(told) - NAMED
    if more > 1:
        told = [*told[:NAMED], spans(f"{more} other factors")]
    return say("In {h} analysis, {e} was associated with {l}.", h=how, e=name, l=listed(told))


def _contrast(levels: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((k, v) for k, v in levels if k in ("variable", "level"))


def _named(lookup: Lookup, keys: Mapping[str, str]) -> str:
    """ "age (per year; ", to be closed after the ratios."""
    variable = keys["variable"]
    info = lookup.info(variable)
    name = name_in_text(lookup.variable(variable))
    if info is None or not info.levels:
        return f"{name} ({per_step(info)}; "
    level = keys.get("level") or next(v for v in info.levels if v != info.reference)
    reference = info.levels.get(info.reference or "", "")
    return f"{name} ({name_in_text(info.levels[level])} vs. {name_in_text(reference)}; "
