"""Synthetic patients from published figures, with a certificate of what is met."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncohort.twin.certificate import Certificate, Line
    from oncohort.twin.making import Twin, reconstruct

_HOMES = {
    "Certificate": "certificate",
    "Line": "certificate",
    "Twin": "making",
    "reconstruct": "making",
}

__all__ = ["Certificate", "Line", "Twin", "reconstruct"]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
