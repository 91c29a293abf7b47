"""Items of reporting guidelines, and the words for where a paper has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from oncohort.dataclass import dataclass

if TYPE_CHECKING:
    from oncohort.displays.lookup import Lookup

FILLED = "Filled from the data"
AUTHOR = "Needs the author"
WRITTEN = "Written by the author"
NOT = "Not applicable"


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a reporting guideline: what it asks, and where the paper has it.

    `where` gives None where the item does not apply to a study like this one.
    """

    number: str
    asks: str
    where: Callable[[Lookup], str | None]


def filled_if(have: object, where: str, otherwise: str) -> str:
    """Where the paper has something, or what the author has to add."""
    return f"{FILLED}: {where}" if have else f"{AUTHOR}: {otherwise}"
