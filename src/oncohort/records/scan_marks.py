"""What a scan says beside its sizes: a new lesion, the state of the non-target lesions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oncohort.records.grid import Cell
from oncohort.records.values import text_of
from oncohort.vocabulary.words import level_words, plain

MARKS: Mapping[str, str] = MappingProxyType({"new_lesion": "new", "non_target": "non-target"})
"""Columns of a scan beside the sizes = the role of the lesion that they speak of."""
_NON_TARGET: Mapping[str, str] = MappingProxyType(
    {
        "cr": "absent",
        "absent": "absent",
        "pd": "unequivocal progression",
        "progression": "unequivocal progression",
        "progressive": "unequivocal progression",
        "non-cr/non-pd": "present",
        "non-cr non-pd": "present",
        "sd": "present",
        "stable": "present",
        "present": "present",
        "ne": "not evaluable",
        "not evaluable": "not evaluable",
    }
)


def add_mark(
    name: str,
    value: Cell,
    columns: Mapping[str, list[Cell]],
    positions: Mapping[str, list[int]],
    index: list[int],
    at: Mapping[str, int],
    row: int,
) -> None:
    """A further record for a new lesion that a scan names, or for its non-target lesions.

    Parameters
    ----------
    columns, positions, index
        The records so far, and where they stand; the last of them is the scan's. Changed in place.
    at
        Our column = its position in the sheet.
    """
    status = status_of(name, value)
    if status is None:
        return
    last = len(index) - 1
    index.append(row)
    for column, cells in columns.items():
        own = {
            "lesion": MARKS[name].replace("-", " "),
            "role": MARKS[name],
            "status": status,
            "diameter_mm": None,
            name: None,
        }
        cells.append(own[column] if column in own else cells[last])
        here = (
            at.get(name, -1) if column in ("lesion", "role", "status") else positions[column][last]
        )
        positions[column].append(here)


def says_nothing(value: Cell) -> bool:
    """Does a cell say nothing of a scan? ``none`` says that there are no such lesions."""
    return value is None or plain(text_of(value)) in ("", "n/a", "na", "-", "baseline")


def status_of(name: str, value: Cell) -> Cell:
    """The state of the lesion that a mark speaks of; None where it speaks of none."""
    word = "" if value is None else plain(text_of(value))
    if name == "non_target":
        return None if word == "none" or says_nothing(value) else _NON_TARGET.get(word, value)
    flag = level_words("flag").get(word)
    if flag == "no" or word in ("", "none", "0"):
        return None
    return "present" if flag == "yes" else value


__all__ = ["MARKS", "add_mark", "says_nothing", "status_of"]
