"""E-values of the multivariable hazard ratios."""

from __future__ import annotations

from collections.abc import Mapping

from oncohort.analyses import e_value
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.section import Part, Section
from oncohort.displays.spans import Piece, Spans, listed, say, sentences
from oncohort.displays.tables.model import Column, Row, Table, group, row
from oncohort.displays.words import name_in_text
from oncohort.protocol import Protocol


def _rows(lookup: Lookup, endpoint: str) -> list[tuple[str, dict[str, str]]]:
    """(label, keys) of each ratio of an endpoint."""
    out = []
    for estimate in lookup.numbers.of("e_value", endpoint, "estimate"):
        keys = dict(estimate.key.levels)
        label = lookup.variable(keys["variable"])
        if "level" in keys:
            label += f": {lookup.level(keys['variable'], keys['level'])}"
        out.append((label, keys))
    return out


def table(lookup: Lookup) -> Table | None:
    """E-values of each hazard ratio and of its interval."""
    endpoints = [e for e in lookup.protocol.endpoints if _rows(lookup, e)]
    if not endpoints:
        return None
    rows: list[Row] = []
    for e in endpoints:
        rows.append(group(lookup.endpoint(e)))
        for label, keys in _rows(lookup, e):
            ratio = lookup.value_ci(f"prognosis.{e}.hr", model="multi", **keys)
            numbers: list[Piece] = [
                lookup.show(f"e_value.{e}.{what}", **keys) for what in ("estimate", "interval")
            ]
            rows.append(row(label, ratio, *numbers, indent=1))
    columns = (
        Column("Variable", align="left", width=2.4),
        Column("HR (95% CI)", width=1.5),
        Column("E-value", width=0.9),
        Column("E-value of the interval", width=1.2),
    )
    notes = (
        say("E-value of the interval: of its end nearer to 1; 1 where the interval has 1 in it."),
    )
    return Table("e_values", "", "E-values", columns, tuple(rows), notes, False)


def _named(lookup: Lookup, keys: Mapping[str, str]) -> str:
    """ "age", "stage II"."""
    variable = keys["variable"]
    if "level" in keys:
        return lookup.group(variable, keys["level"])
    return name_in_text(lookup.variable(variable))


def texts(lookup: Lookup) -> list[Spans]:
    """What an unmeasured confounder would have to be like, where the interval leaves 1 out."""
    out = []
    for endpoint in lookup.protocol.endpoints:
        told = [
            say(
                "{e} for {v} ({w}{i})",
                v=_named(lookup, keys),
                e=lookup.show(f"e_value.{endpoint}.estimate", **keys),
                i=lookup.show(f"e_value.{endpoint}.interval", **keys),
                w="for the interval, " if not k else "",
            )
            for k, keys in enumerate(
                keys
                for _, keys in _rows(lookup, endpoint)
                if (lookup.number(f"e_value.{endpoint}.interval", **keys) or 1) > 1
            )
        ]
        if told:
            what = "E-value" if len(told) == 1 else "E-values"
            verb = "was" if len(told) == 1 else "were"
            short = lookup.short(endpoint)
            out.append(say("The {w} of {e} {v} {l}.", w=what, e=short, v=verb, l=listed(told)))
    return [sentences(*out)] if out else []


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """The E-values of each endpoint with models, where they are asked for."""
    rule = protocol.prognosis
    if rule is None or not rule.e_values:
        return ()
    asked = (k for k in protocol.endpoints if k in rule.endpoints or not rule.endpoints)
    return tuple(("e_value", k) for k in asked if not protocol.endpoints[k].has_competing)


SECTION = Section(
    key="e_value",
    title="",
    methods="Unmeasured confounding",
    declared=declared,
    analyse=lambda request: e_value.analyse(request.protocol, request.numbers),
    tables=(table,),
    sentences=texts,
    analyses=(
        Analysis(
            "E-values",
            key="prognosis.e_values",
            ids=("e_value.*.estimate", "e_value.*.interval"),
            guard=("prognosis.fit",),
            r="EValue::evalues.HR",
            page="analyses/survival-contrasts.md",
            table=table,
        ),
    ),
)
