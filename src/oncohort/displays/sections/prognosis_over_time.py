"""What Table II says of hazards over time: are they proportional, and what where they are not."""

from __future__ import annotations

from collections.abc import Mapping

from oncohort.analyses.changing_effects import interval_words
from oncohort.analyses.whole_model import NOT_PROPORTIONAL
from oncohort.displays.lookup import Lookup
from oncohort.displays.spans import Piece, Spans, listed, say, sentences, spans
from oncohort.displays.tables.model import Column, Row, Table, group, row
from oncohort.displays.words import name_in_text, per_step


def proportional(lookup: Lookup, e: str) -> Spans:
    """Whether hazards are proportional: by each term as well as by the global test."""
    path = f"prognosis.{e}.ph"
    tests = lookup.numbers.of("prognosis", e, "ph", model="multi")
    known = [t for t in tests if t.value is not None]
    if not tests:
        return ()
    if not known:
        return say("Whether hazards were proportional could not be tested.")
    terms = [t for t in known if t.key.get("variable")]
    clear = [t for t in terms if t.value is not None and t.value < NOT_PROPORTIONAL]
    whole = lookup.get(path, model="multi")
    known_whole = whole is not None and whole.value is not None
    test = lookup.p_phrase(path, model="multi")
    overall = say("global test, {p}", p=test) if known_whole else ()
    if clear:
        told = [
            say(
                "{v} ({p})",
                v=name_in_text(lookup.variable(t.key["variable"])),
                p=lookup.p_phrase(path, model="multi", variable=t.key["variable"]),
            )
            for t in clear
        ]
        return say(
            "The hazards may not be proportional for {l}{g}; {h} an average over the follow-up.",
            l=listed(told),
            g=say(" ({o})", o=overall) if overall else "",
            h="its hazard ratio is" if len(clear) == 1 else "their hazard ratios are",
        )
    if whole is not None and whole.value is not None and whole.value < NOT_PROPORTIONAL:
        return say("The hazards may not be proportional ({o}).", o=overall)
    pieces: list[Piece] = [overall] if overall else []
    if terms:
        least = min(terms, key=lambda t: t.value or 0.0)
        name = least.key["variable"]
        pieces.append(
            say(
                "smallest of the terms, {p} for {v}",
                p=lookup.p_phrase(path, model="multi", variable=name),
                v=name_in_text(lookup.variable(name)),
            )
        )
    joined: list[Piece] = []
    for k, piece in enumerate(pieces):
        joined += ["; ", piece] if k else [piece]
    return say(
        "There was no sign of non-proportional hazards ({o}).",
        o=tuple(s for piece in joined for s in spans(piece)),
    )


def changes(lookup: Lookup, e: str) -> Spans:
    """What the model with effects that may change at stated times says."""
    out: list[Piece] = []
    rule = lookup.protocol.prognosis
    times = rule.time_split if rule is not None else {}
    for test in lookup.numbers.of("prognosis", e, "constant_p"):
        name = test.key["variable"]
        label = name_in_text(lookup.variable(name))
        if test.value is None:
            out.append(say("Whether the effect of {v} changed could not be tested.", v=label))
            continue
        out.append(
            say(
                "The effect of {v} {w} at {t}\u00a0{u} ({p}).",
                v=label,
                w="changed" if test.value < NOT_PROPORTIONAL else "did not change significantly",
                t=listed(f"{t:g}" for t in times.get(name, ())),
                u=lookup.unit,
                p=lookup.p_phrase(f"prognosis.{e}.constant_p", variable=name),
            )
        )
    return sentences(*out)


def table(lookup: Lookup) -> Table | None:
    """Hazard ratios in the intervals of follow-up at whose ends they may change."""
    rule = lookup.protocol.prognosis
    rows: list[Row] = []
    have = lookup.numbers.subjects("prognosis")
    endpoints = [
        e
        for e in lookup.protocol.endpoints
        if e in have and lookup.numbers.of("prognosis", e, "constant_p")
    ]
    for e in endpoints:
        if len(endpoints) > 1:
            rows.append(group(lookup.endpoint(e)))
        found = lookup.numbers.of("prognosis", e, "hr", model="changing")
        for name in dict.fromkeys(t.key["variable"] for t in found):
            here = [t for t in found if t.key["variable"] == name]
            path = f"prognosis.{e}"
            constant = lookup.has(f"{path}.constant_p", variable=name)
            test = lookup.show(f"{path}.constant_p", variable=name) if constant else ""
            rows.append(row(lookup.variable_unit(name), "", "", test))
            for ratio in here:
                keys = dict(ratio.key.levels)
                rows.append(
                    row(
                        _interval_label(lookup, name, keys),
                        lookup.value_ci(f"{path}.hr", **keys),
                        lookup.show(f"{path}.p", **keys),
                        "",
                        indent=1,
                    )
                )
    if not rows or rule is None:
        return None
    p = lookup.style.p_symbol
    columns = (
        Column("Variable", align="left", width=3.2),
        Column("HR (95% CI)", width=1.6),
        Column(p, width=0.8),
        Column(f"{p} of a constant effect", width=1.2),
    )
    note = say(
        "The multivariable model with hazard ratios that may change at stated times. A constant "
        "effect is tested by the likelihood ratio."
    )
    title = "Effects that may change during follow-up"
    return Table("changing_effects", "", title, columns, tuple(rows), (note,), False)


def _interval_label(lookup: Lookup, name: str, keys: Mapping[str, str]) -> str:
    """ "High vs. low, after 3 up to 6 months"; "per year", for an effect that is constant."""
    rule = lookup.protocol.prognosis
    info = lookup.info(name)
    words = []
    if info is not None and info.levels:
        level = keys.get("level") or next(v for v in info.levels if v != info.reference)
        words.append(f"{info.levels[level]} vs. {info.levels.get(info.reference or '', '')}")
    else:
        words.append(per_step(info))
    if rule is not None and "interval" in keys:
        cuts = rule.time_split[name]
        words.append(interval_words(cuts, int(keys["interval"]) - 1, lookup.unit))
    return ", ".join(words)
