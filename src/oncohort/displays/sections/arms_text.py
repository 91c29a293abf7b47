"""Sentences on arms: ratios, tests, pairs, interactions."""

from __future__ import annotations

from collections.abc import Sequence

from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.arms_compared import (
    arm_label,
    arms_of,
    compared_endpoints,
    has_competing,
    subgroup_in_text,
    subgroups_of,
)
from oncohort.displays.spans import Piece, Spans, joined, listed, say, sentences
from oncohort.displays.words import name_in_text, up_first
from oncohort.protocol.arms import subgroup_key
from oncohort.protocol.number_style import SIGNIFICANT


def texts(lookup: Lookup) -> list[Spans]:
    """One paragraph for each endpoint: ratios, tests, pairs, interactions."""
    return [_text(lookup, e) for e in compared_endpoints(lookup)]


def _text(lookup: Lookup, e: str) -> Spans:
    parts: list[Piece] = [main_comparison(lookup, e)]
    stratified = lookup.p_phrase(f"arms.{e}.logrank", model="stratified")
    if stratified:
        parts.append(_stratified(lookup, e, arms_of(lookup, e)[1], stratified))
    parts += [_pair_text(lookup, e), _interactions(lookup, e)]
    return sentences(*parts)


def main_comparison(lookup: Lookup, e: str) -> Spans:
    """The arms compared as they are, in one sentence; empty where they were not."""
    test = lookup.p_phrase(f"arms.{e}.logrank", model="unstratified")
    if not test:
        return ()
    reference, others = arms_of(lookup, e)
    if len(others) == 1:
        return _two_arms(lookup, e, others[0], reference, test)
    return _many_arms(lookup, e, others, reference, test)


def _differs(lookup: Lookup, e: str) -> bool:
    p = lookup.number(f"arms.{e}.logrank", model="unstratified")
    return p is not None and p < SIGNIFICANT


def _two_arms(lookup: Lookup, e: str, arm: str, reference: str, test: Spans) -> Spans:
    """ "OS was longer with new drug than with standard (HR 0.49, 95% CI ...; log-rank p ...)."""
    a, r = (name_in_text(arm_label(lookup, x)) for x in (arm, reference))
    estimate = lookup.get(f"arms.{e}.hr", arm=arm, model="unstratified")
    ratio = estimate.value if estimate is not None else None
    competing = has_competing(lookup, e)
    verb = f"did not differ significantly between {a} and {r}"
    if _differs(lookup, e) and ratio is not None:
        side = ("more", "less") if competing else ("shorter", "longer")
        word = side[0] if ratio > 1 else side[1]
        verb = f"was {word} {'frequent ' if competing else ''}with {a} than with {r}"
    return say(
        "{e} {v} ({h}; log-rank {t}).",
        e=up_first(lookup.short(e)),
        v=verb,
        h=_ratio(lookup, e, arm, "unstratified", competing),
        t=test,
    )


def _many_arms(lookup: Lookup, e: str, others: Sequence[str], reference: str, test: Spans) -> Spans:
    told = [
        say(
            "{a} ({h})",
            a=name_in_text(arm_label(lookup, x)),
            h=_ratio(lookup, e, x, "unstratified", has_competing(lookup, e)),
        )
        for x in others
    ]
    return say(
        "{e} {v} between the arms (log-rank {t}); compared with {r}: {l}.",
        e=up_first(lookup.short(e)),
        v="differed" if _differs(lookup, e) else "did not differ significantly",
        t=test,
        r=name_in_text(arm_label(lookup, reference)),
        l=listed(told),
    )


def _stratified(lookup: Lookup, e: str, others: Sequence[str], test: Spans) -> Spans:
    arms = lookup.protocol.arms
    strata = [name_in_text(lookup.variable(v)) for v in (arms.strata if arms is not None else [])]
    competing = has_competing(lookup, e)
    told = [
        say(
            "{h}{a}",
            h=_ratio(lookup, e, x, "stratified", competing),
            a=f" for {name_in_text(arm_label(lookup, x))}" if len(others) > 1 else "",
        )
        for x in others
    ]
    return say(
        "Stratification by {s} gave {l} (stratified log-rank {t}).",
        s=listed(strata),
        l=joined(told),
        t=test,
    )


def _ratio(lookup: Lookup, e: str, arm: str, model: str, competing: bool) -> Spans:
    """ "HR 0.49, 95% CI 0.32-0.73"; what kind of ratio it is where other events compete."""
    path = f"arms.{e}.hr"
    estimate = lookup.get(path, arm=arm, model=model)
    name = "cause-specific HR" if competing else "HR"
    if estimate is None or estimate.value is None:
        return say("{k} not estimable", k=name)
    return say(
        "{k} {v}{c}",
        k=name,
        v=lookup.bound(estimate),
        c=lookup.level_ci(path, ", {c}", arm=arm, model=model),
    )


def _pair_text(lookup: Lookup, e: str) -> Spans:
    found = lookup.numbers.of("arms", e, "pair_p_adjusted")
    if not found:
        return ()
    clear = [p for p in found if p.value is not None and p.value < SIGNIFICANT]
    if not clear:
        return say("No two arms differed after adjustment for the number of comparisons.")
    told = [
        say(
            "{a} and {b} (adjusted {p})",
            a=name_in_text(arm_label(lookup, p.key["arm"])),
            b=name_in_text(arm_label(lookup, p.key["against"])),
            p=lookup.p_phrase(
                f"arms.{e}.pair_p_adjusted", arm=p.key["arm"], against=p.key["against"]
            ),
        )
        for p in clear
    ]
    return say("Of every two arms compared, {l} differed.", l=listed(told))


def _interactions(lookup: Lookup, e: str) -> Spans:
    tests = []
    for one in subgroups_of(lookup, e):
        path = f"arms.{e}.subgroup.{subgroup_key(one)}.interaction_p"
        estimate = lookup.get(path)
        assert estimate is not None
        tests.append((subgroup_in_text(lookup, one), path, estimate))
    if not tests:
        return ()
    clear = [t for t in tests if t[2].value is not None and t[2].value < SIGNIFICANT]
    known = [t for t in tests if t[2].value is not None]
    if not known:
        return say("Whether the effect differed between subgroups could not be tested.")
    if not clear:
        name, path, _ = min(known, key=lambda t: t[2].value or 0.0)
        return say(
            "There was no sign that the effect differed between subgroups (smallest of {k} "
            "interaction p-values: {p}, for {v}); such tests have little power.",
            k=str(len(known)),
            p=lookup.p_phrase(path),
            v=name,
        )
    told = [
        say("{v} (interaction {p})", v=name, p=lookup.p_phrase(path)) for name, path, _ in clear
    ]
    return say(
        "The effect differed by {l}, of {k} subgroup variables tested, without adjustment for "
        "their number.",
        l=listed(told),
        k=str(len(tests)),
    )
