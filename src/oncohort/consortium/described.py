"""Messages in words: what a person at a site reads before and after one leaves."""

from __future__ import annotations

from oncohort.consortium.messages import (
    Answer,
    AskAnswer,
    CheckAnswer,
    CoxTerms,
    EventTimes,
    GramSums,
    Item,
    LifeTables,
    Moments,
    RankSums,
    RateCounts,
    RiskSetSums,
    RoundingTerms,
    TableCounts,
    Withheld,
)
from oncohort.consortium.plan import (
    Analysis,
    CoxAnalysis,
    LogrankAnalysis,
    Plan,
    RateAnalysis,
    SurvivalAnalysis,
)
from oncohort.vocabulary.plurals import counted


def lines_of(answer: Answer) -> list[str]:
    """What an answer holds, a line for each part."""
    if isinstance(answer, CheckAnswer):
        state = "no error" if not answer.errors else counted(answer.errors, "error")
        facts = f"{len(answer.facts)} rules, units and versions"
        return [f"check: {facts}; {state} found; no number of patients"]
    assert isinstance(answer, AskAnswer)
    return [f"{item.analysis}: {words_of(item)}" for item in answer.items]


def words_of(item: Item) -> str:
    """One part in words.

    Examples
    --------
    >>> words_of(Withheld("os", "rows"))
    'nothing (withheld: rows)'
    """
    if isinstance(item, Withheld):
        return f"nothing (withheld: {item.reason})"
    if isinstance(item, TableCounts):
        cells = [c for v in item.levels for row in v.cells for c in row]
        hidden = sum(c is None for c in cells)
        sums = counted(len(item.sums), "mean with its SD", "means with their SD")
        return f"{counted(len(cells) - hidden, 'count')} ({hidden} withheld), {sums}"
    if isinstance(item, RateCounts):
        hidden = sum(x is None for x in item.x)
        return f"{counted(len(item.x) - hidden, 'count')} of patients ({hidden} withheld)"
    if isinstance(item, LifeTables):
        steps = sum(len(t.steps) for t in item.tables)
        return (
            f"events and censored in {counted(steps, 'step')} of "
            f"{counted(len(item.tables), 'life table')}"
        )
    if isinstance(item, RankSums):
        g = len(item.n)
        return f"patients, events, expected events ({g}) and their covariance ({g} x {g})"
    if isinstance(item, Moments):
        columns = counted(len(item.mean), "column")
        return f"patients, events, mean and SD of {columns}"
    if isinstance(item, CoxTerms):
        p = len(item.beta)
        if not item.known:
            return "nothing at these coefficients (not finite, or one patient would dominate)"
        return f"log-likelihood, score ({p}), information ({p} x {p})"
    if isinstance(item, EventTimes):
        return f"EVENT TIMES: deaths in {counted(len(item.steps), 'step')} of the grid"
    if isinstance(item, RiskSetSums):
        return f"RISK SETS: sums of covariates at {counted(len(item.s0), 'event time')}"
    p = len(item.beta)
    if isinstance(item, RoundingTerms):
        if not item.known:
            return "nothing at these coefficients (not finite, or one patient would dominate)"
        return f"score ({p}) and information ({p} x {p}), on exact times and on the grid"
    assert isinstance(item, GramSums)
    return f"score ({p}) and Gram matrix ({p} x {p}) of the covariates"


REVEALS = {
    "table": "counts of patients (cells below the minimum withheld), means and SD",
    "rate": "patients with the outcome, and in all (small ones withheld)",
    "survival": "how many have the event and are censored in each step of the grid: a step with "
    "one event tells that one of those at risk had it then",
    "logrank": "patients, events, expected events and covariance per group; no time",
    "logrank pooled": "as a survival curve by group: events and censored in each step of the grid",
    "cox": "patients, events, means and SD; per evaluation log-likelihood, score and information: "
    "(p + 1)(p + 2) / 2 numbers; no time",
    "cox pooled": "EVENT TIMES (on the grid) and, at each, sums of the covariates of those at "
    "risk: a step that one patient joins tells that patient's covariates",
}
"""What each kind of analysis tells about the patients of a site."""


def reveals(analysis: Analysis) -> str:
    """What an analysis tells about the patients of a site."""
    kind: str = analysis.kind
    if isinstance(analysis, LogrankAnalysis | CoxAnalysis) and analysis.baseline == "pooled":
        kind += " pooled"
    return REVEALS[kind]


def plan_lines(plan: Plan) -> list[str]:
    """What the plan asks, and what that tells, for a person who has to agree to it."""
    d = plan.disclosure
    head = plan.consortium.title or plan.consortium.name
    lines = [
        f"{head}: {', '.join(plan.sites)}",
        f"No number about fewer than {d.minimum} patients; sites of {d.rows} patients or more; "
        f"at most {d.queries} answers of a site, {d.evaluations} evaluations of a model",
        f"Times in steps of {plan.times.grid:g} {plan.times.unit} where counts by time leave",
    ]
    for key, a in plan.analyses.items():
        asked = a.title or _asked(a)
        who = f", population {a.population}" if a.population else ""
        lines.append(f"{key} ({a.kind}{who}): {asked}")
        lines.append(f"    leaves each site: {reveals(a)}")
    return lines


def _asked(a: Analysis) -> str:
    by = f" by {a.by}" if not isinstance(a, CoxAnalysis) and a.by else ""
    if isinstance(a, CoxAnalysis):
        return f"{a.endpoint} on {', '.join(a.covariates)}, baseline {a.baseline}"
    if isinstance(a, SurvivalAnalysis | LogrankAnalysis):
        return f"{a.endpoint}{by}"
    if isinstance(a, RateAnalysis):
        return f"{a.variable} = {' or '.join(a.levels)}{by}"
    return f"{', '.join(a.variables)}{by}"
