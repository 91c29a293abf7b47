"""Table II after multiple imputation: pooled ratios beside those of complete cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oncohort.analyses.result import Estimate
from oncohort.displays.lookup import Lookup
from oncohort.displays.spans import Piece, Span, Spans, listed, say
from oncohort.displays.styles.style import DASH
from oncohort.displays.tables.model import Column, Row, Table, group, row
from oncohort.displays.words import name_in_text, per_step

SIGNIFICANT = 0.05
"""Bound of p by which the two models are said to agree or not."""


def table(lookup: Lookup) -> Table | None:
    """The multivariable models on complete cases and after imputation, side by side."""
    rows: list[Row] = []
    endpoints = [
        e for e in lookup.protocol.endpoints if lookup.has(f"prognosis.{e}.n", model="imputed")
    ]
    for e in endpoints:
        if len(endpoints) > 1:
            rows.append(group(lookup.endpoint(e)))
        rows += [
            _line(lookup, e, x) for x in lookup.numbers.of("prognosis", e, "hr", model="imputed")
        ]
    if not rows:
        return None
    p = lookup.style.p_symbol
    columns = (
        Column("Variable", align="left", width=2.6),
        Column("HR (95% CI)", ("Complete cases",), width=1.5),
        Column(p, ("Complete cases",), width=0.7),
        Column("HR (95% CI)", ("Imputed",), width=1.5),
        Column(p, ("Imputed",), width=0.7),
        Column("Missing information", ("Imputed",), width=1.1),
        Column("Monte Carlo error, %", ("Imputed",), width=1.0),
    )
    notes = [
        say(
            "HR: hazard ratio of the multivariable model; CI: confidence interval; {d}: not "
            "estimated. Missing information: share of what is known of the ratio that the gaps "
            "took. Monte Carlo error: of the logarithm of the ratio, in percent of its standard "
            "error; below 10 is enough.",
            d=DASH,
        ),
        *_sizes(lookup, endpoints),
    ]
    title = "Multivariable models after multiple imputation"
    return Table("imputed", "", title, columns, tuple(rows), tuple(notes), False)


def _sizes(lookup: Lookup, endpoints: list[str]) -> list[Spans]:
    out: list[Spans] = []
    for e in endpoints:
        path = f"prognosis.{e}"
        out.append(
            say(
                "{e}: {a} complete cases with {b} events; {c} patients with {d} events after "
                "imputation.",
                e=lookup.short(e),
                a=lookup.show(f"{path}.n", model="multi"),
                b=lookup.show(f"{path}.events", model="multi"),
                c=lookup.show(f"{path}.n", model="imputed"),
                d=lookup.show(f"{path}.events", model="imputed"),
            )
        )
        why = {
            x.note.rstrip("."): None
            for x in lookup.numbers.of("prognosis", e, "hr", model="imputed")
            if x.value is None and x.note
        }
        out += [say("{e}: {t}.", e=lookup.short(e), t=text) for text in why]
    return out


def _line(lookup: Lookup, e: str, ratio: Estimate) -> Row:
    keys: Mapping[str, Any] = {k: v for k, v in ratio.key.levels if k != "model"}
    path = f"prognosis.{e}"
    return row(
        _contrast(lookup, ratio),
        lookup.value_ci(f"{path}.hr", model="multi", **keys),
        lookup.show(f"{path}.p", model="multi", **keys),
        lookup.value_ci(f"{path}.hr", model="imputed", **keys),
        lookup.show(f"{path}.p", model="imputed", **keys),
        lookup.show(f"{path}.fmi", 2, model="imputed", **keys),
        lookup.show(f"{path}.mc_error", 1, model="imputed", **keys),
    )


def _contrast(lookup: Lookup, ratio: Estimate) -> Piece:
    """ "CRP (high vs. low)", "Age (per year)"."""
    name = ratio.key["variable"]
    info = lookup.info(name)
    if info is None or not info.levels:
        return f"{lookup.variable(name)} ({per_step(info)})"
    level = ratio.key.get("level") or next(v for v in info.levels if v != info.reference)
    return f"{info.label} ({info.levels[level]} vs. {info.levels.get(info.reference or '', '')})"


def moved(lookup: Lookup, e: str) -> Spans:
    """Whether an association is seen in one of the two models only."""
    pairs = []
    for one in lookup.numbers.of("prognosis", e, "p", model="imputed"):
        keys: dict[str, Any] = {k: v for k, v in one.key.levels if k != "model"}
        other = lookup.get(f"prognosis.{e}.p", model="multi", **keys)
        if one.value is not None and other is not None and other.value is not None:
            pairs.append((one, other, (one.value < SIGNIFICANT) != (other.value < SIGNIFICANT)))
    if not pairs:
        return ()
    changed = [(a, b) for a, b, moved in pairs if moved]
    if not changed:
        return say(
            "After multiple imputation, the same associations with {e} were seen as in complete "
            "cases.",
            e=lookup.short(e),
        )
    told = [
        say(
            "{v} ({p} {a} in complete cases, {b} imputed)",
            v=name_in_text(lookup.variable(a.key["variable"])),
            p=lookup.style.p_symbol,
            a=Span(lookup.style.value(b), b.id),
            b=Span(lookup.style.value(a), a.id),
        )
        for a, b in changed
    ]
    return say(
        "For {e}, multiple imputation and complete cases do not agree on {l}.",
        e=lookup.short(e),
        l=listed(told),
    )
