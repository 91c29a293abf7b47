"""What a reporting guideline asks for, and where the paper has it: never the word "compliant".

Items are those of STROBE for cohort studies (von Elm et al. 2007, 22 items), in our own short
words, with what RECIST and CTCAE reports are commonly asked for. The items of a section stand in
its file; here are those of the whole paper.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from oncohort.displays.lookup import Lookup
from oncohort.displays.prose.author import words
from oncohort.displays.sections import SECTIONS
from oncohort.displays.sections.item import AUTHOR, FILLED, NOT, WRITTEN, Item, filled_if
from oncohort.displays.sections.survival import grouping
from oncohort.displays.spans import say
from oncohort.displays.tables.model import Column, Row, Table, group, row


def _written(file: str, what: str, about: str = "") -> Callable[[Lookup], str]:
    """Where one of the author's texts speaks of something.

    Parameters
    ----------
    about
        Words of which the text must have one; without them any text counts.
    """

    def where(lookup: Lookup) -> str:
        name = f"{lookup.protocol.study.text}/{file}.md"
        text = words(lookup.context.texts.get(file, ""))
        if text and (not about or re.search(about, text, re.IGNORECASE)):
            return f"{WRITTEN}: {name}"
        return f"{AUTHOR}: {what} ({name})"

    return where


def _setting(lookup: Lookup) -> str:
    study = lookup.protocol.study
    return filled_if(study.setting and study.cutoff, "Patients and methods", "setting and period")


def _eligibility(lookup: Lookup) -> str:
    have = lookup.protocol.eligibility.criteria
    return filled_if(have, "Patients and methods", "declare [eligibility]")


def _defined(lookup: Lookup) -> str:
    have = lookup.endpoints() or lookup.numbers.section("prognosis")
    return filled_if(have, "Patients and methods", "definitions")


def _cut_points(lookup: Lookup) -> str:
    cuts = [v for v in lookup.protocol.variables.values() if v.cut]
    if not cuts:
        return f"{NOT}: no cut-point is declared"
    told = all(v.origin for v in cuts)
    return filled_if(told, "Variables", "say where each cut-point comes from")


def _boundaries(lookup: Lookup) -> str:
    cuts = [v for v in lookup.protocol.variables.values() if v.cut]
    return filled_if(cuts, "Variables", "none is declared")


def _measured(lookup: Lookup) -> str:
    conduct = lookup.protocol.conduct
    told = conduct.imaging and conduct.laboratory and conduct.response_by
    return filled_if(told, "Evaluation", "who read scans and charts, and how ([conduct])")


def _funding(lookup: Lookup) -> str:
    if lookup.protocol.paper.declarations.funding:
        return f"{WRITTEN}: Declarations"
    about = r"\b(fund|grant|sponsor|support)"
    return _written("ethics", "funding and role of funders", about)(lookup)


def _missing(lookup: Lookup) -> str:
    if lookup.numbers.section("missing") is not None:
        return f"{FILLED}: Missing values"
    have = lookup.numbers.section("prognosis") or lookup.numbers.section("baseline")
    return filled_if(have, "missing values counted; complete cases", "missing data")


def _other_analyses(lookup: Lookup) -> str:
    have = lookup.numbers.section("sensitivity") or grouping(lookup)
    return filled_if(have, "Survival", "none was run")


ITEMS = (
    Item(
        "1",
        "Design in title or abstract; balanced abstract",
        _written("abstract", "say the design in the title; the abstract's results are filled"),
    ),
    Item("2", "Background and rationale", _written("introduction", "background")),
    Item(
        "3",
        "Objectives, hypotheses",
        _written("introduction", "the question", r"\b(aim|objective|purpose|question|hypothes)"),
    ),
    Item("4", "Study design", lambda lookup: f"{FILLED}: Patients and methods"),
    Item("5", "Setting, places, dates", _setting),
    Item("6a", "Eligibility, sources and selection of patients", _eligibility),
    Item("6b", "Matching", lambda lookup: f"{NOT}: patients were not matched"),
    Item("7", "Outcomes, predictors, confounders defined", _defined),
    Item(
        "8",
        "Sources of data, how each variable was measured",
        _measured,
    ),
    Item(
        "9",
        "Efforts against bias",
        _written("limitations", "bias", r"\b(bias|confound|selection|selected)"),
    ),
    Item(
        "10",
        "How the study size came about",
        lambda lookup: f"{AUTHOR}: why these patients, in this period",
    ),
    Item("11", "How numbers were grouped, and why", _cut_points),
    Item("12a", "Statistical methods", lambda lookup: f"{FILLED}: Patients and methods"),
    Item("12c", "Missing data", _missing),
    Item("16b", "Boundaries of categories", _boundaries),
    Item("17", "Other analyses", _other_analyses),
    Item("18", "Key results", _written("discussion", "key results")),
    Item("19", "Limitations", _written("limitations", "limitations")),
    Item("20", "Cautious interpretation", _written("discussion", "interpretation")),
    Item(
        "21",
        "To whom the results apply",
        _written(
            "discussion",
            "generalisability",
            r"generali[sz]|appl(y|ies|icab)|other (patients|centres|centers)",
        ),
    ),
    Item(
        "22",
        "Funding",
        _funding,
    ),
)


def _order(item: Item) -> tuple[int, str]:
    number = item.number.rstrip("abcde")
    return int(number), item.number


def checklist(lookup: Lookup) -> Table:
    """The checklist as a table."""
    columns = (
        Column("Item", align="left", width=0.6),
        Column("What is asked", align="left", width=2.4),
        Column("Where it is", align="left", width=2.6),
    )
    found = [*ITEMS, *(item for section in SECTIONS for item in section.items)]
    strobe = sorted((i for i in found if i.number[0].isdigit()), key=_order)
    others = [i for i in found if not i.number[0].isdigit()]

    def rows_of(items: Sequence[Item]) -> list[Row]:
        told = [(item, item.where(lookup)) for item in items]
        return [row(item.number, item.asks, where) for item, where in told if where is not None]

    rows, more = rows_of(strobe), rows_of(others)
    if more:
        rows += [group("Response and adverse events"), *more]
    notes = (
        say(
            "Items of STROBE for cohort studies (2007) in short. The list says where something "
            "stands; whether it is enough is for author and reader to judge."
        ),
    )
    return Table(
        "checklist", "Checklist", "Reporting checklist", columns, tuple(rows), notes, main=False
    )
