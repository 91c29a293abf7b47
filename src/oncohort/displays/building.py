"""Numbers and protocol to the paper: which blocks, in which order, numbered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from oncohort.analyses.result import Numbers
from oncohort.displays.context import Context, LeftOut
from oncohort.displays.figures import building as drawn
from oncohort.displays.figures.model import Figure
from oncohort.displays.paper import (
    Block,
    FigureBlock,
    Heading,
    Headline,
    Notice,
    Paper,
    PaperSection,
    Paragraph,
    Prompts,
    TableBlock,
)
from oncohort.displays.prose import author, methods, prompts, results
from oncohort.displays.prose import timed as timed_words
from oncohort.displays.reading import Desk
from oncohort.displays.spans import Piece, Span, Spans, listed, say, sentences, spans
from oncohort.displays.styles import style_of
from oncohort.displays.tables import describing
from oncohort.displays.tables import survival as timed
from oncohort.displays.tables.checklist import checklist
from oncohort.displays.tables.model import Table
from oncohort.problems import Problem
from oncohort.protocol import Protocol

RESULTS = (
    ("flow", "Patients"),
    ("response", "Response"),
    ("exposure", "Treatment"),
    ("survival", "Survival"),
    ("prognosis", "Prognostic factors"),
    ("safety", "Adverse events"),
    ("historical", "Earlier studies"),
)
"""Parts of the results in the paper's order; the flow is followed by Table I."""


def _tables(desk: Desk) -> dict[str, Table]:
    makers: tuple[Callable[[Desk], Table | None], ...] = (
        describing.flow,
        describing.baseline,
        describing.response,
        describing.exposure,
        timed.survival,
        timed.sensitivity,
        timed.prognosis,
        describing.safety,
        timed.historical,
    )
    out: dict[str, Table] = {}
    main = extra = 0
    for make in makers:
        table = make(desk)
        if table is None:
            continue
        if table.main:
            main += 1
            number = f"Table {desk.style.numeral(main)}"
        else:
            extra += 1
            number = f"Table S{extra}"
        out[table.id] = replace(table, number=number)
    return out


def _figures(desk: Desk) -> dict[str, Figure]:
    found = [drawn.flow(desk), drawn.waterfall(desk), drawn.swimmer(desk), drawn.spider(desk)]
    found += drawn.survival(desk)
    found += [*drawn.hazards(desk), drawn.historical(desk)]
    out: dict[str, Figure] = {}
    main = extra = 0
    for figure in found:
        if figure is None:
            continue
        if figure.main:
            main += 1
            number = f"Figure {main}"
        else:
            extra += 1
            number = f"Figure S{extra}"
        out[figure.id] = replace(figure, number=number)
    return out


def left_out(item: LeftOut, words: str = "", patients: frozenset[str] | None = None) -> Spans:
    """What is missing and why, with what to do about it.

    Parameters
    ----------
    words
        What is left out, in words.
    patients
        Ids that must not be named: a sentence that holds one gives way to the rule's name.
    """

    def may_say(text: str) -> bool:
        return patients is None or not patients & set(re.split(r"[^\w-]+", text))

    why: list[Piece] = []
    if item.reason and may_say(item.reason):
        why.append(item.reason)
    kinds = Counter(p.id for p in item.problems)
    firsts: dict[str, Problem] = {}
    for problem in item.problems:
        firsts.setdefault(problem.id, problem)
    for problem in firsts.values():
        told = [
            t
            for t in (problem.what, problem.todo and f"What to do: {problem.todo}")
            if t and t not in item.reason
        ]
        if problem.patient is None or patients is None:
            why += [t for t in told if may_say(t)]
        if any(not may_say(t) for t in told) or (problem.patient and patients is not None):
            why.append(f"See the problem {problem.id} in the report.")
    more = sum(kinds.values()) - len(kinds)
    if more:
        why.append(
            f"{more} more of the same {'kinds' if len(kinds) > 1 else 'kind'}: see problems."
        )
    what = f"{words} ({item.section})" if words and words != item.section else item.section
    return sentences(say("Left out: {s}.", s=what), *dict.fromkeys(why))


def _notices(desk: Desk, part: str) -> list[Block]:
    known = frozenset(p for pop in desk.numbers.populations.values() for p in pop.patients)
    out: list[Block] = []
    for item in desk.context.left_out:
        if item.section.split(".")[0] == part:
            words = desk.section_words(item.section)
            full, shared = left_out(item, words), left_out(item, words, known)
            out.append(Notice(full, "left_out", shared))
    return out


def _with_reference(
    text: Spans, tables: dict[str, Table], figures: dict[str, Figure], names: Sequence[str]
) -> Spans:
    """Name tables and figures in brackets before the last full stop."""
    found = [tables[n].number for n in names if n in tables]
    found += [figures[n].number for n in names if n in figures]
    if not found or not text:
        return text
    words = ", ".join(found)
    last = text[-1]
    if not last.id and last.text.endswith("."):
        return (*text[:-1], Span(f"{last.text[:-1]} ({words}).", "", last.mark))
    return (*text, Span(f" ({words})"))


def _result_blocks(
    desk: Desk, part: str, tables: dict[str, Table], figures: dict[str, Figure]
) -> list[Block]:
    def paragraph(text: Spans, *names: str) -> list[Block]:
        told = _with_reference(text, tables, figures, names)
        return [Paragraph(told)] if told else []

    def shown(*names: str) -> list[Block]:
        out: list[Block] = []
        for name in names:
            if name in tables:
                out.append(TableBlock(name))
            if name in figures:
                out.append(FigureBlock(name))
        return out

    if part == "flow":
        body = [*paragraph(results.flow(desk), "flow"), *shown("flow")]
        body += [*paragraph(results.baseline(desk), "baseline"), *shown("baseline")]
        return [*body, *_notices(desk, "baseline")]
    if part == "response":
        names = ["response", "waterfall", "swimmer", "spider"]
        return [*paragraph(results.response(desk), *names), *shown(*names)]
    if part == "survival":
        curves = [n for n in figures if n.startswith("survival_")]
        told = timed_words.survival(desk)
        body = [b for t in told[:-1] for b in paragraph(t)]
        if told:
            body += paragraph(told[-1], "survival", *curves)
        body += shown("survival", *curves)
        return [
            *body,
            *paragraph(timed_words.sensitivity(desk), "sensitivity"),
            *shown("sensitivity"),
        ]
    if part == "prognosis":
        told = timed_words.prognosis(desk)
        body = [b for t in told[:-1] for b in paragraph(t)]
        plots = [n for n in figures if n.startswith("forest")]
        body += paragraph(told[-1], "prognosis", *plots) if told else []
        return [*body, *shown("prognosis", *plots)]
    maker = {
        "exposure": results.exposure,
        "safety": results.safety,
        "historical": timed_words.historical,
    }[part]
    return [*paragraph(maker(desk), part), *shown(part)]


def _results(desk: Desk, tables: dict[str, Table], figures: dict[str, Figure]) -> PaperSection:
    blocks: list[Block] = []
    for part, title in RESULTS:
        body = [*_result_blocks(desk, part, tables, figures), *_notices(desk, part)]
        if body:
            blocks += [Heading(title), *body]
    blocks += author.blocks(desk, "results")
    return PaperSection("results", "Results", tuple(blocks))


def _methods(desk: Desk) -> PaperSection:
    blocks: list[Block] = [Heading("Patients"), Paragraph(methods.design(desk))]
    treatment = methods.treatment(desk)
    if treatment:
        blocks += [Heading("Treatment"), Paragraph(treatment)]
    for title, text in methods.ran(desk):
        blocks += [Heading(title), Paragraph(text)]
    more = sentences(methods.variables(desk), methods.software(desk))
    if more:
        blocks += [Heading("Variables and software"), Paragraph(more)]
    blocks += author.blocks(desk, "methods")
    return PaperSection("methods", "Patients and methods", tuple(blocks))


def _written(desk: Desk, name: str, title: str, prompt: Prompts) -> PaperSection:
    """The author's words where there are any, else the prompts."""
    return PaperSection(name, title, tuple(author.blocks(desk, name)) or (prompt,))


def _abstract(desk: Desk) -> PaperSection:
    own = author.blocks(desk, "abstract")
    if own:
        return PaperSection("abstract", "Abstract", tuple(own))
    blocks: list[Block] = []
    for title, text in methods.abstract(desk):
        blocks.append(Paragraph(sentences(Span(f"{title}.", "", "bold"), text)))
    return PaperSection("abstract", "Abstract", tuple(blocks))


def _headlines(desk: Desk) -> tuple[Headline, ...]:
    included = desk.has("flow.included.count")
    n: Spans = spans(desk.whole())
    source = desk.show("flow.source.count")
    out = [Headline("Patients", n, say("of {s} in the data", s=source) if included else ())]
    estimate = desk.get("response.orr.percent")
    if estimate is not None:
        value = Span(desk.style.value(estimate) + "%", estimate.id)
        ci = desk.interval("response.orr.percent")
        out.append(Headline("Objective response", (value,), say("95% CI {c}", c=ci)))
    for e in desk.endpoints():
        median = desk.get(f"survival.{e}.median")
        if median is None:
            continue
        reached = median.value is not None
        unit = f"\u00a0{desk.unit}" if reached else ""
        words = (
            desk.style.value(median)
            if reached
            else ("not reached" if median.state == "not_reached" else "not estimable")
        )
        ci = desk.interval(f"survival.{e}.median")
        detail = say("95% CI {c}", c=ci) if ci else ()
        label = f"Median {desk.short(e)}"
        out.append(Headline(label, (Span(words, median.id), Span(unit)), detail))
    return tuple(out)


def build(numbers: Numbers, protocol: Protocol, context: Context) -> Paper:
    """Make the paper of a study's numbers.

    Parameters
    ----------
    numbers
        Every estimate, curve and population of the study.
    context
        What the numbers don't say: names of variables, what was left out, the author's words.

    Returns
    -------
    Paper
        Tables and figures by name, and sections whose blocks point at them.
    """
    desk = Desk(numbers, protocol, context, style_of(protocol.style))
    tables, figures = _tables(desk), _figures(desk)
    tables["checklist"] = checklist(desk)
    sections = [
        _abstract(desk),
        _written(desk, "introduction", "Introduction", prompts.introduction(desk)),
        _methods(desk),
        _results(desk, tables, figures),
        _written(desk, "discussion", "Discussion", prompts.discussion(desk)),
        _written(desk, "limitations", "Limitations", prompts.limitations(desk)),
        _written(desk, "conclusion", "Conclusion", prompts.conclusion(desk)),
        _written(desk, "ethics", "Ethics and declarations", prompts.ethics(desk)),
        PaperSection("checklist", "Reporting checklist", (TableBlock("checklist"),)),
    ]
    return Paper(
        protocol.study.title,
        methods.subtitle(desk),
        tuple(s for s in sections if s.blocks),
        tables,
        figures,
        _headlines(desk),
        desk.style,
        context.synthetic or protocol.study.synthetic,
    )


__all__ = ["RESULTS", "build", "left_out", "listed"]
