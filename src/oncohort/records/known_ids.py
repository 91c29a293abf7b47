"""The patients' own ids, found inside texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

REMOVED = "[removed]"

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class KnownIds:
    """The patients' own ids, to be found inside texts.

    Ids of one or two letters or of up to three digits are ordinary words and numbers; they are
    looked for only where a whole value is meant to be an id.
    """

    ids: frozenset[tuple[str, ...]]
    longest: int

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
            words = tuple(w.casefold() for w in _WORD.findall(patient))
            whole = "".join(words)
            if len(whole) >= 4 or (len(whole) == 3 and not whole.isdigit()):
                found.add(words)
        return cls(frozenset(found), max((len(w) for w in found), default=0))

    @classmethod
    def sure(cls, patients: Iterable[str]) -> KnownIds:
        """Only ids that are nothing but an id wherever they stand: not `S1`, `2015` or `female`.

        Examples
        --------
        >>> known = KnownIds.sure(["S1", "2015", "HK-0017", "Anna Schmidt", "123-45-6789"])
        >>> [known.holds(t) for t in ("Figure S1 of 2015", "see hk 0017", "Schmidt, Anna")]
        [False, True, False]
        >>> known.holds("not 123 45 6789"), known.holds("Anna Schmidt left")
        (True, True)
        """
        return cls.of(p for p in patients if _is_sure(_WORD.findall(p)))

    def holds(self, text: str) -> bool:
        """Does a text hold an id?"""
        return self.redact(text) != text

    def redact(self, text: str) -> str:
        """The text without ids of patients."""
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


def _is_sure(words: list[str]) -> bool:
    whole = "".join(words)
    if whole.isdigit():
        return len(whole) >= 7 or len(words) >= 3
    if any(c.isdigit() for c in whole):
        return len(whole) >= 5
    return len(words) >= 2 and len(whole) >= 6
