"""Binary outcomes and their logistic models, on cohorts small enough to count by hand."""

from __future__ import annotations

import warnings
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from cohorts import START, cohort, patients, protocol
from pydantic import ValidationError

from oncohort import stats
from oncohort.analyses import exposure, logistic, outcomes
from oncohort.analyses.result import Numbers, Result
from oncohort.problems import OncohortError

TEXT = """
[variables.arm]
levels = { a = "A", b = "B", c = "対照" }
[variables.age]
kind = "continuous"
unit = "years"
[variables.relapse]
levels = { yes = "Yes", no = "No", late = "Late" }
[response]
source = "charted"
[safety]
criteria = "CTCAE 5.0"
[safety.terms]
diarrhea = "Diarrhea"
rash = "Rash"
[exposure.sorafenib]
amount = 400
times_per_day = 2
[outcomes.response]
of = "response"
by = ["arm"]
[outcomes.toxicity]
of = "adverse_event"
grade = 3
[outcomes.diarrhea]
of = "adverse_event"
term = "diarrhea"
[outcomes.reduction]
of = "dose"
drug = "sorafenib"
[outcomes.relapse]
of = "variable"
variable = "relapse"
levels = ["yes", "late"]
"""
N = 12
BEST = ["CR", "PR", "SD", "PD", "PR", "SD", None, "PD", "PR", "SD", "CR", "PD"]


def frames() -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    frame = patients(
        N,
        best_response=BEST,
        arm=(["a"] * 5 + ["b"] * 6 + [None]),
        age=[50.0 + 3 * i for i in range(N)],
        relapse=["yes", "no", "late", None] * 3,
        treatment_end=[START + timedelta(days=100)] * N,
    )
    who = [str(i + 1) for i in range(N)]
    events = pl.DataFrame(
        {
            "patient": ["1", "2", "3", "3", "4"],
            "term": ["Diarrhea", "Rash", "Diarrhea", "Rash", "Diarrhea"],
            "grade": [3, 2, 1, 4, None],
            "start": [START + timedelta(days=5)] * 5,
            "source_row": list(range(2, 7)),
        }
    )
    doses = pl.DataFrame(
        {
            "patient": [p for p in who[:10] for _ in range(2)],
            "drug": ["sorafenib"] * 20,
            "start": [START, START + timedelta(days=30)] * 10,
            "end": [START + timedelta(days=29), START + timedelta(days=100)] * 10,
            "amount": [400.0, 200.0] * 3 + [400.0, 400.0] * 7,
            "unit": ["mg"] * 20,
            "times_per_day": [2.0] * 20,
            "source_row": list(range(2, 22)),
        }
    )
    return frame, {"adverse_events": events, "doses": doses}


def both(text: str = TEXT) -> Numbers:
    frame, tables = frames()
    p, c = cohort(text, frame, **tables)
    results = [outcomes.analyse(p, c), logistic.analyse(p, c)]
    return Numbers([r for r in results if r is not None])


def test_each_kind_of_outcome_is_counted() -> None:
    n = both()
    found = {
        k: (n[f"outcomes.{k}.count"].value, n[f"outcomes.{k}.percent"].n)
        for k in ("response", "toxicity", "diarrhea", "reduction", "relapse")
    }
    assert found == {
        "response": (5, 12),
        "toxicity": (2, 12),
        "diarrhea": (3, 12),  # the event without a grade happened
        "reduction": (3, 10),
        "relapse": (6, 9),
    }
    assert n["outcomes.relapse.missing"].value == 3
    assert n["outcomes.reduction.missing"].value == 2
    assert n["outcomes.relapse.percent"].excluded == {"missing": 3}
    exact = stats.proportion(6, 9)
    assert n["outcomes.relapse.percent"].low == pytest.approx(100 * exact.low)


def test_groups_of_an_outcome() -> None:
    n = both()
    assert n["outcomes.response.count[group=a,variable=arm]"].value == 3
    assert n["outcomes.response.percent[group=b,variable=arm]"].n == 6
    assert n["outcomes.groups.missing[variable=arm]"].value == 1
    p = n["outcomes.response.p[variable=arm]"]
    assert (p.n, p.excluded) == (11, {"missing": 1})
    assert p.value == pytest.approx(stats.fisher_exact([[3, 2], [2, 4]]).p)


def test_a_number_has_no_levels_to_be_an_outcome() -> None:
    text = TEXT.replace('variable = "relapse"', 'variable = "age"')
    assert "outcomes.relapse.percent" not in both(text)


MODELS = (
    TEXT
    + """
[logistic]
outcomes = ["response", "relapse"]
candidates = ["age", "arm"]
"""
)


def test_models_are_those_of_the_statistics() -> None:
    n = both(MODELS)
    had = [b in ("CR", "PR") for b in BEST]
    age = np.array([50.0 + 3 * i for i in range(N)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours = stats.logistic(had, age)
        arm = [0] * 5 + [1] * 6
        both_columns = stats.logistic(had[:11], np.column_stack([age[:11], arm]))
    found = n["logistic.response.or[model=uni,variable=age]"]
    assert (found.value, found.low) == (
        pytest.approx(float(ours.odds_ratio[0])),
        pytest.approx(float(ours.low[0])),
    )
    assert n["logistic.response.p[model=uni,variable=age]"].value == pytest.approx(ours.p[0])
    multi = n["logistic.response.or[level=b,model=multi,variable=arm]"]
    assert multi.value == pytest.approx(float(both_columns.odds_ratio[1]))
    assert (multi.n, multi.excluded) == (11, {"missing": 1})
    assert n["logistic.response.events[level=a,variable=arm]"].value == 3
    joint = n["logistic.response.p_overall[model=uni,variable=arm]"]
    assert joint.value == pytest.approx(
        n["logistic.response.p[level=b,model=uni,variable=arm]"].value  # nobody is in c
    )


def test_exposure_of_groups() -> None:
    frame, tables = frames()
    p, c = cohort(
        TEXT.replace("times_per_day = 2", "times_per_day = 2\nby = ['arm']"), frame, **tables
    )
    found = exposure.analyse(p, c)
    assert found is not None
    n = Numbers([found])
    assert n["exposure.sorafenib.reduced.count[group=a,variable=arm]"].value == 3
    assert n["exposure.sorafenib.reduced.percent[group=b,variable=arm]"].n == 5  # 11 has no doses
    p_value = n["exposure.sorafenib.reduced.p[variable=arm]"].value
    assert p_value == pytest.approx(stats.fisher_exact([[3, 0], [2, 5]]).p)
    whole = n["exposure.sorafenib.rdi.median[group=b,variable=arm]"]
    assert (whole.value, whole.n) == (pytest.approx(100), 5)
    low = n["exposure.sorafenib.rdi.median[group=a,variable=arm]"].value
    assert low is not None and 50 < low < 100
    assert n["exposure.groups.missing[variable=arm]"].value == 1
    assert n["exposure.sorafenib.rdi.median[group=c,variable=arm]"].state == "not_estimable"


def result(text: str, **columns: list[Any]) -> Result:
    n = len(next(iter(columns.values())))
    found = logistic.analyse(*cohort(text, patients(n, **columns)))
    assert found is not None
    return found


SMALL = """
[variables.arm]
levels = { a = "A", b = "B" }
[variables.age]
kind = "continuous"
[variables.done]
levels = { yes = "Yes", no = "No" }
[outcomes.done]
of = "variable"
variable = "done"
levels = ["yes"]
[logistic]
candidates = ["arm", "age"]
"""


def test_separation_is_told_and_firth_gives_a_ratio() -> None:
    columns: dict[str, list[Any]] = {
        "arm": ["a"] * 10 + ["b"] * 10,
        "age": [40.0 + (7 * i) % 31 for i in range(20)],
        "done": ["no"] * 10 + ["yes"] * 6 + ["no"] * 4,
    }
    plain = result(SMALL, **columns)
    ratio = Numbers([plain])["logistic.done.or[model=uni,variable=arm]"]
    assert (ratio.value, ratio.state) == (None, "not_estimable")
    assert any("separation" in p.what and "firth" in p.todo for p in plain.problems)
    firth = result(SMALL + 'penalty = "firth"\n', **columns)
    ratio = Numbers([firth])["logistic.done.or[model=uni,variable=arm]"]
    assert ratio.value == pytest.approx((6.5 * 10.5) / (4.5 * 0.5))
    assert ratio.interval_method == "profile penalised likelihood"
    assert "Firth" in firth.methods[0]


def test_screening_takes_what_is_below_p_enter() -> None:
    rng = np.random.default_rng(5)
    age = rng.normal(60, 9, 150)
    columns: dict[str, list[Any]] = {
        "arm": list(np.where(rng.random(150) < 0.5, "a", "b")),
        "age": age.tolist(),
        "done": list(np.where(rng.random(150) < 1 / (1 + np.exp(-(age - 60) / 5)), "yes", "no")),
    }
    found = Numbers([result(SMALL + 'selection = "screening"\n', **columns)])
    assert "logistic.done.or[model=multi,variable=age]" in found
    assert "logistic.done.or[model=multi,variable=arm]" not in found
    assert "screening" in found.section("logistic").methods[0]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"arm": ["a", "b"] * 3, "age": [1.0, 2, 3, 4, 5, 6], "done": ["no"] * 6}, "none has"),
        ({"arm": ["a"] * 6, "age": [5.0] * 6, "done": ["no", "yes"] * 3}, "only one level"),
        ({"arm": ["b"] * 6, "age": [5.0] * 6, "done": ["no", "yes"] * 3}, "reference level"),
    ],
)
def test_what_cannot_be_fitted_says_why(columns: dict[str, list[Any]], why: str) -> None:
    found = result(SMALL, **columns)
    ratios = [e for e in found.estimates if e.key.path[-1] == "or"]
    assert all(e.state == "not_estimable" for e in ratios if e.key["variable"] == "arm")
    assert any(why in p.what for p in found.problems)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('of = "response"', 'of = "response"\ngrade = 3', "does not go with"),
        ('drug = "sorafenib"', "", "needs drug"),
        ('drug = "sorafenib"', 'drug = "sorafinib"', "sorafenib"),
        ('levels = ["yes", "late"]', 'levels = ["yess"]', 'Did you mean "yes"'),
        ('levels = ["yes", "late"]', "", "levels"),
        ('term = "diarrhea"', 'term = "diarrhoea"', 'Did you mean "diarrhea"'),
        ('[response]\nsource = "charted"\n', "", "section \\[response\\]"),
        ('by = ["arm"]', 'by = ["arms"]', 'no variable "arms"'),
        ('candidates = ["age", "arm"]', 'candidates = ["age", "relapse"]', "made of"),
        ('outcomes = ["response", "relapse"]', 'outcomes = ["relapsed"]', "no outcome"),
    ],
)
def test_a_protocol_that_contradicts_itself_is_refused(old: str, new: str, why: str) -> None:
    assert old in MODELS
    with pytest.raises((OncohortError, ValidationError), match=why):
        protocol(MODELS.replace(old, new, 1))
