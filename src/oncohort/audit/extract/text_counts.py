"""Counts with percentages, said in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from oncohort.audit.extract import sections
from oncohort.audit.extract.sentences import Sentence, words_to_digits
from oncohort.audit.extract.vocabulary import (
    BEFORE,
    COUNT,
    DEC,
    GRADED,
    INT,
    NOT_A_COUNT,
    NOUN,
    PEOPLE,
)
from oncohort.published.model import (
    Count,
    Where,
)

_GOES_ON = r"(?=[;,]\s*+(?:(?:9\d|80)\s*+%\s*+(?:CI|conf)|CI\b|[pP]\s*+[=<>]|(?:HR|OR|RR)\b))"
"""An interval or a p in the bracket of the percentage."""

_OF = re.compile(
    rf"{BEFORE}(?P<count>{INT})\s*+(?:/|(?:out(?:\s++of)?|of)\s++(?:the\s++|these\s++|all\s++)?)\s*+"
    rf"(?P<of>{INT})(?:\s++(?:[a-z-]+\s++){{0,3}}{PEOPLE}(?:\s++(?:with|in|on|who|at)"
    rf"(?:\s++[A-Za-z-]{{1,20}}){{1,4}})?)?\s*+[(\[,;]\s*+(?P<percent>{DEC})\s*+%\s*+(?:[)\]]|{_GOES_ON})"
)


_SHARE = rf"(?<![\d.,·–−±-])(?<![±–−-] )(?P<percent>{DEC})"
"""A percentage that is no deviation and no upper bound: not "3.4 ± 0.7%"."""

_PERCENT_FIRST = re.compile(
    rf"{_SHARE}\s*+%\s*+[(\[,;]\s*+(?:n\s*+=\s*+)?(?P<count>{INT})\s*+"
    rf"(?:/|of)\s*+(?P<of>{INT})(?:\s++{PEOPLE})?\s*+[)\]]"
)


_N_PERCENT = re.compile(
    rf"[(\[]\s*+n\s*+=\s*+(?P<count>{INT})\s*+[,;]\s*+(?P<percent>{DEC})\s*+%\s*+[)\]]"
)


_PERCENT_N = re.compile(rf"{_SHARE}\s*+%\s*+[(\[]\s*+n\s*+=\s*+(?P<count>{INT})\s*+[)\]]")


_COUNT_OF = re.compile(
    rf"{BEFORE}(?P<count>{INT})(?:\s++{PEOPLE})?\s*+[(\[]\s*+(?P<percent>{DEC})\s*+%\s*+[)\]]\s*+"
    rf"(?:out\s++)?of\s++(?:the\s++|these\s++|all\s++)?(?P<of>{INT})(?!\s*+%|[.,]?\d)"
    rf"(?=\s++(?:[a-z-]+\s++){{0,3}}{PEOPLE}|\s++in\b|\s*+[;,.)]|\s++(?:vs|versus)\b)"
)
"""The whole behind the count: "83 (15%) of 547 patients"."""

_OTHER_UNIT = re.compile(
    rf"{BEFORE}(?P<count>{INT})(?:\s++[A-Za-z-]{{1,20}}){{1,4}}(?:\s*+\([A-Z][A-Za-z]{{1,5}}\))?"
    rf"\s*+[(\[]\s*+(?P<percent>{DEC})\s*+%\s*+"
    rf"(?:[)\]]|{_GOES_ON}|(?=[;,]\s*+n\s*+=))"
)
"""A count of tumours, samples, deaths: read, but never judged as a count of patients."""

_DENOMINATOR_WORDS = re.compile(
    r"(?<!total )(?<!and )(?<!, )(?<!; )\b(?:of|out)\s++(?:(?:the|these|all|our)\s++)?$|/\s*+$",
    re.I,
)
"""Before a number that is a denominator: "fifteen of 42 (35.7%)"."""


_BESIDE = re.compile(rf"\s{{0,9}}(?:of\s++)?(?:the\s++|these\s++|our\s++|all\s++)?{PEOPLE}\b", re.I)

_OPENS = re.compile(
    rf"^(?:Of|Among) (?:the |these |all |our )*(?P<of>{INT}) (?:[a-z-]+ )?{PEOPLE},? (?:only )?$"
)
"""Before a count that is certain to be of patients: "Of the 42 patients, 30 (71.4%) were men"."""


_SEASON = re.compile(r"^(?:19|20)\d\d/\d\d$")
"""Two years that follow each other: "9% (2010/11)"."""


def _no_count(before: str, match: re.Match[str], text: str) -> bool:
    """Whether the words before a number say that it counts nothing ("grade 3", "week 12")."""
    if not NOT_A_COUNT.search(before) or re.search(
        r"\bn\s?=\s?$|\bcompared\s(?:with|to)\s$", before
    ):
        return False
    beside = bool(_BESIDE.search(match[0]) or _BESIDE.match(text[match.end() :]))
    return not (beside and re.search(r"\b(?:with|by|groups?|arms?|cohort)\s?$", before))


def _no_part(before: str) -> bool:
    return bool(NOT_A_COUNT.search(before)) and not re.search(r"\b(?:by|with|than)\s?$", before)


def read_counts(sentence: Sentence) -> Iterator[Count]:
    if "%" not in sentence.text:
        return
    text = words_to_digits(sentence.text)
    taken: list[tuple[int, int]] = []
    graded = bool(GRADED.search(text))
    people = bool(NOUN.search(text)) or len(COUNT.findall(text)) > 1
    for pattern in (_OF, _COUNT_OF, _PERCENT_FIRST, _PERCENT_N, _N_PERCENT, COUNT, _OTHER_UNIT):
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            taken.append(match.span())
            groups = match.groupdict()
            start = match.start("count") if pattern is not _PERCENT_FIRST else 0
            before = text[max(0, start - 60) : start]
            if pattern in {COUNT, _OTHER_UNIT} and (
                _no_count(before, match, text)
                or _DENOMINATOR_WORDS.search(before)
                or (
                    graded
                    and int(match["count"].replace(",", "")) <= 10
                    and not re.search(r"\b(?:in|of|only|for|were|was|had|remaining)\s*$", before)
                    and not re.search(PEOPLE, match[0])
                )
            ):
                continue
            of = int((groups.get("of") or "0").replace(",", ""))
            if of and _SEASON.match(f"{match['count']}/{of:02d}") and "/" in match[0]:
                continue
            if of and (of < 5 or _no_part(before) or (graded and of <= 10)):
                # "Grade 3/4 (14.6%)", "stage 2 of 4", "PS 0/1" are no counts.
                continue
            remaining = bool(re.search(r"\bremain(?:ing|der)\s*(?:of\s*)?$|\bother\s*$", before))
            yield Count(
                text[match.end() : match.end() + 60].strip(),
                match["count"].replace(",", ""),
                match["percent"].replace("·", "."),
                (groups.get("of") or _whole(before, match, text)).replace(",", ""),
                "remaining" if remaining else "",
                sentence.index,
                sentence.own and people and pattern is not _OTHER_UNIT,
                bool(
                    _BESIDE.search(match[0])
                    or _BESIDE.match(text[match.end() :])
                    or _OPENS.match(before)
                ),
                sentence.where,
            )


_THEY_DID = re.compile(
    rf"\s{{0,3}}(?:of (?:them|whom)\b|{PEOPLE}\b|(?:[a-z]{{2,20}}ed|had|were|was|did|met|underwent|"
    r"withdrew|chose|gave|took)\b)"
)


def _whole(before: str, match: re.Match[str], text: str) -> str:
    """The patients with whom a sentence opens, where the first count is of more: "Of 61, 70"."""
    opened = _OPENS.match(before)
    if opened is None or not _THEY_DID.match(text[match.end() :]):
        return ""
    whole = opened["of"]
    return whole if int(match["count"].replace(",", "")) > int(whole.replace(",", "")) else ""


def label_counts(
    sentences: Sequence[Sentence], labels: Sequence[str]
) -> Iterator[tuple[str, str, str, Where]]:
    """Counts that a sentence gives to rows of a table: (label, count, percent, where).

    Only lists that match one to one are taken: "fatigue, rash and nausea occurred in 24 (48.0%),
    15 (30.0%) and 8 (16.0%), respectively".
    """
    known = {x.lower().strip(): x for x in labels if len(x) > 3 and not re.search(r"\d|[<>≤≥]", x)}
    if not known:
        return
    pattern = re.compile(
        r"(?<![\w-])("
        + "|".join(re.escape(k) for k in sorted(known, key=len, reverse=True))
        + r")(?![\w-])"
    )
    for sentence in sentences:
        if not sentence.own or sentence.where.section not in {sections.ABSTRACT, sections.RESULTS}:
            continue
        for clause in re.split(r";\s*(?:however,?)?", sentence.text):
            low = clause.lower()
            if _NARROWED.search(low):
                continue
            names = [known[m[1]] for m in pattern.finditer(low)]
            counts = list(COUNT.finditer(clause))
            if not names or len(names) != len(counts) or len(set(names)) != len(names):
                continue
            last_name = max(m.end() for m in pattern.finditer(low))
            after = all(c.start() >= last_name for c in counts)
            if len(names) > 1 and not (after and "respectively" in low):
                continue
            if len(names) == 1 and not (after and counts[0].start() - last_name < 40):
                continue
            for name, match in zip(names, counts, strict=True):
                yield (
                    name,
                    match["count"].replace(",", ""),
                    match["percent"].replace("·", "."),
                    sentence.where,
                )


_NARROWED = re.compile(
    r"grade|severe|serious|arm\b|group|cohort|related to|led to|discontinu|reduction|among|"
    r"of these|"
    r"of whom|versus|\bvs\b|compared|subgroup|patients (?:with|who)|treatment-related|immune"
)
