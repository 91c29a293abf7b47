"""Numbers that enter a model as splines: their curves, and whether they bend."""

from __future__ import annotations

from collections.abc import Sequence

from oncohort.analyses.result import key_of
from oncohort.displays.figures import effect
from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.section import figure_of
from oncohort.displays.spans import Spans, say
from oncohort.displays.words import low_first, name_in_text


def _models(lookup: Lookup, e: str, variable: str) -> list[str]:
    """Models of an endpoint in which a variable has a curve, the adjusted one first."""
    curves = lookup.numbers.curves
    return [
        m
        for m in ("multi", "uni")
        if key_of("prognosis", e, "effect", model=m, variable=variable).id in curves
    ]


def _splines(lookup: Lookup, e: str) -> list[str]:
    rule = lookup.protocol.prognosis
    return [v for v in rule.candidates if _models(lookup, e, v)] if rule is not None else []


def figures(lookup: Lookup) -> list[Figure]:
    """One figure per endpoint: the hazard ratio over the range of each spline."""
    out = []
    for e in lookup.numbers.subjects("prognosis"):
        names = _splines(lookup, e)
        if not names:
            continue
        panels = []
        for letter, variable in zip("ABCDEFGH", names, strict=False):
            [model, *_] = _models(lookup, e, variable)
            key = key_of("prognosis", e, "effect", model=model, variable=variable)
            columns = lookup.numbers.curves[key.id].columns
            info = lookup.info(variable)
            assert info is not None
            bend = lookup.get(f"prognosis.{e}.p_nonlinear", model=model, variable=variable)
            p = bend.value if bend is not None else None
            panels.append(
                {
                    "letter": letter if len(names) > 1 else "",
                    "xlabel": lookup.variable_unit(variable),
                    "ylabel": f"Hazard ratio, {lookup.short(e)}",
                    "value": columns["value"],
                    "hr": columns["hr"],
                    "low": columns["low"],
                    "high": columns["high"],
                    "knots": info.effect.knots,
                    "middle": info.effect.middle,
                    "note": "adjusted" if model == "multi" else "unadjusted",
                    "test": f"non-linearity, {lookup.style.p_phrase(p)}" if p is not None else "",
                }
            )
        words = " and ".join(name_in_text(lookup.variable(v)) for v in names)
        out.append(
            figure_of(
                lookup,
                f"effect_{e}",
                "effect",
                f"{lookup.endpoint(e)} by {words}",
                say(
                    "Hazard ratio against the median (dotted) with its {l} band, from a Cox model "
                    "with a restricted cubic spline; ticks on the axis mark the knots.",
                    l=lookup.style.level(0.95),
                ),
                f"Curves of the hazard ratio for {low_first(lookup.endpoint(e))} over {words}.",
                {"panels": panels},
                effect.height_mm(panels),
                width=lookup.style.one_column_mm if len(panels) == 1 else None,
            )
        )
    return out


def texts(lookup: Lookup, e: str) -> list[Spans]:
    """Whether the effect of each spline bends."""
    out: list[Spans] = []
    for variable in _splines(lookup, e):
        [model, *_] = _models(lookup, e, variable)
        path = f"prognosis.{e}.p_nonlinear"
        p = lookup.number(path, model=model, variable=variable)
        if p is None:
            continue
        name = name_in_text(lookup.variable(variable))
        test = lookup.p_phrase(path, model=model, variable=variable)
        out.append(
            say("The effect of {v} was not linear ({p}).", v=name, p=test)
            if p < 0.05
            else say("There was no sign that the effect of {v} bends ({p}).", v=name, p=test)
        )
    return out


def notes(lookup: Lookup, endpoints: Sequence[str]) -> list[Spans]:
    """What the ratio of a spline compares, for the foot of the table."""
    names = list(dict.fromkeys(v for e in endpoints for v in _splines(lookup, e)))
    if not names:
        return []
    words = " and ".join(lookup.variable(v) for v in names)
    return [
        say(
            "{v}: restricted cubic spline; HR of the upper against the lower quartile, {p} of the "
            "joint test.",
            v=words,
            p=lookup.style.p_symbol,
        )
    ]
