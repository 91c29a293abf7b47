"""Scores that oncology papers make of blood counts and body size: formulas as data.

A name in a formula is a laboratory test (its baseline value) or a column of `patients`; the unit
in brackets is the one in which the published formula takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType

from oncohort.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Index:
    """One published score.

    Attributes
    ----------
    formula
        For a number; empty for a score of levels.
    when
        Level = condition, in the order in which they are asked.
    unit
        Unit of the number.
    source
        The paper that the formula comes from.
    """

    label: str
    formula: str = ""
    when: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    unit: str = ""
    source: str = ""


INDICES: Mapping[str, Index] = MappingProxyType(
    {
        "nlr": Index(
            "Neutrophil-to-lymphocyte ratio",
            "neutrophils [10^9/L] / lymphocytes [10^9/L]",
            source="Zahorec 2001, Bratisl Lek Listy 102:5",
        ),
        "plr": Index(
            "Platelet-to-lymphocyte ratio",
            "platelets [10^9/L] / lymphocytes [10^9/L]",
            source="Smith et al. 2009, Am J Surg 197:466",
        ),
        "lmr": Index(
            "Lymphocyte-to-monocyte ratio",
            "lymphocytes [10^9/L] / monocytes [10^9/L]",
            source="Stotz et al. 2014, Br J Cancer 110:435",
        ),
        "sii": Index(
            "Systemic immune-inflammation index",
            "platelets [10^9/L] * neutrophils [10^9/L] / lymphocytes [10^9/L]",
            unit="10^9/L",
            source="Hu et al. 2014, Clin Cancer Res 20:6212",
        ),
        "pni": Index(
            "Prognostic nutritional index",
            "10 * albumin [g/dL] + 0.005 * lymphocytes [/uL]",
            source="Onodera et al. 1984, Nihon Geka Gakkai Zasshi 85:1001",
        ),
        "mgps": Index(
            "Modified Glasgow prognostic score",
            when=MappingProxyType(
                {
                    "0": "crp [mg/L] <= 10",
                    "1": "crp [mg/L] > 10 and albumin [g/L] >= 35",
                    "2": "crp [mg/L] > 10 and albumin [g/L] < 35",
                }
            ),
            source="McMillan 2013, Cancer Treat Rev 39:534",
        ),
        "gps": Index(
            "Glasgow prognostic score",
            when=MappingProxyType(
                {
                    "0": "crp [mg/L] <= 10 and albumin [g/L] >= 35",
                    "2": "crp [mg/L] > 10 and albumin [g/L] < 35",
                    "1": "crp [mg/L] > 10 or albumin [g/L] < 35",
                }
            ),
            source="Forrest et al. 2003, Br J Cancer 89:1028",
        ),
        "bmi": Index(
            "Body mass index",
            "weight [kg] / height [m] ^ 2",
            unit="kg/m²",
            source="WHO Technical Report Series 894, 2000",
        ),
        "bsa": Index(
            "Body surface area",
            "sqrt(height [cm] * weight [kg] / 3600)",
            unit="m²",
            source="Mosteller 1987, N Engl J Med 317:1098",
        ),
        "bsa_du_bois": Index(
            "Body surface area (Du Bois)",
            "0.007184 * weight [kg] ^ 0.425 * height [cm] ^ 0.725",
            unit="m²",
            source="Du Bois and Du Bois 1916, Arch Intern Med 17:863",
        ),
    }
)
"""Published scores, by the name that `derive` gives them."""
