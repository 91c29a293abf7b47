"""From orders to patients: days, values of variables, responses, treatment, adverse events."""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np

from oncohort.published.figures import COHORT, slug
from oncohort.published.rounding import HALF_EVEN, HALF_UP, interval, number
from oncohort.twin.chart import Plan as ChartPlan
from oncohort.twin.declaring import Built, declare
from oncohort.twin.patients import (
    Patient,
    durations,
    lay_events,
    lay_responses,
    lay_treatment,
)
from oncohort.twin.plan import (
    Plan,
    days_of,
    overall_term,
    time_of,
    treatment_times,
)
from oncohort.twin.protocol_text import Declared
from oncohort.twin.search import Cohort
from oncohort.twin.spread import Wanted, spread
from oncohort.twin.times import (
    STRETCHES,
    Course,
    Timed,
    bound,
    cut_at,
    fit,
    median_ranks,
    survival_after,
    template,
)

FLOORS = (42.0, 60.0)
"""Days before which no progression is seen and nobody dies, in a template."""

FIRST_SCAN = 84.0
"""Day by which the first scan is due."""


def _course(plan: Plan, cohort: Cohort, e: int, left: Collection[str] = ()) -> Course:
    """Bounds of one endpoint's days: median, interval, rates, numbers at risk, responses.

    ``left``: figures that are left out, as :func:`_timed_figures` names them.
    """
    n, key = plan.n, plan.endpoints[e]
    event = cohort.event[e]
    shape = template(n, plan.knots[e], event, FLOORS[e])
    drawn = plan.curves[e]
    if drawn is not None:  # the printed curve itself
        shape = np.maximum(1.0, np.round(drawn.time)) + np.arange(n) * 1e-6
    c = Course(np.full(n, 1.0), np.full(n, np.inf), shape)
    survival = survival_after(event)
    at_risk: dict[str, int] = {}
    for curve in plan.asked.curves:
        if slug(curve.endpoint) != key or curve.population not in COHORT:
            continue
        for pair in curve.at_risk:
            day, k = days_of(pair[0], curve.unit), number(pair[1])
            figure = f"curves.{key}.at_risk.{slug(pair[0])}"
            if day is not None and k is not None and sum(day) > 0 and figure not in left:
                at_risk[slug(pair[0])] = n - int(k.value)
                # Whose time is the very day is at risk on it.
                cut_at(c, n - int(k.value), math.ceil(sum(day) / 2 - 1e-9) - 1, figure)
    for x in plan.asked.landmarks:
        day = days_of(x.time, x.unit)
        allowed = interval(x.percent, (HALF_UP, HALF_EVEN)) if x.percent else None
        figure = f"landmarks.{key}.{slug(x.time)}.percent"
        if slug(x.endpoint) != key or x.population not in COHORT or not day or allowed is None:
            continue
        low, high = float(allowed.low) / 100, float(allowed.high) / 100
        able = [r for r in range(n + 1) if low <= survival[r] <= high]
        if able and figure not in left:
            aim = int(np.searchsorted(c.template, sum(day) / 2))
            wanted = at_risk.get(slug(x.time), aim)
            cut_at(c, min(able, key=lambda r: abs(r - wanted)), sum(day) / 2, figure)
    t = time_of(plan.asked, key)
    if t is not None:
        ranks = median_ranks(event)
        for part, where in zip(("median", "low", "high"), ranks, strict=True):
            text, figure = getattr(t, part), f"times.{key}.{part}"
            limits = days_of(text, t.unit) if text and figure not in left else None
            if limits is not None and (part == "median" or t.spread in ("", "interval")):
                bound(c, where, *limits, figure)
    return c


def _minimum_days(
    plan: Plan, cohort: Cohort, c: Course, pd: int | None, same: frozenset[int]
) -> None:
    """Scans need days: none before six weeks, two of them for all but early progression.

    Progression as best response shows on the first scan, at twelve weeks at the latest, where that
    moves no time far.
    """
    event = cohort.event[0]
    early = 0
    for r in range(plan.n):
        least = 42.0
        if int(cohort.order[0][r]) in same:
            continue
        if event[r]:
            early += 1
            if pd is not None and early > pd:
                least = 98.0
            elif pd is not None and c.template[r] <= 1.3 * FIRST_SCAN <= 1.3 * c.high[r]:
                c.high[r] = FIRST_SCAN
        c.low[r] = max(c.low[r], least)
    np.minimum(c.low, c.high, out=c.low)


def _deaths_alone(plan: Plan, cohort: Cohort) -> frozenset[int]:
    """Patients whose death comes before any scan: as many as were not evaluable.

    Those whose places in both endpoints are nearest to one time, of those for whom one time goes
    with the orders: whoever died before must have come before in the early endpoint, too. Nobody
    where death is no event of the early endpoint (time to progression).
    """
    wanted = plan.counts.get("responses.ne", 0) if plan.endpoints[0] != "ttp" else 0
    if not wanted:
        return frozenset()
    early, late = cohort.ranks(0), cohort.ranks(1)
    template_ = plan.layout.space.template
    assert template_ is not None
    apart = np.abs(np.log(template_[0][early] / template_[1][late]))
    by_death = early[np.argsort(late)]
    last_before = np.r_[-1, np.maximum.accumulate(by_death)[:-1]][late]
    both = cohort.events_of(0) & cohort.events_of(1) & (early > last_before)
    able = sorted(np.flatnonzero(both).tolist(), key=lambda p: float(apart[p]))
    return frozenset(able[:wanted])


def timed_cohort(
    plan: Plan, cohort: Cohort, treated: list[int], same: frozenset[int], notes: list[str]
) -> Timed:
    """Days of both endpoints; where not everything can hold, the softest demands go first.

    First the six weeks between scans, then that no two patients share a day, then single figures.
    """

    def tried(scans: bool, ties: bool, left: Collection[str], whole: bool = True) -> Timed | None:
        courses = _courses(plan, cohort, treated, left, same if scans else None)
        stretches = STRETCHES if whole else STRETCHES[-1:]
        return fit(cohort, courses, ((0, 1),), same, ties=ties, stretches=stretches) or fit(
            cohort, courses, ((0, 1),), ties=ties, stretches=stretches
        )

    said = {
        (True, False): (),
        (False, False): ("some scans are closer together than six weeks",),
        (True, True): ("some patients share a day",),
        (False, True): (
            "some patients share a day, and some scans are closer together than six weeks",
        ),
    }
    for (scans, ties), words in said.items():
        timed = tried(scans, ties, ())
        if timed is not None:
            notes += words
            return timed
    every = sorted(
        {f for e in (0, 1) for f in _course(plan, cohort, e).figures}, key=_last_to_leave
    )
    left, ties = set(every), plan.n > SHARED
    for figure in every:
        if tried(False, ties, left - {figure}, whole=False) is not None:
            left.remove(figure)
    timed = tried(True, ties, left) or tried(False, ties, left)
    if timed is None:
        raise ArithmeticError("no times go with this order")
    listed = ", ".join(sorted(left))
    notes.append(f"with this order no times have these beside the others: {listed}")
    return timed


SHARED = 300
"""Patients above whom two of them may share a day where figures are left out."""


def _last_to_leave(figure: str) -> tuple[int, str]:
    """Medians stay longest, then rates, numbers at risk, and limits of medians."""
    kinds = (".median", ".percent", ".at_risk.", "")
    return next(k for k, kind in enumerate(kinds) if kind in figure), figure


def _courses(
    plan: Plan, cohort: Cohort, treated: list[int], left: Collection[str],
    scanned: frozenset[int] | None,
) -> list[Course]:  # fmt: skip
    """Bounds of both endpoints; ``scanned``: who needs no scan, None where nobody does."""
    courses = [_course(plan, cohort, e, left) for e in (0, 1)]
    responses = bool(plan.published.responses or plan.published.rates)
    if treated:  # each time on treatment finds a patient who lived that long
        long = np.array(sorted(treated), dtype=float) + 1
        courses[1].low = np.minimum(np.maximum(courses[1].low, long), courses[1].high)
    if scanned is not None and (plan.endpoints[0] in plan.printed or responses):
        pd = plan.counts.get("responses.pd") if responses else None
        _minimum_days(plan, cohort, courses[0], pd, scanned)
    return courses


def _values(plan: Plan, cohort: Cohort, rng: np.random.Generator) -> dict[str, list[str]]:
    """Level of every patient, per covariate; those outside the search at random."""
    out: dict[str, list[str]] = {}
    carriers = {g: plan.layout.space.carriers[k] for k, g in enumerate(plan.layout.used)}
    for g, covariate in enumerate(plan.cox.covariates):
        if g not in carriers:
            order = rng.permutation(plan.n)
            out[covariate.key] = [covariate.levels[int(i)] for i in order]
            continue
        first = carriers[g].first
        rows = cohort.x[first : first + carriers[g].count]
        if covariate.free is not None:
            out[covariate.key] = ["below" if v > 0.5 else "above" for v in rows[0]]
            continue
        pattern: dict[tuple[float, ...], list[str]] = {}
        for level in covariate.levels:
            code = tuple(float(level in ones) for ones in covariate.columns)
            pattern.setdefault(code, []).append(level)
        pools = {
            code: [levels[int(i)] for i in rng.permutation(len(levels))]
            for code, levels in pattern.items()
        }
        out[covariate.key] = [pools[tuple(rows[:, p].tolist())].pop() for p in range(plan.n)]
    return out


def _continuous(
    plan: Plan, levels: dict[str, list[str]], rng: np.random.Generator, built: Built
) -> dict[str, list[float]]:
    """Single values of continuous variables, on the right side of a cut where one is asked for."""
    out: dict[str, list[float]] = {}
    for s in plan.published.summaries:
        key = slug(s.name)
        if s.population not in COHORT or key in out:
            continue
        whole = s.whole or "." not in f"{s.median}{s.low}{s.high}"
        covariate = next((c for c in plan.cox.covariates if c.key == key), None)
        below: tuple[tuple[float, int], ...] = ()
        if covariate is not None and covariate.cut is not None:
            below = ((covariate.cut, sum(v == "below" for v in levels[key])),)
        elif covariate is not None:
            continue
        found = spread(
            Wanted(plan.n, s.mean, s.sd, s.median, s.low, s.high, s.spread or "range", whole, below)
        )
        for name, conflict in found.aside.items():
            keys = tuple(f"summaries.{key}.{c}" for c in conflict)
            built.impossible[f"summaries.{key}.{name}"] = keys
        values = list(found.values)
        if below:
            k = below[0][1]
            low, high = rng.permutation(values[:k]).tolist(), rng.permutation(values[k:]).tolist()
            out[key] = [low.pop() if v == "below" else high.pop() for v in levels[key]]
        else:
            out[key] = rng.permutation(values).tolist()
    return out


def build(plan: Plan, cohort: Cohort, seed: int) -> Built:
    """All of the patients.

    Raises
    ------
    ArithmeticError
        No times go with the orders (which a cohort of the search never has).
    """
    rng = np.random.default_rng([seed, 99])
    notes: list[str] = []
    treated = _durations(plan, rng)
    same = _deaths_alone(plan, cohort)
    timed = timed_cohort(plan, cohort, treated, same, notes)
    ranks = [cohort.ranks(0), cohort.ranks(1)]
    patients = [
        Patient(
            int(timed.days[0][ranks[0][p]]), bool(cohort.event[0][ranks[0][p]]),
            int(timed.days[1][ranks[1][p]]), bool(cohort.event[1][ranks[1][p]]),
        )
        for p in range(plan.n)
    ]  # fmt: skip
    for p in same:
        patients[p].without_progression = patients[p].pfs == patients[p].os
    built = Built(patients, ChartPlan(), Declared(""), timed, notes=notes)
    levels = _values(plan, cohort, rng)
    numbers = _continuous(plan, levels, rng, built)
    counts = plan.counts
    events = {
        k.removeprefix("adverse_events."): v
        for k, v in counts.items()
        if k.startswith("adverse_events.")
    }
    if events and not lay_events(patients, events, overall_term(plan.published), rng):
        notes.append("the adverse events could not be shared out over the patients")
    declare(plan, built, levels, numbers, rng)
    responses = {
        k.removeprefix("responses."): v for k, v in counts.items() if k.startswith("responses.")
    }
    if not responses:
        early = sum(p.progressed and p.pfs < 98 for p in patients)
        responses = {"pd": early, "sd": plan.n - early}
    lay_responses(patients, responses, rng)
    lay_treatment(
        patients, treated, {k: v for k, v in counts.items() if k.startswith("treated.")}, rng
    )
    return built


def _durations(plan: Plan, rng: np.random.Generator) -> list[int]:
    t = treatment_times(plan.published)
    if t is None:
        return []
    median = days_of(t.median, t.unit)
    assert median is not None
    middle = sum(median) / 2
    low = days_of(t.low, t.unit) if t.low and t.spread == "range" else None
    high = days_of(t.high, t.unit) if t.high and t.spread == "range" else None
    return durations(
        plan.n,
        low or (0.15 * middle, 0.2 * middle),
        median,
        high or (2.6 * middle, 3 * middle),
        rng,
    )
