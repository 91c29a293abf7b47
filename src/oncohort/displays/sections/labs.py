"""Graded laboratory values: worst grades, and shifts from baseline."""

from __future__ import annotations

from oncohort.analyses import labs
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.section import Section
from oncohort.displays.spans import Piece, Spans, listed, say, sentences
from oncohort.displays.tables.model import Column, Row, Table, group, row
from oncohort.displays.words import low_first

NAMED = 5
"""So many terms of the upper grades are named in the text."""


def _terms(lookup: Lookup) -> list[tuple[str, str, str]]:
    """Key, label and category of each term, in the order of CTCAE."""
    layout = lookup.numbers.curves.get("labs.terms")
    if layout is None:
        return []
    columns = layout.columns
    return list(zip(columns["term"], columns["label"], columns["category"], strict=True))


def _high(lookup: Lookup) -> str:
    rule = lookup.protocol.safety
    return f"ge{rule.threshold if rule is not None else 3}"


def table(lookup: Lookup) -> Table | None:
    """Worst grade under treatment per term: any, the upper ones, and each."""
    terms = _terms(lookup)
    rule = lookup.protocol.safety
    if not terms or rule is None:
        return None
    high = _high(lookup)
    columns = (
        Column("Laboratory value", align="left", width=2.4),
        Column("n", width=0.6),
        Column("Any grade", ("Worst grade, n (%)",)),
        Column(f"Grade {rule.threshold} or higher", ("Worst grade, n (%)",), width=1.2),
        *(Column(str(g), ("Worst grade, n (%)",), width=0.9) for g in labs.GRADES[1:]),
    )
    rows: list[Row] = []
    seen = ""
    for key, label, category in terms:
        if category != seen:
            rows.append(group(category))
            seen = category
        cells: list[Piece] = [
            lookup.count_percent(f"labs.{key}", grade=g)
            for g in ("any", high, *map(str, labs.GRADES[1:]))
        ]
        rows.append(row(label, lookup.show(f"labs.{key}.measured"), *cells, indent=1))
    note = say(
        "Graded by {c}; n: patients with a graded value under treatment, the denominator.",
        c=rule.criteria,
    )
    return Table("labs", "", "Laboratory values by worst grade", columns, tuple(rows), (note,))


def shifts(lookup: Lookup) -> Table | None:
    """From which grade at baseline to which worst grade, patients."""
    terms = _terms(lookup)
    if not terms:
        return None
    columns = (
        Column("Grade at baseline", align="left", width=2.4),
        *(Column(str(g), ("Worst grade under treatment, n",)) for g in labs.GRADES),
    )
    rows: list[Row] = []
    for key, label, _ in terms:
        lines = []
        for start in (*map(str, labs.GRADES), labs.UNKNOWN):
            cells = [lookup.show(f"labs.{key}.shift", baseline=start, worst=g) for g in labs.GRADES]
            if any(
                lookup.number(f"labs.{key}.shift", baseline=start, worst=g) for g in labs.GRADES
            ):
                words = "Not known" if start == labs.UNKNOWN else f"Grade {start}"
                lines.append(row(words, *cells, indent=1))
        if lines:
            rows += [group(label), *lines]
    note = say("Rows of grades that no patient had at baseline are left out.")
    title = "Shift of laboratory values from baseline to the worst grade"
    return Table("labs_shift", "", title, columns, tuple(rows), (note,), False)


def text(lookup: Lookup) -> Spans:
    """The commonest laboratory values of the upper grades, and how many got worse."""
    rule = lookup.protocol.safety
    terms = _terms(lookup)
    if not terms or rule is None:
        return ()
    high = _high(lookup)

    def patients_of(key: str) -> float:
        return lookup.number(f"labs.{key}.count", grade=high) or 0

    severe = sorted((t for t in terms if patients_of(t[0])), key=lambda t: -patients_of(t[0]))
    if not severe:
        return say("No laboratory value was of grade {g} or higher.", g=str(rule.threshold))
    parts = [
        say(
            "{l} in {n}",
            l=low_first(label),
            n=(lookup.count_percent_words if k else lookup.patients_words)(
                f"labs.{key}", grade=high
            ),
        )
        for k, (key, label, _) in enumerate(severe[:NAMED])
    ]
    return sentences(
        say(
            "The commonest laboratory abnormalities of grade {g} or higher were {l}."
            if len(parts) > 1
            else "The only laboratory abnormality of grade {g} or higher was {l}.",
            g=str(rule.threshold),
            l=listed(parts),
        )
    )


SECTION = Section(
    key="labs",
    title="Laboratory values",
    methods="Laboratory values",
    declared=lambda p: (("labs",),) if p.safety is not None and p.safety.labs else (),
    analyse=lambda request: labs.analyse(request.protocol, request.cohort),
    tables=(table, shifts),
    sentences=lambda lookup: [text(lookup)],
    analyses=(
        Analysis(
            "Graded laboratory values",
            key="safety.labs",
            ids=("labs.*.measured", "labs.*.percent", "labs.*.worsened.percent"),
            sentence=text,
            guard=("labs.unit", "labs.limits", "ctcae.no-rule"),
            r="none: rules of CTCAE and counts",
            page="analyses/safety.md",
            table=table,
        ),
        Analysis(
            "Shift of laboratory values",
            key="safety.labs",
            ids=("labs.*.shift",),
            sentence=text,
            guard=("labs.unit", "labs.limits"),
            r="none: rules of CTCAE and counts",
            page="analyses/safety.md",
            table=shifts,
        ),
    ),
)
