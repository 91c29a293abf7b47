"""Response by group: best response, rates and differences, and a waterfall for each group."""

from __future__ import annotations

from oncohort.displays.figures.model import Figure
from oncohort.displays.figures.palette import RESPONSES
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.grouped_rates import Shown
from oncohort.displays.sections.section import figure_of
from oncohort.displays.spans import Spans, say, sentences
from oncohort.displays.tables.model import Column, Row, Table, row
from oncohort.displays.words import name_in_text, up_first

ORDER = ("cr", "pr", "noncr_nonpd", "sd", "pd", "ne")


def _shown(lookup: Lookup) -> list[Shown]:
    """The variables whose groups have response rates."""
    rule = lookup.protocol.response
    return [
        Shown(lookup, "response", v)
        for v in (rule.by if rule is not None else [])
        if lookup.numbers.of("response", "orr", "count", variable=v)
    ]


def _name(variable: str) -> str:
    return variable.replace(".", "_").replace("+", "_")


def tables(lookup: Lookup) -> list[Table]:
    """Best response and rates by group, with differences, odds ratios and the test."""
    rule = lookup.protocol.response
    if rule is None:
        return []
    out = []
    for shown in _shown(lookup):
        p = lookup.has("response.orr.p", variable=shown.variable)
        rows: list[Row] = []
        for level in ORDER:
            found = lookup.numbers.of(
                "response", "best", "count", level=level, variable=shown.variable
            )
            if found:
                label = RESPONSES[level][0] if level != "noncr_nonpd" else "Non-CR/non-PD"
                tail = [""] if p else []
                rows.append(
                    row(f"{label}, n (%)", *shown.cells("response.best", level=level), *tail)
                )
        rows += shown.rate("Objective response (CR + PR), n (%)", "response.orr", p=p)
        control = up_first(rule.disease_control)
        rows += shown.rate(f"{control} (CR + PR + SD), n (%)", "response.dcr", p=p)
        notes = shown.notes(
            of="all patients of the column, those not evaluable among them", path="response.orr"
        )
        columns = (Column("Best response", align="left", width=2.6), *shown.columns(p=p))
        title = f"Best response by {name_in_text(lookup.variable(shown.variable))}"
        name = f"response_{_name(shown.variable)}"
        out.append(Table(name, "", title, columns, tuple(rows), tuple(notes), True))
    return out


def figures(lookup: Lookup) -> list[Figure]:
    """A waterfall for each group, side by side."""
    out = []
    for shown in _shown(lookup):
        panels = []
        for group in shown.groups:
            id_ = f"response.waterfall[group={group},variable={shown.variable}]"
            curve = lookup.numbers.curves.get(id_)
            if curve is None:
                continue
            panels.append(
                {
                    "label": shown.label(group),
                    "n": f"{len(curve)} of {shown.size(group)}",
                    "change": tuple(float(v) for v in curve.columns["change"]),
                    "best": tuple(b if b in RESPONSES else "ne" for b in curve.columns["best"]),
                }
            )
        if not any(panel["change"] for panel in panels):
            continue
        variable = name_in_text(lookup.variable(shown.variable))
        caption = say(
            "Each bar is one patient; below each group, how many of its patients are drawn. Colour "
            "and hatching show the best response. Dashed lines mark \u221230% and +20% of the "
            "baseline sum."
        )
        drawn = sum(len(panel["change"]) for panel in panels)
        alt = f"Waterfall plots of {drawn} patients in {len(panels)} groups side by side."
        title = f"Best change of the sum of target lesions by {variable}"
        data = {"panels": panels, "ylabel": "Best change from baseline (%)"}
        name = f"waterfall_{_name(shown.variable)}"
        out.append(figure_of(lookup, name, "waterfall_groups", title, caption, alt, data, 82))
    return out


def text(lookup: Lookup) -> Spans:
    """Response rate and disease control in each group, with the difference and p."""
    rule = lookup.protocol.response
    out: list[Spans] = []
    for shown in _shown(lookup):
        out.append(shown.sentence("objective response rate", "response.orr"))
        if rule is not None:
            out.append(shown.sentence(f"{rule.disease_control} rate", "response.dcr"))
    return sentences(*out)
