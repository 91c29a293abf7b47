"""Table I: what the patients were like when treatment started."""

from __future__ import annotations

import re
from collections.abc import Mapping

from oncohort.analyses import baseline
from oncohort.displays.lookup import Lookup
from oncohort.displays.prose.derived import derived
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.item import Item, filled_if
from oncohort.displays.sections.section import Part, Section
from oncohort.displays.spans import Piece, Span, Spans, joined, listed, say, sentences
from oncohort.displays.tables.model import Cell, Column, Row, Table, cell, row
from oncohort.displays.words import name_in_text, up_first, were
from oncohort.protocol import Protocol
from oncohort.protocol.number_style import SIGNIFICANT

BALANCED = 0.1
"""Standardized difference below which groups count as balanced (Austin 2009)."""


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
    more: list[str] = []
    for what, label in (("p", lookup.style.p_symbol), ("smd", "SMD")):
        if by is not None and any(lookup.has(f"baseline.{k}.{what}") for k in section.variables):
            columns.append(Column(label, width=0.7))
            more.append(what)
    blank = [""] * len(more)
    rows: list[Row] = []
    empty: list[Piece | Cell] = [""] * len(columns)
    for key in section.variables:
        info = lookup.info(key)
        if info is None or not lookup.has(f"baseline.{key}.missing"):
            continue
        tail = [_beside(lookup, key, what) for what in more]
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
                rows.append(row(label, *cells, *blank, indent=1))
        if missing:
            cells = [cell(lookup.show(f"baseline.{key}.missing", **g)) for g in groups]
            rows.append(row("Missing", *cells, *blank, indent=1))
    if not rows:
        return None
    return Table(
        "baseline",
        "",
        "Patient characteristics",
        tuple(columns),
        tuple(rows),
        _notes(lookup),
    )


def _beside(lookup: Lookup, key: str, what: str) -> Span:
    """The p-value or the standardized difference of a variable; empty where there is none."""
    path = f"baseline.{key}.{what}"
    return lookup.show(path) if lookup.has(path) else Span("")


def _tests_named(lookup: Lookup) -> list[Spans]:
    """Which test compared which variable, and what a standardized difference is."""
    section = lookup.protocol.baseline
    assert section is not None
    of: dict[str, list[str]] = {}
    for key in section.variables:
        estimate = lookup.get(f"baseline.{key}.p")
        if estimate is not None and estimate.method:
            of.setdefault(estimate.method, []).append(lookup.variable(key))
    several = len(of) > 1
    told = [f"{m} ({', '.join(labels)})" if several else m for m, labels in of.items()]
    notes = [say("{p}: {m}.", p=lookup.style.p_symbol, m="; ".join(told))] if told else []
    if any(lookup.has(f"baseline.{k}.smd") for k in section.variables):
        groups = len(lookup.levels(section.by)) if section.by else 0
        words = "SMD: standardized mean difference, in pooled standard deviations"
        words += "; the mean over every two groups." if groups > 2 else "."
        notes.append(say(words))
    return notes


def _notes(lookup: Lookup) -> tuple[Spans, ...]:
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
    notes += _tests_named(lookup)
    return tuple(notes)


def text(lookup: Lookup) -> Spans:
    """Two sentences: where the characteristics stand, and the first few of them."""
    section = lookup.protocol.baseline
    if section is None or lookup.numbers.section("baseline") is None:
        return ()
    told: list[Spans] = []
    for key in section.variables:
        clause = _clause(lookup, key) if lookup.has(f"baseline.{key}.missing") else ()
        if clause and len(told) < TOLD:
            told.append(clause)
    if not told:
        return ()
    first, *others = told
    head = say("{f}", f=first)
    start = Span(up_first(head[0].text), head[0].id, head[0].mark, head[0].to)
    return say("{l}.", l=joined([(start, *head[1:]), *others], ", "))


TOLD = 4
"""Characteristics that the text names; the table has them all."""
PRESENT = frozenset({"yes", "present", "positive"})
ABSENT = frozenset({"no", "absent", "negative"})
PERSON = re.compile(r"(smokers?|drinkers?|menopausal|married|employed|diabetic|alive|pregnant)$")
"""Names that say what a patient is, not what a patient has."""
SEX = frozenset({"sex", "gender"})


def _clause(lookup: Lookup, key: str) -> Spans:
    """One characteristic as a clause: "the median age was 62 years (range 41–83)"."""
    info = lookup.info(key)
    path = f"baseline.{key}"
    if info is None:
        return ()
    name = name_in_text(info.label)
    if info.kind == "continuous":
        mean = lookup.has(f"{path}.mean")
        if lookup.number(f"{path}.{'mean' if mean else 'median'}") is None:
            return ()
        value = lookup.median_words(path, info.unit, info.digits)
        return say("the {m} {v} was {x}", m="mean" if mean else "median", v=name, x=value)
    shown = [v for v in info.levels if lookup.number(f"{path}.count", level=v)]
    if not shown or len(info.levels) > 4:
        return ()
    words = {v: info.levels[v].strip().lower() for v in info.levels}
    if set(words.values()) <= PRESENT | ABSENT:
        yes = next((v for v in info.levels if words[v] in PRESENT), None)
        if yes is None:
            return ()
        count = lookup.number(f"{path}.count", level=yes)
        if not count:
            return ()
        verb = were(count) if PERSON.search(name) else "had"
        plural = "s" if count != 1 and name.endswith(("smoker", "drinker")) else ""
        name += plural
        who = lookup.patients_words(path, level=yes)
        return say("{n} {h} {v}", n=who, h=verb, v=name)
    parts = [
        say(
            "{l} in {n}",
            l=name_in_text(info.levels[v]),
            n=lookup.patients_words(path, level=v)
            if v == shown[0]
            else lookup.count_percent_words(path, level=v),
        )
        for v in shown
    ]
    if info.label.strip().lower() in SEX:
        n = lookup.number(f"{path}.count", level=shown[0])
        parts = [
            say(
                "{n} {w} {l}",
                n=lookup.patients_words(path, level=v)
                if v == shown[0]
                else lookup.count_percent_words(path, level=v),
                w=were(n) if v == shown[0] else "",
                l=name_in_text(info.levels[v]),
            )
            for v in shown
        ]
        return listed(parts[:1])
    return say("{v} was {p}", v=name, p=listed(parts))


def differences(lookup: Lookup) -> Spans:
    """In which characteristics the groups of Table I differ, by the test and by the SMD."""
    section = lookup.protocol.baseline
    if section is None or section.by is None:
        return ()
    tested = [k for k in section.variables if lookup.number(f"baseline.{k}.p") is not None]
    apart = [k for k in section.variables if (lookup.number(f"baseline.{k}.smd") or 0) >= BALANCED]
    by = name_in_text(lookup.variable(section.by))
    out: list[Piece] = []
    low = [k for k in tested if (lookup.number(f"baseline.{k}.p") or 0) < SIGNIFICANT]
    if low:
        parts = [
            say(
                "{v} ({p})",
                v=name_in_text(lookup.variable(k)),
                p=lookup.p_phrase(f"baseline.{k}.p"),
            )
            for k in low
        ]
        out.append(say("Patients differed by {b} in {l}.", b=by, l=listed(parts)))
    elif tested:
        out.append(say("No characteristic differed significantly by {b}.", b=by))
    if apart:
        parts = [
            say("{v} ({d})", v=name_in_text(lookup.variable(k)), d=lookup.show(f"baseline.{k}.smd"))
            for k in apart
        ]
        out.append(
            say(
                "The standardized mean difference was {s} or more for {l}.",
                s=f"{BALANCED:g}",
                l=listed(parts),
            )
        )
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
    sentences=lambda lookup: [sentences(text(lookup), differences(lookup))],
    analyses=(
        Analysis(
            "Derived variables",
            key="variables.*.derive",
            ids=("baseline.*.median", "baseline.*.count", "baseline.*.missing"),
            sentence=derived,
            guard=(
                "variables.unit-missing",
                "variables.units",
                "variables.units-open",
                "variables.zero-denominator",
                "variables.log-of-nothing",
                "variables.negative",
                "variables.date-order",
            ),
            r="arithmetic",
            page="derived-variables.md",
            table=table,
        ),
        Analysis(
            "Comparison of groups in Table I",
            key="baseline.tests",
            ids=("baseline.*.p", "baseline.*.smd"),
            sentence=differences,
            guard=("baseline.test", "baseline.small-expected", "variables.no-group"),
            r="fisher.test, chisq.test, t.test, oneway.test, wilcox.test, kruskal.test, "
            "prop.trend.test, coin::lbl_test",
            page="analyses/table-one.md",
            table=table,
            stats=(
                "fisher_exact",
                "chi_squared",
                "t_test",
                "anova",
                "wilcoxon",
                "kruskal_wallis",
                "trend_test",
                "jonckheere",
                "standardized_difference",
            ),
        ),
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
