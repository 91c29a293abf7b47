"""The statistics of :mod:`oncohort.stats` over partitions: more rows than fit in memory.

What moves is sums, not patients. Runs of rows of Parquet files are partitions, on this machine or
on the workers of a Dask cluster. The modules load when first used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncohort.scale.cox import cox
    from oncohort.scale.curves import cumulative_incidence, kaplan_meier, logrank
    from oncohort.scale.result import Baseline, ScaledCox
    from oncohort.scale.workers import connect

__all__ = [
    "Baseline",
    "ScaledCox",
    "connect",
    "cox",
    "cumulative_incidence",
    "kaplan_meier",
    "logrank",
]
_EXPORTS = {
    "Baseline": "result",
    "ScaledCox": "result",
    "connect": "workers",
    "cox": "cox",
    "cumulative_incidence": "curves",
    "kaplan_meier": "curves",
    "logrank": "curves",
}


class _Package(ModuleType):
    """Importing the submodule ``cox`` must not hide the function ``cox`` of the same name."""

    def __setattr__(self, name: str, value: object) -> None:
        if name in _EXPORTS and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> object:
    if name not in _EXPORTS:
        raise AttributeError(f"module 'oncohort.scale' has no attribute {name!r}")
    value = getattr(import_module(f"oncohort.scale.{_EXPORTS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
