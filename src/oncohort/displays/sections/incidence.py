"""Competing events: cumulative incidence by kind of event, by group, and its regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oncohort.analyses import incidence
from oncohort.analyses.incidence_models import wanted_variables
from oncohort.analyses.result import key_of
from oncohort.displays.figures import incidence as drawing
from oncohort.displays.figures.model import Figure
from oncohort.displays.figures.under import MOST
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.prognosis import SIGNIFICANT, contrast_keys
from oncohort.displays.sections.section import Part, Section, figure_of
from oncohort.displays.spans import Piece, Spans, listed, say, sentences, text_of
from oncohort.displays.tables.model import Column, Row, Table, group, row
from oncohort.displays.words import (
    low_first,
    name_in_text,
    patients,
    per_step,
    up_first,
)
from oncohort.protocol import Protocol
from oncohort.vocabulary.plurals import plural

HAZARDS = ("cause_specific", "subdistribution")


def endpoints_of(lookup: Lookup) -> list[str]:
    """Endpoints with competing events that have numbers, in the protocol's order."""
    return [k for k in lookup.protocol.endpoints if lookup.has(f"incidence.{k}.n")]


def causes_of(lookup: Lookup, endpoint: str) -> Mapping[str, str]:
    """The event and its competitors, key to label."""
    return incidence.causes_of(lookup.context.endpoints[endpoint])


def _times(lookup: Lookup, endpoint: str) -> list[str]:
    return lookup.values(("incidence", endpoint, "at"), "time")


def _groups(lookup: Lookup, endpoint: str, variable: str) -> list[str]:
    return [
        g
        for g in lookup.levels(variable)
        if lookup.has(f"incidence.{endpoint}.n", group=g, variable=variable)
    ]


def table(lookup: Lookup) -> Table | None:
    """Patients, events and cumulative incidence of each kind of event, in all and by group."""
    endpoints = endpoints_of(lookup)
    if not endpoints:
        return None
    at = sorted({t for e in endpoints for t in _times(lookup, e)}, key=float)
    tests = any(_groups(lookup, e, v) for e in endpoints for v in lookup.protocol.endpoints[e].by)
    columns = [
        Column("First event", align="left", width=2.4),
        Column("n", width=0.6),
        Column("Events", width=0.8),
        *(Column(f"Incidence at {t} {lookup.unit}, % (95% CI)", width=1.6) for t in at),
        *([Column(f"Gray's test {lookup.style.p_symbol}", width=0.9)] if tests else []),
    ]
    rows: list[Row] = []
    for endpoint in endpoints:
        rows.append(group(lookup.endpoint(endpoint)))
        for cause, words in causes_of(lookup, endpoint).items():
            rows.append(_line(lookup, endpoint, cause, at, up_first(words), tests, 1))
        for variable in lookup.protocol.endpoints[endpoint].by:
            rows += _by(lookup, endpoint, variable, at, len(columns))
    return Table(
        "incidence",
        "",
        "Cumulative incidence of competing events",
        tuple(columns),
        tuple(rows),
        _notes(lookup, endpoints),
    )


def _line(
    lookup: Lookup,
    endpoint: str,
    cause: str,
    at: Sequence[str],
    label: str,
    tests: bool,
    indent: int,
    **keys: str,
) -> Row:
    path = f"incidence.{endpoint}"
    return row(
        label,
        lookup.show(f"{path}.n", **keys),
        lookup.show(f"{path}.events", cause=cause, **keys),
        *(lookup.value_ci(f"{path}.at", cause=cause, time=t, **keys) for t in at),
        *([""] if tests else []),
        indent=indent,
    )


def _by(lookup: Lookup, endpoint: str, variable: str, at: Sequence[str], columns: int) -> list[Row]:
    """The rows of one variable: its groups below each kind of event."""
    found = _groups(lookup, endpoint, variable)
    if not found:
        return []
    rows: list[Row] = []
    for cause, words in causes_of(lookup, endpoint).items():
        p = lookup.show(f"incidence.{endpoint}.gray", cause=cause, variable=variable)
        blank: list[Piece] = [""] * (columns - 2)
        label = f"{up_first(words)}, by {name_in_text(lookup.variable_unit(variable))}"
        rows.append(row(label, *blank, p, indent=1))
        for level in found:
            keys = {"group": level, "variable": variable}
            name = lookup.level(variable, level)
            rows.append(_line(lookup, endpoint, cause, at, name, True, 2, **keys))
    return rows


def _notes(lookup: Lookup, endpoints: Sequence[str]) -> tuple[Spans, ...]:
    notes = [
        say(
            "Aalen-Johansen estimates: the share of all patients in whom this event came first. "
            "CI: confidence interval; NE: not estimable."
        )
    ]
    for endpoint in endpoints:
        notes += [
            say(
                "{e}: {v} is missing in {n} of all patients, who are in no group.",
                e=lookup.endpoint(endpoint),
                v=lookup.variable(variable),
                n=lookup.show(f"incidence.{endpoint}.missing", variable=variable),
            )
            for variable in lookup.values(("incidence", endpoint, "missing"), "variable")
        ]
    return tuple(notes)


def regression(lookup: Lookup) -> Table | None:
    """Cause-specific and subdistribution hazard ratios side by side, for each kind of event."""
    endpoints = [e for e in endpoints_of(lookup) if lookup.numbers.of("incidence", e, "hr")]
    if not endpoints:
        return None
    columns = [Column("Variable", align="left", width=2.4)]
    shown = [
        (e, cause, words, hazard)
        for e in endpoints
        for cause, words in causes_of(lookup, e).items()
        for hazard in HAZARDS
        if lookup.numbers.of("incidence", e, "hr", cause=cause, hazard=hazard)
    ]
    for e, _, words, hazard in shown:
        name = up_first(words) if len(endpoints) == 1 else f"{lookup.short(e)}: {words}"
        kind = "Cause-specific" if hazard == "cause_specific" else "Subdistribution"
        columns.append(Column("HR (95% CI)", (name, kind), width=1.5))
        columns.append(Column(lookup.style.p_symbol, (name, kind), width=0.7))
    rows: list[Row] = []
    for model, heading in (("uni", "Univariable"), ("multi", "Multivariable")):
        body = _model_rows(lookup, model, shown)
        if body:
            rows += [group(heading), *body]
    notes = [
        say(
            "HR: hazard ratio; CI: confidence interval; NE: not estimable. Cause-specific: Cox "
            "regression with the other events as censored. Subdistribution: Fine-Gray regression; "
            "above 1 means a higher cumulative incidence."
        )
    ]
    for e in endpoints:
        estimate = lookup.get(f"incidence.{e}.model_n", cause="event", model="multi")
        if estimate is not None:
            told = [
                say(
                    "{x} with {w}",
                    x=lookup.show(f"incidence.{e}.model_events", cause=c, model="multi"),
                    w=low_first(w),
                )
                for c, w in causes_of(lookup, e).items()
            ]
            notes.append(
                say(
                    "Multivariable models of {e}: {n} complete cases ({t}).",
                    e=lookup.endpoint(e),
                    n=lookup.bound(estimate),
                    t=listed(told),
                )
            )
    notes += _not_screened(lookup)
    title = "Regression with competing events: cause-specific and subdistribution hazards"
    return Table("incidence_models", "", title, tuple(columns), tuple(rows), tuple(notes), False)


def _not_screened(lookup: Lookup) -> list[Spans]:
    """That screening selects no multivariable model here, where the protocol asks for it."""
    rule = lookup.protocol.prognosis
    if rule is None or rule.selection != "screening":
        return []
    words = "No multivariable model is selected by screening where there are competing events: "
    return [say(words + "name its variables in advance.")]


def _model_rows(
    lookup: Lookup, model: str, shown: Sequence[tuple[str, str, str, str]]
) -> list[Row]:
    rows: list[Row] = []
    variables = dict.fromkeys(v for e, *_ in shown for v in wanted_variables(lookup.protocol, e))

    def cells(keys: Mapping[str, str]) -> list[Piece]:
        out: list[Piece] = []
        for e, cause, _, hazard in shown:
            full = {"cause": cause, "hazard": hazard, "model": model, **keys}
            out.append(lookup.value_ci(f"incidence.{e}.hr", **full))
            out.append(lookup.show(f"incidence.{e}.p", **full))
        return out

    for variable in variables:
        if not any(
            lookup.numbers.of("incidence", e, "hr", cause=c, model=model, variable=variable)
            for e, c, *_ in shown
        ):
            continue
        info = lookup.info(variable)
        if info is None or not info.levels:
            label = f"{lookup.variable(variable)}, {per_step(info)}"
            rows.append(row(label, *cells({"variable": variable}), indent=1))
            continue
        head: list[Piece] = []
        for e, cause, _, hazard in shown:
            keys = {"cause": cause, "hazard": hazard, "model": model, "variable": variable}
            joint = lookup.get(f"incidence.{e}.p_overall", **keys)
            head += ["", lookup.bound(joint) if joint is not None else ""]
        rows.append(row(lookup.variable_unit(variable), *head, indent=1))
        for level, label in info.levels.items():
            if level == info.reference:
                reference: list[Piece] = ["1 (ref.)", ""] * len(shown)
                rows.append(row(label, *reference, indent=2))
            else:
                rows.append(row(label, *cells(contrast_keys(lookup, variable, level)), indent=2))
    return rows


def _group(lookup: Lookup, endpoint: str, cause: str, label: str, **keys: str) -> Any:
    curve = lookup.numbers.curves.get(
        key_of("incidence", endpoint, "curve", cause=cause, **keys).id
    )
    if curve is None:
        return None
    shown = ("time", "incidence", "low", "high", "at_risk", "events", "censored")
    return {"label": label, **{k: tuple(curve.columns[k]) for k in shown}}


def _legend(lookup: Lookup, endpoint: str, cause: str, label: str, **keys: str) -> str:
    """ "Poor: 9 events in 20 patients"."""
    path = f"incidence.{endpoint}"
    events = lookup.show(f"{path}.events", cause=cause, **keys).text
    n = lookup.show(f"{path}.n", **keys).text
    return f"{label}: {events}/{n} {plural(int(events or 0), 'event')}"


def _panel(
    lookup: Lookup, endpoint: str, groups: list[Any], letter: str, ylabel: str, note: str = ""
) -> dict[str, Any]:
    declared = lookup.protocol.endpoints[endpoint]
    origin = declared.origin.replace("_", " ")
    start = "start of treatment" if origin == "treatment start" else origin
    return {
        "letter": letter,
        "note": note,
        "groups": groups,
        "highest": max(v for g in groups for v in (g["incidence"][-1], *_ends(g)) if v is not None),
        "rows": tuple(lookup.protocol.style.under_curves),
        "unit": lookup.unit,
        "ylabel": ylabel,
        "xlabel": up_first(lookup.unit) + ("" if declared.reduced else f" from {start}"),
    }


def _ends(group: Mapping[str, Any]) -> list[float]:
    return [v for v in group["high"] if v is not None]


def figures(lookup: Lookup) -> list[Figure]:
    """Cumulative incidence curves of each endpoint, and of each kind of event by group."""
    out: list[Figure] = []
    for endpoint in endpoints_of(lookup):
        made = _all(lookup, endpoint)
        if made is not None:
            out.append(made)
        for variable in lookup.protocol.endpoints[endpoint].by:
            by = _by_variable(lookup, endpoint, variable)
            if by is not None:
                out.append(by)
    return out


def _all(lookup: Lookup, endpoint: str) -> Figure | None:
    groups = [
        found
        for cause, words in causes_of(lookup, endpoint).items()
        if (
            found := _group(
                lookup,
                endpoint,
                cause,
                _legend(lookup, endpoint, cause, up_first(words)),
            )
        )
    ]
    if not groups:
        return None
    panel = _panel(lookup, endpoint, groups, "", "Cumulative incidence (%)") | {"shared": True}
    title = f"Cumulative incidence: {low_first(lookup.endpoint(endpoint))}"
    return _figure(lookup, f"incidence_{endpoint}", title, [panel], (), True)


def _by_variable(lookup: Lookup, endpoint: str, variable: str) -> Figure | None:
    panels: list[dict[str, Any]] = []
    told = []
    for cause, words in causes_of(lookup, endpoint).items():
        keys = [{"group": g, "variable": variable} for g in _groups(lookup, endpoint, variable)]
        groups = [
            found
            for k in keys
            if (
                found := _group(
                    lookup,
                    endpoint,
                    cause,
                    _legend(lookup, endpoint, cause, lookup.level(variable, k["group"]), **k),
                    **k,
                )
            )
        ]
        if not groups or len(groups) > MOST:
            continue
        p = lookup.p_phrase(f"incidence.{endpoint}.gray", cause=cause, variable=variable)
        note = f"Gray's test {text_of(p)}" if p else ""
        letter = "abcdefgh"[len(panels)]
        panels.append(_panel(lookup, endpoint, groups, letter, f"{up_first(words)} (%)", note))
        told.append(say("{w}, {p}", w=low_first(words), p=p))
    if not panels:
        return None
    if len(panels) == 1:
        panels[0]["letter"] = ""
    name = name_in_text(lookup.variable(variable))
    title = f"Cumulative incidence by {name}"
    extra = say("Gray's test: {t}.", t=listed(told))
    return _figure(lookup, f"incidence_{endpoint}_by_{variable}", title, panels[:2], extra, False)


def _figure(
    lookup: Lookup,
    name: str,
    title: str,
    panels: list[dict[str, Any]],
    extra: Spans,
    main: bool,
) -> Figure:
    width = lookup.style.two_columns_mm if len(panels) > 1 else 120.0
    each = (width - 6.0 * (len(panels) - 1)) / len(panels)
    height = max(drawing.panel_height(p, lookup.style.points, each) for p in panels)
    few = max(len(p["groups"]) for p in panels) <= 3
    caption = sentences(
        "Aalen-Johansen estimates of the share of all patients in whom each event came first.",
        "Shaded: 95% confidence intervals (pointwise)." if few else "",
        "Vertical marks: censored patients.",
        extra,
    )
    alt = f"{title}. " + " ".join(f"{g['label']}." for p in panels for g in p["groups"])
    data = {"panels": panels}
    return figure_of(
        lookup, name, "incidence", title, caption, alt, data, height, main=main, width=width
    )


def texts(lookup: Lookup) -> list[Spans]:
    """How often each event came first, its incidence at the declared times, groups, models."""
    out: list[Spans] = []
    for endpoint in endpoints_of(lookup):
        parts: list[Piece] = [_first(lookup, endpoint), *_incidences(lookup, endpoint)]
        parts += [_grouped(lookup, endpoint, v) for v in lookup.protocol.endpoints[endpoint].by]
        parts.append(_associations(lookup, endpoint))
        out.append(sentences(*parts))
    return out


def _first(lookup: Lookup, endpoint: str) -> Spans:
    path = f"incidence.{endpoint}"
    counted = [
        say("{n} had {w}", n=lookup.show(f"{path}.events", cause=cause), w=low_first(words))
        for cause, words in causes_of(lookup, endpoint).items()
    ]
    n = lookup.number(f"{path}.n")
    return say(
        "Of {n} {p}, {l} as the first event.",
        n=lookup.show(f"{path}.n"),
        p=patients(n),
        l=listed(counted),
    )


def _incidences(lookup: Lookup, endpoint: str) -> list[Spans]:
    out = []
    for cause, words in causes_of(lookup, endpoint).items():
        shown = [
            say(
                "{r} at {t}\u00a0{u}",
                r=lookup.with_ci(f"incidence.{endpoint}.at", cause=cause, time=t),
                t=t,
                u=lookup.unit,
            )
            for t in _times(lookup, endpoint)
            if lookup.number(f"incidence.{endpoint}.at", cause=cause, time=t) is not None
        ]
        if shown:
            name = low_first(words)
            out.append(say("The cumulative incidence of {w} was {l}.", w=name, l=listed(shown)))
    return out


def _grouped(lookup: Lookup, endpoint: str, variable: str) -> Spans:
    told = [
        say("{w} ({p})", w=low_first(words), p=p)
        for cause, words in causes_of(lookup, endpoint).items()
        if (p := lookup.p_phrase(f"incidence.{endpoint}.gray", cause=cause, variable=variable))
    ]
    if not told or not _groups(lookup, endpoint, variable):
        return ()
    return say(
        "By {v}, Gray's test compared the incidence of {l}.",
        v=name_in_text(lookup.variable(variable)),
        l=listed(told),
    )


def _associations(lookup: Lookup, endpoint: str) -> Spans:
    """What went with the event, by both hazards."""
    path = f"incidence.{endpoint}"
    multi = lookup.has(f"{path}.model_n", cause="event", model="multi")
    model = "multi" if multi else "uni"
    found = lookup.numbers.of("incidence", endpoint, "p", cause="event", model=model)
    if not found:
        return ()
    told = []
    for keys in dict.fromkeys(_contrast(e.key.levels) for e in found):
        ps = [e for e in found if _contrast(e.key.levels) == keys]
        if not any(e.value is not None and e.value < SIGNIFICANT for e in ps):
            continue
        ratios = [
            say(
                "{k} hazard ratio {r}{c}",
                k="cause-specific" if hazard == "cause_specific" else "subdistribution",
                r=lookup.show(f"{path}.hr", hazard=hazard, **full),
                c=_with_interval(lookup, f"{path}.hr", hazard=hazard, **full),
            )
            for hazard in HAZARDS
            for full in [{"cause": "event", "model": model, **dict(keys)}]
        ]
        told.append(say("{v} ({a}; {b})", v=_named(lookup, dict(keys)), a=ratios[0], b=ratios[1]))
    name = low_first(causes_of(lookup, endpoint)["event"])
    how = "multivariable" if multi else "univariable"
    if not told:
        return say("In {h} analysis, no factor was associated with {e}.", h=how, e=name)
    return say("In {h} analysis, {e} was associated with {l}.", h=how, e=name, l=listed(told))


def _with_interval(lookup: Lookup, path: str, **keys: str) -> Spans:
    """ ", 95% CI 1.1–2.3"; empty where there is none."""
    estimate = lookup.get(path, **keys)
    ci = lookup.interval(path, **keys)
    if estimate is None or not ci:
        return ()
    return say(", {l} CI {c}", l=lookup.style.level(estimate.level), c=ci)


def _contrast(levels: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((k, v) for k, v in levels if k in ("variable", "level"))


def _named(lookup: Lookup, keys: Mapping[str, str]) -> str:
    variable = keys["variable"]
    info = lookup.info(variable)
    name = name_in_text(lookup.variable(variable))
    if info is None or not info.levels:
        return f"{name}, {per_step(info)}"
    level = keys.get("level") or next(v for v in info.levels if v != info.reference)
    reference = info.levels.get(info.reference or "", "")
    return f"{name}, {name_in_text(info.levels[level])} vs. {name_in_text(reference)}"


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Each endpoint with competing events, its groups and its models."""
    out: list[Part] = []
    for key, endpoint in protocol.endpoints.items():
        if endpoint.has_competing:
            out.append(("incidence", key))
            out += [("incidence", key, "by", v) for v in endpoint.by]
            if wanted_variables(protocol, key):
                out.append(("incidence", key, "models"))
    return tuple(out)


SECTION = Section(
    key="incidence",
    title="Competing events",
    methods="Competing events",
    declared=declared,
    analyse=lambda request: incidence.analyse(request.protocol, request.cohort, request.blocked),
    tables=(table, regression),
    figures=(figures,),
    sentences=texts,
    analyses=(
        Analysis(
            "Cumulative incidence with competing events",
            key="endpoints.*.competing",
            ids=("incidence.*.events", "incidence.*.at"),
            sentence=texts,
            guard=("survival.competing-as-censored", "endpoints.unknown-cause"),
            r="cmprsk::cuminc",
            page="analyses/competing.md",
            table=table,
            figure=figures,
            stats=("cumulative_incidence",),
        ),
        Analysis(
            "Cumulative incidence by group",
            key="endpoints.*.by",
            ids=("incidence.*.at", "incidence.*.gray", "incidence.*.missing"),
            sentence=texts,
            guard=("variables.no-group",),
            r="cmprsk::cuminc",
            page="analyses/competing.md",
            table=table,
            figure=figures,
            stats=("cumulative_incidence", "gray_test"),
        ),
        Analysis(
            "Regression with competing events",
            key="prognosis.candidates",
            ids=("incidence.*.hr", "incidence.*.p", "incidence.*.p_overall"),
            sentence=texts,
            guard=("incidence.fit",),
            r="cmprsk::crr, survival::coxph",
            page="analyses/competing.md",
            table=regression,
            stats=("fine_gray", "cause_specific_cox"),
        ),
    ),
)
