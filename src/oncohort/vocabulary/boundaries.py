"""Values whose type no annotation can say: they come from outside, or from a frame of any columns.

Whoever reads one asks what it is. Each is named here once: `Any` stands nowhere else for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Parsed: TypeAlias = Any
"""A value of a JSON, TOML or pickled document as it was parsed: mappings, lists, texts, numbers."""

Row: TypeAlias = Mapping[str, Any]
"""One row of a frame as polars gives it, by column: each value is of the type of its column."""

Option: TypeAlias = Any
"""A setting that is handed on by its name to a function which checks it: a hole of a problem's
text, a keyword of a library."""

Frame: TypeAlias = Any
"""A data frame of any library: Narwhals finds out which."""
