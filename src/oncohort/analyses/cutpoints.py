"""Cut-points found in the data: where they are, how certain, and the p that the search deserves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from oncohort.analyses.counting import COHORT, count
from oncohort.analyses.result import Curve, Estimate, Fields, Population, Result, key_of
from oncohort.endpoints.cohort import Cohort, EndpointInfo, VariableInfo
from oncohort.endpoints.cutting import LEAST, FoundCut, outcome_rows
from oncohort.problems import OncohortError
from oncohort.protocol import Protocol
from oncohort.protocol.cut_rules import cut_on_outcome
from oncohort.vocabulary.times import DAYS_PER_UNIT

if TYPE_CHECKING:
    from oncohort.stats.cutpoints import CutpointResult

PERMUTATIONS = 10_000
BOOTSTRAPS = 300

Rows = tuple[
    npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64], pl.DataFrame
]


def found_cuts(cohort: Cohort) -> dict[str, tuple[VariableInfo, FoundCut]]:
    """The variables whose cut was found in the data."""
    return {
        key: (info, info.found)
        for key, info in cohort.meaning.variables.items()
        if info.found is not None and info.found.source in cohort.frame.columns
    }


def _rows(protocol: Protocol, cohort: Cohort, cut: FoundCut) -> Rows:
    """Times, events and values of the patients in whom the cut was searched."""
    frame = cohort.frame
    values = frame.select("patient", pl.col(cut.source).alias("value"))
    outcome = frame.select(
        "patient",
        pl.col(f"{cut.endpoint}_time").alias("time"),
        pl.col(f"{cut.endpoint}_event").alias("event"),
    )
    rows = outcome_rows(values, outcome)
    scale = DAYS_PER_UNIT[protocol.study.time_unit]
    return (
        rows["time"].to_numpy() / scale,
        rows["event"].to_numpy(),
        rows["value"].to_numpy(),
        rows,
    )


def corrected_p(protocol: Protocol, cohort: Cohort, cut: FoundCut) -> tuple[float, str]:
    """The log-rank p at a cut that the outcome chose, corrected for the search, and how.

    Raises
    ------
    OncohortError
        It can't be computed.
    """
    from oncohort.stats import cutpoint, roc_cut

    time, event, x, _ = _rows(protocol, cohort, cut)
    seed = protocol.study.seed
    if cut.rule == "max_logrank":
        found = cutpoint(
            time, event, x, least=LEAST, permutations=PERMUTATIONS, bootstraps=1, seed=seed
        )
        return found.p, _HOW_P["max_logrank"]
    roc = roc_cut(
        time, event, x, at=float(cut.horizon or 0), permutations=PERMUTATIONS, bootstraps=1,
        seed=seed,
    )  # fmt: skip
    return roc.p, _HOW_P["roc"]


def after_search(
    protocol: Protocol, cohort: Cohort, info: EndpointInfo, what: VariableInfo
) -> Estimate | None:
    """The log-rank test of groups that the outcome made; None where it did not make them.

    Of the endpoint that was searched it is the corrected one. Of another endpoint, and of groups
    made from such groups, there is none: the patients are those in whom the cut was found.
    """
    searched = cut_on_outcome(protocol, what.key)
    if searched is None:
        return None
    key = key_of("survival", info.key, "logrank", variable=what.key)
    label = f"{info.label} by {what.label}, log-rank p"
    common: Fields = {"kind": "p", "population": COHORT}
    cut = what.found
    if cut is None or searched != what.key or cut.endpoint != info.key:
        why = f"the cut-point was found by the outcome ({searched}) in the same patients"
        return Estimate(key, label, None, "not_estimable", note=why, **common)
    try:
        p, method = corrected_p(protocol, cohort, cut)
    except OncohortError as error:
        return Estimate(key, label, None, "not_estimable", note=str(error), **common)
    note = "corrected for the search of the cut-point"
    return Estimate(key, label, p, method=method, note=note, **common)


_HOW_P = {
    "max_logrank": f"maximally selected log-rank statistic, {PERMUTATIONS} permutations",
    "roc": f"log-rank statistic at the cut, the search repeated in {PERMUTATIONS} permutations",
}


def _cuts(
    info: VariableInfo, cut: FoundCut, ends: tuple[float | None, float | None] | None, n: int
) -> list[Estimate]:
    """The cut-points themselves, with how far they move from sample to sample."""
    out = []
    for group, values in cut.cuts.items():
        for k, value in enumerate(values):
            levels: dict[str, str] = {"group": group} if group else {}
            if len(values) > 1:
                levels["number"] = str(k + 1)
            low, high = ends if ends is not None else (None, None)
            out.append(
                Estimate(
                    key_of("cutpoints", info.key, "cut", **levels),
                    f"{info.label}: cut-point" + (f", {group}" if group else ""),
                    value,
                    kind="value",
                    low=low,
                    high=high,
                    level=0.95 if low is not None and high is not None else None,
                    interval_method=f"percentiles of {BOOTSTRAPS} bootstrap samples"
                    if low is not None
                    else "",
                    method=_rule_words(cut),
                    n=n,
                    unit=info.unit,
                    population=COHORT,
                )
            )
    return out


def _rule_words(cut: FoundCut) -> str:
    words = {
        "median": "median",
        "tertiles": "tertiles",
        "quartiles": "quartiles",
        "percentiles": "percentiles",
        "roc": f"largest Youden index of the ROC curve of {cut.endpoint.upper()}",
        "max_logrank": f"largest log-rank statistic of {cut.endpoint.upper()}",
    }
    within = f" within {cut.within}" if cut.within else ""
    return f"found in the data: {words[cut.rule]}{within}"


def _searched_logrank(
    protocol: Protocol, cohort: Cohort, info: VariableInfo, cut: FoundCut
) -> tuple[list[Estimate], list[Curve]]:
    from oncohort.stats import cutpoint

    time, event, x, _ = _rows(protocol, cohort, cut)
    found = cutpoint(
        time, event, x, least=LEAST, permutations=PERMUTATIONS, bootstraps=BOOTSTRAPS,
        seed=protocol.study.seed,
    )  # fmt: skip
    common: Fields = {"n": found.n, "events": found.n_events, "population": COHORT}
    label = f"{info.label}, cut by {cut.endpoint.upper()}"
    out = _cuts(info, cut, (found.cut_low, found.cut_high), found.n)

    def ratio(what: str, words: str, value: float | None, method: str, note: str) -> Estimate:
        ok = value is not None and bool(np.isfinite(value)) and value > 0
        return Estimate(
            key_of("cutpoints", info.key, what),
            f"{label}: {words}",
            value if ok else None,
            "ok" if ok else "not_estimable",
            kind="ratio",
            method=method,
            note=note if ok else "a group has no event, or no bootstrap sample a finite ratio",
            **common,
        )

    out += [
        Estimate(
            key_of("cutpoints", info.key, "searched"),
            f"{label}: cut-points examined",
            len(found.cuts),
            kind="count",
            method=f"cuts with at least {100 * LEAST:g}% of the patients on either side",
            **common,
        ),
        Estimate(
            key_of("cutpoints", info.key, "statistic"),
            f"{label}: largest standardised log-rank statistic",
            found.statistic,
            kind="value",
            method="Lausen and Schumacher 1992",
            **common,
        ),
        _p(info, label, "p", found.p, _HOW_P["max_logrank"], common),
        _p(
            info, label, "p_bound", found.p_improved_bonferroni,
            "upper bound of Lausen, Sauerbrei and Schumacher 1994", common,
        ),
        ratio(
            "hr_corrected", "hazard ratio corrected for the search", found.hazard_ratio_corrected,
            f"Cox regression, optimism of the search by {BOOTSTRAPS} bootstrap samples taken off",
            "",
        ),
        ratio(
            "hr_searched", "hazard ratio as searched", found.hazard_ratio, "Cox regression",
            "fitted to the patients in whom the cut was found: too far from 1",
        ),
    ]  # fmt: skip
    return out, [_search_curve(info, label, found)]


def _search_curve(info: VariableInfo, label: str, found: CutpointResult) -> Curve:
    """The statistic at each cut-point that was examined."""
    return Curve(
        key_of("cutpoints", info.key, "search"),
        f"{label}: statistic at each cut-point",
        {
            "cut": tuple(float(c) for c in found.cuts),
            "statistic": tuple(float(s) for s in np.abs(found.statistics)),
        },
        method="standardised log-rank statistic",
        unit=info.unit,
        population=COHORT,
    )


def _p(
    info: VariableInfo, label: str, what: str, value: float, method: str, common: Fields
) -> Estimate:
    return Estimate(
        key_of("cutpoints", info.key, what),
        f"{label}: p, corrected for the search",
        float(value),
        kind="p",
        method=method,
        **common,
    )


def _searched_roc(
    protocol: Protocol, cohort: Cohort, info: VariableInfo, cut: FoundCut
) -> tuple[list[Estimate], list[Curve]]:
    from oncohort.stats import roc_cut

    time, event, x, _ = _rows(protocol, cohort, cut)
    assert cut.horizon is not None
    found = roc_cut(
        time, event, x, at=cut.horizon, permutations=PERMUTATIONS, bootstraps=BOOTSTRAPS,
        seed=protocol.study.seed,
    )  # fmt: skip
    common: Fields = {"n": found.n, "events": found.n_events, "population": COHORT}
    label = f"{info.label}, cut by {cut.endpoint.upper()}"
    when = f"by {cut.horizon:g} {protocol.study.time_unit}"
    out = _cuts(info, cut, (found.cut_low, found.cut_high), found.n)
    apparent = "at the cut, in the patients in whom it was found: too good"
    auc = found.roc.auc if found.positive_above else 1 - found.roc.auc
    figures = (
        ("auc", "area under the ROC curve", auc, "", "cumulative/dynamic, weighted for censoring"),
        ("sensitivity", "sensitivity", found.sensitivity, apparent, "at the cut"),
        ("specificity", "specificity", found.specificity, apparent, "at the cut"),
        ("youden", "Youden index", found.youden, apparent, "at the cut"),
        (
            "youden_corrected", "Youden index corrected for the search", found.youden_corrected, "",
            f"optimism of the search by {BOOTSTRAPS} bootstrap samples taken off",
        ),
    )  # fmt: skip
    out += [
        Estimate(
            key_of("cutpoints", info.key, what),
            f"{label}: {words} {when}",
            value,
            "ok" if value is not None else "not_estimable",
            kind="value",
            method=method,
            note=note,
            **common,
        )
        for what, words, value, note, method in figures
    ]
    out.append(_p(info, label, "p", found.p, _HOW_P["roc"], common))
    sens, spec = found.roc.sensitivity, found.roc.specificity
    if not found.positive_above:
        sens, spec = 1 - sens, 1 - spec
    curve = Curve(
        key_of("cutpoints", info.key, "roc"),
        f"{label}: ROC curve {when}",
        {
            "cut": (None, *(float(c) for c in found.roc.thresholds[1:])),
            "sensitivity": tuple(float(s) for s in sens),
            "specificity": tuple(float(s) for s in spec),
        },
        method="cumulative/dynamic ROC, inverse probability of censoring weights",
        unit=info.unit,
        population=COHORT,
    )
    return out, [curve]


def _sizes(cohort: Cohort, info: VariableInfo) -> tuple[list[Estimate], list[Population]]:
    out, populations = [], []
    for level, label in info.levels.items():
        who = cohort.frame.filter(pl.col(info.key) == level)["patient"].to_list()
        number, population = count(
            ("cutpoints", info.key, "n"), f"{info.label}: {label}", who, level=level
        )
        out.append(number)
        populations.append(population)
    return out, populations


def _one(
    protocol: Protocol, cohort: Cohort, info: VariableInfo, cut: FoundCut
) -> tuple[list[Estimate], list[Curve], list[Population]]:
    estimates: list[Estimate]
    curves: list[Curve] = []
    if cut.rule == "max_logrank":
        estimates, curves = _searched_logrank(protocol, cohort, info, cut)
    elif cut.rule == "roc":
        estimates, curves = _searched_roc(protocol, cohort, info, cut)
    else:
        estimates = _cuts(info, cut, None, int(cohort.frame[info.key].count()))
    sizes, populations = _sizes(cohort, info)
    return [*estimates, *sizes], curves, populations


def _methods(protocol: Protocol, info: VariableInfo, cut: FoundCut) -> str:
    """How the cut was found, and that it was found in these data."""
    what = cut.endpoint.upper()
    within = f" within each group of {cut.within.replace('_', ' ')}" if cut.within else ""
    if cut.rule == "max_logrank":
        return (
            f"{info.label} was divided at the cut-point with the largest log-rank statistic of "
            f"{what} among all that leave at least {100 * LEAST:g}% of the patients on either side "
            "(maximally selected rank statistic, Lausen and Schumacher 1992). The cut-point is "
            f"data-driven: p-values are those of the maximum ({PERMUTATIONS:,} permutations), the "
            f"hazard ratio is corrected for the search ({BOOTSTRAPS} bootstrap samples), and the "
            "cut-point needs validation in other patients."
        )
    if cut.rule == "roc":
        return (
            f"{info.label} was divided at the largest Youden index of the time-dependent ROC curve "
            f"of {what} at {cut.horizon:g} {protocol.study.time_unit} (cumulative/dynamic, inverse "
            "probability of censoring weights). The cut-point is data-driven: p-values repeat the "
            f"search in {PERMUTATIONS:,} permutations, the Youden index is corrected for optimism "
            f"({BOOTSTRAPS} bootstrap samples), and the cut-point needs validation in other "
            "patients."
        )
    words = {"median": "the median", "percentiles": "percentiles"}.get(cut.rule, cut.rule)
    return (
        f"{info.label} was divided at {words} of this cohort{within}: data-driven cut-points, "
        "found without looking at the outcome."
    )


def analyse(protocol: Protocol, cohort: Cohort) -> Result | None:
    """Every cut-point that was found in the data."""
    estimates: list[Estimate] = []
    curves: list[Curve] = []
    populations: list[Population] = []
    methods: list[str] = []
    for key, (info, cut) in found_cuts(cohort).items():
        try:
            es, cs, ps = _one(protocol, cohort, info, cut)
        except OncohortError as error:
            es, cs, ps = [_not_searched(key, info, str(error))], [], []
        estimates += es
        curves += cs
        populations += ps
        methods.append(_methods(protocol, info, cut))
    if not estimates:
        return None
    return Result("cutpoints", tuple(estimates), tuple(curves), tuple(populations), tuple(methods))


def _not_searched(key: str, info: VariableInfo, why: str) -> Estimate:
    return Estimate(
        key_of("cutpoints", key, "p"),
        f"{info.label}: p, corrected for the search",
        None,
        "not_estimable",
        kind="p",
        note=why,
        population=COHORT,
    )
