"""Numbers and protocol to the paper: which blocks, in which order, numbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from oncohort.analyses.result import Numbers
from oncohort.displays import abbreviations
from oncohort.displays.checklist import checklist
from oncohort.displays.citations import cite, keys_in, reference_keys
from oncohort.displays.context import Context
from oncohort.displays.leaving_out import notices
from oncohort.displays.lookup import Lookup
from oncohort.displays.paper import (
    Block,
    Bullets,
    Heading,
    Headline,
    Notice,
    Paper,
    PaperSection,
    Paragraph,
    Prompts,
    TableBlock,
)
from oncohort.displays.placing import Made, together
from oncohort.displays.prose import abstract, author, declarations, methods, prompts
from oncohort.displays.sections import SECTIONS, Section
from oncohort.displays.spans import Span, Spans, merged, say, sentences, spans
from oncohort.displays.styles import style_of
from oncohort.displays.title_page import title_page
from oncohort.protocol import Protocol


def _with_reference(text: Spans, found: Sequence[Span]) -> Spans:
    """Name tables and figures in brackets before the last full stop."""
    if not found or not text:
        return text
    inner = [Span(" ("), *together(found)]
    last = text[-1]
    if last.plain and last.text.endswith("."):
        return merged((*text[:-1], replace(last, text=last.text[:-1]), *inner, Span(").")))
    return merged((*text, *inner, Span(")")))


def _section(lookup: Lookup, section: Section, made: Made) -> list[Block]:
    """The blocks of one section: its sentences, its tables and figures, what was left out."""
    shown = made.blocks[section.key]
    texts = [t for t in section.sentences(lookup) if t]
    if texts:
        found = [span for block in shown if (span := made.reference(block))]
        texts[-1] = _with_reference(texts[-1], found)
    return [*(Paragraph(t) for t in texts), *shown, *notices(lookup, section.key)]


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
    parts = [("Treatment", methods.treatment(lookup)), ("Evaluation", methods.evaluation(lookup))]
    parts += methods.ran(lookup)
    parts.append(
        (
            "Variables and software",
            sentences(methods.variables(lookup), methods.software(lookup)),
        )
    )
    for title, text in parts:
        if text:
            blocks += [Heading(title), Paragraph(text)]
    blocks += author.blocks(lookup, "methods")
    return PaperSection("methods", "Patients and methods", tuple(blocks))


def _written(lookup: Lookup, name: str, title: str, prompt: Prompts) -> PaperSection:
    """The author's words where there are any, else the prompts."""
    return PaperSection(name, title, tuple(author.blocks(lookup, name)) or (prompt,))


def _abstract(lookup: Lookup) -> PaperSection:
    own = author.blocks(lookup, "abstract")
    if own:
        return PaperSection("abstract", "Abstract", tuple(own))
    told = [
        Paragraph(sentences(Span(f"{title}.", "", "bold"), text))
        for title, text in abstract.parts(lookup)
    ]
    return PaperSection("abstract", "Abstract", tuple(told))


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
            out.append(Headline(label, (value,), lookup.level_ci(estimate.id)))
    return tuple(out)


def _spelt_out(sections: Sequence[PaperSection], words: dict[str, str]) -> list[PaperSection]:
    """Abbreviations explained at first use: in the abstract by itself, then through the text."""
    out = []
    text: list[Block] = []
    for section in sections:
        blocks = section.blocks
        if section.key == "abstract":
            blocks = abbreviations.spelt_out_blocks(blocks, words)
        else:
            text += blocks
        out.append(replace(section, blocks=blocks))
    done = iter(abbreviations.spelt_out_blocks(text, words))
    return [
        s if s.key == "abstract" else replace(s, blocks=tuple(next(done) for _ in s.blocks))
        for s in out
    ]


def _cited(protocol: Protocol, context: Context, numbers: Numbers) -> list[tuple[str, ...]]:
    """Every citation in the order of the paper."""
    out: list[tuple[str, ...]] = []
    for name in ("abstract", "introduction", "methods", "results", *AFTER):
        if name == "results" and numbers.section("historical") is not None:
            for study in protocol.historical.values():
                keys = reference_keys(study.reference)
                out += [keys] if keys else []
        out += keys_in(author.words(context.texts.get(name, "")))
    return out


AFTER = ("discussion", "limitations", "conclusion", "ethics")
"""The author's texts after the results."""


def _references(lookup: Lookup) -> list[PaperSection]:
    """The list of references, and what is wrong with them."""
    cited = lookup.citations
    blocks: list[Block] = []
    if cited.failed:
        blocks.append(Notice(say("The references are missing: {w}.", w=cited.failed), "caution"))
    if cited.unknown:
        names = ", ".join(cited.unknown)
        file = lookup.protocol.paper.references
        blocks.append(Notice(say("{f} has no {n}.", f=file, n=names), "caution"))
    if cited.works:
        works = tuple(words for _, words in cited.works)
        dated = lookup.protocol.paper.citation_style == "author-date"
        blocks.append(Bullets(works, numbered=not dated))
    return [PaperSection("references", "References", tuple(blocks))] if blocks else []


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
    cited = cite(context.sources, _cited(protocol, context, numbers))
    lookup = Lookup(numbers, protocol, context, style_of(protocol.style), cited)
    made = Made(lookup)
    lookup = replace(lookup, displays=made.references())
    words = abbreviations.known(lookup)
    tables = {k: abbreviations.explained_table(t, words) for k, t in made.tables.items()}
    figures = {k: abbreviations.explained_figure(f, words) for k, f in made.figures.items()}
    sections = [
        _abstract(lookup),
        _written(lookup, "introduction", "Introduction", prompts.introduction()),
        _methods(lookup),
        _results(lookup, made),
        _written(lookup, "discussion", "Discussion", prompts.discussion(lookup)),
        _written(lookup, "limitations", "Limitations", prompts.limitations(lookup)),
        _written(lookup, "conclusion", "Conclusion", prompts.conclusion(lookup)),
        PaperSection("ethics", "Declarations", tuple(declarations.blocks(lookup))),
    ]
    sections = _spelt_out([s for s in sections if s.blocks], words)
    sections += _references(lookup)
    page = title_page(lookup, sections, made, len(cited.works))
    sections.append(
        PaperSection("checklist", "Reporting checklist", (TableBlock("checklist"),)),
    )
    return Paper(
        protocol.study.title,
        methods.subtitle(lookup),
        tuple(sections),
        tables | {"checklist": checklist(lookup)},
        figures,
        _headlines(lookup),
        lookup.style,
        context.synthetic or protocol.study.synthetic,
        page,
        frozenset(made.names),
        author.unknown_ids(lookup),
        cited.unknown,
    )
