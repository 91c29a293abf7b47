"""What else than an error a fraction and the percentage beside it may be.

"6/51 (12.4%)" is a contradiction only if the percentage is meant to be the fraction. It may be an
estimate over time or of a model, a share of another number, a score, a titre or a letter chart.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from fractions import Fraction

from oncohort.audit.checks.pairs import all_padded, bare, fits, in_tens, near, unpadded
from oncohort.published.model import Count, Level
from oncohort.published.rounding import interval, number

_TIME = r"(?:\d{1,3}|one|two|three|five|ten)[- ]?(?:days?|weeks?|months?|years?)"
_ESTIMATED = re.compile(
    rf"kaplan|actuarial|cumulative|life[- ]table|estimate|surviv|per 100\b|person-years|hazard|"
    rf"\bHRs?\b|adjusted|weight(?:ed|ing)\b|imput|standardi[sz]ed rate|predicted|probabilit|"
    rf"least[- ]squares|carried forward|\b[LBW]OCF\b|\bmarginal|"
    rf"\bmodel(?:l?ed|-based)|annuali[sz]ed|per (?:year|annum)|"
    rf"\bfree(?:dom)? (?:from|of)\b|\w-free\b|extrapolat|"
    rf"\b(?:[ipr]*P|[ib]?D|R|E|M|LR|DM)FS\b|\bOS\b|"
    rf"\brates?\b[^.;]{{0,60}}\b(?:at|of) {_TIME}|"
    rf"{_TIME}\b[^.;]{{0,40}}\b(?:rates?|risk|incidence|patency)",
    re.I,
)
"""A percentage beside a fraction that may be an estimate over time, not the fraction itself."""
_EVENT_RATE = re.compile(
    r"\b(?:relapse|recurrence|failure|event|mortality|death|progression|infection|incidence)s?[- ]"
    r"(?:free )?rates?\b",
    re.I,
)
_OVER_TIME = re.compile(
    r"\b(?:relapses?|recurrences?|failures?|mortality|progressions?|incidence)\b", re.I
)
_NO_FRACTION = re.compile(
    r"\bacuity\b|\bsnellen\b|\bmm ?Hg\b|\bblood pressures?\b|\btit(?:re|er)s?\b|\bdilut|"
    r"\b(?:lower|upper|confidence) (?:bound|limit)",
    re.I,
)
_EYES = re.compile(r"\beyes?\b|\bvision\b|\bvisual|\bsight|\bocular|\bretin|\bcatarac", re.I)
_CHART = frozenset({"15", "20", "25", "30", "32", "40", "50", "60", "63", "70", "80", "100", "125",
                    "160", "200", "400", "6", "9", "12", "18", "24", "36"})  # fmt: skip
_SCORED = re.compile(
    r"\b(?:scor(?:e|es|ed|ing)|rat(?:ed|ing)s?|scales?|points?|NRS|VAS|apgar|power|strength|"
    r"criteri(?:on|a)|items?|questions?|grades?|days?|nights?|doses?|sessions?|cycles?|visits?)\b",
    re.I,
)
_SCALES = frozenset({"5", "6", "7", "8", "9", "10", "12", "14", "15", "20"})
"""Greatest values of usual scores, and numbers of days, doses and sessions."""
_NO_SHARE = re.compile(
    r"(?:\b(?:on average|mean|median|averaged?|dos(?:e|es|age|ed|ing)|mg|µg|μg|mcg|mL|above|below|"
    r"over|under|at least|at most|up to|more than|less than|ratio|sensitivity|specificity|"
    r"(?:reduced|increased|decreased|improved|reduction|increase|decrease|changed?|fell|rose|fallen|"
    r"risen|dropped|declined|grew|shrank|lower|higher) (?:by|of|to))|"
    r"[<>≤≥])[^.;,(]{0,12}$|\b(?:mean|median|average)\b[^.;,()]{0,60}$",
    re.I,
)
"""Right before a figure: it is a dose, a mean, a limit or a change, not a share of patients."""


_ABOUT = re.compile(
    r"(?:\b(?:almost|nearly|about|approx(?:imately|\.)?|roughly|around|some|circa|ca\.|close to|"
    r"just|slightly|an estimated|as (?:many|much|high|low|few) as|virtually|practically)|[~≈∼])"
    r"\s?(?:(?:over|under|above|below|more than|less than|all|a)\s?)?$",
    re.I,
)
"""Right before a figure: it is rounded to a plain number."""


def doubt(
    stated: Count,
    level: Level,
    siblings: Sequence[Level],
    methods: frozenset[str],
    sizes: Collection[int],
) -> str:
    """Why a percentage beside a fraction may be of something else; empty if nothing says so.

    ``sizes`` are numbers of patients that the paper names or that its other fractions are of.
    """
    return (
        _rounded(stated, level, siblings)
        or _named(stated, sizes)
        or _other_share(stated, level, siblings)
        or _estimated(stated, level, siblings, methods)
        or _no_share(stated)
        or _of_the_others(level, int(stated.denominator))
    )


def _rounded(stated: Count, level: Level, siblings: Sequence[Level]) -> str:
    n = int(stated.denominator)
    if near(level, n) and (_some_rounding(level, n) or _shared_out(level, n, siblings)):
        return f"of {n} it is off by one in the last digit at most"
    if all_padded([level.percent, *(x.percent for x in siblings)]) and fits(bare(level), n):
        return f"of {n} it is {unpadded(level.percent)}%, padded with zeros"
    if in_tens(level, n):
        return f"of {n} it is {level.percent}% in round figures"
    padded = replace(level, percent=unpadded(level.percent))
    if padded != level and fits(padded, n):
        return f"of {n} it is {padded.percent}%, with a zero more"
    return ""


def _some_rounding(level: Level, n: int) -> bool:
    """Whether rounding up, down, to the nearest or twice gives the percentage.

    All of them move a figure by less than one unit of its last digit.
    """
    read = number(level.percent)
    return read is not None and abs(Fraction(100 * int(level.count), n) - read.value) < read.unit


def _shared_out(level: Level, n: int, siblings: Sequence[Level]) -> bool:
    """Whether the percentages of one number make 100: then one may have been nudged for it."""
    of = [level, *(x for x in siblings if x.denominator == str(n))]
    values = [v.value for v in (number(x.percent) for x in of) if v is not None]
    return len(of) > 1 and sum(values) == 100


def _other_share(stated: Count, level: Level, siblings: Sequence[Level]) -> str:
    count, n = int(stated.count), int(stated.denominator)
    if _several(stated, level):
        return "with another count of the same denominator it gives the percentage"
    shares = any(x.denominator.isdigit() and fits(x, int(x.denominator)) for x in siblings)
    if fits(level, count + n) and not shares:
        return f"{count}/{n} may be two counts: {count} of {count + n} gives the percentage"
    other = _named_base(stated, level, siblings)
    if other:
        return f"of {other}, which the sentence names too, it is the percentage"
    return ""


_LEADS_IN = re.compile(
    r"(?:^|[,;:(\[=.–—-]|\b(?:in|was|were|is|are|at|by|for|and|or|to|of|from|with|without|had|has|"
    r"have|vs\.?|versus|than|only|but|while|whereas|both|all|among|another|other|further|remaining|"
    r"being|again|later|respectively|patients|participants|subjects|women|men|children|cases|"
    r"[a-z]+(?:ed|ly)))\s{0,3}$",
    re.I,
)
"""Before a fraction in a sentence; other words may make it a name: HPV 16/18, exon 19/21."""


def _named(stated: Count, sizes: Collection[int]) -> str:
    """Whether "a/b" may be a name, as of types, exons, matches or doses.

    It is none if b is a number of patients elsewhere in the paper, if patients are named beside it,
    or if it stands in the bracket of its percentage.
    """
    if int(stated.denominator) in sizes or stated.patients:
        return ""
    found = _fraction(stated).search(stated.where.quote)
    if found is None or not re.match(r"[\d,.' ]+/", found[0]):
        return ""
    if _LEADS_IN.search(stated.where.quote[max(found.start() - 30, 0) : found.start()]):
        return ""
    return f"{stated.count}/{stated.denominator} may be a name, as of types or doses"


def _several(stated: Count, level: Level) -> bool:
    """Whether the percentage is that of two counts together: "12% (10/200), and 14/200"."""
    n, quote = int(stated.denominator), stated.where.quote
    others = re.findall(rf"(?<![\d.,/])(\d{{1,7}}) ?/ ?{n}(?![\d,]*\d)", quote)
    others += re.findall(
        rf"(?<![\d.,/])(\d{{1,7}}) (?:and|or|plus|\+) {stated.count} (?:out )?(?:of|/) ?{n}\b",
        quote,
    )
    sums = {int(stated.count) + int(other) for other in others if other != stated.count}
    return any(fits(replace(level, count=str(k)), n) for k in sums)


_NAMED = re.compile(
    r"(?:\b(?:of|among|in)|^)\s+(?:(?:the|these|all|our|a total of)\s+){0,5}"
    r"(\d{1,3}(?:,\d{3})+|\d{2,7})\s+(?!of\b|\()[a-z]",
    re.I,
)


def _named_base(stated: Count, level: Level, siblings: Sequence[Level]) -> str:
    """A number that the sentence names before the fraction, and of which it is the percentage."""
    quote = stated.where.quote
    at = quote.find(stated.count)
    taken = {stated.count, stated.denominator, *(x.denominator for x in siblings)}
    for match in _NAMED.finditer(" " + quote[: max(at, 0)] + " x"):
        base = match[1].replace(",", "")
        if base not in taken and fits(level, int(base)):
            return base
    return ""


def _of_the_others(level: Level, n: int) -> str:
    """Whether the percentage is that of the patients who are not counted."""
    count = int(level.count)
    rest = replace(level, count=str(n - count))
    apart = 10 * abs(n - 2 * count) > n  # of about a half both are near
    return "it is the percentage of those who are not counted" if apart and near(rest, n) else ""


def _estimated(
    stated: Count, level: Level, siblings: Sequence[Level], methods: frozenset[str]
) -> str:
    count, n = int(stated.count), int(stated.denominator)
    quote, read = stated.where.quote, interval(level.percent)
    # An estimate over time is above the share of those with an event: some were not seen so long.
    more = read is not None and read.low * n > 100 * count and stated.percent != stated.denominator
    over_time = bool(methods & {"cox", "log-rank"})
    if (
        _ESTIMATED.search(quote)
        or ((over_time or more) and _EVENT_RATE.search(quote))
        or (more and _OVER_TIME.search(quote))
    ):
        return "the percentage may be an estimate over time or of a model, beside the fraction"
    if "weighted-shares" in methods:
        return "the paper weights its percentages"
    shares = [fits(x, int(x.denominator)) for x in siblings if x.denominator.isdigit()]
    if "imputation" in methods and shares and not any(shares):
        return "the paper imputes missing values, and no percentage of the sentence is its fraction"
    return ""


def _no_share(stated: Count) -> str:
    quote, before = stated.where.quote, _before(stated)
    if _ABOUT.search(before):
        return "the percentage is called approximate"
    if _NO_SHARE.search(before) or _NO_FRACTION.search(quote):
        return "the sentence may speak of doses, means, limits or changes"
    if _EYES.search(quote) and {stated.count, stated.denominator} <= _CHART:
        return "it may be a line of a letter chart"
    if stated.denominator in _SCALES and _SCORED.search(quote):
        return "it may be a score, or count something else than patients"
    return ""


def _before(stated: Count) -> str:
    """The words right before a fraction with its percentage, in whichever order they stand."""
    quote = stated.where.quote
    start = quote.find(stated.percent.replace(".", "·") if "·" in quote else stated.percent)
    found = _fraction(stated).search(quote)
    if found:
        own = quote[start : start + len(stated.percent)]
        percent = quote.rfind(own, max(found.start() - 25, 0),
                              found.start()) if start >= 0 else -1  # fmt: skip
        start = percent if percent >= 0 else found.start()
    return quote[max(start - 70, 0) : max(start, 0)]


def _fraction(stated: Count) -> re.Pattern[str]:
    """A count and its denominator as a sentence may print them, thousands with commas or not."""
    count, of = (_grouped(x) for x in (stated.count, stated.denominator))
    words = r"(?:\s+[A-Za-z-]{1,20}){0,4}?"
    share = rf"(?:\s?[(\[]\s?{re.escape(stated.percent)}\s?%?\s?[)\]])?"
    return re.compile(
        rf"(?<![\d,.]){count}(?:\s?/\s?|{words}{share}{words}\s+(?:out\s+)?of{words}\s+){of}(?!\d)"
    )


def _grouped(digits: str) -> str:
    """Digits with what may part thousands between them."""
    head, tail = digits[: len(digits) % 3], digits[len(digits) % 3 :]
    groups = [head] * bool(head) + [tail[k : k + 3] for k in range(0, len(tail), 3)]
    return r"[,.'\u2009\u202f\u00a0 ]?".join(groups)
