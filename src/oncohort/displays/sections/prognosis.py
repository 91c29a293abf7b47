"""Table II: prognostic factors by Cox regression."""

from __future__ import annotations

from oncohort.analyses import prognosis
from oncohort.displays.lookup import Lookup
from oncohort.displays.sections import effects
from oncohort.displays.sections import prognosis_imputed as imputed
from oncohort.displays.sections import prognosis_over_time as over_time
from oncohort.displays.sections.analysis import Analysis
from oncohort.displays.sections.item import AUTHOR, Item, filled_if
from oncohort.displays.sections.prognosis_forest import figures
from oncohort.displays.sections.prognosis_table import table
from oncohort.displays.sections.prognosis_text import texts
from oncohort.displays.sections.section import Part, Section
from oncohort.displays.sections.table_of_models import prognosis_endpoints
from oncohort.protocol import Protocol


def declared(protocol: Protocol) -> tuple[Part, ...]:
    """Each endpoint of Table II."""
    rule = protocol.prognosis
    if rule is None:
        return ()
    asked = [k for k in protocol.endpoints if k in rule.endpoints or not rule.endpoints]
    return tuple(("prognosis", key) for key in asked)


def _filled(lookup: Lookup) -> str:
    if lookup.numbers.section("prognosis") is None:
        return f"{AUTHOR}: prognostic factors, or why there are none"
    endpoints = prognosis_endpoints(lookup)
    adjusted = any(lookup.has(f"prognosis.{e}.n", model="multi") for e in endpoints)
    return filled_if(adjusted, "Prognostic factors", "no adjusted estimate was made")


SECTION = Section(
    key="prognosis",
    title="Prognostic factors",
    methods="Prognostic factors",
    declared=declared,
    analyse=lambda request: prognosis.analyse(request.protocol, request.cohort, request.blocked),
    tables=(table, over_time.table, imputed.table),
    figures=(figures, effects.figures),
    sentences=texts,
    analyses=(
        Analysis(
            "Prognostic factors",
            key="prognosis.candidates",
            ids=("prognosis.*.hr", "prognosis.*.p", "prognosis.*.ph", "prognosis.*.concordance"),
            guard=(
                "prognosis.fit",
                "prognosis.not-screened",
                "prognosis.one-value",
                "prognosis.not-proportional",
            ),
            r="survival::coxph, cox.zph",
            page="displays.md",
            table=table,
            figure=figures,
            stats=("cox", "ph_test", "concordance"),
        ),
        Analysis(
            "Stratified model",
            key="prognosis.strata",
            ids=("prognosis.*.hr", "prognosis.*.ph"),
            guard=("variables.no-groups", "variables.no-group"),
            r="survival::coxph with strata()",
            page="analyses/proportional-hazards.md",
            table=table,
            figure=figures,
            stats=("cox",),
        ),
        Analysis(
            "Effects that change during follow-up",
            key="prognosis.time_split",
            ids=("prognosis.*.hr", "prognosis.*.p", "prognosis.*.constant_p"),
            guard=("prognosis.not-proportional",),
            r="survival::survSplit, coxph with x:strata(interval)",
            page="analyses/proportional-hazards.md",
            table=over_time.table,
            stats=("cox",),
        ),
        Analysis(
            "Effect of a number as a spline",
            key="variables.*.knots",
            ids=("prognosis.*.p_overall", "prognosis.*.p_nonlinear", "prognosis.*.effect"),
            sentence=effects.texts,
            guard=("variables.effect", "variables.effect-of-levels", "variables.log-of-nothing"),
            r="rms::rcs, cph, anova, Predict",
            page="derived-variables.md",
            table=table,
            figure=effects.figures,
            stats=("knots_of", "restricted_cubic"),
        ),
        Analysis(
            "Multiple imputation",
            key="missing.imputations",
            ids=("prognosis.*.hr", "prognosis.*.p", "prognosis.*.fmi", "prognosis.*.mc_error"),
            guard=("missing.few-imputations", "missing.mostly", "prognosis.fit"),
            r="mice::mice, mice::pool",
            page="analyses/missing.md",
            table=imputed.table,
            stats=("impute", "pool", "pool_test"),
        ),
    ),
    items=(Item("16a", "Unadjusted and adjusted estimates with intervals", _filled),),
)
