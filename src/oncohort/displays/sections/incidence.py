"""Competing events: cumulative incidence by kind of event, by group, and its regression."""

from __future__ import annotations

from oncohort.analyses import incidence
from oncohort.analyses.incidence_models import wanted_variables
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.incidence_figure import figures
from oncohort.displays.sections.incidence_table import regression, table
from oncohort.displays.sections.incidence_text import texts
from oncohort.displays.sections.section import Part, Section
from oncohort.protocol import Protocol


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Each endpoint with competing events, its groups and its models."""
    out: list[Part] = []
    for key, endpoint in protocol.endpoints.items():
        if endpoint.has_competing:
            out.append(("incidence", key))
            out += [("incidence", key, "by", v) for v in endpoint.by]
            if wanted_variables(protocol, key):
                out.append(("incidence", key, "models"))
    return tuple(out)


SECTION = Section(
    key="incidence",
    title="Competing events",
    methods="Competing events",
    declared=declared,
    analyse=lambda request: incidence.analyse(request.protocol, request.cohort, request.blocked),
    tables=(table, regression),
    figures=(figures,),
    sentences=texts,
    analyses=(
        Analysis(
            "Cumulative incidence with competing events",
            key="endpoints.*.competing",
            ids=("incidence.*.events", "incidence.*.at"),
            guard=("survival.competing-as-censored", "endpoints.unknown-cause"),
            r="cmprsk::cuminc",
            page="analyses/competing.md",
            table=table,
            figure=figures,
            stats=("cumulative_incidence",),
        ),
        Analysis(
            "Cumulative incidence by group",
            key="endpoints.*.by",
            ids=("incidence.*.at", "incidence.*.gray", "incidence.*.missing"),
            guard=("variables.no-group",),
            r="cmprsk::cuminc",
            page="analyses/competing.md",
            table=table,
            figure=figures,
            stats=("cumulative_incidence", "gray_test"),
        ),
        Analysis(
            "Regression with competing events",
            key="prognosis.candidates",
            ids=("incidence.*.hr", "incidence.*.p", "incidence.*.p_overall"),
            guard=("incidence.fit",),
            r="cmprsk::crr, survival::coxph",
            page="analyses/competing.md",
            table=regression,
            stats=("fine_gray", "cause_specific_cox"),
        ),
    ),
)
