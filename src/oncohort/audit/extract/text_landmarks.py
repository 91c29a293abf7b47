"""Survival at fixed times of arms and subgroups, said in sentences.

:mod:`~oncohort.audit.extract.text_times` reads what is said of the whole cohort and binds it. Here
every other value is read, bound to its endpoint and its time only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from oncohort.audit.extract.sentences import Sentence
from oncohort.audit.extract.text_survival import NUMBER, measures_in
from oncohort.published.model import Landmark

_TIMES = re.compile(
    rf"(?<![\d.,·/–−-])(?P<times>{NUMBER}(?:-|\s)?(?:year|month)?s?-?"
    rf"(?:\s?(?:, and|,|and|/|or)\s?{NUMBER}(?![\d.·]*\s?%)(?:-|\s)?(?:year|month)?s?-?){{0,7}})"
    r"(?P<unit>years?\b|months?\b|yrs?\b|mos?\b)?",
    re.I,
)
_PERCENT = re.compile(
    rf"(?<![A-Za-z\d.,·/–−-])(?P<percent>{NUMBER})\s?(?P<sign>%)?"
    r"(?:\s?(?P<open>[(\[]|[;,](?=[^,;()]{0,40}(?:\bC\.?I|confidence)))\s?"
    r"(?P<said>(?:(?P<level>\d{2}(?:\.\d)?)\s?%\s?)?"
    r"(?:CI|C\.I\.|confidence intervals?(?:\s?[(\[]CIs?[)\]])?)\s?[:=,]?\s?)?"
    rf"(?P<low>{NUMBER})\s?%?\s?(?:[-–—−]|to\b|,)\s?(?P<high>{NUMBER})\s?%?)?",
    re.I,
)
_SURVIVAL = frozenset({"PFS", "DFS", "RFS", "MFS", "EFS", "LRFS", "CSS", "OS"})
_PLANNED = re.compile(
    r"\b(?:power|alpha|type I|hypothes\w+|assum\w+|expect\w+|detect\w*|acceptable|sample size)\b",
    re.I,
)
_NOT_SURVIVAL = re.compile(
    r"\b(?:increase\w*|decrease\w*|difference|improve\w*|reduc\w+|mortality|died|deaths?|"
    r"recurrence rate|response|respond\w*|power|alpha|hypothes\w+|lower limit|CR rate|benefit|"
    r"toxicity|by|p)\s?(?:rate|of|was|were|from|to|in\s\w+\s\w+)?\s?[(=]?$",
    re.I,
)
_WORDS = {
    word: str(k)
    for k, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1
    )
}
_WORD = re.compile(rf"\b({'|'.join(_WORDS)})(?=[- ](?:year|month))", re.I)


def read_more_landmarks(
    sentence: Sentence, known: Sequence[Landmark], before: Sequence[Landmark] = ()
) -> Iterator[Landmark]:
    """Survival at fixed times that a sentence gives besides those already known.

    ``before`` is what the sentence before this one gives: "the corresponding rates for OS were".

    Examples
    --------
    >>> from oncohort.published.model import Where
    >>> s = Sentence("OS at 2 years was 61% (95% CI 50-70) in A versus 55% in B.",
    ...              Where("results"), True, 0)
    >>> [(m.endpoint, m.time, m.percent, m.low) for m in read_more_landmarks(s, ())]
    [('OS', '2', '61', '50'), ('OS', '2', '55', '')]
    """
    if "%" not in sentence.text:
        return
    had = {(m.endpoint, m.time, m.percent) for m in known}
    text = _WORD.sub(lambda m: _WORDS[m[1].lower()], sentence.text)
    last: list[Landmark] = list(before) if CORRESPONDING.match(text) else []
    for clause in _clauses(text):
        marks = list(_landmarks(clause, sentence)) or list(_going_on(clause, sentence, last))
        last = marks or last
        for mark in marks:
            key = (mark.endpoint, mark.time, mark.percent)
            if key not in had:
                had.add(key)
                yield mark


CORRESPONDING = re.compile(
    r"(?:The )?(?:corresponding|respective) (?:numbers|figures|values|rates|percentages|estimates|"
    r"proportions)\b",
    re.I,
)


def _going_on(clause: str, sentence: Sentence, last: Sequence[Landmark]) -> Iterator[Landmark]:
    """What a clause leaves to be understood: its time, or its endpoint ("at 2 years, it was")."""
    times = {(m.time, m.unit) for m in last}
    endpoints = {m.endpoint for m in last}
    names = [n for n in measures_in(clause) if _is_survival(n[2])]
    if CORRESPONDING.match(clause) and len(times) == 1 and len({n for _, _, n in names}) == 1:
        time, unit = next(iter(times))
        if not _points(clause):
            for value in _values(clause, 0, names):
                yield _mark(names[0][2], time, unit, value, sentence)
    elif _SAME.match(clause) and len(endpoints) == 1 and not names:
        points = _points(clause)
        if len(points) == 1 and len(points[0][2]) == 1:
            at = [(0, 0, next(iter(endpoints)))]
            values = _values(clause, points[0][1], at)
            if len(values) == 1:
                yield _mark(at[0][2], points[0][2][0], points[0][3], values[0], sentence)


_SAME = re.compile(
    r"\s*(?:and )?(?:at|after) [^,;%]{1,20},? (?:it|this|the rate|this rate) (?:was|fell|rose|"
    r"had|decreased|dropped)\b",
    re.I,
)


def _is_survival(name: str) -> bool:
    return name in _SURVIVAL or name.endswith("FS")


def _clauses(text: str) -> list[str]:
    """Parts of a sentence; a semicolon in brackets parts nothing."""
    out, depth, start = [], 0, 0
    for mark in re.finditer(r"[()\[\];]|\b(?:whereas|while)\b", text):
        if mark[0] in "([":
            depth += 1
        elif mark[0] in ")]":
            depth = max(0, depth - 1)
        elif depth == 0:
            out.append(text[start : mark.start()])
            start = mark.end()
    return [*out, text[start:]]


def with_intervals(sentence: Sentence, known: Sequence[Landmark]) -> list[Landmark]:
    """Known values, each with the interval that is printed right behind it."""
    out = []
    for mark in known:
        hits = [
            m
            for m in _PERCENT.finditer(sentence.text)
            if m["percent"].replace("·", ".") == mark.percent and m["said"] and m["low"]
        ]
        if len(hits) == 1 and not mark.low:
            low, high = (hits[0][k].replace("·", ".") for k in ("low", "high"))
            mark = replace(mark, low=low, high=high)
        out.append(mark)
    return out


def _landmarks(clause: str, sentence: Sentence) -> Iterator[Landmark]:
    times = _points(clause)
    if not times or _PLANNED.search(clause):
        return
    names = [n for n in measures_in(clause) if _is_survival(n[2])]
    if not names:
        return
    endpoints = list(dict.fromkeys(n for _, _, n in names))
    _, end, points, unit = times[0]
    if len(times) > 1 and any(t[2] != points for t in times[1:]):
        yield from _each(clause, sentence, names, times)
        return
    values = _values(clause, end, names)
    arms = len(values) // len(points)
    if not values or len(values) % len(points):
        return
    between = clause[values[0].end() : values[1].start()] if len(values) > 1 else ""
    by_time = bool(re.search(r"\b(?:vs|versus|v)\b", between))
    listed = len(endpoints) > 1 and len(points) == 1 and "respectively" in clause
    if listed and (len(values) % len(endpoints) or any(a > values[0].start() for a, _, _ in names)):
        listed = False
    for k, value in enumerate(values):
        point = points[k // arms] if by_time else points[k % len(points)]
        if len(endpoints) == 1:
            name = endpoints[0]
        elif listed:
            name = endpoints[
                k // (len(values) // len(endpoints)) if by_time else k % len(endpoints)
            ]
        else:
            name = _before(names, values[0 if len(points) > 1 else k].start())
        if name:
            yield _mark(name, point, unit, value, sentence)


def _each(
    clause: str,
    sentence: Sentence,
    names: Sequence[tuple[int, int, str]],
    times: Sequence[tuple[int, int, tuple[str, ...], str]],
) -> Iterator[Landmark]:
    """Several times, each with one value of its own: "61% at 2 years and 40% at 5 years"."""
    values = _values(clause, 0, names)
    if len(values) != len(times) or any(len(t[2]) != 1 for t in times):
        return
    order = [v.start() < t[0] for v, t in zip(values, times, strict=True)]
    if any(o != order[0] for o in order) or len({n for _, _, n in names}) > 1:
        return
    for value, time in zip(values, times, strict=True):
        yield _mark(names[0][2], time[2][0], time[3], value, sentence)


def _points(clause: str) -> list[tuple[int, int, tuple[str, ...], str]]:
    """Phrases of fixed times: start, end, the numbers, the unit."""
    out = []
    for match in _TIMES.finditer(clause):
        stated = re.findall(r"years?\b|months?\b|yrs?\b|mos?\b|year|month", match[0], re.I)
        numbers = tuple(re.findall(NUMBER, match["times"]))
        if len({word[0].lower() for word in stated}) > 1:
            numbers = numbers[-1:]  # "a follow-up of 58 months, 5-year survival"
        if not stated or not numbers:
            continue
        before = clause[max(0, match.start() - 25) : match.start()]
        joined = bool(re.search(r"\d\s?-\s?(?:year|month|yr|mo)", match[0], re.I))
        at = bool(re.search(r"\b(?:at|after)\s?$", before, re.I))
        after = clause[match.end() :]
        named = bool(_RATE.match(after)) and not re.search(r"\bof\s?$", before)
        since = bool(re.match(r"\s(?:after|from|following|post)\b", after))
        if re.search(r"[<>≤≥=]\s?$|\bp\s?$", before) or re.match(r"\s?of follow", after):
            continue
        if joined or at or named or since:
            unit = "years" if stated[-1].lower().startswith("y") else "months"
            out.append((match.start(), match.end(), numbers, unit))
    return out


_RATE = re.compile(
    r"\s?(?:[a-z-]{1,20}\s){0,2}?(?:OS|PFS|DFS|RFS|EFS|CSS|DSS|survival|overall|progression|disease|"
    r"relapse|recurrence|actuarial)\b"
)


def _values(clause: str, start: int, names: Sequence[tuple[int, int, str]]) -> list[re.Match[str]]:
    """Percentages after a position, a list with one sign at its end included."""
    out: list[re.Match[str]] = []
    first = min(start, min(a for a, _, _ in names))
    waiting: list[re.Match[str]] = []
    for match in _PERCENT.finditer(clause, first):
        before = clause[max(0, match.start() - 40) : match.start()]
        if re.search(r"(?:[=<>≤≥±]|\bCI:?|\bn)\s?$", before) or _NOT_SURVIVAL.search(before):
            waiting = []
            continue
        if out and "difference" in clause[out[-1].end() : match.start()]:
            break
        behind = clause[match.end() :]
        if match["sign"]:
            if re.match(r"\s?(?:CI|C\.I|conf)", behind):
                continue
            out += [*waiting, match]
            waiting = []
        elif re.match(r"\s?(?:,|and\b|, and\b)\s?\d", behind):
            waiting.append(match)
        else:
            waiting = []
    return [m for m in out if float(m["percent"].replace("·", ".")) <= 100]


def _before(names: Sequence[tuple[int, int, str]], position: int) -> str:
    return next((n for a, _, n in reversed(names) if a < position), "")


def _mark(name: str, time: str, unit: str, value: re.Match[str], sentence: Sentence) -> Landmark:
    percent, low, high = ((value[k] or "").replace("·", ".") for k in ("percent", "low", "high"))
    told = bool(low) and (
        bool(value["said"]) or (bool(value["open"]) and float(low) <= float(percent) <= float(high))
    )
    return Landmark(
        name,
        time,
        unit,
        percent,
        low if told else "",
        high if told else "",
        where=sentence.where,
    )
