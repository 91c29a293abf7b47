"""From numbers to a paper's tables, figures and sentences. Nothing is computed here.

Examples
--------
>>> from oncohort.displays.styles import style_of
>>> style_of().p(0.0004)
'<0.001'
"""

from oncohort.displays.compose import build
from oncohort.displays.context import Context, LeftOut
from oncohort.displays.paper import Paper

__all__ = ["Context", "LeftOut", "Paper", "build"]
