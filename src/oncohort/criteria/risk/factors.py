"""Factors of the risk scores for one patient, each with its reason."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from oncohort.criteria.performance import kps_below
from oncohort.criteria.risk.score import Factor
from oncohort.criteria.thresholds import above, below

if TYPE_CHECKING:
    from oncohort.criteria.performance import EcogMap

__all__ = ["high_factor", "kps_factor", "low_factor", "one_year_after", "time_factor"]


def one_year_after(day: date) -> date:
    """The same day a year later; 28 February after a 29th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def high_factor(
    name: str, label: str, value: float | None, limit: float | None, words: str = "upper limit"
) -> Factor:
    """A factor that is present strictly above a limit."""
    if value is None or limit is None:
        return Factor(name, None, f"no {label}" if value is None else f"no {words} of {label}")
    present = above(value, limit)
    side = "above" if present else "not above"
    return Factor(name, present, f"{label} {value:g} is {side} the {words} {limit:g}")


def low_factor(name: str, label: str, value: float | None, limit: float | None) -> Factor:
    """A factor that is present strictly below a lower limit."""
    if value is None or limit is None:
        return Factor(name, None, f"no {label}" if value is None else f"no lower limit of {label}")
    present = below(value, limit)
    side = "below" if present else "not below"
    return Factor(name, present, f"{label} {value:g} is {side} the lower limit {limit:g}")


def kps_factor(kps: float | None, ecog: float | None, ecog_map: EcogMap | None) -> Factor:
    """Karnofsky below 80, from Karnofsky itself or from ECOG with a named map."""
    present = kps_below(80, kps=kps, ecog=ecog, mapping=ecog_map)
    if kps is not None:
        return Factor("kps", present, f"Karnofsky {kps:g} is {'' if present else 'not '}below 80")
    if ecog is None:
        return Factor("kps", None, "no performance status")
    named = f"the map {ecog_map}" if ecog_map else "no map declared"
    if ecog_map is None and present is not None:
        named = "all published maps"
    if present is None:
        return Factor(
            "kps", None, f"ECOG {ecog:g} does not say whether Karnofsky is below 80 ({named})"
        )
    return Factor(
        "kps",
        present,
        f"ECOG {ecog:g} means Karnofsky {'' if present else 'not '}below 80 ({named})",
    )


def time_factor(diagnosis: date | None, systemic: date | None) -> Factor:
    """Less than one calendar year from diagnosis to systemic therapy."""
    if diagnosis is None or systemic is None:
        absent = "date of diagnosis" if diagnosis is None else "date of systemic therapy"
        return Factor("time", None, f"no {absent}")
    if systemic < diagnosis:
        return Factor("time", None, f"systemic therapy {systemic} is before diagnosis {diagnosis}")
    present = systemic < one_year_after(diagnosis)
    return Factor(
        "time",
        present,
        f"diagnosis {diagnosis} to systemic therapy {systemic} is "
        f"{'' if present else 'not '}less than one year",
    )
