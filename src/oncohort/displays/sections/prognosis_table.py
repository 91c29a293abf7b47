"""Table II: hazard ratios of the candidates, univariable beside multivariable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oncohort.displays.lookup import Lookup
from oncohort.displays.sections import effects
from oncohort.displays.sections.table_of_models import (
    MODELS,
    contrast_keys,
    entry_note,
    joint_test_notes,
    models_of,
    prognosis_endpoints,
    size,
)
from oncohort.displays.spans import Piece, Spans, listed, say
from oncohort.displays.tables.model import Column, Row, Table, row
from oncohort.displays.words import name_in_text, patients, per_step
from oncohort.protocol.analysis import Prognosis
from oncohort.protocol.number_style import DASH
from oncohort.vocabulary.plurals import plural


def table(lookup: Lookup) -> Table | None:
    """Table II: N, events, hazard ratio, interval and p; univariable beside multivariable."""
    endpoints = prognosis_endpoints(lookup)
    rule = lookup.protocol.prognosis
    if not endpoints or rule is None:
        return None
    multi = {e: lookup.has(f"prognosis.{e}.n", model="multi") for e in endpoints}
    once = _same_patients(lookup, endpoints)
    columns = [Column("Variable", align="left", width=2.5)]
    columns += [Column("N", width=0.5)] if once else []
    ratio = "HR (95% CI)"
    for e in endpoints:
        name = lookup.endpoint(e)
        columns.append(Column("Events" if once else "N (events)", (name,), width=0.95))
        for model in models_of(lookup, e):
            columns.append(Column(ratio, (name, MODELS[model]), width=1.5))
            columns.append(Column(lookup.style.p_symbol, (name, MODELS[model]), width=0.7))

    rows: list[Row] = []
    for variable in rule.candidates:
        if not any(
            lookup.has(f"prognosis.{e}.n", model="uni", variable=variable) for e in endpoints
        ):
            continue
        info = lookup.info(variable)
        label = lookup.variable(variable)
        if info is None or info.kind == "continuous":
            unit = f", {per_step(info)}"
            cells: list[Piece] = _first_size(
                lookup, endpoints, once, model="uni", variable=variable
            )
            for e in endpoints:
                cells.append(_size(lookup, e, once, model="uni", variable=variable))
                for model in models_of(lookup, e):
                    cells += _ratio_cells(lookup, e, model, {"variable": variable})
            rows.append(row(f"{label}{unit}", *cells))
            continue
        rows += _factor(lookup, variable, endpoints, once)
    if not rows:
        return None
    return Table(
        "prognosis",
        "",
        "Univariable and multivariable analysis of "
        + " and ".join(lookup.endpoint(e).lower() for e in endpoints),
        tuple(columns),
        tuple(rows),
        _notes(lookup, endpoints, multi),
    )


def _ratio_cells(lookup: Lookup, e: str, model: str, keys: Mapping[str, str]) -> list[Piece]:
    """Hazard ratio with its interval, and p."""
    path = f"prognosis.{e}"
    ratio = lookup.value_ci(f"{path}.hr", model=model, **keys)
    what = "p" if lookup.has(f"{path}.p", model=model, **keys) else "p_overall"
    return [ratio, lookup.show(f"{path}.{what}", model=model, **keys)]


def _same_patients(lookup: Lookup, endpoints: Sequence[str]) -> bool:
    """Are the patients of every row the same for all endpoints? Then they are told once."""
    sizes = [
        {
            e.key.levels: e.value
            for e in lookup.numbers.of("prognosis", endpoint, "n")
            if e.key.get("model") != "multi"
        }
        for endpoint in endpoints
    ]
    return len(sizes) > 1 and all(s == sizes[0] for s in sizes)


def _first_size(lookup: Lookup, endpoints: Sequence[str], once: bool, **keys: str) -> list[Piece]:
    """The patients of a row where they stand in a column of their own."""
    return [lookup.show(f"prognosis.{endpoints[0]}.n", **keys)] if once else []


def _size(lookup: Lookup, e: str, once: bool, **keys: str) -> Spans:
    """ "42 (30)": patients and events; the events alone where patients have their own column."""
    path = f"prognosis.{e}"
    if once and lookup.has(f"{path}.n", **keys):
        return (lookup.show(f"{path}.events", **keys),)
    return size(lookup, path, **keys)


def _factor(lookup: Lookup, variable: str, endpoints: list[str], once: bool) -> list[Row]:
    """Head row and one row per level; the reference level is shown as 1."""
    info = lookup.info(variable)
    assert info is not None
    head: list[Piece] = [""] if once else []
    for e in endpoints:
        head += ["", ""]
        overall = f"prognosis.{e}.p_overall"
        for model in models_of(lookup, e):
            head += [""] if model != "uni" else []
            found = lookup.get(overall, model=model, variable=variable)
            head.append(lookup.bound(found) if found else "")
    rows = [row(lookup.variable_unit(variable), *head)]
    for level, label in info.levels.items():
        cells = _first_size(lookup, endpoints, once, level=level, variable=variable)
        for e in endpoints:
            cells.append(_size(lookup, e, once, level=level, variable=variable))
            for model in models_of(lookup, e):
                inside = any(
                    lookup.has(
                        f"prognosis.{e}.hr", model=model, **contrast_keys(lookup, variable, v)
                    )
                    for v in info.levels
                )
                if level == info.reference:
                    cells += ["1 (ref.)" if inside else DASH, ""]
                else:
                    keys = contrast_keys(lookup, variable, level)
                    cells += _ratio_cells(lookup, e, model, keys)
        rows.append(row(label, *cells, indent=1))
    return rows


def _models_in_notes(lookup: Lookup, e: str, rule: Prognosis, multi: bool) -> list[Spans]:
    """Patients and events of the models of an endpoint; why there is none."""
    if not multi:
        why = (
            f"no candidate had a univariable {lookup.style.p_symbol} below {rule.p_enter:g}"
            if rule.selection == "screening"
            else "it could not be fitted"
        )
        return [say("{e}: no multivariable model; {w}.", e=lookup.short(e), w=why)]
    estimate = lookup.get(f"prognosis.{e}.n", model="multi")
    missing = sum(estimate.excluded.values()) if estimate else 0
    text = "Multivariable model of {e}: {n} complete {c}, {v} {w}"
    told = [("multi", text + (f" ({missing} left out for missing values)." if missing else "."))]
    if lookup.has(f"prognosis.{e}.n", model="imputed"):
        imputed = (
            "Imputed, {e}: {n} {p}, {v} {w}; missing values by multiple imputation, "
            "pooled by Rubin's rules."
        )
        told.append(("imputed", imputed))
    return [
        say(
            words,
            e=lookup.short(e),
            n=lookup.show(f"prognosis.{e}.n", model=model),
            v=lookup.show(f"prognosis.{e}.events", model=model),
            c=plural(lookup.number(f"prognosis.{e}.n", model=model), "case"),
            p=patients(lookup.number(f"prognosis.{e}.n", model=model)),
            w=plural(lookup.number(f"prognosis.{e}.events", model=model), "event"),
        )
        for model, words in told
    ]


def _notes(lookup: Lookup, endpoints: list[str], multi: dict[str, bool]) -> tuple[Spans, ...]:
    rule = lookup.protocol.prognosis
    assert rule is not None
    notes: list[Spans] = [
        say("ref.: level that the others are compared with; {d}: not in the model.", d=DASH)
    ]
    for e in endpoints:
        notes += _models_in_notes(lookup, e, rule, multi[e])
    if any(multi.values()) and rule.strata:
        named = listed(name_in_text(lookup.variable(v)) for v in rule.strata)
        notes.append(say("The multivariable model was stratified by {s}.", s=named))
    if any(multi.values()):
        notes.append(entry_note(lookup, rule))
    notes += effects.notes(lookup, endpoints)
    notes += joint_test_notes(lookup, rule.candidates)
    return tuple(notes)
