"""Drug exposure: cumulative and mean dose, relative dose intensity, reductions, interruptions.

A dose row says what was taken from its first to its last day, both included; days between rows
are days without the drug. Relative dose intensity is the cumulative dose over the planned one
(after Hryniuk and Bush, J Clin Oncol 1984;2:1281), from start to stop (days after the last dose
are left out) or in a fixed window (days after a stop count as zero). A planned schedule such as
four weeks on, two weeks off is part of the planned dose, and its weeks off are no interruptions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal

import polars as pl

from oncohort.dataclass import dataclass
from oncohort.problems import OncohortError, Place, Problem, problem

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from oncohort.criteria.assessed import Assessed

__all__ = [
    "DosingError",
    "Plan",
    "exposure",
]


class DosingError(OncohortError):
    """A plan that can't be."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What was planned for a drug.

    Parameters
    ----------
    amount, unit, times_per_day
        The dose, for example 400 mg 2 times a day; 0.5 times a day is every other day.
    days_on, days_off
        A schedule: sunitinib 28 and 14. None means every day.
    window_days
        Length of the fixed window for early dose intensity.
    levels
        Daily doses of the label's levels, highest first, in ``unit`` per day.

    Examples
    --------
    >>> Plan(400, times_per_day=2, levels=(800, 400, 200)).daily
    800
    """

    amount: float
    unit: Literal["mg", "mg/m2", "mg/kg"] = "mg"
    times_per_day: float = 1
    days_on: int | None = None
    days_off: int | None = None
    window_days: int = 30
    levels: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.amount <= 0 or self.times_per_day <= 0 or self.window_days < 1:
            raise DosingError("planned amount, times per day and window must be above 0")
        if (self.days_on is None) != (self.days_off is None):
            raise DosingError("days_on and days_off go together")
        if self.days_on is not None and (self.days_on < 1 or (self.days_off or 0) < 0):
            raise DosingError("a schedule has at least one day on")

    @property
    def daily(self) -> float:
        """Planned dose of a day on the drug, in ``unit``."""
        return self.amount * self.times_per_day


def exposure(
    doses: IntoDataFrame,
    patients: IntoDataFrame,
    plan: Mapping[str, Plan],
    *,
    cutoff: date | None = None,
) -> Assessed:
    """Exposure of each patient to each drug.

    Parameters
    ----------
    doses
        ``patient, drug, start, end, amount, unit, times_per_day, reason``. An open end is the day
        before the next row, else the end of treatment, the last contact or the cutoff.
    patients
        ``patient``, ``treatment_end`` and ``last_contact`` where present; ``weight_kg`` and
        ``bsa_m2`` (or ``height_cm``) for doses per kg or m2.
    plan
        By drug, compared without case. A drug without a plan gets doses but no intensity.
    cutoff
        Data cutoff: nothing after it counts.

    Returns
    -------
    Assessed
        ``table``, one row per patient and drug: ``first_dose, last_dose, days`` (first to last,
        both included), ``duration_days`` (last minus first), ``days_with_drug``,
        ``cumulative_mg``, ``mean_daily_mg`` (over ``days``), ``start_daily_mg``,
        ``lowest_daily_mg``, ``rdi`` (percent, start to stop), ``rdi_window`` (percent, fixed
        window from the first dose), ``window_days``, ``reductions``, ``escalations``,
        ``interruptions``, ``interruption_days``, ``started_reduced``, ``reduced``,
        ``first_reduction``, ``days_to_reduction``, ``first_reduction_reason``,
        ``days_to_interruption``, ``lowest_level`` (0 the full dose; null where no level fits).
        ``evidence``: the periods with effective dates, daily dose, ``change``, ``source_row``.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import date
    >>> doses = pl.DataFrame({"patient": ["a"] * 3, "drug": ["sorafenib"] * 3,
    ...     "start": [date(2014, 1, 1), date(2014, 1, 21), date(2014, 2, 1)],
    ...     "end": [date(2014, 1, 20), date(2014, 1, 31), date(2014, 2, 9)],
    ...     "amount": [400.0, 0.0, 400.0], "times_per_day": [2.0, None, 1.0]})
    >>> patients = pl.DataFrame({"patient": ["a"]})
    >>> row = exposure(doses, patients, {"sorafenib": Plan(400, times_per_day=2)}).table
    >>> row.select("cumulative_mg", "days", "interruptions", "reductions",
    ...            "days_to_reduction").row(0)
    (19600.0, 40, 1, 1, 31)
    >>> round(row["rdi"][0], 2)
    61.25
    """
    from oncohort.criteria.assessed import Assessed
    from oncohort.criteria.dosing.periods import periods, planned_table
    from oncohort.criteria.dosing.summary import summary
    from oncohort.criteria.frames import frame_in

    doses = frame_in(doses, "doses", ("patient", "drug", "start", "amount"))
    patients = frame_in(patients, "patients")
    plans = planned_table(plan)
    rows, problems = periods(doses, patients, plans, cutoff)
    table = summary(rows, patients, plans)
    return Assessed(table, rows, (*problems, *_unplanned(table, plan)))


def _unplanned(table: pl.DataFrame, plan: Mapping[str, Plan]) -> Sequence[Problem]:
    known = {name.strip().lower() for name in plan}
    return [
        problem(
            "dosing.no-plan",
            place=Place(column="drug", key="tables.doses"),
            drug=drug,
        )
        for drug in table["drug"].unique().sort().to_list()
        if drug not in known
    ]
