"""Interval-censored times: Turnbull's estimate, and imputation of a time within each interval.

Progression is seen at a scan, so it happened in ``(last scan without it, scan with it]``. Taking
the scan's date for the event makes curves look better where scans are rare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._show import Row, Shown, left_out_text
from oncohort.stats.errors import ConvergenceWarning, InputError, NoEventsError, TimeError
from oncohort.stats.inputs import Bools, Column, Floats, Ints, as_numbers, check_choice, row_list
from oncohort.stats.times import snap_times

TOLERANCE = 1e-10
"""Largest share of n by which a gradient may exceed its bound at the solution."""


@dataclass(frozen=True, slots=True)
class SurvivalRange:
    """Survival at a time as far as the data know it: within an interval both ends are open."""

    time: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TurnbullResult(Shown):
    """Nonparametric maximum-likelihood estimate from interval-censored times.

    Attributes
    ----------
    left, right
        ``(k,)`` ends of the intervals that carry mass, ``(left, right]``; a known time has
        ``left == right``, and mass that was never seen to fail ``right`` infinite.
    mass
        ``(k,)`` probability in each, however it lies within.
    survival
        ``(k,)`` survival at `right`, after the interval.
    gap
        How far the optimality conditions are from being met (share of n); 0 at the maximum.
    """

    left: Floats
    right: Floats
    mass: Floats
    survival: Floats
    loglik: float
    n: int
    n_exact: int
    n_interval: int
    n_right: int
    gap: float
    method: str
    left_out: Mapping[str, int] = field(default_factory=dict)

    def at(self, times: Iterable[float] | float) -> list[SurvivalRange]:
        """Survival at given times: a range within an interval that carries mass.

        Examples
        --------
        >>> fit = turnbull([0, 2, 4], [2, 4, None])
        >>> [(round(r.low, 3), round(r.high, 3)) for r in fit.at([1, 2, 3])]
        [(0.667, 1.0), (0.667, 0.667), (0.333, 0.667)]
        """
        out = []
        for t in np.atleast_1d(np.asarray(times, dtype=np.float64)).tolist():
            certain = float(self.mass[self.right <= t].sum())
            possible = float(self.mass[(self.left < t) | (self.right <= t)].sum())
            out.append(SurvivalRange(t, max(1.0 - possible, 0.0), max(1.0 - certain, 0.0)))
        return out

    def quantile(self, p: float) -> tuple[float, float] | None:
        """Interval in which a share `p` has failed by; none where it is not reached."""
        if not 0 < p < 1:
            raise InputError(f"p must lie between 0 and 1, it is {p}")
        reached = np.flatnonzero(self.survival <= 1.0 - p + 1e-9)
        if not len(reached) or np.isinf(self.right[reached[0]]):
            return None
        return float(self.left[reached[0]]), float(self.right[reached[0]])

    @property
    def median(self) -> tuple[float, float] | None:
        """Interval of the median; none where it is not reached."""
        return self.quantile(0.5)

    def _rows(self) -> Sequence[Row]:
        return [
            {
                "left": float(self.left[i]),
                "right": None if np.isinf(self.right[i]) else float(self.right[i]),
                "mass": float(self.mass[i]),
                "survival": float(self.survival[i]),
            }
            for i in range(len(self.mass))
        ]

    def _printed(self) -> Sequence[Row]:
        rows = self._rows()
        return rows if len(rows) <= 14 else [*rows[:7], *rows[-7:]]

    def _title(self) -> str:
        return (
            f"Turnbull estimate: {self.n} rows ({self.n_exact} exact, {self.n_interval} in an "
            f"interval, {self.n_right} right-censored)"
        )

    def _notes(self) -> Sequence[str]:
        m = self.median
        return [
            "median not reached" if m is None else f"median in ({m[0]:.6g}, {m[1]:.6g}]",
            self.method,
            left_out_text(self.left_out),
        ]


def read_intervals(left: Column, right: Column) -> tuple[Floats, Floats]:
    """Ends of ``(left, right]``; a missing or infinite `right` means right-censored at `left`.

    Raises
    ------
    TimeError
        Negative or missing `left`, or `right` before `left`; rows counted from 0.
    """
    lo = as_numbers(left, "left")
    hi = as_numbers(right, "right")
    if len(lo) != len(hi):
        raise InputError(f"left has {len(lo)} rows, right has {len(hi)}")
    if not len(lo):
        raise InputError("left is empty: there are no rows")
    hi = np.where(np.isnan(hi), np.inf, hi)
    bad = ~np.isfinite(lo) | (lo < 0)
    if bad.any():
        raise TimeError(
            f"left is missing or negative in rows {row_list(bad)}", np.flatnonzero(bad).tolist()
        )
    bad = hi < lo
    if bad.any():
        raise TimeError(
            f"right is before left in rows {row_list(bad)}", np.flatnonzero(bad).tolist()
        )
    known = np.isfinite(hi)
    lo, hi[known] = snap_times(lo, hi[known])
    return lo, hi


def turnbull(left: Column, right: Column, *, max_iterations: int = 500) -> TurnbullResult:
    """Turnbull's estimate of survival from interval-censored times (1976, J R Stat Soc B 38:290).

    Parameters
    ----------
    left, right
        ``(n,)`` the event is in ``(left, right]``; equal ends are a known time; `right` none,
        not-a-number or infinite: event-free up to `left`, nothing known after it.

    Returns
    -------
    TurnbullResult

    Notes
    -----
    The likelihood is maximised over the innermost intervals by the constrained Newton method
    (Wang 2007, J R Stat Soc B 69:185), up to the optimality conditions of Gentleman and Geyer
    (1994, Biometrika 81:618), to which EM only crawls.
    R: ``survfit(Surv(left, right, type = "interval2") ~ 1)``.

    Examples
    --------
    >>> turnbull([0, 2, 4, 6], [2, 4, 6, None]).median
    (2.0, 4.0)
    """
    lo, hi = read_intervals(left, right)
    if np.isinf(hi).all():
        raise NoEventsError("no event: every row is right-censored")
    q, p, member = _innermost(lo, hi)
    pattern, counts = np.unique(member, axis=0, return_counts=True)
    mass, gap, settled = _maximise(
        pattern.astype(np.float64), counts.astype(np.float64), max_iterations
    )
    if not settled:
        import warnings

        warnings.warn(
            ConvergenceWarning(f"Turnbull's estimate is {gap:.2g} from its optimality conditions"),
            stacklevel=2,
        )
    keep = mass > 1e-12
    mass, q, p = mass[keep] / mass[keep].sum(), q[keep], p[keep]
    fit = pattern[:, keep].astype(np.float64) @ mass
    survival = np.maximum(1.0 - np.cumsum(mass), 0.0)
    survival[survival < 1e-12] = 0.0
    exact = int((lo == hi).sum())
    censored = int(np.isinf(hi).sum())
    return TurnbullResult(
        q,
        p,
        mass,
        survival,
        float(counts @ np.log(fit)),
        len(lo),
        exact,
        len(lo) - exact - censored,
        censored,
        gap,
        "Nonparametric maximum likelihood over the innermost intervals (Turnbull), constrained "
        "Newton; survival is known outside these intervals only.",
    )


def _innermost(lo: Floats, hi: Floats) -> tuple[Floats, Floats, Bools]:
    """Innermost intervals, and ``(n, k)`` which of them lie in each row's interval.

    At one value a known time begins, then intervals end (closed), then intervals begin (open).
    """
    exact = lo == hi
    values = np.unique(np.concatenate([lo, hi]))
    start = 3 * np.searchsorted(values, lo) + np.where(exact, 0, 2)
    end = 3 * np.searchsorted(values, hi) + 1
    starts, ends = np.unique(start), np.unique(end)
    both = np.concatenate([starts, ends])
    is_end = np.concatenate([np.zeros(len(starts), bool), np.ones(len(ends), bool)])
    order = np.argsort(both, kind="stable")
    both, is_end = both[order], is_end[order]
    inner = np.flatnonzero(~is_end[:-1] & is_end[1:])
    s, e = both[inner], both[inner + 1]
    member = (start[:, None] <= s[None]) & (e[None] <= end[:, None])
    return values[s // 3], values[e // 3], member


def _maximise(a: Floats, counts: Floats, most: int) -> tuple[Floats, float, bool]:
    """Maximise ``counts @ log(a @ p)`` over the simplex."""
    from scipy.optimize import nnls

    n, k = counts.sum(), a.shape[1]
    p = np.full(k, 1.0 / k)
    for _ in range(20):  # a few EM steps make a good start
        p = p * ((counts / (a @ p)) @ a) / n
    small = np.where(p > 0.01 * p.max(), p, 0.0)
    if ((a @ small) > 0).all():
        p = small / small.sum()
    root = np.sqrt(counts)
    loglik = float(counts @ np.log(a @ p))
    gap = float("inf")
    for _ in range(most):
        fit = a @ p
        gradient = (counts / fit) @ a
        gap = float(gradient.max() / n - 1.0)
        if gap <= TOLERANCE:
            break
        # Second-order model of the log-likelihood, with the simplex as a heavy row, over the
        # intervals in use and the steepest one between any two of them.
        use = _candidates(p, gradient)
        s = a[:, use] / fit[:, None] * root[:, None]
        heavy = 1e3 * np.sqrt(n)
        full = np.vstack([s, np.full((1, len(use)), heavy)])
        target = np.concatenate([2.0 * root, [heavy]])
        found = nnls(full, target, maxiter=50 * len(use))[0]
        if found.sum() <= 0:
            break
        wanted = np.zeros(k)
        wanted[use] = found / found.sum()
        step = 1.0
        for _ in range(40):
            trial = (1.0 - step) * p + step * wanted
            fit = a @ trial
            if (fit > 0).all():
                value = float(counts @ np.log(fit))
                if value > loglik:
                    break
            step *= 0.5
        else:
            break
        p, loglik = trial, value
        p[p < 1e-14] = 0.0
        p /= p.sum()
    p = _polished(a, counts, p)
    gap = float(((counts / (a @ p)) @ a).max() / n - 1.0)
    for _ in range(2000):
        # A mass that should vanish stops the steps above; EM shrinks it without overshooting.
        if gap <= TOLERANCE:
            break
        gradient = ((counts / (a @ p)) @ a) / n
        p = p * gradient
        gap = float(((counts / (a @ p)) @ a).max() / n - 1.0)
    return p, max(gap, 0.0), gap <= 1e-7


def _polished(a: Floats, counts: Floats, p: Floats) -> Floats:
    """Plain Newton steps over the intervals with mass, where the line search sees rounding only."""
    use = np.flatnonzero(p > 0)
    sub, mass = a[:, use], p[use]
    for _ in range(4):
        fit = sub @ mass
        scaled = sub / fit[:, None]
        system = np.ones((len(use) + 1, len(use) + 1))
        system[:-1, :-1] = (scaled * counts[:, None]).T @ scaled
        system[-1, -1] = 0.0
        right = np.append(counts @ scaled, 0.0)
        step = np.linalg.lstsq(system, right, rcond=None)[0][:-1]
        if not np.isfinite(step).all() or (mass + step <= 0).any():
            break
        mass = mass + step
    out = np.zeros(len(p))
    out[use] = mass / mass.sum()
    return out


def _candidates(p: Floats, gradient: Floats) -> Ints:
    """Intervals with mass, and the one of largest gradient in each stretch between them."""
    used = np.flatnonzero(p > 0)
    edges = np.concatenate([[-1], used, [len(p)]])
    more = [
        int(lo + 1 + np.argmax(gradient[lo + 1 : hi]))
        for lo, hi in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        if hi - lo > 1
    ]
    return np.union1d(used, np.array(more, dtype=np.int64)).astype(np.int64)


IMPUTATIONS = ("left", "mid", "right", "uniform")


@dataclass(frozen=True, slots=True, eq=False)
class Imputed:
    """One completed data set.

    Attributes
    ----------
    time, event
        ``(n,)`` for :func:`oncohort.stats.kaplan_meier` and the like.
    """

    time: Floats
    event: Bools
    method: str


def impute_intervals(
    left: Column,
    right: Column,
    *,
    method: str = "right",
    imputations: int = 20,
    seed: int = 0,
) -> tuple[Imputed, ...]:
    """Times within each interval, so that methods for right-censored times can be used.

    No study asks for it: a study shows progression between scans by :func:`turnbull`, which needs
    no such choice.

    Parameters
    ----------
    left, right
        As in :func:`turnbull`.
    method
        "right": the scan that showed it (what most papers do); "left": the last scan without
        it; "mid": the middle; "uniform": random within the interval, `imputations` data sets
        with seed `seed`, to be analysed one by one and put together by
        :func:`oncohort.stats.pool`.

    Returns
    -------
    tuple of Imputed
        One data set, or `imputations` of them for "uniform".

    Examples
    --------
    >>> data, = impute_intervals([0, 4, 6], [2, 6, None], method="mid")
    >>> data.time.tolist(), data.event.tolist()
    ([1.0, 5.0, 6.0], [True, True, False])
    """
    check_choice(method, IMPUTATIONS, "method")
    lo, hi = read_intervals(left, right)
    event = np.isfinite(hi)
    end = np.where(event, hi, lo)
    if method != "uniform":
        share = {"left": 0.0, "mid": 0.5, "right": 1.0}[method]
        words = {
            "left": "events at the left end of their interval",
            "mid": "events in the middle of their interval",
            "right": "events at the right end of their interval",
        }[method]
        return (Imputed(lo + share * (end - lo), event, words),)
    if imputations < 2:
        raise InputError(f"imputations must be at least 2, it is {imputations}")
    rng = np.random.default_rng(seed)
    words = f"events uniform within their interval, {imputations} imputations, seed {seed}"
    return tuple(
        # 1 - [0, 1) lies in (0, 1]: an event is never at the open left end.
        Imputed(lo + (1.0 - rng.random(len(lo))) * (end - lo), event, words)
        for _ in range(imputations)
    )
