"""The figures of a paper as data; shared by ``audit`` and ``twin``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncohort.published.model import Published, Where
    from oncohort.published.toml import parse_published, read_published, to_toml

_HOMES = {
    "Published": "model",
    "Where": "model",
    "parse_published": "toml",
    "read_published": "toml",
    "to_toml": "toml",
}

__all__ = ["Published", "Where", "parse_published", "read_published", "to_toml"]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
