"""Earlier studies beside this one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oncohort.analyses import historical
from oncohort.analyses.result import Estimate
from oncohort.displays.citations import reference_keys
from oncohort.displays.figures import forest
from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.section import Section, figure_of
from oncohort.displays.spans import (
    Piece,
    Span,
    Spans,
    listed,
    merged,
    say,
    sentences,
    spans,
    text_of,
)
from oncohort.displays.tables.model import Column, Table, row
from oncohort.protocol.number_style import DASH

if TYPE_CHECKING:
    from oncohort.displays.figures.data import Data


def reported(lookup: Lookup) -> list[str]:
    """Figures that earlier studies give: orr, pfs, os."""
    return [f for f in historical.FIGURES if lookup.numbers.of("historical", f, "value")]


def own(lookup: Lookup, figure: str) -> Estimate | None:
    """This study's own number beside a figure of earlier studies."""
    key = historical.own_figure(lookup.context.standard, figure)
    return None if key is None else lookup.get(key.id)


def against(lookup: Lookup, study: str, figures: Sequence[str]) -> Spans:
    """The p-values of the tests against one earlier study, each with its figure."""
    tests = [(f, lookup.get(f"historical.{f}.p", study=study)) for f in figures]
    asked = [(f, p) for f, p in tests if p is not None]
    out: list[Span] = []
    for f, p in asked:
        out += [Span(f"{'; ' if out else ''}{f.upper()} "), lookup.bound(p)]
    return merged(out)


def as_published(lookup: Lookup, value: Estimate) -> Spans:
    """A figure with its interval, or the range that was published."""
    figure, study = value.key.path[1], value.key["study"]
    upper = lookup.get(f"historical.{figure}.to", study=study)
    if upper is None:
        return lookup.value_ci(f"historical.{figure}.value", study=study)
    return say("{a}\u2013{b}", a=lookup.bound(value), b=lookup.bound(upper))


def value_text(lookup: Lookup, estimate: Estimate, ours: bool) -> Piece:
    """A figure beside its mark in the drawing."""
    return lookup.style.value_ci(estimate) if ours else as_published(lookup, estimate)


def _cell(lookup: Lookup, figure: str, study: str) -> Spans:
    value = lookup.get(f"historical.{figure}.value", study=study)
    return (Span(DASH),) if value is None else as_published(lookup, value)


def in_words(lookup: Lookup, figure: str, study: str) -> Spans:
    """A published figure with its unit for a sentence."""
    value = lookup.get(f"historical.{figure}.value", study=study)
    upper = lookup.get(f"historical.{figure}.to", study=study)
    if value is None or upper is None:
        return lookup.with_ci(f"historical.{figure}.value", study=study)
    end = Span(lookup.style.with_unit(upper), upper.id)
    return say("{a} to {b}", a=lookup.bound(value), b=end)


def source(lookup: Lookup, study: str) -> Spans:
    """The citation of an earlier study; a reference in words stands below the table instead."""
    reference = lookup.protocol.historical[study].reference
    if not reference:
        return ()
    keys = reference_keys(reference)
    if keys:
        words = lookup.citations.words(keys)
        raised = words and words[0].mark == "super"
        return words if raised else say("\u00a0{w}", w=words)
    return ()


def table(lookup: Lookup) -> Table | None:
    """This study beside earlier ones, with intervals; a test only where it was asked for."""
    figures = reported(lookup)
    if not figures:
        return None
    columns = [Column("Study", align="left", width=2.6), Column("n", width=0.6)]
    for f in figures:
        words = f"{historical.FIGURES[f]}, {'%' if f == 'orr' else lookup.unit}"
        columns.append(Column(f"{words} (95% CI)", width=1.6))
    tests = any(against(lookup, s, figures) for s in lookup.protocol.historical)
    if tests:
        columns.append(Column(f"{lookup.style.p_symbol} against this study", width=1.2))

    ids_here = [e.id if (e := own(lookup, f)) is not None else "" for f in figures]
    rows = [
        row(
            "This study",
            str(lookup.context.n),
            *(lookup.value_ci(name) for name in ids_here),
            *([""] if tests else []),
            total=True,
        )
    ]
    for key, study in lookup.protocol.historical.items():
        rows.append(
            row(
                say("{s}{c}", s=study.label, c=source(lookup, key)),
                str(study.n) if study.n else DASH,
                *(_cell(lookup, f, key) for f in figures),
                *([against(lookup, key, figures)] if tests else []),
            )
        )
    notes = [
        say(
            "Figures of earlier studies as published. Patients, periods, lines of therapy "
            "and ways of measuring differ: this is a description, not a comparison of treatments."
        )
    ]
    for study in lookup.protocol.historical.values():
        if study.reference and not reference_keys(study.reference):
            notes.append(say("{l}: {r}.", l=study.label, r=study.reference.rstrip(".")))
    return Table(
        "historical",
        "",
        "This study beside earlier ones",
        tuple(columns),
        tuple(rows),
        tuple(notes),
        False,
    )


def _rows(lookup: Lookup, figure: str) -> list[dict[str, object]]:
    """This study and the earlier ones, as far as they give the figure."""
    entries = [(f"This study (n = {lookup.context.n})", own(lookup, figure), True)]
    for key, study in lookup.protocol.historical.items():
        size = f" (n = {study.n})" if study.n else ""
        found = lookup.get(f"historical.{figure}.value", study=key)
        entries.append((f"{study.label}{size}", found, False))
    return [
        {
            "label": words,
            "value": estimate.value,
            "low": estimate.low if estimate.level else None,
            "high": estimate.high if estimate.level else None,
            "text": text_of(spans(value_text(lookup, estimate, ours))),
            "own": ours,
        }
        for words, estimate, ours in entries
        if estimate is not None
    ]


def figure(lookup: Lookup) -> list[Figure]:
    """This study beside earlier ones, one block per figure."""
    panels: list[Data] = []
    for name in reported(lookup):
        percent = name == "orr"
        title = historical.FIGURES[name]
        axis = f"{title} (%)" if percent else f"{title} ({lookup.unit})"
        rows = _rows(lookup, name)
        panels.append({"title": title, "axis": axis, "rows": rows, "percent": percent})
    if not panels:
        return []
    data = {"panels": panels}
    caption = say(
        "Squares: this study with 95% confidence intervals; circles: figures as published, with "
        "intervals where known. Patients, periods and methods differ, so the plot describes; it "
        "does not compare treatments."
    )
    alt = "This study beside earlier ones. " + " ".join(
        f"{p['title']}: " + "; ".join(f"{r['label']} {r['text']}" for r in p["rows"]) + "."
        for p in panels
    )
    width = 130.0
    height = forest.historical_height(data, lookup.style.points, width)
    title = "This study beside earlier ones"
    return [
        figure_of(
            lookup,
            "historical",
            "historical",
            title,
            caption,
            alt,
            data,
            height,
            width=width,
            repeats="table.historical",
        )
    ]


def text(lookup: Lookup) -> Spans:
    """The comparison with earlier studies, and what it can't say."""
    out: list[Piece] = []
    names = {"orr": "objective response rate", "pfs": "median PFS", "os": "median OS"}
    for figure in reported(lookup):
        ours = own(lookup, figure)
        parts = []
        for key, study in lookup.protocol.historical.items():
            if lookup.has(f"historical.{figure}.value", study=key):
                value = in_words(lookup, figure, key)
                p = lookup.p_phrase(f"historical.{figure}.p", study=key)
                more = say("; {p} against this fixed value", p=p) if p else ()
                cited = source(lookup, key)
                parts.append(say("{v} in {s}{c}{m}", v=value, s=study.label, c=cited, m=more))
        if ours is None or not parts:
            continue
        value_here: Piece = (
            "not reached" if ours.state == "not_reached" else lookup.with_ci(ours.id)
        )
        out.append(
            say("The {n} was {m}; it was {l}.", n=names[figure], m=value_here, l=listed(parts))
        )
    if out:
        out.append(
            "These studies differ in patients, period, line of therapy and methods; the figures do "
            "not show that one treatment is better."
        )
    return sentences(*out)


SECTION = Section(
    key="historical",
    title="Earlier studies",
    methods="Earlier studies",
    declared=lambda protocol: (("historical",),) if protocol.historical else (),
    analyse=lambda request: historical.analyse(request.protocol, request.cohort, request.numbers),
    tables=(table,),
    figures=(figure,),
    sentences=lambda lookup: [text(lookup)],
    analyses=(
        Analysis(
            "Earlier studies",
            key="historical.*.test",
            ids=("historical.*.value", "historical.*.p"),
            sentence=text,
            guard=("protocol.value",),
            r="binom.test, survdiff(~ offset())",
            page="displays.md",
            table=table,
            figure=figure,
            stats=("proportion", "logrank_one_sample"),
        ),
    ),
)
