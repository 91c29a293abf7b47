"""MSKCC risk models of metastatic renal cell carcinoma, first and second line.

First line: Motzer et al., J Clin Oncol 2002;20:289. One point each: Karnofsky below 80,
hemoglobin below the lower limit, corrected calcium above 10 mg/dL, LDH above 1.5 x the upper
limit, less than one year from diagnosis to systemic therapy. 0 favorable, 1-2 intermediate, 3-5
poor.

Second line: Motzer et al., J Clin Oncol 2004;22:454. One point each: Karnofsky below 80,
hemoglobin at or below 13 g/dL in men and 11.5 g/dL in women, corrected calcium at or above
10 mg/dL. 0 favorable, 1 intermediate, 2-3 poor.

Both use limits of their own for calcium; the score's own correction is ``"mskcc"``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal

from oncohort.criteria.risk.cohort import RiskModel, assess_model
from oncohort.criteria.risk.factors import high_factor, kps_factor, low_factor, time_factor
from oncohort.criteria.risk.score import Factor, LabFactor, Limit, Score, combine
from oncohort.criteria.thresholds import above, below

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from oncohort.criteria.assessed import Assessed
    from oncohort.criteria.calcium import CalciumFormula
    from oncohort.criteria.performance import EcogMap

__all__ = [
    "FIRST_LINE",
    "FIRST_LINE_GROUPS",
    "SECOND_LINE",
    "SECOND_LINE_GROUPS",
    "assess",
    "score",
    "score_second_line",
]

FIRST_LINE = ("kps", "hemoglobin", "calcium", "ldh", "time")
"""Factors of the first-line score."""
FIRST_LINE_GROUPS = ((0, "favorable"), (1, "intermediate"), (3, "poor"))
SECOND_LINE = ("kps", "hemoglobin", "calcium")
"""Factors of the second-line score."""
SECOND_LINE_GROUPS = ((0, "favorable"), (1, "intermediate"), (2, "poor"))

_CALCIUM = 10.0
_HEMOGLOBIN = {"male": 13.0, "female": 11.5}
_LDH_TIMES = 1.5

FIRST_LINE_MODEL = RiskModel(
    "mskcc",
    "MSKCC",
    FIRST_LINE,
    (
        LabFactor("hemoglobin", "hemoglobin", "low"),
        LabFactor("calcium", "calcium", "high", fixed=_CALCIUM),
        LabFactor("ldh", "ldh", "high", times=_LDH_TIMES),
    ),
    FIRST_LINE_GROUPS,
)
SECOND_LINE_MODEL = RiskModel(
    "mskcc_second_line",
    "MSKCC second-line",
    SECOND_LINE,
    (
        LabFactor("hemoglobin", "hemoglobin", "low", fixed_by_sex=_HEMOGLOBIN, inclusive=True),
        LabFactor("calcium", "calcium", "high", fixed=_CALCIUM, inclusive=True),
    ),
    SECOND_LINE_GROUPS,
)


def score(
    *,
    kps: float | None = None,
    ecog: float | None = None,
    ecog_map: EcogMap | None = None,
    hemoglobin: float | None = None,
    hemoglobin_lower: float | None = None,
    corrected_calcium: float | None = None,
    ldh: float | None = None,
    ldh_upper: float | None = None,
    diagnosis: date | None = None,
    first_systemic: date | None = None,
) -> Score:
    """MSKCC score at first line of one patient.

    Parameters
    ----------
    corrected_calcium
        mg/dL. Other values are in the unit of their limits.

    Notes
    -----
    Motzer et al., J Clin Oncol 2002;20:289.

    Examples
    --------
    >>> from datetime import date
    >>> s = score(kps=80, hemoglobin=14, hemoglobin_lower=13.5, corrected_calcium=10.0, ldh=340,
    ...           ldh_upper=220, diagnosis=date(2012, 1, 1), first_systemic=date(2012, 6, 1))
    >>> s.low, s.group, [f.name for f in s.factors if f.present]
    (2, 'intermediate', ['ldh', 'time'])
    """
    limit = None if ldh_upper is None else ldh_upper * _LDH_TIMES
    return combine(
        "MSKCC",
        (
            kps_factor(kps, ecog, ecog_map),
            low_factor("hemoglobin", "hemoglobin", hemoglobin, hemoglobin_lower),
            high_factor(
                "calcium", "corrected calcium", corrected_calcium, _CALCIUM, "limit of the score"
            ),
            high_factor("ldh", "LDH", ldh, limit, "1.5 x upper limit"),
            time_factor(diagnosis, first_systemic),
        ),
        FIRST_LINE_GROUPS,
    )


def score_second_line(
    *,
    kps: float | None = None,
    ecog: float | None = None,
    ecog_map: EcogMap | None = None,
    hemoglobin: float | None = None,
    sex: Literal["male", "female"] | None = None,
    corrected_calcium: float | None = None,
) -> Score:
    """MSKCC score at second line of one patient.

    Parameters
    ----------
    hemoglobin, corrected_calcium
        g/dL and mg/dL: the limits are fixed, and a value at the limit counts.

    Notes
    -----
    Motzer et al., J Clin Oncol 2004;22:454.

    Examples
    --------
    >>> score_second_line(kps=70, hemoglobin=13.0, sex="male", corrected_calcium=9.9).group
    'poor'
    """
    limit = _HEMOGLOBIN.get(sex) if sex is not None else None
    if hemoglobin is None or limit is None:
        low = Factor("hemoglobin", None, "no hemoglobin" if hemoglobin is None else "no sex")
    else:
        present = not above(hemoglobin, limit)
        side = "at or below" if present else "above"
        low = Factor("hemoglobin", present, f"hemoglobin {hemoglobin:g} is {side} {limit:g}")
    if corrected_calcium is None:
        high = Factor("calcium", None, "no corrected calcium")
    else:
        present = not below(corrected_calcium, _CALCIUM)
        side = "at or above" if present else "below"
        high = Factor(
            "calcium", present, f"corrected calcium {corrected_calcium:g} is {side} {_CALCIUM:g}"
        )
    return combine(
        "MSKCC second line", (kps_factor(kps, ecog, ecog_map), low, high), SECOND_LINE_GROUPS
    )


def assess(
    patients: IntoDataFrame,
    labs: IntoDataFrame | None = None,
    performance: IntoDataFrame | None = None,
    therapies: IntoDataFrame | None = None,
    *,
    line: Literal["first", "second"] = "first",
    origin: str = "treatment_start",
    window: tuple[int, int] = (28, 0),
    time_from: str = "diagnosis_date",
    time_to: str = "first_systemic_date",
    formula: CalciumFormula = "mskcc",
    ecog_map: EcogMap | None = None,
    limits: Sequence[Limit] = (),
    charted: str | None = None,
) -> Assessed:
    """MSKCC groups of a cohort; see :func:`oncohort.criteria.risk.imdc.assess` for the parameters.

    Returns
    -------
    Assessed
        ``table``: ``patient, mskcc_<factor>, mskcc_low, mskcc_high, mskcc_group, mskcc_missing,
        mskcc_charted, mskcc_agrees``; in second line the columns begin with
        ``mskcc_second_line``.

    Examples
    --------
    >>> import polars as pl
    >>> done = assess(pl.DataFrame({"patient": ["a"], "kps": [60]}), line="second")
    >>> done.table.select("mskcc_second_line_low", "mskcc_second_line_high").row(0)
    (1, 3)
    """
    return assess_model(
        FIRST_LINE_MODEL if line == "first" else SECOND_LINE_MODEL,
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
