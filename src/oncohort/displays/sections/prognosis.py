"""Table II: prognostic factors by Cox regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oncohort.analyses import prognosis
from oncohort.analyses.result import Estimate
from oncohort.displays.figures import forest
from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections import effects
from oncohort.displays.sections import prognosis_imputed as imputed
from oncohort.displays.sections import prognosis_over_time as over_time
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.item import Item, filled_if
from oncohort.displays.sections.section import Part, Section, figure_of
from oncohort.displays.spans import Piece, Span, Spans, joined, listed, say, sentences, spans
from oncohort.displays.styles.style import DASH
from oncohort.displays.tables.model import Column, Row, Table, row
from oncohort.displays.words import low_first, name_in_text, per_step, were
from oncohort.protocol import Protocol
from oncohort.vocabulary.plurals import plural

SIGNIFICANT = 0.05
"""Bound of p below which the text names an association."""


def prognosis_endpoints(lookup: Lookup) -> list[str]:
    """Endpoints with hazard ratios, in the protocol's order."""
    if lookup.protocol.prognosis is None:
        return []
    have = lookup.numbers.subjects("prognosis")
    wanted = lookup.protocol.prognosis.endpoints or list(lookup.protocol.endpoints)
    return [k for k in wanted if k in have]


def contrast_keys(lookup: Lookup, variable: str, level: str | None) -> dict[str, str]:
    """Keys of the hazard ratio of a level: `level=` only where there are more than two."""
    keys = {"variable": variable}
    if level is not None and len(lookup.levels(variable)) > 2:
        keys["level"] = level
    return keys


MODELS = {
    "uni": "Univariable",
    "multi": "Multivariable",
    "imputed": "Multivariable, imputed",
}
"""Models of Table II, as its heads say them."""


def models_of(lookup: Lookup, endpoint: str) -> list[str]:
    """The models of an endpoint in Table II: univariable, multivariable, and imputed."""
    more = [m for m in ("multi", "imputed") if lookup.has(f"prognosis.{endpoint}.n", model=m)]
    return ["uni", *more]


def table(lookup: Lookup) -> Table | None:
    """Table II: N, events, hazard ratio, interval and p; univariable beside multivariable."""
    endpoints = prognosis_endpoints(lookup)
    rule = lookup.protocol.prognosis
    if not endpoints or rule is None:
        return None
    multi = {e: lookup.has(f"prognosis.{e}.n", model="multi") for e in endpoints}
    once = _same_patients(lookup, endpoints)
    columns = [Column("Variable", align="left", width=2.5)]
    columns += [Column("N", width=0.5)] if once else []
    ratio = "HR (95% CI)"
    for e in endpoints:
        name = lookup.endpoint(e)
        columns.append(Column("Events" if once else "N (events)", (name,), width=0.95))
        for model in models_of(lookup, e):
            columns.append(Column(ratio, (name, MODELS[model]), width=1.5))
            columns.append(Column(lookup.style.p_symbol, (name, MODELS[model]), width=0.7))

    rows: list[Row] = []
    for variable in rule.candidates:
        if not any(
            lookup.has(f"prognosis.{e}.n", model="uni", variable=variable) for e in endpoints
        ):
            continue
        info = lookup.info(variable)
        label = lookup.variable(variable)
        if info is None or info.kind == "continuous":
            unit = f", {per_step(info)}"
            cells: list[Piece] = _first_size(
                lookup, endpoints, once, model="uni", variable=variable
            )
            for e in endpoints:
                cells.append(_size(lookup, e, once, model="uni", variable=variable))
                for model in models_of(lookup, e):
                    cells += _ratio_cells(lookup, e, model, {"variable": variable})
            rows.append(row(f"{label}{unit}", *cells))
            continue
        rows += _factor(lookup, variable, endpoints, once)
    if not rows:
        return None
    return Table(
        "prognosis",
        "",
        "Univariable and multivariable analysis of "
        + " and ".join(lookup.endpoint(e).lower() for e in endpoints),
        tuple(columns),
        tuple(rows),
        _notes(lookup, endpoints, multi),
    )


def _ratio_cells(lookup: Lookup, e: str, model: str, keys: Mapping[str, str]) -> list[Piece]:
    """Hazard ratio with its interval, and p."""
    path = f"prognosis.{e}"
    ratio = lookup.value_ci(f"{path}.hr", model=model, **keys)
    what = "p" if lookup.has(f"{path}.p", model=model, **keys) else "p_overall"
    return [ratio, lookup.show(f"{path}.{what}", model=model, **keys)]


def _same_patients(lookup: Lookup, endpoints: Sequence[str]) -> bool:
    """Are the patients of every row the same for all endpoints? Then they are told once."""
    sizes = [
        {
            e.key.levels: e.value
            for e in lookup.numbers.of("prognosis", endpoint, "n")
            if e.key.get("model") != "multi"
        }
        for endpoint in endpoints
    ]
    return len(sizes) > 1 and all(s == sizes[0] for s in sizes)


def _first_size(lookup: Lookup, endpoints: Sequence[str], once: bool, **keys: str) -> list[Piece]:
    """The patients of a row where they stand in a column of their own."""
    return [lookup.show(f"prognosis.{endpoints[0]}.n", **keys)] if once else []


def _size(lookup: Lookup, e: str, once: bool, **keys: str) -> Spans:
    """ "42 (30)": patients and events; the events alone where patients have their own column."""
    path = f"prognosis.{e}"
    if not lookup.has(f"{path}.n", **keys):
        return (Span(DASH),)
    n, events = lookup.show(f"{path}.n", **keys), lookup.show(f"{path}.events", **keys)
    if once:
        return (events,)
    return say("{n} ({e})", n=n, e=events)


def _factor(lookup: Lookup, variable: str, endpoints: list[str], once: bool) -> list[Row]:
    """Head row and one row per level; the reference level is shown as 1."""
    info = lookup.info(variable)
    assert info is not None
    head: list[Piece] = [""] if once else []
    for e in endpoints:
        head += ["", ""]
        overall = f"prognosis.{e}.p_overall"
        for model in models_of(lookup, e):
            head += [""] if model != "uni" else []
            found = lookup.get(overall, model=model, variable=variable)
            head.append(lookup.bound(found) if found else "")
    rows = [row(lookup.variable_unit(variable), *head)]
    for level, label in info.levels.items():
        cells = _first_size(lookup, endpoints, once, level=level, variable=variable)
        for e in endpoints:
            cells.append(_size(lookup, e, once, level=level, variable=variable))
            for model in models_of(lookup, e):
                inside = any(
                    lookup.has(
                        f"prognosis.{e}.hr", model=model, **contrast_keys(lookup, variable, v)
                    )
                    for v in info.levels
                )
                if level == info.reference:
                    cells += ["1 (ref.)" if inside else DASH, ""]
                else:
                    keys = contrast_keys(lookup, variable, level)
                    cells += _ratio_cells(lookup, e, model, keys)
        rows.append(row(label, *cells, indent=1))
    return rows


def _notes(lookup: Lookup, endpoints: list[str], multi: dict[str, bool]) -> tuple[Spans, ...]:
    rule = lookup.protocol.prognosis
    assert rule is not None
    notes: list[Spans] = [
        say("ref.: level that the others are compared with; {d}: not in the model.", d=DASH)
    ]
    for e in endpoints:
        if not multi[e]:
            why = (
                f"no candidate had a univariable {lookup.style.p_symbol} below {rule.p_enter:g}"
                if rule.selection == "screening"
                else "it could not be fitted"
            )
            notes.append(say("{e}: no multivariable model; {w}.", e=lookup.short(e), w=why))
            continue
        estimate = lookup.get(f"prognosis.{e}.n", model="multi")
        missing = sum(estimate.excluded.values()) if estimate else 0
        text = "Multivariable model of {e}: {n} complete cases, {v} events"
        text += f" ({missing} left out for missing values)." if missing else "."
        notes.append(
            say(
                text,
                e=lookup.short(e),
                n=lookup.show(f"prognosis.{e}.n", model="multi"),
                v=lookup.show(f"prognosis.{e}.events", model="multi"),
            )
        )
        if lookup.has(f"prognosis.{e}.n", model="imputed"):
            notes.append(
                say(
                    "Imputed, {e}: {n} patients, {v} events; missing values by multiple "
                    "imputation, pooled by Rubin's rules.",
                    e=lookup.short(e),
                    n=lookup.show(f"prognosis.{e}.n", model="imputed"),
                    v=lookup.show(f"prognosis.{e}.events", model="imputed"),
                )
            )
    if any(multi.values()) and rule.strata:
        named = listed(name_in_text(lookup.variable(v)) for v in rule.strata)
        notes.append(say("The multivariable model was stratified by {s}.", s=named))
    if any(multi.values()):
        notes.append(
            say(
                "Variables entered by screening: univariable {p} below {x}; such models tend to "
                "overstate effects.",
                p=lookup.style.p_symbol,
                x=f"{rule.p_enter:g}",
            )
            if rule.selection == "screening"
            else say("The variables of the multivariable model were specified in advance.")
        )
    notes += effects.notes(lookup, endpoints)
    factors = [v for v in rule.candidates if len(lookup.levels(v)) > 2]
    if factors:
        notes.append(
            say(
                "{p} beside {v}: joint test of its levels.",
                p=lookup.style.p_symbol,
                v=" and ".join(lookup.variable(f) for f in factors),
            )
        )
    return tuple(notes)


def _ratios(lookup: Lookup, e: str, keys: Mapping[str, str], models: Sequence[str]) -> list[Any]:
    out = []
    for model in models:
        estimate = lookup.get(f"prognosis.{e}.hr", model=model, **keys)
        if estimate is None:
            continue
        out.append(
            {
                "model": model,
                "hr": estimate.value,
                "low": estimate.low,
                "high": estimate.high,
                "text": lookup.style.value_ci(estimate),
            }
        )
    return out


def figures(lookup: Lookup) -> list[Figure]:
    """Forest plots of Table II, two endpoints side by side in each."""
    endpoints = prognosis_endpoints(lookup)
    made = []
    for i in range(0, len(endpoints), 2):
        name = "forest" if i == 0 else f"forest_{i // 2 + 1}"
        made.append(_hazards(lookup, endpoints[i : i + 2], name))
    return [f for f in made if f is not None]


def _hazards(lookup: Lookup, endpoints: Sequence[str], name: str) -> Figure | None:
    rule = lookup.protocol.prognosis
    if rule is None:
        return None
    rows: list[dict[str, Any]] = []
    models = ("uni", "multi")
    for band, variable in enumerate(rule.candidates):
        info = lookup.info(variable)
        start = len(rows)
        if info is None or info.kind == "continuous":
            unit = f" ({per_step(info)})"
            ratios = [_ratios(lookup, e, {"variable": variable}, models) for e in endpoints]
            label = f"{lookup.variable(variable)}{unit}"
            rows.append({"label": label, "head": True, "ratios": ratios})
            rows[-1]["reference"] = [False] * len(endpoints)
        else:
            none: list[Any] = [[] for _ in endpoints]
            off = [False] * len(endpoints)
            rows.append({"label": info.label, "head": True, "ratios": none, "reference": off})
            for level, label in info.levels.items():
                row: dict[str, Any] = {"label": label, "head": False}
                if level == info.reference:
                    row |= {"ratios": none, "reference": [True] * len(endpoints)}
                else:
                    keys = contrast_keys(lookup, variable, level)
                    row["ratios"] = [_ratios(lookup, e, keys, models) for e in endpoints]
                    row["reference"] = off
                rows.append(row)
        if not any(r["hr"] is not None for row in rows[start:] for rs in row["ratios"] for r in rs):
            del rows[start:]
        for row in rows[start:]:
            row["band"] = band % 2 == 1
    if not rows:
        return None
    level = lookup.style.level(0.95)
    data = {
        "rows": rows,
        "panels": [{"title": lookup.endpoint(e), "columns": f"HR ({level} CI)"} for e in endpoints],
        "models": [
            (m, w)
            for m, w in (("uni", "Univariable"), ("multi", "Multivariable"))
            if any(r["model"] == m for row in rows for rs in row["ratios"] for r in rs)
        ],
    }
    caption = say(
        "Open circles: univariable; filled squares and bold figures: multivariable. Bars are "
        "{l} confidence intervals; arrows go beyond the axis. Hazard ratios above 1 mean a higher "
        "hazard than the reference.",
        l=level,
    )
    alt = "Forest plot of the hazard ratios in the table of prognostic factors."
    width = lookup.style.two_columns_mm if len(endpoints) > 1 else 120.0
    height = forest.height_mm(data, lookup.style.points, width)
    title = "Hazard ratios for " + " and ".join(low_first(lookup.endpoint(e)) for e in endpoints)
    return figure_of(
        lookup,
        name,
        "forest",
        title,
        caption,
        alt,
        data,
        height,
        width=width,
        repeats="table.prognosis",
    )


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
            if overall.value is not None and overall.value < SIGNIFICANT:
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


NAMED = 5
"""Factors that a sentence names."""
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
    interval = lookup.interval(f"{path}.hr", model=model, **keys)
    level = lookup.style.level(estimate.level)
    return say(
        "{v} ({b}HR {h}{i}; {p})",
        v=name,
        b=between,
        h=lookup.show(f"{path}.hr", model=model, **keys),
        i=say(", {l} CI {c}", l=level, c=interval) if interval else "",
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


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Each endpoint of Table II."""
    rule = protocol.prognosis
    if rule is None:
        return ()
    asked = [k for k in protocol.endpoints if k in rule.endpoints or not rule.endpoints]
    return tuple(("prognosis", key) for key in asked)


def _filled(lookup: Lookup) -> str:
    have = lookup.numbers.section("prognosis") is not None
    return filled_if(have, "Prognostic factors", "declare [prognosis] or say why there is none")


SECTION = Section(
    key="prognosis",
    title="Prognostic factors",
    methods="Prognostic factors",
    declared=declared,
    analyse=lambda request: prognosis.analyse(request.protocol, request.cohort, request.blocked),
    tables=(table, over_time.table, imputed.table),
    figures=(figures, effects.figures),
    sentences=texts,
    analyses=(
        Analysis(
            "Prognostic factors",
            key="prognosis.candidates",
            ids=("prognosis.*.hr", "prognosis.*.p", "prognosis.*.ph", "prognosis.*.concordance"),
            sentence=texts,
            guard=(
                "prognosis.fit",
                "prognosis.not-screened",
                "prognosis.one-value",
                "prognosis.not-proportional",
            ),
            r="survival::coxph, cox.zph",
            page="displays.md",
            table=table,
            figure=figures,
            stats=("cox", "ph_test", "concordance"),
        ),
        Analysis(
            "Stratified model",
            key="prognosis.strata",
            ids=("prognosis.*.hr", "prognosis.*.ph"),
            sentence=texts,
            guard=("variables.no-groups", "variables.no-group"),
            r="survival::coxph with strata()",
            page="analyses/proportional-hazards.md",
            table=table,
            figure=figures,
            stats=("cox",),
        ),
        Analysis(
            "Effects that change during follow-up",
            key="prognosis.time_split",
            ids=("prognosis.*.hr", "prognosis.*.p", "prognosis.*.constant_p"),
            sentence=texts,
            guard=("prognosis.not-proportional",),
            r="survival::survSplit, coxph with x:strata(interval)",
            page="analyses/proportional-hazards.md",
            table=over_time.table,
            stats=("cox",),
        ),
        Analysis(
            "Effect of a number as a spline",
            key="variables.*.knots",
            ids=("prognosis.*.p_overall", "prognosis.*.p_nonlinear", "prognosis.*.effect"),
            sentence=effects.texts,
            guard=("variables.effect", "variables.effect-of-levels", "variables.log-of-nothing"),
            r="rms::rcs, cph, anova, Predict",
            page="derived-variables.md",
            table=table,
            figure=effects.figures,
            stats=("knots_of", "restricted_cubic"),
        ),
        Analysis(
            "Multiple imputation",
            key="missing.imputations",
            ids=("prognosis.*.hr", "prognosis.*.p", "prognosis.*.fmi", "prognosis.*.mc_error"),
            sentence=texts,
            guard=("missing.few-imputations", "missing.mostly", "prognosis.fit"),
            r="mice::mice, mice::pool",
            page="analyses/missing.md",
            table=imputed.table,
            stats=("impute", "pool", "pool_test"),
        ),
    ),
    items=(Item("16a", "Unadjusted and adjusted estimates with intervals", _filled),),
)
