"""Adverse events and doses that a cell holds in words: `HFS G2, diarrhea G1`, `400 mg BID`.

Each part is read by itself; what a part does not say stays empty, and a part that can't be read is
said with its words. Nothing is guessed: two grades in one part, or a dose without a unit, are no
reading.
"""

from __future__ import annotations

import re
from datetime import date

from oncohort.dataclass import dataclass
from oncohort.records.dates import read_date
from oncohort.vocabulary.phrases import one_of, phrases
from oncohort.vocabulary.times import DateOrder
from oncohort.vocabulary.words import is_missing, level_words, plain

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}
_DIGIT = r"(?:[0-5](?![\d.,]*\d)|iv|v|i{1,3}(?![a-z]))"
_MARK = rf"(?:ctc(?:ae)?[\s-]*)?{one_of('grade_mark')}"
_GRADE = re.compile(
    rf"(?<![\w]){_MARK}[\s.:=-]*(?P<a>{_DIGIT})(?:\s*[-–/]\s*(?P<a2>[0-5](?!\d)))?\s*°?(?![\w])"
    rf"|(?<![\w.,])(?P<b>{_DIGIT})\s*{one_of('grade_behind')}(?!\w)"
    rf"|°\s*(?P<c>{_DIGIT})(?!\w)",
    re.IGNORECASE,
)
_WHOLE_GRADE = re.compile(
    rf"^(?:{_MARK}[\s.:=-]*(?P<a>{_DIGIT})\s*°?|(?P<b>{_DIGIT})\s*{one_of('grade_behind')}"
    rf"|°\s*(?P<c>{_DIGIT})"
    r"|(?P<d>i{1,3}|iv|v))$",
    re.IGNORECASE,
)
_PARTS = re.compile(
    rf"[,;\n、，；+]|(?<![^\S\n])[^\S\n]+{one_of('and')}\s++(?=.{{0,200}}\d)", re.IGNORECASE
)


def grade_of(text: str) -> int | None:
    """A grade as it is written where a grade is expected; None for anything else.

    Examples
    --------
    >>> [grade_of(t) for t in ("G2", "Grad III", "2°", "CTC 3", "2", "mild", "G7")]
    [2, 3, 2, 3, None, None, None]
    """
    found = _WHOLE_GRADE.match(plain(text))
    if found is None:
        return None
    return _figure(next(g for g in found.groups() if g is not None))


def _figure(text: str) -> int:
    return _ROMAN.get(text.lower()) or int(text)


@dataclass(frozen=True, slots=True)
class EventInWords:
    """One event of a cell."""

    term: str
    grade: int | None = None
    start: date | None = None
    why: str = ""
    """Why the part can't be read; empty where it can."""


def says_none(text: str) -> bool:
    """Does a cell say that there was nothing?

    Examples
    --------
    >>> [says_none(t) for t in ("none", "keine", "なし", "-", "rash")]
    [True, True, True, True, False]
    """
    word = plain(text)
    return (
        not word
        or word in phrases("nothing")
        or level_words("flag").get(word) == "no"
        or is_missing(word)
    )


def events_of(text: str, order: DateOrder | None = None) -> list[EventInWords]:
    """The events of a cell; none where it says that there was nothing.

    Examples
    --------
    >>> [(e.term, e.grade) for e in events_of("HFS G2, diarrhea G1")]
    [('HFS', 2), ('diarrhea', 1)]
    >>> [(e.term, e.grade) for e in events_of("Grade 3 rash; Fatigue (grade 1)\\nnausea")]
    [('rash', 3), ('Fatigue', 1), ('nausea', None)]
    >>> events_of("none"), events_of("rash G2-3")[0].why
    ([], 'it has two grades')
    """
    if says_none(text):
        return []
    out = []
    for part in _pieces(text):
        for one in _graded(part):
            out.append(_event(one, order))
    return [e for e in out if e.term or e.why]


def _pieces(text: str) -> list[str]:
    """A cell cut at commas and the like, but not inside brackets."""
    held: list[str] = []

    def keep(found: re.Match[str]) -> str:
        held.append(found[0])
        return f"\x00{len(held) - 1}\x00"

    bare = re.sub(r"\([^()]*\)", keep, text)
    return [
        re.sub(r"\x00(\d+)\x00", lambda m: held[int(m[1])], p).strip()
        for p in _PARTS.split(bare)
        if p and p.strip()
    ]


def _graded(part: str) -> list[str]:
    """A part cut behind each grade where several stand in it: `HFS G2 diarrhea G1`."""
    marks = list(_GRADE.finditer(part))
    if len(marks) < 2:
        return [part]
    ends = [m.end() for m in marks[:-1]]
    cut = [part[a:b].strip() for a, b in zip([0, *ends], [*ends, len(part)], strict=True)]
    # Only where each piece has a term before its grade: "grade 1 to grade 3" is one event.
    return cut if all(_has_term(c) for c in cut) else [part]


def _has_term(piece: str) -> bool:
    found = _GRADE.search(piece)
    words = re.findall(r"[^\W\d_]+", piece[: found.start()] if found else "")
    return any(w.lower() not in phrases("between_grades") for w in words)


def _event(part: str, order: DateOrder | None) -> EventInWords:
    start = None
    for found in re.finditer(r"\([^()\d]{0,8}([^()\d]*\d[^()]*)\)", part):
        day = read_date(found[1].strip(), order)
        if day.value is not None:
            start, part = day.value, part.replace(found[0], " ")
            break
    marks = list(_GRADE.finditer(part))
    if len(marks) > 1 or any(m["a2"] for m in marks):
        return EventInWords(part.strip(), why="it has two grades")
    grade = None
    if marks:
        grade = _figure(next(marks[0][k] for k in "abc" if marks[0][k] is not None))
        part = part[: marks[0].start()] + " " + part[marks[0].end() :]
    term = re.sub(r"\(\s*\)|\[\s*\]", " ", part)
    term = re.sub(r"\s+", " ", term).strip(" .:-–=")
    if marks and not term:
        return EventInWords("", grade, start, f"{part.strip() or 'a grade'} has no term")
    if re.search(r"(?<![\w-])\d+(?![\w-])", term):
        return EventInWords(term, grade, start, "it has a number that is no grade by its words")
    return EventInWords(term, grade, start)


@dataclass(frozen=True, slots=True)
class DoseInWords:
    """One period on a dose."""

    amount: float | None
    unit: str = ""
    times_per_day: float | None = None
    start: date | None = None
    """None: the part has no date."""
    why: str = ""


_ARROW = re.compile(rf"(?<!-)-+>|(?<!=)=+>|[→⇒➔»;\n]|(?<=\s){one_of('then')}(?=\s)")
_DOSE = re.compile(
    r"^(?P<amount>\d+(?:[.,]\d+)?)\s*(?P<unit>mg/m2|mg/m²|mg/kg|mg|g|µg|ug|mcg)\b\s*"
    r"(?P<rest>.*)$",
    re.IGNORECASE,
)
_TIMES = {
    words: times
    for group, times in (
        ("once_daily", 1.0),
        ("twice_daily", 2.0),
        ("three_times_daily", 3.0),
        ("alternate_days", 0.5),
        ("weekly", 1 / 7),
    )
    for words in phrases(group)
}
_EVERY = re.compile(rf"{one_of('every')}\s*(\d)\s*(?:({one_of('weeks')})|{one_of('days')})")


def doses_of(text: str, order: DateOrder | None = None) -> list[DoseInWords]:
    """The periods of a cell, in its order.

    Examples
    --------
    >>> for d in doses_of("400 mg BID -> 200 mg BID (2015-03-02)"):
    ...     print(d.amount, d.unit, d.times_per_day, d.start)
    400.0 mg 2.0 None
    200.0 mg 2.0 2015-03-02
    >>> doses_of("400 BID")[0].why
    "'400 BID' is no dose with its unit"
    """
    if says_none(text):
        return []
    return [_dose(p, order) for p in _ARROW.split(text.strip()) if p.strip()]


def _dose(part: str, order: DateOrder | None) -> DoseInWords:
    words, start, why = _dated(part.strip(), order)
    if why:
        return DoseInWords(None, why=why)
    if plain(words) in phrases("off"):
        return DoseInWords(0.0, "mg", 1.0, start)
    found = _DOSE.match(words)
    if found is None:
        return DoseInWords(None, start=start, why=f"{part.strip()!r} is no dose with its unit")
    amount = float(found["amount"].replace(",", "."))
    unit = found["unit"].lower().replace("²", "2")
    rest = plain(found["rest"]).strip(" ,:.") or ""
    times = _times(rest)
    if times is None:
        doubt = f"{rest!r} does not say how often a day" if rest else "how often a day is not said"
        return DoseInWords(None, unit, start=start, why=f"{part.strip()!r}: {doubt}")
    return DoseInWords(amount, unit, times, start)


def _times(rest: str) -> float | None:
    if rest in _TIMES:
        return _TIMES[rest]
    bare = rest.replace(" ", "").replace("×", "x")
    if bare in _TIMES:
        return _TIMES[bare]
    cycle = _EVERY.fullmatch(rest)
    if cycle:
        return 1 / (int(cycle[1]) * (7 if cycle[2] else 1))
    scheme = re.fullmatch(r"([01])-([01])-([01])(?:-([01]))?", rest)
    if scheme:
        total = sum(int(g) for g in scheme.groups() if g)
        return float(total) if total else None
    return None


_SINCE = re.compile(
    rf"(?:\(|\[|\b{one_of('since')}\b)[\s:]*+(?:{one_of('since')}|{one_of('on_day')})?\s*+"
    r"(?P<day>\d[\d./\s-]*\d|\d{1,2}[ -]?[A-Za-z]{3,9}[ -]?\d{2,4})\s*+[)\]]?\s*$",
    re.IGNORECASE,
)


def _dated(part: str, order: DateOrder | None) -> tuple[str, date | None, str]:
    """A part without its date, the date, and why it can't be read."""
    found = _SINCE.search(part)
    if found is None:
        return part, None, ""
    day = read_date(found["day"].strip(), order)
    if day.value is None or day.precision != "day":
        return part, None, day.why or f"{found['day']!r} is no full date"
    return part[: found.start()].strip().strip(" ,("), day.value, ""
