"""What a run gives: every number by id, the tables, figures and text made of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from oncohort.analyses.result import Estimate, Numbers
from oncohort.dataclass import dataclass
from oncohort.protocol.references import nearest

if TYPE_CHECKING:
    from oncohort.displays import Paper
    from oncohort.displays.context import Context, LeftOut
    from oncohort.displays.figures.model import Figure
    from oncohort.displays.tables.model import Table
    from oncohort.problems import Problem
    from oncohort.study.evidence import Behind
    from oncohort.study.study import Study


@dataclass(frozen=True)
class Results:
    """The results of a study.

    Attributes
    ----------
    numbers
        Every estimate, curve and population, by id.
    paper
        Tables, figures and paragraphs in the order of a paper.

    Examples
    --------
    >>> results["response.orr.percent"].value  # doctest: +SKIP
    38.095238095238095
    """

    study: Study
    numbers: Numbers
    paper: Paper
    context: Context
    behind: Behind
    """What was seen in each patient behind every number."""

    def __getitem__(self, key: str) -> Estimate:
        try:
            return self.numbers[key]
        except KeyError:
            raise KeyError(f"no result {key!r}. {nearest(key, self.numbers)}") from None

    @property
    def tables(self) -> Mapping[str, Table]:
        """The paper's tables by name."""
        return self.paper.tables

    @property
    def figures(self) -> Mapping[str, Figure]:
        """The paper's figures by name."""
        return self.paper.figures

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong or open, worst first."""
        return self.context.problems

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Sections that a problem blocks."""
        return self.context.left_out

    def write(self, directory: str | Path | None = None, *, share: bool = False) -> Path:
        """Write report, manuscript, tables, figures and data, all or nothing.

        Parameters
        ----------
        directory
            Default: `results/` in the study folder. Only oncohort's own results are replaced.
        share
            Strip patient ids from everything.

        Raises
        ------
        OutputError
            The directory holds something else, or can't be written.
        """
        from oncohort.study.writing import write_results

        return write_results(self, directory, share=share).folder

    def summary(self) -> list[str]:
        """A few lines for a person: n, response rate, medians, problems, what was left out."""
        from oncohort.study.summary import summary_lines

        return summary_lines(self)

    def __repr__(self) -> str:
        return "\n".join(["<Results>", *self.summary()])

    def _repr_html_(self) -> str:
        from html import escape

        return "<br>".join(escape(line) for line in self.summary())
