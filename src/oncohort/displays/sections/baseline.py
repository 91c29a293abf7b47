"""Table I: what the patients were like when treatment started."""

from __future__ import annotations

from collections.abc import Mapping

from oncohort.analyses import baseline
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.item import Item, filled_if
from oncohort.displays.sections.section import Part, Section
from oncohort.displays.spans import Piece, Span, Spans, listed, say, sentences
from oncohort.displays.tables.model import Cell, Column, Row, Table, cell, row
from oncohort.displays.words import name_in_text, up_first
from oncohort.protocol import Protocol


def _summary_words(lookup: Lookup, key: str, keys: Mapping[str, str]) -> str:
    path = f"baseline.{key}"
    if lookup.has(f"{path}.mean", **keys):
        return "mean (SD)"
    return "median (range)" if lookup.has(f"{path}.minimum", **keys) else "median (IQR)"


def table(lookup: Lookup) -> Table | None:
    """Table I: numbers as median (range) or mean (SD), categories as n (%), missing counted."""
    section = lookup.protocol.baseline
    if section is None or lookup.numbers.section("baseline") is None:
        return None
    groups: list[dict[str, str]] = [{}]
    columns = [Column("Characteristic", align="left", width=2.6)]
    whole = f"All patients (n = {lookup.context.n})"
    by = section.by if section.by and lookup.context.variables.get(section.by) else None
    if by:
        name = lookup.variable(by)
        columns.append(Column(whole))
        for level, label in lookup.levels(by).items():
            population = lookup.numbers.populations.get(baseline.group_id(level))
            size = len(population.patients) if population else 0
            columns.append(Column(f"{label} (n = {size})", (name,)))
            groups.append({"group": level})
    else:
        columns.append(Column(whole))
    tests = by is not None and section.test
    if tests:
        columns.append(Column(lookup.style.p_symbol, width=0.7))
    rows: list[Row] = []
    empty: list[Piece | Cell] = [""] * len(columns)
    for key in section.variables:
        info = lookup.info(key)
        if info is None or not lookup.has(f"baseline.{key}.missing"):
            continue
        p = [lookup.show(f"baseline.{key}.p")] if lookup.has(f"baseline.{key}.p") else [Span("")]
        tail = p if tests else []
        missing = any(lookup.number(f"baseline.{key}.missing", **g) for g in groups)
        if info.kind == "continuous":
            unit = f", {info.unit}" if info.unit else ""
            words = f"{info.label}{unit}, {_summary_words(lookup, key, {})}"
            cells = [cell(lookup.median_range(f"baseline.{key}", info.digits, **g)) for g in groups]
            rows.append(row(words, *cells, *tail))
        else:
            rows.append(
                row(f"{lookup.variable_unit(key)}, n (%)", *empty[1 : 1 + len(groups)], *tail)
            )
            for level, label in info.levels.items():
                cells = [
                    cell(lookup.count_percent(f"baseline.{key}", level=level, **g)) for g in groups
                ]
                rows.append(row(label, *cells, *([""] if tests else []), indent=1))
        if missing:
            cells = [cell(lookup.show(f"baseline.{key}.missing", **g)) for g in groups]
            rows.append(row("Missing", *cells, *([""] if tests else []), indent=1))
    if not rows:
        return None
    return Table(
        "baseline",
        "",
        "Patient characteristics",
        tuple(columns),
        tuple(rows),
        _notes(lookup, tests),
    )


def _notes(lookup: Lookup, tests: bool) -> tuple[Spans, ...]:
    section = lookup.protocol.baseline
    assert section is not None
    known = section.percent_of == "known"
    some = any(lookup.number(f"baseline.{k}.missing") for k in section.variables)
    notes: list[Spans] = []
    if some or known:
        of = "patients with a known value" if known else "all patients of the column"
        notes.append(
            say(f"Percentages are of {of}; missing values are counted below each variable.")
        )
    else:
        notes.append(say("Percentages are of all patients of the column; no value is missing."))
    if section.by and lookup.number("baseline.group.missing"):
        notes.append(
            say(
                "{v} is missing in {n} of all patients, who are in no group.",
                v=lookup.variable(section.by),
                n=lookup.show("baseline.group.missing"),
            )
        )
    if tests:
        methods = dict.fromkeys(
            e.method for k in section.variables if (e := lookup.get(f"baseline.{k}.p")) and e.method
        )
        notes.append(say("{p}: {m}.", p=lookup.style.p_symbol, m="; ".join(methods)))
    if any("imdc" in (lookup.protocol.variables[k].derive or "") for k in section.variables):
        notes.append(
            say("IMDC: International Metastatic Renal Cell Carcinoma Database Consortium.")
        )
    ranges = [k for k in section.variables if lookup.has(f"baseline.{k}.q1")]
    if ranges:
        notes.append(say("IQR: interquartile range (first to third quartile)."))
    return tuple(notes)


def text(lookup: Lookup) -> Spans:
    """The first number and the first categories of Table I in words."""
    section = lookup.protocol.baseline
    if section is None or lookup.numbers.section("baseline") is None:
        return ()
    out: list[Piece] = []
    told = 0
    for key in section.variables:
        info = lookup.info(key)
        if info is None or told >= 4 or not lookup.has(f"baseline.{key}.missing"):
            continue
        told += 1
        path = f"baseline.{key}"
        if info.kind == "continuous":
            mean = lookup.has(f"{path}.mean")
            if lookup.number(f"{path}.{'mean' if mean else 'median'}") is None:
                continue
            out.append(
                say(
                    "{m} {v} was {x}.",
                    m="Mean" if mean else "Median",
                    v=name_in_text(info.label),
                    x=lookup.median_words(path, info.unit, info.digits),
                )
            )
            continue
        levels = [v for v in info.levels if lookup.number(f"{path}.count", level=v)]
        if not levels or len(info.levels) > 4:
            continue
        parts = [
            say(
                "{l} in {n}",
                l=name_in_text(info.levels[v]),
                n=lookup.patients_words(path, level=v)
                if v == levels[0]
                else lookup.count_percent_words(path, level=v),
            )
            for v in levels
        ]
        plain = {"yes", "no", "present", "absent", "positive", "negative"}
        joint = ": {p}." if {v.lower() for v in info.levels.values()} <= plain else " was {p}."
        out.append(say("{v}" + joint, v=up_first(info.label), p=listed(parts)))
    return sentences(*out)


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Table I, and its groups."""
    if protocol.baseline is None:
        return ()
    by = (("baseline", "by", protocol.baseline.by),) if protocol.baseline.by else ()
    return (("baseline",), *by)


def _filled(lookup: Lookup) -> str:
    return filled_if(lookup.numbers.section("baseline"), "Patients", "declare [baseline]")


SECTION = Section(
    key="baseline",
    title="",
    methods="Baseline",
    declared=declared,
    analyse=lambda request: baseline.analyse(request.protocol, request.cohort),
    tables=(table,),
    sentences=lambda lookup: [text(lookup)],
    analyses=(
        Analysis(
            "Patient characteristics",
            key="baseline.variables",
            ids=(
                "baseline.*.median",
                "baseline.*.count",
                "baseline.*.percent",
                "baseline.*.missing",
            ),
            sentence=text,
            guard=("variables.empty", "variables.unknown-level"),
            r="quantile, table",
            page="displays.md",
            table=table,
        ),
    ),
    items=(
        Item("14a", "Characteristics of patients", _filled),
        Item("14b", "Missing values of each variable", _filled),
    ),
)
