"""What a figure is drawn of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Panel: TypeAlias = dict[str, Any]
"""A part of a figure while it is put together: an axis, a curve, a row."""

Data: TypeAlias = Mapping[str, Any]
"""Words, numbers, and lists and mappings of these: it goes to another process as it is. Each figure
says in its docstring what it reads."""
