"""The results section as sentences; every number in them is bound to its result."""

from __future__ import annotations

from typing import Any

from oncohort.displays.reading import (
    RESPONSE_ORDER,
    RESPONSE_WORDS,
    Desk,
    human,
    low_first,
    per_unit,
    up_first,
)
from oncohort.displays.spans import Piece, Span, Spans, count_noun, listed, say, sentences
from oncohort.displays.tables.describing import safety_high, safety_terms
from oncohort.displays.tables.survival import contrast_keys, landmarks, prognosis_endpoints


def were(n: float | None) -> str:
    """ "was" for one, else "were"."""
    return "was" if n == 1 else "were"


def patients(n: float | None) -> str:
    """ "patient" for one, else "patients"."""
    return count_noun(int(n or 0), "patient")


def flow(desk: Desk) -> Spans:
    """Who was looked at, who left, who stayed."""
    if not desk.has("flow.source.count"):
        return say("{n} patients were included.", n=desk.whole())
    source = desk.number("flow.source.count")
    included = desk.number("flow.included.count")
    if source == included:
        return say(
            "All {n} {p} in the data were included.",
            n=desk.show("flow.included.count"),
            p=patients(included),
        )
    parts: list[Spans] = []
    for criterion in desk.protocol.eligibility.criteria:
        path = f"flow.{criterion.key}.excluded"
        if desk.number(path):
            parts.append(say("{n} ({w})", n=desk.show(path), w=low_first(criterion.label)))
    return sentences(
        say(
            "Of {a} {p}, {b} {w} included.",
            a=desk.show("flow.source.count"),
            p=patients(source),
            b=desk.show("flow.included.count"),
            w=were(included),
        ),
        say("Left out: {l}.", l=listed(parts)) if parts else "",
    )


def baseline(desk: Desk) -> Spans:
    """The first number and the first categories of Table I in words."""
    section = desk.protocol.baseline
    if section is None or "baseline" not in {r.section for r in desk.numbers.results}:
        return ()
    out: list[Piece] = []
    told = 0
    for key in section.variables:
        info = desk.info(key)
        if info is None or told >= 4 or not desk.has(f"baseline.{key}.missing"):
            continue
        told += 1
        path = f"baseline.{key}"
        if info.kind == "continuous":
            mean = desk.has(f"{path}.mean")
            if desk.number(f"{path}.{'mean' if mean else 'median'}") is None:
                continue
            out.append(
                say(
                    "{m} {v} was {x}.",
                    m="Mean" if mean else "Median",
                    v=low_first(info.label),
                    x=desk.median_words(path, info.unit, info.digits),
                )
            )
            continue
        levels = [v for v in info.levels if desk.number(f"{path}.count", level=v)]
        if not levels or len(info.levels) > 4:
            continue
        parts = [
            say(
                "{l} in {n}",
                l=low_first(info.levels[v]),
                n=desk.patients_words(path, level=v)
                if v == levels[0]
                else desk.count_percent_words(path, level=v),
            )
            for v in levels
        ]
        plain = {"yes", "no", "present", "absent", "positive", "negative"}
        joint = ": {p}." if {v.lower() for v in info.levels.values()} <= plain else " was {p}."
        out.append(say("{v}" + joint, v=up_first(info.label), p=listed(parts)))
    return sentences(*out)


def response(desk: Desk) -> Spans:
    """Best responses, rates with intervals, onset and duration."""
    n = desk.get("response.orr.percent")
    if n is None:
        return ()
    levels = [v for v in RESPONSE_ORDER if desk.number("response.best.count", level=v)]
    parts = [
        say(
            "{w} in {n}",
            w="no evaluable response" if v == "ne" else RESPONSE_WORDS[v],
            n=desk.count_percent_words("response.best", level=v),
        )
        for v in levels
    ]
    rule = desk.protocol.response
    out: list[Piece] = []
    if parts:
        out.append(
            say(
                "Of {n} {p}, the best response was {l}.",
                n=desk.size("response.orr.percent"),
                p=patients(n.n),
                l=listed(parts),
            )
        )
    if desk.number("response.orr.count") == 0:
        interval = desk.interval("response.orr.percent")
        out.append(
            say(
                "No patient had an objective response (95% CI {c}%).",
                c=interval,
            )
            if interval
            else "No patient had an objective response."
        )
    else:
        out.append(
            say(
                "The objective response rate was {r}.",
                r=desk.with_ci("response.orr.percent", unit="%"),
            )
        )
    if desk.has("response.dcr.percent") and rule is not None:
        out.append(
            say(
                "The {w} rate (complete or partial response, or stable disease for at least "
                "{k}\u00a0weeks) was {r}.",
                w=rule.disease_control,
                k=f"{rule.stable_disease_min_weeks:g}",
                r=desk.with_ci("response.dcr.percent", unit="%"),
            )
        )
    if desk.number("response.reduced.count") is not None:
        drawn = desk.show("response.waterfall.drawn")
        out.append(
            say(
                "Target lesions shrank in {n} of the {d} {p} in whom they were measured again.",
                n=desk.show("response.reduced.count"),
                d=drawn,
                p=patients(desk.number("response.waterfall.drawn")),
            )
        )
    if desk.number("response.onset.median") is not None:
        out.append(
            say(
                "The median time to response was {m}.",
                m=desk.median_words("response.onset", desk.unit),
            )
        )
    duration = desk.get("response.duration.median")
    if duration is not None:
        out.append(median_words(desk, "response.duration.median", "duration of response"))
    return sentences(*out)


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


def exposure(desk: Desk) -> Spans:
    """Time on treatment, reductions, dose intensity, reasons for stopping."""
    out: list[Piece] = []
    if desk.number("exposure.time_on_treatment.median") is not None:
        out.append(
            say(
                "The median time on treatment was {m}.",
                m=desk.median_words("exposure.time_on_treatment", desk.unit),
            )
        )
    for drug, plan in desk.protocol.exposure.items():
        path = f"exposure.{drug}"
        label = low_first(plan.label or human(drug))
        if desk.has(f"{path}.reduced.count"):
            n = desk.number(f"{path}.reduced.count")
            out.append(
                say("The dose of {d} was not reduced in any patient.", d=label)
                if n == 0
                else say(
                    "The dose of {d} was reduced in {n}.",
                    d=label,
                    n=desk.patients_words(f"{path}.reduced"),
                )
            )
        if desk.number(f"{path}.rdi.median") is not None:
            out.append(
                say(
                    "The median relative dose intensity of {d} was {m}% (range {a}\u2013{b}).",
                    d=label,
                    m=desk.show(f"{path}.rdi.median"),
                    a=desk.show(f"{path}.rdi.minimum"),
                    b=desk.show(f"{path}.rdi.maximum"),
                )
            )
    reasons = [
        r
        for r in desk.keys("exposure.stop.count", "reason")
        if desk.number("exposure.stop.count", reason=r)
    ]
    parts: list[Spans] = []
    for reason in reasons:
        estimate = desk.get("exposure.stop.count", reason=reason)
        assert estimate is not None
        tell = desk.count_percent_words if parts else desk.patients_words
        words = tell("exposure.stop", reason=reason)
        parts.append(say("{w} in {n}", w=low_first(estimate.label), n=words))
    if parts:
        out.append(say("The reason for stopping was {l}.", l=listed(parts)))
    going = desk.number("exposure.ongoing.count")
    if going:
        out.append(
            say(
                "{n} {p} {w} still on treatment.",
                n=desk.show("exposure.ongoing.count"),
                p=patients(going),
                w=were(going),
            )
        )
    return sentences(*out)


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
        out.append(sentences(first, _multi(desk, e)))
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
        "The multivariable model ({k} {w} {h}; {n} complete cases, {x} events)",
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


def safety(desk: Desk) -> Spans:
    """Patients with any event, the commonest terms, the upper grades, deaths."""
    rule = desk.protocol.safety
    if rule is None or not desk.has("safety.treated.count"):
        return ()
    high = safety_high(desk)
    treated = desk.number("safety.treated.count")
    some = desk.number("safety.any_event.count", grade="any")
    related = "treatment-related " if rule.count == "related" else ""
    if not some:
        return say(
            "None of the {n} treated {p} had {a}adverse event on record.",
            n=desk.show("safety.treated.count"),
            p=patients(treated),
            a=f"a {related}" if related else "an ",
        )
    out: list[Piece] = [
        say(
            "Of {n} treated {p}, {a} had at least one {r}adverse event, and {h} one of grade {g} "
            "or higher.",
            n=desk.show("safety.treated.count"),
            p=patients(treated),
            a=desk.count_percent_words("safety.any_event", grade="any"),
            r=related,
            h=desk.count_percent_words("safety.any_event", grade=high)
            if desk.number("safety.any_event.count", grade=high)
            else "none",
            g=str(rule.threshold),
        )
    ]
    ranked = sorted(
        safety_terms(desk), key=lambda k: -(desk.number(f"safety.{k}.count", grade="any") or 0)
    )
    top = [k for k in ranked[:3] if desk.number(f"safety.{k}.count", grade="any")]
    if top:
        parts = [
            say(
                "{t}, {n}",
                t=low_first(term_label(desk, k)),
                n=desk.count_percent_words(f"safety.{k}", grade="any"),
            )
            for k in top
        ]
        out.append(
            say("The commonest {w} {l}.", w="was" if len(top) == 1 else "were", l=listed(parts))
        )
    severe = [k for k in ranked if desk.number(f"safety.{k}.count", grade=high)]
    severe = sorted(severe, key=lambda k: -(desk.number(f"safety.{k}.count", grade=high) or 0))[:3]
    if severe:
        parts = [
            say(
                "{t}, {n}",
                t=low_first(term_label(desk, k)),
                n=desk.count_percent_words(f"safety.{k}", grade=high),
            )
            for k in severe
        ]
        out.append(say("At grade {g} or higher: {l}.", g=str(rule.threshold), l=listed(parts)))
    deaths = desk.number("safety.deaths.count")
    if deaths is not None:
        out.append(
            say(
                "{n} {p} died of an adverse event (grade 5).",
                n=desk.show("safety.deaths.count"),
                p=patients(deaths),
            )
            if deaths
            else say("There was no death from an adverse event (grade 5).")
        )
    return sentences(*out)


def term_label(desk: Desk, key: str) -> str:
    """The words of a term of Table III."""
    rule = desk.protocol.safety
    if rule is not None and key in rule.terms:
        return rule.terms[key]
    estimate = desk.get(f"safety.{key}.count", grade="any")
    return estimate.label.rpartition(", any grade")[0] if estimate is not None else key


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
