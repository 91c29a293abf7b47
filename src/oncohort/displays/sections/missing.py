"""Missing values: how many there are, of what, and who has none."""

from __future__ import annotations

from oncohort.analyses import missing
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.section import Part, Section
from oncohort.displays.spans import Spans, listed, say
from oncohort.displays.tables.model import Column, Table, row
from oncohort.displays.words import name_in_text
from oncohort.protocol import Protocol


def _variables(lookup: Lookup) -> list[str]:
    return lookup.values(("missing", "values", "count"), "variable")


def table(lookup: Lookup) -> Table | None:
    """Missing values of each variable, and patients who have all of them."""
    names = _variables(lookup)
    if not names:
        return None
    rows = [
        row(
            lookup.variable(name),
            lookup.show("missing.values.count", variable=name),
            lookup.show("missing.values.percent", variable=name),
        )
        for name in names
    ]
    rows.append(
        row(
            "Patients with no value missing",
            lookup.show("missing.complete.count"),
            lookup.show("missing.complete.percent"),
            total=True,
        )
    )
    columns = (
        Column("Variable", align="left", width=3.0),
        Column("n", width=0.8),
        Column("%", width=0.8),
    )
    note = say("Of {n} patients.", n=lookup.size("missing.complete.percent"))
    return Table("missing", "", "Missing values", columns, tuple(rows), (note,), False)


def texts(lookup: Lookup) -> list[Spans]:
    """Who has all values, and which variables have gaps."""
    names = _variables(lookup)
    if not names:
        return []

    def gap(name: str) -> bool:
        return bool(lookup.number("missing.values.count", variable=name))

    gaps = [
        say(
            "{v} {w}{n}",
            v=name_in_text(lookup.variable(name)),
            w="in " if k else "was missing in ",
            n=lookup.count_percent_words("missing.values", variable=name),
        )
        for k, name in enumerate(n for n in names if gap(n))
    ]
    if not gaps:
        return [say("No value of the variables was missing.")]
    whole = lookup.get("missing.complete.percent")
    known = lookup.patients_words("missing.complete")
    return [
        say(
            "All values were known in {n}{a}; {l}.",
            n=known,
            a=say(" of {a}", a=lookup.size("missing.complete.percent")) if whole else "",
            l=listed(gaps),
        )
    ]


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """The table of missing values."""
    return (("missing", "complete"),) if protocol.missing else ()


SECTION = Section(
    key="missing",
    title="Missing values",
    methods="Missing values",
    declared=declared,
    analyse=lambda request: missing.analyse(request.protocol, request.cohort),
    tables=(table,),
    sentences=texts,
    analyses=(
        Analysis(
            "Missing values",
            key="missing.variables",
            ids=("missing.values.count", "missing.values.percent", "missing.complete.percent"),
            guard=("missing.mostly",),
            r="is.na, complete.cases",
            page="analyses/missing.md",
            table=table,
        ),
    ),
)
