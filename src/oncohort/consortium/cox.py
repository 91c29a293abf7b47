"""Cox regression stratified by site: each site sends three sums at given coefficients.

The partial likelihood of a model with a baseline hazard of its own for each site is the product of
the sites' partial likelihoods. So log-likelihood, score and information of the sites add up to
those of R's ``coxph(Surv(time, event) ~ x + strata(site))`` exactly, with Efron's ties, and no
event time leaves a site.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from oncohort.consortium.cox_result import CombinedCox, combined_fit
from oncohort.consortium.disclosure import small
from oncohort.consortium.messages import CoxTerms, Moments, Question
from oncohort.consortium.plan import CoxAnalysis, Plan
from oncohort.consortium.rows import Bools, Floats, Followed
from oncohort.consortium.view import Draft, Sets, View, about, population_of, withheld
from oncohort.dataclass import dataclass
from oncohort.stats import engine
from oncohort.stats._cox.newton import newton
from oncohort.stats._cox.terms import Terms

DOMINANT = 0.5
"""Share of the weights ``exp(x beta)`` from which one patient dominates the sums."""


# -- at the site ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModelRows:
    """Complete rows of a model: times, events, columns ``(n, p)``, and what they tell about."""

    followed: Followed
    x: Floats
    sets: Sets


def model_rows(view: View, key: str, analysis: CoxAnalysis) -> ModelRows | Draft:
    """Rows of a model, or why the site does not answer."""
    rows = view.rows
    population = population_of(view, analysis.population)
    followed = rows.endpoints[analysis.endpoint]
    keep = population & followed.known
    for name in analysis.covariates:
        keep = keep & rows.known(name)
    if view.too_small(population, keep):
        return withheld(key, "rows")
    x = rows.matrix(view.plan, analysis.covariates)[keep]
    n, p = x.shape
    if view.minimum > 1 and n and n < p * view.minimum:
        return withheld(key, "parameters")
    if _small_levels(view, analysis, keep):
        return withheld(key, "small_group")
    if small(int((keep & followed.event).sum()), view.minimum):
        return withheld(key, "few_events")
    sets = about(population, _sets(view, analysis, keep))
    if view.gives_away(sets):
        return withheld(key, "differencing")
    own = Followed(followed.time[keep], followed.event[keep])
    return ModelRows(own, x, sets)


def _small_levels(view: View, analysis: CoxAnalysis, keep: Bools) -> bool:
    """Has a level of a factor, or one of two values of a number, few patients?"""
    for name in analysis.covariates:
        if name in view.rows.codes:
            levels = range(len(view.plan.variables[name].levels))
            if view.too_small(*(keep & (view.rows.codes[name] == at) for at in levels)):
                return True
            continue
        values, counts = np.unique(view.rows.numbers[name][keep], return_counts=True)
        if len(values) == 2 and small(int(counts.min()), view.minimum):
            return True
    return False


def _sets(view: View, analysis: CoxAnalysis, keep: Bools) -> dict[str, list[Bools]]:
    """What the sums are about: the endpoint and every covariate, levels of categories too.

    The mean of a column of 0 and 1 tells how many patients have the level.
    """
    rows = view.rows
    sets = {rows.about(analysis.endpoint): [keep]}
    for name in analysis.covariates:
        own = sets.setdefault(rows.about(name), [keep])
        if name in view.rows.codes:
            levels = range(len(view.plan.variables[name].levels))
            own += [keep & (view.rows.codes[name] == at) for at in levels]
    return sets


def moments(view: View, key: str, analysis: CoxAnalysis) -> Draft:
    """Patients, events, mean and standard deviation of each column."""
    found = model_rows(view, key, analysis)
    if isinstance(found, Draft):
        return found
    mean, sd = mean_and_sd(found.x)
    events = int(found.followed.event.sum())
    item = Moments(key, len(found.x), events, tuple(mean.tolist()), tuple(sd.tolist()))
    return Draft(item, found.sets)


def mean_and_sd(x: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation (divisor n) of columns; zeros without rows."""
    if not len(x):
        return np.zeros(x.shape[1]), np.zeros(x.shape[1])
    return x.mean(axis=0), x.std(axis=0)


def terms(view: View, key: str, analysis: CoxAnalysis, question: Question) -> Draft:
    """Log-likelihood, score and information at the question's coefficients."""
    found = model_rows(view, key, analysis)
    if isinstance(found, Draft):
        return found
    item = terms_of(key, found.followed, found.x, question.beta, view.minimum)
    return Draft(item, found.sets)


def terms_of(
    key: str, followed: Followed, x: Floats, beta: Sequence[float], minimum: int
) -> CoxTerms:
    """The three sums of rows; unknown where they are not finite or one patient dominates."""
    p = len(beta)
    at = np.array(beta, dtype=np.float64)
    unknown = CoxTerms(key, tuple(beta), False, 0.0, (0.0,) * p, (0.0,) * (p * p))
    if not followed.event.any():
        return CoxTerms(key, tuple(beta), True, 0.0, (0.0,) * p, (0.0,) * (p * p))
    if minimum > 1 and dominated(x, at):
        return unknown
    design = engine.build(followed.time, followed.event, x)
    with np.errstate(all="ignore"):
        here = engine.terms(design, at)
    finite = np.isfinite(here.loglik) and np.isfinite(here.score).all()
    if not (finite and np.isfinite(here.info).all()):
        return unknown
    info = 0.5 * (here.info + here.info.T)
    diagonal = np.diag_indices(p)
    info[diagonal] = np.maximum(info[diagonal], 0.0)  # below 0 by rounding alone
    return CoxTerms(
        key,
        tuple(beta),
        True,
        min(float(here.loglik), 0.0),
        tuple(here.score.tolist()),
        tuple(info.ravel().tolist()),
    )


def dominated(x: Floats, beta: Floats) -> bool:
    """Does one patient have most of the weight at these coefficients?

    Coefficients could be chosen so that the sums are about one patient, the one with the largest
    linear predictor.
    """
    eta = (x - x.mean(axis=0)) @ beta
    if not np.isfinite(eta).all():
        return True
    w = np.exp(eta - eta.max())
    return bool(DOMINANT * w.sum() < 1.0)


# -- at the coordinator --------------------------------------------------------------------------


class Needed(Exception):
    """The fit goes on when the sites have answered at these coefficients."""

    def __init__(self, beta: Floats) -> None:
        self.beta = tuple(beta.tolist())
        super().__init__("the sums at these coefficients are not known yet")


def next_or_fit(
    plan: Plan,
    key: str,
    analysis: CoxAnalysis,
    title: str,
    rounds: Sequence[Mapping[str, Moments | CoxTerms]],
) -> Question | CombinedCox | str:
    """The next question of the fit, its result, or why there is none.

    Newton's method is run from its start with the sums that came so far; it is the same code, and
    so takes the same way, as in :func:`oncohort.stats.cox`.

    Parameters
    ----------
    rounds
        Answers of the sites by round: the moments first, then the terms.
    """
    if not rounds:
        return Question(key, "moments")
    first = {s: a for s, a in rounds[0].items() if isinstance(a, Moments)}
    answered = [{s: a for s, a in one.items() if isinstance(a, CoxTerms)} for one in rounds[1:]]
    if not sum(m.events for m in first.values()):
        return "there are no events"
    names = plan.columns(analysis.covariates)
    try:
        fit = newton(
            replayed([(a, summed(a)) for a in answered]),
            len(names),
            pooled_sd(list(first.values())),
            max_iterations=plan.disclosure.evaluations - 2,
        )
    except Needed as needed:
        if len(answered) >= plan.disclosure.evaluations:
            return f"Newton's method did not settle in {len(answered)} evaluations"
        return Question(key, "terms", beta=needed.beta)
    return combined_fit(
        title,
        names,
        fit,
        n=sum(m.n for m in first.values()),
        events={s: m.events for s, m in first.items()},
        method=f"stratified by site ({len(first)} baseline hazards), Efron ties, exact times",
        level=analysis.level,
        rounds=len(answered),
    )


def replayed(known: Sequence[tuple[Mapping[str, CoxTerms], Terms]]) -> Callable[[Floats], Terms]:
    """Evaluation from what was answered, in its order; :class:`Needed` after the last."""
    left = iter(known)

    def evaluate(beta: Floats) -> Terms:
        if not np.isfinite(beta).all():
            return nowhere(len(beta))
        found = next(left, None)
        if found is None:
            raise Needed(beta)
        answers, total = found
        wanted = tuple(beta.tolist())
        if any(a.beta != wanted for a in answers.values()):
            raise ValueError("an answer is at other coefficients than were asked")
        return total

    return evaluate


def nowhere(p: int) -> Terms:
    """Sums that are not known: Newton's method takes a smaller step."""
    return Terms(-np.inf, np.zeros(p), np.zeros((p, p)))


def summed(answers: Mapping[str, CoxTerms]) -> Terms:
    """Sums of the sites; not finite where they are unknown at one of them."""
    parts = list(answers.values())
    p = len(parts[0].beta)
    if not all(a.known for a in parts):
        return nowhere(p)
    info = np.sum([np.reshape(a.information, (p, p)) for a in parts], axis=0)
    return Terms(
        float(sum(a.loglik for a in parts)),
        np.sum([a.score for a in parts], axis=0),
        np.asarray(0.5 * (info + info.T)),
    )


def pooled_sd(parts: Sequence[Moments]) -> Floats:
    """Standard deviation of each column over all sites; exactly 0 where it does not vary."""
    return spread_of([(m.n, m.mean, m.sd) for m in parts])[1]


def spread_of(
    parts: Sequence[tuple[int, Sequence[float], Sequence[float]]],
) -> tuple[Floats, Floats]:
    """Mean and standard deviation of columns over all sites, of theirs."""
    n = sum(m for m, _, _ in parts)
    means = np.array([mean for _, mean, _ in parts])
    weight = np.array([[m] for m, _, _ in parts], dtype=np.float64)
    mean = (weight * means).sum(axis=0) / n
    spread = np.array([sd for _, _, sd in parts]) ** 2 + (means - mean) ** 2
    sd = np.sqrt((weight * spread).sum(axis=0) / n)
    return mean, np.asarray(np.where(sd <= 1e-13 * np.abs(mean), 0.0, sd))


def fits_moments(plan: Plan, analysis: CoxAnalysis, got: Moments) -> str:
    """Why moments can't be those of the model; empty where they can."""
    fits = len(got.mean) == len(plan.columns(analysis.covariates))
    return "" if fits else "it has other columns than the plan"


def fits_terms(question: Question, got: CoxTerms) -> str:
    """Why sums can't be those that were asked for; empty where they can."""
    return "" if got.beta == question.beta else "it is at other coefficients than were asked"
