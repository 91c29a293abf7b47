"""Counts, proportions and summaries as estimates: what several sections share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from oncohort.analyses.result import Estimate, Key, Kind, Population, Shared, key_of
from oncohort.endpoints.cohort import VariableInfo

COHORT = "cohort"
"""Id of the population of all eligible patients."""

Path = tuple[str, ...]
"""Where a number belongs: section, subject, ..."""


def count(
    path: Path,
    label: str,
    patients: Sequence[str],
    *,
    population: str = COHORT,
    heading: str = "",
    **levels: object,
) -> tuple[Estimate, Population]:
    """A number of patients, and who they are."""
    key = key_of(*path, **levels)
    members = Population(key.id, label, tuple(patients))
    number = Estimate(
        key,
        label,
        len(members.patients),
        kind="count",
        unit="patients",
        population=population,
        members=key.id,
        method="count",
        heading=heading,
    )
    return number, members


def percent(
    path: Path,
    label: str,
    patients: Sequence[str],
    n: int,
    *,
    population: str = COHORT,
    interval: bool = False,
    excluded: Mapping[str, int] | None = None,
    heading: str = "",
    **levels: object,
) -> tuple[list[Estimate], Population]:
    """Count and percentage of those with a property among `n`.

    Parameters
    ----------
    path
        Gives `path.count` and `path.percent`.
    interval
        With an exact (Clopper-Pearson) 95 % interval.
    """
    counted = key_of(*path, "count", **levels)
    members = Population(counted.id, label, tuple(patients))
    x = len(members.patients)
    common: Shared = {
        "n": n,
        "population": population,
        "members": members.id,
        "heading": heading,
    }
    number = Estimate(
        counted,
        label,
        x,
        kind="count",
        unit="patients",
        method="count",
        excluded=dict(excluded or {}),
        **common,
    )
    key = key_of(*path, "percent", **levels)
    if n == 0:
        why = "no patient in the denominator"
        share = Estimate(
            key, label, None, "not_estimable", kind="proportion", unit="%", note=why, **common
        )
        return [number, share], members
    return [number, _share(key, label, x, n, interval, excluded or {}, common)], members


def _share(
    key: Key,
    label: str,
    x: int,
    n: int,
    interval: bool,
    excluded: Mapping[str, int],
    common: Shared,
) -> Estimate:
    low = high = level = None
    how = ""
    if interval:
        from oncohort.stats import proportion

        ci = proportion(x, n, method="clopper-pearson")
        low, high, level, how = 100 * ci.low, 100 * ci.high, ci.level, "Clopper-Pearson (exact)"
    return Estimate(
        key,
        label,
        100 * x / n,
        kind="proportion",
        low=low,
        high=high,
        level=level,
        interval_method=how,
        method="proportion",
        unit="%",
        excluded=dict(excluded),
        **common,
    )


def median(values: npt.NDArray[np.float64]) -> float:
    """The median of one number or more; numpy's own loads masked arrays to look for them.

    Examples
    --------
    >>> median(np.array([3.0, 1.0, 2.0])), median(np.array([1.0, 4.0]))
    (2.0, 2.5)
    """
    ordered = np.sort(values)
    half, odd = divmod(ordered.size, 2)
    if np.isnan(ordered[-1]):
        return float(ordered[-1])
    return float(ordered[half] if odd else (ordered[half - 1] + ordered[half]) / 2.0)


STATISTICS: Mapping[str, Callable[[npt.NDArray[np.float64]], float]] = {
    "median": median,
    "minimum": np.min,
    "maximum": np.max,
    "mean": np.mean,
    "sd": lambda values: values.std(ddof=1) if values.size > 1 else np.nan,
    "q1": lambda values: np.quantile(values, 0.25),
    "q3": lambda values: np.quantile(values, 0.75),
}
"""Summary statistics: quartiles by linear interpolation (R's type 7), the SD with n - 1."""


def summary(
    path: Path,
    label: str,
    values: Iterable[float | None],
    *,
    kind: Kind = "value",
    unit: str = "",
    population: str = COHORT,
    statistics: Sequence[str] = ("median", "minimum", "maximum"),
    **levels: object,
) -> list[Estimate]:
    """Summary statistics of the known values; the missing ones are counted as excluded.

    Raises
    ------
    KeyError
        No such statistic.
    """
    raw = list(values)
    known = np.array([v for v in raw if v is not None], dtype=float)
    missing = len(raw) - known.size
    out = []
    for statistic in statistics:
        value = float(STATISTICS[statistic](known)) if known.size else np.nan
        finite = bool(np.isfinite(value))
        out.append(
            Estimate(
                key_of(*path, statistic, **levels),
                f"{label}, {statistic}",
                value if finite else None,
                "ok" if finite else "not_estimable",
                kind=kind,
                n=int(known.size),
                excluded={"missing": missing} if missing else {},
                unit=unit,
                population=population,
                method="quartile (R type 7)" if statistic in ("q1", "q3") else statistic,
            )
        )
    return out


def in_no_group(
    path: tuple[str, ...], label: str, what: VariableInfo, frame: pl.DataFrame
) -> tuple[Estimate, Population]:
    """Patients who are in no group of a variable, since its value is missing."""
    return count(
        (*path, "missing"),
        f"{label}, {what.label}: missing, in no group",
        frame.filter(pl.col(what.key).is_null())["patient"].to_list(),
        variable=what.key,
    )
