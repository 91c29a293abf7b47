"""What was seen in each patient behind every number: phrases, with the cells of the chart."""

from oncohort.study.evidence.groups import Behind

__all__ = ["Behind"]
