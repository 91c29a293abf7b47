"""Cox regression and Kaplan-Meier over partitions: more rows than fit in memory.

The statistics are those of :mod:`oncohort.stats`; what is here moves sums, not patients. A
partition is asked two things per step (:mod:`.sums`): its sums on the grid of event times, then
its weighted Gram matrix. Row groups of a Parquet file are partitions; so could be workers, or
hospitals that share sums only.
"""

from __future__ import annotations

from oncohort.scale.cox import ScaledCox, cox, cox_partitions
from oncohort.scale.curves import kaplan_meier

__all__ = ["ScaledCox", "cox", "cox_partitions", "kaplan_meier"]
