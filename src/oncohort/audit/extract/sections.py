"""Canonical names of a paper's sections, and splitting text into sentences."""

from __future__ import annotations

import re

ABSTRACT = "abstract"
INTRODUCTION = "introduction"
METHODS = "methods"
RESULTS = "results"
DISCUSSION = "discussion"
CONCLUSION = "conclusion"
REFERENCES = "references"
OTHER = "other"

_NAMES: tuple[tuple[str, str], ...] = (
    (r"abstract|summary|synopsis", ABSTRACT),
    (r"introduction|background(?:/aims?| and aims?)?|aims?|objectives?|purpose", INTRODUCTION),
    (
        r"(?:(?:patients?|materials?|subjects?|methods?|experimental|study|participants)"
        r"(?:,? (?:and|&) |, ?| )?)+"
        r"|(?:statistical (?:analys[ie]s|methods?)|study (?:design|population)|methodology)",
        METHODS,
    ),
    (r"results?(?: and discussion)?|findings|outcomes", RESULTS),
    (r"discussion(?: and conclusions?)?|comment|limitations", DISCUSSION),
    (r"conclusions?|interpretation|concluding remarks", CONCLUSION),
    (r"references|bibliography|literature cited", REFERENCES),
    (
        r"acknowledge?ments?|funding|conflicts? of interest.*|author contributions?.*|"
        r"ethics.*|data availability.*|competing interests?.*|disclosures?|keywords?|key words|"
        r"supplementary.*|abbreviations|declarations?.*|consent.*|appendix.*",
        OTHER,
    ),
)
_PATTERNS = tuple((re.compile(rf"^(?:{p})$", re.I), name) for p, name in _NAMES)
_NUMBERED = re.compile(r"^(?:\d+(?:\.\d+)*\.?|[IVX]+\.)\s+")

RUN_IN = re.compile(
    r"\b(Background(?:\s*/\s*Aims?)?|Aims?|Objectives?|Purpose|Patients and Methods|"
    r"Materials and Methods|Methods?|Results|Findings|Conclusions?|Interpretation)\s*[:.]\s",
)


KEYWORDS = re.compile(r"^key[- ]?words?\b", re.I)
"""A paragraph of key words ends the abstract."""


def canonical(heading: str) -> str:
    """Canonical section of a heading; empty if the heading is not one of the usual ones.

    Examples
    --------
    >>> canonical("2. Patients and Methods")
    'methods'
    >>> canonical("RESULTS")
    'results'
    >>> canonical("Oncological outcomes")
    ''
    """
    text = _NUMBERED.sub("", heading.strip()).strip(" .:")
    for pattern, name in _PATTERNS:
        if pattern.match(text):
            return name
    return ""


_ABBREVIATED = re.compile(
    r"(?:\b(?:et al|vs|v|e\.g|i\.e|Fig|Figs|Tab|No|Nos|approx|ca|cf|Dr|Inc|Ltd|Co|St|resp|min|max|"
    r"incl|ref|refs|al|Eq|Vol|pp|etc|pts|yrs?|mos?|CI|n|N|P|p|med)|\b[A-Z])\.$"
)
_END = re.compile(r"[.!?][\"”’)\]]*(?=\s+[\"“‘(\[]?[A-Z0-9≥≤<>])|[.!?][\"”’)\]]*$")


def sentences(text: str) -> list[str]:
    """Split running text into sentences; abbreviations and decimals don't end one.

    Examples
    --------
    >>> sentences("ORR was 38.1 vs. 20.0%. Smith et al. saw 12% (5). None died.")
    ['ORR was 38.1 vs. 20.0%.', 'Smith et al. saw 12% (5).', 'None died.']
    """
    out: list[str] = []
    start = 0
    for match in _END.finditer(text):
        head = text[max(start, match.start() - 12) : match.start() + 1]
        if match.end() < len(text) and _ABBREVIATED.search(head):
            continue
        sentence = text[start : match.end()].strip()
        if sentence:
            out.append(sentence)
        start = match.end()
    rest = text[start:].strip()
    if rest:
        out.append(rest)
    return out


def following(section: str, heading: str) -> str:
    """The section that a heading begins, or empty; "Patients" below the results are results.

    Examples
    --------
    >>> following("results", "Patients"), following("introduction", "Patients")
    ('results', 'methods')
    """
    known = canonical(heading)
    plain = " ".join(_NUMBERED.sub("", heading).rstrip(" .:").casefold().split())
    return RESULTS if section == RESULTS and known == METHODS and plain in _OF_RESULTS else known


_OF_RESULTS = frozenset({
    "patient", "patients", "participants", "subjects", "study patients", "study participants",
    "study population",
})  # fmt: skip
