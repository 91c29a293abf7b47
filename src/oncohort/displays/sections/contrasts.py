"""Restricted means, differences of survival at times, trends over ordered groups."""

from __future__ import annotations

from oncohort.analyses import survival_contrasts
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.section import Part, Section
from oncohort.displays.spans import Piece, Spans, say, sentences
from oncohort.displays.tables.model import Column, Row, Table, group, row
from oncohort.displays.words import low_first, name_in_text
from oncohort.protocol import Protocol


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
            "Area under the Kaplan-Meier curve up to the time. CI: confidence interval; ref.: "
            "group that the others are compared with; NE: not estimable, where follow-up ends "
            "before the time."
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
    notes = (say("Differences of Kaplan-Meier estimates. CI: confidence interval."),)
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
                        "The mean {s} up to {t}\u00a0{u} was {m}.",
                        s=short,
                        t=time,
                        u=lookup.unit,
                        m=lookup.with_ci(f"{path}.rmst", time=time),
                    )
                )
        parts += [
            _difference(lookup, e, what, dict(estimate.key.levels))
            for what in ("rmst", "difference")
            for estimate in lookup.numbers.of("contrasts", e, _DIFFERENCE[what])
            if estimate.value is not None
        ]
        for variable in lookup.values(("contrasts", e, "trend"), "variable"):
            p_of = lookup.p_phrase(f"{path}.trend", variable=variable)
            name = name_in_text(lookup.variable(variable))
            what_of = low_first(lookup.endpoint(e))
            parts.append(
                say("The test for trend of {s} over {v} gave {p}.", s=what_of, v=name, p=p_of)
            )
        out.append(sentences(*parts))
    return out


_DIFFERENCE = {"rmst": "rmst_difference", "difference": "difference"}


def _difference(lookup: Lookup, e: str, what: str, keys: dict[str, str]) -> Spans:
    """ "OS at 12 months: high minus low, 23.4% (95% CI 4.8-42.0; p = 0.014)." """
    variable = keys["variable"]
    names = (keys["group"], _reference(lookup, e, variable))
    level, reference = (name_in_text(lookup.level(variable, name)) for name in names)
    where = "Restricted means up to" if what == "rmst" else f"{lookup.short(e)} at"
    return say(
        "{w} {t}\u00a0{u}: {l} minus {r}, {d}, {p}.",
        w=where,
        t=keys["time"],
        u=lookup.unit,
        l=level,
        r=reference,
        d=lookup.with_ci(f"contrasts.{e}.{_DIFFERENCE[what]}", **keys),
        p=lookup.p_phrase(f"contrasts.{e}.{what}_p", **keys),
    )


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Each endpoint that asks for one of them."""
    return tuple(
        ("contrasts", key)
        for key, e in protocol.endpoints.items()
        if e.restricted_mean or e.trend or (e.differences and e.landmarks and e.by)
    )


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
            sentence=texts,
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
            sentence=texts,
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
            sentence=texts,
            guard=("variables.no-group",),
            r="survival::survdiff, scores and covariance",
            page="analyses/survival-contrasts.md",
            table=trend,
            stats=("logrank_trend",),
        ),
    ),
)
