"""Patients: who was looked at, who left, who stayed."""

from __future__ import annotations

from oncohort.analyses import flow
from oncohort.displays.figures import forest
from oncohort.displays.figures.model import Figure
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.item import Item, filled_if
from oncohort.displays.sections.section import Section, figure_of
from oncohort.displays.spans import Spans, listed, say, sentences
from oncohort.displays.tables.model import Column, Table, row
from oncohort.displays.words import low_first, patients, were


def table(lookup: Lookup) -> Table | None:
    """Patients by criterion; one that excludes nobody keeps its row with 0."""
    if not lookup.has("flow.source.count") or not lookup.protocol.eligibility.criteria:
        return None
    rows = [row(lookup.protocol.eligibility.source, "", lookup.show("flow.source.count"))]
    for criterion in lookup.protocol.eligibility.criteria:
        if lookup.has(f"flow.{criterion.key}.excluded"):
            rows.append(
                row(
                    criterion.label,
                    lookup.show(f"flow.{criterion.key}.excluded"),
                    lookup.show(f"flow.{criterion.key}.remaining"),
                    indent=1,
                )
            )
    rows.append(row("Included in the analysis", "", lookup.show("flow.included.count"), total=True))
    columns = (
        Column("Criterion", align="left", width=3.4),
        Column("Left out, n"),
        Column("Remaining, n"),
    )
    note = "Criteria apply in this order; each patient is counted where first left out."
    title = "Patients by eligibility criterion"
    notes = (say(note),)
    return Table("flow", "", title, columns, tuple(rows), notes, repeats="figure.flow")


def figure(lookup: Lookup) -> list[Figure]:
    """The flow of patients, each criterion with its count, zeros too; none without criteria."""
    if not lookup.has("flow.source.count") or not lookup.protocol.eligibility.criteria:
        return []

    def n(path: str) -> str:
        return f"n\u00a0=\u00a0{lookup.show(path).text}"

    criteria = [
        c for c in lookup.protocol.eligibility.criteria if lookup.has(f"flow.{c.key}.excluded")
    ]
    steps = [{"stay": f"{lookup.protocol.eligibility.source} ({n('flow.source.count')})"}]
    steps[0]["leave"] = ""
    for i, c in enumerate(criteria):
        steps[-1]["leave"] = f"{c.label} ({n(f'flow.{c.key}.excluded')})"
        if i < len(criteria) - 1:
            left = f"Remaining ({n(f'flow.{c.key}.remaining')})"
            steps.append({"stay": left, "leave": ""})
    included = f"Included in the analysis ({n('flow.included.count')})"
    steps.append({"stay": included, "leave": ""})
    alt = "Flow diagram. " + "; ".join(
        s for step in steps for s in (step["stay"], f"left out: {step['leave']}") if s[-2:] != ": "
    )
    caption = say(
        "Of {a} {p}, {b} {w} included. Criteria apply in this order; each patient is counted "
        "where first left out.",
        a=lookup.show("flow.source.count"),
        p=patients(lookup.number("flow.source.count")),
        b=lookup.show("flow.included.count"),
        w=were(lookup.number("flow.included.count")),
    )
    data = {"steps": steps}
    height = forest.flow_height(data, lookup.style.points)
    title = "Flow of patients"
    return [figure_of(lookup, "flow", "flow", title, caption, alt + ".", data, height, width=158)]


def text(lookup: Lookup) -> Spans:
    """Who was looked at, who left, who stayed."""
    if not lookup.has("flow.source.count"):
        n = lookup.context.n
        return say("{n} {p} {w} included.", n=lookup.whole(), p=patients(n), w=were(n))
    source = lookup.number("flow.source.count")
    included = lookup.number("flow.included.count")
    if source == included:
        return say(
            "{a} in the data {w} included.",
            a=lookup.all_patients("flow.included.count"),
            w=were(included),
        )
    parts: list[Spans] = []
    for criterion in lookup.protocol.eligibility.criteria:
        path = f"flow.{criterion.key}.excluded"
        if lookup.number(path):
            parts.append(
                say("{w} (n\u00a0=\u00a0{n})", w=low_first(criterion.label), n=lookup.show(path))
            )
    return sentences(
        say(
            "Of {a} {p}, {b} {w} included.",
            a=lookup.show("flow.source.count"),
            p=patients(source),
            b=lookup.show("flow.included.count"),
            w=were(included),
        ),
        say("Reasons for exclusion were {l}.", l=listed(parts)) if len(parts) > 1 else "",
        say("The reason for exclusion was {l}.", l=listed(parts)) if len(parts) == 1 else "",
    )


SECTION = Section(
    key="flow",
    title="Patients",
    methods="Patients",
    declared=lambda protocol: (("flow",),),
    analyse=lambda request: flow.analyse(request.protocol, request.cohort),
    tables=(table,),
    figures=(figure,),
    sentences=lambda lookup: [text(lookup)],
    analyses=(
        Analysis(
            "Flow of patients",
            key="eligibility.criteria",
            ids=("flow.source.count", "flow.*.excluded", "flow.included.count"),
            sentence=text,
            guard=("eligibility.missing-value", "eligibility.nobody"),
            r="none: counts",
            page="first-study.md",
            table=table,
            figure=figure,
        ),
    ),
    items=(
        Item(
            "13",
            "Numbers at each stage, reasons, flow diagram",
            lambda lookup: filled_if(lookup.has("flow.source.count"), "Patients", "flow"),
        ),
    ),
)
