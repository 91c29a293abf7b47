"""Long tables of lesions, or of visits with their sum, with what a scan says beside the sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oncohort.problems import Place
from oncohort.records.columns import as_list
from oncohort.records.grid import Cell, Column, Raw
from oncohort.records.model import Decision
from oncohort.records.scan_marks import MARKS, add_mark, says_nothing, status_of
from oncohort.records.wide import Wide
from oncohort.vocabulary.plurals import counted


def with_marks(raw: Raw, header: Mapping[str, str], values: Mapping[str, Column | None]) -> Wide:
    """Rows of lesions or visits; a new lesion and the non-target lesions of a row are records.

    Where each row names its lesion, a new one is this lesion; else a row is a visit, and its new
    lesion is one more.

    Parameters
    ----------
    header
        Our column = the chart's.
    values
        Our column = its values in each row, the marks' among them; None where there are none.
    """
    given = {c: as_list(v) for c, v in values.items() if v is not None}
    at = {ours: raw.names.index(theirs) for ours, theirs in header.items()}
    named = "lesion" in header
    extra = [c for c in ("lesion", "role", "status") if c not in given]
    columns: dict[str, list[Cell]] = {c: [] for c in (*given, *extra)}
    positions: dict[str, list[int]] = {c: [] for c in columns}
    index: list[int] = []
    marks = [m for m in MARKS if m in given]
    began = _with_others(given)
    for row in range(raw.height):
        index.append(row)
        for column, cells in columns.items():
            cells.append(given[column][row] if column in given else None)
            positions[column].append(at.get(column, -1))
        for mark in marks:
            if named and mark == "new_lesion":
                _is_new(status_of(mark, given[mark][row]), columns, positions, at[mark])
            else:
                value = "present" if mark == "non_target" and row in began else given[mark][row]
                add_mark(mark, value, columns, positions, index, at, row)
    return Wide(
        [raw.rows[i] for i in index],
        index,
        columns,
        positions,
        decisions=_decided(raw, len(index) - raw.height),
    )


def _with_others(given: Mapping[str, Sequence[Cell]]) -> frozenset[int]:
    """First rows of patients that say nothing of non-target lesions, though later ones do.

    A chart tells their response at visits, which the first has none of; they were there.
    """
    if not {"patient", "non_target"} <= set(given):
        return frozenset()
    first: dict[Cell, int] = {}
    later: set[Cell] = set()
    for row, (who, value) in enumerate(zip(given["patient"], given["non_target"], strict=True)):
        if who is None:
            continue
        if first.setdefault(who, row) != row and status_of("non_target", value) is not None:
            later.add(who)
    states = given["non_target"]
    return frozenset(
        row for who, row in first.items() if who in later and says_nothing(states[row])
    )


def _is_new(
    status: Cell,
    columns: Mapping[str, list[Cell]],
    positions: Mapping[str, list[int]],
    at: int,
) -> None:
    """The last record is of a new lesion; `status` is None where it is not."""
    if status is None:
        return
    columns["role"][-1], positions["role"][-1] = MARKS["new_lesion"], at
    sizes = columns.get("diameter_mm")
    if columns["status"][-1] is None and (sizes is None or sizes[-1] is None):
        columns["status"][-1], positions["status"][-1] = status, at


def _decided(raw: Raw, count: int) -> tuple[Decision, ...]:
    if not count:
        return ()
    what = f"{counted(count, 'state', 'states')} of new and non-target lesions stood beside sizes."
    here = Place(raw.file, raw.sheet)
    return (Decision("layout.scan-marks", what, count=count, place=here, by="protocol"),)


__all__ = ["with_marks"]
