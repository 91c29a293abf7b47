"""What may leave: no small set, by itself or by adding and subtracting what was answered."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hospitals import converse, plan_of, rows_of
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort.consortium.answering import Allowance, answer_question, answer_questions
from oncohort.consortium.cox import terms_of
from oncohort.consortium.disclosure import small_difference, withheld_cells
from oncohort.consortium.messages import AskRequest, CoxTerms, Question, TableCounts, Withheld
from oncohort.consortium.rows import Followed, Rows
from oncohort.consortium.survival import life_table
from oncohort.consortium.view import View


def brute_force(sets: list[Any], k: int) -> bool:
    """Try every vector with entries -1, 0, 1 over few patients against the span, by rank."""
    matrix = np.array(sets, float)
    rank = np.linalg.matrix_rank(matrix)
    for entries in product((-1, 0, 1), repeat=matrix.shape[1]):
        few = 0 < np.count_nonzero(entries) < k
        if few and np.linalg.matrix_rank(np.vstack([matrix, entries])) == rank:
            return True
    return False


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=1, max_size=5))
def test_a_small_difference_is_found_as_by_trying_everything(sets: list[list[bool]]) -> None:
    for k in (2, 3, 4):
        # Atoms of several patients can be told apart only as a whole: combinations of single
        # patients that split an atom are never in the span, so both ways must agree.
        assert small_difference([np.array(s) for s in sets], k) == brute_force(sets, k)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=60),
    st.integers(1, 3),
    st.integers(2, 8),
)
def test_no_cell_of_a_table_can_be_worked_out(levels: list[int], groups: int, k: int) -> None:
    level = np.array(levels)
    group = np.arange(len(level)) % groups
    cells = [(level == i) & (group == g) for g in range(groups) for i in range(5)]
    totals = [group == g for g in range(groups)]
    known = [t for t in totals if t.any()]
    out = withheld_cells(known, cells, k)
    if out is None:
        assert any(0 < int(t.sum()) < k for t in totals) or small_difference(known, k)
        return
    given_ = [c for i, c in enumerate(cells) if i not in out and c.any()]
    assert all(int(c.sum()) >= k for c in given_)
    assert not small_difference([*known, *given_], k)


def test_one_withheld_cell_of_a_total_takes_another_with_it() -> None:
    level = np.repeat([0, 1, 2, 3], [30, 12, 9, 3])
    out = withheld_cells([np.ones(54, bool)], [level == i for i in range(4)], 5)
    assert out == {2, 3}


def cohort(n: int = 60, **more: Any) -> Rows:
    rng = np.random.default_rng(1)
    data: dict[str, Any] = {
        "age": np.round(rng.normal(62, 8, n), 1).tolist(),
        "sex": ["f" if i % 3 else "m" for i in range(n)],
        "arm": ["ab"[i % 2] for i in range(n)],
        "time": np.round(rng.exponential(12, n), 1).tolist(),
        "event": [i % 4 != 0 for i in range(n)],
    }
    return rows_of({**data, **more}, [True] * n)


def asked(rows: Rows, toml: str, minimum: int = 5, **beta: Any) -> list[Any]:
    plan = plan_of(toml, minimum=minimum)
    questions = tuple(
        Question(key, "moments" if a.kind == "cox" else "counts")
        for key, a in plan.analyses.items()
    )
    view = View.of(plan, rows, minimum)
    return list(answer_questions(view, AskRequest(questions), Allowance(100)).items)


KM = '[analyses.{name}]\nkind = "survival"\nendpoint = "os"\n{more}\n'


def reason(item: Any) -> str:
    return item.reason if isinstance(item, Withheld) else "answered"


def test_two_populations_that_differ_by_few_patients_are_not_both_answered() -> None:
    ages = [60.0 + (i > 2) for i in range(60)]
    rows = cohort(age=ages)
    toml = (
        KM.format(name="all", more="")
        + KM.format(name="most", more='population = "most"')
        + '[populations.most]\nwhere = ["age > 60"]\n'
    )
    assert [reason(i) for i in asked(rows, toml)] == ["answered", "differencing"]
    assert [reason(i) for i in asked(rows, toml, minimum=3)] == ["answered", "answered"]


def test_a_population_made_of_three_others_is_seen() -> None:
    """All - women - men of arm a leaves the few men of arm b."""
    sex = ["f"] * 30 + ["m"] * 30
    arm = ["a"] * 57 + ["b"] * 3
    rows = cohort(sex=sex, arm=arm)
    toml = (
        KM.format(name="all", more="")
        + KM.format(name="women", more='population = "women"')
        + KM.format(name="men_a", more='population = "men_a"')
        + '[populations.women]\nwhere = ["sex = f"]\n'
        + '[populations.men_a]\nwhere = ["sex = m", "arm = a"]\n'
    )
    assert [reason(i) for i in asked(rows, toml)] == ["answered", "answered", "differencing"]


def test_complete_cases_that_leave_few_out_are_a_difference() -> None:
    ages: list[Any] = [None, None, *(60.0 + i % 9 for i in range(58))]
    rows = cohort(age=ages)
    uni = '[analyses.{0}]\nkind = "cox"\nendpoint = "os"\ncovariates = [{1}]\n'
    toml = uni.format("uni", '"sex"') + uni.format("multi", '"sex", "age"')
    assert [reason(i) for i in asked(rows, toml)] == ["answered", "differencing"]
    common = (
        toml.replace('["sex"]', '["sex"]\npopulation = "complete"').replace(
            '"sex", "age"]', '"sex", "age"]\npopulation = "complete"'
        )
        + '[populations.complete]\ncomplete = ["age", "sex"]\n'
    )
    assert [reason(i) for i in asked(rows, common)] == ["answered", "answered"]


def test_a_level_that_a_table_withheld_is_not_told_by_the_means_of_a_model() -> None:
    """Women of arm b are few; all women, by the mean of a column, would give them away."""
    arm = ["a"] * 45 + ["b"] * 15
    sex = ["f" if i % 2 else "m" for i in range(45)] + ["f"] * 2 + ["m"] * 13
    rows = cohort(arm=arm, sex=sex)
    table = '[analyses.t]\nkind = "table"\nvariables = ["sex"]\nby = "arm"\n'
    model = '[analyses.c]\nkind = "cox"\nendpoint = "os"\ncovariates = ["sex"]\n'
    items = asked(rows, table + model)
    assert None in items[0].levels[0].cells[1]
    assert reason(items[1]) == "differencing"
    # Asked first, the model takes more cells of the table with it.
    items = asked(rows, model + table)
    assert reason(items[0]) == "answered"
    cells = [c for row in items[1].levels[0].cells for c in row[:2]]
    assert None in cells and 2 not in cells and 13 not in cells


def test_complete_takes_endpoints_too() -> None:
    times: list[Any] = [float("nan")] * 3 + [5.0 + i for i in range(57)]
    plan = plan_of(
        KM.format(name="a", more="") + '[populations.p]\ncomplete = ["os", "age"]\n', minimum=5
    )
    assert cohort(time=times).population(plan, "p").sum() == 57


def test_small_groups_and_few_events_are_withheld() -> None:
    few = cohort(arm=["c" if i < 3 else "a" for i in range(60)])
    by = KM.format(name="km", more='by = "arm"')
    assert reason(asked(few, by)[0]) == "small_group"
    rare = cohort(event=[i < 2 for i in range(60)])
    assert reason(asked(rare, KM.format(name="km", more=""))[0]) == "few_events"
    cox = '[analyses.c]\nkind = "cox"\nendpoint = "os"\ncovariates = ["{}"]\n'
    assert reason(asked(rare, cox.format("age"))[0]) == "few_events"
    assert reason(asked(few, cox.format("arm"))[0]) == "small_group"
    assert reason(asked(cohort(18), cox.format('age", "sex", "arm'))[0]) == "parameters"
    assert reason(asked(cohort(4), cox.format("age"))[0]) == "rows"


def test_no_count_from_one_to_four_is_in_a_table() -> None:
    rng = np.random.default_rng(7)
    for trial in range(20):
        n = int(rng.integers(10, 80))
        rows = cohort(
            n,
            age=np.round(rng.normal(60, 12, n)).tolist(),
            sex=rng.choice(["f", "m"], n, p=[0.1, 0.9]).tolist(),
            arm=rng.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1]).tolist(),
        )
        toml = '[analyses.t]\nkind = "table"\nvariables = ["age", "sex"]\nby = "arm"\n'
        (item,) = asked(rows, toml)
        if isinstance(item, TableCounts):
            cells = [c for v in item.levels for row in v.cells for c in row]
            told = [c for c in (*item.n, *cells) if c is not None]
            assert all(c == 0 or c >= 5 for c in told), trial
            assert all(s.n >= 5 for s in item.sums)


def test_a_withheld_cell_makes_a_range_that_holds_the_truth() -> None:
    data = {
        "age": [60.0] * 60,
        "sex": ["f" if i < 27 else "m" for i in range(60)],
        "arm": ["a"] * 28 + ["b"] * 2 + ["a"] * 30,
        "time": [5.0] * 60,
        "event": [True] * 60,
    }
    site = ["north"] * 30 + ["south"] * 30
    sites = {s: rows_of(data, [x == s for x in site]) for s in ("north", "south")}
    plan = plan_of(
        '[analyses.r]\nkind = "rate"\nvariable = "arm"\nlevels = ["b"]\n'
        '[analyses.t]\nkind = "table"\nvariables = ["sex"]\n',
        sites=("north", "south"),
        minimum=5,
    )
    found = converse(plan, sites)
    rate = found["r"]
    assert rate.value[""] is None and not rate.x[""].exact
    assert rate.x[""].low <= 2 <= (rate.x[""].high or 0)
    assert rate.low[""] <= 2 / 60 <= rate.high[""]
    sex = found["t"].counts["sex", "f", ""]
    assert sex.low <= 27 <= (sex.high or 0)


def test_a_life_table_is_cut_where_few_are_left() -> None:
    steps = np.array([1, 1, 2, 3, 3, 4, 5, 6])
    event = np.array([True] * 8)
    table = life_table(steps, event, 5)
    assert table.steps == (1, 2, 3)
    assert table.events == (2, 1, 2)
    assert table.censored == (0, 0, 3)
    assert table.cut


def test_a_life_table_of_few_is_empty() -> None:
    table = life_table(np.array([1, 2]), np.array([True, True]), 5)
    assert table.steps == () and table.cut


def test_coefficients_that_single_one_patient_out_are_not_evaluated() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 1))
    followed = Followed(rng.exponential(size=50), rng.random(50) < 0.7)
    assert terms_of("m", followed, x, (1.0,), 5).known
    aimed = terms_of("m", followed, x, (40.0,), 5)
    assert not aimed.known
    assert aimed.score == (0.0,) and aimed.information == (0.0,)


def test_the_budget_ends() -> None:
    plan = plan_of(KM.format(name="a", more="") + KM.format(name="b", more=""), minimum=5)
    questions = (Question("a", "counts"), Question("b", "counts"))
    view = View.of(plan, cohort(), 5)
    drafted = answer_questions(view, AskRequest(questions), Allowance(1))
    assert [reason(i) for i in drafted.items] == ["answered", "budget"]
    cox = plan_of('[analyses.c]\nkind = "cox"\nendpoint = "os"\ncovariates = ["age"]\n', minimum=5)
    ask = AskRequest((Question("c", "terms", beta=(0.0,)),))
    rows = cohort()
    given = (rows.model("os", ["age"]), np.ones(60, bool))
    for used, want in ((29, "answered"), (30, "budget")):
        drafted = answer_questions(View.of(cox, rows, 5), ask, Allowance(9, (given,) * used))
        assert reason(drafted.items[0]) == want


def test_another_name_or_order_of_columns_is_no_new_budget_of_a_model() -> None:
    model = '[analyses.{0}]\nkind = "cox"\nendpoint = "{1}"\ncovariates = [{2}]\n{3}'
    toml = (
        model.format("one", "os", '"age", "sex"', "")
        + model.format("turned", "os2", '"sex", "years"', "")
        + model.format("women", "os", '"age"', 'population = "women"\n')
        + model.format("men", "os", '"age"', 'population = "men"\n')
        + '[populations.women]\nwhere = ["sex = f"]\n[populations.men]\nwhere = ["sex = m"]\n'
        + '[variables.years]\nkind = "number"\n[endpoints.os2]\n'
    )
    plan = plan_of(toml, minimum=5, more="evaluations = 2")
    rows = cohort(sex=["f", "m"] * 30)
    rows = replace(
        rows,
        numbers={**rows.numbers, "years": 0.1 * rows.numbers["age"]},
        endpoints={**rows.endpoints, "os2": rows.endpoints["os"]},
    )

    def asks(*names: str) -> AskRequest:
        wide = {"one": (0.0, 0.0), "turned": (0.0, 0.0)}
        return AskRequest(tuple(Question(n, "terms", beta=wide.get(n, (0.0,))) for n in names))

    first = answer_questions(View.of(plan, rows, 5), asks("one", "turned"), Allowance(9))
    assert [reason(i) for i in first.items] == ["answered", "answered"]
    again = answer_questions(View.of(plan, rows, 5), asks("one"), Allowance(9, first.evaluated))
    assert [reason(i) for i in again.items] == ["budget"]
    # Models of other patients do not count together.
    apart = answer_questions(View.of(plan, rows, 5), asks("women", "men"), Allowance(9))
    women = answer_questions(View.of(plan, rows, 5), asks("women"), Allowance(9, apart.evaluated))
    assert [reason(i) for i in (*apart.items, *women.items)] == ["answered"] * 3


@pytest.mark.parametrize("together", [True, False])
def test_another_name_of_a_variable_with_other_bins_gives_no_difference(together: bool) -> None:
    ages = [45.0] * 28 + [50.5] * 2 + [55.0] * 30
    rows = cohort(age=ages)
    rows = replace(rows, numbers={**rows.numbers, "months": 12.0 * rows.numbers["age"]})
    table = '[analyses.{0}]\nkind = "table"\nvariables = [{1}]\n'
    toml = table.format("a", '"age", "months"' if together else '"age"')
    toml += "" if together else table.format("b", '"months"')
    toml += '[variables.months]\nkind = "number"\nbins = [610]\n'
    items = asked(rows, toml)
    tables = [i for i in items if isinstance(i, TableCounts)]
    told = [
        [cell for row in level.cells for cell in row[:-1]] for t in tables for level in t.levels
    ]
    assert told[0] == [28, 32, 0, 0]
    assert told[1:] == [[None, None]], "30 below 610 months less 28 below 50 years are two patients"


def nearly() -> dict[str, Any]:
    """Another column for the age of the patients, by what it is."""
    rng = np.random.default_rng(3)
    age = np.asarray(cohort().numbers["age"])
    return {
        "age at diagnosis": age - rng.exponential(2, 60),
        "years to 100": 100 - age + rng.normal(0, 1, 60),
        "one left out": np.where(np.arange(60) == 7, np.nan, age),
        "weight": rng.normal(70, 12, 60),
    }


@pytest.mark.parametrize("what", nearly())
@pytest.mark.parametrize("conversations", [1, 2])
def test_variables_of_nearly_one_content_give_no_difference(what: str, conversations: int) -> None:
    """The sum of the ages of all, less that of nearly the same number of all but two."""
    rows = cohort()
    rows = replace(rows, numbers={**rows.numbers, "other": nearly()[what]})
    toml = '[variables.other]\nkind = "number"\nbins = [10]\n'
    plan = plan_of(toml + '[analyses.a]\nkind = "table"\nvariables = ["age"]\n', minimum=5)
    view = View.of(plan, rows, 5)
    if conversations == 1:
        most = np.asarray(rows.numbers["age"]) > sorted(rows.numbers["age"])[1]
        sets = {rows.about("age"): (np.ones(60, bool),), rows.about("other"): (most,)}
        assert view.gives_away(sets) == (what != "weight")
        return
    # What was answered stays on record for a plan that has only the other one.
    drafted = answer_questions(view, AskRequest((Question("a", "counts"),)), Allowance(9))
    alone = replace(rows, numbers={k: v for k, v in rows.numbers.items() if k != "age"})
    told = drafted.sets.get(alone.about("other"), ())
    assert bool(told) == (what != "weight")


def test_categories_and_endpoints_of_one_content_are_told() -> None:
    rows = cohort()
    sex = np.asarray(rows.codes["sex"])
    os = rows.endpoints["os"]
    rows = replace(
        rows,
        codes={**rows.codes, "gap": np.where(np.arange(60) == 3, -1, 1 - sex)},
        endpoints={**rows.endpoints, "since": Followed(os.time + 0.5, os.event)},
    )
    alike = rows.alike()
    assert rows.about("gap") != rows.about("sex")
    assert set(alike[rows.about("sex")]) == {rows.about("sex"), rows.about("gap")}
    assert rows.about("since") in alike[rows.about("os")]
    assert alike[rows.about("arm")] == (rows.about("arm"),)


def test_leaving_a_site_out_is_said() -> None:
    small = cohort(event=[i < 2 for i in range(60)])
    sites = {"north": cohort(), "south": small}
    toml = '[analyses.c]\nkind = "cox"\nendpoint = "os"\ncovariates = ["age"]\n'
    stop = plan_of(toml, sites=("north", "south"), minimum=5)
    outcome = converse(stop, sites).outcomes["c"]
    assert outcome.result is None and '"south" withholds it' in outcome.reason
    go_on = plan_of(toml, sites=("north", "south"), minimum=5, more='withheld = "leave-out"')
    combined = converse(go_on, sites)
    assert combined["c"].sites == ("north",)
    assert "without south" in repr(combined)


def test_terms_of_a_model_come_from_an_answered_set_only_once_it_is_safe() -> None:
    plan = plan_of('[analyses.c]\nkind = "cox"\nendpoint = "os"\ncovariates = ["age"]\n', minimum=5)
    rows = cohort()
    nearly = np.ones(60, bool)
    nearly[:2] = False
    view = View.of(plan, rows, 5, {rows.about("os"): (nearly,)})
    draft = answer_question(view, Question("c", "terms", beta=(0.0,)))
    assert reason(draft.item) == "differencing"
    assert isinstance(
        answer_question(View.of(plan, rows, 5), Question("c", "terms", beta=(0.0,))).item, CoxTerms
    )


@pytest.mark.parametrize("where", ["age >= 60", "age != 60", "sex = f", "sex != f"])
def test_conditions_leave_missing_values_out(where: str) -> None:
    rows = cohort(age=[None] * 10 + [60.0] * 25 + [70.0] * 25, sex=[None] * 20 + ["f", "m"] * 20)
    plan = plan_of(
        KM.format(name="a", more="") + f'[populations.p]\nwhere = ["{where}"]\n', minimum=5
    )
    keep = rows.population(plan, "p")
    assert not keep[:10].any()
    assert keep.sum() == {"age >= 60": 50, "age != 60": 25, "sex = f": 20, "sex != f": 20}[where]
