"""The results section as sentences; every number in them is bound to its result."""

from __future__ import annotations

from oncohort.displays.prose.timed import median_words
from oncohort.displays.prose.words import patients, were
from oncohort.displays.reading import (
    RESPONSE_ORDER,
    RESPONSE_WORDS,
    Desk,
    human,
    low_first,
    up_first,
)
from oncohort.displays.spans import Piece, Spans, listed, say, sentences
from oncohort.displays.tables.describing import safety_high, safety_terms


def flow(desk: Desk) -> Spans:
    """Who was looked at, who left, who stayed."""
    if not desk.has("flow.source.count"):
        return say("{n} patients were included.", n=desk.whole())
    source = desk.number("flow.source.count")
    included = desk.number("flow.included.count")
    if source == included:
        return say(
            "The {n} {p} in the data was included."
            if included == 1
            else "All {n} {p} in the data were included.",
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
                "The {w} rate (complete or partial response, or stable disease) was {r}."
                if rule.source == "charted"
                else "The {w} rate (complete or partial response, or stable disease for at least "
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
