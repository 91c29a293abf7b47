"""Forest plots of Table II."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oncohort.displays.figures import forest
from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.prognosis_models import contrast_keys, prognosis_endpoints
from oncohort.displays.sections.section import figure_of
from oncohort.displays.spans import say
from oncohort.displays.words import low_first, per_step


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
