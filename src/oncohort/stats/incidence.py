"""Cumulative incidence of competing events: the Aalen-Johansen estimate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from oncohort.dataclass import dataclass
from oncohort.stats._counts import rows_by_code
from oncohort.stats._show import Row, Shown, left_out_text, plain, stack
from oncohort.stats.bands import interval_name, survival_band
from oncohort.stats.competing import CauseCounts, CompetingData, count_causes, read_competing
from oncohort.stats.curve_result import State
from oncohort.stats.errors import InputError
from oncohort.stats.inputs import Column, Floats, Label, check_choice, check_level
from oncohort.stats.times import nearest_times

if TYPE_CHECKING:
    import pandas
    import polars

VARIANCES = {
    "aalen": "Aalen's variance",
    "robust": "variance of the infinitesimal jackknife (robust)",
}


@dataclass(frozen=True, slots=True)
class IncidenceAt:
    """Cumulative incidence at one time; none after the last observation."""

    time: float
    incidence: float | None
    se: float | None
    low: float | None
    high: float | None
    at_risk: float
    events: float
    state: State = "ok"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class IncidenceCurve(Shown):
    """Cumulative incidence of one type of event in one group.

    Attributes
    ----------
    time, at_risk, events
        ``(k,)`` distinct exit times, at risk just before, events of this type.
    incidence, se, low, high
        ``(k,)``. Before the first event all are 0.
    """

    cause: Label
    group: Label
    time: Floats
    at_risk: Floats
    events: Floats
    incidence: Floats
    se: Floats
    low: Floats
    high: Floats
    n: int
    n_events: int
    level: float
    method: str
    ends: float
    """Event-free share at the last time; the curve goes on after it only where this is 0."""

    def at(self, times: Iterable[float] | float) -> list[IncidenceAt]:
        """The curve at given times; `at_risk` at the first exit time from there on.

        Examples
        --------
        >>> cif = cumulative_incidence([1, 2, 3, 4], [1, 2, 0, 1])
        >>> cif.curve(1).at(2.5)[0].incidence
        0.25
        """
        wanted = nearest_times(times, self.time)
        out = []
        done = np.cumsum(self.events)
        for t in wanted.tolist():
            i = int(np.searchsorted(self.time, t, side="right")) - 1
            j = int(np.searchsorted(self.time, t, side="left"))
            risk = float(self.at_risk[j]) if j < len(self.time) else 0.0
            events = float(done[i]) if i >= 0 else 0.0
            if t > self.time[-1] and self.ends > 0:
                out.append(IncidenceAt(t, None, None, None, None, risk, events, "not_estimable"))
            elif i < 0:
                out.append(IncidenceAt(t, 0.0, 0.0, 0.0, 0.0, risk, 0.0))
            else:
                value, se, low, high = (
                    plain(a[i]) for a in (self.incidence, self.se, self.low, self.high)
                )
                out.append(IncidenceAt(t, value, se, low, high, risk, events))
        return out

    def to_frame(self) -> polars.DataFrame:
        """Tidy polars table, one row per distinct time."""
        import polars as pl

        columns: dict[str, object] = {"cause": [self.cause] * len(self.time)}
        if self.group is not None:
            columns["group"] = [self.group] * len(self.time)
        for name in ("time", "at_risk", "events", "incidence", "se", "low", "high"):
            columns[name] = getattr(self, name)
        return pl.DataFrame(columns).with_columns(pl.selectors.float().fill_nan(None))

    def to_pandas(self) -> pandas.DataFrame:
        """The same table as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(self.to_frame().to_dict(as_series=False))

    def _rows(self) -> Sequence[Row]:
        return self.to_frame().to_dicts()

    def _printed(self) -> Sequence[Row]:
        return [_summary(self)]

    def _title(self) -> str:
        return f"Cumulative incidence of {self.cause!r}"

    def _notes(self) -> Sequence[str]:
        return [self.method]


def _summary(curve: IncidenceCurve) -> Row:
    row: Row = {"cause": curve.cause}
    if curve.group is not None:
        row["group"] = curve.group
    return row | {
        "n": curve.n,
        "events": curve.n_events,
        "last time": float(curve.time[-1]),
        "incidence": float(curve.incidence[-1]),
        "low": plain(curve.low[-1]),
        "high": plain(curve.high[-1]),
    }


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class IncidenceResult(Shown):
    """Cumulative incidence of each type of event, in all rows or by group.

    Attributes
    ----------
    curves
        ``(cause, group)`` to curve; group is none without groups.
    """

    curves: Mapping[tuple[Label, Label], IncidenceCurve]
    causes: tuple[Label, ...]
    n: int
    n_events: Mapping[Label, int]
    method: str
    left_out: Mapping[str, int]
    level: float

    def curve(self, cause: Label, group: Label = None) -> IncidenceCurve:
        """The curve of a type of event (in a group)."""
        if (cause, group) not in self.curves:
            known = ", ".join(repr(key) for key in self.curves)
            raise InputError(f"no curve {(cause, group)!r}; there are {known}")
        return self.curves[cause, group]

    def to_frame(self) -> polars.DataFrame:
        """Tidy polars table of all curves."""
        return stack([curve.to_frame() for curve in self.curves.values()])

    def to_pandas(self) -> pandas.DataFrame:
        """The same table as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(self.to_frame().to_dict(as_series=False))

    def _printed(self) -> Sequence[Row]:
        return [_summary(curve) for curve in self.curves.values()]

    def _title(self) -> str:
        return f"Cumulative incidence: {self.n} rows"

    def _notes(self) -> Sequence[str]:
        return [self.method, left_out_text(self.left_out)]


def cumulative_incidence(
    time: Column,
    event_type: Column,
    *,
    censored: object = 0,
    entry: Column | None = None,
    weights: Column | None = None,
    group: Column | None = None,
    interval: str = "log-log",
    variance: str | None = None,
    level: float = 0.95,
) -> IncidenceResult:
    """Aalen-Johansen estimate of cumulative incidence under competing risks.

    One minus Kaplan-Meier with the other events as censored overstates the incidence; this does
    not (Aalen and Johansen 1978, Scand J Stat 5:141).

    Parameters
    ----------
    time, entry, weights, group, level
        As in :func:`oncohort.stats.kaplan_meier`.
    event_type
        ``(n,)`` type of event, as numbers or labels.
    censored
        The type that means censored; ``None`` where nobody is.
    interval
        Scale of the pointwise intervals, as in :mod:`.bands`, applied to the incidence.
    variance
        "aalen" (default; as R ``cmprsk::cuminc``), or "robust" (infinitesimal jackknife, without
        weights the same as the delta method; as R ``survival::survfit``; default where weights
        are not whole numbers).

    Returns
    -------
    IncidenceResult

    Raises
    ------
    EventCodingError
        `censored` does not occur, or a type is missing.

    Examples
    --------
    >>> cif = cumulative_incidence([1, 2, 3, 4, 5], ["pd", "death", "none", "pd", "none"],
    ...                            censored="none")
    >>> [round(float(v), 2) for v in cif.curve("pd").incidence]
    [0.2, 0.2, 0.2, 0.5, 0.5]
    """
    scale = interval_name(interval)
    check_level(level)
    data = read_competing(
        time, event_type, censored=censored, entry=entry, weights=weights, group=group
    )
    w = data.rows.weight
    if variance is None:
        variance = "robust" if w is not None and bool((w != np.floor(w)).any()) else "aalen"
    check_choice(variance, tuple(VARIANCES), "variance")
    method = (
        f"Aalen-Johansen estimate, {VARIANCES[variance]}, {100 * level:g} % pointwise intervals "
        f"on the {scale} scale."
    )
    parts: list[tuple[Label, CompetingData]] = [(None, data)]
    if data.rows.group is not None:
        labels = data.rows.group
        parts = [
            (labels.levels[code], data.part(rows))
            for code, rows in enumerate(rows_by_code(labels.codes, len(labels.levels)))
        ]
    curves = {
        (curve.cause, label): curve
        for label, part in parts
        for curve in _curves_of(part, label, variance, scale, level, method)
    }
    return IncidenceResult(
        curves,
        data.causes,
        data.rows.n,
        {cause: int((data.cause == j + 1).sum()) for j, cause in enumerate(data.causes)},
        method,
        data.left_out,
        level,
    )


def _curves_of(
    data: CompetingData, label: Label, variance: str, scale: str, level: float, method: str
) -> Iterator[IncidenceCurve]:
    """The curve of each cause among the rows of one group."""
    counts = count_causes(data)
    survival = event_free(counts)
    for j, cause in enumerate(data.causes):
        incidence = np.cumsum(
            np.concatenate([[1.0], survival[:-1]]) * counts.by_cause[j] / _safe(counts.at_risk)
        )
        if variance == "robust":
            se = np.sqrt(jackknife(counts, data, j, survival, incidence))
        else:
            se = np.sqrt(incidence_variance(counts, j, survival, incidence))
        low, high = survival_band(incidence, se, scale, level)
        none = incidence <= 0
        low[none] = high[none] = 0.0
        yield IncidenceCurve(
            cause,
            label,
            counts.time,
            counts.at_risk,
            counts.by_cause[j],
            incidence,
            se,
            low,
            high,
            data.rows.n,
            int((data.cause == j + 1).sum()),
            level,
            method,
            float(survival[-1]),
        )


def _safe(n: Floats) -> Floats:
    return np.where(n > 0, n, 1.0)


def event_free(c: CauseCounts) -> Floats:
    """Share without any event just after each time."""
    return np.asarray(np.cumprod(np.where(c.at_risk > 0, 1.0 - c.events / _safe(c.at_risk), 1.0)))


def incidence_variance(c: CauseCounts, j: int, survival: Floats, incidence: Floats) -> Floats:
    """Aalen's variance of the incidence of cause `j` at each time, by running sums.

    An event of the cause at ``u`` moves the incidence at ``t`` by
    ``1 - (F(t) - F(u)) / S(u)``, one of another cause by ``-(F(t) - F(u)) / S(u)``; each with
    variance ``S(u-)^2 d (n - d) / (n^2 (n - 1))``.
    """
    n = _safe(c.at_risk)
    before = np.concatenate([[1.0], survival[:-1]])
    f = incidence
    d1, d = c.by_cause[j], c.events
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = np.where(survival > 0, 1.0 / survival, 0.0)
        tied = np.maximum(n - 1, 1e-300)
        first = before**2 * d1 / n**2 * np.where(d1 > 1, (n - d1) / tied, 1.0)
        d2 = d - d1
        second = before**2 * d2 / n**2 * np.where(d2 > 1, (n - d2) / tied, 1.0)
    # Coefficient at t: a - F(t) b with a = 1 + F(u)/S(u) (cause), F(u)/S(u) (others), b = 1/S(u).
    out = np.zeros(len(f))
    for own, a in ((first, 1.0 + f * inverse), (second, f * inverse)):
        out += (
            np.cumsum(own * a * a)
            - 2 * f * np.cumsum(own * a * inverse)
            + f * f * np.cumsum(own * inverse * inverse)
        )
    return np.maximum(out, 0.0)


def jackknife(
    c: CauseCounts, data: CompetingData, j: int, survival: Floats, incidence: Floats
) -> Floats:
    """Sum of squared weighted influences of the rows on the incidence, by running sums.

    A row at risk at ``t`` since ``v`` has influence ``r(t) - r(v) - G(v) (F(t) - F(v))``; one that
    left at ``x`` keeps what it had there and moves on with ``c (F(t) - F(x))``, where ``c`` is its
    influence on event-free survival, relative to it.
    """
    rows = data.rows
    k = len(c.time)
    w = np.ones(rows.n) if rows.weight is None else rows.weight
    n = _safe(c.at_risk)
    left = c.at_risk - c.events
    before = np.concatenate([[1.0], survival[:-1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.where((c.events > 0) & (left > 0), c.events / (n * left), 0.0)
        own_survival = np.where(left > 0, 1.0 / left, 0.0)
    g = np.cumsum(step)
    g_before = np.concatenate([[0.0], g[:-1]])
    r = np.cumsum(before * c.by_cause[j] / n * (g_before - 1.0 / n))
    f = incidence
    out = np.searchsorted(c.time, rows.time, side="right") - 1
    joins = np.zeros(rows.n, dtype=np.int64)
    if rows.entry is not None:
        joins = np.searchsorted(c.time, rows.entry, side="right")

    def at_entry(values: Floats) -> Floats:
        return np.concatenate([[0.0], values])[joins]

    gv = at_entry(g)
    kept = -at_entry(r) + gv * at_entry(f)
    of_cause = data.cause == j + 1
    relative = g[out] - gv - np.where(rows.event, own_survival[out], 0.0)
    constant = (
        r[out]
        + kept
        - gv * f[out]
        + np.where(of_cause, before[out] / n[out], 0.0)
        - relative * f[out]
    )
    w2 = w * w

    def gone(values: Floats) -> Floats:
        return np.cumsum(np.bincount(out, values, minlength=k))

    def waiting(values: Floats) -> Floats:
        came = np.bincount(np.minimum(joins, k), values, minlength=k + 1)[:k]
        return np.cumsum(came) - gone(values)

    total = (
        gone(w2 * constant**2)
        + 2 * f * gone(w2 * constant * relative)
        + f * f * gone(w2 * relative**2)
    )
    total += (
        r * r * waiting(w2)
        + f * f * waiting(w2 * gv * gv)
        + waiting(w2 * kept * kept)
        - 2 * r * f * waiting(w2 * gv)
        + 2 * r * waiting(w2 * kept)
        - 2 * f * waiting(w2 * gv * kept)
    )
    return np.asarray(np.maximum(total, 0.0))
