"""What an author's texts and the protocol name of a paper, found without making all of it.

Texts name results and works, the protocol names displays. Mostly they are all there: then only
the sections they stand in are computed, and nothing is to be told. What isn't found here, or
can't be looked up in a part of the paper, is left to the whole paper, which says what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from oncohort.displays.sections import NAMES, sections_of
from oncohort.study.author_texts import author_texts
from oncohort.study.warning_sections import warning_sections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oncohort.problems import Problem
    from oncohort.study.running import Analysed
    from oncohort.study.study import Study

OF_OTHERS = frozenset({"e_value", "historical", "published"})
"""Sections whose numbers are made of those of other sections."""
MADE_BY = {
    "forest": "prognosis",
    "spider": "response",
    "swimmer": "response",
    "waterfall": "response",
}
"""First word of a display = its section, where they differ. What is not found in the section is
looked up in the whole paper, so a missing row costs time and nothing else."""


def section_of(display: str) -> str | None:
    """The section that probably makes a display: by its first word.

    Examples
    --------
    >>> section_of("figure.survival_by_crp"), section_of("waterfall"), section_of("table.some")
    ('survival', 'response', None)
    """
    name = display.removeprefix("table.").removeprefix("figure.")
    words = name.split("_")
    heads = ("_".join(words[:n]) for n in range(len(words), 0, -1))
    known = (MADE_BY.get(h, h) for h in heads)
    return next((s for s in known if s in NAMES), None)


def problems_without_paper(study: Study) -> list[Problem] | None:
    """What the analyses say, where all that texts and protocol name is there.

    Returns
    -------
    list of Problem, or None
        None where only the whole paper tells what is wrong.
    """
    texts = author_texts(study.folder / study.protocol.study.text)
    ids = _ids(texts)
    wanted = set(warning_sections(study.protocol))
    if ids is None or not _letters_known(study) or not _works_known(study, texts):
        return None
    asked = study.protocol.paper
    displays = [
        name
        for part, names in (("main", asked.main), ("left_out", asked.left_out))
        if part in asked.model_fields_set
        for name in names
    ]
    of_displays = {section_of(name) for name in displays}
    named = of_displays | {id_.partition(".")[0] for id_ in ids}
    if None in named or named & OF_OTHERS or not named <= set(NAMES):
        return None
    wanted |= {name for name in named if name is not None}
    if not wanted:
        return []
    done = _analysed(study, wanted)
    if any(id_ not in done.numbers for id_ in ids):
        return None
    if not set(displays) <= _displays(study, done, {n for n in of_displays if n is not None}):
        return None
    return done.problems


def _analysed(study: Study, names: set[str]) -> Analysed:
    """The numbers of these sections; of all where they are there already."""
    from oncohort.study.running import analyses_of

    known: Analysed | None = vars(study).get("analysed")
    return analyses_of(study, sections_of(names)) if known is None else known


def _ids(texts: Mapping[str, str]) -> list[str] | None:
    """Ids of results in the texts; None where displays are named, whose place the paper knows."""
    if not any("{" in text for text in texts.values()):
        return []
    from oncohort.displays.prose.author import ids_in

    found = [id_ for text in texts.values() for id_ in ids_in(text)]
    return None if any(i.startswith(("table.", "figure.")) for i in found) else found


def _works_known(study: Study, texts: Mapping[str, str]) -> bool:
    """Are all works known that texts and earlier studies cite?"""
    historical = study.protocol.historical.values()
    if not historical and not any("@" in text for text in texts.values()):
        return True
    from oncohort.displays.citations import all_known, keys_in, reference_keys
    from oncohort.displays.prose.author import words
    from oncohort.study.running import read_sources

    groups = [keys for text in texts.values() for keys in keys_in(words(text))]
    groups += [reference_keys(earlier.reference) for earlier in historical]
    return all_known(read_sources(study), groups)


def _letters_known(study: Study) -> bool:
    """Is there a font for every letter that may stand in a figure?"""
    words = [study.protocol_text, *_texts_of(study)]
    further = {c for text in words if not text.isascii() for c in text}
    if not further:
        return True
    from oncohort.displays.figures.metrics import has

    beyond = {c for c in further if not (c.isspace() or has(c))}
    if not beyond:
        return True
    from oncohort.displays.figures.fonts import missing

    return not missing(beyond)


def _texts_of(study: Study) -> Iterator[str]:
    """Texts of patients and events that may stand in a figure."""
    for name in ("patients", "adverse_events", "doses"):
        table = study.records.tables.get(name)
        if table is not None:
            for column in (c for c in table.iter_columns() if c.dtype == pl.String):
                yield from (text for text in set(column.to_list()) if text is not None)


def _displays(study: Study, done: Analysed, names: set[str]) -> frozenset[str]:
    """What the protocol can name of the tables and figures of these sections."""
    if not names:
        return frozenset()
    from oncohort.displays.lookup import Lookup
    from oncohort.displays.sections.section import as_list
    from oncohort.displays.styles import style_of
    from oncohort.study.running import context_of

    protocol = study.protocol
    lookup = Lookup(
        done.numbers, protocol, context_of(study, done, software={}), style_of(protocol.style)
    )
    found: set[str] = set()
    for section in sections_of(names):
        made = [t.id for make in section.tables for t in as_list(make(lookup))]
        drawn = [f.id for make in section.figures for f in make(lookup)]
        found |= {*made, *drawn, *(f"table.{i}" for i in made), *(f"figure.{i}" for i in drawn)}
    return frozenset(found)
