"""The sections of the paper, one file each; this list is their order in it.

A section's file is loaded when the section is asked for: a check needs few of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

from oncohort.displays.sections.item import Item
from oncohort.displays.sections.section import Part, Request, Section

if TYPE_CHECKING:
    SECTIONS: tuple[Section, ...]
    """All of them, in the order of the paper."""

NAMES = (
    "flow",
    "baseline",
    "response",
    "exposure",
    "cutpoints",
    "survival",
    "contrasts",
    "incidence",
    "time_dependent",
    "sensitivity",
    "arms",
    "prognosis",
    "missing",
    "propensity",
    "e_value",
    "prediction",
    "safety",
    "labs",
    "outcomes",
    "logistic",
    "historical",
    "published",
)
"""Keys of the sections, and names of their files."""

__all__ = ["NAMES", "SECTIONS", "Item", "Part", "Request", "Section", "sections_of"]


def sections_of(names: Iterable[str]) -> tuple[Section, ...]:
    """These sections, in the order of the paper.

    Examples
    --------
    >>> [section.title for section in sections_of(("prognosis", "flow"))]
    ['Patients', 'Prognostic factors']
    """
    asked = frozenset(names)
    found = (import_module(f"{__name__}.{name}") for name in NAMES if name in asked)
    return tuple(module.SECTION for module in found)


def __getattr__(name: str) -> object:
    if name != "SECTIONS":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = sections_of(NAMES)
    return globals()[name]
