"""How certain a rule is, measured: what readers found of its findings on real papers.

A rule is told aloud if its findings were true often enough where somebody read them; else what it
says is *unusual*. Counts and families stand in ``judged.toml``, which
``scripts/measure_audit.py --write`` makes of the verdicts (see ``docs/audit.md``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib import resources

from oncohort.audit.finding import Certainty, Finding
from oncohort.dataclass import dataclass

BAR = 0.95
"""Share of true findings that has to be shown, with 95 % confidence."""
FEW = 10
"""Fewer judged findings than this on real papers measure nothing: synthetic papers stand in."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Findings that are true, and findings that are false alarms or debatable."""

    true: int = 0
    false: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.true + other.true, self.false + other.false)

    @property
    def every(self) -> int:
        """All that were judged."""
        return self.true + self.false

    @property
    def low(self) -> float:
        """Lower end of the one-sided 95 % interval of the share of true ones (Clopper-Pearson).

        Examples
        --------
        >>> round(Counts(127, 0).low, 3), round(Counts(22, 0).low, 3), Counts().low
        (0.977, 0.873, 0.0)
        """
        if not self.true:
            return 0.0
        if not self.false:
            return float(0.05 ** (1 / self.true))
        from scipy.special import betaincinv

        return float(betaincinv(self.true, self.false + 1, 0.05))


@dataclass(frozen=True, slots=True)
class Judged:
    """What was judged of one rule and of its family (the rules that read the same figures).

    Parameters
    ----------
    told
        Findings on real papers that the rule tells as it is now.
    first
        Findings on papers that were new to the rule, as it was then.
    synthetic
        Findings on synthetic papers, of which the truth is known.
    family, kin, kin_synthetic
        Name of the family, and the counts of all its rules together.
    """

    told: Counts = Counts()
    first: Counts = Counts()
    synthetic: Counts = Counts()
    family: str = ""
    kin: Counts = Counts()
    kin_synthetic: Counts = Counts()

    @property
    def aloud(self) -> bool:
        """Whether the rule may be told aloud.

        By its own number; by that of its family, unless its own findings were false too often when
        they were new; or, where the family has hardly told anything on real papers and nothing
        false, by its number on synthetic ones.
        """
        if self.told.low >= BAR:
            return True
        if self.first.every and self.first.true < BAR * self.first.every:
            return False
        if self.kin.every >= FEW:
            return self.kin.low >= BAR
        return not self.kin.false and self.kin_synthetic.low >= BAR

    def __str__(self) -> str:
        return (
            f"of {self.kin.every} findings of this kind that were judged on real papers "
            f"{self.kin.true} were true; it is told aloud once 95% are shown to be"
        )


@cache
def table() -> dict[str, Judged]:
    """What was judged, by rule."""
    text = resources.files("oncohort.audit").joinpath("judged.toml").read_text(encoding="utf-8")
    return read(text)


def read(text: str) -> dict[str, Judged]:
    """Read the table of judgements.

    Examples
    --------
    >>> found = read('''
    ... [families.shares]
    ... rules = ["counts.sum", "counts.fraction"]
    ... [rules]
    ... "counts.fraction" = { told = [127, 0], first = [100, 4] }
    ... ''')
    >>> found["counts.sum"].kin.true, found["counts.sum"].aloud
    (127, True)
    """
    held = tomllib.loads(text)
    known = {
        rule: {key: Counts(*pair) for key, pair in counts.items()}
        for rule, counts in held["rules"].items()
    }
    none = Counts()
    out: dict[str, Judged] = {}
    for family, about in held["families"].items():
        own = [known.get(rule, {}) for rule in about["rules"]]
        kin = sum((c.get("told", none) for c in own), none)
        synthetic = sum((c.get("synthetic", none) for c in own), none)
        for rule, counts in zip(about["rules"], own, strict=True):
            out[rule] = Judged(**counts, family=family, kin=kin, kin_synthetic=synthetic)
    return out


def by_measure(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, each *unusual* if its rule has not been shown to be right often enough."""
    return tuple(map(_measured, findings))


def _measured(finding: Finding) -> Finding:
    judged = table().get(finding.id, Judged())
    if finding.certainty is Certainty.UNUSUAL or judged.aloud:
        return finding
    return replace(
        finding,
        certainty=Certainty.UNUSUAL,
        proof=finding.certainty,
        readings=(*finding.readings, str(judged)),
    )
