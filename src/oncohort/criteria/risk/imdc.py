"""IMDC risk model of metastatic renal cell carcinoma.

Source: Heng et al., J Clin Oncol 2009;27:5794; validated in Heng et al., Lancet Oncol
2013;14:141; second line: Ko et al., Lancet Oncol 2015;16:293. One point each: Karnofsky below 80,
hemoglobin below the lower limit for the sex, albumin-corrected calcium, neutrophils and platelets
above the upper limit, less than one year from diagnosis to systemic therapy. All inequalities are
strict and the limits are those of the laboratory. 0 is favorable, 1-2 intermediate, 3-6 poor.

In second line the laboratory values and Karnofsky are those at its start, while the time factor
stays diagnosis to FIRST systemic therapy; both dates are parameters, and
:func:`time_sensitivity` names the patients whose group hangs on that choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from oncohort.criteria.risk.cohort import RiskModel, assess_model
from oncohort.criteria.risk.dates import interval_evidence
from oncohort.criteria.risk.factors import high_factor, kps_factor, low_factor, time_factor
from oncohort.criteria.risk.score import LabFactor, Limit, Score, combine, scored

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from oncohort.criteria.assessed import Assessed
    from oncohort.criteria.calcium import CalciumFormula
    from oncohort.criteria.performance import EcogMap

__all__ = ["FACTORS", "GROUPS", "Limit", "Score", "assess", "score", "time_sensitivity"]

FACTORS = ("kps", "hemoglobin", "calcium", "neutrophils", "platelets", "time")
"""The six factors."""

GROUPS = ((0, "favorable"), (1, "intermediate"), (3, "poor"))
"""Lowest number of factors of each group."""

MODEL = RiskModel(
    "imdc",
    "IMDC",
    FACTORS,
    (
        LabFactor("hemoglobin", "hemoglobin", "low"),
        LabFactor("calcium", "calcium", "high"),
        LabFactor("neutrophils", "neutrophils", "high"),
        LabFactor("platelets", "platelets", "high"),
    ),
    GROUPS,
)
"""How each factor is judged."""


def score(
    *,
    kps: float | None = None,
    ecog: float | None = None,
    ecog_map: EcogMap | None = None,
    hemoglobin: float | None = None,
    hemoglobin_lower: float | None = None,
    corrected_calcium: float | None = None,
    calcium_upper: float | None = None,
    neutrophils: float | None = None,
    neutrophils_upper: float | None = None,
    platelets: float | None = None,
    platelets_upper: float | None = None,
    diagnosis: date | None = None,
    first_systemic: date | None = None,
) -> Score:
    """IMDC score of one patient, with a reason per factor.

    Parameters
    ----------
    kps, ecog, ecog_map
        Karnofsky; or ECOG with a named map (:mod:`oncohort.criteria.performance`).
    hemoglobin, hemoglobin_lower
        Value and the lower limit for the patient's sex, in one unit; likewise the other values
        with their upper limits.
    corrected_calcium
        Corrected for albumin (:func:`oncohort.criteria.calcium.corrected`).
    diagnosis, first_systemic
        Dates of diagnosis and of first systemic therapy.

    Returns
    -------
    Score
        Bounds and group; a missing factor is never an absent one.

    Notes
    -----
    Heng et al., J Clin Oncol 2009;27:5794.

    Examples
    --------
    >>> from datetime import date
    >>> s = score(kps=70, hemoglobin=13.5, hemoglobin_lower=13.5, corrected_calcium=9.6,
    ...           calcium_upper=10.1, neutrophils=4.2, neutrophils_upper=7.0,
    ...           diagnosis=date(2012, 1, 10), first_systemic=date(2013, 1, 10))
    >>> s.low, s.high, s.group
    (1, 2, 'intermediate')
    >>> s.reason
    'IMDC 1 to 2 of 6: intermediate (Karnofsky 70 is below 80); not known: no platelets'
    """
    return combine(
        "IMDC",
        (
            kps_factor(kps, ecog, ecog_map),
            low_factor("hemoglobin", "hemoglobin", hemoglobin, hemoglobin_lower),
            high_factor("calcium", "corrected calcium", corrected_calcium, calcium_upper),
            high_factor("neutrophils", "neutrophils", neutrophils, neutrophils_upper),
            high_factor("platelets", "platelets", platelets, platelets_upper),
            time_factor(diagnosis, first_systemic),
        ),
        GROUPS,
    )


def assess(
    patients: IntoDataFrame,
    labs: IntoDataFrame | None = None,
    performance: IntoDataFrame | None = None,
    therapies: IntoDataFrame | None = None,
    *,
    origin: str = "treatment_start",
    window: tuple[int, int] = (28, 0),
    time_from: str = "diagnosis_date",
    time_to: str = "first_systemic_date",
    formula: CalciumFormula = "standard",
    ecog_map: EcogMap | None = None,
    limits: Sequence[Limit] = (),
    charted: str | None = "imdc",
) -> Assessed:
    """IMDC groups of a cohort from laboratory values, performance status and dates.

    Parameters
    ----------
    patients
        ``patient``, the date columns ``origin``, ``time_from``, ``time_to``; ``sex``, ``kps``,
        ``ecog`` and the charted group where present.
    labs
        ``patient, date, test, value, unit, lower_limit, upper_limit``: hemoglobin, calcium with
        albumin (or corrected calcium), neutrophils, platelets.
    performance
        ``patient, date, scale, value``.
    therapies
        ``patient, start``: the earliest start stands in where ``time_to`` is empty.
    window
        Days before and after ``origin`` in which the last value is the baseline one.
    formula
        How calcium is corrected.
    ecog_map
        Named map for patients who have ECOG only; without it only those grades decide on which
        all published maps agree.
    limits
        Declared limits for rows without their own.
    charted
        Column of ``patients`` with the charted group, compared with the derived one.

    Returns
    -------
    Assessed
        ``table``: ``patient, imdc_<factor>`` (bool or null), ``imdc_low, imdc_high,
        imdc_group`` (null where the bounds disagree), ``imdc_missing`` (list), ``imdc_charted,
        imdc_agrees``. ``evidence``: ``patient, factor, present, value, limit, unit, date,
        source_row, reason``.

    Notes
    -----
    Heng et al., J Clin Oncol 2009;27:5794; Ko et al., Lancet Oncol 2015;16:293.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import date
    >>> patients = pl.DataFrame({"patient": ["a"], "kps": [90], "treatment_start":
    ...     [date(2014, 3, 1)], "diagnosis_date": [date(2010, 1, 1)],
    ...     "first_systemic_date": [date(2013, 1, 1)]})
    >>> labs = pl.DataFrame({"patient": ["a"] * 4, "date": [date(2014, 2, 25)] * 4,
    ...     "test": ["Hb", "PLT", "ANC", "Ca"], "value": [10.0, 200.0, 4.0, 9.0],
    ...     "unit": ["g/dL", "10^9/L", "10^9/L", "mg/dL"],
    ...     "lower_limit": [13.5, 150.0, 2.0, 8.5], "upper_limit": [17.0, 350.0, 7.0, 10.2]})
    >>> done = assess(patients, labs)
    >>> done.table.select("imdc_low", "imdc_high", "imdc_group").row(0)
    (1, 2, 'intermediate')
    """
    return assess_model(
        MODEL,
        patients,
        labs,
        performance,
        therapies,
        origin=origin,
        window=window,
        time_from=time_from,
        time_to=time_to,
        formula=formula,
        ecog_map=ecog_map,
        limits=limits,
        charted=charted,
    )


def time_sensitivity(
    patients: IntoDataFrame,
    table: IntoDataFrame,
    *,
    time_from: str = "diagnosis_date",
    time_to: str = "treatment_start",
) -> pl.DataFrame:
    """The patients whose group changes if the time factor ends at another date.

    The papers differ in wording (first systemic, first targeted therapy), which matters after
    cytokines.

    Parameters
    ----------
    table
        ``Assessed.table`` of :func:`assess`.
    time_to
        The other date, for example the start of the first targeted therapy.

    Returns
    -------
    polars.DataFrame
        ``patient, imdc_group, imdc_group_other``; only patients in whom the two differ.
    """
    from oncohort.criteria.frames import frame_in

    patients = frame_in(patients, "patients")
    table = frame_in(table, "table")
    other, _ = interval_evidence(patients, start=time_from, end=time_to)
    swapped = table.select("patient", *(f"imdc_{f}" for f in FACTORS if f != "time"))
    parts = [
        swapped.select("patient", pl.lit(f).alias("factor"), pl.col(f"imdc_{f}").alias("present"))
        for f in FACTORS
        if f != "time"
    ]
    parts.append(other.select("patient", "factor", "present"))
    again, _ = scored(
        pl.concat(parts), patients, prefix="imdc", factors=FACTORS, groups=GROUPS, charted=None
    )
    return (
        table.select("patient", "imdc_group")
        .join(
            again.select("patient", pl.col("imdc_group").alias("imdc_group_other")),
            on="patient",
            maintain_order="left",
        )
        .filter(pl.col("imdc_group").ne_missing(pl.col("imdc_group_other")))
    )
