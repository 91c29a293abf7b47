"""The figures of RECIST 1.1 and the choices a study may declare about them."""

from __future__ import annotations

from typing import Literal

from oncohort.dataclass import dataclass

RESPONSES = ("CR", "PR", "SD", "Non-CR/Non-PD", "PD", "NE")
"""Responses, best first (order of the best overall response)."""

DateRule = Literal["finding", "first", "last"]


@dataclass(frozen=True, slots=True)
class RecistRules:
    """Thresholds and declared choices for reading scans by RECIST 1.1.

    Source: Eisenhauer et al., Eur J Cancer 2009;45:228-247 (section and table named at each
    field), with the clarifications of Schwartz et al. (EORTC), Eur J Cancer 2016;62:132-137.

    Parameters
    ----------
    response_percent
        Shrinkage from the baseline sum that makes a partial response, in percent (4.3.1).
    progression_percent, progression_mm
        Growth from the nadir that makes progression: both must be met (4.3.1).
    node_normal_mm
        A node with a short axis below this is normal (4.3.1).
    too_small_mm
        Length given to a lesion that is there but too small to measure (4.3.2).
    max_targets, max_targets_per_organ
        Most target lesions in all and in one organ (3.1.2).
    baseline_window_days
        The baseline scan should be at most this old at treatment start (3.1).
    baseline_after_start_days
        How many days after treatment start a first scan may still serve as baseline.
    visit_window_days
        Scans without a visit label are one assessment up to this many days after its first.
    label_window_days
        Scans with one visit label are one assessment up to this many days after its first.
    date_rule
        The date of an assessment with several scans. ``finding``: the scan that showed the new
        lesion or the non-target progression, else the last scan of the assessment. ``first`` and
        ``last``: always the first or the last scan.
    after_complete_response
        ``progression``: disease that is back after an overall complete response is progression
        (4.3.2 and table 3, note a). ``sum rule``: only the 20 % and 5 mm rule counts.
    backdate_equivocal
        A new lesion first called equivocal and confirmed later is dated at the first scan that
        showed it (4.3.5).

    Examples
    --------
    >>> RecistRules().progression_percent
    20
    """

    response_percent: int = 30
    progression_percent: int = 20
    progression_mm: float = 5.0
    node_normal_mm: float = 10.0
    too_small_mm: float = 5.0
    max_targets: int = 5
    max_targets_per_organ: int = 2
    baseline_window_days: int = 28
    baseline_after_start_days: int = 0
    visit_window_days: int = 7
    label_window_days: int = 28
    date_rule: DateRule = "finding"
    after_complete_response: Literal["progression", "sum rule"] = "progression"
    backdate_equivocal: bool = True


RECIST_1_1 = RecistRules()
"""RECIST 1.1 as published."""


def hundredths(mm: float) -> int:
    """A length as integer hundredths of a millimetre, so that thresholds compare exactly.

    Examples
    --------
    >>> hundredths(51.6)
    5160
    """
    return round(mm * 100)
