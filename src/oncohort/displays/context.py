"""What a paper has to say beside its numbers: what was left out, problems, the author's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING, Never

from oncohort.dataclass import dataclass
from oncohort.displays.behind import PageEvidence
from oncohort.displays.citations import Sources

if TYPE_CHECKING:
    from datetime import date

    from oncohort.analyses.published import Beside
    from oncohort.endpoints.cohort import EndpointInfo, VariableInfo
    from oncohort.problems import Problem

_NONE: Mapping[str, Never] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part of the paper that could not be made, and why.

    Parameters
    ----------
    path
        Section, and what of it: ``("survival", "pfs")``, ``("safety",)``.
    reason
        One sentence in plain words, for the study's own report; empty where the problems say it.
    problems
        The problems that block it.
    plain_reason
        The reason where no problem blocks it, as a fixed sentence: nothing of the chart is in
        it. This alone goes into what is meant for others.
    """

    path: tuple[str, ...]
    reason: str = ""
    problems: tuple[Problem, ...] = ()
    plain_reason: str = ""

    @property
    def section(self) -> str:
        """Prefix of the ids of the results that are missing: ``survival.pfs``."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that displays need beside numbers and protocol.

    Parameters
    ----------
    n
        Patients in the cohort.
    variables, endpoints
        What the columns of the cohort table mean: labels, levels in order, references.
    standard
        Standard endpoints (``os``, ``pfs``) to the study's own keys for them.
    texts
        The author's own words by name (``introduction``, ``discussion``, ``ethics``, ...), as
        read from the study's text folder. ``{survival.pfs.median}`` in them shows that number.
    evidence
        What was seen in each patient, with the cells of the chart. Left out of everything that is
        shared.
    share
        True where nothing that points at a patient may leave.
    """

    n: int = 0
    variables: Mapping[str, VariableInfo] = field(default_factory=lambda: _NONE)
    endpoints: Mapping[str, EndpointInfo] = field(default_factory=lambda: _NONE)
    standard: Mapping[str, str] = field(default_factory=lambda: _NONE)
    left_out: tuple[LeftOut, ...] = ()
    problems: tuple[Problem, ...] = ()
    decisions: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=lambda: _NONE)
    texts: Mapping[str, str] = field(default_factory=lambda: _NONE)
    sources: Sources = field(default_factory=lambda: Sources())
    """The study's references as read."""
    beside: Beside | None = None
    """The figures of a paper to set this study's beside."""
    evidence: PageEvidence = field(default_factory=PageEvidence)
    cutoff: date | None = None
    starts: tuple[date, date] | None = None
    """First and last start of treatment in the cohort."""
    scales: tuple[str, ...] = ()
    """Scales of performance status in the chart: ``Karnofsky``."""
    synthetic: bool = False
    share: bool = False
