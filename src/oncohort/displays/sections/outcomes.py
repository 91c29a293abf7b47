"""Binary outcomes: how many had each, in all and by group."""

from __future__ import annotations

from oncohort.analyses import outcomes
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.grouped_rates import Shown
from oncohort.displays.sections.section import Part, Section
from oncohort.displays.spans import Spans, listed, say, sentences
from oncohort.displays.tables.model import Column, Row, Table, row
from oncohort.displays.words import low_first, name_in_text, up_first
from oncohort.protocol import Protocol


def reported(lookup: Lookup) -> list[str]:
    """Keys of the outcomes that have a rate, in the protocol's order."""
    return [k for k in lookup.protocol.outcomes if lookup.has(f"outcomes.{k}.percent")]


def label(lookup: Lookup, key: str) -> str:
    """An outcome's label."""
    return outcomes.label_of(key, lookup.protocol.outcomes[key], lookup.protocol)


def _grouping(lookup: Lookup) -> dict[str, list[str]]:
    """Variable to the outcomes that have rates in its groups."""
    out: dict[str, list[str]] = {}
    for key in reported(lookup):
        for variable in lookup.protocol.outcomes[key].by:
            if lookup.numbers.of("outcomes", key, "count", variable=variable):
                out.setdefault(variable, []).append(key)
    return out


def table(lookup: Lookup) -> Table | None:
    """Each outcome: patients with it, of those in whom it is known, with the exact interval."""
    keys = reported(lookup)
    if not keys:
        return None
    columns = (
        Column("Outcome", align="left", width=2.6),
        Column("n"),
        Column("Known"),
        Column("% (95% CI)", width=1.5),
    )
    rows = tuple(
        row(
            label(lookup, k),
            lookup.show(f"outcomes.{k}.count"),
            lookup.size(f"outcomes.{k}.percent"),
            lookup.value_ci(f"outcomes.{k}.percent"),
        )
        for k in keys
    )
    note = say("Known: patients in whom the outcome is known, the denominator; exact intervals.")
    return Table("outcomes", "", "Binary outcomes", columns, rows, (note,), False)


def tables(lookup: Lookup) -> list[Table]:
    """Outcomes by group: rates, differences, odds ratios and tests."""
    out = []
    for variable, keys in _grouping(lookup).items():
        shown = Shown(lookup, "outcomes", variable)
        p = any(lookup.has(f"outcomes.{k}.p", variable=variable) for k in keys)
        rows: list[Row] = []
        for key in keys:
            rows += shown.rate(f"{label(lookup, key)}, n (%)", f"outcomes.{key}", p=p)
        columns = (Column("Outcome", align="left", width=2.6), *shown.columns(p=p))
        of = "the patients of the column in whom the outcome is known"
        notes = shown.notes(of=of, path=f"outcomes.{keys[0]}")
        title = f"Binary outcomes by {name_in_text(lookup.variable(variable))}"
        name = f"outcomes_{variable.replace('.', '_').replace('+', '_')}"
        out.append(Table(name, "", title, columns, tuple(rows), tuple(notes), True))
    return out


def text(lookup: Lookup) -> Spans:
    """How many had each outcome, and each group's rate with its difference."""
    keys = reported(lookup)
    if not keys:
        return ()
    parts: list[Spans] = []
    for k in keys:
        rate = lookup.get(f"outcomes.{k}.percent")
        missing = lookup.number(f"outcomes.{k}.missing")
        of = say(" of {n} in whom it is known", n=lookup.size(f"outcomes.{k}.percent"))
        words = label(lookup, k)
        words_of = lookup.count_percent_words if parts else lookup.patients_words
        parts.append(
            say(
                "{w} in {n}{o}" if parts else "{w} was recorded in {n}{o}",
                w=low_first(words) if parts else up_first(words),
                n=words_of(f"outcomes.{k}"),
                o=of if missing and rate is not None and rate.n else "",
            )
        )
    out = [say("{l}.", l=listed(parts))]
    for variable, some in _grouping(lookup).items():
        shown = Shown(lookup, "outcomes", variable)
        out += shown.told([(low_first(label(lookup, k)), f"outcomes.{k}") for k in some])
    return sentences(*out)


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Each outcome, and its groups."""
    return tuple(
        part
        for key, outcome in protocol.outcomes.items()
        for part in (("outcomes", key), *(("outcomes", key, "by", v) for v in outcome.by))
    )


SECTION = Section(
    key="outcomes",
    title="Binary outcomes",
    methods="Binary outcomes",
    declared=declared,
    analyse=lambda request: outcomes.analyse(request.protocol, request.cohort, request.blocked),
    tables=(table, tables),
    sentences=lambda lookup: [text(lookup)],
    analyses=(
        Analysis(
            "Binary outcomes",
            key="outcomes.*.of",
            ids=("outcomes.*.count", "outcomes.*.percent", "outcomes.*.missing"),
            sentence=text,
            guard=("protocol.value", "variables.unknown-level"),
            r="binom.test",
            page="analyses/logistic.md",
            table=table,
            stats=("proportion",),
        ),
        Analysis(
            "Binary outcomes by group",
            key="outcomes.*.by",
            ids=("outcomes.*.difference", "outcomes.*.odds_ratio", "outcomes.*.p"),
            sentence=text,
            guard=("variables.no-group", "variables.no-groups"),
            r="prop.test (Newcombe by hand), glm(binomial), fisher.test, prop.trend.test",
            page="analyses/logistic.md",
            table=tables,
            stats=(
                "proportion",
                "proportion_difference",
                "logistic",
                "fisher_exact",
                "chi_squared",
                "trend_test",
            ),
        ),
    ),
)
