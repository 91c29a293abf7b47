"""From numbers to a paper's tables, figures and sentences. Nothing is computed here.

Names are loaded when first used: a check of a study needs no paper.

Examples
--------
>>> from oncohort.displays.styles import style_of
>>> style_of().p(0.0004)
'<0.001'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.lazy_names import lazy_names

if TYPE_CHECKING:
    from oncohort.displays.compose import build as build
    from oncohort.displays.context import Context as Context
    from oncohort.displays.context import LeftOut as LeftOut
    from oncohort.displays.paper import Paper as Paper

__all__, __getattr__, __dir__ = lazy_names(
    __name__,
    {
        "compose": ["build"],
        "context": ["Context", "LeftOut"],
        "paper": ["Paper"],
    },
)
