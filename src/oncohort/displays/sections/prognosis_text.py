"""Sentences on prognostic factors: what was associated with an endpoint, alone and together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oncohort.analyses.result import Estimate
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections import effects
from oncohort.displays.sections import prognosis_imputed as imputed
from oncohort.displays.sections import prognosis_over_time as over_time
from oncohort.displays.sections.table_of_models import (
    NAMED,
    contrast_keys,
    prognosis_endpoints,
)
from oncohort.displays.spans import Spans, joined, listed, say, sentences, spans
from oncohort.displays.words import name_in_text, per_step, were
from oncohort.protocol.number_style import SIGNIFICANT
from oncohort.vocabulary.plurals import plural


def texts(lookup: Lookup) -> list[Spans]:
    """Which candidates went with the endpoint alone, and what the multivariable model says."""
    rule = lookup.protocol.prognosis
    if rule is None:
        return []
    out: list[Spans] = []
    for e in prognosis_endpoints(lookup):
        if not _estimated(lookup, e):
            name = lookup.short(e)
            out.append(say("For {e}, no hazard ratio could be estimated.", e=name))
            continue
        short = lookup.short(e)
        unknown = [
            lookup.variable(v)
            for v in rule.candidates
            if lookup.has(f"prognosis.{e}.n", model="uni", variable=v)
            and not _estimated(lookup, e, model="uni", variable=v)
        ]
        first = associations(lookup, e, "uni", rule.candidates, ratios=False)
        told = (
            say("In univariable analysis, {l}.", l=joined(first))
            if first
            else say("In univariable analysis, no factor was associated with {e}.", e=short)
        )
        open_ = (
            [say("No ratio could be estimated for {l}.", l=_first([spans(u) for u in unknown]))]
            if unknown
            else []
        )
        bends = effects.texts(lookup, e)
        out.append(sentences(told, *open_, _multi(lookup, e), *bends))
    return out


def _estimated(lookup: Lookup, e: str, **levels: str) -> bool:
    """Is there a hazard ratio of the endpoint that could be estimated?"""
    ratios = lookup.numbers.of("prognosis", e, "hr", **levels)
    return any(x.value is not None for x in ratios)


def _contrasts(lookup: Lookup, e: str, model: str, variable: str) -> list[dict[str, str]]:
    info = lookup.info(variable)
    levels: list[str | None] = [None]
    if info is not None and info.levels:
        levels = [v for v in info.levels if v != info.reference]
    out = []
    for level in levels:
        keys = contrast_keys(lookup, variable, level)
        if lookup.has(f"prognosis.{e}.hr", model=model, **keys) and keys not in out:
            out.append(keys)
    return out


def _against(lookup: Lookup, variable: str, keys: Mapping[str, str]) -> tuple[str, str]:
    """What is associated, and what the ratio compares where the name does not say it.

    "C-reactive protein ≥ 0.8 mg/dL" says it by itself; "IMDC risk" needs "poor vs. others".
    """
    info = lookup.info(variable)
    name = name_in_text(lookup.variable(variable))
    if info is None or not info.levels:
        return name, per_step(info)
    level = keys.get("level") or next(v for v in info.levels if v != info.reference)
    high, low = info.levels[level], info.levels.get(info.reference or "", "")
    unit = f"\u00a0{info.unit}" if info.unit and info.unit not in high else ""
    if len(info.levels) == 2 and high[:1] in "<>≤≥":
        return f"{name} {high}{unit}", ""
    yes = {"yes", "present", "positive"}
    no = {"no", "absent", "negative"}
    if high.strip().lower() in yes and low.strip().lower() in no:
        return name, ""
    return name, f"{name_in_text(high)} vs. {name_in_text(low)}{unit}"


def associations(
    lookup: Lookup,
    e: str,
    model: str,
    variables: Sequence[str],
    how: str = "",
    *,
    ratios: bool = True,
) -> list[Spans]:
    """Clauses: what was associated with shorter and with longer times at p < 0.05.

    An association whose interval is so wide that it says little is no finding: it is left to the
    table. Of many factors the first few are named; the table has them all.

    Parameters
    ----------
    how
        An adverb before "associated": ``independently``.
    ratios
        Hazard ratio and interval beside each factor, or its p alone.
    """
    joint: list[Spans] = []
    shorter: list[Spans] = []
    longer: list[Spans] = []
    for variable in variables:
        overall = lookup.get(f"prognosis.{e}.p_overall", model=model, variable=variable)
        if overall is not None:
            known = [
                lookup.get(f"prognosis.{e}.hr", model=model, **keys)
                for keys in _contrasts(lookup, e, model, variable)
            ]
            says = any(r is not None and _tells(r) for r in known)
            if overall.value is not None and overall.value < SIGNIFICANT and says:
                p = lookup.p_phrase(f"prognosis.{e}.p_overall", model=model, variable=variable)
                name = name_in_text(lookup.variable(variable))
                joint.append(say("{v} (joint test, {p})", v=name, p=p))
            continue
        for keys in _contrasts(lookup, e, model, variable):
            p_value = lookup.number(f"prognosis.{e}.p", model=model, **keys)
            ratio = lookup.get(f"prognosis.{e}.hr", model=model, **keys)
            if p_value is None or p_value >= SIGNIFICANT or ratio is None or not _tells(ratio):
                continue
            side = shorter if (ratio.value or 0) > 1 else longer
            side.append(_ratio(lookup, e, model, variable, keys, ratios))
    short = lookup.short(e)
    adverb = f"{how} " if how else ""
    found = ((shorter, f"shorter {short}"), (longer, f"longer {short}"), (joint, short))
    return [
        say(
            "{l} {w} {a}associated with {e}",
            l=_first(names),
            w=were(len(names)),
            a=adverb,
            e=what,
        )
        for names, what in found
        if names
    ]


WIDEST = 50.0
"""Ratio of the ends of an interval above which it says little."""


def _tells(ratio: Estimate) -> bool:
    if ratio.value is None or not ratio.low or not ratio.high:
        return False
    return ratio.high / ratio.low <= WIDEST


def _first(names: Sequence[Spans]) -> Spans:
    more = len(names) - NAMED
    if more <= 1:
        return listed(names)
    return listed([*names[:NAMED], f"{more} other factors"])


def _ratio(
    lookup: Lookup,
    e: str,
    model: str,
    variable: str,
    keys: Mapping[str, str],
    ratios: bool = True,
) -> Spans:
    """Factor, ratio, interval and p: "C-reactive protein ≥ 0.8 mg/dL (HR 2.83, ...)"."""
    path = f"prognosis.{e}"
    estimate = lookup.get(f"{path}.hr", model=model, **keys)
    assert estimate is not None
    name, contrast = _against(lookup, variable, keys)
    between = f"{contrast}; " if contrast else ""
    if not ratios:
        p = lookup.p_phrase(f"{path}.p", model=model, **keys)
        return say("{v} ({b}{p})", v=name, b=between, p=p)
    if estimate.value is None:
        return say("{v} ({b}HR not estimable)", v=name, b=between)
    return say(
        "{v} ({b}HR {h}{i}; {p})",
        v=name,
        b=between,
        h=lookup.show(f"{path}.hr", model=model, **keys),
        i=lookup.level_ci(f"{path}.hr", ", {c}", model=model, **keys),
        p=lookup.p_phrase(f"{path}.p", model=model, **keys),
    )


def _multi(lookup: Lookup, e: str) -> Spans:
    rule = lookup.protocol.prognosis
    assert rule is not None
    path = f"prognosis.{e}"
    if not lookup.has(f"{path}.n", model="multi"):
        return (
            say("No multivariable model was fitted.")
            if rule.selection == "prespecified"
            else say(
                "No multivariable model was fitted, since no factor met the bound of the screening."
            )
        )
    n = lookup.show(f"{path}.n", model="multi")
    events = lookup.show(f"{path}.events", model="multi")
    how = "entered by screening" if rule.selection == "screening" else "specified in advance"
    inside = [v for v in rule.candidates if _contrasts(lookup, e, "multi", v)]
    head = say(
        "In the multivariable model ({k} {w} {h}; {n} complete {c}, {x} {v}),",
        c=plural(lookup.number(f"{path}.n", model="multi"), "case"),
        v=plural(lookup.number(f"{path}.events", model="multi"), "event"),
        k=str(len(inside)),
        w=plural(len(inside), "variable"),
        h=how,
        n=n,
        x=events,
    )
    found = associations(lookup, e, "multi", inside, "independently")
    none = say("no variable was independently associated with {e}", e=lookup.short(e))
    body = say("{h} {l}.", h=head, l=joined(found) if found else none)
    hazards = over_time.proportional(lookup, e), over_time.changes(lookup, e)
    return sentences(body, *hazards, imputed.moved(lookup, e))
