"""One 0/1 variable laid exactly: on one endpoint all ways are listed, on the other they are tried.

Where the patients' places in both endpoints leave no way, those who are alike in everything that is
laid already change places in the early endpoint, so that a way for the one and a way for the other
meet in the same patients.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from oncohort.dataclass import dataclass
from oncohort.twin.assignments import WHOLE, Flags, Needed, needed, sums, ways
from oncohort.twin.parts import look
from oncohort.twin.search import INF, Cohort, Space, Term

Labels = npt.NDArray[np.intp]

PAIRS = 4_000_000
"""Pairs of halves that are looked at, of so many patients that all are laid anew."""

LISTED = 20_000
"""Ways of one endpoint that are kept to be matched with those of the other."""


@dataclass(frozen=True, slots=True)
class Alone:
    """A 0/1 column with its own models: at most one of each endpoint."""

    column: int
    terms: tuple[Term, ...]
    asked: tuple[Needed, ...]


def alone(space: Space, cohort: Cohort, carrier: int) -> Alone | None:
    """The models of a variable, if it can be laid exactly; None if it can't."""
    c = space.carriers[carrier]
    if c.count != 1 or c.ones[1] > c.ones[0] or not np.isin(cohort.x[c.first], (0.0, 1.0)).all():
        return None
    terms = [t for t in space.terms if c.first in t.columns]
    if not terms or any(len(t.columns) > 1 for t in terms):
        return None
    if len({t.endpoint for t in terms}) < len(terms):
        return None
    asked = [needed(t.windows[0], int(cohort.event[t.endpoint].sum())) for t in terms]
    if any(a is None for a in asked):
        return None
    return Alone(c.first, tuple(terms), tuple(a for a in asked if a is not None))


def labels_of(cohort: Cohort, columns: list[int]) -> Labels:
    """A number for every patient, equal for those who are alike in these columns."""
    if not columns:
        return np.zeros(cohort.x.shape[1], dtype=np.intp)
    return np.asarray(np.unique(cohort.x[columns], axis=1, return_inverse=True)[1]).reshape(-1)


def matched(
    space: Space, cohort: Cohort, early: int, late: int, wanted: Labels, own: Labels,
    rng: np.random.Generator,
) -> Cohort:  # fmt: skip
    """Patients change their places in the early endpoint: times in order, templates kept near.

    ``wanted``: (ranks) label of who has to stand at each early rank; ``own``: (patients) labels,
    each as often as it is wanted.
    """
    template = space.template
    assert template is not None
    rank_late = cohort.ranks(late)
    new = cohort.copy()
    for label in np.unique(own):
        a, who = np.flatnonzero(wanted == label), np.flatnonzero(own == label)
        b = rank_late[who]
        first, last = template[early][a][:, None], template[late][b][None, :]
        cost = 50.0 * np.maximum(0, np.log(first * 1.15 / last))
        cost = cost + 1e5 * (first > last)
        cost += 1e5 * ((cohort.event[early][a] == 0)[:, None] & (cohort.event[late][b] > 0)[None])
        cost += rng.random(cost.shape) * 3 + 0.04 * np.abs(a[:, None] - b[None, :])
        rows, cols = linear_sum_assignment(cost)
        new.order[early][a[rows]] = who[cols]
    return new


def place(
    space: Space, cohort: Cohort, it: Alone, laid: list[int], rng: np.random.Generator,
    rounds: int = 3, stop: Callable[[], bool] = lambda: False,
) -> Cohort:  # fmt: skip
    """The cohort with this variable laid; the nearest one found where it can't be met.

    ``laid``: columns that have to stay as they are, up to patients who are alike in all of them;
    ``stop``: true when time is up.
    """
    order = sorted(range(len(it.terms)), key=lambda k: _narrow(it.asked[k]))
    own = replace(space, terms=it.terms, pairs=(), marks=())
    best = (look(own, cohort).missed, look(own, cohort).energy, cohort)
    now = cohort
    for k in range(rounds):
        if stop():
            break
        for first in order:
            turn = [first, *(o for o in order if o != first)]
            found = _together(own, now, it, turn, rng, stop)
            best = min(best, found, key=lambda f: f[:2])
            if found[0] < INF:  # the other way round gives the same ways
                break
        if best[0] <= 0 or not space.pairs or len(it.terms) < 2:
            break
        met = _meeting(space, now, it, laid, rng, stop)
        if met is not None:
            seen = look(own, met)
            best = min(best, (seen.missed, seen.energy, met), key=lambda f: f[:2])
        if best[0] <= 0 or k == rounds - 1:
            break
        early, late = space.pairs[0]
        labels = labels_of(now, laid)
        other = matched(space, now, early, late, labels[now.order[early]], labels, rng)
        now = other if _broken(space, other) <= _broken(space, now) else now
    return best[2]


def _pairs(cohort: Cohort) -> int:
    """Fewer of many patients, whose ways take longer to look at."""
    return int(PAIRS * min(1.0, WHOLE / cohort.x.shape[1]))


def _narrow(asked: Needed) -> float:
    return (asked.score[1] - asked.score[0]) * (asked.info[1] - asked.info[0])


def _broken(space: Space, cohort: Cohort) -> float:
    """Weight of patients whose endpoints are out of order."""
    return look(replace(space, terms=(), marks=()), cohort).missed


def by_rank(cohort: Cohort, it: Alone, endpoint: int) -> Flags:
    """The variable by rank of an endpoint."""
    return np.asarray(cohort.x[it.column][cohort.order[endpoint]] > 0.5).astype(np.int8)


def _with(cohort: Cohort, it: Alone, endpoint: int, way: Flags) -> Cohort:
    new = cohort.copy()
    new.x[it.column][cohort.order[endpoint]] = way
    return new


def _together(
    own: Space, cohort: Cohort, it: Alone, order: list[int], rng: np.random.Generator,
    stop: Callable[[], bool],
) -> tuple[float, float, Cohort]:  # fmt: skip
    """Ways of the narrower endpoint, tried on the other one."""
    first, *others = order
    e = it.terms[first].endpoint
    best = (INF, INF, cohort)
    event = cohort.event[e].astype(np.int8)
    for some in ways(by_rank(cohort, it, e), event, it.asked[first], rng, _pairs(cohort)):
        apart = np.zeros(len(some))
        for k in others:
            apart += distance(_turned(some, cohort, e, it.terms[k].endpoint), cohort, it, k)
        for row in np.argsort(apart, kind="stable")[:40]:
            if apart[row] > 0.02 and best[0] < INF:
                break
            new = _with(cohort, it, e, some[row])
            seen = look(own, new)
            best = min(best, (seen.missed, seen.energy, new), key=lambda f: f[:2])
            if best[0] <= 0:
                return best
        if stop():
            break
    return best


def _turned(x: Flags, cohort: Cohort, from_: int, to: int) -> Flags:
    """Ways by the rank of one endpoint, by the rank of another one."""
    return np.asarray(x[:, cohort.ranks(from_)[cohort.order[to]]])


def distance(x: Flags, cohort: Cohort, it: Alone, k: int) -> npt.NDArray[np.float64]:
    """About how far each way is from a window, by one step from its middle."""
    asked, w = it.asked[k], it.terms[k].windows[0]
    score, info = sums(x, cohort.event[it.terms[k].endpoint].astype(np.int8), asked.beta)
    info = np.maximum(info, 1e-6)
    beta, se = asked.beta + score / info, info**-0.5
    out = np.zeros(len(x))
    for v, (low, high) in (
        (beta, w.ratio), (beta - w.quantile * se, w.low), (beta + w.quantile * se, w.high),
        (0.4 * np.abs(beta) / se, (0.4 * w.z[0], 0.4 * w.z[1])),
    ):  # fmt: skip
        out += np.maximum(0.0, np.maximum(low - v, v - high))
    return out


def _listed(
    cohort: Cohort, it: Alone, k: int, rng: np.random.Generator, stop: Callable[[], bool]
) -> Flags:
    """Ways of one endpoint, many of them."""
    e = it.terms[k].endpoint
    event = cohort.event[e].astype(np.int8)
    out, count = [], 0
    for some in ways(by_rank(cohort, it, e), event, it.asked[k], rng, _pairs(cohort)):
        some = some[distance(some, cohort, it, k) <= 2e-5]
        out.append(some)
        count += len(some)
        if count >= LISTED or stop():
            break
    return np.concatenate(out)[:LISTED] if out else np.zeros((0, cohort.x.shape[1]), dtype=np.int8)


def _meeting(
    space: Space, cohort: Cohort, it: Alone, laid: list[int], rng: np.random.Generator,
    stop: Callable[[], bool],
) -> Cohort | None:  # fmt: skip
    """A way of each endpoint with as many ones among those who are alike, and patients to match."""
    early, late = space.pairs[0]
    at = {t.endpoint: k for k, t in enumerate(it.terms)}
    if not {early, late} <= set(at):
        return None
    labels = labels_of(cohort, laid)
    lists = {e: _listed(cohort, it, at[e], rng, stop) for e in (early, late)}
    counts = {}
    for e in (early, late):
        member = labels[cohort.order[e]][:, None] == np.arange(labels.max() + 1)[None, :]
        counts[e] = [tuple(r) for r in (lists[e].astype(np.int32) @ member).tolist()]
    where: dict[tuple[int, ...], list[int]] = {}
    for j, key in enumerate(counts[late]):
        where.setdefault(key, []).append(j)
    able = [i for i, key in enumerate(counts[early]) if key in where]
    before = _broken(space, cohort)
    own = replace(space, terms=it.terms, pairs=(), marks=())
    for i in rng.permutation(np.array(able, dtype=np.intp))[:40]:
        others = where[counts[early][i]]
        way = lists[late][others[int(rng.integers(len(others)))]]
        new = _with(cohort, it, late, way)
        wanted = 2 * labels[cohort.order[early]] + lists[early][i]
        strata = 2 * labels + (new.x[it.column] > 0.5)
        new = matched(space, new, early, late, wanted, strata, rng)
        if _broken(space, new) <= before and look(own, new).missed <= 0:
            return new
    return None
