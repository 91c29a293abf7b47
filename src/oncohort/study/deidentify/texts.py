"""What identifies somebody inside the texts of a chart, and its removal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

REMOVED = "[removed]"

_MONTHS = "jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez"
DATE = re.compile(
    r"(?<!\d)(?:\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?!\d)"
    rf"|(?<!\w)(?:\d{{1,2}}\.? {{0,2}})?(?:{_MONTHS})[a-zäé]{{0,6}}\.?,? {{0,2}}\d{{4}}(?!\d)"
    r"|(?<!\d)\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?",
    re.IGNORECASE,
)
"""A calendar date, or a month of a year, as written in a text."""

_IDENTIFYING = (
    re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,63}"),
    DATE,
    re.compile(
        r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herrn?|Frau|Mme|M|Sr|Sra|Dra|Sig|Dott)\.? {1,2}"
        r"[A-ZÄÖÜÉÈ][\wäöüßéèáóúñç'-]{1,40}(?: [A-ZÄÖÜÉÈ][\wäöüßéèáóúñç'-]{1,40}){0,2}"
    ),
    re.compile(r"[一-龥]{1,4}(?:さん|様|先生|医師)"),
    re.compile(r"(?<!\w)\+?\d[\d ()/-]{5,18}\d(?!\w)"),  # telephone and hospital numbers
)
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


def redact(text: str, known: KnownIds) -> str | None:
    """A text without ids, dates, names with a title, numbers and addresses of people.

    Returns
    -------
    str or None
        None where nothing of meaning remains.

    Examples
    --------
    >>> known = KnownIds.of(["P025"])
    >>> redact("liver, CT of 12.03.2015 (Dr. Miller)", known)
    'liver, CT of [removed] ([removed])'
    >>> redact("P025", known) is None
    True
    """
    out = known.redact(text)
    for pattern in _IDENTIFYING:
        out = pattern.sub(REMOVED, out)
    if out == text:
        return text
    rest = re.sub(r"\W+", "", out.replace(REMOVED, ""))
    return out if rest else None


def is_date_text(text: str) -> bool:
    """Is the whole text a calendar date?

    Examples
    --------
    >>> is_date_text("12.03.2015"), is_date_text("stage 3")
    (True, False)
    """
    return DATE.fullmatch(text.strip()) is not None
