"""Whole-number systems of printed figures."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.published import parse_published
from oncohort.twin.counts import counts_system
from oncohort.twin.system import System, satisfies, smallest_conflict, solve

HEAD = 'schema = 1\n[[populations]]\nkey = "cohort"\nn = "42"\n'


def of(text: str, n: int = 42) -> System:
    return counts_system(parse_published(HEAD + text), n)


def test_a_count_that_its_partition_denies_is_set_aside_alone() -> None:
    done = solve(
        of(
            """
[[variables]]
name = "Sex"
levels = [
  { label = "Male", count = "32", percent = "71.4" },
  { label = "Female", count = "12", percent = "28.6" },
]
"""
        )
    )
    assert set(done.aside) == {"variables.sex.male.count"}
    assert (done.values["variables.sex.male"], done.values["variables.sex.female"]) == (30, 12)
    conflict = done.aside["variables.sex.male.count"]
    assert len(conflict) == 2 and conflict[0] == "variables.sex.male.count"


def test_rates_bind_the_responses() -> None:
    done = solve(
        of(
            """
[[responses]]
levels = [{ label = "CR", count = "2" }, { label = "PD", percent = "9.5" }]
[[rates]]
kind = "ORR"
percent = "38.1"
"""
        )
    )
    assert done.aside == {}
    got = {k.rpartition(".")[2]: v for k, v in done.values.items()}
    assert got == {"cr": 2, "pr": 14, "sd": 22, "pd": 4, "ne": 0}


def test_severe_events_within_any_grade() -> None:
    done = solve(
        of(
            """
[[adverse_events]]
term = "Rash"
grades = [{ grade = "any", count = "4" }, { grade = ">=3", count = "6" }]
"""
        )
    )
    assert len(done.aside) == 1
    (conflict,) = done.aside.values()
    assert set(conflict) == {"adverse_events.rash.any.count", "adverse_events.rash.ge_3.count"}


def test_any_event_counts_no_fewer_than_the_largest_term() -> None:
    """It may count more than all terms together: papers list the commoner ones."""
    text = """
[[adverse_events]]
term = "Any"
any = true
grades = [{{ grade = "any", count = "{any}" }}]
[[adverse_events]]
term = "Rash"
grades = [{{ grade = "any", count = "12" }}]
[[adverse_events]]
term = "Fatigue"
grades = [{{ grade = "any", count = "9" }}]
"""
    for any_, fine in ((11, False), (12, True), (21, True), (30, True), (43, False)):
        assert (solve(of(text.format(any=any_))).aside == {}) is fine, any_


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 9), min_size=2, max_size=3),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 9)), min_size=1, max_size=4),
)
def test_conflicts_are_real_and_smallest(bounds: list[int], said: list[tuple[int, int]]) -> None:
    """Against counting out every whole solution."""
    system = System()
    names = [system.unknown(f"x{k}", 0, b) for k, b in enumerate(bounds)]
    for k, (mask, value) in enumerate(said):
        chosen = [n for j, n in enumerate(names) if mask >> j & 1] or names
        system.rule(dict.fromkeys(chosen, 1), value, value, f"f{k}")
    figures = [f"f{k}" for k in range(len(said))]

    def possible(wanted: set[str]) -> bool:
        for values in product(*(range(b + 1) for b in bounds)):
            at = dict(zip(names, values, strict=True))
            if all(
                r.low <= sum(at[n] for n in r.coefficients) <= r.high
                for r in system.rules
                if r.figure in wanted
            ):
                return True
        return False

    most = max(
        k
        for k in range(len(figures) + 1)
        if any(possible(set(c)) for c in combinations(figures, k))
    )
    done = solve(system)
    assert len(figures) - len(done.aside) == most
    kept = [f for f in figures if f not in done.aside]
    for f, conflict in done.aside.items():
        assert not possible(set(conflict))
        assert all(possible(set(conflict) - {c}) for c in conflict)
        sizes = [k for k in range(len(kept) + 1) if any(
            not possible({f, *c}) for c in combinations(kept, k))]  # fmt: skip
        assert len(conflict) == min(sizes) + 1


def test_exact_numbers_decide_where_the_solver_rounds() -> None:
    system = System()
    system.unknown("x", 0, 10)
    system.rule({"x": Fraction(1, 3)}, Fraction(1), Fraction(1) + Fraction(1, 10**12))
    assert satisfies(system, []) == {"x": 3}
    assert smallest_conflict(system, ["a"], "a") == ()


def test_levels_that_may_have_others_beside_them_are_no_conflict() -> None:
    for levels in (
        '{ label = "Yes", count = "12", percent = "28.6" }',
        '{ label = "Liver", count = "9" }, { label = "Bone", count = "11" }',
    ):
        assert solve(of(f'[[variables]]\nname = "A"\nlevels = [{levels}]\n')).aside == {}


def test_percentages_of_those_known() -> None:
    text = """
[[variables]]
name = "Stage"
missing = "{missing}"
levels = [
  {{ label = "III", count = "10", percent = "{a}" }},
  {{ label = "IV", count = "30", percent = "{b}" }},
]
"""
    assert solve(of(text.format(missing=2, a="25.0", b="75.0"))).aside == {}
    assert solve(of(text.format(missing=2, a="23.8", b="71.4"))).aside == {}
    assert solve(of(text.format(missing=2, a="20.0", b="80.0"))).aside != {}


def test_responses_of_those_evaluable() -> None:
    done = solve(
        of(
            """
[[responses]]
n = "40"
levels = [
  { label = "CR", count = "2", percent = "5.0" }, { label = "PR", count = "12" },
  { label = "SD", count = "20", percent = "50.0" }, { label = "PD", count = "6" },
]
[[rates]]
kind = "ORR"
percent = "35.0"
"""
        )
    )
    assert done.aside == {} and done.values["responses.ne"] == 2
