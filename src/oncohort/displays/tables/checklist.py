"""What a reporting guideline asks for, and where the paper has it: never the word "compliant".

Items are those of STROBE for cohort studies (von Elm et al. 2007, 22 items), in our own short
words, with what RECIST and CTCAE reports are commonly asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from oncohort.displays.reading import Desk
from oncohort.displays.spans import say
from oncohort.displays.tables.model import Column, Row, Table, group, row

FILLED = "Filled from the data"
AUTHOR = "Needs the author"
WRITTEN = "Written by the author"
NOT = "Not applicable"


def _texts(desk: Desk, name: str, what: str) -> str:
    from oncohort.displays.prose.author import words

    file = f"{desk.protocol.study.text}/{name}.md"
    if words(desk.context.texts.get(name, "")):
        return f"{WRITTEN}: {file}"
    return f"{AUTHOR}: {what} ({file})"


def _if(have: object, where: str, otherwise: str) -> str:
    return f"{FILLED}: {where}" if have else f"{AUTHOR}: {otherwise}"


def strobe(desk: Desk) -> Iterator[tuple[str, str, str]]:
    """(item, what it asks, where the paper has it)."""
    protocol, numbers = desk.protocol, desk.numbers
    study = protocol.study
    has_survival = bool(desk.endpoints())
    hazards = numbers.section("prognosis") is not None
    cuts = [v for v in protocol.variables.values() if v.cut]
    yield (
        "1",
        "Design in title or abstract; balanced abstract",
        _texts(desk, "abstract", "say the design in the title; the abstract's results are filled"),
    )
    yield "2", "Background and rationale", _texts(desk, "introduction", "background")
    yield "3", "Objectives, hypotheses", _texts(desk, "introduction", "the question")
    yield "4", "Study design", f"{FILLED}: Patients and methods"
    yield (
        "5",
        "Setting, places, dates",
        _if(study.setting and study.cutoff, "Patients and methods", "setting and period"),
    )
    yield (
        "6a",
        "Eligibility, sources and selection of patients",
        _if(protocol.eligibility.criteria, "Patients and methods", "declare [eligibility]"),
    )
    yield "6b", "Matching", f"{NOT}: patients were not matched"
    yield (
        "7",
        "Outcomes, predictors, confounders defined",
        _if(has_survival or hazards, "Patients and methods", "definitions"),
    )
    yield (
        "8",
        "Sources of data, how each variable was measured",
        (f"{AUTHOR}: who read scans and charts, and how"),
    )
    yield "9", "Efforts against bias", _texts(desk, "limitations", "bias")
    yield "10", "How the study size came about", f"{AUTHOR}: why these patients, in this period"
    yield (
        "11",
        "How numbers were grouped, and why",
        (
            f"{NOT}: no cut-point is declared"
            if not cuts
            else _if(
                all(v.origin for v in cuts), "Variables", "say where each cut-point comes from"
            )
        ),
    )
    yield "12a", "Statistical methods", f"{FILLED}: Patients and methods"
    yield (
        "12b",
        "Subgroups and interactions",
        (
            f"{FILLED}: Survival (groups of {', '.join(_groups(desk))})"
            if _groups(desk)
            else f"{NOT}: no group was declared"
        ),
    )
    yield (
        "12c",
        "Missing data",
        _if(
            hazards or numbers.section("baseline"),
            "missing values counted; complete cases",
            "missing data",
        ),
    )
    yield "12d", "Loss to follow-up", _if(has_survival, "censoring rules", "follow-up")
    yield (
        "12e",
        "Sensitivity analyses",
        (
            f"{FILLED}: censoring rules"
            if numbers.section("sensitivity") is not None
            else f"{AUTHOR}: none was run"
        ),
    )
    yield (
        "13",
        "Numbers at each stage, reasons, flow diagram",
        _if(desk.has("flow.source.count"), "Patients", "flow"),
    )
    yield (
        "14a",
        "Characteristics of patients",
        _if(numbers.section("baseline"), "Patients", "declare [baseline]"),
    )
    yield (
        "14b",
        "Missing values of each variable",
        _if(numbers.section("baseline"), "Patients", "declare [baseline]"),
    )
    yield (
        "14c",
        "Length of follow-up",
        _if(desk.has("survival.follow_up.median"), "Survival", "length of follow-up"),
    )
    yield "15", "Numbers of events over time", _if(has_survival, "Survival", "events")
    yield (
        "16a",
        "Unadjusted and adjusted estimates with intervals",
        _if(hazards, "Prognostic factors", "declare [prognosis] or say why there is none"),
    )
    yield "16b", "Boundaries of categories", _if(cuts, "Variables", "none is declared")
    yield "16c", "Absolute risks", _if(has_survival, "survival at stated times", "absolute risks")
    yield (
        "17",
        "Other analyses",
        _if(numbers.section("sensitivity") or _groups(desk), "Survival", "none was run"),
    )
    yield "18", "Key results", _texts(desk, "discussion", "key results")
    yield "19", "Limitations", _texts(desk, "limitations", "limitations")
    yield "20", "Cautious interpretation", _texts(desk, "discussion", "interpretation")
    yield "21", "To whom the results apply", _texts(desk, "discussion", "generalisability")
    yield "22", "Funding", _texts(desk, "ethics", "funding and role of funders")


def _groups(desk: Desk) -> list[str]:
    found = dict.fromkeys(v for e in desk.endpoints() for v in desk.protocol.endpoints[e].by)
    return [desk.variable(v) for v in found]


def others(desk: Desk) -> Iterator[tuple[str, str, str]]:
    """Items of response and adverse events, where the study has them."""
    if desk.protocol.response is not None and desk.has("response.orr.percent"):
        yield (
            "RECIST",
            "Version; confirmation stated; exact intervals; all patients in the rates",
            (f"{FILLED}: Response"),
        )
        yield (
            "RECIST",
            "Waterfall says how many are drawn and why others are not",
            _if(desk.has("response.waterfall.drawn"), "Figure of changes", "no changes on record"),
        )
        yield "RECIST", "Who read the scans; central review", f"{AUTHOR}: who read them"
    if desk.protocol.safety is not None and desk.has("safety.treated.count"):
        yield (
            "CTCAE",
            "Version; worst grade per patient; relation to treatment; deaths",
            (f"{FILLED}: Adverse events"),
        )
        yield "CTCAE", "How adverse events were asked for and recorded", f"{AUTHOR}: how"


def checklist(desk: Desk) -> Table:
    """The checklist as a table."""
    columns = (
        Column("Item", align="left", width=0.6),
        Column("What is asked", align="left", width=2.4),
        Column("Where it is", align="left", width=2.6),
    )
    rows: list[Row] = [row(*item) for item in strobe(desk)]
    more = [row(*item) for item in others(desk)]
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
