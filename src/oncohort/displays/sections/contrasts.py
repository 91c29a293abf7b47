"""Restricted means, differences of survival at times, trends over ordered groups."""

from __future__ import annotations

from oncohort.analyses import survival_contrasts
from oncohort.analyses.result import Estimate
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.section import Part, Section
from oncohort.displays.spans import Piece, Spans, listed, say, sentences
from oncohort.displays.tables.model import Column, Row, Table, group, row
from oncohort.displays.words import name_in_text, up_first
from oncohort.protocol import Protocol
from oncohort.protocol.number_style import SIGNIFICANT


def _endpoints(lookup: Lookup) -> list[str]:
    return [e for e in lookup.protocol.endpoints if e in lookup.numbers.subjects("contrasts")]


def _groups(lookup: Lookup, endpoint: str, variable: str, what: str) -> list[str]:
    return [
        level
        for level in lookup.levels(variable)
        if lookup.numbers.of("contrasts", endpoint, what, group=level, variable=variable)
    ]


def _reference(lookup: Lookup, endpoint: str, variable: str) -> str:
    """The group that the others are compared with."""
    info = lookup.info(variable)
    present = [
        v
        for v in lookup.levels(variable)
        if lookup.has(f"survival.{endpoint}.n", group=v, variable=variable)
        or lookup.numbers.of("contrasts", endpoint, "rmst", group=v, variable=variable)
    ]
    if info is not None and info.reference in present:
        return info.reference or ""
    return present[0] if present else ""


def table(lookup: Lookup) -> Table | None:
    """Restricted means up to each time, in all and by group, with differences and ratios."""
    rows: list[Row] = []
    for e in _endpoints(lookup):
        times = lookup.values(("contrasts", e, "rmst"), "time")
        if not times:
            continue
        path = f"contrasts.{e}"
        rows.append(group(lookup.endpoint(e)))
        for time in times:
            blank: list[Piece] = ["", "", ""]
            mean = lookup.value_ci(f"{path}.rmst", time=time)
            rows.append(row(f"Up to {time} {lookup.unit}", mean, *blank, indent=1))
            for variable in lookup.protocol.endpoints[e].by:
                for level in _groups(lookup, e, variable, "rmst"):
                    keys = {"group": level, "time": time, "variable": variable}
                    compared = lookup.has(f"{path}.rmst_difference", **keys)
                    cells: list[Piece] = [lookup.value_ci(f"{path}.rmst", **keys)]
                    cells += (
                        [
                            lookup.value_ci(f"{path}.rmst_difference", **keys),
                            lookup.value_ci(f"{path}.rmst_ratio", **keys),
                            lookup.show(f"{path}.rmst_p", **keys),
                        ]
                        if compared
                        else ["0 (ref.)", "1 (ref.)", ""]
                    )
                    label = f"{lookup.variable(variable)}: {lookup.level(variable, level)}"
                    rows.append(row(label, *cells, indent=2))
    if not rows:
        return None
    columns = (
        Column("Group", align="left", width=2.4),
        Column(f"Mean, {lookup.unit} (95% CI)", width=1.6),
        Column("Difference (95% CI)", width=1.6),
        Column("Ratio (95% CI)", width=1.5),
        Column(lookup.style.p_symbol, width=0.7),
    )
    notes = (
        say(
            "Area under the Kaplan-Meier curve up to the time; it cannot be estimated where "
            "follow-up ends before. ref.: group that the others are compared with."
        ),
    )
    title = "Restricted mean survival time"
    return Table("restricted_means", "", title, columns, tuple(rows), notes, False)


def differences(lookup: Lookup) -> Table | None:
    """Differences of survival between groups at the declared times."""
    rows: list[Row] = []
    for e in _endpoints(lookup):
        path = f"contrasts.{e}"
        for variable in lookup.protocol.endpoints[e].by:
            reference = lookup.level(variable, _reference(lookup, e, variable))
            for level in _groups(lookup, e, variable, "difference"):
                against = f"{lookup.level(variable, level)} minus {name_in_text(reference)}"
                rows.append(group(f"{lookup.endpoint(e)}, {against}"))
                for time in lookup.values(("contrasts", e, "difference"), "time"):
                    keys = {"group": level, "time": time, "variable": variable}
                    rows.append(
                        row(
                            f"At {time} {lookup.unit}",
                            lookup.value_ci(f"{path}.difference", **keys),
                            lookup.show(f"{path}.difference_p", **keys),
                            indent=1,
                        )
                    )
    if not rows:
        return None
    columns = (
        Column("Time", align="left", width=3.0),
        Column("Difference, percentage points (95% CI)", width=2.2),
        Column(lookup.style.p_symbol, width=0.7),
    )
    notes = (say("Differences of Kaplan-Meier estimates."),)
    title = "Differences of survival at stated times"
    return Table("survival_differences", "", title, columns, tuple(rows), notes, False)


def texts(lookup: Lookup) -> list[Spans]:
    """Restricted means and their differences, differences at times, trends."""
    out = []
    for e in _endpoints(lookup):
        path = f"contrasts.{e}"
        short = lookup.short(e)
        parts: list[Piece] = []
        for time in lookup.values(("contrasts", e, "rmst"), "time"):
            if lookup.number(f"{path}.rmst", time=time) is not None:
                parts.append(
                    say(
                        "The restricted mean {s} up to {t}\u00a0{u} was {m}.",
                        s=short,
                        t=time,
                        u=lookup.unit,
                        m=lookup.with_ci(f"{path}.rmst", time=time),
                    )
                )
        for variable in lookup.protocol.endpoints[e].by:
            parts += [_compared(lookup, e, what, variable) for what in _DIFFERENCE]
        parts += [
            _trended(lookup, e, v) for v in lookup.values(("contrasts", e, "trend"), "variable")
        ]
        out.append(sentences(*parts))
    return [text for text in out if text]


def _trended(lookup: Lookup, e: str, variable: str) -> Spans:
    path = f"contrasts.{e}.trend"
    p = lookup.number(path, variable=variable)
    return say(
        "{e} followed a trend over {v} (log-rank test for trend, {p})."
        if p is not None and p < SIGNIFICANT
        else "There was no sign of a trend of {e} over {v} (log-rank test for trend, {p}).",
        e=lookup.short(e),
        v=name_in_text(lookup.variable(variable)),
        p=lookup.p_phrase(path, variable=variable),
    )


_DIFFERENCE = {"rmst": "rmst_difference", "difference": "difference"}
NAMED = 4
"""Differences that a sentence names."""


def _compared(lookup: Lookup, e: str, what: str, variable: str) -> Spans:
    """One sentence for the groups of a variable: the differences that are clear, or that none is.

    "PFS at stated times differed by arm (new drug vs. standard at 12 months, 21.6 percentage
    points, 95% CI 7.4-35.8; p = 0.003)."
    """
    path = f"contrasts.{e}.{what}_p"
    known = [
        d
        for d in lookup.numbers.of("contrasts", e, _DIFFERENCE[what], variable=variable)
        if d.value is not None
    ]
    tests = {d.id: lookup.get(path, **dict(d.key.levels)) for d in known}
    found = [d for d in known if (p := tests[d.id]) is not None and p.value is not None]
    if not found:
        return ()
    least = min(found, key=lambda d: _p_of(tests[d.id]))
    clear = [d for d in found if _p_of(tests[d.id]) < SIGNIFICANT]
    subject = f"restricted mean {lookup.short(e)}"
    if what == "difference":
        subject = f"{lookup.short(e)} at {'a stated time' if len(found) == 1 else 'stated times'}"
    name = name_in_text(lookup.variable(variable))
    shown = clear or (found if len(found) == 1 else [])
    parts: list[Spans] = []
    before = ""
    for d in shown[:NAMED]:
        parts.append(_difference(lookup, e, what, dict(d.key.levels), d.key["group"] == before))
        before = d.key["group"]
    told = listed(parts)
    if clear:
        more = " among others" if len(clear) > NAMED else ""
        return say("{s} differed by {v}{m}: {l}.", s=up_first(subject), v=name, m=more, l=told)
    return say(
        "{s} did not differ significantly by {v}{l}.",
        s=up_first(subject),
        v=name,
        l=say(": {t}", t=told)
        if told
        else say(" (smallest {p})", p=lookup.p_phrase(path, **dict(least.key.levels))),
    )


def _p_of(estimate: Estimate | None) -> float:
    return 1.0 if estimate is None or estimate.value is None else estimate.value


def _difference(
    lookup: Lookup, e: str, what: str, keys: dict[str, str], again: bool = False
) -> Spans:
    """ "new drug vs. standard at 12 months, 23.4 percentage points (95% CI ...; p = 0.014)"."""
    variable = keys["variable"]
    names = (keys["group"], _reference(lookup, e, variable))
    level, reference = (lookup.group(variable, name) for name in names)
    path = f"contrasts.{e}.{_DIFFERENCE[what]}"
    estimate = lookup.get(path, **keys)
    assert estimate is not None
    return say(
        "{g}{w} {t}\u00a0{u}, {d} {k} ({c}{p})",
        w="up to" if what == "rmst" else "at",
        t=keys["time"],
        u=lookup.unit,
        g="" if again else f"{level} vs. {reference} ",
        d=lookup.bound(estimate),
        k=lookup.unit if what == "rmst" else "percentage points",
        c=lookup.level_ci(path, "{c}; ", **keys),
        p=lookup.p_phrase(f"contrasts.{e}.{what}_p", **keys),
    )


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Each endpoint that asks for one of them."""
    return tuple(("contrasts", key) for key, e in protocol.endpoints.items() if e.has_contrasts)


def trend(lookup: Lookup) -> Table | None:
    """Tests for trend over ordered groups."""
    rows = [
        row(
            lookup.endpoint(e),
            lookup.variable(variable),
            lookup.show(f"contrasts.{e}.trend", variable=variable),
        )
        for e in _endpoints(lookup)
        for variable in lookup.values(("contrasts", e, "trend"), "variable")
    ]
    if not rows:
        return None
    columns = (
        Column("Endpoint", align="left", width=2.4),
        Column("Groups in order", align="left", width=2.4),
        Column(f"Trend {lookup.style.p_symbol}", width=0.8),
    )
    notes = (say("Log-rank test for trend, levels scored 0, 1, 2 in their order."),)
    title = "Trends of survival over ordered groups"
    return Table("survival_trends", "", title, columns, tuple(rows), notes, False)


SECTION = Section(
    key="contrasts",
    title="",
    methods="Restricted means, differences and trends",
    declared=declared,
    analyse=lambda request: survival_contrasts.analyse(
        request.protocol, request.cohort, request.blocked
    ),
    tables=(table, differences, trend),
    sentences=texts,
    analyses=(
        Analysis(
            "Restricted mean survival time",
            key="endpoints.*.restricted_mean",
            ids=("contrasts.*.rmst", "contrasts.*.rmst_difference", "contrasts.*.rmst_ratio"),
            guard=("variables.no-group",),
            r="survRM2::rmst2, survival::survfit",
            page="analyses/survival-contrasts.md",
            table=table,
            stats=("rmst",),
        ),
        Analysis(
            "Survival at times by group, with difference",
            key="endpoints.*.differences",
            ids=("contrasts.*.difference", "contrasts.*.difference_p"),
            guard=("variables.no-group",),
            r="survival::survfit",
            page="analyses/survival-contrasts.md",
            table=differences,
            stats=("survival_difference",),
        ),
        Analysis(
            "Trend over ordered groups",
            key="endpoints.*.trend",
            ids=("contrasts.*.trend",),
            guard=("variables.no-group",),
            r="survival::survdiff, scores and covariance",
            page="analyses/survival-contrasts.md",
            table=trend,
            stats=("logrank_trend",),
        ),
    ),
)
