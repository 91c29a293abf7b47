"""Counts, proportions and summaries as estimates: what several sections share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from oncohort.analyses.result import Estimate, Population, result_id

COHORT = "cohort"
"""Id of the population of all eligible patients."""


def count(
    path: str,
    label: str,
    patients: Sequence[str],
    *,
    population: str = COHORT,
    **keys: object,
) -> tuple[Estimate, Population]:
    """A number of patients, and who they are."""
    name = result_id(path, **keys)
    members = Population(name, label, tuple(patients))
    return (
        Estimate(
            name,
            label,
            len(members.patients),
            unit="patients",
            population=population,
            members=name,
            method="count",
        ),
        members,
    )


def percent(
    path: str,
    label: str,
    patients: Sequence[str],
    n: int,
    *,
    population: str = COHORT,
    interval: bool = False,
    excluded: Mapping[str, int] | None = None,
    **keys: str,
) -> tuple[list[Estimate], Population]:
    """Count and percentage of those with a property among `n`.

    Parameters
    ----------
    path
        Gives `path.count` and `path.percent`.
    interval
        With an exact (Clopper-Pearson) 95 % interval.
    """
    number, members = count(f"{path}.count", label, patients, population=population, **keys)
    x = len(members.patients)
    number = Estimate(
        number.id,
        label,
        x,
        n=n,
        unit="patients",
        population=population,
        members=number.id,
        method="count",
        excluded=dict(excluded or {}),
    )
    name = result_id(f"{path}.percent", **keys)
    if n == 0:
        share = Estimate(
            name,
            label,
            None,
            "not_estimable",
            n=0,
            unit="%",
            population=population,
            members=members.id,
            note="no patient in the denominator",
        )
        return [number, share], members
    low = high = level = None
    how = ""
    if interval:
        from oncohort.stats import proportion

        ci = proportion(x, n, method="clopper-pearson")
        low, high, level, how = 100 * ci.low, 100 * ci.high, ci.level, "Clopper-Pearson (exact)"
    share = Estimate(
        name,
        label,
        100 * x / n,
        low=low,
        high=high,
        level=level,
        interval_method=how,
        method="proportion",
        n=n,
        excluded=dict(excluded or {}),
        unit="%",
        population=population,
        members=members.id,
    )
    return [number, share], members


def summary(
    path: str,
    label: str,
    values: Iterable[float | None],
    *,
    unit: str = "",
    population: str = COHORT,
    statistics: Sequence[str] = ("median", "minimum", "maximum"),
    **keys: object,
) -> list[Estimate]:
    """Summary statistics of the known values; the missing ones are counted as excluded.

    Quartiles are those of linear interpolation (R's type 7); the standard deviation has n - 1.
    """
    raw = list(values)
    known = np.array([v for v in raw if v is not None], dtype=float)
    missing = len(raw) - known.size
    out = []
    for statistic in statistics:
        value: float | None
        if known.size == 0 or (statistic == "sd" and known.size < 2):
            value = None
        elif statistic == "median":
            value = float(np.median(known))
        elif statistic == "minimum":
            value = float(known.min())
        elif statistic == "maximum":
            value = float(known.max())
        elif statistic == "mean":
            value = float(known.mean())
        elif statistic == "sd":
            value = float(known.std(ddof=1))
        elif statistic in ("q1", "q3"):
            value = float(np.quantile(known, 0.25 if statistic == "q1" else 0.75))
        else:
            raise ValueError(f"unknown statistic {statistic!r}")
        out.append(
            Estimate(
                result_id(f"{path}.{statistic}", **keys),
                f"{label}, {statistic}",
                value,
                "ok" if value is not None else "not_estimable",
                n=int(known.size),
                excluded={"missing": missing} if missing else {},
                unit=unit,
                population=population,
                method="quartile (R type 7)" if statistic in ("q1", "q3") else statistic,
            )
        )
    return out
