"""A site's answers to the questions of one round: pure, nothing is written and nothing leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from oncohort.consortium import cox, cox_pooled, survival, tables
from oncohort.consortium.errors import MessageError
from oncohort.consortium.messages import AskRequest, Item, Question
from oncohort.consortium.plan import (
    CoxAnalysis,
    LogrankAnalysis,
    Plan,
    RateAnalysis,
    SurvivalAnalysis,
    TableAnalysis,
)
from oncohort.consortium.rows import Bools
from oncohort.consortium.view import Draft, Sets, View, withheld
from oncohort.dataclass import dataclass

EVALUATIONS = ("terms", "risk_sums", "rounding")
"""Steps that are an evaluation of a model."""


Evaluated = tuple[str, Bools]
"""A model that was evaluated, as :meth:`Rows.model` tells it, and its rows."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Answers that the site still gives in all, and evaluations of models that it gave."""

    answers: int
    evaluated: tuple[Evaluated, ...] = ()


@dataclass(frozen=True, slots=True)
class Drafted:
    """Items of one round, in the order of the questions, and what they are about."""

    items: tuple[Item, ...]
    sets: Sets
    evaluated: tuple[Evaluated, ...]


def answer_questions(view: View, request: AskRequest, allowance: Allowance) -> Drafted:
    """Answer each question, each with what the ones before it gave.

    Raises
    ------
    MessageError
        A question is about nothing in the plan, or asks for a step that its analysis has not.
    """
    items: list[Item] = []
    sets = dict(view.answered)
    left = allowance.answers
    given = [*allowance.evaluated]
    for question in request.questions:
        draft = withheld(question.analysis, "budget")
        check_question(view.plan, question)
        if left > 0:
            draft = answer_question(replace(view, answered=sets), question)
        found = _evaluated(view, question, draft)
        if found is not None:
            if times_evaluated(found, given) >= view.plan.disclosure.evaluations:
                draft = withheld(question.analysis, "budget")
            else:
                given.append(found)
        left -= 1
        items.append(draft.item)
        for kind, about in draft.sets.items():
            for own in view.kinds(kind):  # a later plan may have another one of them alone
                sets[own] = merged(sets.get(own, ()), about)
    return Drafted(tuple(items), sets, tuple(given[len(allowance.evaluated) :]))


def _evaluated(view: View, question: Question, draft: Draft) -> Evaluated | None:
    """The model that a draft is an evaluation of, and its rows."""
    analysis = view.plan.analyses[question.analysis]
    if question.step not in EVALUATIONS or not isinstance(analysis, CoxAnalysis):
        return None
    rows = draft.sets.get(view.rows.about(analysis.endpoint), ())
    return (view.rows.model(analysis.endpoint, analysis.covariates), rows[0]) if rows else None


def times_evaluated(one: Evaluated, given: Sequence[Evaluated]) -> int:
    """How often a model was evaluated with the same patient, of that patient who was most often.

    Examples
    --------
    >>> import numpy as np
    >>> one, other = np.array([True, False]), np.array([False, True])
    >>> times_evaluated(("m", one), [("m", one), ("m", other), ("another", one)])
    1
    """
    same = [rows for model, rows in given if model == one[0]]
    return int((np.sum(same, axis=0) * one[1]).max(initial=0)) if same else 0


def merged(known: tuple[Bools, ...], given: tuple[Bools, ...]) -> tuple[Bools, ...]:
    """Sets known and given, each once."""
    return tuple({s.tobytes(): s for s in (*known, *given)}.values())


def check_question(plan: Plan, question: Question) -> None:
    """Raises MessageError where the plan has no such question."""
    analysis = plan.analyses.get(question.analysis)
    at = f"question {question.analysis[:60]!r}"
    if analysis is None:
        raise MessageError.of("the plan has no such analysis", at)
    steps = steps_of_analysis(analysis)
    if question.step not in steps:
        raise MessageError.of(f"its steps are {', '.join(steps)}, not {question.step}", at)
    wanted = len(plan.columns(analysis.covariates)) if isinstance(analysis, CoxAnalysis) else 0
    if question.step in ("terms", "risk_sums", "gram", "rounding"):
        if len(question.beta) != wanted:
            raise MessageError.of(f"it has {len(question.beta)} coefficients, not {wanted}", at)
    elif question.beta:
        raise MessageError.of("it has coefficients that its step does not take", at)
    on_risk_sets = question.step in ("risk_sums", "gram")
    if bool(question.times) != on_risk_sets or len(question.center) != wanted * on_risk_sets:
        raise MessageError.of("its event times are not those of its step", at)
    if len(question.hazard) != (len(question.times) if question.step == "gram" else 0):
        raise MessageError.of("its hazards are not those of its step", at)


def steps_of_analysis(analysis: object) -> tuple[str, ...]:
    """Steps of a conversation about an analysis."""
    if not isinstance(analysis, CoxAnalysis):
        return ("counts",)
    if analysis.baseline == "pooled":
        return ("event_times", "risk_sums", "gram", "rounding")
    return ("moments", "terms")


def answer_question(view: View, question: Question) -> Draft:
    """The answer to one question.

    Raises
    ------
    MessageError
    """
    check_question(view.plan, question)
    key = question.analysis
    analysis = view.plan.analyses[key]
    if isinstance(analysis, TableAnalysis):
        return tables.table_counts(view, key, analysis)
    if isinstance(analysis, RateAnalysis):
        return tables.rate_counts(view, key, analysis)
    if isinstance(analysis, SurvivalAnalysis):
        return survival.life_tables(view, key, analysis)
    if isinstance(analysis, LogrankAnalysis):
        if analysis.baseline == "pooled":
            return survival.life_tables(view, key, analysis)
        return survival.rank_sums(view, key, analysis)
    steps: Mapping[str, Callable[[], Draft]] = {
        "moments": lambda: cox.moments(view, key, analysis),
        "terms": lambda: cox.terms(view, key, analysis, question),
        "event_times": lambda: cox_pooled.event_times(view, key, analysis),
        "risk_sums": lambda: cox_pooled.risk_sums(view, key, analysis, question),
        "gram": lambda: cox_pooled.gram(view, key, analysis, question),
        "rounding": lambda: cox_pooled.rounding(view, key, analysis, question),
    }
    return steps[question.step]()
