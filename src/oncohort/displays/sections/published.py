"""This study's figures beside those of a paper, table by table."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from oncohort.analyses import published
from oncohort.analyses.published import (
    IMPOSSIBLE,
    TREATMENT,
    Compared,
    Finder,
    compare,
    part_of,
)
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.section import Part, Section
from oncohort.displays.spans import Piece, Span, Spans, listed, merged, say
from oncohort.displays.tables.model import Column, Table, row
from oncohort.displays.words import low_first, up_first
from oncohort.protocol import Protocol
from oncohort.protocol.number_style import DASH, rounded
from oncohort.published.figures import slug
from oncohort.published.rounding import number

TITLES = {
    "baseline": "Baseline characteristics",
    "outcomes": "Response, treatment and survival",
    "prognosis": "Hazard ratios",
    "safety": "Adverse events",
}
"""What the tables compare, by their key."""


def compared(lookup: Lookup) -> tuple[Compared, ...]:
    """All printed figures with this study's; none where no paper is named."""
    asked, beside, p = lookup.protocol.published, lookup.context.beside, lookup.protocol
    if asked is None or beside is None:
        return ()
    finder = Finder(
        asked,
        lookup.numbers,
        lookup.context.variables,
        {k: v.source for k, v in p.variables.items() if v.source},
        lookup.context.standard,
        p.safety.terms if p.safety is not None else {},
        tuple(p.exposure),
        p.study.time_unit,
    )
    return compare(beside, finder)


_PARTS = {"estimate": "HR", "percent": "%", "low": "lower", "high": "upper", "sd": "SD"}


def _name(c: Compared) -> str:
    part = c.figure.key.partition("#")[0].rpartition(".")[2]
    return _PARTS.get(part, part)


def _record(c: Compared) -> str:
    key, _, again = c.figure.key.partition("#")
    return key.rpartition(".")[0] + again


def own_text(lookup: Lookup, c: Compared) -> Span:
    """This study's number with the digits of the paper."""
    value = None if c.own is None else c.own.value
    if c.own is None or value is None:
        return Span(DASH)
    read = number(c.figure.printed)
    digits = 0 if read is None else len(str(read.unit.denominator)) - 1
    text = rounded(value, digits)
    if c.own.estimate.kind == "p" and not text.strip("0."):
        text = lookup.style.p(value)
    return Span(text, c.own.estimate.id)


def _joined(pieces: Iterable[tuple[str, Piece]]) -> Spans:
    """ "32 (71.4)", "38.1%", "3.89, p 0.012", "62 (41\u201383)"."""
    out: list[Span] = []
    for name, piece in pieces:
        text = piece if isinstance(piece, Span) else Span(str(piece))
        if name == "%" and not out:
            out += [text, Span("%")]
        elif name in ("%", "lower"):
            out += [Span(" ("), text, Span(")")]
        elif name == "upper" and out and out[-1].text == ")":
            out[-1:] = [Span("\u2013"), text, Span(")")]
        else:
            out += [Span(", " if out else ""), Span(f"{name} " if name == "p" else ""), text]
    return merged(out)


def _own(lookup: Lookup, group: list[Compared]) -> Spans:
    """This study's figures of a row; one dash where it has none of them."""
    if all(c.own is None or c.own.value is None for c in group):
        return (Span(DASH),)
    return _joined((_name(c), own_text(lookup, c)) for c in group)


def _verdict(group: list[Compared]) -> str:
    states = {c.state for c in group}
    if len(states) == 1:
        return states.pop()
    return "; ".join(f"{_name(c)}: {c.state}" for c in group)


def _label(lookup: Lookup, group: list[Compared]) -> str:
    """The row in the paper's words, a variable by its label here."""
    figure = group[0].figure
    words = figure.words
    if figure.key.startswith("times.") and words.endswith(", median"):
        what = words.removesuffix(", median")
        words = f"median {'time on treatment' if slug(what) in TREATMENT else what}"
    for end in (", patients", ", percent", ", median", ", mean", ", events"):
        words = words.removesuffix(end)
    own = next((c.own.estimate.key for c in group if c.own is not None), None)
    if own is not None and own.section == "baseline":
        level = words.partition(": ")[2]
        words = (
            f"{lookup.variable(own.subject)}: {level}" if level else lookup.variable(own.subject)
        )
    if own is not None and own.section == "prognosis":
        model = words.partition(" of ")[0].removesuffix(" HR")
        sides = words[words.find(" (") :] if words.endswith(")") else ""
        words = f"{_plain(lookup.variable(own['variable']), sides)}: {model}"
    words = words.replace(", grade any", ", any grade")
    return up_first(words.replace(">=", "\u2265").replace("<=", "\u2264"))


def _plain(name: str, sides: str) -> str:
    """A variable with the two sides of its ratio, said once."""
    return name if not sides or sides[2:-1].lower() in name.lower() else name + sides


def _placed(label: str, group: list[Compared]) -> str:
    """The label of a figure that a paper gives more than once, with where it stands there."""
    section = group[0].figure.where.section
    return f"{label} ({section})" if section else label


def table(lookup: Lookup) -> list[Table]:
    """A table for each of the paper's, one row per printed row."""
    every = compared(lookup)
    if not every or lookup.protocol.published is None:
        return []
    paper = lookup.protocol.published.label
    columns = (
        Column("Figure", align="left", width=2.8),
        Column("Published", width=1.3),
        Column("This study", width=1.3),
        Column("Agreement", align="left", width=1.6),
    )
    notes: tuple[Spans, ...] = (
        say(
            "Published: as printed for {p}. Agree: this study's number is printed the same at "
            "these digits, rounded or cut off.",
            p=paper,
        ),
    )
    if any(c.state == IMPOSSIBLE for c in every):
        why = "Impossible: no patients have it together with other printed figures."
        notes = (*notes, say(why))
    out = []
    for part, title in TITLES.items():
        own = [c for c in every if part_of(c.figure) == part]
        groups = [list(g) for _, g in groupby(own, _record)]
        labels = [_label(lookup, g) for g in groups]
        rows = tuple(
            row(
                _placed(label, g) if labels.count(label) > 1 else label,
                _joined((_name(c), c.figure.printed) for c in g),
                _own(lookup, g),
                _verdict(g),
            )
            for label, g in zip(labels, groups, strict=True)
        )
        if rows:
            what = f"{title} beside {paper}"
            out.append(Table(f"published_{part}", "", what, columns, rows, notes, False))
    return out


def texts(lookup: Lookup) -> list[Spans]:
    """How many printed figures agree with this study's, table by table."""
    asked = lookup.protocol.published
    if asked is None:
        return []
    told = []
    for part, title in TITLES.items():
        agree = lookup.get(f"published.{part}.count", state="agree")
        if agree is not None:
            words = low_first(title)
            n = Span(str(agree.n), agree.id)
            told.append(say("{k} of {n} ({w})", k=lookup.bound(agree), n=n, w=words))
    if not told:
        return []
    lead = f"Of the figures printed for {asked.label}, this study's agreed with "
    return [say("{a}{l}.", a=lead, l=listed(told))]


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """The comparison, where a paper is named."""
    return (("published",),) if protocol.published is not None else ()


SECTION = Section(
    key="published",
    title="Beside the published figures",
    methods="",
    declared=declared,
    analyse=lambda r: published.analyse(r.protocol, r.cohort, r.numbers, r.beside),
    tables=(table,),
    sentences=texts,
    analyses=(
        Analysis(
            "Figures of a paper beside this study's",
            key="published.figures",
            ids=("published.*.count",),
            guard=("published.schema",),
            r="none: a printed figure allows an interval of values",
            page="analyses/published.md",
            table=table,
        ),
    ),
)
