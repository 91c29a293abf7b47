"""What all sections of the protocol share: frozen, no unknown keys, keys that make result ids."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.+-]*$", max_length=60)]
"""A key that becomes part of a result id: lower-case letters, digits, ``_ . + -``."""


class Section(BaseModel):
    """A section of `study.toml`: frozen, and strict about its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
