"""Which figures the paper has, and what is in each: curves to plain data, captions, alt text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oncohort.analyses.result import Curve, result_id
from oncohort.displays.figures import forest, km
from oncohort.displays.figures.model import Figure, Kind
from oncohort.displays.figures.palette import RESPONSES
from oncohort.displays.reading import Desk, low_first, per_unit, up_first
from oncohort.displays.spans import Spans, count_noun, listed, say, sentences, text_of
from oncohort.displays.styles.style import kind_of
from oncohort.displays.tables.survival import (
    FIGURES,
    contrast_keys,
    groups_of,
    historical_figures,
    prognosis_endpoints,
)


def _figure(
    desk: Desk,
    name: str,
    kind: Kind,
    title: str,
    caption: Spans,
    alt: str,
    data: Mapping[str, Any],
    height: float,
    *,
    main: bool = False,
    wide: bool = True,
    width: float | None = None,
) -> Figure:
    style = desk.style
    return Figure(
        name,
        "",
        title,
        caption,
        alt,
        kind,
        data,
        width or (style.two_columns_mm if wide else style.one_column_mm),
        round(height, 1),
        style.points,
        main,
    )


def flow(desk: Desk) -> Figure | None:
    """The flow of patients, each criterion with its count, zeros too; none without criteria."""
    if not desk.has("flow.source.count") or not desk.protocol.eligibility.criteria:
        return None

    def n(path: str) -> str:
        return f"n\u00a0=\u00a0{desk.show(path).text}"

    criteria = [c for c in desk.protocol.eligibility.criteria if desk.has(f"flow.{c.key}.excluded")]
    steps = [{"stay": f"{desk.protocol.eligibility.source} ({n('flow.source.count')})"}]
    steps[0]["leave"] = ""
    for i, c in enumerate(criteria):
        steps[-1]["leave"] = f"{c.label} ({n(f'flow.{c.key}.excluded')})"
        if i < len(criteria) - 1:
            left = f"Remaining ({n(f'flow.{c.key}.remaining')})"
            steps.append({"stay": left, "leave": ""})
    included = f"Included in the analysis ({n('flow.included.count')})"
    steps.append({"stay": included, "leave": ""})
    alt = "Flow diagram. " + "; ".join(
        s for step in steps for s in (step["stay"], f"left out: {step['leave']}") if s[-2:] != ": "
    )
    caption = say(
        "Of {a} patients, {b} were included. Criteria apply in this order; each patient is counted "
        "where first left out.",
        a=desk.show("flow.source.count"),
        b=desk.show("flow.included.count"),
    )
    data = {"steps": steps}
    height = forest.flow_height(data, desk.style.points)
    title = "Flow of patients"
    return _figure(desk, "flow", "flow", title, caption, alt + ".", data, height, width=158)


def not_drawn(desk: Desk) -> Spans:
    """Who is not in the waterfall, and why: "2 not drawn: no scan after baseline (2)"."""
    reasons = desk.keys("response.waterfall.not_drawn", "reason")
    parts = []
    for reason in reasons:
        estimate = desk.get("response.waterfall.not_drawn", reason=reason)
        if estimate is not None and estimate.value:
            number = desk.show("response.waterfall.not_drawn", reason=reason)
            parts.append(say("{n}, {r}", n=number, r=low_first(estimate.label)))
    if not parts:
        return ()
    return say("Not drawn: {p}.", p=listed(parts))


def waterfall(desk: Desk) -> Figure | None:
    """Figure 1: the largest change of the target sum, coloured by best response."""
    curve = desk.numbers.curves.get("response.waterfall")
    if curve is None or not len(curve):
        return None
    caption = sentences(
        say(
            "Each bar is one patient; {d} of {n} included patients are drawn.",
            d=desk.show("response.waterfall.drawn"),
            n=desk.whole(),
        ),
        not_drawn(desk),
        "Colour and hatching show the best response. Dashed lines mark \u221230% and +20% of the "
        "baseline sum; progression is judged against the smallest sum and by new lesions, so a bar "
        "alone does not tell the response.",
    )
    lowest, highest = desk.show("response.change.minimum"), desk.show("response.change.maximum")
    alt = (
        f"Waterfall plot of {len(curve)} {count_noun(len(curve), 'patient')}, from "
        f"{highest.text}% to {lowest.text}%."
    )
    data = {
        "change": tuple(float(v) for v in curve.columns["change"]),
        "best": tuple(b if b in RESPONSES else "ne" for b in curve.columns["best"]),
        "ylabel": "Largest change from baseline (%)",
    }
    title = "Largest change of the sum of target lesions from baseline"
    return _figure(desk, "waterfall", "waterfall", title, caption, alt, data, 82, main=True)


def swimmer(desk: Desk) -> Figure | None:
    """Time on treatment, one lane per patient."""
    curve = desk.numbers.curves.get("response.swimmer")
    if curve is None or not len(curve):
        return None
    columns = curve.columns
    n = len(curve)
    data = {
        **{k: tuple(columns[k]) for k in ("response_start", "progression", "death")},
        "duration": tuple(float(v or 0) for v in columns["duration"]),
        "ongoing": tuple(bool(v) for v in columns["ongoing"]),
        "best": tuple(b if b in RESPONSES else "ne" for b in columns["best"]),
        "unit": desk.unit,
        "xlabel": f"{up_first(desk.unit)} from start of treatment",
        "ylabel": "Patients",
    }
    caption = say(
        "Each bar is the time on treatment of one patient ({d} of {n} included patients), longest "
        "first; colour and hatching show the best response. Marks after the end of a bar lie in "
        "the time after treatment.",
        d=str(n),
        n=desk.whole(),
    )
    alt = (
        f"Swimmer plot of {n} {count_noun(n, 'patient')}: time on treatment with start of "
        "response, progression and death."
    )
    height = 22 + min(190.0, max(30.0, 2.7 * n))
    title = "Time on treatment and course of each patient"
    return _figure(desk, "swimmer", "swimmer", title, caption, alt, data, height)


def spider(desk: Desk) -> Figure | None:
    """Change of the target sum over time, one line per patient."""
    curve = desk.numbers.curves.get("response.spider")
    if curve is None or not len(curve):
        return None
    lines: dict[str, dict[str, Any]] = {}
    columns = curve.columns
    for patient, time, change, best in zip(
        columns["patient"], columns["time"], columns["change"], columns["best"], strict=True
    ):
        line = lines.setdefault(patient, {"time": [0.0], "change": [0.0], "best": best})
        line["time"].append(max(0.0, float(time)))
        line["change"].append(float(change))
    data = {
        "lines": tuple(lines.values()),
        "unit": desk.unit,
        "xlabel": f"{up_first(desk.unit)} from start of treatment",
        "ylabel": "Change from baseline (%)",
    }
    n = len(lines)
    caption = say(
        "Each line is one patient ({d} of {n}); it starts at 0% at baseline. Colour and dashes "
        "show the best response; changes above 110% are drawn at 110%.",
        d=str(n),
        n=desk.whole(),
    )
    alt = f"Spider plot: change of the sum of target lesions over time in {n} patients."
    title = "Change of the sum of target lesions over time"
    return _figure(desk, "spider", "spider", title, caption, alt, data, 82)


def _group(desk: Desk, curve: Curve, endpoint: str, label: str, **keys: Any) -> dict[str, Any]:
    columns = curve.columns
    median = desk.get(f"survival.{endpoint}.median", **keys)
    return {
        "label": label,
        "median": None if median is None else median.value,
        **{
            k: tuple(columns[k]) for k in ("time", "survival", "low", "high", "at_risk", "censored")
        },
    }


def _legend(desk: Desk, endpoint: str, label: str, **keys: Any) -> str:
    """ "Poor: 9 patients, 8 events, median 5.1 (3.0–8.2)"."""
    path = f"survival.{endpoint}"
    n = desk.show(f"{path}.n", **keys).text
    events = desk.show(f"{path}.events", **keys).text
    words = f"{label}: {events}/{n} {count_noun(int(events or 0), 'event')}"
    median = desk.get(f"{path}.median", **keys)
    if median is None:
        return words
    ci = desk.style.ci(median)
    return f"{words}, median {desk.style.value(median)}" + (f" ({ci})" if ci else "")


def _panel(desk: Desk, endpoint: str, variable: str | None, letter: str) -> dict[str, Any] | None:
    name = f"survival.{endpoint}.curve"
    note = ""
    groups: list[dict[str, Any]] = []
    if variable is None:
        curve = desk.numbers.curves.get(name)
        if curve is None:
            return None
        groups.append(_group(desk, curve, endpoint, _legend(desk, endpoint, "All patients")))
    else:
        for level in groups_of(desk, endpoint, variable):
            keys: dict[str, Any] = {"group": level, "variable": variable}
            curve = desk.numbers.curves.get(result_id(name, **keys))
            if curve is not None:
                label = _legend(desk, endpoint, desk.level(variable, level), **keys)
                groups.append(_group(desk, curve, endpoint, label, **keys))
        if not groups:
            return None
        p = desk.p_phrase(f"survival.{endpoint}.logrank", variable=variable)
        note = f"log-rank {text_of(p)}" if p else ""
    origin = desk.protocol.endpoints[endpoint].origin.replace("_", " ")
    start = "start of treatment" if origin == "treatment start" else origin
    reduced = desk.protocol.endpoints[endpoint].reduced
    return {
        "letter": letter,
        "note": note,
        "groups": groups,
        "unit": desk.unit,
        "ylabel": f"{desk.endpoint(endpoint)} (%)",
        "xlabel": up_first(desk.unit) + ("" if reduced else f" from {start}"),
    }


def _km(
    desk: Desk, endpoints: Sequence[str], variable: str | None, name: str, title: str, main: bool
) -> Figure | None:
    letters = "abcdefgh" if len(endpoints) > 1 else " "
    panels = [
        panel
        for letter, e in zip(letters, endpoints, strict=False)
        if (panel := _panel(desk, e, variable, letter.strip())) is not None
    ]
    if not panels:
        return None
    width = desk.style.two_columns_mm if len(panels) > 1 else 120.0
    each = (width - 6.0 * (len(panels) - 1)) / len(panels)
    height = max(km.panel_height(p, desk.style.points, each) for p in panels)
    told = []
    for letter, e in zip(letters, endpoints, strict=False):
        mark = f" ({letter})" if letter.strip() else ""
        told.append(f"{low_first(desk.endpoint(e))}{mark}")
    many = max(len(p["groups"]) for p in panels)
    caption = sentences(
        say(
            "Kaplan-Meier curves of {e}{by}.",
            e=listed(told),
            by=f" by {low_first(desk.variable(variable))}" if variable else "",
        ),
        "Shaded: 95% confidence intervals (pointwise)." if many <= 3 else "",
        say(
            "Vertical marks: censored patients; grey dashes: medians, given in {u} with 95% "
            "confidence intervals.",
            u=desk.unit,
        ),
        _differences(desk, endpoints, variable),
    )
    alt = text_of(caption) + " " + " ".join(f"{g['label']}." for p in panels for g in p["groups"])
    data = {"panels": panels}
    return _figure(desk, name, "km", title, caption, alt, data, height, main=main, width=width)


def _differences(desk: Desk, endpoints: Sequence[str], variable: str | None) -> Spans:
    if variable is None:
        return ()
    parts = []
    for e in endpoints:
        p = desk.p_phrase(f"survival.{e}.logrank", variable=variable)
        if p:
            parts.append(say("{e}, {p}", e=desk.short(e), p=p))
    return say("Log-rank test: {p}.", p=listed(parts)) if parts else ()


def survival(desk: Desk) -> list[Figure]:
    """Figure 2, and one figure for each variable whose groups were asked for."""
    endpoints = [e for e in desk.endpoints() if f"survival.{e}.curve" in desk.numbers.curves]
    out: list[Figure | None] = []
    for i in range(0, len(endpoints), 2):
        part = endpoints[i : i + 2]
        title = up_first(" and ".join(low_first(desk.endpoint(e)) for e in part))
        name = "survival" if i == 0 else f"survival_{part[0]}"
        out.append(_km(desk, part, None, name, title, True))
    variables = dict.fromkeys(v for e in endpoints for v in desk.protocol.endpoints[e].by)
    for variable in variables:
        have = [e for e in endpoints if groups_of(desk, e, variable)]
        for i in range(0, len(have), 2):
            part = have[i : i + 2]
            name = f"survival_by_{variable}" + (f"_{i // 2 + 1}" if i else "")
            title = f"Survival by {low_first(desk.variable(variable))}"
            out.append(_km(desk, part, variable, name, title, False))
    return [f for f in out if f is not None]


def _ratios(desk: Desk, e: str, keys: Mapping[str, Any], models: Sequence[str]) -> list[Any]:
    out = []
    for model in models:
        estimate = desk.get(f"prognosis.{e}.hr", model=model, **keys)
        if estimate is None:
            continue
        ci = desk.style.ci(estimate)
        text = desk.style.value(estimate) + (f" ({ci})" if ci else "")
        out.append(
            {
                "model": model,
                "hr": estimate.value,
                "low": estimate.low,
                "high": estimate.high,
                "text": text,
            }
        )
    return out


def hazards(desk: Desk) -> list[Figure]:
    """Forest plots of Table II, two endpoints side by side in each."""
    endpoints = prognosis_endpoints(desk)
    made = []
    for i in range(0, len(endpoints), 2):
        name = "forest" if i == 0 else f"forest_{i // 2 + 1}"
        made.append(_hazards(desk, endpoints[i : i + 2], name))
    return [f for f in made if f is not None]


def _hazards(desk: Desk, endpoints: Sequence[str], name: str) -> Figure | None:
    rule = desk.protocol.prognosis
    if rule is None:
        return None
    rows: list[dict[str, Any]] = []
    models = ("uni", "multi")
    for band, variable in enumerate(rule.candidates):
        info = desk.info(variable)
        start = len(rows)
        if info is None or info.kind == "continuous":
            unit = f" ({per_unit(info.unit if info is not None else '')})"
            ratios = [_ratios(desk, e, {"variable": variable}, models) for e in endpoints]
            label = f"{desk.variable(variable)}{unit}"
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
                    keys = contrast_keys(desk, variable, level)
                    row["ratios"] = [_ratios(desk, e, keys, models) for e in endpoints]
                    row["reference"] = off
                rows.append(row)
        if not any(r for row in rows[start:] for r in row["ratios"]):
            del rows[start:]
        for row in rows[start:]:
            row["band"] = band % 2 == 1
    if not rows:
        return None
    level = desk.style.level(0.95)
    data = {
        "rows": rows,
        "panels": [{"title": desk.endpoint(e), "columns": f"HR ({level} CI)"} for e in endpoints],
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
    width = desk.style.two_columns_mm if len(endpoints) > 1 else 120.0
    height = forest.height_mm(data, desk.style.points, width)
    title = "Hazard ratios for " + " and ".join(low_first(desk.endpoint(e)) for e in endpoints)
    return _figure(desk, name, "forest", title, caption, alt, data, height, width=width)


def historical(desk: Desk) -> Figure | None:
    """This study beside earlier ones, one block per figure."""
    panels: list[dict[str, Any]] = []
    for figure in historical_figures(desk):
        label, mine = FIGURES[figure]
        rows: list[dict[str, Any]] = []
        entries = [(f"This study (n = {desk.context.n})", desk.get(mine), True)]
        for key, study in desk.protocol.historical.items():
            size = f" (n = {study.n})" if study.n else ""
            found = desk.get(f"historical.{figure}.value", study=key)
            entries.append((f"{study.label}{size}", found, False))
        for words, estimate, own in entries:
            if estimate is None:
                continue
            ci = desk.style.ci(estimate)
            rows.append(
                {
                    "label": words,
                    "value": estimate.value,
                    "low": estimate.low if estimate.level else None,
                    "high": estimate.high if estimate.level else None,
                    "text": desk.style.value(estimate) + (f" ({ci})" if ci else ""),
                    "own": own,
                }
            )
        percent = figure == "orr"
        title = label.replace(", %", "")
        axis = f"{title} (%)" if percent else f"{title} ({desk.unit})"
        panels.append({"title": title, "axis": axis, "rows": rows, "percent": percent})
    if not panels:
        return None
    data = {"panels": panels}
    caption = say(
        "Squares: this study with 95% confidence intervals; circles: figures as published, with "
        "intervals where known. Patients, periods and methods differ, so the plot describes; it "
        "does not compare treatments."
    )
    alt = "This study beside earlier ones. " + " ".join(
        f"{p['title']}: " + "; ".join(f"{r['label']} {r['text']}" for r in p["rows"]) + "."
        for p in panels
    )
    width = 130.0
    height = forest.historical_height(data, desk.style.points, width)
    title = "This study beside earlier ones"
    return _figure(desk, "historical", "historical", title, caption, alt, data, height, width=width)


__all__ = [
    "flow", "hazards", "historical", "kind_of", "not_drawn", "spider", "survival", "swimmer",
    "waterfall",
]  # fmt: skip
