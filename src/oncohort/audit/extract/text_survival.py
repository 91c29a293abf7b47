"""Medians and survival at fixed times of arms and subgroups, said in sentences.

:mod:`~oncohort.audit.extract.text_times` reads what is said of the whole cohort and binds it. Here
every other value is read, bound to its endpoint only: second arms, lists with "respectively",
values behind "versus".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from oncohort.audit.extract.sentences import Sentence
from oncohort.published.model import Landmark, Time

_NUMBER = r"\d{1,4}(?:[.·]\d{1,3})?"
_UNIT = r"(?:months?|mos?\b|years?|yrs?\b|weeks?|wks?\b|days?|d\b)"
_MEASURES: tuple[tuple[str, str], ...] = (
    ("follow-up", r"follow[- ]?up|observation (?:period|time)"),
    ("DOR", r"duration of (?:[a-z-]+ )?(?:response|remission)|response duration|\bDOR\b"),
    ("treatment", r"(?:duration|time) (?:of|on) (?:[a-z-]+ ){0,2}?(?:treatment|therapy)|"
                  r"(?:treatment|therapy) duration|time to (?:treatment )?discontinuation"),
    ("TTP", r"times?[- ]to[- ](?:[a-z]+[- ])?(?:progression|treatment failure|failure)|\bTT[PF]\b"),
    ("TTR", r"times?[- ]to[- ](?:[a-z]+[- ])?(?:recurrence|relapse)|\bTTR\b"),
    ("TTD", r"times?[- ]to[- ](?:[a-z]+[- ]){0,2}deterioration|\bTTD\b"),
    ("LRFS", r"(?:local|loco-?regional|metastatic|distant|intracranial|biochemical)[- ](?:control|"
             r"(?:progression|recurrence|relapse|metastas[ie]s)[- ]free[- ](?:survival|interval))"),
    ("PFS", r"(?:progression|progress)[- ]?free[- ](?:survival|interval)|\b[im]?r?PFS\b"),
    ("DFS", r"disease[- ]?free[- ](?:survival|interval)|\biDFS\b|\bDFS\b"),
    ("RFS", r"(?:recurrence|relapse)[- ]?free[- ](?:survival|interval)|\bRFS\b"),
    ("MFS", r"metastas[ie]s[- ]?free[- ]survival|\bD?MFS\b"),
    ("EFS", r"event[- ]?free[- ]survival|\bEFS\b"),
    ("CSS", r"(?:cancer|disease)[- ]specific[- ](?:survival|mortality)|\bCSS\b|\bDSS\b"),
    ("OS", r"overall[- ]survival|\bm?OS\b|(?<!free )(?<!specific )(?<!free-)\bsurvival\b"),
)  # fmt: skip
_NAMES = re.compile("|".join(f"(?P<m{k}>{p})" for k, (_, p) in enumerate(_MEASURES)), re.I)
_INTERVAL = (
    r"(?:\s?[(\[]\s?(?:(?:(?P<level>\d{2}(?:\.\d)?)\s?%\s?)?(?P<ci>CI|IC|C\.I\.|"
    r"confidence intervals?(?:\s?[(\[]CIs?[)\]])?)\s?[:=,]?\s?|(?P<range>range|IQR|"
    r"interquartile range"
    r"(?:\s?[(\[]IQR[)\]])?)\s?[:=,]?\s?)?"
    rf"(?P<low>{_NUMBER})\s?(?:{_UNIT}\s?)?(?:[-–—−]|to\b|,)\s?(?P<high>{_NUMBER}|NR\b|NE\b|"
    r"not (?:reached|estimable|evaluable))"
    rf"(?P<inside>\s?{_UNIT})?(?:;[^()\[\]]{{0,20}})?)?"
)
_VALUE = re.compile(
    rf"(?<![A-Za-z\d.,·/–−-])(?P<value>{_NUMBER})(?![\d.·]*\d)(?![-–]?\s?%)(?P<near>\s{_UNIT})?"
    rf"{_INTERVAL}\s?[)\]]?(?P<far>\s?{_UNIT})?",
    re.I,
)
_LATER = re.compile(
    r"\s?\b(?:in|for|with|under)\s[^()\[\];,\d]{1,30}\d{0,2}[^()\[\];,\d]{0,30}\s[(\[]"
    r"(?P<level>\d{2})\s?%\s?(?:CI|IC|confidence interval)\s?[:=,]?\s?"
    rf"(?P<low>{_NUMBER})\s?(?:[-–—−]|to\b|,)\s?(?P<high>{_NUMBER}|NR\b|NE\b|"
    r"not (?:reached|estimable|evaluable))",
    re.I,
)
"""An interval behind the name of the arm: "22.4 months in the control arm (95% CI 16.5-37.5)"."""
_LEADS = re.compile(
    r"(?:\b(?:was|were|is|of|at|and|versus|vs\.?|v\.?|with|to|than|reached|only|as|approximately|"
    r"about|estimated|or|median|time|mean|survival|OS|PFS|DFS|RFS|TTP|DFI|follow-?up|duration)|[:=,(\[;])\s?$",
    re.I,
)
_NOT_A_MEDIAN = re.compile(
    r"(?:\b(?:by|between|rang\w+|difference (?:of|was)|improve(?:d|ment) (?:of|by)|within|every|"
    r"after|first|last|beyond|until|over|aged?|cycles?|day|week|month|year|at|in|n\s?=|p\s?[=<>]|"
    r"HR|ratio(?: of)?|"
    r"grade)|[=<>≤≥±])\s?$",
    re.I,
)
_SHARED_UNIT = re.compile(
    rf"\s?(?:,|and\b|, and\b|versus\b|vs\.?|v\.?|or\b|to\b|compared (?:with|to)\b)\s?{_NUMBER}"
    rf"(?:\s?[(\[][^()\[\]]{{1,60}}[)\]])?(?:\s?(?:,|and)\s?{_NUMBER}){{0,3}}\s?({_UNIT})",
    re.I,
)


def measures_in(text: str) -> list[tuple[int, int, str]]:
    """Every measure of time that a text names: where it starts and ends, and its name.

    Examples
    --------
    >>> [name for _, _, name in measures_in("median PFS and overall survival (OS)")]
    ['PFS', 'OS', 'OS']
    """
    out = []
    for match in _NAMES.finditer(text):
        index = next(k for k in range(len(_MEASURES)) if match[f"m{k}"] is not None)
        out.append((match.start(), match.end(), _MEASURES[index][0]))
    return out


def read_more_times(sentence: Sentence, known: Sequence[Time]) -> Iterator[Time]:
    """Medians that a sentence gives besides those already known.

    Examples
    --------
    >>> from oncohort.published.model import Where
    >>> s = Sentence("Median OS was 20 months (95% CI 15-25) in A and 25 months in B.",
    ...              Where("results"), True, 0)
    >>> [(t.endpoint, t.median, t.low) for t in read_more_times(s, ())]
    [('OS', '20', '15'), ('OS', '25', '')]
    """
    text = sentence.text
    medians = [m.end() for m in re.finditer(r"\bmedians?\b", text, re.I)]
    if not medians:
        return
    if re.search(r"\bmeans? and medians?\b", text, re.I):
        return  # whose values these are is told by their order
    names = measures_in(text)
    had = {(t.endpoint, t.median) for t in known}
    found: list[tuple[int, str, re.Match[str], str]] = []
    for match in _VALUE.finditer(text):
        start = match.start("value")
        unit = (match["near"] or match["far"] or match["inside"] or "").strip()
        if not unit:
            shared = _SHARED_UNIT.match(text, match.end())
            unit = shared[1] if shared else ""
        lead = text[max(0, start - 40) : start]
        median = max((m for m in medians if m <= start), default=None)
        if not unit or median is None or not _LEADS.search(lead):
            continue
        if _NOT_A_MEDIAN.search(lead) and not re.search(r"median (?:\w+ ){0,3}at\s?$", lead, re.I):
            continue
        if re.match(r"[- ]?(?:follow|old|of (?:age|follow))|\s?later", text[match.end() :]):
            continue
        between = text[median:start]
        bare = len(between.strip()) <= 3
        before = [n for n in names if n[1] <= start and n[0] >= median - (200 if bare else 45)]
        if not before and bare:
            before = [(median, median, "")]
        if not before or len(between) > 400 or re.search(r"\bmean\b|\bage\b", between, re.I):
            continue
        found.append((start, before[-1][2], match, unit))
    for _, name, match, unit in _in_turn(text, names, found):
        value = match["value"].replace("·", ".")
        if (name, value) in had:
            continue
        had.add((name, value))
        inside = (match["inside"] or "").strip()
        spread = not inside or not (match["near"] or "").strip() or _same(inside, match["near"])
        low, high = (match["low"] or "", match["high"] or "") if spread else ("", "")
        kind, level = (match["range"] or "").lower(), match["level"] or ""
        if not low:
            later = _LATER.match(text, match.end())
            if later and _holds(later, value):
                low, high, kind, level = later["low"], later["high"], "", later["level"] or ""
        if not name:
            low = high = ""
        yield Time(
            name,
            value,
            _unit(unit),
            low.replace("·", "."),
            high.replace("·", "."),
            ("range" if kind == "range" else "quartiles" if kind else "interval") if low else "",
            level if low else "",
            where=sentence.where,
        )


def _holds(match: re.Match[str], value: str) -> bool:
    low = float(match["low"].replace("·", "."))
    high = match["high"].replace("·", ".")
    return low <= float(value) and (not high[:1].isdigit() or float(value) <= float(high))


def _same(first: str, second: str) -> bool:
    return first.strip()[:1].lower() == second.strip()[:1].lower()


def _unit(text: str) -> str:
    letter = text.strip()[:1].lower()
    return {"m": "months", "y": "years", "w": "weeks", "d": "days"}[letter]


def _in_turn(
    text: str,
    names: Sequence[tuple[int, int, str]],
    found: list[tuple[int, str, re.Match[str], str]],
) -> Iterator[tuple[int, str, re.Match[str], str]]:
    """Values in a list of "respectively" get the measures of the list one by one."""
    firsts = [start for start, *_ in found]
    if not firsts or "respectively" not in text:
        yield from found
        return
    lead = list(dict.fromkeys(n for a, _, n in names if a < firsts[0]))
    later = [n for a, _, n in names if a > firsts[0]]
    if len(lead) == len(found) > 1 and not later:
        for name, (start, _, match, unit) in zip(lead, found, strict=True):
            yield start, name, match, unit
        return
    yield from found


_TIMES = re.compile(
    rf"(?<![\d.,·/–−-])(?P<times>{_NUMBER}(?:-|\s)?(?:year|month)?s?-?"
    rf"(?:\s?(?:, and|,|and|/|or)\s?{_NUMBER}(?:-|\s)?(?:year|month)?s?-?){{0,7}})"
    r"(?P<unit>years?\b|months?\b|yrs?\b|mos?\b)?",
    re.I,
)
_PERCENT = re.compile(
    rf"(?<![A-Za-z\d.,·/–−-])(?P<percent>{_NUMBER})\s?(?P<sign>%)?"
    r"(?:\s?(?P<open>[(\[]|[;,](?=[^,;()]{0,40}(?:\bC\.?I|confidence)))\s?"
    r"(?P<said>(?:(?P<level>\d{2}(?:\.\d)?)\s?%\s?)?"
    r"(?:CI|C\.I\.|confidence intervals?(?:\s?[(\[]CIs?[)\]])?)\s?[:=,]?\s?)?"
    rf"(?P<low>{_NUMBER})\s?%?\s?(?:[-–—−]|to\b|,)\s?(?P<high>{_NUMBER})\s?%?)?",
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


def read_more_landmarks(sentence: Sentence, known: Sequence[Landmark]) -> Iterator[Landmark]:
    """Survival at fixed times that a sentence gives besides those already known.

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
    for clause in _clauses(text):
        for mark in _landmarks(clause, sentence):
            key = (mark.endpoint, mark.time, mark.percent)
            if key not in had:
                had.add(key)
                yield mark


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


def with_spreads(known: Sequence[Time], every: Sequence[Time]) -> list[Time]:
    """Known medians, each with the interval or range that is printed right behind it."""
    behind = {(t.endpoint, t.median): t for t in every if t.low}
    out = []
    for time in known:
        other = behind.get((time.endpoint, time.median))
        if other is not None and not time.low and not time.high and other.unit == time.unit:
            time = replace(
                time,
                low=other.low,
                high=other.high,
                spread=other.spread,
                confidence=other.confidence,
            )
        out.append(time)
    return out


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
    names = [n for n in measures_in(clause) if n[2] in _SURVIVAL]
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
        numbers = tuple(re.findall(_NUMBER, match["times"]))
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
