"""The title page: authors, affiliations, corresponding author, keywords, numbers of words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from oncohort.displays.lookup import Lookup
from oncohort.displays.paper import Bullets, PaperSection, Paragraph, TitlePage
from oncohort.displays.placing import Made
from oncohort.displays.spans import Span, Spans, merged, say, spans, text_of
from oncohort.protocol.paper import Author
from oncohort.vocabulary.plurals import plural

TEXT = ("introduction", "methods", "results", "discussion", "limitations", "conclusion")
"""Sections whose words a journal counts."""


def asked(what: str, key: str) -> Span:
    """A visible prompt: what is missing and the key of the protocol that gives it."""
    return Span(f"[{what}: {key} in study.toml]", "", "missing")


def words_in(sections: Iterable[PaperSection]) -> int:
    """Words of the paragraphs and lists of sections; prompts, tables and captions don't count."""
    total = 0
    for section in sections:
        for block in section.blocks:
            lines: Sequence[Spans] = ()
            if isinstance(block, Paragraph):
                lines = (block.spans,)
            elif isinstance(block, Bullets):
                lines = block.items
            for line in lines:
                text = text_of(s for s in line if s.mark != "missing")
                total += len(re.findall(r"[^\s\u00a0]+", text))
    return total


def _authors(authors: Sequence[Author]) -> tuple[Spans, tuple[Spans, ...]]:
    """Names with the numbers of their affiliations, and the affiliations in that order."""
    places: dict[str, int] = {}
    names: list[Span] = []
    for author in authors:
        for place in author.affiliations:
            places.setdefault(place, len(places) + 1)
        marks = ",".join(str(places[p]) for p in author.affiliations)
        marks += "*" if author.corresponding else ""
        names.append(Span((", " if names else "") + author.name))
        if marks:
            names.append(Span(marks, "", "super"))
    told = tuple((Span(str(n), "", "super"), Span(f" {p}")) for p, n in places.items())
    return merged(names), told


def _corresponding(authors: Sequence[Author]) -> Spans:
    for author in authors:
        if author.corresponding:
            parts = [author.name, author.address, author.email]
            parts += [f"ORCID {author.orcid}"] if author.orcid else []
            return spans(", ".join(p for p in parts if p))
    return spans(asked("who answers letters", "corresponding = true of a [[paper.authors]]"))


def title_page(
    lookup: Lookup, sections: Sequence[PaperSection], made: Made, references: int
) -> TitlePage:
    """The lines below the title; what the protocol doesn't give is asked for.

    Parameters
    ----------
    references
        How many works are cited.
    """
    paper = lookup.protocol.paper
    authors, places = _authors(paper.authors)
    if not paper.authors:
        named = ", ".join(lookup.protocol.study.authors)
        authors = spans(named) if named else (asked("authors", "[[paper.authors]]"),)
    elif not places:
        places = ((asked("affiliations", "affiliations of [[paper.authors]]"),),)
    running = paper.running_title
    keys = "; ".join(paper.keywords)
    by_key = {s.key: s for s in sections}
    abstract = words_in([by_key["abstract"]]) if "abstract" in by_key else 0
    body = words_in([by_key[k] for k in TEXT if k in by_key])
    tables = sum(t.main for t in made.tables.values())
    figures = sum(f.main for f in made.figures.values())
    counted = say(
        "abstract {a}, text {b}; {t}, {f}, {r}",
        a=abstract,
        b=body,
        t=f"{tables} {plural(tables, 'table')}",
        f=f"{figures} {plural(figures, 'figure')}",
        r=f"{references} {plural(references, 'reference')}",
    )
    lines: list[tuple[str, Spans]] = [
        ("Corresponding author", _corresponding(paper.authors)),
        (
            "Running title",
            spans(running) if running else (asked("a short title", "[paper] running_title"),),
        ),
        ("Keywords", spans(keys) if keys else (asked("three to six", "[paper] keywords"),)),
        ("Words", counted),
    ]
    return TitlePage(authors, places, tuple(lines))
