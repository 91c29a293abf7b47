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


def _asked(absent: Sequence[tuple[object, str]], where: str) -> str:
    """Where the paper has something, or the list of what is not told yet."""
    missing = [what for have, what in absent if not have]
    return f"{AUTHOR}: {', '.join(missing)}" if missing else f"{FILLED}: {where}"


def _design(lookup: Lookup) -> str:
    """The abstract of the program says the design; an author's own one has to."""
    own = words(lookup.context.texts.get("abstract", ""))
    about = r"\b(cohort|retrospective|observational)"
    if own or re.search(about, lookup.protocol.study.title, re.IGNORECASE):
        return _written("abstract", "say the design in title or abstract", about)(lookup)
    return f"{FILLED}: Abstract"


def _setting(lookup: Lookup) -> str:
    study, conduct = lookup.protocol.study, lookup.protocol.conduct
    period = lookup.context.starts or any(
        c.column == "treatment_start" for c in lookup.protocol.eligibility.criteria
    )
    asked = (
        (conduct.institution or study.setting, "where"),
        (conduct.country, "the country"),
        (period, "the period"),
        (study.cutoff, "the date of the data cutoff"),
    )
    return _asked(asked, "Patients and methods")


def _eligibility(lookup: Lookup) -> str:
    asked = (
        (lookup.protocol.eligibility.criteria, "the criteria of eligibility"),
        (lookup.protocol.conduct.consecutive is not None, "whether patients were consecutive"),
    )
    return _asked(asked, "Patients and methods")


def _matching(lookup: Lookup) -> str:
    if lookup.has("propensity.matched.pairs"):
        return f"{FILLED}: Comparability of treatments"
    return f"{NOT}: patients were not matched"


def _defined(lookup: Lookup) -> str:
    have = lookup.endpoints() or lookup.numbers.section("prognosis")
    have = have or lookup.numbers.section("incidence")
    return filled_if(have, "Patients and methods", "definitions")


def _cut_points(lookup: Lookup) -> str:
    cuts = [v for v in lookup.protocol.variables.values() if v.cut]
    if not cuts:
        return f"{NOT}: no cut-point is declared"
    told = all(v.origin for v in cuts)
    return filled_if(told, "Variables and software", "say where each cut-point comes from")


def _boundaries(lookup: Lookup) -> str:
    variables = lookup.protocol.variables.values()
    if lookup.numbers.section("cutpoints") is not None and not any(v.cut for v in variables):
        return f"{FILLED}: Cut-points"
    if not any(v.cut for v in variables):
        return f"{NOT}: no number was cut"
    return f"{FILLED}: Variables and software"


def _measured(lookup: Lookup) -> str:
    conduct, numbers = lookup.protocol.conduct, lookup.numbers
    imaged, graded = numbers.section("response"), numbers.section("safety")
    derived = {v.derive for v in lookup.protocol.variables.values()}
    laboratory = derived & {"imdc", "mskcc", "mskcc_second_line", "lab", "egfr", "nlr"}
    asked = (
        (imaged is None or conduct.imaging, "imaging"),
        (imaged is None or conduct.response_by, "who judged response"),
        (graded is None or conduct.adverse_events_by, "who judged adverse events"),
        (not laboratory or conduct.laboratory, "the laboratory"),
    )
    if imaged is None and graded is None and not laboratory:
        return f"{AUTHOR}: how each variable was measured"
    return _asked(asked, "Evaluation")


def _bias(lookup: Lookup) -> str:
    if lookup.has("propensity.balance.score", method="unadjusted"):
        return f"{FILLED}: Comparability of treatments"
    return _written("limitations", "bias", r"\b(bias|confound|selection|selected)")(lookup)


def _funding(lookup: Lookup) -> str:
    if lookup.protocol.paper.declarations.funding:
        return f"{WRITTEN}: Declarations"
    about = r"\b(fund|grant|sponsor|support)"
    return _written("ethics", "funding and role of funders", about)(lookup)


def _missing(lookup: Lookup) -> str:
    if lookup.numbers.section("missing") is not None:
        return f"{FILLED}: Missing values"
    if lookup.numbers.section("prognosis") is not None:
        return f"{FILLED}: Prognostic factors"
    if lookup.numbers.section("logistic") is not None:
        return f"{FILLED}: Logistic regression"
    return f"{AUTHOR}: how missing values were handled"


OTHER = {
    "sensitivity": "Sensitivity",
    "arms": "Comparison of arms",
    "time_dependent": "Events after time zero",
    "incidence": "Competing events",
    "logistic": "Logistic regression",
    "propensity": "Comparability of treatments",
}
"""Sections that are further analyses, with their headings."""


def _other_analyses(lookup: Lookup) -> str:
    have = [words for key, words in OTHER.items() if lookup.numbers.section(key) is not None]
    if grouping(lookup):
        have.append("Survival")
    return f"{FILLED}: {', '.join(have)}" if have else f"{AUTHOR}: none was run"


ITEMS = (
    Item("1", "Design in title or abstract", _design),
    Item("2", "Background and rationale", _written("introduction", "background")),
    Item(
        "3",
        "Objectives, hypotheses",
        _written("introduction", "the question", r"\b(aim|objective|purpose|question|hypothes)"),
    ),
    Item("4", "Study design", lambda lookup: f"{FILLED}: Patients and methods"),
    Item("5", "Setting, places, dates", _setting),
    Item("6a", "Eligibility, sources and selection of patients", _eligibility),
    Item("6b", "Matching", _matching),
    Item("7", "Outcomes, predictors, confounders defined", _defined),
    Item(
        "8",
        "Sources of data, how each variable was measured",
        _measured,
    ),
    Item("9", "Efforts against bias", _bias),
    Item(
        "10",
        "How the study size came about",
        _written(
            "methods", "why these patients, in this period", r"(sample|study) size|all patients"
        ),
    ),
    Item("11", "How numbers were grouped, and why", _cut_points),
    Item("12a", "Statistical methods", lambda lookup: f"{FILLED}: Patients and methods"),
    Item("12c", "Missing data", _missing),
    Item("16b", "Boundaries of categories", _boundaries),
    Item("17", "Other analyses", _other_analyses),
    Item(
        "18",
        "Key results",
        _written("discussion", "key results", r"\d|\b(median|rate|found|showed|finding|main)"),
    ),
    Item("19", "Limitations", _written("limitations", "limitations")),
    Item(
        "20",
        "Cautious interpretation",
        _written("discussion", "interpretation", r"\b(may|might|suggest|caut|however|interpret)"),
    ),
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
