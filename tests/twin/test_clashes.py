"""Smallest sets of figures that were never met together."""

from __future__ import annotations

import pytest

from oncohort.published import parse_published
from oncohort.twin import clashes as room
from oncohort.twin import making, reconstruct
from oncohort.twin.clashes import Clash, clashes
from oncohort.twin.ordering import Effort, Found
from oncohort.twin.plan import Plan, make_plan
from oncohort.twin.tries import unsearched

FIGURES = """
schema = 1
[[populations]]
key = "cohort"
n = "24"
[[variables]]
name = "Sex"
levels = [{label = "Male", count = "14"}, {label = "Female", count = "10"}]
[[variables]]
name = "Smoker"
levels = [{label = "Yes", count = "9"}, {label = "No", count = "15"}]
[[events]]
endpoint = "OS"
count = "18"
"""
RATIO = """
[[ratios]]
variable = "{0}"
endpoint = "OS"
model = "{1}"
level = "{2}"
reference = "{3}"
estimate = "{4}"
"""
SEX, SMOKER = (f"ratios.os.univariable.{k}.estimate" for k in ("sex.male", "smoker.yes"))
TWICE = SEX.replace("univariable", "multivariable")


def text(twice: str) -> str:
    """A model of several variables that has one, with another ratio than the variable alone."""
    rows = (
        ("Sex", "univariable", "male", "female", "1.5"),
        ("Sex", "multivariable", "male", "female", twice),
        ("Smoker", "univariable", "yes", "no", "1.2"),
    )
    return FIGURES + "".join(RATIO.format(*row) for row in rows)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SWEEPS", 200)


def asked(twice: str) -> tuple[Plan, Found]:
    plan = make_plan(parse_published(text(twice)))
    return plan, unsearched(plan.question, 1)


def test_what_was_never_met_is_told_with_what_stands_in_its_way_and_nothing_else() -> None:
    plan, found = asked("1.9")
    told = dict(clashes(plan, found, [SEX, SMOKER], [TWICE], 2, 1))
    assert told[TWICE].keys == (TWICE, SEX)
    assert told[TWICE].trials >= 2 and not told[TWICE].proven


def test_what_is_met_with_all_others_is_kept_out_by_the_other_endpoint() -> None:
    plan, found = asked("1.5")
    told = dict(clashes(plan, found, [SEX, SMOKER], [TWICE], 3, 1))
    assert told[TWICE].keys == ()


def test_no_number_of_events_is_a_proof() -> None:
    plan, found = asked("1.5")
    able = {f"{SEX[:-8]}p": frozenset({20}), f"{SMOKER[:-8]}p": frozenset({19})}
    search = room._Search(plan, found, 1, 2, 1, able)
    plan.counts.pop("events.os")
    every = frozenset({SEX, SMOKER, f"{SEX[:-8]}p", f"{SMOKER[:-8]}p"})
    assert search.numbers(every) == []
    assert search.numbers(every - {SMOKER}) == [20]
    assert not search.together(every) and search.trials == 0


def test_a_certificate_says_it_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "Effort", lambda **given: Effort(scale=0.001, **given))
    twin = reconstruct(parse_published(text("1.9")), seed=1, time_budget=None, tries=1, conflicts=2)
    (missed,) = (x for x in twin.certificate.lines if x.state == "missed")
    assert len(missed.conflict) == 2
    assert "never met together with OS" in missed.why and "(2 trials of each of" in missed.why
    assert "--conflicts 2" in twin.certificate.to_markdown()


def test_a_proof_is_no_trial() -> None:
    clash = Clash(("a", "b"), 0, 1, True)
    assert clash.words(4, "OS", {"b": "HR 1.2"}).endswith("goes with it and HR 1.2")
