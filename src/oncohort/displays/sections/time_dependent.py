"""Survival by something that happens later: landmark analyses and time-dependent models."""

from __future__ import annotations

from oncohort.analyses import time_dependent
from oncohort.analyses.result import key_of
from oncohort.displays.figures import km
from oncohort.displays.figures.data import Panel
from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.section import Part, Section, figure_of
from oncohort.displays.spans import Piece, Spans, listed, say, sentences, text_of
from oncohort.displays.tables.model import Column, Row, Table, group, row
from oncohort.displays.words import low_first, name_in_text, patients, up_first
from oncohort.protocol import Protocol
from oncohort.protocol.number_style import SIGNIFICANT
from oncohort.vocabulary.plurals import plural

GROUPS = {"changed": "With", "unchanged": "Without"}


def changes(lookup: Lookup) -> list[str]:
    """Keys of the comparisons that have numbers."""
    return [k for k in lookup.protocol.time_dependent if lookup.has(f"time_dependent.{k}.changed")]


def _name(lookup: Lookup, key: str) -> str:
    rule = lookup.protocol.time_dependent[key]
    return rule.label or (rule.change or rule.time or key).replace("_", " ").capitalize()


def _times(lookup: Lookup, key: str) -> list[str]:
    return lookup.values(("time_dependent", key, "logrank"), "time")


def table(lookup: Lookup) -> Table | None:
    """Each landmark with both groups, and the time-dependent hazard ratios."""
    keys = changes(lookup)
    if not keys:
        return None
    columns = (
        Column("Analysis", align="left", width=2.4),
        Column("n", ("With",), width=0.6),
        Column("Events", ("With",), width=0.75),
        Column(f"Median, {lookup.unit}", ("With",), width=1.0),
        Column("n", ("Without",), width=0.6),
        Column("Events", ("Without",), width=0.75),
        Column(f"Median, {lookup.unit}", ("Without",), width=1.0),
        Column("HR (95% CI)", width=1.5),
        Column(lookup.style.p_symbol, width=0.7),
    )
    rows: list[Row] = []
    for key in keys:
        path = f"time_dependent.{key}"
        endpoint = low_first(lookup.endpoint(lookup.protocol.time_dependent[key].endpoint))
        rows.append(group(f"{up_first(endpoint)} by {name_in_text(_name(lookup, key))}"))
        for time in _times(lookup, key):
            cells: list[Piece] = []
            for name in GROUPS:
                for what in ("n", "events", "median"):
                    cells.append(lookup.show(f"{path}.{what}", group=name, time=time))
            ratio = lookup.value_ci(f"{path}.hr", model="landmark", time=time)
            p = lookup.show(f"{path}.p", model="landmark", time=time)
            rows.append(row(f"From {time} {lookup.unit}", *cells, ratio, p, indent=1))
        for model, words in (("uni", "Time-dependent"), ("adjusted", "Time-dependent, adjusted")):
            if lookup.has(f"{path}.hr", model=model):
                blank: list[Piece] = [""] * 6
                ratio = lookup.value_ci(f"{path}.hr", model=model)
                p = lookup.show(f"{path}.p", model=model)
                rows.append(row(words, *blank, ratio, p, indent=1))
    notes = [
        say(
            "With, without: what had happened by the landmark; medians count from it. Hazard "
            "ratios compare patients with it to those without."
        )
    ]
    notes += [n for key in keys for n in _left_out(lookup, key)]
    title = "Survival by events after time zero"
    return Table("time_dependent", "", title, columns, tuple(rows), tuple(notes), False)


def _left_out(lookup: Lookup, key: str) -> list[Spans]:
    """Who was not observed any more at a landmark."""
    path = f"time_dependent.{key}.left_out"
    return [
        say(
            "{k}: of the patients left out at {t}\u00a0{u}, {e} had had the event and {c} had been "
            "censored.",
            k=_name(lookup, key),
            t=time,
            u=lookup.unit,
            e=lookup.show(path, reason="event", time=time),
            c=lookup.show(path, reason="censored", time=time),
        )
        for time in _times(lookup, key)
    ]


def _panel(lookup: Lookup, key: str, time: str, letter: str) -> dict[str, object] | None:
    path = f"time_dependent.{key}"
    groups = []
    for name, words in GROUPS.items():
        keys = {"group": name, "time": time}
        curve = lookup.numbers.curves.get(key_of(f"{path}.curve", **keys).id)
        median = lookup.get(f"{path}.median", **keys)
        if curve is None or median is None:
            continue
        events = lookup.show(f"{path}.events", **keys).text
        n = lookup.show(f"{path}.n", **keys).text
        label = f"{words} {low_first(_name(lookup, key))}: {events}/{n} "
        label += plural(int(events or 0), "event")
        if median.value is not None:
            label += f", median {lookup.style.value_ci(median)}"
        shown = ("time", "survival", "low", "high", "at_risk", "events", "censored")
        groups.append(
            {"label": label, "median": median.value} | {k: tuple(curve.columns[k]) for k in shown}
        )
    if len(groups) < 2:
        return None
    p = lookup.p_phrase(f"{path}.logrank", time=time)
    endpoint = lookup.protocol.time_dependent[key].endpoint
    return {
        "letter": letter,
        "note": f"log-rank {text_of(p)}" if p else "",
        "groups": groups,
        "rows": tuple(lookup.protocol.style.under_curves),
        "unit": lookup.unit,
        "ylabel": f"{lookup.endpoint(endpoint)} (%)",
        "xlabel": f"{up_first(lookup.unit)} from the landmark at {time} {lookup.unit}",
    }


def figures(lookup: Lookup) -> list[Figure]:
    """Kaplan-Meier curves from each landmark, by what had happened by then."""
    out: list[Figure] = []
    for key in changes(lookup):
        times = _times(lookup, key)
        for i in range(0, len(times), 2):
            part = times[i : i + 2]
            letters = "ab" if len(part) > 1 else " "
            panels = [
                found
                for letter, t in zip(letters, part, strict=False)
                if (found := _panel(lookup, key, t, letter.strip())) is not None
            ]
            if panels:
                out.append(_figure(lookup, key, panels, f"_{i // 2 + 1}" if i else ""))
    return out


def _figure(lookup: Lookup, key: str, panels: list[Panel], number: str) -> Figure:
    width = lookup.style.two_columns_mm if len(panels) > 1 else 120.0
    each = (width - 6.0 * (len(panels) - 1)) / len(panels)
    height = max(km.panel_height(p, lookup.style.points, each) for p in panels)
    title = f"Landmark analysis by {name_in_text(_name(lookup, key))}"
    caption = say(
        "Kaplan-Meier curves of patients still under observation at the landmark, grouped by what "
        "had happened by then. Shaded: 95% confidence intervals (pointwise). Vertical marks: "
        "censored patients; grey dashes: medians."
    )
    alt = f"{title}. " + " ".join(f"{g['label']}." for p in panels for g in p["groups"])
    name = f"landmark_{key}{number}"
    return figure_of(
        lookup, name, "km", title, caption, alt, {"panels": panels}, height, width=width
    )


def texts(lookup: Lookup) -> list[Spans]:
    """How many changed group, and whether the endpoint went with it."""
    return [sentences(*results_of(lookup, key)) for key in changes(lookup)]


def results_of(lookup: Lookup, key: str) -> list[Piece]:
    path = f"time_dependent.{key}"
    rule = lookup.protocol.time_dependent[key]
    endpoint = lookup.short(rule.endpoint)
    what = name_in_text(_name(lookup, key))
    n = lookup.number(f"{path}.changed")
    out: list[Piece] = [
        say(
            "{w} was observed before the end of follow-up for {e} in {n} {p}.",
            w=up_first(what),
            e=endpoint,
            n=lookup.show(f"{path}.changed"),
            p=patients(n),
        )
    ]
    out.append(_found(lookup, key, what))
    return out


def _found(lookup: Lookup, key: str, what: str) -> Spans:
    """One sentence: did the endpoint go with it, from landmarks and as a time-dependent covariate?

    The hazard ratio compares patients with it to those without it.
    """
    path = f"time_dependent.{key}"
    short = lookup.short(lookup.protocol.time_dependent[key].endpoint)
    told: list[Spans] = []
    clear: list[float] = []
    asked: list[tuple[str, dict[str, str]]] = [
        (f"from the landmark at {t}\u00a0{lookup.unit}", {"model": "landmark", "time": t})
        for t in _times(lookup, key)
    ]
    asked += [("as a time-dependent covariate", {"model": "uni"})]
    asked += [("after adjustment", {"model": "adjusted"})]
    for words, keys in asked:
        ratio = lookup.get(f"{path}.hr", **keys)
        if ratio is None or ratio.value is None:
            continue
        p = lookup.number(f"{path}.p", **keys)
        if p is not None and p < SIGNIFICANT:
            clear.append(ratio.value)
        told.append(
            say(
                "{w} (HR {r}{i}; {p})",
                w=words,
                r=lookup.bound(ratio),
                i=lookup.level_ci(f"{path}.hr", ", {c}", **keys),
                p=lookup.p_phrase(f"{path}.p", **keys),
            )
        )
    if not told:
        return ()
    name = up_first(what)
    if not clear:
        told_of = listed(told, "or")
        return say("{w} was not significantly associated with {e} {l}.", w=name, e=short, l=told_of)
    if len(clear) == len(told) and len({v > 1 for v in clear}) == 1:
        side = "shorter" if clear[0] > 1 else "longer"
        return say("{w} was associated with {d} {e} {l}.", w=name, d=side, e=short, l=listed(told))
    return say(
        "The association of {w} with {e} depended on the analysis: {l}.",
        w=what,
        e=short,
        l=listed(told),
    )


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Each comparison, its adjusted model, and the naive one where it is asked for."""
    out: list[Part] = []
    for key, rule in protocol.time_dependent.items():
        out.append(("time_dependent", key))
        if rule.adjust:
            out.append(("time_dependent", key, "adjusted"))
        if "naive" in rule.methods:
            out.append(("time_dependent", key, "naive"))
    return tuple(out)


SECTION = Section(
    key="time_dependent",
    title="Events after time zero",
    methods="Events after time zero",
    declared=declared,
    analyse=lambda request: time_dependent.analyse(
        request.protocol, request.cohort, request.blocked
    ),
    tables=(table,),
    figures=(figures,),
    sentences=texts,
    analyses=(
        Analysis(
            "Landmark analysis",
            key="time_dependent.*.landmarks",
            ids=("time_dependent.*.hr", "time_dependent.*.logrank", "time_dependent.*.left_out"),
            guard=(
                "time-dependent.naive",
                "time-dependent.future-groups",
                "time-dependent.late-landmark",
            ),
            r="survival::survdiff, coxph from the landmark",
            page="analyses/time-dependent.md",
            table=table,
            figure=figures,
            stats=("landmark",),
        ),
        Analysis(
            "Time-dependent covariate",
            key="time_dependent.*.change",
            ids=("time_dependent.*.hr", "time_dependent.*.mantel_byar"),
            guard=("time-dependent.future-groups", "time-dependent.no-dates"),
            r="survival::tmerge, coxph",
            page="analyses/time-dependent.md",
            table=table,
            stats=("time_dependent_response", "split_at_change"),
        ),
    ),
)
