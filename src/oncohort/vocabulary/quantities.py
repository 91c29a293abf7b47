"""What laboratory and body measurements can be, and what they usually are in a cohort.

Units are those calculated in (`records/analytes.toml`). All limits are far wider than reference
ranges: beyond them the unit or the figure is wrong, not the patient ill.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oncohort.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """Limits of one measurement, each as (lowest, highest)."""

    possible: tuple[float, float]
    """Values that a living patient can have."""
    median: tuple[float, float] | None = None
    """Medians that cohorts of patients with solid tumours have."""
    upper_limit: tuple[float, float] | None = None
    """Upper limits of normal that laboratories print."""


_LIMITS: Mapping[str, tuple[tuple[float, float], ...]] = {
    "hemoglobin": ((2, 25), (8, 16.5), (11, 20)),
    "platelets": ((1, 3000), (60, 600), (250, 650)),
    "neutrophils": ((0, 150), (1.2, 12), (4.5, 11)),
    "leukocytes": ((0.05, 400), (2, 20), (7, 15)),
    "lymphocytes": ((0, 300), (0.2, 3.2), (2, 6)),
    "calcium": ((4, 20), (7.5, 11.5), (9.5, 11.6)),
    "albumin": ((0.8, 7), (2.2, 5), (4, 6)),
    "creatinine": ((0.1, 25), (0.4, 2.5), (0.7, 2)),
    "bilirubin": ((0.01, 60), (0.1, 4), (0.5, 2.5)),
    "ldh": ((20, 20000), (90, 1200), (130, 700)),
    "alt": ((1, 20000), (6, 120), (15, 100)),
    "ast": ((1, 20000), (6, 120), (15, 100)),
    "alp": ((5, 10000), (30, 500), (70, 500)),
    "sodium": ((95, 190), (128, 146), (138, 155)),
    "potassium": ((1.2, 10), (3, 5.3), (4.2, 6.5)),
    "crp": ((0, 60), (0.02, 6), (0.05, 1.3)),
    "glucose": ((10, 1500), (70, 250), (90, 200)),
    "inr": ((0.5, 20), (0.8, 3), (1, 1.5)),
    "ejection_fraction": ((5, 90), (35, 75)),
    "qtc": ((200, 800), (350, 500)),
    "systolic": ((50, 300), (95, 170)),
    "diastolic": ((20, 200), (50, 105)),
    "nlr": ((0, 400), (1, 15)),
    "plr": ((0, 5000), (50, 600)),
    "lmr": ((0, 60), (0.7, 12)),
    "sii": ((0, 30000), (100, 4000)),
    "pni": ((5, 100), (25, 65)),
    "weight": ((2, 260), (38, 115)),
    "height": ((40, 225), (140, 192)),
}

MARKERS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "psa": (0.05, 20),
        "cea": (1.5, 30),
        "ca125": (10, 150),
        "ca199": (10, 150),
        "ca153": (8, 120),
        "afp": (2, 60),
        "hcg": (0.5, 50),
        "nse": (4, 80),
        "beta2_microglobulin": (0.8, 10),
    }
)
"""Upper limits that laboratories print for tumour markers: PSA 4 ng/mL (after removal of the
prostate 0.1 or 0.2), CEA 5, CA 125 35 U/mL, CA 19-9 37, CA 15-3 30, AFP 7 to 20 ng/mL, hCG 5 U/L
(Sturgeon et al., NACB guidelines, Clin Chem 2008;54:e11-79), NSE 12.5 to 25 ng/mL,
beta-2-microglobulin 2.4 mg/L, each with a factor of about 4 for assays. A marker itself spreads
over powers of ten, and below the limit of detection it is 0."""
MEDIANS_OF_MARKERS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "psa": (0.005, 5000),
        "cea": (0.2, 1500),
        "ca125": (1, 20000),
        "ca199": (1, 50000),
        "ca153": (1, 5000),
        "nse": (2, 1500),
        "beta2_microglobulin": (0.5, 40),
    }
)
"""Medians of cohorts, with a factor of about ten to either side of what was ever published: of
alpha-fetoprotein and hCG germ cell tumours leave none."""
MOST_OF_A_MARKER = 1e8
"""ng/mL: 100 g/L, more than all the protein of a serum; the same figure for units of activity."""

QUANTITIES: Mapping[str, Quantity] = MappingProxyType(
    {name: Quantity(*limits) for name, limits in _LIMITS.items()}
    | {
        name: Quantity((0, MOST_OF_A_MARKER), MEDIANS_OF_MARKERS.get(name), limit)
        for name, limit in MARKERS.items()
    }
)
"""By the name of `records/analytes.toml`."""

COLUMNS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "age": (0, 120),
        "kps": (0, 100),
        "ecog": (0, 5),
        "grade": (0, 5),
        "baseline_grade": (0, 5),
        "diameter_mm": (0, 500),
        "slice_mm": (0, 20),
        "times_per_day": (0, 10),
        "line": (0, 20),
        "count": (0, 200),
    }
)
"""Numbers that columns of the record tables can hold."""

BODY_MASS_INDEX = (12.0, 55.0)
"""kg/m2 of adults; beyond it a weight in pounds or a height of another patient is likelier."""

SPREAD: Mapping[str, float] = MappingProxyType(
    {
        "weight": 2.2,
        "height": 1.35,
        "hemoglobin": 1.95,
        "albumin": 2.1,
        "calcium": 1.7,
        "sodium": 1.25,
        "potassium": 2.0,
    }
)
"""Steady measurements: the largest ratio of their 90th to their 10th percentile among adults."""
