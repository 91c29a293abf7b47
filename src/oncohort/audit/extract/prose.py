"""Figures said in sentences, and whether they speak of this paper's own patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from oncohort.audit.document import Paragraph
from oncohort.audit.extract.listed import without_listed
from oncohort.audit.extract.sentences import (
    Sentence,
    find_cohort,
    one_unit,
    split,
    without_commas,
)
from oncohort.audit.extract.text_bounds import read_bounded
from oncohort.audit.extract.text_counts import read_counts
from oncohort.audit.extract.text_landmarks import (
    CORRESPONDING,
    read_more_landmarks,
    with_intervals,
)
from oncohort.audit.extract.text_ratios import read_ratios
from oncohort.audit.extract.text_responses import read_rates, read_responses
from oncohort.audit.extract.text_survival import read_more_times, with_spreads
from oncohort.audit.extract.text_tests import read_facts, read_p_values
from oncohort.audit.extract.text_times import read_events, read_landmarks, read_times
from oncohort.dataclass import dataclass
from oncohort.published.model import (
    Bounded,
    Count,
    Events,
    Fact,
    Landmark,
    PValue,
    Rate,
    Ratio,
    Response,
    Time,
    Where,
)


@dataclass(slots=True)
class Statements:
    """What the sentences of a paper hold."""

    sizes: list[tuple[str, Where]] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)
    times: list[Time] = field(default_factory=list)
    landmarks: list[Landmark] = field(default_factory=list)
    events: list[Events] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    p_values: list[PValue] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    bounded: list[Bounded] = field(default_factory=list)
    cohort: str = ""


def read_prose(paragraphs: Sequence[Paragraph]) -> Statements:
    """Read every sentence."""
    stated = Statements()
    every = split(paragraphs)
    stated.sentences = every
    stated.cohort, stated.sizes = find_cohort(every)
    before: list[Landmark] = []
    for sentence in every:
        stated.counts.extend(read_counts(sentence))
        stated.responses.extend(read_responses(sentence, stated.cohort))
        stated.rates.extend(read_rates(sentence, stated.cohort))
        plain = one_unit(without_commas(sentence))
        stated.bounded.extend(read_bounded(plain))
        times = list(read_times(plain, stated.cohort))
        times = with_spreads(times, list(read_more_times(plain, ())))
        stated.times += [*times, *read_more_times(plain, times)]
        marks = list(read_landmarks(sentence, stated.cohort))
        marks = with_intervals(sentence, marks)
        marks += read_more_landmarks(sentence, marks, before)
        before = marks or before if CORRESPONDING.match(sentence.text) else marks
        stated.landmarks += marks
        stated.events.extend(read_events(sentence, stated.cohort))
        stated.ratios.extend(read_ratios(sentence))
        stated.p_values.extend(read_p_values(sentence))
        stated.facts.extend(read_facts(sentence))
    stated.times = [without_listed(each) for each in stated.times]
    stated.landmarks = [without_listed(each) for each in stated.landmarks]
    stated.rates = [without_listed(each) for each in stated.rates]
    stated.ratios = [r for r in map(without_listed, stated.ratios) if r.low or r.p]
    return stated
