"""Numbers that are in print: the remission times of Freireich et al. (Blood 1963;21:699).

Survival estimates: Klein and Moeschberger, Survival Analysis, 2003, table 4.1B; tests: SAS/STAT
and the textbooks that use these data.
"""

from __future__ import annotations

import numpy as np
import pytest

from oncohort import stats

MP = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
TIME, EVENT = MP + PLACEBO, [1] * 9 + [0] * 12 + [1] * 21
DRUG = ["6-MP"] * 21 + ["placebo"] * 21


def test_survival_on_the_drug() -> None:
    km = stats.kaplan_meier(MP, EVENT[:21])
    rows = km.at([6, 7, 10, 13, 16, 22, 23])
    assert [round(row.survival, 3) for row in rows] == [
        0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448,
    ]  # fmt: skip
    assert [round(row.se, 4) for row in rows] == [
        0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346,
    ]  # fmt: skip
    assert [row.at_risk for row in rows] == [21, 17, 15, 12, 11, 7, 6]
    assert km.median.value == 23


def test_nelson_aalen_on_the_drug() -> None:
    h = stats.nelson_aalen(MP, EVENT[:21])
    at = [np.searchsorted(h.time, t) for t in (6, 7, 10, 13, 16, 22, 23)]
    assert [round(float(h.hazard[i]), 4) for i in at] == [
        0.1429, 0.2017, 0.2683, 0.3517, 0.4426, 0.5854, 0.7521,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("weighting", "statistic"), [("logrank", 16.7929), ("gehan", 13.4579), ("tarone-ware", 15.1236)]
)
def test_drug_against_placebo(weighting: str, statistic: float) -> None:
    test = stats.logrank(TIME, EVENT, DRUG, weighting=weighting)
    assert test.statistic == pytest.approx(statistic, abs=5e-5)
    if weighting == "logrank":
        assert test.expected[0] == pytest.approx(19.2505, abs=5e-5)


def test_newcombe_1998() -> None:
    """56/70 against 48/80: methods 10 and 11 of the paper's table II, and Miettinen-Nurminen."""
    for method, low, high in (
        ("newcombe", 0.0524, 0.3339),
        ("newcombe-cc", 0.0428, 0.3422),
        ("miettinen-nurminen", 0.0528, 0.3382),
        ("wald", 0.0575, 0.3425),
    ):
        found = stats.proportion_difference(56, 70, 48, 80, method)
        assert (round(found.low, 4), round(found.high, 4)) == (low, high), method
