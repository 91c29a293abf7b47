"""Survival: medians and landmarks, in all and by group."""

from __future__ import annotations

from collections.abc import Sequence

from oncohort.analyses import survival
from oncohort.analyses.result import Curve, key_of
from oncohort.displays.figures import km
from oncohort.displays.figures.data import Panel
from oncohort.displays.figures.model import Figure
from oncohort.displays.figures.under import MOST
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.grouped_rates import in_no_group
from oncohort.displays.sections.item import FILLED, NOT, Item, filled_if
from oncohort.displays.sections.section import Part, Section, figure_of
from oncohort.displays.spans import Piece, Spans, listed, say, sentences, text_of
from oncohort.displays.tables.model import Column, Row, Table, row
from oncohort.displays.words import low_first, name_in_text, patients, up_first, were
from oncohort.protocol import Protocol
from oncohort.vocabulary.plurals import plural


def landmarks(lookup: Lookup, endpoint: str) -> list[str]:
    """Times at which the endpoint's survival is reported, as in the ids."""
    return lookup.values(("survival", endpoint, "at"), "time")


def groups_of(lookup: Lookup, endpoint: str, variable: str) -> list[str]:
    """Groups of a variable that have a curve for the endpoint, in the variable's order."""
    return [
        g
        for g in lookup.levels(variable)
        if lookup.has(f"survival.{endpoint}.n", group=g, variable=variable)
    ]


def table(lookup: Lookup) -> Table | None:
    """N, events, median with interval, and survival at the declared times, in all and by group."""
    endpoints = lookup.endpoints()
    if not endpoints:
        return None
    at = sorted({t for e in endpoints for t in landmarks(lookup, e)}, key=float)
    columns = [
        Column("Endpoint", align="left", width=2.2),
        Column("n", width=0.6),
        Column("Events", width=0.85),
        Column(f"Median, {lookup.unit} (95% CI)", width=1.8),
        *(Column(f"At {t} {lookup.unit}, % (95% CI)", width=1.6) for t in at),
    ]
    tests = any(
        lookup.has(f"survival.{e}.logrank", variable=v)
        for e in endpoints
        for v in lookup.protocol.endpoints[e].by
    )
    if tests:
        columns.append(Column(f"Log-rank {lookup.style.p_symbol}", width=0.8))

    rows: list[Row] = []
    for endpoint in endpoints:
        rows.append(_line(lookup, endpoint, at, lookup.endpoint(endpoint), [""] if tests else []))
        for variable in lookup.protocol.endpoints[endpoint].by:
            found = groups_of(lookup, endpoint, variable)
            if not found:
                continue
            p = lookup.show(f"survival.{endpoint}.logrank", variable=variable)
            blank: list[Piece] = [""] * (len(columns) - 2)
            rows.append(row(lookup.variable_unit(variable), *blank, p if tests else "", indent=1))
            for level in found:
                label = lookup.level(variable, level)
                keys = {"group": level, "variable": variable}
                blank_p: list[Piece] = [""] if tests else []
                rows.append(_line(lookup, endpoint, at, label, blank_p, indent=2, **keys))
    return Table(
        "survival", "", "Survival", tuple(columns), tuple(rows), _notes(lookup, endpoints), False
    )


def _line(
    lookup: Lookup,
    endpoint: str,
    at: Sequence[str],
    label: Piece,
    p: Sequence[Piece],
    indent: int = 0,
    **keys: str,
) -> Row:
    path = f"survival.{endpoint}"
    return row(
        label,
        lookup.show(f"{path}.n", **keys),
        lookup.show(f"{path}.events", **keys),
        lookup.value_ci(f"{path}.median", **keys),
        *(lookup.value_ci(f"{path}.at", time=t, **keys) for t in at),
        *p,
        indent=indent,
    )


def _notes(lookup: Lookup, endpoints: Sequence[str]) -> tuple[Spans, ...]:
    notes: list[Spans] = [say("Kaplan-Meier estimates.")]
    for endpoint in endpoints:
        for variable in lookup.values(("survival", endpoint, "missing"), "variable"):
            missing = f"survival.{endpoint}.missing"
            notes += in_no_group(lookup, missing, variable, lookup.endpoint(endpoint))
    texts: dict[str, None] = {}
    for endpoint in endpoints:
        for estimate in lookup.numbers.of("survival", endpoint, "median"):
            if estimate.note:
                texts.setdefault(f"{estimate.label}: {estimate.note}.")
    notes += [say("{t}", t=text) for text in list(texts)[:3]]
    notes += [
        say("{w} {y}", w=problem.what, y=problem.why)
        for problem in lookup.context.problems
        if problem.id == "survival.competing-as-censored"
    ]
    if lookup.has("survival.follow_up.median"):
        notes.append(
            say(
                "Median follow-up (reverse Kaplan-Meier){o}: {m}.",
                o=_followed(lookup),
                m=lookup.with_ci("survival.follow_up.median"),
            )
        )
    return tuple(notes)


def _followed(lookup: Lookup) -> str:
    """ " (of progression-free survival)", where follow-up is not that of overall survival."""
    estimate = lookup.get("survival.follow_up.median")
    return f" (of {low_first(estimate.heading)})" if estimate and estimate.heading else ""


def _group(lookup: Lookup, curve: Curve, endpoint: str, label: str, **keys: object) -> Panel:
    columns = curve.columns
    median = lookup.get(f"survival.{endpoint}.median", **keys)
    return {
        "label": label,
        "median": None if median is None else median.value,
        **{
            k: tuple(columns[k])
            for k in ("time", "survival", "low", "high", "at_risk", "events", "censored")
        },
    }


def _legend(lookup: Lookup, endpoint: str, label: str, **keys: object) -> str:
    """ "Poor: 9 patients, 8 events, median 5.1 (3.0–8.2)"."""
    path = f"survival.{endpoint}"
    n = lookup.show(f"{path}.n", **keys).text
    events = lookup.show(f"{path}.events", **keys).text
    words = f"{label}: {events}/{n} {plural(int(events or 0), 'event')}"
    median = lookup.get(f"{path}.median", **keys)
    if median is None:
        return words
    return f"{words}, median {lookup.style.value_ci(median)}"


def _panel(lookup: Lookup, endpoint: str, variable: str | None, letter: str) -> Panel | None:
    name = f"survival.{endpoint}.curve"
    note = ""
    groups: list[dict[str, object]] = []
    if variable is None:
        curve = lookup.numbers.curves.get(name)
        if curve is None:
            return None
        groups.append(_group(lookup, curve, endpoint, _legend(lookup, endpoint, "All patients")))
    else:
        for level in groups_of(lookup, endpoint, variable):
            keys: dict[str, object] = {"group": level, "variable": variable}
            curve = lookup.numbers.curves.get(key_of(name, **keys).id)
            if curve is not None:
                label = _legend(lookup, endpoint, lookup.level(variable, level), **keys)
                groups.append(_group(lookup, curve, endpoint, label, **keys))
        if not groups or len(groups) > MOST:
            return None  # so many curves can't be told apart: a problem says so
        p = lookup.p_phrase(f"survival.{endpoint}.logrank", variable=variable)
        note = f"log-rank {text_of(p)}" if p else ""
    origin = lookup.protocol.endpoints[endpoint].origin.replace("_", " ")
    start = "start of treatment" if origin == "treatment start" else origin
    reduced = lookup.protocol.endpoints[endpoint].reduced
    return {
        "letter": letter,
        "note": note,
        "groups": groups,
        "rows": tuple(lookup.protocol.style.under_curves),
        "unit": lookup.unit,
        "ylabel": f"{lookup.endpoint(endpoint)} (%)",
        "xlabel": up_first(lookup.unit) + ("" if reduced else f" from {start}"),
    }


def _km(
    lookup: Lookup,
    endpoints: Sequence[str],
    variable: str | None,
    name: str,
    title: str,
    main: bool,
) -> Figure | None:
    letters = "abcdefgh" if len(endpoints) > 1 else " "
    panels = [
        panel
        for letter, e in zip(letters, endpoints, strict=False)
        if (panel := _panel(lookup, e, variable, letter.strip())) is not None
    ]
    if not panels:
        return None
    width = lookup.style.two_columns_mm if len(panels) > 1 else 120.0
    each = (width - 6.0 * (len(panels) - 1)) / len(panels)
    height = max(km.panel_height(p, lookup.style.points, each) for p in panels)
    told = []
    for letter, e in zip(letters, endpoints, strict=False):
        mark = f" ({letter})" if letter.strip() else ""
        told.append(f"{low_first(lookup.endpoint(e))}{mark}")
    many = max(len(p["groups"]) for p in panels)
    caption = sentences(
        say(
            "Kaplan-Meier curves of {e}{by}.",
            e=listed(told),
            by=f" by {name_in_text(lookup.variable(variable))}" if variable else "",
        ),
        "Shaded: 95% confidence intervals (pointwise)." if many <= 3 else "",
        say(
            "Vertical marks: censored patients; grey dashes: medians, given in {u} with 95% "
            "confidence intervals.",
            u=lookup.unit,
        ),
        _differences(lookup, endpoints, variable),
    )
    alt = text_of(caption) + " " + " ".join(f"{g['label']}." for p in panels for g in p["groups"])
    data = {"panels": panels}
    return figure_of(lookup, name, "km", title, caption, alt, data, height, main=main, width=width)


def _differences(lookup: Lookup, endpoints: Sequence[str], variable: str | None) -> Spans:
    if variable is None:
        return ()
    parts = []
    for e in endpoints:
        p = lookup.p_phrase(f"survival.{e}.logrank", variable=variable)
        if p:
            parts.append(say("{e}, {p}", e=lookup.short(e), p=p))
    return say("Log-rank test: {p}.", p=listed(parts)) if parts else ()


def figures(lookup: Lookup) -> list[Figure]:
    """Figure 2, and one figure for each variable whose groups were asked for."""
    endpoints = [e for e in lookup.endpoints() if f"survival.{e}.curve" in lookup.numbers.curves]
    out: list[Figure | None] = []
    for i in range(0, len(endpoints), 2):
        part = endpoints[i : i + 2]
        title = up_first(" and ".join(low_first(lookup.endpoint(e)) for e in part))
        name = "survival" if i == 0 else f"survival_{part[0]}"
        out.append(_km(lookup, part, None, name, title, True))
    variables = dict.fromkeys(v for e in endpoints for v in lookup.protocol.endpoints[e].by)
    for variable in variables:
        have = [e for e in endpoints if groups_of(lookup, e, variable)]
        for i in range(0, len(have), 2):
            part = have[i : i + 2]
            name = f"survival_by_{variable}" + (f"_{i // 2 + 1}" if i else "")
            title = f"Survival by {name_in_text(lookup.variable(variable))}"
            out.append(_km(lookup, part, variable, name, title, False))
    return [f for f in out if f is not None]


def texts(lookup: Lookup) -> list[Spans]:
    """Follow-up and, one paragraph per endpoint, medians, landmarks and groups."""
    out: list[Spans] = []
    if lookup.has("survival.follow_up.median"):
        out.append(
            lookup.median_sentence("survival.follow_up.median", f"follow-up{_followed(lookup)}")
        )
    for endpoint in lookup.endpoints():
        path = f"survival.{endpoint}"
        events, n = lookup.number(f"{path}.events"), lookup.number(f"{path}.n")
        name = low_first(lookup.endpoint(endpoint))
        short = lookup.short(endpoint)
        parts: list[Piece] = [
            say(
                "For {e}, {x} {v} {w} seen in {n} {p}.",
                e=short if short.lower() != name else name,
                x=lookup.show(f"{path}.events") if events else "no",
                v=plural(int(events or 0), "event"),
                w=were(events),
                n=lookup.show(f"{path}.n"),
                p=patients(n),
            ),
            lookup.median_sentence(f"{path}.median", short if short.lower() != name else name),
        ]
        at = [
            t
            for t in landmarks(lookup, endpoint)
            if lookup.number(f"{path}.at", time=t) is not None
        ]
        if at:
            shown = [
                say(
                    "{r} at {t}{u}",
                    r=lookup.with_ci(f"{path}.at", time=t),
                    t=t,
                    u="" if k else f"\u00a0{lookup.unit}",
                )
                for k, t in enumerate(at)
            ]
            whole = up_first(short if short.lower() != name else name)
            parts.append(say("{s} was {l}.", s=whole, l=listed(shown)))
        for variable in lookup.protocol.endpoints[endpoint].by:
            parts.append(_groups(lookup, endpoint, variable))
        out.append(sentences(*parts))
    return out


def _groups(lookup: Lookup, endpoint: str, variable: str) -> Spans:
    path = f"survival.{endpoint}"
    levels = [
        v
        for v in lookup.levels(variable)
        if lookup.has(f"{path}.median", group=v, variable=variable)
    ]
    p = lookup.p_phrase(f"{path}.logrank", variable=variable)
    if len(levels) < 2 or lookup.number(f"{path}.logrank", variable=variable) is None:
        return ()
    info = lookup.info(variable)
    unit = info.unit if info is not None else ""
    parts: list[Spans] = []
    for level in levels:
        keys: dict[str, object] = {"group": level, "variable": variable}
        estimate = lookup.get(f"{path}.median", **keys)
        assert estimate is not None
        label = lookup.level(variable, level)
        label = name_in_text(label) + (f"\u00a0{unit}" if unit and unit not in label else "")
        value: Piece = say("{m}\u00a0{u}", m=lookup.show(f"{path}.median", **keys), u=lookup.unit)
        if estimate.value is None:
            value = lookup.style.in_words(estimate)
        test = say("; log-rank {p}", p=p) if level == levels[-1] else ""
        parts.append(say("{v} ({l}{t})", v=value, l=label, t=test))
    short = lookup.short(endpoint)
    name = low_first(lookup.endpoint(endpoint))
    return say(
        "The median {e} by {v} was {l}.",
        e=short if short.lower() != name else name,
        v=name_in_text(lookup.variable(variable)),
        l=listed(parts),
    )


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Each endpoint, and its groups; and the follow-up."""
    plain = {k: e for k, e in protocol.endpoints.items() if not e.has_competing}
    out = [
        part
        for key, endpoint in plain.items()
        for part in (("survival", key), *(("survival", key, "by", v) for v in endpoint.by))
    ]
    return (*out, ("survival", "follow_up")) if plain else ()


def grouping(lookup: Lookup) -> list[str]:
    """Labels of the variables by which survival is split."""
    found = (v for e in lookup.endpoints() for v in lookup.protocol.endpoints[e].by)
    return [lookup.variable(v) for v in dict.fromkeys(found)]


def _subgroups(lookup: Lookup) -> str:
    names = grouping(lookup)
    arms = lookup.protocol.arms
    if arms is not None and arms.subgroups and lookup.numbers.section("arms") is not None:
        return f"{FILLED}: Comparison of arms (subgroups and interactions)"
    if not names:
        return f"{NOT}: no group was declared"
    return f"{FILLED}: Survival (groups of {', '.join(names)})"


def _at_times(lookup: Lookup) -> str:
    told = any(landmarks(lookup, e) for e in lookup.endpoints())
    return filled_if(told, "Survival", "survival at stated times: landmarks of an endpoint")


SECTION = Section(
    key="survival",
    title="Survival",
    methods="Survival",
    declared=declared,
    analyse=lambda request: survival.analyse(request.protocol, request.cohort, request.blocked),
    tables=(table,),
    figures=(figures,),
    sentences=texts,
    analyses=(
        Analysis(
            "Survival",
            key="endpoints.*.landmarks",
            ids=("survival.*.median", "survival.*.at", "survival.follow_up.median"),
            guard=("survival.inverted-event", "endpoints.no-scans"),
            r="survival::survfit",
            page="endpoints.md",
            table=table,
            figure=figures,
            stats=("kaplan_meier", "follow_up"),
        ),
        Analysis(
            "Survival by group",
            key="endpoints.*.by",
            ids=("survival.*.median", "survival.*.logrank", "survival.*.missing"),
            guard=("endpoints.immortal-time", "variables.no-group"),
            r="survival::survdiff",
            page="endpoints.md",
            table=table,
            figure=figures,
            stats=("kaplan_meier", "logrank"),
        ),
    ),
    items=(
        Item("12b", "Subgroups and interactions", _subgroups),
        Item(
            "12d",
            "Loss to follow-up",
            lambda lookup: filled_if(lookup.endpoints(), "Survival", "follow-up"),
        ),
        Item(
            "14c",
            "Length of follow-up",
            lambda lookup: filled_if(
                lookup.has("survival.follow_up.median"), "Survival", "length of follow-up"
            ),
        ),
        Item(
            "15",
            "Numbers of events over time",
            lambda lookup: filled_if(lookup.endpoints(), "Survival", "events"),
        ),
        Item("16c", "Absolute risks", _at_times),
    ),
)
