"""Synthetic patients from published figures, with a certificate of what is met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.lazy_names import lazy_names

if TYPE_CHECKING:
    from oncohort.twin.certificate import Certificate as Certificate
    from oncohort.twin.certificate import Line as Line
    from oncohort.twin.making import Twin as Twin
    from oncohort.twin.making import reconstruct as reconstruct

__all__, __getattr__, __dir__ = lazy_names(
    __name__,
    {
        "certificate": ["Certificate", "Line"],
        "making": ["Twin", "reconstruct"],
    },
)
