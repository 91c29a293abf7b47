"""Forest plots of Table II."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oncohort.displays.figures import forest
from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.prognosis_models import contrast_keys, prognosis_endpoints
from oncohort.displays.sections.section import figure_of
from oncohort.displays.spans import say
from oncohort.displays.words import low_first, per_step


def _ratios(lookup: Lookup, e: str, keys: Mapping[str, str]) -> list[dict[str, Any]]:
    """What is drawn of a contrast: univariable, then multivariable."""
    out = []
    for model in MODELS:
        estimate = lookup.get(f"prognosis.{e}.hr", model=model, **keys)
        if estimate is None:
            continue
        p = lookup.get(f"prognosis.{e}.p", model=model, **keys)
        if p is None:
            p = lookup.get(f"prognosis.{e}.p_overall", model=model, variable=keys["variable"])
        out.append(
            {
                "model": model,
                "hr": estimate.value,
                "low": estimate.low,
                "high": estimate.high,
                "text": lookup.style.value_ci(estimate),
                "p": lookup.style.value(p) if p is not None and p.value is not None else "",
            }
        )
    return out


MODELS = {"uni": "Univariable", "multi": "Multivariable"}


def figures(lookup: Lookup) -> list[Figure]:
    """Forest plots of Table II, one for each endpoint."""
    made = []
    for i, e in enumerate(prognosis_endpoints(lookup), 1):
        found = _hazards(lookup, e, "forest" if i == 1 else f"forest_{i}")
        made += [found] if found is not None else []
    return made


def _size(lookup: Lookup, e: str, **keys: str) -> str:
    """ "42 (30)": patients and events."""
    n = lookup.get(f"prognosis.{e}.n", **keys)
    events = lookup.get(f"prognosis.{e}.events", **keys)
    if n is None or events is None:
        return ""
    return f"{lookup.style.value(n)} ({lookup.style.value(events)})"


def _rows(lookup: Lookup, e: str, variable: str) -> list[dict[str, Any]]:
    """Rows of a variable; none where no ratio could be estimated."""
    info = lookup.info(variable)
    if info is None or info.kind == "continuous":
        ratios = _ratios(lookup, e, {"variable": variable})
        label = f"{lookup.variable(variable)} ({per_step(info)})"
        size = _size(lookup, e, model="uni", variable=variable)
        rows: list[dict[str, Any]] = [
            {"label": label, "head": True, "ratios": ratios, "size": size, "reference": False}
        ]
    else:
        head = lookup.variable_unit(variable)
        rows = [{"label": head, "head": True, "ratios": [], "size": "", "reference": False}]
        for level, label in info.levels.items():
            own = level == info.reference
            keys = contrast_keys(lookup, variable, level)
            size = _size(lookup, e, level=level, variable=variable)
            ratios = [] if own else _ratios(lookup, e, keys)
            rows.append({"label": label, "head": False, "ratios": ratios, "size": size})
            rows[-1]["reference"] = own
    drawn = [r for row in rows for r in row["ratios"]]
    return rows if any(r["hr"] is not None for r in drawn) else []


def _hazards(lookup: Lookup, e: str, name: str) -> Figure | None:
    rule = lookup.protocol.prognosis
    if rule is None:
        return None
    rows: list[dict[str, Any]] = []
    shown = [found for v in rule.candidates if (found := _rows(lookup, e, v))]
    for band, some in enumerate(shown):
        rows += [{**row, "band": band % 2 == 1} for row in some]
    if not rows:
        return None
    level = lookup.style.level(0.95)
    drawn = {r["model"] for row in rows for r in row["ratios"]}
    data = {
        "rows": rows,
        "title": lookup.endpoint(e),
        "columns": ("N (events)", f"HR ({level} CI)", lookup.style.p_symbol),
        "models": [(m, w) for m, w in MODELS.items() if m in drawn],
        "axis": "Hazard ratio (log scale)",
        "sides": ("lower hazard", "higher hazard"),
    }
    caption = say(
        "{m}. Bars are {l} confidence intervals; arrows go beyond the axis. A hazard ratio above 1 "
        "means a higher hazard than in the reference. N (events): patients and events of the "
        "univariable analysis.",
        m="Open circles: univariable; filled squares and bold figures: multivariable"
        if len(drawn) > 1
        else f"Circles: {MODELS[min(drawn)].lower()}",
        l=level,
    )
    told = "; ".join(
        f"{row['label']} {r['text']}" for row in rows for r in row["ratios"] if r["model"] == "uni"
    )
    alt = f"Forest plot of univariable hazard ratios for {low_first(lookup.endpoint(e))}: {told}."
    width = lookup.style.two_columns_mm
    height = forest.height_mm(data, lookup.style.points, width)
    title = f"Hazard ratios for {low_first(lookup.endpoint(e))}"
    repeats = "table.prognosis"
    return figure_of(
        lookup, name, "forest", title, caption, alt, data, height, width=width, repeats=repeats
    )
