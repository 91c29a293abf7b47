"""Two treatments made comparable: the score, its weights and pairs, and the balance they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from oncohort.analyses.counting import COHORT, count, summary
from oncohort.analyses.cox_models import design_matrix, term_of
from oncohort.analyses.fit_warnings import fit_warnings
from oncohort.analyses.propensity_outcomes import outcomes
from oncohort.analyses.result import Curve, Estimate, Fields, Population, Result, key_of
from oncohort.dataclass import dataclass
from oncohort.endpoints.cohort import Cohort, VariableInfo
from oncohort.problems import OncohortError, Place, Problem, problem
from oncohort.protocol import Protocol
from oncohort.protocol.number_style import Style, style_of
from oncohort.protocol.propensity import Propensity
from oncohort.stats.inputs import Array
from oncohort.vocabulary.in_text import name_in_text, names_in_text

UNADJUSTED = "unadjusted"
BALANCED = 0.1
"""Standardized differences up to it count as balanced (Austin 2009, Stat Med 28:3083)."""
HEAVY = 10.0
"""A weight above it lets one patient speak for ten."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One way of comparing: who counts, how much, and in which pair.

    Attributes
    ----------
    weights
        ``(n,)``; 0 leaves a patient out.
    pair
        ``(n,)`` number of the pair, for matching.
    """

    method: str
    weights: Array
    pair: Array | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """The patients of the comparison with their probability of treatment.

    Attributes
    ----------
    frame
        Patients with all values.
    treated
        ``(n,)`` whether they had the treatment that is not the reference.
    score
        ``(n,)`` or none, with the reason in `why_not`.
    """

    frame: pl.DataFrame
    treatment: VariableInfo
    groups: tuple[str, ...]
    """Reference, then treatment; fewer or more where the variable has not two levels."""
    treated: Array
    score: Array | None
    why_not: str = ""
    warnings: tuple[str, ...] = ()


def _scored(rule: Propensity, cohort: Cohort, treatment: VariableInfo) -> Scored:
    """Complete cases and the logistic model of the treatment."""
    from oncohort.stats import logistic

    known = cohort.meaning.variables
    variables = [known[v] for v in rule.variables if v in known]
    frame = cohort.frame.drop_nulls([treatment.key, *(v.key for v in variables)])
    there = set(frame[treatment.key].to_list())
    groups = tuple(v for v in treatment.levels if v in there)
    groups = tuple(sorted(groups, key=lambda v: v != treatment.reference))
    none = Scored(frame, treatment, groups, np.zeros(frame.height, dtype=bool), None)
    if len(groups) != 2:
        return replace(none, why_not=f"the treatment has {len(groups)} levels among the patients")
    treated = (frame[treatment.key] == groups[1]).to_numpy()
    none = replace(none, treated=treated)
    terms = [term_of(v, frame) for v in variables]
    terms = [t for t in terms if t.levels or frame[t.info.key].n_unique() > 1]
    terms = [t for t in terms if not (t.info.levels and not t.levels)]
    try:
        with fit_warnings() as raised:
            fit = logistic(
                treated,
                design_matrix(frame, terms) if terms else np.empty((frame.height, 0)),
                penalty=None if rule.penalty == "none" else rule.penalty,
                names=[c for t in terms for c in t.columns],
            )
    except OncohortError as error:
        return replace(none, why_not=str(error))
    score = np.asarray(fit.fitted, dtype=float)
    if not np.isfinite(fit.coef[~fit.aliased]).all() or not ((score > 0) & (score < 1)).all():
        why = "; ".join(raised) or "the covariates tell the treatments apart"
        return replace(none, why_not=why, warnings=tuple(raised))
    return replace(none, score=score, warnings=tuple(raised))


def _samples(rule: Propensity, scored: Scored) -> tuple[list[Sample], str]:
    """Each way of comparing, the unadjusted one first; and how pairs were made."""
    from oncohort.stats import match_nearest, propensity_weights

    n = scored.frame.height
    out, words = [Sample(UNADJUSTED, np.ones(n))], ""
    if scored.score is None:
        return out, words
    for method in rule.methods:
        if method == "matching":
            e = scored.score
            near = np.log(e / (1 - e)) if rule.distance == "logit" else e
            found = match_nearest(near, scored.treated, caliper=rule.caliper or None)
            out.append(Sample(method, (found.pair >= 0).astype(float), found.pair))
            words = found.method
        else:
            out.append(Sample(method, propensity_weights(scored.score, scored.treated, method)))
    return out, words


def _columns(
    scored: Scored, variables: Sequence[VariableInfo]
) -> list[tuple[dict[str, str], str, Array]]:
    """What is balanced: (keys, label, values) of each number and each level."""
    out: list[tuple[dict[str, str], str, Array]] = []
    for v in variables:
        column = scored.frame[v.key]
        if not v.levels:
            out.append(({"variable": v.key}, v.label, column.to_numpy().astype(float)))
            continue
        levels = [x for x in v.levels if x != v.reference] if len(v.levels) == 2 else list(v.levels)
        for level in levels:
            keys = {"variable": v.key} | ({"level": level} if len(v.levels) > 2 else {})
            values = (column == level).to_numpy().astype(float)
            out.append((keys, f"{v.label}, {v.levels[level]}", values))
    return out


def _balance(
    rule: Propensity, scored: Scored, samples: Sequence[Sample], variables: Sequence[VariableInfo]
) -> list[Estimate]:
    """Standardized differences of each variable, and of the score, in each sample."""
    from oncohort.stats.propensity import balance

    out: list[Estimate] = []
    rows = [(("propensity", "balance", "smd"), *c) for c in _columns(scored, variables)]
    if scored.score is not None:
        none: dict[str, str] = {}
        rows.insert(0, (("propensity", "balance", "score"), none, "Propensity score", scored.score))
    for path, keys, label, values in rows:
        for sample in samples:
            inside = sample.weights > 0
            both = scored.treated[inside].any() and not scored.treated[inside].all()
            d = (
                balance(
                    values,
                    scored.treated,
                    weights=sample.weights,
                    denominator=rule.denominator,
                )
                if both
                else float("nan")
            )
            ok = bool(np.isfinite(d))
            out.append(
                Estimate(
                    key_of(*path, method=sample.method, **keys),
                    f"{label}: standardized difference, {sample.method}",
                    d if ok else None,
                    "ok" if ok else "not_estimable",
                    kind="value",
                    n=int(inside.sum()),
                    population=COHORT,
                    method=f"difference of means over the {rule.denominator} standard deviation of "
                    "the sample without weights",
                    note="" if ok else "nobody in a group, or no variation within them",
                )
            )
    return out


def _sizes(scored: Scored, samples: Sequence[Sample]) -> tuple[list[Estimate], list[Population]]:
    """Patients of each group, spread of their scores, pairs, and sizes after weighting."""
    from oncohort.stats.propensity import effective_size

    estimates: list[Estimate] = []
    populations: list[Population] = []
    names = scored.frame["patient"].to_list()
    for i, group in enumerate(scored.groups):
        in_group = (
            scored.treated == bool(i) if len(scored.groups) == 2 else np.ones(len(names), bool)
        )
        label = scored.treatment.levels[group]
        members = [p for p, inside in zip(names, in_group, strict=True) if inside]
        number, who = count(("propensity", "patients", "count"), label, members, group=group)
        estimates.append(number)
        populations.append(who)
        if scored.score is None:
            continue
        score = scored.score[in_group].tolist()
        estimates += summary(("propensity", "score"), f"{label}, score", score, group=group)
        for sample in samples[1:]:
            w = sample.weights[in_group]
            how = {"method": sample.method, "group": group}
            shared: Fields = {"n": int((w > 0).sum()), "population": COHORT}
            estimates.append(
                Estimate(
                    key_of("propensity", "effective", "n", **how),
                    f"{label}, {sample.method}: effective number of patients",
                    effective_size(w[w > 0]),
                    kind="value",
                    method="sum of weights squared over sum of squared weights",
                    **shared,
                )
            )
            if sample.pair is None:
                estimates.append(
                    Estimate(
                        key_of("propensity", "weight", "maximum", **how),
                        f"{label}, {sample.method}: largest weight",
                        float(w.max()),
                        kind="value",
                        method="maximum",
                        **shared,
                    )
                )
    return estimates, populations


def _matched(scored: Scored, samples: Sequence[Sample]) -> tuple[list[Estimate], list[Population]]:
    """Pairs, and treated patients without one."""
    pairs = next((s for s in samples if s.pair is not None), None)
    if pairs is None or pairs.pair is None:
        return [], []
    names = np.array(scored.frame["patient"].to_list(), dtype=object)
    alone = names[scored.treated & (pairs.pair < 0)].tolist()
    inside = names[pairs.pair >= 0].tolist()
    unmatched, who = count(("propensity", "matched", "unmatched"), "Treated without a match", alone)
    matched, them = count(("propensity", "matched", "patients"), "Matched patients", inside)
    number = Estimate(
        key_of("propensity", "matched", "pairs"),
        "Matched pairs",
        len(inside) // 2,
        kind="count",
        unit="pairs",
        population=COHORT,
        method="count",
    )
    return [number, matched, unmatched], [who, them]


def analyse(
    protocol: Protocol, cohort: Cohort, blocked: frozenset[str] = frozenset()
) -> Result | None:
    """Score, balance, and the endpoints that nothing blocks in each sample."""
    rule = protocol.propensity
    known = cohort.meaning.variables
    treatment = known.get(rule.treatment) if rule else None
    if rule is None or treatment is None or not treatment.levels or not cohort.n:
        return None
    scored = _scored(rule, cohort, treatment)
    samples, paired = _samples(rule, scored)
    variables = [known[v] for v in rule.variables if v in known]
    kept = set(scored.frame["patient"].to_list())
    gone = [p for p in cohort.frame["patient"].to_list() if p not in kept]
    number, who = count(("propensity", "excluded", "count"), "Left out: a value is missing", gone)
    sizes, populations = _sizes(scored, samples)
    pairs, more = _matched(scored, samples)
    estimates = [number, *sizes, *pairs]
    curves: list[Curve] = []
    if len(scored.groups) == 2:
        estimates += _balance(rule, scored, samples, variables)
    wanted = [k for k in rule.endpoints or list(cohort.meaning.endpoints) if k not in blocked]
    for key in wanted:
        info = cohort.meaning.endpoints.get(key)
        if info is None or not scored.frame[f"{key}_time"].count():
            continue
        if protocol.endpoints[key].has_competing:
            continue  # curves and ratios of one cause need the other causes: [endpoints], competing
        es, cs = outcomes(protocol, info, scored, samples, rule.methods)
        estimates += es
        curves += cs
    return Result(
        "propensity",
        tuple(estimates),
        tuple(curves),
        (who, *populations, *more),
        _methods(rule, cohort, scored, paired),
        tuple(_doubts(rule, scored, estimates, style_of(protocol.style))),
    )


def _doubts(
    rule: Propensity, scored: Scored, estimates: Sequence[Estimate], style: Style
) -> list[Problem]:
    """What a reader must know: no score, imbalance that is left, heavy weights."""
    place = Place(file="study.toml", key="propensity")
    if scored.score is None:
        why = scored.why_not.rstrip(".")
        return [problem("propensity.no-score", place=place, blocks=("propensity",), reason=why)]
    out = [
        problem("propensity.fit", place=place, reason=text.rstrip("."))
        for text in dict.fromkeys(scored.warnings)
    ]
    for method in rule.methods:
        left = [
            e
            for e in estimates
            if e.key.path == ("propensity", "balance", "smd") and e.key["method"] == method
            if e.value is not None and abs(e.value) > BALANCED
        ]
        if left:
            worst = max(left, key=lambda e: abs(e.value or 0.0))
            out.append(
                problem(
                    "propensity.imbalance",
                    place=place,
                    method=method,
                    n=len(left),
                    label=worst.label.partition(":")[0],
                    value=style.one(abs(worst.value or 0.0), worst.kind),
                )
            )
        heavy = [
            e.value
            for e in estimates
            if e.key.path == ("propensity", "weight", "maximum") and e.key["method"] == method
            if e.value is not None and e.value > HEAVY
        ]
        if heavy:
            out.append(
                problem(
                    "propensity.heavy", place=place, method=method, value=style.number(max(heavy))
                )
            )
    return out


def _methods(rule: Propensity, cohort: Cohort, scored: Scored, paired: str) -> tuple[str, ...]:
    """What was done, in sentences."""
    labels = [
        cohort.meaning.variables[v].label for v in rule.variables if v in cohort.meaning.variables
    ]
    firth = " with Firth's penalty" if rule.penalty == "firth" else ""
    out = [
        f"The probability of treatment ({name_in_text(scored.treatment.label)}) was estimated by "
        f"logistic regression{firth} on {names_in_text(labels)}, in patients with all of these "
        "values; outcomes were not looked at."
    ]
    if paired:
        out.append(
            f"Patients were matched as {paired} of the "
            f"{'logit of the score' if rule.distance == 'logit' else 'score'}; hazard ratios of "
            "matched patients have standard errors that account for the pairs."
        )
    from oncohort.stats.propensity import WEIGHTS

    kinds = [WEIGHTS[m] for m in rule.methods if m in WEIGHTS]
    if kinds:
        out.append(
            f"Weights: {'; '.join(kinds)}. Weighted hazard ratios have robust standard errors, "
            "which take the weights as known."
        )
    out.append(
        "Balance was judged by standardized mean differences, of which values up to 0.1 count as "
        "balanced. What was not charted can't be balanced."
    )
    return tuple(out)
