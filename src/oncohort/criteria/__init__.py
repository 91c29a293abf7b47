"""Criteria of the standards: response, risk, toxicity, dosing. Records in, calls out.

One file or folder per standard, each rule a pure function whose docstring names its source. The
modules load when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncohort.criteria import calcium, ctcae, dosing, label, performance, recist, renal
    from oncohort.criteria.risk import imdc, mskcc

__all__ = [
    "calcium",
    "ctcae",
    "dosing",
    "imdc",
    "label",
    "mskcc",
    "performance",
    "recist",
    "renal",
]


_ROOMS = {"imdc": "risk.imdc", "mskcc": "risk.mskcc"}


def __getattr__(name: str) -> object:
    if name in __all__:
        return import_module(f"oncohort.criteria.{_ROOMS.get(name, name)}")
    raise AttributeError(f"module 'oncohort.criteria' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
