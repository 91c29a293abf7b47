"""The statistics of :mod:`oncohort.stats` over partitions: more rows than fit in memory.

What moves is sums, not patients. Runs of rows of Parquet files are partitions, on this machine or
on the workers of a Dask cluster. The modules load when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.lazy_names import lazy_names

if TYPE_CHECKING:
    from oncohort.scale.cox import cox as cox
    from oncohort.scale.curves import cumulative_incidence as cumulative_incidence
    from oncohort.scale.curves import kaplan_meier as kaplan_meier
    from oncohort.scale.curves import logrank as logrank
    from oncohort.scale.result import Baseline as Baseline
    from oncohort.scale.result import ScaledCox as ScaledCox
    from oncohort.scale.workers import connect as connect

__all__, __getattr__, __dir__ = lazy_names(
    __name__,
    {
        "cox": ["cox"],
        "curves": ["cumulative_incidence", "kaplan_meier", "logrank"],
        "result": ["Baseline", "ScaledCox"],
        "workers": ["connect"],
    },
)
