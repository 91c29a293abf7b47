"""How numbers look: journal rules as data, and the one place where they are applied."""

from oncohort.protocol.number_style import NOT_ESTIMABLE, NOT_REACHED, Style, style_of

__all__ = ["NOT_ESTIMABLE", "NOT_REACHED", "Style", "style_of"]
