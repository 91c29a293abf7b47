"""Survival, prognostic factors and earlier studies as sentences bound to their results."""

from __future__ import annotations

from typing import Any

from oncohort.displays.prose.words import patients, were
from oncohort.displays.reading import (
    Desk,
    low_first,
    per_unit,
    up_first,
)
from oncohort.displays.spans import Piece, Span, Spans, count_noun, listed, say, sentences
from oncohort.displays.tables.survival import contrast_keys, landmarks, prognosis_endpoints


def median_words(desk: Desk, path: str, what: str, **keys: Any) -> Spans:
    """ "The median PFS was 10.6 months (95% CI ...)", or that it was not reached."""
    estimate = desk.get(path, **keys)
    if estimate is None:
        return ()
    if estimate.state == "not_reached":
        ci = desk.interval(path, **keys)
        if not ci or estimate.low is None:
            return say("The median {w} was not reached.", w=what)
        return say(
            "The median {w} was not reached (lower end of the {l} CI {c}\u00a0{u}).",
            w=what,
            l=desk.style.level(estimate.level),
            c=say("{x}", x=_span_low(desk, path, **keys)),
            u=desk.unit,
        )
    if estimate.state == "not_estimable":
        return say("The median {w} could not be estimated.", w=what)
    return say("The median {w} was {m}.", w=what, m=desk.with_ci(path, unit=desk.unit, **keys))


def _span_low(desk: Desk, path: str, **keys: Any) -> Spans:
    estimate = desk.get(path, **keys)
    assert estimate is not None and estimate.low is not None
    return (Span(desk.style.one(estimate.low, "time"), estimate.id),)


def survival(desk: Desk) -> list[Spans]:
    """Follow-up and, one paragraph per endpoint, medians, landmarks and groups."""
    out: list[Spans] = []
    if desk.has("survival.follow_up.median"):
        out.append(median_words(desk, "survival.follow_up.median", "follow-up"))
    for endpoint in desk.endpoints():
        path = f"survival.{endpoint}"
        events, n = desk.number(f"{path}.events"), desk.number(f"{path}.n")
        name = low_first(desk.endpoint(endpoint))
        short = desk.short(endpoint)
        called = f"{name} ({short})" if short.lower() != name else name
        parts: list[Piece] = [
            say(
                "For {e}, {x} {v} {w} seen in {n} {p}.",
                e=called,
                x=desk.show(f"{path}.events") if events else "no",
                v=count_noun(int(events or 0), "event"),
                w=were(events),
                n=desk.show(f"{path}.n"),
                p=patients(n),
            ),
            median_words(desk, f"{path}.median", short if short.lower() != name else name),
        ]
        at = [t for t in landmarks(desk, endpoint) if desk.number(f"{path}.at", time=t) is not None]
        if at:
            shown = [
                say(
                    "{r} at {t}{u}",
                    r=desk.with_ci(f"{path}.at", unit="%", time=t),
                    t=t,
                    u="" if k else f"\u00a0{desk.unit}",
                )
                for k, t in enumerate(at)
            ]
            whole = up_first(short if short.lower() != name else name)
            parts.append(say("{s} was {l}.", s=whole, l=listed(shown)))
        for variable in desk.protocol.endpoints[endpoint].by:
            parts.append(_groups(desk, endpoint, variable))
        out.append(sentences(*parts))
    return out


def sensitivity(desk: Desk) -> Spans:
    """How far the median moves under other censoring rules."""
    out: list[Piece] = []
    for endpoint in desk.subjects("sensitivity"):
        path = f"sensitivity.{endpoint}.median"
        found = [e for e in desk.numbers.start(f"{path}[") if e.value is not None]
        if len(found) < 2:
            continue
        least = min(found, key=lambda e: e.value or 0)
        most = max(found, key=lambda e: e.value or 0)
        same = desk.style.value(least) == desk.style.value(most)
        start = say(
            "Under {k} rules of events and censoring, the median {e} was",
            k=str(len(found)),
            e=desk.short(endpoint),
        )
        low, high = (Span(desk.style.value(e), e.id) for e in (least, most))
        out.append(
            say("{s} {a}\u00a0{u} throughout.", s=start, a=low, u=desk.unit)
            if same
            else say("{s} between {a} and {b}\u00a0{u}.", s=start, a=low, b=high, u=desk.unit)
        )
    return sentences(*out)


def _groups(desk: Desk, endpoint: str, variable: str) -> Spans:
    path = f"survival.{endpoint}"
    levels = [
        v for v in desk.levels(variable) if desk.has(f"{path}.median", group=v, variable=variable)
    ]
    p = desk.p_phrase(f"{path}.logrank", variable=variable)
    if not levels or not p:
        return ()
    parts: list[Spans] = []
    for level in levels:
        keys: dict[str, Any] = {"group": level, "variable": variable}
        estimate = desk.get(f"{path}.median", **keys)
        assert estimate is not None
        label = low_first(desk.level(variable, level))
        if estimate.value is None:
            parts.append(say("not reached for {l}", l=label))
        else:
            parts.append(
                say(
                    "{m}\u00a0{u} for {l}",
                    m=desk.show(f"{path}.median", **keys),
                    u=desk.unit,
                    l=label,
                )
            )
    return say(
        "By {v}, the median was {l} (log-rank {p}).",
        v=low_first(desk.variable(variable)),
        l=listed(parts),
        p=p,
    )


def prognosis(desk: Desk) -> list[Spans]:
    """Which candidates had p below 0.05 alone, and what the multivariable model says."""
    rule = desk.protocol.prognosis
    if rule is None:
        return []
    out: list[Spans] = []
    for e in prognosis_endpoints(desk):
        low = below(desk, e, "uni", rule.candidates)
        ratios = [x for x in desk.numbers.start(f"prognosis.{e}.hr[") if x.value is not None]
        if not ratios:
            name = desk.short(e)
            out.append(say("For {e}, no hazard ratio could be estimated.", e=name))
            continue
        short = desk.short(e)
        symbol = desk.style.p_symbol
        unknown = [
            desk.variable(v)
            for v in rule.candidates
            if desk.has(f"prognosis.{e}.n", model="uni", variable=v)
            and not any(
                x.value is not None
                for x in desk.numbers.start(f"prognosis.{e}.hr[")
                if "model=uni" in x.id and f"variable={v}]" in x.id
            )
        ]
        first = (
            say(
                "In univariable analysis of {e}, {s} was below 0.05 for {l}.",
                e=short,
                s=symbol,
                l=listed(low),
            )
            if low
            else say(
                "In univariable analysis of {e}, no candidate had {s} below 0.05.",
                e=short,
                s=symbol,
            )
        )
        open_ = [say("No ratio could be estimated for {l}.", l=listed(unknown))] if unknown else []
        out.append(sentences(first, *open_, _multi(desk, e)))
    return out


def _contrasts(desk: Desk, e: str, model: str, variable: str) -> list[dict[str, Any]]:
    info = desk.info(variable)
    levels: list[str | None] = [None]
    if info is not None and info.levels:
        levels = [v for v in info.levels if v != info.reference]
    out = []
    for level in levels:
        keys = contrast_keys(desk, variable, level)
        if desk.has(f"prognosis.{e}.hr", model=model, **keys) and keys not in out:
            out.append(keys)
    return out


def _against(desk: Desk, variable: str, keys: dict[str, Any]) -> str:
    info = desk.info(variable)
    name = low_first(desk.variable(variable))
    if info is None or not info.levels:
        return f"{name} ({per_unit(info.unit if info is not None else '')}"
    level = keys.get("level") or next(v for v in info.levels if v != info.reference)
    reference = info.levels.get(info.reference or "", "")
    unit = f" {info.unit}" if info.unit and info.unit not in reference else ""
    return f"{name} ({low_first(info.levels[level])} against {low_first(reference)}{unit}"


def below(desk: Desk, e: str, model: str, variables: list[str]) -> list[Spans]:
    out = []
    for variable in variables:
        overall = desk.get(f"prognosis.{e}.p_overall", model=model, variable=variable)
        if overall is not None:
            if overall.value is not None and overall.value < 0.05:
                p = desk.p_phrase(f"prognosis.{e}.p_overall", model=model, variable=variable)
                name = low_first(desk.variable(variable))
                out.append(say("{v} (joint test, {p})", v=name, p=p))
            continue
        for keys in _contrasts(desk, e, model, variable):
            value = desk.number(f"prognosis.{e}.p", model=model, **keys)
            if value is not None and value < 0.05:
                out.append(_ratio(desk, e, model, variable, keys))
    return out


def _ratio(desk: Desk, e: str, model: str, variable: str, keys: dict[str, Any]) -> Spans:
    path = f"prognosis.{e}"
    estimate = desk.get(f"{path}.hr", model=model, **keys)
    assert estimate is not None
    if estimate.value is None:
        return say("{v}; hazard ratio not estimable)", v=_against(desk, variable, keys))
    return say(
        "{v}; hazard ratio {h}, {l} CI {c}, {p})",
        v=_against(desk, variable, keys),
        h=desk.show(f"{path}.hr", model=model, **keys),
        l=desk.style.level(estimate.level),
        c=desk.interval(f"{path}.hr", model=model, **keys),
        p=desk.p_phrase(f"{path}.p", model=model, **keys),
    )


def _multi(desk: Desk, e: str) -> Spans:
    rule = desk.protocol.prognosis
    assert rule is not None
    path = f"prognosis.{e}"
    if not desk.has(f"{path}.n", model="multi"):
        return (
            say("No multivariable model was fitted.")
            if rule.selection == "prespecified"
            else say("So no multivariable model was fitted.")
        )
    n = desk.show(f"{path}.n", model="multi")
    events = desk.show(f"{path}.events", model="multi")
    how = "entered by screening" if rule.selection == "screening" else "specified in advance"
    inside = [v for v in rule.candidates if _contrasts(desk, e, "multi", v)]
    head = say(
        "The multivariable model ({k} {w} {h}; {n} complete {c}, {x} {v})",
        c=count_noun(int(desk.number(f"{path}.n", model="multi") or 0), "case"),
        v=count_noun(int(desk.number(f"{path}.events", model="multi") or 0), "event"),
        k=str(len(inside)),
        w=count_noun(len(inside), "variable"),
        h=how,
        n=n,
        x=events,
    )
    found = [
        _ratio(desk, e, "multi", v, k)
        for v in inside
        for k in _contrasts(desk, e, "multi", v)
        if (p := desk.number(f"{path}.p", model="multi", **k)) is not None and p < 0.05
    ]
    body = (
        say("{h} kept {s} below 0.05 for {l}.", h=head, s=desk.style.p_symbol, l=listed(found))
        if found
        else say("{h} had no variable with {s} below 0.05.", h=head, s=desk.style.p_symbol)
    )
    ph = desk.number(f"{path}.ph", model="multi")
    if ph is None:
        return body
    test = desk.p_phrase(f"{path}.ph", model="multi")
    return sentences(
        body,
        say("The hazards may not be proportional (global test, {p}).", p=test)
        if ph < 0.05
        else say("There was no sign of non-proportional hazards (global test, {p}).", p=test),
    )


def historical(desk: Desk) -> Spans:
    """The comparison with earlier studies, and what it can't say."""
    from oncohort.displays.tables.survival import FIGURES, historical_figures

    out: list[Piece] = []
    names = {"orr": "objective response rate", "pfs": "median PFS", "os": "median OS"}
    for figure in historical_figures(desk):
        own = desk.get(FIGURES[figure][1])
        unit = "%" if figure == "orr" else desk.unit
        parts = []
        for key, study in desk.protocol.historical.items():
            if desk.has(f"historical.{figure}.value", study=key):
                value = desk.with_ci(f"historical.{figure}.value", unit=unit, study=key)
                against = desk.p_phrase(f"historical.{figure}.p", study=key)
                more = say("; {p} against this fixed value", p=against) if against else ()
                parts.append(say("{v} in {s}{m}", v=value, s=study.label, m=more))
        if own is None or not parts:
            continue
        mine: Piece = (
            "not reached" if own.state == "not_reached" else desk.with_ci(own.id, unit=unit)
        )
        out.append(say("The {n} was {m} here, and {l}.", n=names[figure], m=mine, l=listed(parts)))
    if out:
        out.append(
            "These studies differ in patients, period, line of therapy and methods, so the figures "
            "stand side by side and do not show that one treatment is better."
        )
    return sentences(*out)
