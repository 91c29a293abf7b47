"""Sentences on arms: ratios, tests, pairs, interactions."""

from __future__ import annotations

from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.arms_compared import (
    arm_label,
    arms_of,
    compared_endpoints,
    has_competing,
    subgroup_label,
    subgroups_of,
)
from oncohort.displays.spans import Piece, Spans, listed, say, sentences
from oncohort.displays.words import low_first, name_in_text
from oncohort.protocol.arms import subgroup_key


def texts(lookup: Lookup) -> list[Spans]:
    """One paragraph for each endpoint: ratios, tests, pairs, interactions."""
    return [_text(lookup, e) for e in compared_endpoints(lookup)]


def _text(lookup: Lookup, e: str) -> Spans:
    path, short = f"arms.{e}", low_first(lookup.short(e))
    reference, others = arms_of(lookup, e)
    parts: list[Piece] = []
    for model in ("unstratified", "stratified"):
        test = lookup.p_phrase(f"{path}.logrank", model=model)
        if not test:
            continue
        told = [_ratio(lookup, e, arm, reference, model) for arm in others]
        how = "After stratification, the" if model == "stratified" else "The"
        parts.append(
            say(
                "{h} {c}hazard ratio for {e} was {l} ({m}log-rank {t}).",
                h=how,
                c="cause-specific " if has_competing(lookup, e) else "",
                e=short,
                l=listed(told),
                m="stratified " if model == "stratified" else "",
                t=test,
            )
        )
    parts += [_pair_text(lookup, e), _interactions(lookup, e)]
    return sentences(*parts)


def _ratio(lookup: Lookup, e: str, arm: str, reference: str, model: str) -> Spans:
    path = f"arms.{e}.hr"
    estimate = lookup.get(path, arm=arm, model=model)
    assert estimate is not None
    against = say(
        " for {a} against {r}",
        a=name_in_text(arm_label(lookup, arm)),
        r=name_in_text(arm_label(lookup, reference)),
    )
    if estimate.value is None:
        return say("not estimable{a}", a=against)
    return say(
        "{v} ({l} CI {c}){a}",
        v=lookup.bound(estimate),
        l=lookup.style.level(estimate.level),
        c=lookup.interval(path, arm=arm, model=model),
        a=against,
    )


def _pair_text(lookup: Lookup, e: str) -> Spans:
    found = lookup.numbers.of("arms", e, "pair_p_adjusted")
    if not found:
        return ()
    clear = [p for p in found if p.value is not None and p.value < 0.05]
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
    return say("In comparisons of every two arms, these differed: {l}.", l=listed(told))


def _interactions(lookup: Lookup, e: str) -> Spans:
    tests = []
    for one in subgroups_of(lookup, e):
        path = f"arms.{e}.subgroup.{subgroup_key(one)}.interaction_p"
        estimate = lookup.get(path)
        assert estimate is not None
        tests.append((subgroup_label(lookup, one), path, estimate))
    if not tests:
        return ()
    clear = [t for t in tests if t[2].value is not None and t[2].value < 0.05]
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
            v=name_in_text(name),
        )
    told = [
        say("{v} (interaction {p})", v=name_in_text(name), p=lookup.p_phrase(path))
        for name, path, _ in clear
    ]
    return say(
        "The effect differed by {l}, of {k} subgroup variables tested, without adjustment for "
        "their number.",
        l=listed(told),
        k=str(len(tests)),
    )
