"""What a test between groups says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from oncohort.dataclass import dataclass
from oncohort.stats._show import Row, Shown, left_out_text, p_text


@dataclass(frozen=True, slots=True, repr=False)
class TestResult(Shown):
    """A test with its name.

    Attributes
    ----------
    p
        Two-sided p-value.
    statistic, df
        None where the test has none. Welch's degrees of freedom are not whole.
    estimate
        What the groups differ by, where the test estimates it (named in `notes`).
    """

    __test__ = False  # not a test of pytest

    p: float
    method: str
    statistic: float | None
    df: float | None
    n: int
    estimate: float | None = None
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)

    def _rows(self) -> Sequence[Row]:
        return [
            {
                "method": self.method,
                "statistic": self.statistic,
                "df": self.df,
                "p": self.p,
                "n": self.n,
            }
        ]

    def _title(self) -> str:
        return f"{self.method}: {p_text(self.p)}"

    def _printed(self) -> Sequence[Row]:
        return []

    def _notes(self) -> Sequence[str]:
        found = "" if self.statistic is None else f"statistic {self.statistic:.6g}"
        if self.df is not None:
            found += f" on {self.df:.6g} df"
        head = f"n = {self.n}" + (f", {found}" if found else "")
        return [head, *self.notes, left_out_text(self.left_out)]
