"""Sheets with and without colours, totals, notes, further tables, hidden rows: a labelled list."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, ClassVar

from cohort import PEOPLE, dated
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

HEAD = ["Patient ID", "Sex", "Age", "Start", "BOR", "PD date", "Death", "Last contact"]


@dataclass(frozen=True)
class Marked:
    """A sheet and what is on it beside its table."""

    kinds: frozenset[str]
    seed: int

    KINDS: ClassVar[Mapping[str, str]] = {
        "colour": "layout.colour",
        "totals": "layout.totals",
        "note": "layout.note",
        "second table": "layout.second-table",
        "hidden rows": "layout.hidden-rows",
        "struck rows": "layout.struck",
        "comment": "layout.comment",
    }
    """Kind = the problem or decision that tells it."""

    def save(self, folder: Path) -> Path:
        """Write the sheet."""
        chance = random.Random(self.seed)
        book = Workbook()
        page = book.active
        page.append(HEAD)
        for p in PEOPLE:
            page.append(dated(p))
        rows = list(range(2, 2 + len(PEOPLE)))
        if "colour" in self.kinds:
            for row in chance.sample(rows, chance.choice([1, 2, 5, 12, 15])):
                for cell in page[row]:
                    cell.fill = PatternFill(
                        "solid", fgColor=chance.choice(["FFFF0000", "FF92D050"])
                    )
        elif chance.random() < 0.4:  # stripes and coloured headers say nothing
            for row in rows[::2]:
                for cell in page[row]:
                    cell.fill = PatternFill("solid", fgColor="FFDDEEFF")
        if "struck rows" in self.kinds:
            for row in chance.sample(rows, 2):
                for cell in page[row]:
                    cell.font = Font(strike=True)
        if "hidden rows" in self.kinds:
            page.row_dimensions[chance.choice(rows)].hidden = True
        if "comment" in self.kinds:
            page.cell(chance.choice(rows), 3).comment = Comment("see letter", "x")
        self._below(page, chance)
        book.save(folder / "chart.xlsx")
        return folder / "chart.xlsx"

    def _below(self, page: Any, chance: random.Random) -> None:
        if "totals" in self.kinds:
            page.append([chance.choice(["Mean", "Summe", "Total", "Moyenne", "合計"]), None, 59.1])
        if "note" in self.kinds:
            page.append([chance.choice(["red = dead", "* see letter", "Stand 03/2018"])])
        if "second table" in self.kinds:
            page.append([])
            page.append(["Pat", "Drug", "Dose"])
            for p in PEOPLE[:6]:
                page.append([p.number, "A", 400])


def marked_sheets() -> Iterator[Marked]:
    """Sheets with none, one and two kinds of marks."""
    kinds = list(Marked.KINDS)
    for seed in range(12):
        yield Marked(frozenset(), seed)
    for seed, kind in enumerate(kinds * 5):
        yield Marked(frozenset({kind}), 100 + seed)
    for seed, pair in enumerate(combinations(kinds, 2)):
        yield Marked(frozenset(pair), 200 + seed)
