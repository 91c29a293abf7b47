"""Percentages of other numbers of patients than the cohort's."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.published.denominators import sizes_of, with_denominators
from oncohort.published.model import (
    AdverseEvent,
    Categorical,
    Grade,
    Level,
    Population,
    Published,
    Response,
)


def _of(n: int, *others: int, **records: object) -> Published:
    people = [Population("cohort", n=str(n))]
    people += [Population(f"stated-{k}", n=str(k)) for k in others]
    return Published(populations=tuple(people), **records)  # type: ignore[arg-type]


@settings(deadline=None)
@given(
    st.integers(20, 400).flatmap(lambda n: st.tuples(st.just(n), st.integers(10, n - 1))),
    st.lists(st.floats(0, 1), min_size=3, max_size=8),
)
def test_every_row_of_a_column_gets_a_base_that_fits(
    sizes: tuple[int, int], shares: list[float]
) -> None:
    n, base = sizes
    counts = [round(s * base) for s in shares]
    events = tuple(
        AdverseEvent(f"event {k}", (Grade("any", str(c), f"{100 * c / base:.1f}", str(n)),))
        for k, c in enumerate(counts)
    )
    settled = with_denominators(_of(n, base, adverse_events=events))
    for count, event in zip(counts, settled.adverse_events, strict=True):
        grade = event.grades[0]
        of = int(grade.n)
        assert of in (n, base)
        assert abs(100 * count / of - float(grade.percent)) <= 0.1 + 1e-9


def test_levels_of_those_known_leave_the_others_missing() -> None:
    gene = Categorical("Gene", (Level("Mutant", "19", "50.0"), Level("Wild", "19", "50.0")))
    settled = with_denominators(_of(42, 38, variables=(gene,))).variables[0]
    assert [x.denominator for x in settled.levels] == ["38", "38"]
    assert settled.missing == "4"


def test_responses_of_those_evaluable() -> None:
    best = Response((Level("CR", "2", "5.3"), Level("PR", "10", "26.3")))
    levels = with_denominators(_of(42, 38, responses=(best,))).responses[0].levels
    assert [x.denominator for x in levels] == ["38", "38"]


def test_what_fits_the_cohort_or_nothing_stays_as_printed() -> None:
    sex = Categorical("Sex", (Level("Male", "30", "71.4"), Level("Female", "12", "28.9")))
    assert with_denominators(_of(42, 38, variables=(sex,))).variables == (sex,)
    assert sizes_of(_of(42, 38, 50, variables=(sex,))) == (42, 38)
