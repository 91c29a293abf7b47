"""How journals want numbers: `journals.toml`, one table each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from oncohort.vocabulary.boundaries import Parsed

JOURNALS: Mapping[str, Mapping[str, Parsed]] = MappingProxyType(
    tomllib.loads(Path(__file__).with_name("journals.toml").read_text(encoding="utf-8"))
)
"""Key of a journal to its rules; what one does not say stays as in `default`."""
