"""Tables of arms: all patients, every two arms, subgroups."""

from __future__ import annotations

from collections.abc import Sequence

from oncohort.analyses import arms
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.arms_compared import (
    arm_label,
    arms_of,
    arms_rule,
    compared_endpoints,
    has_competing,
    level_label,
    reasons,
    subgroup_label,
    subgroups_of,
)
from oncohort.displays.spans import Piece, Spans, listed, say
from oncohort.displays.tables.model import Column, Row, Table, group, row
from oncohort.displays.words import low_first, name_in_text
from oncohort.protocol.arms import Arms, subgroup_key


def table(lookup: Lookup) -> Table | None:
    """Patients, events, hazard ratio and tests of each arm."""
    endpoints = compared_endpoints(lookup)
    rule = arms_rule(lookup)
    if not endpoints or rule is None:
        return None
    ways = [
        (m, words)
        for m, words in (("unstratified", "Unstratified"), ("stratified", "Stratified"))
        if any(lookup.has(f"arms.{e}.logrank", model=m) for e in endpoints)
    ]
    over = len(ways) > 1
    columns = [
        Column(lookup.variable(rule.variable), align="left", width=2.2),
        Column("n", width=0.6),
        Column("Events", width=0.8),
    ]
    for _, words in ways:
        columns.append(Column("HR (95% CI)", (words,) if over else (), width=1.6))
        columns.append(Column(lookup.style.p_symbol, (words,) if over else (), width=0.8))
    rows: list[Row] = []
    for e in endpoints:
        path = f"arms.{e}"
        reference, _ = arms_of(lookup, e)
        if len(endpoints) > 1:
            rows.append(group(lookup.endpoint(e)))
        for level in lookup.values(("arms", e, "n"), "arm"):
            cells: list[Piece] = [
                lookup.show(f"{path}.n", arm=level),
                lookup.show(f"{path}.events", arm=level),
            ]
            for model, _ in ways:
                if level == reference:
                    cells += ["1 (ref.)", ""]
                else:
                    keys = {"arm": level, "model": model}
                    cells.append(lookup.value_ci(f"{path}.hr", **keys))
                    cells.append(lookup.show(f"{path}.p", **keys))
            rows.append(
                row(arm_label(lookup, level), *cells, indent=1 if len(endpoints) > 1 else 0)
            )
        tests: list[Piece] = ["", ""]
        for model, _ in ways:
            tests += ["", lookup.show(f"{path}.logrank", model=model)]
        rows.append(row("Log-rank test", *tests, indent=1 if len(endpoints) > 1 else 0))
    what = " and ".join(low_first(lookup.endpoint(e)) for e in endpoints)
    return Table(
        "arms",
        "",
        f"Comparison of arms: {what}",
        tuple(columns),
        tuple(rows),
        _notes(lookup, rule, endpoints),
    )


def _notes(lookup: Lookup, rule: Arms, endpoints: Sequence[str]) -> tuple[Spans, ...]:
    notes = [say("Hazard ratios by Cox regression. ref.: arm that the others are compared with.")]
    several = [e for e in endpoints if has_competing(lookup, e)]
    if several:
        notes.append(
            say(
                "{e}: patients leave the risk set at a competing event; ratios and log-rank tests "
                "are cause-specific.",
                e=listed(lookup.endpoint(e) for e in several),
            )
        )
    if rule.strata:
        notes.append(
            say("Strata: {s}.", s=listed(name_in_text(lookup.variable(s)) for s in rule.strata))
        )
    for e in endpoints:
        if lookup.has(f"arms.{e}.missing"):
            notes.append(
                say("{e}: {n} in no arm.", e=lookup.endpoint(e), n=lookup.show(f"arms.{e}.missing"))
            )
    notes += reasons(lookup, [("arms", e, "hr") for e in endpoints])
    return tuple(notes)


def pairs(lookup: Lookup) -> Table | None:
    """Every two arms, with p-values adjusted for their number."""
    rows: list[Row] = []
    endpoints = [e for e in compared_endpoints(lookup) if lookup.numbers.of("arms", e, "pair_p")]
    for e in endpoints:
        if len(endpoints) > 1:
            rows.append(group(lookup.endpoint(e)))
        for estimate in lookup.numbers.of("arms", e, "pair_p"):
            first, second = estimate.key["against"], estimate.key["arm"]
            keys = {"against": first, "arm": second}
            path = f"arms.{e}"
            rows.append(
                row(
                    f"{arm_label(lookup, second)} vs. {arm_label(lookup, first)}",
                    lookup.value_ci(f"{path}.pair_hr", **keys),
                    lookup.show(f"{path}.pair_p", **keys),
                    lookup.show(f"{path}.pair_p_adjusted", **keys),
                    indent=1 if len(endpoints) > 1 else 0,
                )
            )
    rule = arms_rule(lookup)
    if not rows or rule is None:
        return None
    p = lookup.style.p_symbol
    columns = (
        Column("Arms", align="left", width=3.0),
        Column("HR (95% CI)", width=1.6),
        Column(f"Log-rank {p}", width=0.9),
        Column(f"Adjusted {p}", width=0.9),
    )
    note = say(
        "Log-rank tests on the patients of the two arms; {a}. Hazard ratios are of the "
        "first arm against the second.",
        a=arms.ADJUSTED[rule.pairwise],
    )
    return Table("arms_pairs", "", "Every two arms", columns, tuple(rows), (note,), False)


def subgroup_table(lookup: Lookup) -> Table | None:
    """Patients, events, hazard ratio and interaction in each subgroup."""
    rows: list[Row] = []
    endpoints = [e for e in compared_endpoints(lookup) if subgroups_of(lookup, e)]
    for e in endpoints:
        reference, others = arms_of(lookup, e)
        for arm in others:
            if len(endpoints) > 1 or len(others) > 1:
                against = f"{arm_label(lookup, arm)} vs. {arm_label(lookup, reference)}"
                rows.append(group(f"{lookup.endpoint(e)}: {against}"))
            for one in subgroups_of(lookup, e):
                rows += _subgroup_rows(lookup, e, one, arm, reference)
    if not rows:
        return None
    p = lookup.style.p_symbol
    columns = (
        Column("Subgroup", align="left", width=2.6),
        Column("Arm, events/n", width=1.0),
        Column("Reference, events/n", width=1.1),
        Column("HR (95% CI)", width=1.6),
        Column(f"Interaction {p}", width=0.9),
    )
    return Table(
        "subgroups",
        "",
        "Effect of the arm in subgroups",
        columns,
        tuple(rows),
        _subgroup_notes(lookup, endpoints),
        False,
    )


def _subgroup_rows(
    lookup: Lookup, e: str, one: str | list[str], arm: str, reference: str
) -> list[Row]:
    path = f"arms.{e}.subgroup.{subgroup_key(one)}"
    interaction = lookup.show(f"{path}.interaction_p")
    rows = [row(subgroup_label(lookup, one), "", "", "", interaction)]
    for level in lookup.values(("arms", e, "subgroup", subgroup_key(one), "n"), "level"):
        rows.append(
            row(
                level_label(lookup, one, level),
                *(_events_of(lookup, path, level, a) for a in (arm, reference)),
                lookup.value_ci(f"{path}.hr", arm=arm, level=level),
                "",
                indent=1,
            )
        )
    return rows


def _events_of(lookup: Lookup, path: str, level: str, arm: str) -> Spans:
    events, n = (lookup.show(f"{path}.{w}", arm=arm, level=level) for w in ("events", "n"))
    return say("{e}/{n}", e=events, n=n)


def _subgroup_notes(lookup: Lookup, endpoints: Sequence[str]) -> tuple[Spans, ...]:
    notes = [
        say(
            "Hazard ratios by Cox regression within the subgroup. Interaction: likelihood-ratio "
            "test; not adjusted for the number of subgroups."
        )
    ]
    paths = []
    for e in endpoints:
        for one in subgroups_of(lookup, e):
            key = subgroup_key(one)
            paths.append(("arms", e, "subgroup", key, "interaction_p"))
            if lookup.has(f"arms.{e}.subgroup.{key}.missing"):
                notes.append(
                    say(
                        "{e}, {v}: {n} with missing values, in no subgroup.",
                        e=lookup.endpoint(e),
                        v=subgroup_label(lookup, one),
                        n=lookup.show(f"arms.{e}.subgroup.{key}.missing"),
                    )
                )
    return (*notes, *reasons(lookup, paths))
