"""Sentences: whose patients they speak of, and how many patients there are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from oncohort.audit.document import Paragraph
from oncohort.audit.extract import sections
from oncohort.audit.extract.vocabulary import BEFORE, CITED, INT, OWN, PEOPLE, SUBGROUP
from oncohort.dataclass import dataclass
from oncohort.published.model import (
    Where,
)

MAX_SENTENCE = 4_000
"""Characters; what is longer is a list, a sequence or damage, and no sentence."""

_DENOMINATOR = re.compile(
    rf"\b(?:of|among|in)\s++(?:the|these|all|our|a total of)?\s*+(?:the\s++)?(?P<n>{INT})\s++"
    rf"(?:[A-Za-z-]+\s++){{0,4}}?{PEOPLE}",
    re.I,
)


_SIZE = re.compile(
    rf"{BEFORE}(?P<n>{INT})\s++(?:[A-Za-z-]+\s++){{0,5}}?(?:patients|cases|subjects|"
    r"participants|individuals|women|men)\b"
)


_SIZE_N = re.compile(rf"\bn\s*=\s*(?P<n>{INT})", re.I)


_UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
          "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
          "eighteen", "nineteen")  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBER_WORDS = {w: k for k, w in enumerate(_UNITS)} | {
    w: 10 * k for k, w in enumerate(_TENS, start=2)
}
_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_UNITS[1:10])}))?|{'|'.join(_UNITS[1:])})"
_HUNDREDS = rf"(?:(?:{_SMALL}|a|an)[- ]hundred(?:[- ](?:and[- ])?{_SMALL})?|{_SMALL})"
_SPELLED = re.compile(
    rf"(?<![\w-])(?:(?:{_HUNDREDS}|a)[- ]thousand(?:,?[- ](?:and[- ])?{_HUNDREDS})?|{_HUNDREDS})"
    rf"\b(?![- ](?:and[- ])?(?:hundred|thousand|million|{'|'.join((*_TENS, *_UNITS))})\b)"
    r"(?=\s+(?:\w|[(\[]\d))",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with its place; ``own``: it is certain to speak of this study."""

    text: str
    where: Where
    own: bool
    index: int


def split(paragraphs: Sequence[Paragraph]) -> list[Sentence]:
    """All sentences, with whether they speak of this study's own patients."""
    out: list[Sentence] = []
    for paragraph in paragraphs:
        if paragraph.kind == "heading" or paragraph.section in {
            sections.REFERENCES,
            sections.OTHER,
        }:
            continue
        part = ""
        for text in sections.sentences(paragraph.text):
            if len(text) > MAX_SENTENCE:
                continue
            if paragraph.section == sections.ABSTRACT:
                label = sections.RUN_IN.match(text)
                if label:
                    part = sections.canonical(label[1].partition("/")[0]) or part
                else:
                    inside = list(sections.RUN_IN.finditer(text))
                    if inside:
                        part = sections.canonical(inside[-1][1].partition("/")[0]) or part
            where = Where(paragraph.section, paragraph.label, "", "", paragraph.page, text)
            out.append(Sentence(text, where, _is_own(text, paragraph.section, part), len(out)))
    return out


def _is_own(text: str, section: str, part: str) -> bool:
    if section == sections.RESULTS:
        return not CITED.search(text)
    if section == sections.ABSTRACT:
        return part != sections.INTRODUCTION and not CITED.search(text)
    if section == "legend":
        return True
    # "..., which is longer than in previous studies" does not make the figure theirs.
    head = re.split(r",\s*(?:which|thus|suggesting|compar)", text)[0]
    return bool(OWN.search(head)) and not CITED.search(head)


_COMMA = re.compile(r"(?<![\d.,])(\d{1,3}),((?<=\b0,)\d{1,6}|\d{1,2}|0\d{2,4})(?![\d,.]*\d)")
_COMMA_SPAN = re.compile(
    r"(?<![\d.,/-])\d{1,3},\d{1,3}\s?(?:[-–—−]|to|a|;)\s?\d{1,3},\d{1,2}(?![\d.,]*\d)"
)
"""An interval whose bounds have decimal commas: "2,2-5,3"."""
_COMMA_P = re.compile(r"\bp\s?[=<>≤≥]\s?0,\d", re.I)
_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?:,\d{3})++)(?![\d,]*\d)")


def without_commas(sentence: Sentence) -> Sentence:
    """The sentence with its numbers of thousands written without commas; its quote keeps them.

    Examples
    --------
    >>> without_commas(Sentence("446 days (IQR 186-1,210)", Where(), True, 0)).text
    '446 days (IQR 186-1210)'
    >>> without_commas(Sentence("HR 3.5 (IC 2,2-5,3; p = 0,01)", Where(), True, 0)).text
    'HR 3.5 (IC 2.2-5.3; p = 0.01)'
    """
    text = sentence.text
    if _COMMA_SPAN.search(text) or _COMMA_P.search(text):
        text = _COMMA.sub(r"\1.\2", text)
    text = _THOUSANDS.sub(lambda m: m[1] + m[2].replace(",", ""), text)
    return replace(sentence, text=text)


_SPAN = re.compile(
    r"(?<![\d.,·–−-])(\d{1,2})[ -]?(years?|yrs?|months?|weeks?)(?:,? and |, | )"
    r"(\d{1,2})[ -]?(months?|mos?|weeks?|days?)\b",
    re.I,
)
_PARTS = {("y", "m"): (12, "months"), ("w", "d"): (7, "days")}
_UNEVEN = frozenset({("y", "w"), ("y", "d"), ("m", "w"), ("m", "d")})
"""A larger unit and a smaller one that has no whole number of parts in it."""


def one_unit(sentence: Sentence) -> Sentence:
    """The sentence with times of two units written in the smaller one; its quote keeps them.

    Examples
    --------
    >>> one_unit(Sentence("2 years and 5 months (IQR 12-52 months)", Where(), True, 0)).text
    '29 months (IQR 12-52 months)'
    """

    def joined(match: re.Match[str]) -> str:
        units = (match[2][0].lower(), match[4][0].lower())
        part = _PARTS.get(units)
        if part is None:
            return "some time" if units in _UNEVEN else match[0]
        size, unit = part
        if int(match[3]) >= size:
            return match[0]
        return f"{size * int(match[1]) + int(match[3])} {unit}"

    return replace(sentence, text=_SPAN.sub(joined, sentence.text))


def words_to_digits(text: str) -> str:
    """Spelled numbers as digits, up to thousands.

    Examples
    --------
    >>> words_to_digits("Forty-two patients, three hundred and twelve of the women, one man")
    '42 patients, 312 of the women, 1 man'
    """
    return _SPELLED.sub(lambda match: str(_value(match[0])), text)


def _value(spelled: str) -> int:
    """The number that words spell."""
    total = part = 0
    for word in re.split(r"[-,\s]+", spelled.lower()):
        if word == "hundred":
            part *= 100
        elif word == "thousand":
            total, part = total + 1000 * part, 0
        elif word != "and":
            part += 1 if word in {"a", "an"} else _NUMBER_WORDS[word]
    return total + part


_STRONG = re.compile(
    r"(?:total of|consecutive|these|included|enrolled|identified|analy[sz]ed|all|the)\s+"
    rf"(?P<n>{INT})\b"
)
_CONSECUTIVE = re.compile(rf"(?<![\d,])(?P<n>{INT})\s+consecutive")


def _strong(text: str) -> frozenset[str]:
    """Numbers of which a sentence says that they are of everybody."""
    found = (*_STRONG.finditer(text), *_CONSECUTIVE.finditer(text))
    return frozenset(m["n"] for m in found)


def find_cohort(every: Sequence[Sentence]) -> tuple[str, list[tuple[str, Where]]]:
    """The one number of patients that the paper keeps naming (or empty), and all numbers named."""
    sizes: list[tuple[str, Where]] = []
    votes: Counter[str] = Counter()
    places: dict[str, set[str]] = {}
    for sentence in every:
        if sentence.where.section == sections.INTRODUCTION and not sentence.own:
            continue
        text = words_to_digits(sentence.text)
        strong = _strong(text)
        for match in [*_SIZE.finditer(text), *_SIZE_N.finditer(text)]:
            n = match["n"].replace(",", "")
            if int(n) < 5 or re.match(r"(?:19|20)\d\d$", n):
                continue
            sizes.append((n, sentence.where))
            if CITED.search(text) and not sentence.own:
                continue
            votes[n] += 2 if match["n"] in strong else 1
            places.setdefault(n, set()).add(sentence.where.section)
    if not votes:
        return "", sizes
    ranked = votes.most_common(2)
    best, score = ranked[0]
    runner = ranked[1][1] if len(ranked) > 1 else 0
    if score < 3 or score < 1.5 * runner or len(places[best]) < 2:
        return "", sizes
    return best, sizes


def denominator_of(text: str) -> str:
    """The size that a sentence names ("of the 42 patients"); empty if none or several.

    Examples
    --------
    >>> denominator_of("Of the 42 patients, 14 (33.3%) received it.")
    '42'
    """
    found = {m["n"].replace(",", "") for m in _DENOMINATOR.finditer(text)}
    return found.pop() if len(found) == 1 else ""


def first_clause(text: str) -> str:
    return re.split(r"[.;]|,\s*which\b|,\s*and\b|,\s*although\b", text)[0]


def of_everyone(text: str, cohort: str) -> bool:
    """Whether nothing in the words narrows them to a part of the cohort."""
    text = re.sub(r"\([^()]*\)", " ", text)
    if cohort:
        text = re.sub(
            r"\b(?:in|of|for|among)\s+(?:all\s+|the\s+|these\s+|all of the\s+|the "
            rf"entire\s+){{0,5}}{cohort}\s+"
            r"(?:[A-Za-z-]+\s+){0,4}?patients(?:\s+with\s+[^,|]{0,60}?(?=,|\||included|"
            r"\bwas\b|\bwere\b|$))?"
            r"(?:\s*(?:included\s+)?in (?:this|our|the present) [a-z]+)?",
            " ",
            text,
            flags=re.I,
        )
    text = re.sub(
        r"\b(?:in|of|for|among)\s+(?:this|our|the (?:present|entire|whole|overall|total|full|"
        r"study))\s+"
        r"(?:[a-z-]+\s+)?(?:series|study|cohort|population|patients|"
        r"group)\b(?:,?\s*consisting of patients[^,|]*,?)?",
        " ",
        text,
        flags=re.I,
    )
    text = re.sub(
        r"\b(?:in|of|for|among)\s+(?:all|these|our)\s+patients\b|"
        r"\b(?:after|from|since|following)\s+(?:the\s+)?(?:introduction|initiation|start|"
        r"beginning|commencement)\s+of\s+[A-Za-z-]+(?:\s+(?:therapy|treatment))?|"
        r"\b(?:with|of|to|on)\s+[a-z]+ib\b",
        " ",
        text,
        flags=re.I,
    )
    text = re.sub(r"\bwith a\b.*$", " ", text) if "|" not in text else text
    return not SUBGROUP.search(text)
