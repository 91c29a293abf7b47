"""The statistics of :mod:`oncohort.stats` over partitions: more rows than fit in memory.

What moves is sums, not patients. Runs of rows of Parquet files are partitions, on this machine or
on the workers of a Dask cluster.
"""

from __future__ import annotations

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
