"""The same endpoint under other rules of events and censoring."""

from __future__ import annotations

from oncohort.analyses import sensitivity
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.item import AUTHOR, FILLED, Item
from oncohort.displays.sections.section import Part, Section
from oncohort.displays.spans import Piece, Span, Spans, say, sentences
from oncohort.displays.tables.model import Column, Row, Table, group, row
from oncohort.displays.words import low_first, up_first
from oncohort.endpoints.endpoint_rules import has_other_rules
from oncohort.protocol import Protocol


def table(lookup: Lookup) -> Table | None:
    """The same endpoint under other rules of events and censoring."""
    rows: list[Row] = []
    left_open: list[str] = []
    endpoints = lookup.numbers.subjects("sensitivity")
    for endpoint in endpoints:
        path = f"sensitivity.{endpoint}"
        medians = lookup.numbers.of("sensitivity", endpoint, "median")
        if medians and len(endpoints) > 1:
            rows.append(group(lookup.endpoint(endpoint)))
        for median in medians:
            name = median.key["rules"]
            if median.state == "not_estimable" and median.note:
                left_open.append(f"{up_first(median.heading)}: {median.note}")
            rows.append(
                row(
                    up_first(median.heading),
                    lookup.show(f"{path}.events", rules=name),
                    lookup.show(f"{path}.censored", rules=name),
                    lookup.value_ci(f"{path}.median", rules=name),
                    indent=1 if len(endpoints) > 1 else 0,
                )
            )
        rows += _between_scans(lookup, endpoint, 1 if len(endpoints) > 1 else 0)
    if not rows:
        return None
    what = low_first(lookup.endpoint(endpoints[0])) if len(endpoints) == 1 else "survival"
    columns = (
        Column("Rule", align="left", width=3.4),
        Column("Events", width=0.8),
        Column("Censored", width=0.9),
        Column(f"Median, {lookup.unit} (95% CI)", width=1.6),
    )
    notes = (
        say("The endpoint was derived again from the chart under each rule."),
        *(say("{w}.", w=words) for words in dict.fromkeys(left_open)),
    )
    title = f"Sensitivity of {what} to the rules of events and censoring"
    return Table("sensitivity", "", title, columns, tuple(rows), notes, False)


def _between_scans(lookup: Lookup, endpoint: str, indent: int) -> list[Row]:
    """The estimate that takes a progression as lying between two scans."""
    path, keys = f"sensitivity.{endpoint}", {"rules": "between_scans"}
    first = lookup.get(f"{path}.median_from", **keys)
    if first is None:
        return []
    median: Piece = lookup.bound(first)
    if first.value is not None:
        last = lookup.show(f"{path}.median_to", **keys)
        median = say("between {a} and {b}", a=lookup.bound(first), b=last)
    return [
        row(
            up_first(first.heading),
            lookup.show(f"{path}.events", **keys),
            lookup.show(f"{path}.censored", **keys),
            median,
            indent=indent,
        )
    ]


def text(lookup: Lookup) -> Spans:
    """How far the median moves under other censoring rules."""
    out: list[Piece] = []
    for endpoint in lookup.numbers.subjects("sensitivity"):
        medians = lookup.numbers.of("sensitivity", endpoint, "median")
        found = [e for e in medians if e.value is not None]
        if len(found) < 2:
            continue
        least = min(found, key=lambda e: e.value or 0)
        most = max(found, key=lambda e: e.value or 0)
        same = lookup.style.value(least) == lookup.style.value(most)
        start = say(
            "In sensitivity analyses under {k} sets of rules for events and censoring, the median "
            "{e}",
            k=str(len(found)),
            e=lookup.short(endpoint),
        )
        low, high = (Span(lookup.style.value(e), e.id) for e in (least, most))
        out.append(
            say("{s} was {a}\u00a0{u} throughout.", s=start, a=low, u=lookup.unit)
            if same
            else say("{s} ranged from {a} to {b}\u00a0{u}.", s=start, a=low, b=high, u=lookup.unit)
        )
    return sentences(*out)


def _ran(lookup: Lookup) -> str:
    if lookup.numbers.section("sensitivity") is None:
        return f"{AUTHOR}: none was run"
    return f"{FILLED}: Sensitivity"


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Each endpoint that other rules would derive otherwise."""
    return tuple(
        ("sensitivity", key) for key, e in protocol.endpoints.items() if has_other_rules(key, e)
    )


SECTION = Section(
    key="sensitivity",
    title="",
    methods="Sensitivity",
    declared=declared,
    analyse=lambda request: sensitivity.analyse(request.protocol, request.cohort, request.blocked),
    tables=(table,),
    sentences=lambda lookup: [text(lookup)],
    analyses=(
        Analysis(
            "Other censoring rules",
            key="endpoints.*.censoring",
            ids=("sensitivity.*.median",),
            sentence=text,
            guard=("endpoints.no-schedule",),
            r="survival::survfit",
            page="endpoints.md",
            table=table,
            stats=("kaplan_meier", "turnbull"),
        ),
    ),
    items=(Item("12e", "Sensitivity analyses", _ran),),
)
