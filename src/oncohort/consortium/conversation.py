"""The coordinator's side, pure: from the plan and what came so far to the next request or results.

Nothing is kept between rounds but the messages themselves, so a coordinator that was stopped goes
on where it was, with the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oncohort.consortium import cox, cox_pooled, survival, tables
from oncohort.consortium.errors import AgreementError, ConsortiumError, SiteError
from oncohort.consortium.messages import (
    Answer,
    AskAnswer,
    AskRequest,
    CheckAnswer,
    CheckRequest,
    CoxTerms,
    EventTimes,
    GramSums,
    Item,
    LifeTables,
    Moments,
    Question,
    RankSums,
    RateCounts,
    Request,
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
    TableAnalysis,
    plan_facts,
)
from oncohort.dataclass import dataclass
from oncohort.problems import problem
from oncohort.stats._show import Shown
from oncohort.vocabulary.boundaries import Parsed

REASONS = {
    "rows": "it has too few patients for it",
    "small_group": "a group has too few patients",
    "few_events": "there are too few events, of all or of a group",
    "parameters": "the model has too many columns for its patients",
    "differencing": "with what was answered before, it would give a few patients away",
    "budget": "it has answered as much as the plan allows",
    "policy": "the rules of the site do not allow it",
}
"""Why a site withholds an analysis, in words."""


@dataclass(frozen=True, slots=True)
class Round:
    """A request, and the answers of the sites to it."""

    request: Request
    answers: Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one analysis: a result, or why there is none; and sites that withheld it."""

    result: Shown | None
    reason: str = ""
    without: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Combined:
    """The results of all analyses of the plan."""

    outcomes: Mapping[str, Outcome]

    def __getitem__(self, key: str) -> Parsed:
        """The result of an analysis.

        Raises
        ------
        ConsortiumError
            There is none; it says why.
        """
        found = self.outcomes[key]
        if found.result is None:
            wrong = problem("consortium.not-estimable", analysis=key, reason=found.reason)
            raise ConsortiumError("", [wrong])
        return found.result

    def __repr__(self) -> str:
        parts = []
        for key, one in self.outcomes.items():
            if one.result is None:
                parts.append(f"{key}: no result: {one.reason}")
                continue
            left_out = [f"without {s}: {reason}" for s, reason in (one.without or {}).items()]
            parts.append("\n".join([repr(one.result), *left_out]))
        return "\n\n".join(parts)


def advance(plan: Plan, rounds: Sequence[Round]) -> Request | Combined:
    """The next request, or the results.

    Raises
    ------
    AgreementError
        Sites differ from the plan or among themselves.
    SiteError
        A site has errors in its data, too few patients, or numbers that can't be true.
    """
    if not rounds:
        return CheckRequest(plan_facts(plan))
    agree(plan, rounds[0].answers)
    asked = [r for r in rounds[1:] if isinstance(r.request, AskRequest)]
    outcomes: dict[str, Outcome] = {}
    questions: list[Question] = []
    for key, analysis in plan.analyses.items():
        found = follow(plan, key, analysis, asked)
        if isinstance(found, Question):
            questions.append(found)
        else:
            outcomes[key] = found
    return AskRequest(tuple(questions)) if questions else Combined(outcomes)


def agree(plan: Plan, answers: Mapping[str, Answer]) -> None:
    """All sites read their data by the same rules, without errors.

    Raises
    ------
    AgreementError, SiteError
        With the name of what differs, and of the site.
    """
    wrong = []
    seen: dict[str, tuple[str, str]] = {}
    checked = {s: a for s, a in answers.items() if isinstance(a, CheckAnswer)}
    keys = sorted({f.key for a in checked.values() for f in a.facts})
    for site, answer in checked.items():
        own = {f.key: f.value for f in answer.facts}
        for key in keys:
            value = own.get(key, "absent")
            first = seen.setdefault(key, (value, site))
            if first[0] != value:
                wrong.append(
                    problem(
                        "consortium.unlike",
                        key=key,
                        one=first[0],
                        at_one=f"at {first[1]}",
                        other=value,
                        at_other=f"at {site}",
                    )
                )
    if wrong:
        raise AgreementError("", wrong)
    for site, answer in checked.items():
        if answer.errors:
            wrong.append(problem("consortium.errors", site=site, n=answer.errors))
        if not answer.rows_enough:
            wrong.append(problem("consortium.rows", site=site, rows=plan.disclosure.rows))
    if wrong:
        raise SiteError("", wrong)


def follow(plan: Plan, key: str, analysis: Analysis, asked: Sequence[Round]) -> Question | Outcome:
    """The next question about an analysis, or what came of it."""
    rounds: list[dict[str, Item]] = []
    questions: list[Question] = []
    for one in asked:
        assert isinstance(one.request, AskRequest)
        at = next((i for i, q in enumerate(one.request.questions) if q.analysis == key), None)
        if at is None:
            continue
        questions.append(one.request.questions[at])
        rounds.append({s: a.items[at] for s, a in one.answers.items() if isinstance(a, AskAnswer)})
    without = {
        site: REASONS[item.reason]
        for question, answers in zip(questions, rounds, strict=True)
        for site, item in answers.items()
        if isinstance(item, Withheld) and question.step != "rounding"
    }
    if without and plan.disclosure.withheld == "stop":
        reasons = "; ".join(f'"{site}" withholds it: {reason}' for site, reason in without.items())
        return Outcome(None, reasons, without)
    left = [
        {s: i for s, i in a.items() if s not in without and not isinstance(i, Withheld)}
        for a in rounds
    ]
    if rounds and not left[0]:
        return Outcome(None, "every site withholds it", without)
    _check(plan, key, analysis, questions, left)
    found = _next(plan, key, analysis, left)
    if isinstance(found, Question):
        return found
    if isinstance(found, str):
        return Outcome(None, found, without)
    return Outcome(found, "", without)


def _next(
    plan: Plan, key: str, analysis: Analysis, rounds: Sequence[Mapping[str, Item]]
) -> Question | Shown | str:
    title = f"{key}: {analysis.title}" if analysis.title else key
    if isinstance(analysis, CoxAnalysis) and analysis.baseline == "pooled":
        return cox_pooled.next_or_fit(plan, key, analysis, title, rounds)
    if isinstance(analysis, CoxAnalysis):
        only = [_only((Moments, CoxTerms), r) for r in rounds]
        return cox.next_or_fit(plan, key, analysis, title, only)
    if not rounds:
        return Question(key, "counts")
    answers = rounds[0]
    if isinstance(analysis, TableAnalysis):
        return tables.combined_table(plan, analysis, title, _only(TableCounts, answers))
    if isinstance(analysis, RateAnalysis):
        return tables.combined_rate(plan, analysis, title, _only(RateCounts, answers))
    if isinstance(analysis, SurvivalAnalysis):
        return survival.combined_curves(plan, analysis, title, _only(LifeTables, answers))
    if analysis.baseline == "pooled":
        counts = _only(LifeTables, answers)
        return survival.combined_pooled_logrank(plan, analysis, title, counts)
    return survival.combined_logrank(plan, analysis, title, _only(RankSums, answers))


def _only(kind: Parsed, answers: Mapping[str, Item]) -> dict[str, Parsed]:
    return {s: a for s, a in answers.items() if isinstance(a, kind)}


def _check(
    plan: Plan,
    key: str,
    analysis: Analysis,
    questions: Sequence[Question],
    rounds: Sequence[Mapping[str, Item]],
) -> None:
    """Each answer is of the kind and shape of its question.

    Raises
    ------
    SiteError
        With the site and what can't be.
    """
    for question, answers in zip(questions, rounds, strict=True):
        for site, item in answers.items():
            reason = misfit(plan, analysis, question, item)
            if item.analysis != key:
                reason = "it is about another analysis"
            if reason:
                wrong = problem("consortium.impossible", site=site, analysis=key, reason=reason)
                raise SiteError("", [wrong])


def misfit(plan: Plan, analysis: Analysis, question: Question, item: Item) -> str:
    """Why an item can't answer the question; empty where it can."""
    if isinstance(analysis, TableAnalysis) and isinstance(item, TableCounts):
        return tables.fits_table(plan, analysis, item)
    if isinstance(analysis, RateAnalysis) and isinstance(item, RateCounts):
        return tables.fits_rate(plan, analysis, item)
    if isinstance(analysis, SurvivalAnalysis) and isinstance(item, LifeTables):
        return survival.fits_tables(plan, analysis.by, item)
    if isinstance(analysis, LogrankAnalysis):
        if analysis.baseline == "pooled" and isinstance(item, LifeTables):
            return survival.fits_tables(plan, analysis.by, item)
        if analysis.baseline == "by-site" and isinstance(item, RankSums):
            return survival.fits_rank_sums(plan, analysis, item)
    pooled = {
        "event_times": EventTimes,
        "risk_sums": RiskSetSums,
        "gram": GramSums,
        "rounding": RoundingTerms,
    }
    if isinstance(analysis, CoxAnalysis):
        if question.step in pooled and isinstance(item, pooled[question.step]):
            return cox_pooled.fits(plan, analysis, question, item)
        if question.step == "moments" and isinstance(item, Moments):
            return cox.fits_moments(plan, analysis, item)
        if question.step == "terms" and isinstance(item, CoxTerms):
            return cox.fits_terms(question, item)
    return "it is another kind of answer than was asked for"
