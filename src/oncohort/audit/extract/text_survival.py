"""Medians of arms and subgroups, said in sentences.

:mod:`~oncohort.audit.extract.text_times` reads what is said of the whole cohort and binds it. Here
every other value is read, bound to its endpoint only: second arms, lists with "respectively",
values behind "versus".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from oncohort.audit.extract.sentences import Sentence
from oncohort.published.model import Time

NUMBER = r"\d{1,4}(?:[.·]\d{1,3})?"
_UNIT = r"(?:months?|mos?\b|m\b(?![²/^])|years?|yrs?\b|weeks?|wks?\b|days?|d\b)"
_MEASURES: tuple[tuple[str, str], ...] = (
    ("follow-up", r"follow[- ]?up|observation (?:period|time)"),
    ("DOR", r"duration of (?:[a-z-]+ )?(?:response|remission|[CP]R\b)|response duration|\bDOR\b"),
    ("DSD", r"duration of (?:stable disease|SD\b|disease control)"),
    ("treatment", r"(?:duration|time) (?:of|on) (?:[a-z-]+ ){0,2}?(?:treatment|therapy)|"
                  r"(?:treatment|therapy) duration|time to (?:treatment )?discontinuation"),
    ("TTP", r"times?[- ]to[- ](?:[a-z]+[- ])?(?:progression|treatment failure|failure)|\bTT[PF]\b"),
    ("TTR", r"times?[- ]to[- ](?:[a-z]+[- ])?(?:recurrence|relapse)|\bTTR\b"),
    ("TTD", r"times?[- ]to[- ](?:[a-z]+[- ]){0,2}deterioration|\bTTD\b"),
    ("LRFS", r"(?:local|loco-?regional|metastatic|distant|intracranial|biochemical)"
             r"(?:[- ]tumou?r)?[- ](?:control|"
             r"(?:progression|recurrence|relapse|metastas[ie]s)[- ]free[- ](?:survival|interval))"),
    ("PFS", r"(?:progression|progress)[- ]?free[- ](?:survival|interval)|\b[im]?r?PFS\b"),
    ("DFS", r"disease[- ]?free[- ](?:survival|interval)|\biDFS\b|\bDFS\b"),
    ("RFS", r"(?:recurrence|relapse)[- ]?free[- ](?:survival|interval)|\bRFS\b"),
    ("MFS", r"metastas[ie]s[- ]?free[- ]survival|\bD?MFS\b"),
    ("EFS", r"event[- ]?free[- ]survival|\bEFS\b"),
    ("CSS", r"(?:cancer|disease)[- ]specific[- ](?:survival|mortality)|\bCSS\b|\bDSS\b"),
    ("", r"\b[a-z]{3,20}[- ]free[- ](?:survival|interval)|\b(?:[TFBLI]|DD|L[RPC])FS\b"),
    ("OS", r"overall[- ]survival|\bm?OS\b|\bMST\b|(?<!free )(?<!specific )(?<!free-)\bsurvival\b"),
)  # fmt: skip
_NAMES = re.compile("|".join(f"(?P<m{k}>{p})" for k, (_, p) in enumerate(_MEASURES)), re.I)
_INTERVAL = (
    r"(?:\s?[(\[]\s?(?:(?:(?P<level>\d{2}(?:\.\d)?)\s?%\s?)?(?P<ci>CI|IC|C\.I\.|"
    r"confidence intervals?(?:\s?[(\[]CIs?[)\]])?)\s?[:=,]?\s?|(?P<range>range|IQR|"
    r"interquartile range"
    r"(?:\s?[(\[]IQR[)\]])?)\s?[:=,]?\s?)?"
    rf"(?P<low>{NUMBER})\s?(?:{_UNIT}\s?)?(?:[-–—−]|to\b|,)\s?(?P<high>{NUMBER}|NR\b|NE\b|"
    r"not (?:reached|estimable|evaluable))"
    rf"(?P<inside>\s?{_UNIT})?(?:;[^()\[\]]{{0,20}})?)?"
)
_VALUE = re.compile(
    rf"(?<![A-Za-z\d.,·/–−-])(?P<value>{NUMBER})(?![\d.·]*\d)(?![-–]?\s?%)(?P<near>\s{_UNIT})?"
    rf"{_INTERVAL}\s?[)\]]?(?P<far>\s?{_UNIT})?",
    re.I,
)
_LATER = re.compile(
    r"\s?\b(?:in|for|with|under)\s[^()\[\];,\d]{1,30}\d{0,2}[^()\[\];,\d]{0,30}\s[(\[]"
    r"(?P<level>\d{2})\s?%\s?(?:CI|IC|confidence interval)\s?[:=,]?\s?"
    rf"(?P<low>{NUMBER})\s?(?:[-–—−]|to\b|,)\s?(?P<high>{NUMBER}|NR\b|NE\b|"
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
    r"grade)|(?:\bC\.?I\.?|\bintervals?|\brange|\bIQR)[)\]]?\s?[:=,]?|[=<>≤≥±])\s?$",
    re.I,
)
_SHARED_UNIT = re.compile(
    rf"\s?(?:,|and\b|, and\b|versus\b|vs\.?|v\.?|or\b|to\b|compared (?:with|to)\b)\s?{NUMBER}"
    rf"(?:\s?[(\[][^()\[\]]{{1,60}}[)\]])?(?:\s?(?:,|and)\s?{NUMBER}){{0,3}}\s?({_UNIT})",
    re.I,
)


def measures_in(text: str) -> list[tuple[int, int, str]]:
    """Every measure of time that a text names: where it starts and ends, and its name.

    Examples
    --------
    >>> [name for _, _, name in measures_in("median PFS and overall survival (OS)")]
    ['PFS', 'OS', 'OS']
    >>> [name for _, _, name in measures_in("treatment-free survival (TFS)")]
    ['TFS', 'TFS']
    """
    out = []
    for match in _NAMES.finditer(text):
        index = next(k for k in range(len(_MEASURES)) if match[f"m{k}"] is not None)
        name = _MEASURES[index][0] or _free_of(match[0])
        out.append((match.start(), match.end(), name))
    return out


def _free_of(words: str) -> str:
    """A name for freedom from whatever else: "treatment-free survival" and "TFS" are one."""
    first, *rest = re.split(r"[- ]", words)
    if not rest:
        return first.upper()
    return f"{first if first.isupper() else first[0].upper()}FS"


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
    medians = [m.end() for m in _MEDIAN.finditer(text)]
    if not medians:
        return
    if _MEANS.search(text):
        yield from _beside_means(sentence)
        return
    names = measures_in(text)
    yield from _value_first(sentence, names)
    had = {(t.endpoint, t.median) for t in known}
    spreads = {(t.endpoint, t.median, t.low) for t in known}
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
        low, high, kind, level = _bounds(match, text, value)
        if not name:
            low = high = ""
        low = low.replace("·", ".")
        if (name, value) in had and (not low or (name, value, low) in spreads):
            continue
        had.add((name, value))
        spreads.add((name, value, low))
        yield Time(
            name,
            value,
            _unit(unit),
            low,
            high.replace("·", "."),
            ("range" if kind == "range" else "quartiles" if kind else "interval") if low else "",
            level if low else "",
            where=sentence.where,
        )


def _bounds(match: re.Match[str], text: str, value: str) -> tuple[str, str, str, str]:
    """Lower and upper bound behind a value, the name of a range, and the level of confidence."""
    inside = (match["inside"] or "").strip()
    spread = not inside or not (match["near"] or "").strip() or _same(inside, match["near"])
    low, high = (match["low"] or "", match["high"] or "") if spread else ("", "")
    if low:
        return low, high, (match["range"] or "").lower(), match["level"] or ""
    later = _LATER.match(text, match.end())
    if later and _holds(later, value):
        return later["low"], later["high"], "", later["level"] or ""
    return "", "", "", ""


_MEDIAN = re.compile(r"\b[Mm]edians?\b|\bMEDIANS?\b|\bm(?=(?:OS|[PDR]FS|TTP)\b)|\bM(?=(?:OS|ST)\b)")
_MEANS = re.compile(r"\b(?P<first>means?|medians?) and (?:means?|medians?)\b", re.I)
_PAIR = re.compile(
    rf"(?<![\d.·/–−-])(?P<a>{NUMBER})(?:\s{_UNIT})? and (?P<b>{NUMBER})(?![\d.·]*[\d%])", re.I
)


def _beside_means(sentence: Sentence) -> Iterator[Time]:
    """Medians of pairs: "mean and median OS were 31.1 and 17.8 v 21.1 and 12.6 months"."""
    text = sentence.text
    said = _MEANS.search(text)
    unit = re.search(rf"\d\s({_UNIT})", text[said.end() :], re.I) if said else None
    names = {n for a, _, n in measures_in(text) if said and a > said.end()}
    if said is None or unit is None or len(names) != 1 or "follow-up" in names:
        return
    place = "a" if said["first"].lower().startswith("median") else "b"
    for match in _PAIR.finditer(text, said.end()):
        value = match[place].replace("·", ".")
        yield Time(next(iter(names)), value, _unit(unit[1]), where=sentence.where)


def _value_first(sentence: Sentence, names: Sequence[tuple[int, int, str]]) -> Iterator[Time]:
    """A median before its name: "only 12 months median survival"."""
    for match in _FIRST.finditer(sentence.text):
        name = next((n for a, _, n in names if 0 <= a - match.end() <= 2), "")
        if name:
            value = match["value"].replace("·", ".")
            yield Time(name, value, _unit(match["unit"]), where=sentence.where)


_FIRST = re.compile(
    rf"(?<![\d.·/–−-])(?P<value>{NUMBER})[ -](?P<unit>{_UNIT})(?: of)?[ -]median\b", re.I
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
    if "respectively" not in text:
        yield from found
        return
    medians = [m.end() for m in _MEDIAN.finditer(text)]
    begin = 0
    for median, some in groupby(found, lambda f: max(m for m in medians if m <= f[0])):
        values = list(some)
        end = min((m for m in medians if m > median), default=len(text))
        lead = list(dict.fromkeys(n for a, _, n in names if begin <= a < values[0][0]))
        later = [n for a, _, n in names if values[0][0] < a < end]
        if len(lead) == len(values) > 1 and not later:
            for name, (start, _, match, unit) in zip(lead, values, strict=True):
                yield start, name, match, unit
        else:
            yield from values
        begin = values[-1][0]


def with_spreads(known: Sequence[Time], every: Sequence[Time]) -> list[Time]:
    """Known medians, each with the interval or range that is printed right behind it."""
    behind = {(t.endpoint, t.median): t for t in reversed(every) if t.low}
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
