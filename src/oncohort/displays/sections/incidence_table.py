"""Tables of competing events: cumulative incidence, and its regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oncohort.analyses.incidence_models import wanted_variables
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.grouped_rates import in_no_group
from oncohort.displays.sections.incidence_causes import (
    HAZARDS,
    causes_of,
    endpoints_of,
    groups_of,
    times_of,
)
from oncohort.displays.sections.table_of_models import contrast_keys
from oncohort.displays.spans import Piece, Spans, listed, say
from oncohort.displays.tables.model import Column, Row, Table, group, row
from oncohort.displays.words import (
    low_first,
    name_in_text,
    per_step,
    up_first,
)


def table(lookup: Lookup) -> Table | None:
    """Patients, events and cumulative incidence of each kind of event, in all and by group."""
    endpoints = endpoints_of(lookup)
    if not endpoints:
        return None
    at = sorted({t for e in endpoints for t in times_of(lookup, e)}, key=float)
    tests = any(groups_of(lookup, e, v) for e in endpoints for v in lookup.protocol.endpoints[e].by)
    columns = [
        Column("First event", align="left", width=2.4),
        Column("n", width=0.6),
        Column("Events", width=0.8),
        *(Column(f"Incidence at {t} {lookup.unit}, % (95% CI)", width=1.6) for t in at),
        *([Column(f"Gray's test {lookup.style.p_symbol}", width=0.9)] if tests else []),
    ]
    rows: list[Row] = []
    for endpoint in endpoints:
        rows.append(group(lookup.endpoint(endpoint)))
        for cause, words in causes_of(lookup, endpoint).items():
            rows.append(_line(lookup, endpoint, cause, at, up_first(words), tests, 1))
        for variable in lookup.protocol.endpoints[endpoint].by:
            rows += _by(lookup, endpoint, variable, at, len(columns))
    return Table(
        "incidence",
        "",
        "Cumulative incidence of competing events",
        tuple(columns),
        tuple(rows),
        _notes(lookup, endpoints),
    )


def _line(
    lookup: Lookup,
    endpoint: str,
    cause: str,
    at: Sequence[str],
    label: str,
    tests: bool,
    indent: int,
    **keys: str,
) -> Row:
    path = f"incidence.{endpoint}"
    return row(
        label,
        lookup.show(f"{path}.n", **keys),
        lookup.show(f"{path}.events", cause=cause, **keys),
        *(lookup.value_ci(f"{path}.at", cause=cause, time=t, **keys) for t in at),
        *([""] if tests else []),
        indent=indent,
    )


def _by(lookup: Lookup, endpoint: str, variable: str, at: Sequence[str], columns: int) -> list[Row]:
    """The rows of one variable: its groups below each kind of event."""
    found = groups_of(lookup, endpoint, variable)
    if not found:
        return []
    rows: list[Row] = []
    for cause, words in causes_of(lookup, endpoint).items():
        p = lookup.show(f"incidence.{endpoint}.gray", cause=cause, variable=variable)
        blank: list[Piece] = [""] * (columns - 2)
        label = f"{up_first(words)}, by {name_in_text(lookup.variable_unit(variable))}"
        rows.append(row(label, *blank, p, indent=1))
        for level in found:
            keys = {"group": level, "variable": variable}
            name = lookup.level(variable, level)
            rows.append(_line(lookup, endpoint, cause, at, name, True, 2, **keys))
    return rows


def _notes(lookup: Lookup, endpoints: Sequence[str]) -> tuple[Spans, ...]:
    notes = [
        say("Aalen-Johansen estimates: the share of all patients in whom this event came first.")
    ]
    for endpoint in endpoints:
        for variable in lookup.values(("incidence", endpoint, "missing"), "variable"):
            missing = f"incidence.{endpoint}.missing"
            notes += in_no_group(lookup, missing, variable, lookup.endpoint(endpoint))
    return tuple(notes)


def regression(lookup: Lookup) -> Table | None:
    """Cause-specific and subdistribution hazard ratios side by side, for each kind of event."""
    endpoints = [e for e in endpoints_of(lookup) if lookup.numbers.of("incidence", e, "hr")]
    if not endpoints:
        return None
    columns = [Column("Variable", align="left", width=2.4)]
    shown = [
        (e, cause, words, hazard)
        for e in endpoints
        for cause, words in causes_of(lookup, e).items()
        for hazard in HAZARDS
        if lookup.numbers.of("incidence", e, "hr", cause=cause, hazard=hazard)
    ]
    for e, _, words, hazard in shown:
        name = up_first(words) if len(endpoints) == 1 else f"{lookup.short(e)}: {words}"
        kind = "Cause-specific" if hazard == "cause_specific" else "Subdistribution"
        columns.append(Column("HR (95% CI)", (name, kind), width=1.5))
        columns.append(Column(lookup.style.p_symbol, (name, kind), width=0.7))
    rows: list[Row] = []
    for model, heading in (("uni", "Univariable"), ("multi", "Multivariable")):
        body = _model_rows(lookup, model, shown)
        if body:
            rows += [group(heading), *body]
    notes = [
        say(
            "Cause-specific: Cox "
            "regression with the other events as censored. Subdistribution: Fine-Gray regression; "
            "above 1 means a higher cumulative incidence."
        )
    ]
    for e in endpoints:
        estimate = lookup.get(f"incidence.{e}.model_n", cause="event", model="multi")
        if estimate is not None:
            told = [
                say(
                    "{x} with {w}",
                    x=lookup.show(f"incidence.{e}.model_events", cause=c, model="multi"),
                    w=low_first(w),
                )
                for c, w in causes_of(lookup, e).items()
            ]
            notes.append(
                say(
                    "Multivariable models of {e}: {n} complete cases ({t}).",
                    e=lookup.endpoint(e),
                    n=lookup.bound(estimate),
                    t=listed(told),
                )
            )
    notes += _not_screened(lookup)
    title = "Regression with competing events: cause-specific and subdistribution hazards"
    return Table("incidence_models", "", title, tuple(columns), tuple(rows), tuple(notes), False)


def _not_screened(lookup: Lookup) -> list[Spans]:
    """That screening selects no multivariable model here, where the protocol asks for it."""
    rule = lookup.protocol.prognosis
    if rule is None or rule.selection != "screening":
        return []
    words = "No multivariable model is selected by screening where there are competing events: "
    return [say(words + "name its variables in advance.")]


def _model_rows(
    lookup: Lookup, model: str, shown: Sequence[tuple[str, str, str, str]]
) -> list[Row]:
    rows: list[Row] = []
    variables = dict.fromkeys(v for e, *_ in shown for v in wanted_variables(lookup.protocol, e))

    def cells(keys: Mapping[str, str]) -> list[Piece]:
        out: list[Piece] = []
        for e, cause, _, hazard in shown:
            full = {"cause": cause, "hazard": hazard, "model": model, **keys}
            out.append(lookup.value_ci(f"incidence.{e}.hr", **full))
            out.append(lookup.show(f"incidence.{e}.p", **full))
        return out

    for variable in variables:
        if not any(
            lookup.numbers.of("incidence", e, "hr", cause=c, model=model, variable=variable)
            for e, c, *_ in shown
        ):
            continue
        info = lookup.info(variable)
        if info is None or not info.levels:
            label = f"{lookup.variable(variable)}, {per_step(info)}"
            rows.append(row(label, *cells({"variable": variable}), indent=1))
            continue
        head: list[Piece] = []
        for e, cause, _, hazard in shown:
            keys = {"cause": cause, "hazard": hazard, "model": model, "variable": variable}
            joint = lookup.get(f"incidence.{e}.p_overall", **keys)
            head += ["", lookup.bound(joint) if joint is not None else ""]
        rows.append(row(lookup.variable_unit(variable), *head, indent=1))
        for level, label in info.levels.items():
            if level == info.reference:
                reference: list[Piece] = ["1 (ref.)", ""] * len(shown)
                rows.append(row(label, *reference, indent=2))
            else:
                rows.append(row(label, *cells(contrast_keys(lookup, variable, level)), indent=2))
    return rows
