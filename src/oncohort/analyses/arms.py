"""Treatments compared: hazard ratios, log-rank tests, strata, every two arms."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from oncohort.analyses.contrasts import ratios, sizes
from oncohort.analyses.counting import COHORT, count
from oncohort.analyses.cox_models import Fit, fit, stratum_labels
from oncohort.analyses.result import Estimate, Fields, Result, key_of
from oncohort.analyses.subgroups import subgroups
from oncohort.analyses.survival import entry_times
from oncohort.endpoints.cohort import Cohort, EndpointInfo, VariableInfo
from oncohort.problems import Place, Problem, problem
from oncohort.protocol import Protocol
from oncohort.protocol.arms import Arms
from oncohort.vocabulary.in_text import name_in_text, names_in_text

if TYPE_CHECKING:
    from oncohort.stats.rank_contrasts import Pair

WAYS = ("unstratified", "stratified")


def arm_of(rule: Arms, cohort: Cohort) -> VariableInfo | None:
    """The variable of the arms with the reference that the comparison asks for."""
    info = cohort.meaning.variables.get(rule.variable)
    if info is None or not info.levels:
        return None
    return replace(info, reference=rule.reference or info.reference)


def present(arm: VariableInfo, frame: pl.DataFrame) -> list[str]:
    """Arms that somebody is in, in the variable's order."""
    there = set(frame[arm.key].drop_nulls().to_list())
    return [level for level in arm.levels if level in there]


def _logrank(
    info: EndpointInfo, arm: VariableInfo, known: pl.DataFrame, strata: Sequence[str], model: str
) -> Estimate:
    """The log-rank test between the arms, within strata where there are any."""
    from oncohort.stats import logrank
    from oncohort.stats.errors import TooFewGroupsError

    rows = known.drop_nulls(list(strata))
    key = key_of("arms", info.key, "logrank", model=model)
    label = f"{info.label} by {arm.label}, {model} log-rank p"
    events = int(rows[f"{info.key}_event"].sum())
    missing = known.height - rows.height
    common: Fields = {
        "n": rows.height,
        "events": events,
        "excluded": {"missing": missing} if missing else {},
        "population": COHORT,
        "kind": "p",
        "method": f"log-rank test{', stratified' if strata else ''}, two-sided",
    }
    why = "one arm only" if len(present(arm, rows)) < 2 else "" if events else "no event"
    if not why:
        try:
            test = logrank(
                rows[f"{info.key}_time"].to_numpy(),
                rows[f"{info.key}_event"].to_numpy(),
                rows[arm.key].to_list(),
                strata=stratum_labels(rows, strata),
                entry=entry_times(rows, info.key, 1.0),
            )
            return Estimate(key, label, float(test.p), **common)
        except TooFewGroupsError as error:  # no stratum in which two arms are at risk
            why = str(error)
    return Estimate(key, label, None, "not_estimable", note=why, **common)


def _pairwise(
    rule: Arms, info: EndpointInfo, arm: VariableInfo, known: pl.DataFrame
) -> list[Estimate]:
    """Every two arms: hazard ratio, log-rank p, and p adjusted for the number of pairs."""
    from oncohort.stats import logrank_pairwise
    from oncohort.stats.errors import InputError

    order = [v for v in (arm.reference, *arm.levels) if v is not None]
    arms = [v for v in dict.fromkeys(order) if v in present(arm, known)]
    if len(arms) < 3:
        return []
    codes = {level: i for i, level in enumerate(arms)}
    named: Mapping[Hashable, str] = dict(enumerate(arms))
    try:
        done = logrank_pairwise(
            known[f"{info.key}_time"].to_numpy(),
            known[f"{info.key}_event"].to_numpy(),
            [codes[v] for v in known[arm.key].to_list()],
            adjust=rule.pairwise,
            entry=entry_times(known, info.key, 1.0),
        )
    except InputError:  # no event at all: the log-rank test above says so
        return []
    return [
        estimate
        for pair in done.pairs
        for estimate in _of_pair(
            rule, info, arm, known, pair, named[pair.first], named[pair.second]
        )
    ]


def _of_pair(
    rule: Arms,
    info: EndpointInfo,
    arm: VariableInfo,
    known: pl.DataFrame,
    pair: Pair,
    first: str,
    second: str,
) -> Iterator[Estimate]:
    """Hazard ratio and both p-values of two arms."""
    levels = {"arm": second, "against": first}
    rows = known.filter(pl.col(arm.key).is_in([first, second]))
    common: Fields = {
        "n": rows.height,
        "events": int(rows[f"{info.key}_event"].sum()),
        "population": COHORT,
    }
    text = f"{info.label}, {arm.levels[second]} against {arm.levels[first]}"
    path = ("arms", info.key)
    why = {"note": pair.reason or "no finite estimate"}
    yield Estimate(
        key_of(*path, "pair_hr", **levels),
        f"{text}: hazard ratio",
        pair.hr,
        "ok" if pair.hr is not None else "not_estimable",
        kind="ratio",
        low=pair.low,
        high=pair.high,
        level=0.95 if pair.hr is not None else None,
        interval_method="Wald",
        method="Cox regression on the patients of the two arms",
        **common | ({} if pair.hr is not None else why),
    )
    for what, p, how in (
        ("pair_p", pair.p, "log-rank test, two-sided, not adjusted"),
        ("pair_p_adjusted", pair.p_adjusted, f"log-rank test, {ADJUSTED[rule.pairwise]}"),
    ):
        yield Estimate(
            key_of(*path, what, **levels),
            f"{text}: {'adjusted ' if what.endswith('adjusted') else ''}p",
            p,
            "ok" if p is not None else "not_estimable",
            kind="p",
            method=how,
            **common | ({} if p is not None else why),
        )


ADJUSTED = {
    "holm": "adjusted by Holm's method",
    "bonferroni": "adjusted by Bonferroni's method",
    "bh": "adjusted by the method of Benjamini and Hochberg",
}
"""How p-values of several comparisons are adjusted, in words."""


def _endpoint(
    protocol: Protocol, rule: Arms, cohort: Cohort, info: EndpointInfo, arm: VariableInfo
) -> Result:
    """All comparisons of one endpoint."""
    frame = cohort.frame.filter(pl.col(f"{info.key}_time").is_not_null())
    known = frame.drop_nulls([arm.key])
    path = ("arms", info.key)
    estimates, populations = sizes(path, info.label, arm, known, f"{info.key}_event")
    if known.height < frame.height:
        without = frame.filter(pl.col(arm.key).is_null())["patient"].to_list()
        number, who = count((*path, "missing"), f"{info.label}, {arm.label}: in no arm", without)
        estimates.append(number)
        populations.append(who)
    strata = [cohort.meaning.variables[s] for s in rule.strata if s in cohort.meaning.variables]
    complete = len(strata) == len(rule.strata)
    problems: list[Problem] = []
    for model in WAYS if strata and complete else WAYS[:1]:
        within = strata if model == "stratified" else []
        fitted = fit(protocol, info, known, [arm], strata=within)
        label = f"{info.label}, {model}"
        estimates += ratios(path, label, arm, fitted, info, model=model)
        estimates.append(_logrank(info, arm, known, [s.key for s in within], model))
        problems += fit_problems(info, arm.label, fitted)
    if rule.pairwise != "none":
        estimates += _pairwise(rule, info, arm, known)
    part = subgroups(protocol, rule, cohort, info, arm, known)
    return Result(
        "arms",
        (*estimates, *part.estimates),
        (),
        (*populations, *part.populations),
        problems=tuple(problems),
    )


def fit_problems(info: EndpointInfo, name: str, fitted: Fit) -> list[Problem]:
    """What a reader of a fit must know, as problems of the study."""
    texts = [*fitted.warnings, *([fitted.why_not] if fitted.why_not else [])]
    return [
        problem(
            "arms.fit",
            place=Place(file="study.toml", key="arms"),
            endpoint=info.label,
            name=name,
            reason=text.rstrip("."),
        )
        for text in dict.fromkeys(texts)
    ]


def analyse(
    protocol: Protocol, cohort: Cohort, blocked: frozenset[str] = frozenset()
) -> Result | None:
    """Compare the arms for each endpoint that nothing blocks."""
    rule = protocol.arms
    arm = arm_of(rule, cohort) if rule is not None else None
    if rule is None or arm is None:
        return None
    wanted = [k for k in rule.endpoints or list(cohort.meaning.endpoints) if k not in blocked]
    parts = [
        _endpoint(protocol, rule, cohort, cohort.meaning.endpoints[k], arm)
        for k in wanted
        if k in cohort.meaning.endpoints and cohort.frame[f"{k}_time"].count()
    ]
    if not parts:
        return None
    return Result(
        "arms",
        tuple(e for part in parts for e in part.estimates),
        (),
        tuple(p for part in parts for p in part.populations),
        _methods(rule, cohort, arm),
        tuple(p for part in parts for p in part.problems),
    )


def _methods(rule: Arms, cohort: Cohort, arm: VariableInfo) -> tuple[str, ...]:
    """What was done, in sentences."""

    def names(keys: Sequence[str]) -> str:
        known = cohort.meaning.variables
        return names_in_text([known[k].label for k in keys if k in known])

    reference = name_in_text(arm.levels.get(arm.reference or "", ""))
    what = "" if arm.label.lower() in ("arm", "arms") else f" ({name_in_text(arm.label)})"
    out = [
        f"The arms{what} were compared with {reference} by Cox regression and by the two-sided "
        "log-rank test."
    ]
    if rule.strata:
        out.append(f"Both were repeated within strata of {names(rule.strata)}.")
    if rule.pairwise != "none":
        out.append(f"Every two arms were compared by the log-rank test, {ADJUSTED[rule.pairwise]}.")
    if rule.subgroups:
        out.append(
            "Hazard ratios of the arms were estimated within subgroups that were declared in the "
            "protocol; whether they differ between subgroups was tested by the likelihood-ratio "
            "test of the interaction. Subgroup results were not adjusted for their number and are "
            "exploratory."
        )
    return tuple(out)
