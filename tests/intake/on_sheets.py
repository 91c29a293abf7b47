"""What charts of several sheets share: a workbook of named sheets, sizes at scans, truths."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from charts_public import PFS_EVENTS
from cohort import PEOPLE, Person
from openpyxl import Workbook

D = "%d.%m.%Y"
MALE = float(sum(p.sex == "male" for p in PEOPLE))
PFSE = {"survival.pfs.events": float(PFS_EVENTS)}


def book(path: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    """A workbook with a sheet for each name."""
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(row)
    made.save(path / "c.xlsx")
    return path / "c.xlsx"


def sizes(p: Person) -> tuple[int, int, int]:
    """Sums at baseline and two scans."""
    return (50, 20, 20) if p.response in ("CR", "PR") else (50, 52, 49)
