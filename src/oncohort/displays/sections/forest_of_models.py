"""Forest plots of regression models: hazard ratios of Table II, odds ratios of binary outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from oncohort.analyses.result import Estimate
from oncohort.dataclass import dataclass
from oncohort.displays.figures import forest
from oncohort.displays.figures.data import Panel
from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.section import figure_of
from oncohort.displays.spans import say
from oncohort.displays.words import low_first, per_step

MODELS = {"uni": "Univariable", "multi": "Multivariable"}
"""Models that are drawn, with their names."""

Ratio = Panel
Row = Panel


@dataclass(frozen=True, slots=True)
class Words:
    """What differs between forest plots of models."""

    subject: str
    """The endpoint or the outcome."""
    ratio: str
    """`hazard ratio`."""
    short: str
    """`HR`."""
    sides: tuple[str, str]
    above_one: str
    """What a ratio above 1 means, and what the column of numbers holds."""


def ratio_of(lookup: Lookup, model: str, estimate: Estimate, p: Estimate | None) -> Ratio:
    """What is drawn of one ratio."""
    return {
        "model": model,
        "hr": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "text": lookup.style.value_ci(estimate),
        "p": lookup.style.value(p) if p is not None and p.value is not None else "",
    }


def rows_of(
    lookup: Lookup,
    variable: str,
    ratios: Callable[[str | None], list[Ratio]],
    size: Callable[[Mapping[str, str]], str],
) -> list[Row]:
    """Rows of a variable; none where no ratio could be estimated.

    Parameters
    ----------
    ratios
        The ratios of a level; of the variable itself for None.
    size
        Patients and events of a model or a level, in words.
    """
    info = lookup.info(variable)
    if info is None or info.kind == "continuous":
        label = f"{lookup.variable(variable)} ({per_step(info)})"
        whole = size({"model": "uni", "variable": variable})
        rows: list[Row] = [
            {"label": label, "head": True, "ratios": ratios(None), "size": whole,
             "reference": False}
        ]  # fmt: skip
    else:
        head = lookup.variable_unit(variable)
        rows = [{"label": head, "head": True, "ratios": [], "size": "", "reference": False}]
        for level, words in info.levels.items():
            own = level == info.reference
            rows.append(
                {
                    "label": words,
                    "head": False,
                    "ratios": [] if own else ratios(level),
                    "size": size({"level": level, "variable": variable}),
                    "reference": own,
                }
            )
    drawn = [ratio for row in rows for ratio in row["ratios"]]
    return rows if any(ratio["hr"] is not None for ratio in drawn) else []


def figure_of_models(
    lookup: Lookup, name: str, words: Words, variables: Iterable[list[Row]], repeats: str = ""
) -> Figure | None:
    """The forest plot of the rows of several variables; None where none has a ratio."""
    shown = [rows for rows in variables if rows]
    rows = [{**row, "band": band % 2 == 1} for band, some in enumerate(shown) for row in some]
    if not rows:
        return None
    level = lookup.style.level(0.95)
    drawn = {ratio["model"] for row in rows for ratio in row["ratios"]}
    data = {
        "rows": rows,
        "title": words.subject,
        "columns": ("N (events)", f"{words.short} ({level} CI)", lookup.style.p_symbol),
        "models": [(m, w) for m, w in MODELS.items() if m in drawn],
        "axis": f"{words.ratio.capitalize()} (log scale)",
        "sides": words.sides,
    }
    article = "An" if words.ratio[0] in "aeiou" else "A"
    caption = say(
        "{m}. Bars are {l} confidence intervals; arrows go beyond the axis. "
        f"{article} {words.ratio} above 1 means {words.above_one}.",
        m="Open circles: univariable; filled squares and bold figures: multivariable"
        if len(drawn) > 1
        else f"Circles: {MODELS[min(drawn)].lower()}",
        l=level,
    )
    subject = low_first(words.subject)
    told = "; ".join(
        f"{row['label']} {r['text']}" for row in rows for r in row["ratios"] if r["model"] == "uni"
    )
    alt = f"Forest plot of univariable {words.ratio}s for {subject}: {told}."
    width = lookup.style.two_columns_mm
    height = forest.height_mm(data, lookup.style.points, width)
    title = f"{words.ratio.capitalize()}s for {subject}"
    return figure_of(
        lookup, name, "forest", title, caption, alt, data, height, width=width, repeats=repeats
    )
