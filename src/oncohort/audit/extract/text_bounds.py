"""Values said in sentences with bounds that are named as theirs: "7.7 months (95% CI 5.6-9.5)".

Whatever is measured, a value lies within what is called its confidence interval or its range, and
a median within its quartiles. So the words need not say what it is, only that it is the value
that the bounds are of: it stands right before their name, behind a verb or the name of a measure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from oncohort.audit.extract.listed import listed
from oncohort.audit.extract.sentences import Sentence
from oncohort.published.model import Bounded

_SIGN = r"[-−–‐‑‒]\s?"
_NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,3}(?:\.\d{1,6})?|\d{1,7}(?:[.·]\d{1,6})?|[.·]\d{1,6})"
_UNIT = (
    r"(?:%|per ?cent|months?\b|mos?\b|years?\b|yrs?\b|weeks?\b|wks?\b|days?\b|hours?\b|hrs?\b|"
    r"min(?:utes?)?\b|seconds?\b|cm\b|mm ?Hg\b|mm\b|kg/m2|kg\b|mg\b|[µμ]g\b|g\b|m[lL]\b|L\b|"
    r"points?\b)"
)
_LEVEL = r"(?:[89]\d(?:\.\d{1,2})?)\s?%"
_NAMED = (
    rf"(?:{_LEVEL}\s?)?(?:two-sided\s)?(?:(?P<interval>CIs?\b|C\.I\.|CrIs?\b|"
    r"(?:confidence|credible)[ -]intervals?\b|confidence limits?\b)"
    rf"(?:\s?[(\[]\s?C[Rr]?Is?\s?[)\]])?(?:\s?[,:=(\[]?\s?{_LEVEL}\s?[)\]]?)?|"
    r"(?P<quartiles>IQRs?\b|inter-?quartile[ -]ranges?\b(?:\s?[(\[]IQR[)\]])?|quartiles\b)|"
    r"(?P<range>(?:full |total )?range\b))"
)
_BOUNDED = re.compile(
    rf"(?<![\w.,·/±])(?P<sign>{_SIGN})?(?P<value>{_NUMBER})(?:\s?(?P<unit>{_UNIT}))?"
    rf"(?:\s?[,;:]\s?[(\[]?|\s?[(\[])\s?{_NAMED}\s?[:=,;]?\s?(?:of\s|was\s|from\s|between\s)?"
    rf"[(\[]?\s?(?P<less>{_SIGN})?(?P<low>{_NUMBER})(?:\s?(?P<unit_low>{_UNIT}))?"
    rf"\s?(?P<to>[-–—−‐‑‒]|to\b|,|;|and\b)\s?(?P<more>{_SIGN})?(?P<high>{_NUMBER})"
    rf"(?!\d|\.\d|,\d)(?:\s?(?P<unit_high>{_UNIT}))?",
    re.I,
)
_HINT = re.compile(r"\bCr?I|C\.I\.|confidence|credible|range|quartile|IQR", re.I)
_RATIO = r"(?:adj|adjusted |[acs])?(?:HR|OR|RR|IRR|PR|SHR|SIR|SMR)s?(?:adj|a)?"
_MEASURE = (
    rf"(?:{_RATIO}|MD|WMD|SMD|(?:hazards?|odds|risk|rate|prevalence) ratios?|risks?|differences?|"
    r"changes?|medians?|means?|averages?|coefficients?|estimates?|prevalence|incidence|rates?|"
    r"sensitivity|specificity|accuracy|proportions?|survival|AUC|AUROC|ICC|kappa|κ|β|b|beta|"
    r"times?|ages?|PFS|OS|DFS|[a-z]{4,20})"
)
_LEADS = re.compile(
    r"(?:\b(?:was|were|is|are|being|equals|reached|averaged)(?: estimated (?:at|to be)| only)?|"
    r"\bestimated at|"
    rf"\b(?:medians?|means?|average|ratios?|{_RATIO})|"
    r"\b(?:ratios?|risks?|HRs?|ORs?|RRs?|differences?|rates?|prevalence|incidence|sensitivity|"
    r"specificity|medians?|means?|survival|PFS|OS|DFS|AUC|follow[- ]up|ages?|times?|duration|"
    r"changes?|increase|decrease|reduction|proportion|values?|index|effect|coefficient) of|"
    rf"\b{_MEASURE}(?:\s?[(\[][^()\[\]]{{1,25}}[)\]])?\s?[=:,])"
    r"\s?(?:only |just |about |approximately |also )?[(\[]?\s?$",
    re.I,
)
"""What has to stand before a value: a verb, or the name of a measure."""
_SOMETHING_ELSE = re.compile(
    r"±|\+/[-−–]|\bs\.?d\b\.?|\bs\.?e\b\.?|\bSEM\b|\bstandard (?:deviation|error)|\bn\s?=\s?$|"
    r"\bp(?:[- ]?values?)?\s?[=<>:,]\s?$|\b[tFzrZQWUd]\s?(?:\([^()]*\))?\s?[=:]\s?$|"
    r"[χx]2[^,;]{0,14}=\s?$|[RI]\s?2\s?=\s?$|\btotal of\s?$|\d(?: [a-z]+)? of (?:the )?$|"
    r"%\s?of (?:the )?$|[<>≤≥]\s?$|\bby\s?$|\d\s?[(\[]\s?$",
    re.I,
)
"""Right before a value: it is a deviation, a p, a statistic, a number of patients or of another
value's bracket."""
_JOINS = re.compile(r"(?:\band|\bvs\.?|\bversus|,|\bor|\bto|\bwith|\bof|;|=|:)\s?[(\[]?\s?$", re.I)
_APART = 45
"""Characters from one bounded value to the next of a list."""
_BEFORE = 160
_MEDIAN = re.compile(r"\bmedians?\b", re.I)
_MEAN = re.compile(r"\b(?:means?|averages?)\b", re.I)


def read_bounded(sentence: Sentence) -> Iterator[Bounded]:
    """Every value of a sentence whose interval, range or quartiles are named as such behind it.

    Examples
    --------
    >>> from oncohort.published.model import Where
    >>> text = "The difference was -2.5 kg (95% CI -4.1 to -0.9), in 40 patients (range 1-3)."
    >>> [(b.value, b.low, b.high, b.spread) for b in
    ...  read_bounded(Sentence(text, Where("results"), True, 0))]
    [('-2.5', '-4.1', '-0.9', 'interval')]
    """
    text = sentence.text
    if not _HINT.search(text):
        return
    end = -1
    for match in _BOUNDED.finditer(text):
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        between = text[end : match.start()] if end >= 0 else ""
        goes_on = (
            end >= 0
            and len(between) < _APART
            and not re.search(r"\d", between)
            and bool(_JOINS.search(between))
        )
        end = match.end()
        if _is_value(match, before, goes_on=goes_on) and not listed(
            text, match["low"].replace("·", "."), match["high"].replace("·", ".")
        ):
            yield _bounded(match, before, sentence)


def _is_value(match: re.Match[str], before: str, *, goes_on: bool) -> bool:
    """Whether it is certain that the bounds are of this value."""
    if _SOMETHING_ELSE.search(before[-25:]) or _odd_digits(match) or _is_level(match):
        return False
    if len({_unit(match[x]) for x in ("unit_low", "unit_high") if match[x]}) > 1:
        return False  # "18 months to 3 years"
    in_bracket = bool(re.search(r"[(\[]\s?$", before))
    share = match["unit"] == "%" or bool(re.search(r"[.·]", match["value"]))
    if not (goes_on or _LEADS.search(before) or (in_bracket and share)):
        return False
    if match["interval"] or goes_on:
        return True
    clause = before.rsplit(";", 1)[-1]
    medians = [m.end() for m in _MEDIAN.finditer(clause)]
    means = [m.end() for m in _MEAN.finditer(clause)]
    if match["quartiles"]:
        return bool(medians) and max(medians) > max(means, default=-1)
    return bool(medians or means)


def _is_level(match: re.Match[str]) -> bool:
    """Whether the value is the level of an interval that nothing is before: "95%, CI 1-2"."""
    level = re.match(r"[89]\d(?:\.\d+)?$", match["value"])
    named = match[0][match.end("value") - match.start() : match.start("low") - match.start()]
    return bool(match["interval"] and level and match["unit"] == "%" and "%" not in named[2:])


def _odd_digits(match: re.Match[str]) -> bool:
    """Whether a figure has lost its point: "1.00 (95% CI 077-1.29)"."""
    return any(re.match(r"0\d", match[name]) for name in ("value", "low", "high"))


def _bounded(match: re.Match[str], before: str, sentence: Sentence) -> Bounded:
    spread = next(k for k in ("interval", "quartiles", "range") if match[k])
    value, low, high = (
        ("-" if match[sign] else "") + _plain(match[name])
        for sign, name in (("sign", "value"), ("less", "low"), ("more", "high"))
    )
    ratio = bool(re.search(rf"\b(?:{_RATIO}|ratios?)\b[^\d;]{{0,30}}$", before, re.I))
    change = bool(_CHANGE.search(before[-90:] + " " + sentence.text[match.end() :][:40]))
    return Bounded(
        value,
        low,
        high,
        spread,
        _unit(match["unit"]),
        _unit(match["unit_low"] or match["unit_high"]),
        # "95% CI -0.2-0.4": a dash may part the bounds, or be a sign.
        unclear=bool(match["less"]) and not match["more"] and match["to"] in "-–—−‐‑‒",
        kind="ratio" if ratio else "change" if change else "",
        where=sentence.where,
    )


_CHANGE = re.compile(
    r"\b(?:more|less|fewer|higher|lower|greater|reduc\w+|decreas\w+|increas\w+|improve\w+|"
    r"differ\w+|chang\w+|benefit|gain|loss|lowering|declin\w+|effect)\b",
    re.I,
)


def _plain(text: str) -> str:
    text = text.replace("·", ".").replace(",", "")
    return f"0{text}" if text.startswith(".") else text


def _unit(text: str | None) -> str:
    """A unit in one way of writing."""
    unit = (text or "").lower()
    if unit in {"%", "percent", "per cent"}:
        return "%"
    for times in ("month", "mo", "year", "yr", "week", "wk", "day", "hour", "hr", "min", "second"):
        if unit.startswith(times) and unit != "mm":
            return {"mo": "month", "yr": "year", "wk": "week", "hr": "hour"}.get(times, times)
    return unit
