"""What a page shows behind its numbers: who was counted, what was seen in them, at which cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING, Never

from oncohort.dataclass import dataclass

if TYPE_CHECKING:
    from oncohort.displays.patient import PatientPage

_NONE: Mapping[str, Never] = MappingProxyType({})

Seen = tuple[str, str]
"""A phrase, and the cell that it was read from (empty where no single cell decides)."""


@dataclass(frozen=True, slots=True)
class PageEvidence:
    """The evidence that fits on a page, and where the rest of it is.

    Attributes
    ----------
    groups
        Group to patient to what was seen.
    titles
        Group to what it is called, where a number has several.
    of
        Number to its groups.
    listed
        Populations whose patients are on the page.
    folder
        Where the rest is, beside the page; empty where everything is on the page.
    patients
        Pages of single patients; none where there are too many of them.
    """

    groups: Mapping[str, Mapping[str, tuple[Seen, ...]]] = field(default_factory=lambda: _NONE)
    titles: Mapping[str, str] = field(default_factory=lambda: _NONE)
    of: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NONE)
    listed: frozenset[str] = frozenset()
    folder: str = ""
    patients: tuple[PatientPage, ...] = ()
