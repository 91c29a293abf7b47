"""Forest plots of Table II."""

from __future__ import annotations

from collections.abc import Mapping

from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.forest_of_models import (
    MODELS,
    Ratio,
    Row,
    Words,
    figure_of_models,
    ratio_of,
    rows_of,
)
from oncohort.displays.sections.table_of_models import contrast_keys, prognosis_endpoints


def _ratios(lookup: Lookup, e: str, keys: Mapping[str, str]) -> list[Ratio]:
    """What is drawn of a contrast: univariable, then multivariable."""
    out = []
    for model in MODELS:
        estimate = lookup.get(f"prognosis.{e}.hr", model=model, **keys)
        if estimate is None:
            continue
        p = lookup.get(f"prognosis.{e}.p", model=model, **keys)
        if p is None:
            p = lookup.get(f"prognosis.{e}.p_overall", model=model, variable=keys["variable"])
        out.append(ratio_of(lookup, model, estimate, p))
    return out


def figures(lookup: Lookup) -> list[Figure]:
    """Forest plots of Table II, one for each endpoint."""
    made = []
    for i, e in enumerate(prognosis_endpoints(lookup), 1):
        found = _hazards(lookup, e, "forest" if i == 1 else f"forest_{i}")
        made += [found] if found is not None else []
    return made


def _size(lookup: Lookup, e: str, keys: Mapping[str, str]) -> str:
    """ "42 (30)": patients and events."""
    n = lookup.get(f"prognosis.{e}.n", **keys)
    events = lookup.get(f"prognosis.{e}.events", **keys)
    if n is None or events is None:
        return ""
    return f"{lookup.style.value(n)} ({lookup.style.value(events)})"


def _rows(lookup: Lookup, e: str, variable: str) -> list[Row]:
    def ratios(level: str | None) -> list[Ratio]:
        alone = {"variable": variable}
        return _ratios(
            lookup, e, alone if level is None else contrast_keys(lookup, variable, level)
        )

    return rows_of(lookup, variable, ratios, lambda keys: _size(lookup, e, keys))


def _hazards(lookup: Lookup, e: str, name: str) -> Figure | None:
    rule = lookup.protocol.prognosis
    if rule is None:
        return None
    words = Words(
        lookup.endpoint(e),
        "hazard ratio",
        "HR",
        ("lower hazard", "higher hazard"),
        "a higher hazard than in the reference. N (events): patients and events of the "
        "univariable analysis",
    )
    rows = (_rows(lookup, e, v) for v in rule.candidates)
    return figure_of_models(lookup, name, words, rows, repeats="table.prognosis")
