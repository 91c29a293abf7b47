"""Figures computed from random cohorts are never called impossible or inconsistent."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from scipy.special import chdtrc, stdtr

import oncohort as oc
from oncohort.audit import Certainty, Finding
from oncohort.audit.checks import CHECKS, event_range
from oncohort.audit.checks.cox import smallest_wald_p
from oncohort.audit.checks.cross_tables import cross_p
from oncohort.audit.finding import Log
from oncohort.published.model import (
    AdverseEvent,
    Categorical,
    Continuous,
    Events,
    Fact,
    Grade,
    Landmark,
    Level,
    Population,
    Published,
    Rate,
    Ratio,
    Response,
    Time,
    TwoByTwo,
    Where,
)
from oncohort.published.model import (
    Test as PrintedTest,
)
from oncohort.stats.errors import TooFewGroupsError
from oncohort.stats.proportions import METHODS

pytestmark = pytest.mark.usefixtures("rules_alone")

ONE, TWO = Where("table", "Table 1"), Where("table", "Table 2")
ROUNDINGS = (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN)
COVARIATES = ("Smoking", "Liver metastasis", "Sarcomatoid feature")
Show = Callable[[float, int], str]


@dataclass(frozen=True)
class Cohort:
    """Printed figures, and which test each printed p of a hazard ratio came from."""

    published: Published
    tests: dict[tuple[str, str], str]
    """By estimate and p as printed."""


def _printer(rounding: str) -> Show:
    def show(value: float, digits: int) -> str:
        # Twelve digits are more than any program prints; binary dust is none of the rounding.
        exact = Decimal(f"{value:.12f}")
        return str(exact.quantize(Decimal(1).scaleb(-digits), rounding=rounding))

    return show


def cohort(seed: int) -> Cohort:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _cohort(np.random.default_rng([7, seed]))


def _cohort(rng: np.random.Generator) -> Cohort:
    n = int(rng.integers(8, 120))
    show = _printer(str(rng.choice(ROUNDINGS)))
    shares = int(rng.integers(0, 3))
    x = np.stack([_two_sides(rng, n) for _ in COVARIATES], axis=1)
    risk = np.exp(x @ rng.normal(0, 1.0, 3))
    death = rng.exponential(25 / risk)
    progression = np.minimum(rng.exponential(10 / risk), death)
    end = rng.uniform(3, 70, n)
    grid = str(rng.choice(["days", "months", "visits"]))
    times = {
        "OS": (_tied(np.minimum(death, end), grid == "months"), death <= end),
        "PFS": (_tied(np.minimum(progression, end), grid == "months"), progression <= end),
    }
    if grid == "visits":
        visit = 42 / 30.4375
        time, event = times["PFS"]
        seen = np.minimum(np.ceil(time / visit) * visit, np.maximum(times["OS"][0], 1e-9))
        times["PFS"] = (np.where(event, seen, time), event)
    variables = tuple(
        Categorical(
            name,
            tuple(
                Level(label, str(int(k)), show(100 * k / n, shares), where=ONE)
                for label, k in (("Yes", x[:, j].sum()), ("No", n - x[:, j].sum()))
            ),
            "cohort",
            str(n),
            where=ONE,
        )
        for j, name in enumerate(COVARIATES)
    )
    ratios, tests = _ratios(rng, x, times, show)
    factor, more = _factor(rng, n, times, shares, show)
    variables, ratios = (*variables, factor), (*ratios, *more)
    counts = rng.multinomial(n, rng.dirichlet([1, 4, 5, 3]))
    responses = Response(
        tuple(
            Level(name, str(int(c)), show(100 * c / n, shares))
            for name, c in zip(("CR", "PR", "SD", "PD"), counts, strict=True)
        ),
        "cohort",
        str(n),
    )
    arm = rng.random(n) < 0.5
    named = (Fact("method", "log-rank"),) if "log-rank" in tests.values() else ()
    published = Published(
        populations=(Population("cohort", "all", str(n)),),
        facts=named,
        variables=variables,
        summaries=_summaries(rng, n, show),
        responses=(responses,),
        rates=tuple(
            _rate(rng, kind, int(counts[:k].sum()), n, show) for k, kind in ((2, "ORR"), (3, "DCR"))
        ),
        times=_times(rng, times, show),
        landmarks=_landmarks(*times["OS"], show),
        ratios=ratios,
        adverse_events=_events(rng, n, shares, show),
        tests=_tests(rng, arm, show),
        cross_tables=_cross(rng, x[:, 0] == 1, arm, show),
    )
    return Cohort(published, tests)


def _two_sides(rng: np.random.Generator, n: int) -> Any:
    side = np.zeros(n)
    side[: int(rng.integers(2, n - 1))] = 1.0
    return rng.permutation(side)


def _tied(time: Any, months: bool) -> Any:
    return np.ceil(time) if months else time


def _ratios(
    rng: np.random.Generator, x: Any, times: dict[str, Any], show: Show
) -> tuple[tuple[Ratio, ...], dict[tuple[str, str], str]]:
    digits, places = int(rng.integers(1, 4)), int(rng.integers(2, 5))
    ties = str(rng.choice(["efron", "breslow"]))
    kind = str(rng.choice(["wald", "wald", "lr", "log-rank"]))
    out = []
    tests: dict[tuple[str, str], str] = {}
    for endpoint, (time, event) in times.items():
        if not event.any():
            continue
        joint = oc.stats.cox(time, event, x, ties=ties)
        for j, name in enumerate(COVARIATES):
            alone = oc.stats.cox(time, event, x[:, j], ties=ties)
            p = float(alone.p[0])
            if kind == "lr":
                p = float(chdtrc(1, max(2 * (alone.loglik - alone.loglik_null), 0.0)))
            elif kind == "log-rank":
                try:
                    p = float(oc.stats.logrank(time, event, x[:, j]).p)
                except TooFewGroupsError:
                    p = float("nan")
            for model, fit, k, value, test in (
                ("univariable", alone, 0, p, kind),
                ("multivariable", joint, j, float(joint.p[j]), "wald"),
            ):
                numbers = [float(v[k]) for v in (fit.hr, fit.low, fit.high)]
                if not np.isfinite([*numbers, value]).all() or numbers[2] > 1e4:
                    continue
                hr, low, high = (show(v, digits) for v in numbers)
                small = 10.0**-places
                p_shown = f"<{small:.{places}f}" if value < small else show(value, places)
                tests[hr, p_shown] = max(test, tests.get((hr, p_shown), ""))
                with_interval = rng.random() < 0.7
                out.append(
                    Ratio(
                        name,
                        "HR",
                        endpoint,
                        model,
                        "yes versus no",
                        "Yes",
                        "No",
                        hr,
                        low if with_interval else "",
                        high if with_interval else "",
                        "95" if with_interval else "",
                        p_shown,
                        binary=True,
                        where=replace(TWO, row=name, quote=f"{name} {endpoint} {model}"),
                    )
                )
    return tuple(out), tests


def _factor(
    rng: np.random.Generator, n: int, times: dict[str, Any], shares: int, show: Show
) -> tuple[Categorical, tuple[Ratio, ...]]:
    """A variable of three levels with two rows against the first."""
    labels = ("Favorable", "Intermediate", "Poor")
    side = rng.permutation(np.concatenate([[0, 0, 1, 1, 2, 2], rng.integers(0, 3, n - 6)]))
    levels = tuple(
        Level(label, str(int((side == k).sum())), show(100 * (side == k).mean(), shares), where=ONE)
        for k, label in enumerate(labels)
    )
    digits, out = int(rng.integers(1, 4)), []
    for endpoint, (time, event) in times.items():
        if not event.any():
            continue
        dummies = np.stack([side == 1, side == 2], axis=1).astype(float)
        found = oc.stats.cox(time, event, dummies)
        for k, label in enumerate(labels[1:]):
            numbers = [float(v[k]) for v in (found.hr, found.low, found.high, found.p)]
            if not np.isfinite(numbers).all() or numbers[2] > 1e4:
                continue
            hr, low, high = (show(v, digits) for v in numbers[:3])
            p = "<0.001" if numbers[3] < 0.001 else show(numbers[3], 3)
            where = replace(TWO, row=f"Risk group: {label}", quote=f"{label} {endpoint}")
            out.append(
                Ratio(
                    "Risk group", "HR", endpoint, "univariable", f"{label} versus Favorable",
                    label, "Favorable", hr, low, high, "95", p, where=where,
                )
            )  # fmt: skip
    return Categorical("Risk group", levels, "cohort", str(n), where=ONE), tuple(out)


def _rate(rng: np.random.Generator, kind: str, x: int, n: int, show: Show) -> Rate:
    found = oc.stats.proportion(x, n, str(rng.choice(list(METHODS))))
    digits = int(rng.integers(0, 3))
    low, high = max(found.low, 0.0), min(found.high, 1.0)
    value = show(100 * found.value, digits)
    return Rate(
        kind, value, "", "", show(100 * low, digits), show(100 * high, digits), "95", "cohort"
    )


def _times(rng: np.random.Generator, times: dict[str, Any], show: Show) -> tuple[Time, ...]:
    out = []
    kind, digits = str(rng.choice(["log-log", "log", "plain"])), int(rng.integers(0, 3))
    for name, (time, event) in times.items():
        median = oc.stats.kaplan_meier(time, event, interval=kind).median
        value, low, high = (
            "" if v is None or not math.isfinite(v) else show(v, digits)
            for v in (median.value, median.low, median.high)
        )
        if value:
            both = bool(low and high)
            out.append(
                Time(
                    name, value, "months", low if both else "", high if both else "",
                    "interval" if both else "", "95" if both else "", "cohort",
                    where=Where("results", quote=name),
                )
            )  # fmt: skip
    return tuple(out)


def _landmarks(time: Any, event: Any, show: Show) -> tuple[Landmark, ...]:
    curve = oc.stats.kaplan_meier(time, event).curve
    out = []
    for year in (1, 2, 3):
        before = curve.time <= 12 * year
        value = float(curve.survival[before][-1]) if before.any() else 1.0
        out.append(Landmark("OS", str(year), "years", show(100 * value, 1), population="cohort"))
    return tuple(out)


def _events(rng: np.random.Generator, n: int, shares: int, show: Show) -> tuple[AdverseEvent, ...]:
    seen = rng.random((n, 4)) < 0.3
    severe = seen & (rng.random((n, 4)) < 0.4)
    out = []
    for k in range(5):
        a, b = (seen.any(1), severe.any(1)) if k == 0 else (seen[:, k - 1], severe[:, k - 1])
        grades = tuple(
            Grade(grade, str(int(v.sum())), show(100 * v.sum() / n, shares), str(n))
            for grade, v in (("any", a), (">=3", b))
        )
        where = Where("table", "Table 3", f"event {k}")
        out.append(AdverseEvent(f"event {k}", grades, k == 0, "cohort", 0, where))
    return tuple(out)


def _summaries(rng: np.random.Generator, n: int, show: Show) -> tuple[Continuous, ...]:
    lesions = rng.poisson(3, n) + 1
    ages = np.round(rng.normal(60, 12, n), int(rng.integers(0, 2)))
    out = []
    for name, values in (("Number of lesions", lesions), ("Age", ages)):
        digits = int(rng.integers(0, 3))
        mean, sd = float(values.mean()), float(values.std(ddof=int(rng.integers(0, 2))))
        low, high = float(values.min()), float(values.max())
        out.append(
            Continuous(name, n=str(n), mean=show(mean, digits), sd=show(sd, digits), where=ONE)
        )
        out.append(
            Continuous(
                name, n=str(n), median=show(float(np.median(values)), 1), low=show(low, 1),
                high=show(high, 1), spread="range", whole=name == "Age", where=ONE,
            )
        )  # fmt: skip
    return tuple(out)


def _tests(rng: np.random.Generator, arm: Any, show: Show) -> tuple[PrintedTest, ...]:
    if not 3 <= arm.sum() <= len(arm) - 3:
        return ()
    values = rng.normal(0, 1, len(arm)) + 0.5 * arm
    a, b = values[arm], values[~arm]
    df = len(values) - 2
    pooled = (a.var(ddof=1) * (len(a) - 1) + b.var(ddof=1) * (len(b) - 1)) / df
    t = float((a.mean() - b.mean()) / math.sqrt(pooled * (1 / len(a) + 1 / len(b))))
    p = float(2 * stdtr(df, -abs(t)))
    shown = "<0.001" if p < 0.001 else show(p, 3)
    return (PrintedTest("t", show(t, 2), (str(df),), shown, where=Where("results")),)


def _cross(rng: np.random.Generator, side: Any, arm: Any, show: Show) -> tuple[TwoByTwo, ...]:
    cells = [[int((s & a).sum()) for a in (arm, ~arm)] for s in (side, ~side)]
    found = cross_p(*cells[0], *cells[1])
    if not found:
        return ()
    p = found[str(rng.choice(sorted(found)))]
    shown = "<0.001" if p < 0.001 else show(p, 3)
    counts = tuple(tuple(map(str, row)) for row in cells)
    return (TwoByTwo("Smoking", counts, shown, where=Where("table", "Table 4")),)


def findings(published: Published) -> list[Finding]:
    """All checks but the range of events, which never says more than *unusual*."""
    log = Log(published)
    for name in CHECKS:
        if name != "event_range":
            import_module(f"oncohort.audit.checks.{name}").check(published, log)
    return log.findings


def wrong(made: Cohort) -> list[str]:
    """Findings that should not be there."""
    out = []
    for finding in findings(made.published):
        if finding.certainty is Certainty.UNUSUAL:
            continue
        if finding.certainty is Certainty.IMPOSSIBLE_IF and len(finding.figures) >= 2:
            test = made.tests.get((finding.figures[0], finding.figures[-1]), "wald")
            assumed = " ".join(finding.assumptions)
            holds = test == "wald" or (test == "lr" and "likelihood" in assumed)
            if not holds:
                continue
        out.append(f"{finding.id}: {finding}")
    return out


def test_right_figures_pass() -> None:
    checked = 0
    for seed in range(150):
        made = cohort(seed)
        assert wrong(made) == [], seed
        checked += len(made.published.ratios)
    assert checked > 1000


@pytest.mark.verify
@pytest.mark.parametrize("part", range(10))
def test_right_figures_of_ten_thousand_cohorts_pass(part: int) -> None:
    for seed in range(1000 * part, 1000 * (part + 1)):
        assert wrong(cohort(seed)) == [], seed


def test_rows_of_untied_cohorts_share_their_number_of_events() -> None:
    """The exact range holds for Wald p without ties, so it has nothing to say then."""
    rows = 0
    for seed in range(12):
        rng = np.random.default_rng([8, seed])
        n = int(rng.integers(15, 36))
        x = np.stack([_two_sides(rng, n) for _ in COVARIATES], axis=1)
        time, event = rng.exponential(10, n), rng.random(n) < 0.8
        ratios = []
        for j, name in enumerate(COVARIATES):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = oc.stats.cox(time, event, x[:, j])
            hr, p = f"{found.hr[0]:.2f}", f"{found.p[0]:.3f}"
            if not np.isfinite(found.p[0]) or not 0.05 < found.hr[0] < 20 or p == "0.000":
                continue
            ratios.append(
                Ratio(name, "HR", "OS", "univariable", "yes versus no", "Yes", "No", hr,
                      p=p, binary=True, where=replace(TWO, row=name))
            )  # fmt: skip
        made = Published(
            populations=(Population("cohort", "all", str(n)),),
            variables=tuple(
                Categorical(
                    name,
                    (
                        Level("Yes", str(int(x[:, j].sum()))),
                        Level("No", str(int(n - x[:, j].sum()))),
                    ),
                    "cohort",
                    str(n),
                    where=ONE,
                )
                for j, name in enumerate(COVARIATES)
            ),
            ratios=tuple(ratios),
            events=(Events("OS", str(int(event.sum())), population="cohort"),),
        )
        log = Log(made)
        event_range.check(made, log)
        assert log.findings == [], seed
        rows += log.checked_count
    assert rows > 40


def test_a_planted_p_is_found() -> None:
    planted = 0
    for seed in range(40):
        published = cohort(seed).published
        for ratio in (r for r in published.ratios if r.binary):
            sizes = next(v for v in published.variables if v.name == ratio.variable).levels
            first, second = (int(x.count) for x in sizes)
            least = smallest_wald_p(ratio.estimate, first, second)
            if least is None or not 0.01 < least < 0.9:
                continue
            changed = replace(ratio, p=f"{least / 3:.4f}", low="", high="")
            found = findings(replace(published, ratios=(changed,), facts=()))
            bound = [f for f in found if f.id == "cox.bound"]
            assert [f.certainty for f in bound] == [Certainty.IMPOSSIBLE_IF], (seed, ratio)
            planted += 1
            break
    assert planted > 15


def test_a_planted_count_is_found() -> None:
    planted = 0
    for seed in range(40):
        published = cohort(seed).published
        n = published.n or 0
        variable = published.variables[0]
        level = variable.levels[0]
        if n < 40 or "." not in level.percent or int(level.count) + 3 > n:
            continue
        changed = replace(level, count=str(int(level.count) + 3))
        variables = (replace(variable, levels=(changed, variable.levels[1])),)
        found = findings(replace(published, variables=(*variables, *published.variables[1:])))
        assert {f.id for f in found} & {"counts.percentage", "counts.sum"}, seed
        planted += 1
    assert planted > 5
