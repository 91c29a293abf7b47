"""A column of counts with percentages, as a table prints it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from oncohort.audit.checks.pairs import (
    all_padded,
    bare,
    fits,
    fits_one,
)
from oncohort.dataclass import dataclass
from oncohort.published.model import Categorical, Level

_UNKNOWN = re.compile(
    r"missing|unknown|\bn/?a\b|\bno (?:data|answer|response|information)\b|unspecified|declined|"
    r"refused|undetermined|unclear|indeterminate|don.t know|not? (?:known|available|reported|"
    r"stated|specified|recorded|assessed|done|tested|evaluable|applicable|determined|disclosed|"
    r"evaluated|documented|given|classified)|non-?evaluable|unclassified",
    re.I,
)
"""A level of those of whom nothing is known: they may be left out of the others' base."""
_MISSING = 1.5
"""A column has hardly more patients than so many times those that most of its rows are of."""
SETTLED = 7
"""Other pairs of a column, nine in ten of which are of one number, before a pair has to be."""
_ENOUGH = 4
"""Percentages that all end in a zero: by chance that happens once in 10,000 columns."""


@dataclass(frozen=True, slots=True)
class Cell:
    level: Level
    variable: Categorical | None

    @property
    def count(self) -> int:
        return int(self.level.count)

    def shared_out(self, n: int) -> bool:
        """Whether its variable shares out n patients: all levels add up, or another is a share.

        Rows that don't exclude each other are of one heading only: what one of them counts says
        nothing of the next.
        """
        if self.variable is None or len(self.variable.levels) < 2:
            return False
        others = [x for x in self.variable.levels if x is not self.level and x.percent]
        told = [x for x in others if x.count not in {"", "0"}]
        return total_of(self.variable) == n or (
            self.variable.exclusive and any(fits(x, n) for x in told)
        )


@dataclass(frozen=True, slots=True)
class Column:
    """A column whose number of patients is known, and what else its percentages may be of."""

    n: int
    cells: tuple[Cell, ...]
    pairs: int
    direct: int
    """Pairs that are shares of n itself."""
    sizes: Sequence[int]
    row_counts: dict[str, list[int]]
    padded: bool = False
    """Whether two pairs or more fit only without the zeros at the end of their percentages."""
    odd_rows: frozenset[str] = frozenset()
    """Labels of rows of which no cell is a share of its column's patients."""
    sure_rows: frozenset[str] = frozenset()
    """Labels of rows of which a cell is a share of its column's patients."""
    whole_rows: frozenset[str] = frozenset()
    """Those of two columns or more in which every cell is such a share, but for one at most."""
    elsewhere: int = 0
    """A number of which all pairs that are off are shares, or nought."""
    stated: bool = True
    """Whether its heading, caption or table gives n, not only what its percentages agree on."""

    @property
    def evidence(self) -> str:
        return f"{self.direct} of the {self.pairs} pairs of this column are shares of {self.n}"

    def read(self, cell: Cell) -> Level:
        """The pair; without the zeros of its percentage where those around it are padded too.

        They are if all end in zeros, and none of the others is right as it is printed; or if all
        of the column's end in zeros, four at least.
        """
        levels = cell.variable.levels if cell.variable is not None else ()
        shares = [c.level.percent for c in self.cells if c.level.count != "0"]
        if len(shares) >= _ENOUGH and all_padded(shares) and all("." in p for p in shares):
            return bare(cell.level)
        around = levels if len(levels) > 1 else [c.level for c in self.cells]
        if not all_padded(x.percent for x in around):
            return cell.level
        bases = {self.n, total_of(cell.variable) if cell.variable is not None else 0}
        others = [x for x in around if x is not cell.level and x.count and x.count != "0"]
        if any(x.percent and fits(x, n) for x in others for n in bases):
            return cell.level
        return bare(cell.level)

    def based(self, cell: Cell) -> bool:
        """Whether it is known whose percentage a pair is: the column's, or its variable's.

        A variable of several levels none of which is a share of the column or of their sum may be
        of some of the patients only; then its pairs may be off by one of a number unknown here.
        """
        variable = cell.variable
        if variable is None or len(variable.levels) == 1:
            return self.known
        bases = {self.n, total_of(variable)}
        others = [x for x in variable.levels if x is not cell.level and x.count and x.percent]
        return any(x.count != "0" and fits(x, n) for x in others for n in bases)

    @property
    def known(self) -> bool:
        """Whether most pairs are shares of n itself, so that n may be named against one pair."""
        return 2 * self.direct >= self.pairs

    @property
    def coarse(self) -> bool:
        """Whether most percentages of the column are whole."""
        told = [c.level.percent for c in self.cells if c.level.percent]
        return 2 * sum("." not in p for p in told) > len(told)

    def sure(self, cell: Cell, needed: int) -> bool:
        """Whether a pair is of no more than n: three in four are, or its row is so elsewhere.

        If nothing but the percentages says n, a few rows may be of more patients, who have
        values missing in the others.
        """
        if cell.level.where.row in self.sure_rows:
            return True
        return 4 * self.direct >= 3 * self.pairs and (self.stated or needed > _MISSING * self.n)

    def bases(self, cell: Cell) -> list[int]:
        """Denominators that a cell's own column and variable offer."""
        out = [self.n]
        if cell.level.denominator.isdigit():
            out.append(int(cell.level.denominator))
        variable = cell.variable
        if variable is not None:
            if variable.n.isdigit():
                out.append(int(variable.n))
            counts = [int(x.count) for x in variable.levels if x.count]
            rated = [int(x.count) for x in variable.levels if x.count and x.percent]
            unrated = sum(counts) - sum(rated)
            out += [sum(counts), sum(rated), self.n - unrated]
            unknown = sum(
                int(x.count) for x in variable.levels if x.count and _UNKNOWN.search(x.label)
            )
            if unknown and not _UNKNOWN.search(cell.level.label):
                # "Percentages of those with data, of the missing ones of all."
                out += [sum(counts) - unknown, self.n - unknown]
            if variable.missing.isdigit():
                out.append(self.n - int(variable.missing))
        return out

    def counted(self, cell: Cell) -> bool:
        """Whether a pair is surely a count with its share: another cell of its row is, exactly.

        Of whole percentages a mean with its deviation is one by chance too often.
        """
        return cell.level.where.row in self.sure_rows and "." in cell.level.percent

    def _elsewhere_named(self, cell: Cell) -> Sequence[int]:
        """Numbers of patients that the paper names elsewhere and that a pair may be of.

        A pair is of no more than its column's, where nine in ten are shares of those and another
        cell of its row is a share of its own column's.
        """
        others = self.pairs - 1
        if not (self.counted(cell) and self.stated and others >= SETTLED):
            return self.sizes
        if 10 * self.direct < 9 * others:
            return self.sizes
        return [n for n in self.sizes if n <= self.n]

    def offered(self, cell: Cell) -> list[int]:
        """Every denominator that the paper offers for a cell, the likeliest first."""
        out = [*self._near_by(cell), *self._elsewhere_named(cell)]
        return [n for n in dict.fromkeys(out) if n >= max(cell.count, 1)]

    def _near_by(self, cell: Cell) -> list[int]:
        """Denominators of a cell's own column, variable and row."""
        out = self.bases(cell)
        row = self.row_counts.get(cell.level.where.row, [])
        if len(row) > 1:
            out += [sum(row), *row, *(sum(row) - r for r in row)]
        return out

    def offers(self, cell: Cell, level: Level) -> bool:
        """Whether any denominator that the paper offers for a cell gives a percentage of it."""
        return fits_one(level, self._elsewhere_named(cell)) or any(
            fits(level, n) for n in self._near_by(cell)
        )


def total_of(variable: Categorical) -> int:
    return sum(int(level.count) for level in variable.levels if level.count)


def agrees(cell: Cell, n: int) -> bool:
    """Whether a pair is of the column's patients, or of those with a value of its variable."""
    if fits(cell.level, n):
        return True
    variable = cell.variable
    if variable is None or len(variable.levels) < 2:
        return False
    total = total_of(variable)
    return total < n and fits(cell.level, total)


def rows_told(
    paired: dict[tuple[str, str, int], list[Cell]],
    sizes: dict[tuple[str, str, int], int | None],
    table: str,
) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Rows of which no cell is a share of its column's patients, of which one is, and all but one.

    The first and last are of two columns or more. A row of the first kind is a mean with its
    deviation, counts another unit or has a base of its own.
    """
    fit: dict[str, list[bool]] = {}
    direct: dict[str, list[bool]] = {}
    for key, n in sizes.items():
        if key[0] == table and n:
            for cell in paired[key]:
                if cell.count:
                    row = cell.level.where.row
                    fit.setdefault(row, []).append(agrees(cell, n))
                    direct.setdefault(row, []).append(fits(cell.level, n))
    odd = frozenset(row for row, told in fit.items() if len(told) > 1 and not any(told))
    sure = frozenset(row for row, told in direct.items() if any(told))
    whole = frozenset(r for r in sure if 1 < len(direct[r]) <= sum(direct[r]) + 1)
    return odd, sure, whole
