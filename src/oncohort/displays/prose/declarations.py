"""What a journal wants declared; what the protocol doesn't give is asked for."""

from __future__ import annotations

import re

from oncohort.displays.lookup import Lookup
from oncohort.displays.paper import Block, Paragraph
from oncohort.displays.prose import author
from oncohort.displays.spans import Piece, Span, sentences

ASKED = {
    "ethics": ("Ethics approval", "committee, number and date", r"\b(approv|committee|ethic)"),
    "consent": ("Consent", "how it was obtained, or why it was waived", r"\bconsent"),
    "funding": ("Funding", "sources and their role, or none", r"\b(fund|grant|sponsor)"),
    "conflicts": ("Conflicts of interest", "also where there are none", r"\b(conflict|competing)"),
    "data": ("Data availability", "whether and where", r"\bdata (are|is|can|availab)"),
}
"""Key to its heading, what to write, and the words that show that the author's text has it."""
OPTIONAL = {"registration": "Registration", "acknowledgements": "Acknowledgements"}


def given(lookup: Lookup, key: str) -> bool:
    """Is something declared, in the protocol or in the author's own text?"""
    if getattr(lookup.protocol.paper.declarations, key):
        return True
    own = author.words(lookup.context.texts.get("ethics", ""))
    return key in ASKED and bool(re.search(ASKED[key][2], own, re.IGNORECASE))


def _line(heading: str, words: Piece) -> Paragraph:
    return Paragraph(sentences(Span(f"{heading}.", "", "bold"), words))


def blocks(lookup: Lookup) -> list[Block]:
    """One paragraph per declaration, after the author's own words on ethics."""
    told = lookup.protocol.paper.declarations
    out = author.blocks(lookup, "ethics")
    for key, (heading, what, _) in ASKED.items():
        words = getattr(told, key)
        if words:
            out.append(_line(heading, words))
        elif not given(lookup, key):
            prompt = f"[{what}: [paper.declarations] {key} in study.toml]"
            out.append(_line(heading, Span(prompt, "", "missing")))
    shares = [f"{a.name}: {a.contribution}" for a in lookup.protocol.paper.authors]
    if any(a.contribution for a in lookup.protocol.paper.authors):
        out.append(_line("Author contributions", "; ".join(shares) + "."))
    else:
        prompt = "[who did what: contribution of each of [[paper.authors]] in study.toml]"
        out.append(_line("Author contributions", Span(prompt, "", "missing")))
    for key, heading in OPTIONAL.items():
        if getattr(told, key):
            out.append(_line(heading, getattr(told, key)))
    return out
