"""The patients' own ids, found inside texts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from oncohort.dataclass import dataclass

REMOVED = "[removed]"

_WORD = re.compile(r"[^\W_]+")
_SHORT = re.compile(r"[^\W\d_]{1,2}\d{2,3}")
"""A short id: `P05`, `HK12`."""
_LEAST_NUMBER = 5
"""Figures from which a number in words is that of a patient, unless it is a round one."""


@dataclass(frozen=True, slots=True)
class KnownIds:
    """The patients' own ids, to be found inside texts.

    Ids of one or two letters or of up to three digits are ordinary words and numbers; they are
    looked for only where a whole value is meant to be an id.

    Attributes
    ----------
    ids
        As sequences of words, without case.
    longest
        Words of the longest.
    exact
        Short ones, found only as they are written.
    """

    ids: frozenset[tuple[str, ...]]
    longest: int
    exact: frozenset[str] = frozenset()

    @classmethod
    def of(cls, patients: Iterable[str]) -> KnownIds:
        """Ids as sequences of words: ``HOSP-4711`` is (hosp, 4711).

        Examples
        --------
        >>> KnownIds.of(["HOSP-4711", "7"]).redact("see hosp 4711, 7 mm")
        'see [removed], 7 mm'
        """
        found = set()
        for patient in patients:
            words = tuple(w.casefold() for w in _words(patient))
            whole = "".join(words)
            if len(whole) >= 4 or (len(whole) == 3 and not whole.isdigit()):
                found.add(words)
        return cls(frozenset(found), max((len(w) for w in found), default=0))

    @classmethod
    def sure(cls, patients: Iterable[str]) -> KnownIds:
        """Only ids that are nothing but an id wherever they stand: not `S1`, `2015` or `female`.

        Short ones with a letter and two figures count as they are written: `P16` is an id where a
        patient is called so, `p16` is a protein.

        Examples
        --------
        >>> known = KnownIds.sure(["S1", "2015", "HK-0017", "Anna Schmidt", "123-45-6789", "P16"])
        >>> [known.holds(t) for t in ("Figure S1 of 2015", "see hk 0017", "Schmidt, Anna")]
        [False, True, False]
        >>> known.holds("not 123 45 6789"), known.holds("Anna Schmidt left")
        (True, True)
        >>> known.holds("without P16"), known.holds("p16 positive")
        (True, False)
        """
        patients = list(patients)
        found = cls.of(p for p in patients if _is_sure(_words(p)))
        short = frozenset(p.strip() for p in patients if _SHORT.fullmatch(p.strip()))
        return cls(found.ids, found.longest, short)

    def holds(self, text: str) -> bool:
        """Does a text hold an id?"""
        return self.redact(text) != text

    def redact(self, text: str) -> str:
        """The text without ids of patients."""
        if self.exact:
            text = _WORD.sub(lambda m: REMOVED if m.group() in self.exact else m.group(), text)
        if not self.ids:
            return text
        spans = [(m.group().casefold(), m.start(), m.end()) for m in _WORD.finditer(text)]
        out, at, i = [], 0, 0
        while i < len(spans):
            for n in range(min(self.longest, len(spans) - i), 0, -1):
                if tuple(word for word, _, _ in spans[i : i + n]) in self.ids:
                    out += [text[at : spans[i][1]], REMOVED]
                    at = spans[i + n - 1][2]
                    i += n
                    break
            else:
                i += 1
        return "".join([*out, text[at:]])


def _words(text: str) -> list[str]:
    """The words of an id; most are one."""
    return [text] if text.isascii() and text.isalnum() else _WORD.findall(text)


def _is_sure(words: list[str]) -> bool:
    whole = "".join(words)
    if whole.isdigit():
        exact = len(whole) >= _LEAST_NUMBER and not whole.endswith("000")
        return exact or len(whole) >= 7 or len(words) >= 3
    if any(c.isdigit() for c in whole):
        return len(whole) >= 5
    return len(words) >= 2 and len(whole) >= 6
