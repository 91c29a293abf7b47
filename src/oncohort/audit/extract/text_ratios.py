"""Hazard, odds and risk ratios said in sentences, each with its interval, p, endpoint and model.

A sentence names the kind of ratio once and may then give several: "HR of death and progression
were 0.92 (95% CI 0.70-1.20) and 0.96 (95% CI 0.73-1.25), respectively". So names and values are
found apart; a value belongs to the last name before it, if no word between them says that it is
something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from oncohort.audit.extract.endpoints import endpoint_of, endpoints_in, model_of
from oncohort.audit.extract.sentences import Sentence
from oncohort.dataclass import dataclass
from oncohort.published.model import Ratio

_NUMBER = r"(?:\d{1,6}[.·]\d{1,6}|[.·]\d{1,6}|\d{1,4})"
_TO = r"\s{0,3}(?:[-–—−]|to\b|,|;|and\b)\s{0,3}"
_LEVEL = (
    r"(?:(?P<{k}level>\d{{2}}(?:\.\d)?)\s?%\s?)?(?:two-sided\s)?"
    r"(?:CIs?\b|IC\b|C\.I\.|confidence[\s-]intervals?|confidence limits?)"
    r"(?:\s?[(\[]\s?(?:9\d\s?%\s?)?CIs?\s?[)\]])?(?:\s?(?P<{k}after>\d{{2}}(?:\.\d)?)\s?%)?"
)
_P = (
    r"(?P<{k}test>log[- ]?rank\s|Wald\s)?(?:test,?\s)?(?:two-sided\s)?"
    r"p(?:[- ]?values?)?\s?(?P<{k}relation>[=<>≤≥])\s?(?P<{k}p>\d?[.·]\d{{1,8}})"
)
_NAME = re.compile(
    r"(?P<kind>\bhazards?[ -](?:ratio|ration)s?\b|\bodds[ -]ratios?\b|\brelative risks?\b|"
    r"\brisk ratios?\b|\brate ratios?\b|\ba?HRs?\b|\ba?ORs?\b|\bRRs?\b)"
    r"(?:,?\s?[(\[]?\s?(?:a|adj\.?\s?)?(?:HR|OR|RR)s?\s?[)\]])?"
    rf"(?:[\s,;]?[(\[,;]\s?{_LEVEL.format(k='named')}\s?[)\]]?)?",
    re.I,
)
_ITEM = re.compile(
    rf"(?<![\d.,·/–−-])(?P<estimate>{_NUMBER})"
    rf"(?:\s?[,;]?\s?[(\[,;]\s?{_P.format(k='early')})?"
    rf"(?P<open>\s{{0,2}}[,;:]?\s{{0,2}}[(\[]{{0,2}}\s?)(?:{_LEVEL.format(k='own')}\s{{0,2}}"
    r"(?P<colon>[:=,;]|of\b|was\b|from\b)?\s{0,2}[(\[]?\s?)?"
    rf"(?P<low>{_NUMBER}){_TO}(?P<high>{_NUMBER})(?![\d%])(?!\.\d)\s?[)\]]{{0,2}}"
    rf"(?:\s?[,;:]?\s?[(\[]?\s?{_P.format(k='late')})?",
    re.I,
)
_ONLY_P = re.compile(
    r"\s?(?:was|were|of|[:=,])?\s?(?<![\d.])"
    rf"(?P<estimate>\d{{1,4}}[.·]\d{{1,6}})\s?[,;(\[]{{0,2}}\s?{_P.format(k='late')}",
    re.I,
)
_OF_SOMETHING_ELSE = re.compile(
    r"\s{0,3}[),;]?\s{0,3}(?:\(|for\b)?\s{0,3}(?:the\s+)?(?:interaction|trend|heterogeneity|"
    r"non-?inferiority|superiority|log[- ]?rank|difference)",
    re.I,
)
_NEXT = re.compile(r"^\s?(?:(?:was|were|is|are|of)\b|[:=,;])?\s?(?:(?:at|be)\s)?[(\[]?\s?$", re.I)
"""Nothing between the name and its value but a verb or a sign."""
_ANOTHER = re.compile(
    r"%|\b(?:medians?|means?|months?|weeks?|days?|years?|differences?|rates?|incidence|"
    r"proportions?|probabilit\w+|survival was|slope|coefficient|beta|correlation|sensitivity|"
    r"specificity|AUC|index|score|cut-?off|n\s?=)\b",
    re.I,
)
"""Words between a name and a value that make it another measure."""
_OF_IT = re.compile(
    r"^\s(?:for|of|comparing|between|in|regarding|concerning)\b[^\d;%]{0,140}\b(?:was|were|is|are|of)"
    r"\s?(?:estimated at\s)?[(\[]?$|^\s(?:for|of)\b[^\d;%]{0,140}[:=,]\s?$",
    re.I,
)
"""What the ratio is of, and a verb: "for the incidence of failure was"."""
_REACH = 160
"""Characters between a name and its value."""


@dataclass(frozen=True, slots=True)
class _Named:
    kind: str
    start: int
    end: int
    level: str
    adjusted: bool


def read_ratios(sentence: Sentence) -> Iterator[Ratio]:
    """Every ratio of a sentence that has an interval or a p of its own.

    Examples
    --------
    >>> from oncohort.published.model import Where
    >>> text = "HR for death was 0.92 (95% CI 0.70-1.20) and for OS 0.96 (0.73-1.25)."
    >>> s = Sentence(text, Where("results"), True, 0)
    >>> [(r.kind, r.estimate, r.low, r.high) for r in read_ratios(s)]
    [('HR', '0.92', '0.70', '1.20'), ('HR', '0.96', '0.73', '1.25')]
    """
    text = sentence.text
    names = [_named(m) for m in _NAME.finditer(text)]
    if not names:
        return
    found = [*_with_interval(text, names)]
    taken = [(match.start(), match.end()) for match, _ in found]
    for name in names:
        match = _ONLY_P.match(text, name.end)
        if match and not any(a < match.end() and match.start("estimate") < b for a, b in taken):
            found.append((match, name))
    found.sort(key=lambda pair: pair[0].start("estimate"))
    spans = [(match.start("estimate"), match.end()) for match, _ in found]
    endpoints = _endpoints(text, spans)
    for (match, name), endpoint in zip(found, endpoints, strict=True):
        ratio = _ratio(sentence, match, name, endpoint)
        if ratio.low or ratio.p:
            yield ratio


def _named(match: re.Match[str]) -> _Named:
    kind = match["kind"].upper()
    short = "HR" if "H" in kind.split("R")[0] else "OR" if "O" in kind[:3] else "RR"
    level = match["namedlevel"] or match["namedafter"] or ""
    return _Named(short, match.start(), match.end(), level, kind.startswith("A"))


def _with_interval(text: str, names: Sequence[_Named]) -> Iterator[tuple[re.Match[str], _Named]]:
    """Values with an interval, each with the name that it belongs to."""
    chain: tuple[_Named, int] | None = None
    position = 0
    while True:
        match = _ITEM.search(text, position)
        if match is None:
            return
        position = match.start() + 1
        while position < len(text) and text[position] in "0123456789.·":
            position += 1
        start = match.start("estimate")
        before = [n for n in names if n.end <= start]
        if not before:
            continue
        name = before[-1]
        since = max(name.end, chain[1] if chain is not None and chain[0] is name else 0)
        gap = text[since:start]
        near = bool(_NEXT.match(gap)) and since == name.end
        labelled = bool(match["ownlevel"] or match["ownafter"] or _stated_interval(match))
        bracket = "(" in match["open"] or "[" in match["open"]
        if not labelled and not bracket:
            continue
        if not labelled and not (_inside(match) and (near or _plain_gap(gap))):
            continue
        if not near and (len(gap) > _REACH or _changes_measure(gap)):
            continue
        if not near and not _inside(match):
            told = labelled and bracket and since == name.end and _FOR_IT_WAS.match(gap)
            if not told:
                continue
        if "." not in match["estimate"].replace("·", ".") and not (labelled and near):
            continue
        if any(match.start() < n.start < match.end() and n.start > start for n in names):
            continue
        chain = (name, match.end())
        position = match.end()
        yield match, name


_FOR_IT_WAS = re.compile(r"\s?(?:for|of)\s[a-z][a-z -]{2,60}\s(?:was|were|is)\s?$", re.I)
"""Between a ratio's name and its value: "for death was"."""


def _changes_measure(gap: str) -> bool:
    if _OF_IT.match(gap):
        return bool(re.search(r"\b(?:medians?|means?)\b", gap, re.I))
    return bool(_ANOTHER.search(gap))


def _stated_interval(match: re.Match[str]) -> bool:
    return bool(re.search(r"\bC\.?I|\bIC\b|confidence", match[0], re.I))


def _plain_gap(gap: str) -> bool:
    return len(gap) <= 80 and not re.search(r"\d", gap)


def _inside(match: re.Match[str]) -> bool:
    low, middle, high = (float(match[k].replace("·", ".")) for k in ("low", "estimate", "high"))
    return low <= middle <= high


def _endpoints(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """The endpoint of each value: the one named since the value before it, or right after it."""
    only = endpoint_of(text)
    mentions = endpoints_in(text)
    if only or not mentions or not spans:
        return [only] * len(spans)
    parts = [
        [name for a, name in mentions if (spans[k - 1][1] if k else 0) <= a < start]
        for k, (start, _) in enumerate(spans)
    ]
    listed = list(dict.fromkeys(parts[0])) if parts else []
    if (
        "respectively" in text
        and len(spans) > 1
        and len(listed) == len(spans)
        and not any(parts[1:])
    ):
        return listed
    ends = [*(start for start, _ in spans[1:]), len(text)]
    behind = [_behind(text[end:stop]) for (_, end), stop in zip(spans, ends, strict=True)]
    if all(behind):
        return behind
    out: list[str] = []
    for part, stated in zip(parts, behind, strict=True):
        names = set(part)
        if stated and not names:
            out.append(stated)
        elif len(names) == 1 and not stated and not any(behind):
            out.append(names.pop())
        else:
            out.append("")
    return out


def _behind(after: str) -> str:
    """The endpoint that is said right behind a value: "0.6 (0.4-0.9) for PFS"."""
    words = re.match(r"\s?[)\]]?\s?(?:for|in)\s(?:the\s)?([A-Za-z -]{2,40})", after)
    return endpoint_of(words[1]) if words else ""


def _model(text: str, position: int) -> str:
    """The model that the words name; the last one before the value, where there are two."""
    stated = model_of(text)
    if stated:
        return stated
    hits = list(
        re.finditer(
            r"\buni-?varia\w*|\bunadjusted|\bcrude\b|\bmulti-?varia\w*|\badjusted|\baHR\b",
            text[:position],
            re.I,
        )
    )
    return model_of(hits[-1][0]) if hits else ""


def _ratio(sentence: Sentence, match: re.Match[str], name: _Named, endpoint: str) -> Ratio:
    groups = match.groupdict()
    which = "late" if groups.get("latep") else "early"
    p = groups.get(f"{which}p") or ""
    if p and which == "late" and _OF_SOMETHING_ELSE.match(sentence.text, match.end()):
        p = ""
    relation = groups.get(f"{which}relation") or ""
    test = (groups.get(f"{which}test") or "").strip().lower()
    confidence = groups.get("ownlevel") or groups.get("ownafter") or name.level
    model = "multivariable" if name.adjusted else _model(sentence.text, match.start())
    return Ratio(
        "",
        name.kind,
        endpoint,
        model,
        estimate=_plain(match["estimate"]),
        low=_plain(groups.get("low") or ""),
        high=_plain(groups.get("high") or ""),
        confidence=confidence or "",
        p=f"{'' if relation == '=' else relation}{_plain(p)}" if p else "",
        test="log-rank" if "log" in test else "Wald" if test else "",
        population="own" if sentence.own else "",
        where=sentence.where,
    )


def _plain(text: str) -> str:
    text = text.replace("·", ".")
    return f"0{text}" if text.startswith(".") else text
