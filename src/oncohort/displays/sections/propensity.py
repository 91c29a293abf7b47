"""Two treatments made comparable: balance, love plot, and endpoints after adjustment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from oncohort.analyses import propensity
from oncohort.analyses.result import key_of
from oncohort.displays.figures import km, love
from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.section import Part, Section, figure_of
from oncohort.displays.spans import Piece, Spans, listed, say, sentences, text_of
from oncohort.displays.tables.model import Column, Row, Table, group, row
from oncohort.displays.words import low_first, name_in_text, patients, up_first, were
from oncohort.protocol import Protocol
from oncohort.protocol.number_style import DASH
from oncohort.vocabulary.plurals import plural

if TYPE_CHECKING:
    from oncohort.displays.figures.data import Data

NAMES: Mapping[str, str] = {
    "unadjusted": "Unadjusted",
    "matching": "Matched",
    "iptw": "Inverse probability weighting",
    "stabilized": "Stabilized weighting",
    "overlap": "Overlap weighting",
    "att": "Weighting to the treated",
}
"""Samples as tables and figures call them."""

BALANCE = ("propensity", "balance", "smd")


def _methods(lookup: Lookup) -> list[str]:
    """The samples, in the order they were made."""
    return lookup.values(BALANCE, "method")


def _groups(lookup: Lookup) -> list[str]:
    return lookup.values(("propensity", "patients", "count"), "group")


def _name(lookup: Lookup, level: str) -> str:
    rule = lookup.protocol.propensity
    assert rule is not None
    return lookup.level(rule.treatment, level)


def _endpoints(lookup: Lookup) -> list[str]:
    return [e for e in lookup.protocol.endpoints if lookup.numbers.of("propensity", e, "hr")]


def _balance_rows(lookup: Lookup) -> list[tuple[str, dict[str, str], bool]]:
    """(label, keys, indented) of each line of the balance; a label without keys is a head."""
    out: list[tuple[str, dict[str, str], bool]] = []
    seen: set[tuple[tuple[str, str], ...]] = set()
    for estimate in lookup.numbers.of(*BALANCE):
        keys = {k: v for k, v in estimate.key.levels if k != "method"}
        mark = tuple(sorted(keys.items()))
        if mark in seen:
            continue
        seen.add(mark)
        name = keys["variable"]
        levels = lookup.levels(name)
        if "level" not in keys:
            label = lookup.variable_unit(name)
            info = lookup.info(name)
            shown = [v for v in levels if info is None or v != info.reference]
            if len(shown) == 1:
                label = f"{lookup.variable(name)}: {levels[shown[0]]}"
            out.append((label, keys, False))
            continue
        if not any(k.get("variable") == name for _, k, _ in out):
            out.append((lookup.variable_unit(name), {}, False))
        out.append((lookup.level(name, keys["level"]), keys, True))
    return out


def balance_table(lookup: Lookup) -> Table | None:
    """Standardized differences of each variable in each sample."""
    methods = _methods(lookup)
    if not methods:
        return None
    score = [lookup.show("propensity.balance.score", 2, method=m) for m in methods]
    rows: list[Row] = []
    if lookup.has("propensity.balance.score", method=methods[0]):
        rows.append(row("Propensity score", *score))
    for label, keys, indented in _balance_rows(lookup):
        cells: list[Piece] = [
            lookup.show(".".join(BALANCE), 2, method=m, **keys) if keys else "" for m in methods
        ]
        rows.append(row(label, *cells, indent=1 if indented else 0))
    columns = (
        Column("Variable", align="left", width=2.6),
        *(Column(NAMES[m], ("Standardized difference",), width=1.1) for m in methods),
    )
    notes = [
        say(
            "Standardized mean difference of {a} against {b}, over the {d} standard deviation "
            "before adjustment; up to 0.1 counts as balanced. {n} left out for missing values.",
            a=_name(lookup, _groups(lookup)[-1]),
            b=_name(lookup, _groups(lookup)[0]),
            d=lookup.protocol.propensity.denominator if lookup.protocol.propensity else "",
            n=lookup.show("propensity.excluded.count"),
        ),
        *_sizes(lookup, methods),
    ]
    title = "Balance of the treatments before and after adjustment"
    return Table("propensity_balance", "", title, columns, tuple(rows), tuple(notes), False)


def _sizes(lookup: Lookup, methods: Sequence[str]) -> list[Spans]:
    out: list[Spans] = []
    if lookup.has("propensity.matched.pairs"):
        out.append(
            say(
                "Matched: {p} pairs; {u} treated patients without a match.",
                p=lookup.show("propensity.matched.pairs"),
                u=lookup.show("propensity.matched.unmatched"),
            )
        )
    for m in methods:
        first, *_ = _groups(lookup)
        if m == "matching" or not lookup.has("propensity.effective.n", method=m, group=first):
            continue
        told = [
            say(
                "{n} of {k} for {g}",
                n=lookup.show("propensity.effective.n", 1, method=m, group=g),
                k=lookup.show("propensity.patients.count", group=g),
                g=_name(lookup, g),
            )
            for g in _groups(lookup)
        ]
        out.append(say("{m}, effective number of patients: {l}.", m=NAMES[m], l=listed(told)))
    return out


def table(lookup: Lookup) -> Table | None:
    """Patients, events, hazard ratio and p of each sample."""
    rows: list[Row] = []
    endpoints = _endpoints(lookup)
    for e in endpoints:
        path = f"propensity.{e}"
        if len(endpoints) > 1:
            rows.append(group(lookup.endpoint(e)))
        for m in lookup.values(("propensity", e, "hr"), "method"):
            sized = lookup.has(f"{path}.n", method=m)
            rows.append(
                row(
                    NAMES[m],
                    lookup.show(f"{path}.n", method=m) if sized else DASH,
                    lookup.show(f"{path}.events", method=m) if sized else DASH,
                    lookup.value_ci(f"{path}.hr", method=m),
                    lookup.show(f"{path}.p", method=m),
                    indent=1 if len(endpoints) > 1 else 0,
                )
            )
    if not rows:
        return None
    columns = (
        Column("Patients compared", align="left", width=2.6),
        Column("n", width=0.7),
        Column("Events", width=0.8),
        Column("HR (95% CI)", width=1.6),
        Column(lookup.style.p_symbol, width=0.8),
    )
    groups = _groups(lookup)
    why = {
        x.note.rstrip("."): None
        for e in endpoints
        for x in lookup.numbers.of("propensity", e, "hr")
        if x.value is None and x.note
    }
    notes = [
        say(
            "Hazard ratios of {a} against {b}; after matching, standard errors are by pair, with "
            "weights they are robust.",
            a=_name(lookup, groups[-1]),
            b=_name(lookup, groups[0]),
        ),
        *(say("Not estimable: {t}.", t=low_first(text)) for text in why),
    ]
    what = " and ".join(low_first(lookup.endpoint(e)) for e in endpoints)
    title = f"Treatments compared after adjustment by propensity score: {what}"
    return Table("propensity", "", title, columns, tuple(rows), tuple(notes))


def figures(lookup: Lookup) -> list[Figure]:
    """The love plot, and curves of each endpoint in each sample."""
    methods = _methods(lookup)
    out: list[Figure] = []
    if len(methods) > 1:
        out.append(_love(lookup, methods))
    for e in _endpoints(lookup):
        have = [m for m in methods if _curve_keys(lookup, e, m)]
        for i in range(0, len(have), 2):
            out.append(_curves(lookup, e, have[i : i + 2], i // 2))
    return out


def _love(lookup: Lookup, methods: Sequence[str]) -> Figure:
    rows = [
        {
            "label": "Propensity score",
            "values": [lookup.number("propensity.balance.score", method=m) for m in methods],
        }
    ]
    head = ""
    for label, keys, indented in _balance_rows(lookup):
        if not keys:
            head = label
            continue
        values = [lookup.number(".".join(BALANCE), method=m, **keys) for m in methods]
        rows.append({"label": f"{head}: {label}" if indented else label, "values": values})
    data = {
        "rows": rows,
        "methods": [NAMES[m] for m in methods],
        "bound": propensity.BALANCED,
    }
    caption = say(
        "Absolute standardized mean differences between {a} and {b} before and after adjustment; "
        "the dashed line is at 0.1, up to which a difference counts as balanced.",
        a=_name(lookup, _groups(lookup)[-1]),
        b=_name(lookup, _groups(lookup)[0]),
    )
    alt = text_of(caption)
    width = 140.0
    height = love.height_mm(data, lookup.style.points, width)
    title = "Balance of the treatments"
    return figure_of(lookup, "love", "love", title, caption, alt, data, height, width=width)


def _curve_keys(lookup: Lookup, e: str, method: str) -> list[str]:
    """Groups that have a curve in a sample."""
    curves = lookup.numbers.curves
    return [
        g
        for g in _groups(lookup)
        if key_of("propensity", e, "curve", group=g, method=method).id in curves
    ]


def _panel(lookup: Lookup, e: str, method: str, letter: str) -> Data:
    groups: list[dict[str, object]] = []
    for g in _curve_keys(lookup, e, method):
        keys = {"group": g, "method": method}
        columns = lookup.numbers.curves[key_of("propensity", e, "curve", **keys).id].columns
        median = lookup.get(f"propensity.{e}.median", **keys)
        words = _name(lookup, g)
        if median is not None:
            words += f": median {lookup.style.value_ci(median)}"
        groups.append(
            {
                "label": words,
                "median": median.value if median is not None else None,
                "at_risk": tuple(round(v) for v in columns["at_risk"]),
                **{k: tuple(columns[k]) for k in ("time", "survival", "low", "high", "censored")},
            }
        )
    ratio = lookup.get(f"propensity.{e}.hr", method=method)
    note = NAMES[method] if letter else ""
    if ratio is not None:
        note += f"{': ' if note else ''}HR {lookup.style.value_ci(ratio)}"
    return {
        "letter": letter,
        "note": note,
        "groups": groups,
        "unit": lookup.unit,
        "ylabel": f"{lookup.endpoint(e)} (%)",
        "xlabel": up_first(lookup.unit),
    }


def _curves(lookup: Lookup, e: str, methods: Sequence[str], k: int) -> Figure:
    letters = ("a", "b") if len(methods) > 1 else ("",)
    panels = [_panel(lookup, e, m, x) for m, x in zip(methods, letters, strict=True)]
    width = lookup.style.two_columns_mm if len(panels) > 1 else 120.0
    each = (width - 6.0 * (len(panels) - 1)) / len(panels)
    height = max(km.panel_height(p, lookup.style.points, each) for p in panels)
    told = [
        f"{low_first(NAMES[m])}{f' ({x})' if x else ''}"
        for m, x in zip(methods, letters, strict=True)
    ]
    caption = say(
        "Kaplan-Meier curves of {e} by treatment: {l}. Shaded: 95% confidence intervals "
        "(pointwise). Numbers at risk are sums of weights where patients are weighted. Hazard "
        "ratios are of {a} against {b}.",
        e=low_first(lookup.endpoint(e)),
        l=listed(told),
        a=_name(lookup, _groups(lookup)[-1]),
        b=_name(lookup, _groups(lookup)[0]),
    )
    alt = " ".join([text_of(caption), *(f"{g['label']}." for p in panels for g in p["groups"])])
    name = f"propensity_{e}" + (f"_{k + 1}" if k else "")
    title = f"{lookup.endpoint(e)} before and after adjustment"
    if k:
        title = f"{lookup.endpoint(e)} after adjustment"
    return figure_of(
        lookup, name, "km", title, caption, alt, {"panels": panels}, height, width=width
    )


def texts(lookup: Lookup) -> list[Spans]:
    """Who was compared, how alike they became, and what the ratios say."""
    methods = _methods(lookup)
    groups = _groups(lookup)
    if lookup.numbers.section("propensity") is None:
        return []
    if len(groups) != 2 or len(methods) < 2:
        return [say("No propensity score could be estimated; the treatments were not adjusted.")]
    low, high = groups
    parts: list[Piece] = [
        say(
            "The comparison of {x} with {y} was made in {a} and {b} {p}, respectively.",
            a=lookup.show("propensity.patients.count", group=high),
            x=name_in_text(_name(lookup, high)),
            b=lookup.show("propensity.patients.count", group=low),
            y=name_in_text(_name(lookup, low)),
            p=patients(2),
        )
    ]
    if lookup.number("propensity.excluded.count"):
        n = lookup.number("propensity.excluded.count")
        parts.append(
            say(
                "For missing values, {n} {p} {w} left out.",
                n=lookup.show("propensity.excluded.count"),
                p=patients(n),
                w=were(n),
            )
        )
    if lookup.has("propensity.matched.pairs"):
        pairs = lookup.number("propensity.matched.pairs")
        parts.append(
            say(
                "Matching gave {k} {w}; {u} of the patients with {x} had no match.",
                x=name_in_text(_name(lookup, high)),
                k=lookup.show("propensity.matched.pairs"),
                w=plural(pairs, "pair"),
                u=lookup.show("propensity.matched.unmatched"),
            )
        )
    worst = [text for m in methods if (text := _balance_text(lookup, m))]
    if worst:
        parts.append(say("The largest standardized difference was {l}.", l=listed(worst)))
    for e in _endpoints(lookup):
        parts.append(_ratios(lookup, e))
    return [sentences(*parts)]


def _balance_text(lookup: Lookup, method: str) -> Spans:
    found = [x for x in lookup.numbers.of(*BALANCE, method=method) if x.value is not None]
    if not found:
        return ()
    worst = max(found, key=lambda x: abs(x.value or 0.0))
    keys = {k: v for k, v in worst.key.levels if k != "method"}
    name = name_in_text(lookup.variable(keys["variable"]))
    when = "before adjustment" if method == "unadjusted" else f"after {_how(method)}"
    return say(
        "{d} ({v}) {w}",
        w=when,
        d=lookup.show(".".join(BALANCE), 2, method=method, **keys),
        v=name,
    )


def _how(method: str) -> str:
    return {"matching": "matching", "att": "weighting to the treated"}.get(
        method, low_first(NAMES[method])
    )


def _ratios(lookup: Lookup, e: str) -> Spans:
    told: list[Spans] = []
    for m in lookup.values(("propensity", e, "hr"), "method"):
        ratio = lookup.get(f"propensity.{e}.hr", method=m)
        assert ratio is not None
        when = "without adjustment" if m == "unadjusted" else f"after {_how(m)}"
        if ratio.value is None:
            told.append(say("not estimable {w}", w=when))
            continue
        told.append(
            say(
                "{h} ({c}; {p}) {w}",
                h=lookup.bound(ratio),
                c=lookup.level_ci(f"propensity.{e}.hr", method=m),
                p=lookup.p_phrase(f"propensity.{e}.p", method=m),
                w=when,
            )
        )
    low, high = _groups(lookup)
    return say(
        "The hazard ratio for {e} ({a} vs. {b}) was {l}.",
        e=lookup.short(e),
        a=name_in_text(_name(lookup, high)),
        b=name_in_text(_name(lookup, low)),
        l=listed(told),
    )


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """The comparison, and each of its endpoints."""
    rule = protocol.propensity
    if rule is None:
        return ()
    wanted = [
        k
        for k, e in protocol.endpoints.items()
        if (k in rule.endpoints or not rule.endpoints) and not e.has_competing
    ]
    return (("propensity", "balance"), *(("propensity", key) for key in wanted))


SECTION = Section(
    key="propensity",
    title="Comparability of treatments",
    methods="Comparability of treatments",
    declared=declared,
    analyse=lambda request: propensity.analyse(request.protocol, request.cohort, request.blocked),
    tables=(table, balance_table),
    figures=(figures,),
    sentences=texts,
    analyses=(
        Analysis(
            "Propensity score and balance",
            key="propensity.variables",
            ids=("propensity.balance.smd", "propensity.matched.pairs", "propensity.effective.n"),
            guard=("propensity.no-score", "propensity.imbalance", "propensity.heavy"),
            r="glm, MatchIt::matchit, summary of its balance",
            page="analyses/propensity.md",
            table=balance_table,
            figure=figures,
            stats=("logistic", "match_nearest", "propensity_weights", "balance", "effective_size"),
        ),
        Analysis(
            "Endpoints after matching and weighting",
            key="propensity.methods",
            ids=("propensity.*.hr", "propensity.*.p", "propensity.*.median"),
            guard=("propensity.no-score", "propensity.imbalance", "propensity.fit"),
            r="survival::coxph with weights and cluster, survfit with weights",
            page="analyses/propensity.md",
            table=table,
            figure=figures,
            stats=("cox", "kaplan_meier"),
        ),
    ),
)
