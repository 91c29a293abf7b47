"""The figures of a paper as data; shared by ``audit`` and ``twin``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncohort.lazy_names import lazy_names

if TYPE_CHECKING:
    from oncohort.published.model import Published as Published
    from oncohort.published.model import Where as Where
    from oncohort.published.toml import parse_published as parse_published
    from oncohort.published.toml import read_published as read_published
    from oncohort.published.toml import to_toml as to_toml

__all__, __getattr__, __dir__ = lazy_names(
    __name__,
    {
        "model": ["Published", "Where"],
        "toml": ["parse_published", "read_published", "to_toml"],
    },
)
