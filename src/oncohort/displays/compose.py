"""Numbers and protocol to the paper: which blocks, in which order, numbered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from oncohort.analyses.result import Numbers
from oncohort.displays.checklist import checklist
from oncohort.displays.context import Context, LeftOut
from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
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
from oncohort.displays.prose import author, methods, prompts
from oncohort.displays.sections import SECTIONS, Section
from oncohort.displays.sections.section import as_list
from oncohort.displays.spans import Piece, Span, Spans, say, sentences, spans
from oncohort.displays.styles import style_of
from oncohort.displays.tables.model import Table
from oncohort.problems import Problem
from oncohort.protocol import Protocol


class Made:
    """The tables and figures of the paper, numbered, and which section each belongs to."""

    def __init__(self, lookup: Lookup) -> None:
        self.tables: dict[str, Table] = {}
        self.figures: dict[str, Figure] = {}
        self.blocks: dict[str, list[TableBlock | FigureBlock]] = {}
        counts: Counter[str] = Counter()

        def number(word: str, main: bool) -> str:
            counts[f"{word}{main}"] += 1
            place = counts[f"{word}{main}"]
            if not main:
                return f"{word} S{place}"
            return f"{word} {lookup.style.numeral(place) if word == 'Table' else place}"

        for section in SECTIONS:
            made = [t for make in section.tables for t in as_list(make(lookup))]
            drawn = [f for make in section.figures for f in make(lookup)]
            self.tables |= {t.id: replace(t, number=number("Table", t.main)) for t in made}
            self.figures |= {f.id: replace(f, number=number("Figure", f.main)) for f in drawn}
            self.blocks[section.key] = [
                *(TableBlock(t.id) for t in made),
                *(FigureBlock(f.id) for f in drawn),
            ]

    def number(self, block: TableBlock | FigureBlock) -> str:
        """ "Table II", "Figure S1"."""
        if isinstance(block, TableBlock):
            return self.tables[block.table].number
        return self.figures[block.figure].number


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
            why.append("The full report says in which patients, and what to do.")
    more = sum(kinds.values()) - len(kinds)
    if more:
        why.append(
            f"{more} more of the same {'kinds' if len(kinds) > 1 else 'kind'} stand in the report."
        )
    return sentences(say("Left out: {s}.", s=words or item.section), *dict.fromkeys(why))


def _notices(lookup: Lookup, section: str) -> list[Block]:
    """What of a section was left out, and why."""
    known = frozenset(p for pop in lookup.numbers.populations.values() for p in pop.patients)
    out: list[Block] = []
    for item in lookup.context.left_out:
        if item.path[0] == section:
            words = lookup.part_words(item.path)
            full, shared = left_out(item, words), left_out(item, words, known)
            out.append(Notice(full, "left_out", shared))
    return out


def _with_reference(text: Spans, found: Sequence[str]) -> Spans:
    """Name tables and figures in brackets before the last full stop."""
    if not found or not text:
        return text
    words = ", ".join(found)
    last = text[-1]
    if not last.id and last.text.endswith("."):
        return (*text[:-1], Span(f"{last.text[:-1]} ({words}).", "", last.mark))
    return (*text, Span(f" ({words})"))


def _section(lookup: Lookup, section: Section, made: Made) -> list[Block]:
    """The blocks of one section: its sentences, its tables and figures, what was left out."""
    shown = made.blocks[section.key]
    texts = [t for t in section.sentences(lookup) if t]
    if texts:
        texts[-1] = _with_reference(texts[-1], [made.number(block) for block in shown])
    return [*(Paragraph(t) for t in texts), *shown, *_notices(lookup, section.key)]


def _results(lookup: Lookup, made: Made) -> PaperSection:
    blocks: list[Block] = []
    for section in SECTIONS:
        body = _section(lookup, section, made)
        if body and section.title:
            blocks.append(Heading(section.title))
        blocks += body
    blocks += author.blocks(lookup, "results")
    return PaperSection("results", "Results", tuple(blocks))


def _methods(lookup: Lookup) -> PaperSection:
    blocks: list[Block] = [Heading("Patients"), Paragraph(methods.design(lookup))]
    treatment = methods.treatment(lookup)
    if treatment:
        blocks += [Heading("Treatment"), Paragraph(treatment)]
    for title, text in methods.ran(lookup):
        blocks += [Heading(title), Paragraph(text)]
    more = sentences(methods.variables(lookup), methods.software(lookup))
    if more:
        blocks += [Heading("Variables and software"), Paragraph(more)]
    blocks += author.blocks(lookup, "methods")
    return PaperSection("methods", "Patients and methods", tuple(blocks))


def _written(lookup: Lookup, name: str, title: str, prompt: Prompts) -> PaperSection:
    """The author's words where there are any, else the prompts."""
    return PaperSection(name, title, tuple(author.blocks(lookup, name)) or (prompt,))


def _abstract(lookup: Lookup) -> PaperSection:
    own = author.blocks(lookup, "abstract")
    if own:
        return PaperSection("abstract", "Abstract", tuple(own))
    blocks: list[Block] = []
    for title, text in methods.abstract(lookup):
        blocks.append(Paragraph(sentences(Span(f"{title}.", "", "bold"), text)))
    return PaperSection("abstract", "Abstract", tuple(blocks))


def _headlines(lookup: Lookup) -> tuple[Headline, ...]:
    """Patients, response rate and medians: what stands at the top of the report."""
    n: Spans = spans(lookup.whole())
    source = lookup.show("flow.source.count")
    included = lookup.has("flow.included.count")
    out = [Headline("Patients", n, say("of {s} in the data", s=source) if included else ())]
    shown = [("Objective response", lookup.get("response.orr.percent"))] + [
        (f"Median {lookup.short(e)}", lookup.get(f"survival.{e}.median"))
        for e in lookup.endpoints()
    ]
    for label, estimate in shown:
        if estimate is not None:
            value = Span(lookup.style.in_words(estimate), estimate.id)
            ci = lookup.interval(estimate.id)
            level = lookup.style.level(estimate.level)
            detail = say("{l} CI {c}", l=level, c=ci) if ci else ()
            out.append(Headline(label, (value,), detail))
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
    lookup = Lookup(numbers, protocol, context, style_of(protocol.style))
    made = Made(lookup)
    tables = made.tables | {"checklist": checklist(lookup)}
    sections = [
        _abstract(lookup),
        _written(lookup, "introduction", "Introduction", prompts.introduction(lookup)),
        _methods(lookup),
        _results(lookup, made),
        _written(lookup, "discussion", "Discussion", prompts.discussion(lookup)),
        _written(lookup, "limitations", "Limitations", prompts.limitations(lookup)),
        _written(lookup, "conclusion", "Conclusion", prompts.conclusion(lookup)),
        _written(lookup, "ethics", "Ethics and declarations", prompts.ethics(lookup)),
        PaperSection("checklist", "Reporting checklist", (TableBlock("checklist"),)),
    ]
    return Paper(
        protocol.study.title,
        methods.subtitle(lookup),
        tuple(s for s in sections if s.blocks),
        tables,
        made.figures,
        _headlines(lookup),
        lookup.style,
        context.synthetic or protocol.study.synthetic,
    )
