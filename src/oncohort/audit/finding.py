"""Findings: what cannot be true, with the quotes, the rule, and how certain it is."""

from __future__ import annotations

from dataclasses import field, replace
from enum import StrEnum

from oncohort.dataclass import dataclass
from oncohort.published.model import Published, Where, count_figures, figures, records


class Certainty(StrEnum):
    """How certain a finding is, most certain first."""

    IMPOSSIBLE = "impossible"
    """Proven by arithmetic from what is printed."""
    IMPOSSIBLE_IF = "impossible if"
    """Proven under assumptions that the paper doesn't state; the headline names them."""
    INCONSISTENT = "inconsistent"
    """Two statements of the paper can't both be true."""
    UNUSUAL = "unusual"
    """Legal, but worth a look; not shown by default."""

    @property
    def rank(self) -> int:
        """0 for the most certain."""
        return list(Certainty).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the figures of a paper say against each other.

    Parameters
    ----------
    id
        Name of the rule, ``counts.percentage``.
    headline
        One sentence with the printed figures; for *impossible if*, with every assumption.
    quotes
        The exact words, each with its place.
    rule
        The rule in words, with its source where it has one.
    arithmetic
        The calculation, a line each.
    intervals
        The rounding intervals that were allowed for.
    assumptions
        What has to hold; empty for *impossible*.
    readings
        The other readings that were tried before this was said.
    figures
        The printed figures that it is about.
    proof
        What the rule itself would call it, where too few findings of its kind were judged to tell
        it aloud (see :mod:`oncohort.audit.judged`).
    """

    id: str
    certainty: Certainty
    headline: str
    quotes: tuple[Where, ...]
    rule: str
    arithmetic: tuple[str, ...] = ()
    intervals: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    proof: Certainty | None = None

    def __str__(self) -> str:
        return f"{self.certainty.value}: {self.headline}"

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "id": self.id,
            "certainty": self.certainty.value,
            "headline": self.headline,
            "quotes": [
                {
                    "section": q.section,
                    "table": q.table,
                    "row": q.row,
                    "column": q.column,
                    "page": q.page,
                    "quote": q.quote,
                }
                for q in self.quotes
            ],
            "rule": self.rule,
            "arithmetic": list(self.arithmetic),
            "intervals": list(self.intervals),
            "assumptions": list(self.assumptions),
            "readings": list(self.readings),
            "figures": list(self.figures),
        }


@dataclass(slots=True)
class Log:
    """Where checks write: findings, and which records they looked at."""

    published: Published
    findings: list[Finding] = field(default_factory=list)
    looked_at: set[int] = field(default_factory=set)
    not_checked: list[str] = field(default_factory=list)
    _worded: dict[object, int] = field(default_factory=dict)
    """Where among the findings something is: by rule, certainty and figures, or by itself."""

    def checked(self, *looked: object) -> None:
        """Note that a check has been done on these records."""
        self.looked_at.update(id(each) for each in looked)

    def add(self, finding: Finding) -> None:
        """Keep a finding; one that is said of the same figures elsewhere gets its place, too."""
        same = (finding.id, finding.certainty, finding.figures) if finding.figures else finding
        at = self._worded.setdefault(same, len(self.findings))
        if at == len(self.findings):
            self.findings.append(finding)
            return
        known = self.findings[at]
        quotes = tuple(dict.fromkeys((*known.quotes, *finding.quotes)))
        self.findings[at] = replace(known, quotes=quotes)

    def instead(self, old: Finding, new: Finding) -> None:
        """Put a finding in the place of another that tells the same error with less certainty."""
        self.findings[self.findings.index(old)] = new

    @property
    def read_count(self) -> int:
        """Printed figures read."""
        return count_figures(self.published)

    @property
    def checked_count(self) -> int:
        """Printed figures that at least one check has looked at."""
        return sum(len(figures(r)) for r in records(self.published) if id(r) in self.looked_at)


def most_certain_first(findings: list[Finding]) -> list[Finding]:
    """Order for people and files."""
    return sorted(findings, key=lambda f: (f.certainty.rank, f.id, f.headline))
