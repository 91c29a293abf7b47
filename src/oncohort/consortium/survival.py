"""Kaplan-Meier and log-rank: life tables on the declared grid, and sums within sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from oncohort.consortium.messages import LifeTable, LifeTables, RankSums
from oncohort.consortium.plan import LogrankAnalysis, Plan, SurvivalAnalysis
from oncohort.consortium.rows import Bools, Floats, Followed, Ints, on_grid, steps_of
from oncohort.consortium.view import Draft, Sets, View, about, population_of, withheld
from oncohort.dataclass import dataclass
from oncohort.stats._counts import risk_table
from oncohort.stats._show import Row, Shown, with_interval
from oncohort.stats.curve_result import KaplanMeier, KaplanMeierResult
from oncohort.stats.curves import kaplan_meier
from oncohort.stats.distributions import chdtrc
from oncohort.stats.inputs import Array, Label
from oncohort.stats.rank_tests import LogRankResult, chi_squared_of

# -- at the site ---------------------------------------------------------------------------------


def life_tables(view: View, key: str, analysis: SurvivalAnalysis | LogrankAnalysis) -> Draft:
    """Events and censored per step of the grid, of each group."""
    found = _groups(view, key, analysis)
    if isinstance(found, Draft):
        return found
    population, followed, groups = found
    grid = view.plan.times.grid
    tables = tuple(
        life_table(steps_of(followed.time[g], grid), followed.event[g], view.minimum)
        for g in groups
    )
    return Draft(LifeTables(key, tables), _sets(view, analysis, population, groups))


def _groups(
    view: View, key: str, analysis: SurvivalAnalysis | LogrankAnalysis
) -> Draft | tuple[Bools, Followed, tuple[Bools, ...]]:
    """Population, times, and rows of each group; or why nothing is answered."""
    population = population_of(view, analysis.population)
    followed = view.rows.endpoints[analysis.endpoint]
    groups = view.rows.groups(view.plan, analysis.by, population & followed.known)
    if view.too_small(population):
        return withheld(key, "rows")
    if view.too_small(*groups):
        return withheld(key, "small_group")
    if view.too_small(*(g & followed.event for g in groups)):
        return withheld(key, "few_events")
    if view.gives_away(_sets(view, analysis, population, groups)):
        return withheld(key, "differencing")
    return population, followed, groups


def _sets(
    view: View,
    analysis: SurvivalAnalysis | LogrankAnalysis,
    population: Bools,
    groups: Sequence[Bools],
) -> Sets:
    """What the sums are about: the endpoint in each group, and how many are in each."""
    sets = {view.rows.about(analysis.endpoint): groups}
    if analysis.by is not None:
        sets[view.rows.about(analysis.by)] = groups
    return about(population, sets)


def life_table(steps: Ints, event: Bools, minimum: int) -> LifeTable:
    """Counts per step, cut where fewer than `minimum` are still followed.

    Those who are left then count as censored at the last step that is told. Whether to cut
    depends on the past alone, so the curve stays unbiased.

    Examples
    --------
    >>> import numpy as np
    >>> life_table(np.array([1, 1, 2, 4]), np.array([True, False, True, True]), 2)
    LifeTable(steps=(1, 2), events=(1, 1), censored=(1, 1), cut=True)
    """
    used = np.unique(steps)
    events = np.array([int((event & (steps == s)).sum()) for s in used], dtype=np.int64)
    leaving = np.array([int((steps == s).sum()) for s in used], dtype=np.int64)
    at_risk = leaving[::-1].cumsum()[::-1]
    keep = at_risk >= minimum
    rest = int(leaving[~keep].sum())
    censored = (leaving - events)[keep]
    if rest and len(censored):
        censored[-1] += rest
    return LifeTable(
        tuple(used[keep].tolist()),
        tuple(events[keep].tolist()),
        tuple(censored.tolist()),
        bool(rest),
    )


def rank_sums(view: View, key: str, analysis: LogrankAnalysis) -> Draft:
    """Observed, expected and covariance within the site, on exact times and on the grid."""
    found = _groups(view, key, analysis)
    if isinstance(found, Draft):
        return found
    population, followed, groups = found
    codes = np.full(view.rows.n, -1, dtype=np.int64)
    for at, mask in enumerate(groups):
        codes[mask] = at
    used = codes >= 0
    time, event, group = followed.time[used], followed.event[used], codes[used]
    g = len(groups)
    grid = view.plan.times.grid
    exact = within(time, event, group, g)
    rounded = within(on_grid(time, grid), event, group, g)
    item = RankSums(
        key,
        tuple(int(m.sum()) for m in groups),
        tuple(int((m & followed.event).sum()) for m in groups),
        tuple(exact[0].tolist()),
        tuple(exact[1].ravel().tolist()),
        tuple(rounded[0].tolist()),
        tuple(rounded[1].ravel().tolist()),
    )
    return Draft(item, _sets(view, analysis, population, groups))


def within(time: Floats, event: Bools, group: Ints, g: int) -> tuple[Floats, Floats]:
    """Expected events and their covariance in one set of rows."""
    if not event.any():
        return np.zeros(g), np.zeros((g, g))
    _, at_risk, died = risk_table(time, event, group, g)
    return hypergeometric(at_risk, died)


def hypergeometric(at_risk: Floats, died: Floats) -> tuple[Floats, Floats]:
    """Expected events and covariance under equal hazards, of ``(g, k)`` counts per event time."""
    n, d = at_risk.sum(axis=0), died.sum(axis=0)
    share = at_risk / n
    spread = np.where(n > 1, d * (n - d) / np.maximum(n - 1, 1), 0.0)
    scaled = share * spread
    covariance = -(scaled @ share.T)
    covariance[np.diag_indices(len(share))] += scaled.sum(axis=1)
    return share @ d, covariance


# -- at the coordinator --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CombinedCurves(Shown):
    """Kaplan-Meier of all sites on the grid.

    Attributes
    ----------
    curves
        As :func:`oncohort.stats.kaplan_meier` gives them; times are ends of steps of the grid.
    at_times
        (group, time) to survival, its interval, and the ends between which the estimate lies
        whatever the exact times within each step were; none after the end of follow-up.
    medians
        Group to times after and by which the curve of exact times comes to one half, whatever
        they were; groups whose curve on the grid does are in it.
    cut
        Sites whose last patients were not followed to their end (fewer than the smallest number).
    """

    title: str
    curves: KaplanMeierResult
    at_times: Mapping[tuple[str, float], tuple[float, float | None, float | None, float] | None]
    medians: Mapping[str, tuple[float, float]]
    grid: float
    unit: str
    sites: tuple[str, ...]
    cut: tuple[str, ...] = ()

    def _title(self) -> str:
        return self.title

    def _rows(self) -> list[Row]:
        rows: list[Row] = []
        for label, km in self.curves.groups.items():
            median = km.median
            ends = ["not reached" if v is None else f"{v:.6g}" for v in (median.low, median.high)]
            value = "not reached" if median.value is None else f"{median.value:.6g}"
            row: Row = {"group": label or "all", "n": km.n, "events": km.n_events}
            row |= {"median": value, f"{100 * km.level:g} % interval": f"{ends[0]} to {ends[1]}"}
            rows.append(row)
        return rows

    def _notes(self) -> list[str]:
        notes = [f"{len(self.sites)} sites: {', '.join(self.sites)}", self.curves.method]
        for (group, time), found in self.at_times.items():
            who = f"{group}: " if group else ""
            if found is None:
                notes.append(f"{who}at {time:g} {self.unit}: after the end of follow-up")
                continue
            s, low, high, least = found
            text = f"{who}at {time:g} {self.unit}: survival {with_interval(s, low, high)}"
            if least < s:
                text += f"; exact times give between {least:.4f} and {s:.4f}"
            notes.append(text)
        for group, (after, until) in self.medians.items():
            who = f"{group}: " if group else ""
            notes.append(
                f"{who}the curve of exact times comes to one half after {after:g} and by "
                f"{until:g} {self.unit}"
            )
        notes.append(f"times are rounded up to steps of {self.grid:g} {self.unit}")
        if self.cut:
            notes.append(
                f"cut early at {', '.join(self.cut)}: patients who were left when fewer than the "
                "smallest number were followed count as censored then"
            )
        return notes


def added_tables(parts: Sequence[LifeTable]) -> tuple[Ints, Ints, Ints]:
    """Steps, events and censored of several life tables of one group."""
    total: dict[int, list[int]] = {}
    for part in parts:
        for step, d, c in zip(part.steps, part.events, part.censored, strict=True):
            cell = total.setdefault(step, [0, 0])
            cell[0] += d
            cell[1] += c
    steps = sorted(total)
    counts = np.array([total[s] for s in steps], dtype=np.int64).reshape(-1, 2)
    return np.array(steps, dtype=np.int64), counts[:, 0], counts[:, 1]


def combined_curves(
    plan: Plan, analysis: SurvivalAnalysis, title: str, answers: Mapping[str, LifeTables]
) -> CombinedCurves | str:
    """Kaplan-Meier of the life tables added up; or why there is none."""
    names = plan.groups(analysis.by)
    time: list[float] = []
    event: list[bool] = []
    weight: list[int] = []
    group: list[str] = []
    least: dict[str, tuple[Floats, Floats]] = {}
    grid, unit = plan.times.grid, plan.times.unit
    for at, name in enumerate(names):
        steps, died, lost = added_tables([a.tables[at] for a in answers.values()])
        ends = np.asarray(steps * grid, dtype=np.float64)
        least[name] = (ends, _least(died, lost))
        for happened, counts in ((True, died), (False, lost)):
            used = counts > 0
            time += ends[used].tolist()
            weight += counts[used].tolist()
            event += [happened] * int(used.sum())
            group += [name] * int(used.sum())
    if not time:
        return "no patient is followed anywhere"
    result = kaplan_meier(
        time,
        event,
        weights=weight,
        group=None if analysis.by is None else group,
        robust=False,
        level=analysis.level,
    )
    curves = _counted(result, analysis.by, time, event, weight, group)
    at_times = {
        (name, t): _at(curves.groups[name if analysis.by else None], t, least[name])
        for name in names
        if (name if analysis.by else None) in curves.groups
        for t in analysis.times
    }
    cut = tuple(site for site, a in answers.items() if any(t.cut for t in a.tables))
    medians = {
        str(label or ""): between
        for label, curve in curves.groups.items()
        if (between := _half(curve, least[str(label or "")][1], grid)) is not None
    }
    return CombinedCurves(title, curves, at_times, medians, grid, unit, tuple(answers), cut)


def _counted(
    result: KaplanMeierResult,
    by: str | None,
    time: Sequence[float],
    event: Sequence[bool],
    weight: Sequence[int],
    group: Sequence[str],
) -> KaplanMeierResult:
    """Weights stand for patients: say how many."""
    method = result.method.replace(", case weights", "")
    curves: dict[Label, KaplanMeier] = {}
    for label, curve in result.groups.items():
        own = [i for i in range(len(time)) if by is None or group[i] == label]
        n = sum(weight[i] for i in own)
        events = sum(weight[i] for i in own if event[i])
        curves[label] = replace(curve, n=n, n_events=events, method=method)
    events = sum(w for w, e in zip(weight, event, strict=True) if e)
    return replace(result, groups=curves, n=sum(weight), n_events=events, method=method)


def _least(died: Ints, lost: Ints) -> Floats:
    """The curve if all who were censored within a step had left it before its events.

    With exact times the curve at the end of each step lies between this and the one on the grid.
    """
    leaving = died + lost
    at_risk = leaving[::-1].cumsum()[::-1] if len(leaving) else leaving
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(died > 0, 1.0 - died / (at_risk - lost), 1.0)
    return np.asarray(np.cumprod(factor))


def _half(curve: KaplanMeier, least: Floats, grid: float) -> tuple[float, float] | None:
    """Times after and by which the curve of exact times is at or below one half.

    At ends of steps it lies between `least` and the curve on the grid, and falls within steps only.
    """
    on_grid_ = np.flatnonzero(curve.survival <= 0.5 + 1e-9)
    earliest = np.flatnonzero(least <= 0.5 + 1e-9)
    if not len(on_grid_):
        return None
    return float(curve.time[earliest[0]]) - grid, float(curve.time[on_grid_[0]])


def _at(
    curve: KaplanMeier, time: float, least: tuple[Floats, Floats]
) -> tuple[float, float | None, float | None, float] | None:
    """Survival at a time with its interval, and the least that exact times allow."""
    found = curve.at([time])[0]
    if found.survival is None:
        return None
    ends, values = least
    at = int(np.searchsorted(ends, time * (1 + 1e-12), side="right"))
    lower = float(values[at - 1]) if at else 1.0
    return found.survival, found.low, found.high, min(lower, found.survival)


def combined_logrank(
    plan: Plan, analysis: LogrankAnalysis, title: str, answers: Mapping[str, RankSums]
) -> CombinedTest | str:
    """The log-rank test stratified by site; or why there is none."""
    g = len(plan.groups(analysis.by))
    parts = list(answers.values())
    observed = np.sum([p.events for p in parts], axis=0).astype(np.float64)
    n = np.sum([p.n for p in parts], axis=0)
    exact = _tested(
        plan,
        analysis,
        observed,
        n,
        np.sum([p.expected for p in parts], axis=0),
        np.sum([np.reshape(p.covariance, (g, g)) for p in parts], axis=0),
        f"Stratified log-rank test ({len(parts)} sites)",
    )
    if isinstance(exact, str):
        return exact
    rounded = chi_squared_of(
        observed - np.sum([p.grid_expected for p in parts], axis=0),
        np.sum([np.reshape(p.grid_covariance, (g, g)) for p in parts], axis=0),
    )
    note = (
        f"on times rounded to steps of {plan.times.grid:g} {plan.times.unit}: chi-squared "
        f"{rounded[0]:.4f}"
    )
    return CombinedTest(title, exact, (note,), tuple(answers))


def combined_pooled_logrank(
    plan: Plan, analysis: LogrankAnalysis, title: str, answers: Mapping[str, LifeTables]
) -> CombinedTest | str:
    """The log-rank test of all rows on the grid; or why there is none."""
    names = plan.groups(analysis.by)
    tables = [added_tables([a.tables[at] for a in answers.values()]) for at in range(len(names))]
    steps = np.unique(np.concatenate([t[0] for t in tables]))
    died = np.zeros((len(names), len(steps)))
    leaving = np.zeros((len(names), len(steps)))
    for at, (own, d, c) in enumerate(tables):
        where = np.searchsorted(steps, own)
        died[at, where] = d
        leaving[at, where] = d + c
    at_risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    used = died.any(axis=0)
    if not used.any():
        return "there are no events"
    expected, covariance = hypergeometric(at_risk[:, used], died[:, used])
    words = f"Log-rank test of all sites, times in steps of {plan.times.grid:g} {plan.times.unit}"
    found = _tested(
        plan, analysis, died.sum(axis=1), leaving.sum(axis=1), expected, covariance, words
    )
    if isinstance(found, str):
        return found
    return CombinedTest(title, found, (), tuple(answers))


def _tested(
    plan: Plan,
    analysis: LogrankAnalysis,
    observed: Floats,
    n: Array,
    expected: Floats,
    covariance: Floats,
    method: str,
) -> LogRankResult | str:
    if not observed.any():
        return "there are no events"
    statistic, df = chi_squared_of(observed - expected, covariance)
    if not df:
        return "no two groups are at risk together at an event (within a site)"
    return LogRankResult(
        statistic,
        df,
        float(chdtrc(df, statistic)),
        method,
        plan.groups(analysis.by),
        tuple(int(v) for v in n),
        tuple(int(v) for v in observed),
        observed,
        expected,
        covariance,
        int(np.sum(n)),
        int(observed.sum()),
    )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CombinedTest(Shown):
    """A log-rank test of all sites, with what rounding of times does to it."""

    title: str
    test: LogRankResult
    notes: tuple[str, ...]
    sites: tuple[str, ...]

    def _title(self) -> str:
        return f"{self.title}\n{self.test._title()}"

    def _rows(self) -> list[Row]:
        return list(self.test._rows())

    def _notes(self) -> list[str]:
        return [f"{len(self.sites)} sites: {', '.join(self.sites)}", *self.notes]


def fits_tables(plan: Plan, by: str | None, got: LifeTables) -> str:
    """Why life tables can't be those of the plan; empty where they can."""
    return "" if len(got.tables) == len(plan.groups(by)) else "it has other groups than the plan"


def fits_rank_sums(plan: Plan, analysis: LogrankAnalysis, got: RankSums) -> str:
    """Why sums can't be those of a log-rank test; empty where they can."""
    if len(got.n) != len(plan.groups(analysis.by)):
        return "it has other groups than the plan"
    for expected in (got.expected, got.grid_expected):
        if abs(sum(expected) - sum(got.events)) > 1e-6 * (1 + sum(got.events)):
            return "expected events don't add up to the events"
    return ""
