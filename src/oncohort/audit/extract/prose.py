"""Figures said in sentences, and whether they speak of this paper's own patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from oncohort.audit.document import Paragraph
from oncohort.audit.extract.listed import without_listed
from oncohort.audit.extract.said_counts import read_counts
from oncohort.audit.extract.said_ratios import read_ratios
from oncohort.audit.extract.said_responses import read_rates, read_responses
from oncohort.audit.extract.said_survival import (
    read_more_landmarks,
    read_more_times,
    with_intervals,
    with_spreads,
)
from oncohort.audit.extract.said_tests import read_facts, read_p_values
from oncohort.audit.extract.said_times import read_events, read_landmarks, read_times
from oncohort.audit.extract.sentences import (
    Sentence,
    find_cohort,
    one_unit,
    split,
    without_commas,
)
from oncohort.published.model import (
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
class Said:
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
    cohort: str = ""


def read_prose(paragraphs: Sequence[Paragraph]) -> Said:
    """Read every sentence."""
    said = Said()
    every = split(paragraphs)
    said.sentences = every
    said.cohort, said.sizes = find_cohort(every)
    for sentence in every:
        said.counts.extend(read_counts(sentence))
        said.responses.extend(read_responses(sentence, said.cohort))
        said.rates.extend(read_rates(sentence, said.cohort))
        plain = one_unit(without_commas(sentence))
        times = list(read_times(plain, said.cohort))
        said.times += [
            *with_spreads(times, list(read_more_times(plain, ()))),
            *read_more_times(plain, times),
        ]
        marks = list(read_landmarks(sentence, said.cohort))
        said.landmarks += [
            *with_intervals(sentence, marks),
            *read_more_landmarks(sentence, marks),
        ]
        said.events.extend(read_events(sentence, said.cohort))
        said.ratios.extend(read_ratios(sentence))
        said.p_values.extend(read_p_values(sentence))
        said.facts.extend(read_facts(sentence))
    said.times = [without_listed(each) for each in said.times]
    said.landmarks = [without_listed(each) for each in said.landmarks]
    said.rates = [without_listed(each) for each in said.rates]
    said.ratios = [r for r in map(without_listed, said.ratios) if r.low or r.p]
    return said
