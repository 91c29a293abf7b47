"""What identifies somebody inside the texts of a chart, and its removal."""

from __future__ import annotations

import re

from oncohort.records.dates import MONTHS
from oncohort.records.known_ids import REMOVED, KnownIds

_MONTH = rf"(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})\.?"
_YEAR = r"(?:19|20)\d{2}"
_DAY = r"\d{1,2}(?:st|nd|rd|th|er|[.º°])?"
_CLEAR = "|".join(m for m in sorted(MONTHS, key=len, reverse=True) if len(m) > 3)
DATE = re.compile(
    r"(?<!\d)(?:\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?!\d)"
    rf"|(?<!\d)(?:0?[1-9]|1[0-2])[-/.]{_YEAR}(?!\d)"
    rf"|(?<!\d){_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"
    rf"|(?<!\w)(?:{_DAY}[ .,/-]{{0,3}}(?:de )?)?{_MONTH}(?:[ .,/-]{{0,3}}{_DAY})?,?"
    rf"[ .,/'’-]{{0,3}}(?:del? )?{_YEAR}(?!\d)"
    rf"|(?<!\w){_DAY}[ .,/-]{{0,3}}{_MONTH}[ .,/'’-]{{1,3}}\d{{2}}(?!\w)"
    rf"|(?<!\w){_MONTH} ?[/'’-]{{1,2}}\d{{2}}(?!\w)"
    rf"|(?<!\w){_DAY} {{0,2}}(?:{_CLEAR})(?!\w)"
    rf"|(?<!\w)(?:Q[1-4]|[1-4]Q|KW ?\d{{1,2}}|W\d{{1,2}})[ /-]{{0,2}}{_YEAR}(?!\d)"
    rf"|(?<!\d){_YEAR}[ /-]{{0,2}}(?:Q[1-4]|W\d{{1,2}})(?!\w)"
    r"|(?<!\d)(?:\d{4}|(?:明治|大正|昭和|平成|令和) ?(?:\d{1,2}|元)) ?[年년] ?"
    r"(?:\d{1,2} ?[月월] ?)?(?:\d{1,2} ?[日일])?",
    re.IGNORECASE,
)
"""A calendar date, a month or quarter of a year, or a day of a month, as written in a text."""
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?: ?[ap]m|Z)?", re.IGNORECASE)

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
    >>> is_date_text("12.03.2015"), is_date_text("12-MAR-2015 10:30"), is_date_text("stage 3")
    (True, True, False)
    """
    plain = text.strip()
    day = DATE.match(plain)
    return day is not None and (
        day.end() == len(plain) or _TIME.fullmatch(plain, day.end()) is not None
    )
