"""Arms compared: in all patients, within strata, two by two, and in subgroups."""

from __future__ import annotations

from oncohort.analyses import arms
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.arms_forest import figures
from oncohort.displays.sections.arms_table import pairs, subgroup_table, table
from oncohort.displays.sections.arms_text import texts
from oncohort.displays.sections.section import Part, Section
from oncohort.protocol import Protocol
from oncohort.protocol.arms import subgroup_key


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Each endpoint, and each subgroup."""
    rule = protocol.arms
    if rule is None:
        return ()
    wanted = [k for k in protocol.endpoints if k in rule.endpoints or not rule.endpoints]
    return tuple(
        part
        for key in wanted
        for part in (
            ("arms", key),
            *(("arms", key, "subgroup", subgroup_key(one)) for one in rule.subgroups),
        )
    )


SECTION = Section(
    key="arms",
    title="Comparison of arms",
    methods="Comparison of arms",
    declared=declared,
    analyse=lambda request: arms.analyse(request.protocol, request.cohort, request.blocked),
    tables=(table, pairs, subgroup_table),
    figures=(figures,),
    sentences=texts,
    analyses=(
        Analysis(
            "Comparison of arms",
            key="arms.variable",
            ids=("arms.*.hr", "arms.*.p", "arms.*.logrank", "arms.*.missing"),
            guard=("arms.fit", "variables.no-groups"),
            r="survival::coxph, survdiff, with strata",
            page="analyses/arms.md",
            table=table,
            stats=("cox", "logrank"),
        ),
        Analysis(
            "Every two arms",
            key="arms.pairwise",
            ids=("arms.*.pair_hr", "arms.*.pair_p", "arms.*.pair_p_adjusted"),
            guard=("arms.fit",),
            r="survdiff of each pair, p.adjust",
            page="analyses/arms.md",
            table=pairs,
            stats=("logrank_pairwise", "adjust_p"),
        ),
        Analysis(
            "Subgroups",
            key="arms.subgroups",
            ids=("arms.*.subgroup.*.hr", "arms.*.subgroup.*.interaction_p"),
            guard=("variables.no-groups",),
            r="anova of coxph with and without the interaction",
            page="analyses/arms.md",
            table=subgroup_table,
            figure=figures,
            stats=("cox",),
        ),
    ),
)
