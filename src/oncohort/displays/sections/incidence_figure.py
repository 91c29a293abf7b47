"""Curves of cumulative incidence."""

from __future__ import annotations

from oncohort.analyses.result import key_of
from oncohort.displays.figures.data import Data, Panel
from oncohort.displays.figures.km import panel_height
from oncohort.displays.figures.model import Figure
from oncohort.displays.figures.under import MOST
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.incidence_causes import causes_of, endpoints_of, groups_of
from oncohort.displays.sections.section import figure_of
from oncohort.displays.spans import Spans, listed, say, sentences, text_of
from oncohort.displays.words import (
    low_first,
    name_in_text,
    up_first,
)
from oncohort.vocabulary.plurals import plural


def _group(lookup: Lookup, endpoint: str, cause: str, label: str, **keys: str) -> Data | None:
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
    lookup: Lookup, endpoint: str, groups: list[Data], letter: str, ylabel: str, note: str = ""
) -> dict[str, object]:
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


def _ends(group: Data) -> list[float]:
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
    panels: list[dict[str, object]] = []
    told = []
    for cause, words in causes_of(lookup, endpoint).items():
        keys = [{"group": g, "variable": variable} for g in groups_of(lookup, endpoint, variable)]
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
    panels: list[Panel],
    extra: Spans,
    main: bool,
) -> Figure:
    width = lookup.style.two_columns_mm if len(panels) > 1 else 120.0
    each = (width - 6.0 * (len(panels) - 1)) / len(panels)
    height = max(panel_height(p, lookup.style.points, each) for p in panels)
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
