"""What sites give together is what all rows give at once: R's numbers, ours, and any partition."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hospitals import converse, plan_of, rows_of
from hypothesis import given, settings
from hypothesis import strategies as st

from oncohort import stats
from oncohort.consortium.errors import ConsortiumError
from oncohort.consortium.rows import on_grid, steps_of
from oncohort.stats.errors import FitWarning, NoEventsError, TooFewGroupsError

R: dict[str, Any] = json.loads((Path(__file__).parent / "fixtures" / "consortium.json").read_text())
DATA = R["data"]
SITES = ("north", "south", "west")
ALL = """
[analyses.table]
kind = "table"
variables = ["age", "sex"]
by = "arm"
[analyses.rate]
kind = "rate"
variable = "arm"
levels = ["b"]
[analyses.km]
kind = "survival"
endpoint = "os"
[analyses.km_arm]
kind = "survival"
endpoint = "os"
by = "arm"
[analyses.test]
kind = "logrank"
endpoint = "os"
by = "arm"
[analyses.test_pooled]
kind = "logrank"
endpoint = "os"
by = "arm"
baseline = "pooled"
[analyses.cox]
kind = "cox"
endpoint = "os"
covariates = ["age", "sex", "arm"]
"""


def split(data: Mapping[str, Any], sites: tuple[str, ...] = SITES) -> dict[str, Any]:
    return {s: rows_of(data, [x == s for x in data["site"]]) for s in sites}


@pytest.fixture(scope="module")
def combined() -> Any:
    return converse(plan_of(ALL), split(DATA))


def test_cox_by_site_is_that_of_r(combined: Any) -> None:
    fit, r = combined["cox"], R["cox_by_site"]
    assert fit.coef == pytest.approx(r["coef"], rel=1e-9)
    assert fit.covariance == pytest.approx(np.array(r["var"]), rel=1e-8, abs=1e-12)
    assert [fit.loglik_null, fit.loglik] == pytest.approx(r["loglik"], rel=1e-12)
    assert fit.score.statistic == pytest.approx(r["score"], rel=1e-9)
    assert fit.wald.statistic == pytest.approx(r["wald"], rel=1e-8)
    assert fit.n == 180 and sum(fit.events.values()) == sum(DATA["event"])


def test_cox_with_one_baseline_is_that_of_r() -> None:
    plan = plan_of(
        '[analyses.c]\nkind = "cox"\nendpoint = "os"\ncovariates = ["age", "sex", "arm"]\n'
        'baseline = "pooled"\n'
    )
    fit, r = converse(plan, split(DATA))["c"], R["cox_pooled"]
    assert fit.coef == pytest.approx(r["coef"], rel=1e-9)
    assert fit.covariance == pytest.approx(np.array(r["var"]), rel=1e-8, abs=1e-12)
    assert [fit.loglik_null, fit.loglik] == pytest.approx(r["loglik"], rel=1e-12)
    assert "one baseline hazard" in fit.method and fit.rounds <= 7


@pytest.mark.parametrize("grid", [1.0, 3.0, 12.0])
def test_what_the_grid_does_to_a_pooled_model_is_printed(grid: float) -> None:
    plan = plan_of(
        '[analyses.c]\nkind = "cox"\nendpoint = "os"\ncovariates = ["age", "sex"]\n'
        'baseline = "pooled"\n',
        grid=grid,
    )
    fit = converse(plan, split(DATA))["c"]
    x = np.column_stack([DATA["age"], np.array(DATA["sex"]) == "m"]).astype(float)
    time, event = np.array(DATA["time"], float), np.array(DATA["event"], bool)
    by_site = [
        stats.cox(t, event, x, strata=DATA["site"]).coef for t in (time, on_grid(time, grid))
    ]
    (note,) = fit.notes
    ratio = [float(v) for v in re.findall(r"x (\d+\.\d+)", note)]
    # One step of Newton's method from the same place comes near the difference of the two fits.
    assert np.log(ratio) == pytest.approx(by_site[0] - by_site[1], abs=0.02 * grid**0.5)
    se = float(re.search(r"at most (\d+\.\d+) standard errors", note)[1])  # type: ignore[index]
    assert se == pytest.approx(np.max(np.abs(np.log(ratio)) / fit.se), abs=0.01)


def test_times_that_are_steps_are_not_moved_by_the_grid() -> None:
    whole = {**DATA, "time": np.ceil(np.array(DATA["time"], float)).tolist()}
    plan = plan_of(
        '[analyses.c]\nkind = "cox"\nendpoint = "os"\ncovariates = ["age"]\nbaseline = "pooled"\n'
    )
    (note,) = converse(plan, split(whole))["c"].notes
    assert "age x 1.0000" in note and "at most 0.00 standard errors" in note


def test_a_pooled_model_outlives_the_question_about_its_grid() -> None:
    """Where the evaluations are used up, the model is there and says what it does not know."""
    text = (
        '[analyses.c]\nkind = "cox"\nendpoint = "os"\ncovariates = ["age"]\nbaseline = "pooled"\n'
    )
    free = converse(plan_of(text), split(DATA))["c"]
    scarce = plan_of(text, more=f"evaluations = {free.rounds}")
    found = converse(scarce, split(DATA))["c"]
    assert found.coef == pytest.approx(free.coef)
    assert "what rounding does is not known" in found.notes[0]


def test_kaplan_meier_is_that_of_r(combined: Any) -> None:
    for curve, r in (
        (combined["km"].curves.curve, R["km"]),
        (combined["km_arm"].curves.groups["a"], R["km_a"]),
    ):
        assert curve.time == pytest.approx(r["time"])
        assert curve.survival == pytest.approx(r["surv"], rel=1e-10)
        for name in ("se", "low", "high"):
            want = np.array([np.nan if v is None else v for v in r[name]], float)
            assert getattr(curve, name)[:-1] == pytest.approx(want[:-1], rel=1e-8, nan_ok=True)
        median = [curve.median.value, curve.median.low, curve.median.high]
        assert median == pytest.approx(r["median"])


def test_logrank_tests_are_those_of_r(combined: Any) -> None:
    for key, r in (("test", "logrank_by_site"), ("test_pooled", "logrank_pooled")):
        test = combined[key].test
        assert test.observed == pytest.approx(R[r]["obs"])
        assert test.expected == pytest.approx(R[r]["exp"], rel=1e-10)
        assert test.statistic == pytest.approx(R[r]["chisq"], rel=1e-9)


def test_rate_and_mean_are_those_of_r(combined: Any) -> None:
    rate = combined["rate"]
    assert (rate.x[""].low, rate.n[""].low) == (R["rate_b"]["x"], R["rate_b"]["n"])
    assert rate.low[""] == pytest.approx(R["rate_b"]["low"], rel=1e-9)
    assert rate.high[""] == pytest.approx(R["rate_b"]["high"], rel=1e-9)
    plan = plan_of('[analyses.t]\nkind = "table"\nvariables = ["age"]\n')
    n, mean, sd = converse(plan, split(DATA))["t"].means["age", ""]
    assert n == 180
    assert (mean, sd) == pytest.approx((R["age"]["mean"], R["age"]["sd"]), rel=1e-12)


def test_a_table_counts_every_patient_once(combined: Any) -> None:
    table = combined["table"]
    for arm in "abc":
        mine = [i for i in range(180) if DATA["arm"][i] == arm]
        assert table.n[arm].low == len(mine)
        for sex in "fm":
            want = sum(DATA["sex"][i] == sex for i in mine)
            assert (table.counts["sex", sex, arm].low, table.counts["sex", sex, arm].exact) == (
                want,
                True,
            )
        assert table.counts["age", "50 to < 60", arm].low == sum(
            50 <= DATA["age"][i] < 60 for i in mine
        )


# -- any partition -------------------------------------------------------------------------------


@st.composite
def cohorts(draw: Any) -> dict[str, Any]:
    n = draw(st.integers(2, 40))
    seed = draw(st.integers(0, 2**31))
    rng = np.random.default_rng(seed)
    decimals = draw(st.sampled_from([0, 1, 3]))
    share = draw(st.sampled_from([0.0, 0.2, 0.7, 1.0]))
    sites = draw(st.sampled_from([("north",), ("north", "south"), SITES]))
    levels = draw(st.sampled_from(["a", "ab", "abc"]))
    event = rng.random(n) < share
    if draw(st.booleans()) and n:
        event[:] = False
        event[0] = True
    return {
        "site": rng.choice(sites, n).tolist(),
        "age": np.round(rng.normal(60, 10, n), 1).tolist(),
        "sex": rng.choice(["f", "m"], n).tolist(),
        "arm": rng.choice(list(levels), n).tolist(),
        "time": np.round(rng.exponential(10, n), decimals).tolist(),
        "event": event.tolist(),
    }


def arrays(data: Mapping[str, Any]) -> tuple[Any, Any, Any, Any]:
    arm = np.array(data["arm"])
    x = np.column_stack([data["age"], np.array(data["sex"]) == "m", arm == "b", arm == "c"]).astype(
        float
    )
    return np.array(data["time"], float), np.array(data["event"], bool), x, arm


@pytest.mark.parametrize("baseline", ["by-site", "pooled"])
@settings(max_examples=40, deadline=None)
@given(data=cohorts())
def test_cox_of_sites_is_the_fit_of_all_rows(baseline: str, data: dict[str, Any]) -> None:
    time, event, x, _ = arrays(data)
    plan = plan_of(
        '[analyses.cox]\nkind = "cox"\nendpoint = "os"\ncovariates = ["age", "sex", "arm"]\n'
        f'baseline = "{baseline}"\n'
    )
    sites = split(data)
    strata = data["site"] if baseline == "by-site" else None
    time = time if baseline == "by-site" else on_grid(time, 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FitWarning)
        try:
            pooled = stats.cox(time, event, x, strata=strata)
        except NoEventsError:
            with pytest.raises(ConsortiumError, match="no events"):
                converse(plan, sites)["cox"]
            return
    found = converse(plan, sites)["cox"]
    assert found.loglik_null == pytest.approx(pooled.loglik_null, rel=1e-10, abs=1e-10)
    # A likelihood that rises without end (or to almost 0) is cut somewhere.
    settled = pooled.converged and pooled.loglik < -1e-3
    near = 1e-8 if settled else 1e-2
    assert found.loglik == pytest.approx(pooled.loglik, rel=near, abs=near)
    if not settled:
        return
    assert found.diverging.tolist() == pooled.diverging.tolist()
    assert np.isnan(found.coef).tolist() == np.isnan(pooled.coef).tolist()
    off = np.abs(found.coef - pooled.coef) / (1 + pooled.se)
    assert np.nanmax(off, initial=0.0) < 1e-7
    assert found.se == pytest.approx(pooled.se, rel=1e-6, abs=1e-9, nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(cohorts(), st.sampled_from([0.5, 1.0, 3.0]))
def test_curves_on_the_grid_are_those_of_all_rows(data: dict[str, Any], grid: float) -> None:
    time, event, _, arm = arrays(data)
    plan = plan_of('[analyses.km]\nkind = "survival"\nendpoint = "os"\nby = "arm"\n', grid=grid)
    found = converse(plan, split(data))["km"].curves
    pooled = stats.kaplan_meier(on_grid(time, grid), event, group=arm.tolist())
    assert list(found.groups) == list(pooled.groups)
    for label, curve in pooled.groups.items():
        mine = found.groups[label]
        assert mine.time == pytest.approx(curve.time)
        assert mine.at_risk.tolist() == curve.at_risk.tolist()
        assert mine.survival == pytest.approx(curve.survival, abs=1e-12)
        assert mine.se == pytest.approx(curve.se, abs=1e-12, nan_ok=True)
        assert (mine.n, mine.n_events) == (curve.n, curve.n_events)


@settings(max_examples=40, deadline=None)
@given(cohorts(), st.sampled_from([1.0, 4.0]))
def test_exact_times_lie_between_the_printed_ends(data: dict[str, Any], grid: float) -> None:
    time, event, _, _ = arrays(data)
    at = 12.0
    plan = plan_of(
        f'[analyses.km]\nkind = "survival"\nendpoint = "os"\ntimes = [{at}]\n', grid=grid
    )
    printed = converse(plan, split(data))["km"].at_times["", at]
    exact = stats.kaplan_meier(time, event).at([at])[0].survival
    if printed is not None and exact is not None:
        assert printed[3] - 1e-12 <= exact <= printed[0] + 1e-12
    found = converse(plan, split(data))["km"]
    curve = stats.kaplan_meier(time, event).curve
    below = curve.time[curve.survival <= 0.5 + 1e-9]
    if "" in found.medians:
        after, until = found.medians[""]
        assert after - 1e-9 < below[0] <= until + 1e-9
        assert "comes to one half after" in repr(found)


@settings(max_examples=40, deadline=None)
@given(cohorts())
def test_logrank_tests_are_those_of_all_rows(data: dict[str, Any]) -> None:
    time, event, _, arm = arrays(data)
    for baseline, times, strata in (
        ("by-site", time, data["site"]),
        ("pooled", on_grid(time, 1.0), None),
    ):
        plan = plan_of(
            '[analyses.t]\nkind = "logrank"\nendpoint = "os"\nby = "arm"\n'
            f'baseline = "{baseline}"\n'
        )
        try:
            pooled = stats.logrank(times, event, arm.tolist(), strata=strata)
        except (NoEventsError, TooFewGroupsError):
            with pytest.raises(ConsortiumError):
                converse(plan, split(data))["t"]
            continue
        found = converse(plan, split(data))["t"].test
        assert found.statistic == pytest.approx(pooled.statistic, rel=1e-8, abs=1e-10)
        assert found.df == pooled.df
        here = [found.levels.index(level) for level in pooled.levels]
        assert found.expected[here] == pytest.approx(pooled.expected, rel=1e-9, abs=1e-12)


def to_four_digits(rows: Any) -> list[dict[str, Any]]:
    """Printed rows without the last digits, in which sums in another order may differ."""
    numbers = re.compile(r"-?\d+\.\d+(e-?\d+)?")
    return [
        {k: numbers.sub(lambda m: f"{float(m[0]):.3g}", str(v)) for k, v in row.items()}
        for row in rows
    ]


@settings(max_examples=40, deadline=None)
@given(cohorts())
def test_any_partition_gives_the_same(data: dict[str, Any]) -> None:
    plan = plan_of(ALL.partition("[analyses.test]")[0])
    one = converse(plan, split({**data, "site": ["north"] * len(data["site"])}))
    many = converse(plan, split(data))
    for key in ("table", "rate", "km", "km_arm"):
        a, b = one.outcomes[key].result, many.outcomes[key].result
        assert (a is None) == (b is None)
        if a is not None and b is not None:
            assert to_four_digits(b._rows()) == to_four_digits(a._rows())


def test_a_separated_covariate_has_no_finite_ratio() -> None:
    n = 30
    data = {
        "site": [SITES[i % 3] for i in range(n)],
        "age": [60.0 + i % 7 for i in range(n)],
        "sex": ["m" if i < 15 else "f" for i in range(n)],
        "arm": ["a"] * n,
        "time": [1.0 + i for i in range(n)],
        "event": [i < 15 for i in range(n)],
    }
    plan = plan_of('[analyses.c]\nkind = "cox"\nendpoint = "os"\ncovariates = ["age", "sex"]\n')
    found = converse(plan, split(data))["c"]
    assert found.diverging.tolist() == [False, True]
    assert "separation" in repr(found)
    assert np.isinf(found.coef[1])


def test_a_level_that_a_site_lacks_and_a_site_without_patients() -> None:
    data = {k: list(v) for k, v in DATA.items()}
    data["arm"] = [
        "a" if s == "north" and a == "c" else a
        for s, a in zip(data["site"], data["arm"], strict=True)
    ]
    data["site"] = ["south" if s == "west" else s for s in data["site"]]
    time, event, x, _ = arrays(data)
    plan = plan_of(
        '[analyses.c]\nkind = "cox"\nendpoint = "os"\ncovariates = ["age", "sex", "arm"]\n'
    )
    found = converse(plan, split(data))["c"]
    pooled = stats.cox(time, event, x, strata=data["site"])
    assert found.coef == pytest.approx(pooled.coef, rel=1e-9)
    assert found.se == pytest.approx(pooled.se, rel=1e-9)
    assert found.events["west"] == 0


def test_steps_of_a_grid_hold_times_that_are_steps_to_rounding() -> None:
    time = np.array([0.3, 0.1 + 0.2, 0.6, 0.61, 0.0])
    assert steps_of(time, 0.3).tolist() == [1, 1, 2, 3, 0]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1e5, allow_nan=False), min_size=1, max_size=30), st.floats(0.01, 100))
def test_no_time_is_rounded_down(times: list[float], grid: float) -> None:
    time = np.array(times)
    rounded = on_grid(time, grid)
    assert (rounded >= time - 1e-8 * np.maximum(time, grid)).all()
    assert (rounded < time + grid * (1 + 1e-8) + 1e-8 * time).all()
