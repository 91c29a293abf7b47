"""From numbers to a paper's tables, figures and sentences. Nothing is computed here.

Names are loaded when first used: a check of a study needs no paper.

Examples
--------
>>> from oncohort.displays.styles import style_of
>>> style_of().p(0.0004)
'<0.001'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncohort.displays.compose import build
    from oncohort.displays.context import Context, LeftOut
    from oncohort.displays.paper import Paper

__all__ = ["Context", "LeftOut", "Paper", "build"]

_FROM = {"Context": "context", "LeftOut": "context", "Paper": "paper", "build": "compose"}


def __getattr__(name: str) -> object:
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = getattr(import_module(f"{__name__}.{_FROM[name]}"), name)
    return globals()[name]
