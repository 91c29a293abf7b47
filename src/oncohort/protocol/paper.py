"""`[paper]` and `[conduct]`: the title page, the declarations, and how the study was done.

Facts that no chart holds. What is not given becomes a visible prompt in the manuscript.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from oncohort.protocol.base import Key, Once, Section

MAIN_DISPLAYS = (
    "table.baseline",
    "table.prognosis",
    "table.safety",
    "figure.waterfall",
    "figure.survival",
)
"""Tables and figures that stand in the text unless the protocol names others."""


class Author(Section):
    """One author, in the order of the title page."""

    name: str
    affiliations: list[str] = []
    corresponding: bool = False
    email: str = ""
    address: str = ""
    """Postal address of the corresponding author."""
    orcid: str = ""
    contribution: str = ""
    """What the author did: "study design, analysis, first draft"."""


class Declarations(Section):
    """What a journal wants declared; each in whole sentences."""

    ethics: str = ""
    """Committee, number and date of its approval."""
    consent: str = ""
    """How consent was obtained, or why it was waived and by whom."""
    funding: str = ""
    conflicts: str = ""
    """Conflicts of interest, also where there are none."""
    data: str = ""
    """Whether and where the data can be had."""
    registration: str = ""
    acknowledgements: str = ""


class Paper(Section):
    """The manuscript: its title page, its main displays, its references."""

    main: Annotated[list[Key], Once] = list(MAIN_DISPLAYS)
    """Tables and figures in the text, by the name of their file: `table.baseline`,
    `figure.survival`, or `baseline` alone. All others go to the supplement."""
    left_out: Annotated[list[Key], Once] = []
    """Tables and figures that stand neither in the text nor in the supplement."""
    authors: list[Author] = []
    running_title: str = ""
    keywords: list[str] = []
    aim: str = ""
    """The aim of the study in one sentence, for the abstract."""
    conclusion: str = ""
    """The conclusion in one or two sentences, for the abstract."""
    abstract_words: int = Field(default=250, ge=50)
    """The journal's limit for the abstract; results are told in order of weight until it is met."""
    abstract_variables: Annotated[list[Key], Once] = []
    """Variables whose groups are told in the abstract's methods (lines of therapy, ...)."""
    references: str = "references.bib"
    """References of the text, BibTeX or CSL JSON (.json), relative to the protocol."""
    citation_style: str = "vancouver"
    """`vancouver`, `ama`, `author-date`, or a .csl file relative to the protocol."""
    declarations: Declarations = Field(default_factory=Declarations)


class Conduct(Section):
    """How the study was done, as the methods section tells it; each a part of a sentence."""

    institution: str = ""
    """Where: "the Department of Urology of ...", "three hospitals in ..."."""
    country: str = ""
    consecutive: bool | None = None
    """True where every patient of the period who met the criteria was taken."""
    pathology: str = ""
    """How the diagnosis was confirmed: "by nephrectomy or biopsy in all patients"."""
    imaging: str = ""
    """Imaging before treatment: "computed tomography of chest and abdomen"."""
    imaging_follow_up: str = ""
    """Method of follow-up scans; default: the same as before treatment."""
    laboratory: str = ""
    """What was measured: "blood counts, renal and liver function and C-reactive protein"."""
    laboratory_weeks: list[Annotated[float, Field(gt=0)]] = Field(default=[], max_length=2)
    """How often, in weeks: `[6, 12]`, or `[4]`."""
    dose_modification: str = ""
    """The rule: "according to the severity of adverse events, as in the product label"."""
    response_by: str = ""
    """Who judged response: "the treating physician", "two radiologists, blinded to outcome"."""
    adverse_events_by: str = ""
    """Who judged adverse events, and how they were asked for."""
