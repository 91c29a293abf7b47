"""Cox regression with one baseline hazard for all sites, on the declared grid of times: opt-in.

Two messages per evaluation: sums over risk sets at each event time of all sites, then, with the
hazards that follow from their totals, a weighted Gram matrix (:mod:`oncohort.scale.sums` has the
algebra). **A step that one patient of a site joins tells that patient's covariates**, so a site
answers only where its own rules allow it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from oncohort.consortium.cox import (
    ModelRows,
    dominated,
    mean_and_sd,
    model_rows,
    nowhere,
    spread_of,
    terms_of,
)
from oncohort.consortium.cox_result import CombinedCox, combined_fit
from oncohort.consortium.messages import (
    EventTimes,
    GramSums,
    Item,
    Question,
    RiskSetSums,
    RoundingTerms,
)
from oncohort.consortium.plan import CoxAnalysis, Plan
from oncohort.consortium.rows import Floats, Followed, on_grid, steps_of
from oncohort.consortium.view import Draft, View, withheld
from oncohort.scale.sums import (
    Down,
    Grid,
    Keys,
    Placement,
    RiskSums,
    add_risk_sums,
    combine,
    moments,
)
from oncohort.stats._cox.newton import Fit, inverse, newton, solve
from oncohort.stats._cox.terms import Terms

# -- at the site ---------------------------------------------------------------------------------


def _allowed(view: View, key: str, analysis: CoxAnalysis) -> ModelRows | Draft:
    return model_rows(view, key, analysis) if view.pooled_baseline else withheld(key, "policy")


def event_times(view: View, key: str, analysis: CoxAnalysis) -> Draft:
    """Patients, moments, and the deaths in each step of the grid."""
    found = _allowed(view, key, analysis)
    if isinstance(found, Draft):
        return found
    steps = steps_of(found.followed.time, view.plan.times.grid)
    died, deaths = np.unique(steps[found.followed.event], return_counts=True)
    mean, sd = mean_and_sd(found.x)
    item = EventTimes(
        key,
        len(found.x),
        tuple(mean.tolist()),
        tuple(sd.tolist()),
        tuple(died.tolist()),
        tuple(deaths.tolist()),
    )
    return Draft(item, found.sets)


def risk_sums(view: View, key: str, analysis: CoxAnalysis, question: Question) -> Draft:
    """Sums over those who join each risk set, and over its deaths."""
    found = _allowed(view, key, analysis)
    if isinstance(found, Draft):
        return found
    beta, p = np.array(question.beta), len(question.beta)
    grid, place, x, w = _placed(view, found, question)
    total = RiskSums.zeros(grid, p)
    known = bool(np.isfinite(w).all()) and not (view.minimum > 1 and len(x) and dominated(x, beta))
    if known and len(x):
        total = add_risk_sums(total, place, x, w, None, beta)
    item = RiskSetSums(
        key,
        question.beta,
        known,
        tuple(total.s0.tolist()),
        tuple(total.s1.ravel().tolist()),
        tuple(total.d0.tolist()),
        tuple(total.d1.ravel().tolist()),
        total.observed,
    )
    return Draft(item, found.sets)


def gram(view: View, key: str, analysis: CoxAnalysis, question: Question) -> Draft:
    """Score and weighted Gram matrix at the hazards of the question."""
    found = _allowed(view, key, analysis)
    if isinstance(found, Draft):
        return found
    _, place, x, w = _placed(view, found, question)
    down = Down(np.array(question.hazard), np.array(question.tie))
    first, second = moments(down, place, x, w)
    score = x[place.died].sum(axis=0) - first
    item = GramSums(
        key,
        question.beta,
        tuple(score.tolist()),
        tuple((0.5 * (second + second.T)).ravel().tolist()),
    )
    return Draft(item, found.sets)


def rounding(view: View, key: str, analysis: CoxAnalysis, question: Question) -> Draft:
    """Score and information of the site's own model, on exact times and on the grid."""
    found = _allowed(view, key, analysis)
    if isinstance(found, Draft):
        return found
    time, event = found.followed.time, found.followed.event
    rounded = Followed(on_grid(time, view.plan.times.grid), event)
    exact, grid = (
        terms_of(key, followed, found.x, question.beta, view.minimum)
        for followed in (found.followed, rounded)
    )
    item = RoundingTerms(
        key,
        question.beta,
        exact.known and grid.known,
        exact.score,
        exact.information,
        grid.score,
        grid.information,
    )
    return Draft(item, found.sets)


def _placed(
    view: View, found: ModelRows, question: Question
) -> tuple[Grid, Placement, Floats, Floats]:
    """The grid of all sites, where the site's rows stand on it, their columns and weights."""
    grid = _grid(np.array(question.times), np.array(question.deaths))
    steps = steps_of(found.followed.time, view.plan.times.grid).astype(np.float64)
    place = Placement.of(Keys(steps, found.followed.event), grid)
    x = (found.x - np.array(question.center))[place.rows]
    with np.errstate(over="ignore"):
        w = np.exp(x @ np.array(question.beta))
    return grid, place, x, w


def _grid(times: Floats, deaths: Floats) -> Grid:
    n = len(times)
    return Grid(
        np.zeros(n, dtype=np.int64),
        times.astype(np.float64),
        deaths.astype(np.int64),
        deaths.astype(np.float64),
        np.zeros(min(n, 1), dtype=np.int64),
    )


# -- at the coordinator --------------------------------------------------------------------------


class Asked(Exception):
    """The fit goes on when the sites have answered this."""

    def __init__(self, question: Question) -> None:
        self.question = question
        super().__init__("the sums are not known yet")


def next_or_fit(
    plan: Plan,
    key: str,
    analysis: CoxAnalysis,
    title: str,
    rounds: Sequence[Mapping[str, Item]],
) -> Question | CombinedCox | str:
    """The next question of the fit, its result, or why there is none.

    As :func:`oncohort.consortium.cox.next_or_fit`.
    """
    if not rounds:
        return Question(key, "event_times")
    first = {s: a for s, a in rounds[0].items() if isinstance(a, EventTimes)}
    total: dict[int, int] = {}
    for answer in first.values():
        for at, deaths in zip(answer.steps, answer.deaths, strict=True):
            total[at] = total.get(at, 0) + deaths
    if not total:
        return "there are no events"
    times = sorted(total, reverse=True)
    parts = list(first.values())
    center, sd = spread_of([(a.n, a.mean, a.sd) for a in parts])
    base = Question(
        key,
        "risk_sums",
        times=tuple(times),
        deaths=tuple(total[t] for t in times),
        center=tuple(center.tolist()),
    )
    names = plan.columns(analysis.covariates)
    evaluations = plan.disclosure.evaluations
    known = _Replayed(base, rounds[1:])
    try:
        fit = newton(known.evaluate, len(names), sd, max_iterations=evaluations)
    except Asked as asked:
        done = sum(any(isinstance(i, RiskSetSums) for i in r.values()) for r in rounds)
        if asked.question.step == "risk_sums" and done >= evaluations:
            return f"Newton's method did not settle in {done} evaluations"
        return asked.question
    step = f"{plan.times.grid:g} {plan.times.unit}"
    done = sum(any(isinstance(i, RiskSetSums) for i in r.values()) for r in rounds)
    after = next(known.left, None)
    if after is None and fit.converged and done < evaluations:
        return Question(key, "rounding", beta=tuple(fit.beta.tolist()))
    told = [i for i in (after or {}).values() if isinstance(i, RoundingTerms)]
    return combined_fit(
        title,
        names,
        fit,
        n=sum(a.n for a in parts),
        events={s: sum(a.deaths) for s, a in first.items()},
        method=f"one baseline hazard for all sites, Efron ties, times in steps of {step}",
        level=analysis.level,
        rounds=done,
        notes=(_effect_of_rounding(names, fit, told if len(told) == len(first) else ()),),
    )


def _effect_of_rounding(names: Sequence[str], fit: Fit, terms: Sequence[RoundingTerms]) -> str:
    """What exact times would change, to first order, in the model stratified by site.

    The maximum on exact times and that on the grid are each one step of Newton's method away.
    """
    free = np.flatnonzero(~(fit.aliased | fit.diverging))
    if not terms or not all(t.known for t in terms) or not len(free):
        return "what rounding does is not known: the sites' evaluations are used up, or withheld"
    p, chosen = len(names), np.ix_(free, free)

    def step(score: str, information: str) -> Floats:
        u = np.sum([getattr(t, score) for t in terms], axis=0)
        info = np.sum([np.reshape(getattr(t, information), (p, p)) for t in terms], axis=0)
        return solve(info[chosen], u[free])

    moved = step("score", "information") - step("grid_score", "grid_information")
    se = np.sqrt(np.diag(inverse(fit.end.info, ~(fit.aliased | fit.diverging)))[free])
    at = int(np.nanargmax(np.abs(moved) / se))
    each = ", ".join(
        f"{names[j]} x {np.exp(m):.4f}" for j, m in zip(free.tolist(), moved, strict=True)
    )
    return (
        f"with exact times the hazard ratios stratified by site would be {each} of those on the "
        f"grid (one step of Newton's method; at most {abs(moved[at]) / se[at]:.2f} standard "
        f"errors, {names[int(free[at])]})"
    )


class _Replayed:
    """Evaluations from what was answered, in its order; :class:`Asked` after the last."""

    def __init__(self, base: Question, rounds: Sequence[Mapping[str, Item]]) -> None:
        self.base = base
        self.left: Iterator[Mapping[str, Item]] = iter(rounds)

    def evaluate(self, beta: Floats) -> Terms:
        from dataclasses import replace

        at, p = tuple(beta.tolist()), len(beta)
        if not np.isfinite(beta).all():
            return nowhere(p)
        up = self._next(replace(self.base, beta=at))
        sums = [a for a in up.values() if isinstance(a, RiskSetSums)]
        if not all(a.known for a in sums):
            return nowhere(p)
        grid = _grid(np.array(self.base.times), np.array(self.base.deaths))
        total = RiskSums.zeros(grid, p)
        total = RiskSums(
            np.sum([a.s0 for a in sums], axis=0),
            np.sum([np.reshape(a.s1, (grid.size, p)) for a in sums], axis=0),
            np.sum([a.d0 for a in sums], axis=0),
            np.sum([np.reshape(a.d1, total.d1.shape) for a in sums], axis=0),
            float(sum(a.observed for a in sums)),
        )
        with np.errstate(all="ignore"):
            down, loglik, off = combine(grid, total, True)
        if not all(np.isfinite(v).all() for v in (loglik, down.cumulative, down.tie, off)):
            return nowhere(p)
        asked = replace(
            self.base,
            step="gram",
            beta=at,
            hazard=tuple(down.cumulative.tolist()),
            tie=tuple(down.tie.tolist()),
        )
        second = [a for a in self._next(asked).values() if isinstance(a, GramSums)]
        info = np.sum([np.reshape(a.gram, (p, p)) for a in second], axis=0) - off
        score = np.sum([a.score for a in second], axis=0)
        return Terms(loglik, score, np.asarray(0.5 * (info + info.T)))

    def _next(self, question: Question) -> Mapping[str, Item]:
        found = next(self.left, None)
        if found is None:
            raise Asked(question)
        return found


def fits(plan: Plan, analysis: CoxAnalysis, question: Question, got: Item) -> str:
    """Why an answer can't be that of the question; empty where it can."""
    p, g = len(plan.columns(analysis.covariates)), len(question.times)
    if isinstance(got, EventTimes):
        return "" if len(got.mean) == p else "it has other columns than the plan"
    if isinstance(got, RiskSetSums):
        tied = any(d > 1 for d in question.deaths)
        sizes = (len(got.s0), len(got.d1)) == (g, g * p if tied else 0)
        return "" if sizes and got.beta == question.beta else "it is about another question"
    assert isinstance(got, GramSums | RoundingTerms)
    return "" if got.beta == question.beta else "it is at other coefficients than were asked"
