"""What a figure is drawn of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Data: TypeAlias = Mapping[str, Any]
"""Words, numbers, and lists and mappings of these: it goes to another process as it is. Each figure
says in its docstring what it reads."""
