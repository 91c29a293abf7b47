"""The two arms of a trial as a sentence gives them: "205 were assigned to A and 207 to B"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from oncohort.audit.extract import sections
from oncohort.audit.extract.sentences import Sentence, words_to_digits
from oncohort.audit.extract.vocabulary import CITED, INT
from oncohort.published.model import Fact

_ASSIGNED = re.compile(
    r"\brandomi[sz]ed\b|\brandomly\b|\b(?:were|was|been) (?:\w+ )?(?:assigned|allocated)\b|"
    r"\bassigned (?:to|in)\b|\ballocated to\b",
    re.I,
)
_NAME = (
    r"(?P<name>[A-Za-z][A-Za-z0-9+/α-ω-]*(?: (?!and\b|or\b|versus\b|vs\b)[A-Za-z0-9+/α-ω-]+){0,5}?)"
)
_LEAD = (
    r"(?:the |a |an |receive |either |treatment with |therapy with |treated with |undergo |"
    r"be given ){0,3}"
)
_PEOPLE = r"(?:patients|participants|women|men|subjects|people|individuals)"
_COUNT_FIRST = re.compile(
    rf"(?<![\d.,/=])(?P<n>{INT})(?: {_PEOPLE})?"
    rf"(?: \(\d[\d.]*\s?%\))?(?: (?:were|was))?"
    rf"(?: (?:randomly|randomi[sz]ed|assigned|allocated)){{0,3}}"
    rf" to {_LEAD}{_NAME}(?= (?:arm|group)s?\b|\s?[,;.():]| and \d| or \d|$)",
    re.I,
)
_SIZE_BEHIND = re.compile(
    rf"(?:\bto |\bor |\band |\bversus |\bvs\.? |, |\(|: ){_LEAD}{_NAME}(?: (?:arm|group))?"
    rf" ?[(\[]\s?[nN]\s?=\s?(?P<n>{INT})(?: (?:patients|participants))?\s?[)\]]",
    re.I,
)


def read_arms(sentences: Sequence[Sentence]) -> Iterator[Fact]:
    """Arms of this trial that one sentence of its abstract, methods or results sizes, two at once.

    Each fact has the kind ``arm-size``, the arm's name as ``subject`` and its size as ``value``.

    Examples
    --------
    >>> from oncohort.published.model import Where
    >>> text = "We randomised 412 patients: 205 to lapatinib and 207 to placebo."
    >>> [(f.subject, f.value) for f in read_arms([Sentence(text, Where("abstract"), True, 0)])]
    [('lapatinib', '205'), ('placebo', '207')]
    """
    for sentence in sentences:
        if sentence.where.section not in {sections.ABSTRACT, sections.METHODS, sections.RESULTS}:
            continue
        if not _ASSIGNED.search(sentence.text) or (
            CITED.search(sentence.text) and not sentence.own
        ):
            continue
        text = words_to_digits(sentence.text)
        for pattern in (_COUNT_FIRST, _SIZE_BEHIND):
            found = list(pattern.finditer(text))
            names = {m["name"].lower() for m in found}
            if len(found) == 2 and len(names) == 2:
                for match in found:
                    n = match["n"].replace(",", "")
                    yield Fact("arm-size", match["name"], value=n, where=sentence.where)
                break
