"""Figures said in sentences, and whether they speak of this paper's own patients."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from oncohort.audit.document import Paragraph
from oncohort.audit.extract import sections
from oncohort.audit.extract.tables import endpoint_of, model_of
from oncohort.published.model import (
    Count,
    Events,
    Fact,
    Landmark,
    Level,
    PValue,
    Rate,
    Ratio,
    Response,
    Time,
    Where,
)

_PEOPLE = (
    r"(?:patients?|cases?|subjects?|participants?|individuals?|men|women|males?|females?|pts|"
    r"persons?|people|children|adults|responders?)"
)
_INT = r"(?:\d{1,3}(?:,\d{3})+|\d+)"
_DEC = r"\d+(?:[.·]\d+)?"
_BEFORE = r"(?<![\d.,/·–−-])(?<![A-Za-z])"

_COUNT = re.compile(
    rf"{_BEFORE}(?P<count>{_INT})(?:\s+(?:[a-z-]+\s+){{0,3}}{_PEOPLE})?\s*"
    rf"[(\[]\s*(?P<percent>{_DEC})\s*%\s*[)\]]"
)
_OF = re.compile(
    rf"{_BEFORE}(?P<count>{_INT})\s*(?:/|(?:out\s+)?of\s+(?:the\s+|these\s+|all\s+)?)\s*"
    rf"(?P<of>{_INT})(?:\s+(?:[a-z-]+\s+){{0,3}}{_PEOPLE})?\s*"
    rf"[(\[,;]\s*(?P<percent>{_DEC})\s*%\s*[)\]]"
)
_PERCENT_FIRST = re.compile(
    rf"(?<![\d.,·–−-])(?P<percent>{_DEC})\s*%\s*[(\[]\s*(?:n\s*=\s*)?(?P<count>{_INT})\s*"
    rf"(?:/|of)\s*(?P<of>{_INT})(?:\s+{_PEOPLE})?\s*[)\]]"
)
_PERCENT_N = re.compile(
    rf"(?<![\d.,·–−-])(?P<percent>{_DEC})\s*%\s*[(\[]\s*n\s*=\s*(?P<count>{_INT})\s*[)\]]"
)
_NOUN = re.compile(_PEOPLE + r"|\b(?:tumou?rs?|deaths?)\b", re.I)
_NOT_A_COUNT = re.compile(
    r"(?:\bby\s*|\b(?:change|increase|decrease|reduction|improvement|difference|rise|drop|decline|"
    r"loss|gain|value|count|total score)s?\s+(?:of|was|were)\s*)$|"
    r"(?:\b(?:grades?|stages?|fig(?:ure)?s?\.?|tables?|day|week|month|year|cycles?|types?|groups?|arms?|"
    r"phase|levels?|scores?|ages?d?|ps|ecog|kps|ctcae|class|line|points?|version|score of|median|"
    r"mean|ref\.?|T|N|M|G|sd|hr|or|p|quartile|tertile|category|aged|than|with|at least|up to|over|about|"
    r"approximately|nearly|almost|around)\s*(?:of\s*)?|[<>≤≥=±~]\s*|[–−-]\s*)$",
    re.I,
)
_GRADED = re.compile(
    r"\b(?:grades?|scores?|PS|ECOG|KPS|stages?|class|points|pT|cT|ISUP|Fuhrman|Gleason)\b"
)
_DENOMINATOR = re.compile(
    rf"\b(?:of|among|in)\s+(?:the|these|all|our|a total of)?\s*(?:the\s+)?(?P<n>{_INT})\s+"
    rf"(?:[A-Za-z-]+\s+){{0,4}}?{_PEOPLE}",
    re.I,
)
_SIZE = re.compile(
    rf"{_BEFORE}(?P<n>{_INT})\s+(?:[A-Za-z-]+\s+){{0,5}}?(?:patients|cases|subjects|participants|individuals|women|men)\b"
)
_SIZE_N = re.compile(rf"\bn\s*=\s*(?P<n>{_INT})", re.I)

_CITED = re.compile(
    r"\bet al\b|\[\s*\d+(?:\s*[,–-]\s*\d+)*\s*\]|(?<=[A-Za-z,.])\s*\(\s*\d{1,3}(?:\s*[,–-]\s*\d{1,3})*\s*\)|"
    r"\bprevious(?:ly)? (?:stud|report|publish|trial)|\bother (?:stud|trial|series)|\btrial\b.*\bshowed\b|"
    r"\breported (?:by|in|that|a|an)\b|\bmeta-analys|\bhistorical|\bpublished\b|\bthe literature\b",
    re.I,
)
_OWN = re.compile(
    r"\b(?:(?:in|of|from|for)\s+)?(?:this|our|the present|the current)\s+(?:[a-z-]+\s+){0,2}"
    r"(?:study|series|cohort|population|analysis|patients|trial|experience)\b|\bwe (?:found|observed)\b|\bthese (?:\d+ )?patients\b",
    re.I,
)
_SUBGROUP = re.compile(
    r"\b(?:arms?|groups?|subgroups?|subsets?|subpopulations?|versus|vs|compared|comparison|whereas|while|than|those|"
    r"who|whose|responders?|respectively for|stratified|according to|quartile|tertile|"
    r"placebo|control|training|validation|external|matched|per[- ]protocol|evaluable|"
    r"investigator|independent|central|blinded|BICR|IRC|update[ds]?|interim|cut-?off|"
    r"first|second|third|subsequent|1st|2nd|3rd|prior|line|PFS2|landmark|restricted|"
    r"(?:patients|cases|individuals|subjects|men|women|tumou?rs) (?:with|without|treated|receiving|undergoing|on|in|achieving|having|under|over|aged)|"
    r"(?:with|without|for|among|after|following|before|between|within|under|receiving|on|if)\b)",
    re.I,
)
_TIME_UNIT = r"(?P<unit>months?|mos?\b|years?|yrs?\b|weeks?|days?)"
_CI = (
    r"(?:\s*[(\[]\s*(?:(?P<cl{k}>9\d)\s*%\s*(?:CI|C\.I\.|confidence intervals?(?: \(CI\))?)\s*[:=,]?\s*|"
    r"(?P<range{k}>range|IQR|interquartile range)\s*[:=,]?\s*)"
    r"(?P<low{k}>\d+(?:[.·]\d+)?)\s*(?:months?\s*)?(?:[-–—−]|to|,)\s*"
    r"(?P<high{k}>\d+(?:[.·]\d+)?|NR|NE|not (?:reached|estimable|evaluable))"
    r"\s*(?:months?|years?|weeks?|days?)?\s*[)\]])?"
)
_MEDIAN = re.compile(
    r"\bmedian\b(?P<names>[^.;]*?)\b(?:was|were|is|are|of|reached|[:=])\s*(?:estimated (?:at|to be)\s*)?(?:only\s*)?"
    r"(?P<v1>\d+(?:[.·]\d+)?)\s*(?:(?:months?|years?|weeks?|days?)\b)?" + _CI.replace("{k}", "1")
    + r"(?P<more>(?:\s*,?\s*(?:and|,)\s*\d+(?:[.·]\d+)?(?![\d%])(?:\s*(?:months?|years?))?)*)"
    r"(?:\s*" + _TIME_UNIT + r")?(?P<after>" + _CI.replace("{k}", "2") + r"(?:[^.;]|\.(?=\d))*?(?=\bmedian\b|;|\.(?!\d)|$))",
    re.I,
)  # fmt: skip
_DURATION = re.compile(
    r"(?:duration|period|length|time)\s+(?:of|on)\s+(?:[a-z-]+\s+){0,2}?(?:treatment|therapy|exposure|administration)|"
    r"(?:treatment|therapy|exposure)\s+(?:duration|period|time)|time to (?:treatment )?discontinuation",
    re.I,
)
_FOLLOW_UP = re.compile(r"follow[- ]?up|observation (?:period|time)", re.I)
_RESPONSES = (
    ("CR", r"complete (?:response|remission)s?|\bCRs?\b"),
    ("PR", r"partial (?:response|remission)s?|\bPRs?\b"),
    ("SD", r"stable disease|\bSD\b"),
    ("PD", r"progressive disease|\bPD\b"),
    ("NE", r"not evaluable|\bNE\b"),
)
_RATES = (
    ("ORR", r"objective (?:tumou?r )?response rate|overall response rate|\bORR\b"),
    ("DCR", r"disease control rate|\bDCR\b"),
    ("CBR", r"clinical benefit rate|\bCBR\b"),
)
_RATIO = re.compile(
    r"(?P<kind>hazards? ratio|odds ratio|relative risk|risk ratio|\ba?HR\b|\ba?OR\b|\bRR\b)\s*(?:\(\s*a?(?:HR|OR|RR)\s*\)|\[\s*a?(?:HR|OR|RR)\s*\])?"
    r"\s*(?:was|were|of|[:=,])?\s*(?P<estimate>\d+[.·]\d+)\s*"
    r"(?:[,;(\[]*\s*(?P<level>9\d)\s*%\s*(?:CI|C\.I\.|confidence intervals?(?:\s*[(\[]CI[)\]])?)\s*[:=,]?\s*[(\[]?\s*"
    r"(?P<low>\d+[.·]\d+)\s*(?:[-–—−]|to|,)\s*(?P<high>\d+[.·]\d+))?"
    r"(?:\s*[)\]]?\s*[,;]?\s*[(\[]?\s*(?P<test>log[- ]?rank |Wald )?(?:two-sided )?p(?:[- ]value)?\s*(?P<relation>[=<>≤≥])\s*(?P<p>\d*[.·]\d+))?",
    re.I,
)
_PVALUE = re.compile(
    r"\(\s*(?:log[- ]?rank )?p\s*(?P<relation>[=<>≤≥])\s*(?P<p>\d*[.·]\d+)\s*\)", re.I
)
_NUMBER_WORDS = {
    w: k
    for k, w in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with its place; ``own``: it is certain to speak of this study."""

    text: str
    where: Where
    own: bool
    index: int


@dataclass(slots=True)
class Said:
    """What the sentences of a paper hold."""

    sizes: list[tuple[str, Where]] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)
    times: list[Time] = field(default_factory=list)
    landmarks: list[Landmark] = field(default_factory=list)
    events: list[Events] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    p_values: list[PValue] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    cohort: str = ""


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
            if paragraph.section == sections.ABSTRACT:
                label = sections.RUN_IN.match(text)
                if label:
                    part = sections.canonical(re.sub(r"\s*/.*", "", label[1])) or part
                else:
                    inside = list(sections.RUN_IN.finditer(text))
                    if inside:
                        part = sections.canonical(re.sub(r"\s*/.*", "", inside[-1][1])) or part
            where = Where(paragraph.section, paragraph.label, "", "", paragraph.page, text)
            out.append(Sentence(text, where, _is_own(text, paragraph.section, part), len(out)))
    return out


def _is_own(text: str, section: str, part: str) -> bool:
    if section == sections.RESULTS:
        return not _CITED.search(text)
    if section == sections.ABSTRACT:
        return part != sections.INTRODUCTION and not re.search(r"\bet al\b|historical", text)
    if section == "legend":
        return True
    # "..., which is longer than in previous studies" does not make the figure theirs.
    head = re.split(r",\s*(?:which|thus|suggesting|compar)", text)[0]
    return bool(_OWN.search(head)) and not _CITED.search(head)


def read_prose(paragraphs: Sequence[Paragraph]) -> Said:
    """Read every sentence."""
    said = Said()
    every = split(paragraphs)
    said.sentences = every
    said.cohort = _cohort(every, said)
    for sentence in every:
        said.counts.extend(_counts(sentence))
        said.responses.extend(_responses(sentence, said.cohort))
        said.rates.extend(_rates(sentence, said.cohort))
        said.times.extend(_times(sentence, said.cohort))
        said.landmarks.extend(_landmarks(sentence, said.cohort))
        said.events.extend(_events(sentence, said.cohort))
        said.ratios.extend(_ratios(sentence))
        said.p_values.extend(_p_values(sentence))
        said.facts.extend(_facts(sentence))
    return said


# ---- size of the cohort -------------------------------------------------------------------


def _words_to_digits(text: str) -> str:
    """Spelled numbers at the start of a sentence: "Forty-two patients" is 42."""

    def swap(match: re.Match[str]) -> str:
        tens, _, unit = match[0].lower().partition("-")
        return str(_NUMBER_WORDS[tens] + (_NUMBER_WORDS[unit] if unit else 0))

    tens = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    units = "one|two|three|four|five|six|seven|eight|nine"
    teens = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
    return re.sub(rf"\b(?:(?:{tens})(?:-(?:{units}))?|{teens})\b(?=\s+\w+)", swap, text, flags=re.I)


def _cohort(every: Sequence[Sentence], said: Said) -> str:
    """The one number of patients that the paper keeps naming; empty if that is not clear."""
    votes: Counter[str] = Counter()
    places: dict[str, set[str]] = {}
    for sentence in every:
        if sentence.where.section == sections.INTRODUCTION and not sentence.own:
            continue
        text = _words_to_digits(sentence.text)
        for match in [*_SIZE.finditer(text), *_SIZE_N.finditer(text)]:
            n = match["n"].replace(",", "")
            if int(n) < 5 or re.match(r"(?:19|20)\d\d$", n):
                continue
            said.sizes.append((n, sentence.where))
            if _CITED.search(text) and not sentence.own:
                continue
            strong = re.search(
                rf"(?:total of|consecutive|these|included|enrolled|identified|analy[sz]ed|all|the)\s+{match['n']}\b|"
                rf"{match['n']}\s+consecutive",
                text,
            )
            votes[n] += 2 if strong else 1
            places.setdefault(n, set()).add(sentence.where.section)
    if not votes:
        return ""
    ranked = votes.most_common(2)
    best, score = ranked[0]
    runner = ranked[1][1] if len(ranked) > 1 else 0
    if score < 3 or score < 1.5 * runner or len(places[best]) < 2:
        return ""
    return best


# ---- counts -------------------------------------------------------------------------------


def _counts(sentence: Sentence) -> Iterator[Count]:
    text = sentence.text
    taken: list[tuple[int, int]] = []
    people = bool(_NOUN.search(text)) or len(_COUNT.findall(text)) > 1
    for pattern in (_OF, _PERCENT_FIRST, _PERCENT_N, _COUNT):
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            taken.append(match.span())
            groups = match.groupdict()
            before = text[: match.start("count")] if pattern is not _PERCENT_FIRST else ""
            if pattern is _COUNT and (
                _NOT_A_COUNT.search(before)
                or (
                    _GRADED.search(text)
                    and int(match["count"].replace(",", "")) <= 10
                    and not re.search(r"\b(?:in|of|only|for|were|was|had|remaining)\s*$", before)
                    and not re.search(_PEOPLE, match[0])
                )
            ):
                continue
            remaining = bool(re.search(r"\bremain(?:ing|der)\s*(?:of\s*)?$|\bother\s*$", before))
            yield Count(
                text[match.end() : match.end() + 60].strip(),
                match["count"].replace(",", ""),
                match["percent"].replace("·", "."),
                (groups.get("of") or "").replace(",", ""),
                "remaining" if remaining else "",
                sentence.index,
                sentence.own and people,
                sentence.where,
            )


def denominator_of(text: str) -> str:
    """The size that a sentence names ("of the 42 patients"); empty if none or several.

    Examples
    --------
    >>> denominator_of("Of the 42 patients, 14 (33.3%) received it.")
    '42'
    """
    found = {m["n"].replace(",", "") for m in _DENOMINATOR.finditer(text)}
    return found.pop() if len(found) == 1 else ""


# ---- responses and rates ------------------------------------------------------------------


def _mentions(text: str) -> list[tuple[int, str]]:
    found = []
    for name, pattern in _RESPONSES:
        spans = [m.start() for m in re.finditer(pattern, text)]
        if spans:
            # "complete response (CR)" is one mention.
            found.append((spans[0], name))
            found.extend((s, name) for a, s in zip(spans, spans[1:], strict=False) if s - a > 40)
    return sorted(found)


def _responses(sentence: Sentence, cohort: str) -> Iterator[Response]:
    if not sentence.own or re.search(
        r"\b(?:arm|group|versus|vs|lung|liver|bone)\b", _plain(sentence.text)
    ):
        return
    if re.search(r"\brates?\b", sentence.text) or "confirm" in sentence.text:
        return
    levels: list[Level] = []
    for clause in re.split(r";\s*", sentence.text):
        counts = list(_COUNT.finditer(clause))
        names = _mentions(clause)
        if not names or len(counts) != len(names) or len({n for _, n in names}) != len(names):
            if names:
                return
            continue
        positions = [c.start() for c in counts]
        marks = [m for m, _ in names]
        grouped = max(positions) < min(marks) or max(marks) < min(positions)
        if len(counts) > 1 and grouped and "respectively" not in clause:
            return
        if not grouped:
            first = all(p < m for p, m in zip(positions, marks, strict=True))
            after = all(p > m for p, m in zip(positions, marks, strict=True))
            in_turn = all(
                max(a) < min(b)
                for a, b in zip(
                    list(zip(positions, marks, strict=True)),
                    list(zip(positions, marks, strict=True))[1:],
                    strict=False,
                )
            )
            if not in_turn or not (first or after):
                return
        levels.extend(
            Level(name, c["count"], c["percent"].replace("·", "."), "", sentence.where)
            for c, (_, name) in zip(counts, names, strict=True)
        )
    kinds = [level.label for level in levels]
    if len(kinds) >= 3 and len(set(kinds)) == len(kinds):
        n = denominator_of(sentence.text) or cohort
        population = "cohort" if n == cohort else ""
        yield Response(tuple(levels), population, n, sentence.where)


def _plain(text: str) -> str:
    """Without phrases that name the disease of the whole cohort."""
    return re.sub(r"metastas[ei]s (?:solely )?to the [a-z]+", "", text)


def _rates(sentence: Sentence, cohort: str) -> Iterator[Rate]:
    text = sentence.text
    for verb in re.finditer(r"\b(?:was|were|of|[:=])\s*(?=\d)", text):
        head = re.split(r"[.;]|\bwith\b|\d%", text[: verb.start()])[-1]
        names = []
        for name, pattern in _RATES:
            hit = re.search(pattern, head, re.I)
            if hit:
                names.append((hit.start(), name))
        names.sort()
        tail = re.match(
            rf"(?P<values>{_DEC}\s*%?(?:\s*(?:,|and|, and)\s*{_DEC}\s*%?)*)(?P<rest>.{{0,80}})",
            text[verb.end() :],
            re.S,
        )
        if not names or tail is None or "%" not in tail["values"]:
            continue
        values = re.findall(_DEC, tail["values"])
        if len(values) != len(names):
            continue
        if len(values) > 1 and "respectively" not in tail["rest"]:
            continue
        rest = tail["rest"]
        own = sentence.own and _whole(head + " | " + _first_clause(rest), cohort)
        ci = re.match(
            r"\s*[(\[]\s*(?:(?P<count>\d+)\s*(?:/|of)\s*(?P<of>\d+)\s*[;,]?\s*)?"
            rf"(?:(?P<cl>9\d)\s*%\s*(?:CI|confidence interval)\s*[:=,]?\s*(?P<low>{_DEC})\s*%?\s*(?:[-–—−]|to|,)\s*(?P<high>{_DEC})\s*%?)?\s*[)\]]",
            rest,
        )
        for (_, name), value in zip(names, values, strict=True):
            single = ci if len(names) == 1 else None
            yield Rate(
                name,
                value.replace("·", "."),
                (single["count"] or "") if single else "",
                (single["of"] or "") if single else "",
                (single["low"] or "").replace("·", ".") if single else "",
                (single["high"] or "").replace("·", ".") if single else "",
                (single["cl"] or "") if single else "",
                "cohort" if own else "",
                sentence.where,
            )


def _first_clause(text: str) -> str:
    return re.split(r"[.;]|,\s*which\b|,\s*and\b|,\s*although\b", text)[0]


def _whole(text: str, cohort: str) -> bool:
    """Whether nothing in the words narrows them to a part of the cohort."""
    text = re.sub(r"\([^()]*\)", " ", text)
    if cohort:
        text = re.sub(
            rf"\b(?:in|of|for|among)\s+(?:all\s+|the\s+|these\s+|all of the\s+|the entire\s+)*{cohort}\s+"
            r"(?:[A-Za-z-]+\s+){0,4}?patients(?:\s+with\s+[^,|]{0,60}?(?=,|\||included|\bwas\b|\bwere\b|$))?"
            r"(?:\s*(?:included\s+)?in (?:this|our|the present) [a-z]+)?",
            " ",
            text,
            flags=re.I,
        )
    text = re.sub(
        r"\b(?:in|of|for|among)\s+(?:this|our|the (?:present|entire|whole|overall|total|full|study))\s+"
        r"(?:[a-z-]+\s+)?(?:series|study|cohort|population|patients|group)\b(?:,?\s*consisting of patients[^,|]*,?)?",
        " ",
        text,
        flags=re.I,
    )
    text = re.sub(
        r"\b(?:in|of|for|among)\s+(?:all|these|our)\s+patients\b|"
        r"\b(?:after|from|since|following)\s+(?:the\s+)?(?:introduction|initiation|start|beginning|commencement)\s+of\s+[A-Za-z-]+(?:\s+(?:therapy|treatment))?|"
        r"\b(?:with|of|to|on)\s+[a-z]+ib\b",
        " ",
        text,
        flags=re.I,
    )
    text = re.sub(r"\bwith a\b.*$", " ", text) if "|" not in text else text
    return not _SUBGROUP.search(text)


# ---- times --------------------------------------------------------------------------------


def _times(sentence: Sentence, cohort: str) -> Iterator[Time]:
    text = sentence.text
    for match in _MEDIAN.finditer(text):
        names_text = match["names"]
        if len(names_text) > 220:
            continue
        names = _endpoint_list(names_text)
        values = [match["v1"], *re.findall(r"\d+(?:[.·]\d+)?", match["more"] or "")]
        unit = match["unit"] or ""
        if not unit:
            inside = re.search(r"\b(months?|years?|weeks?|days?)\b", match[0][len(names_text) :])
            unit = inside[1] if inside else ""
        if not unit or not names:
            continue
        if len(values) != len(names) and len(names) != 1:
            continue
        after = match["after"] or ""
        lead = re.split(r"[;:]", text[: match.start()])[-1]
        scope = f"{lead} {names_text} | {_first_clause(after)}"
        if len(names) > 1:
            scope = scope.replace("respectively", "")
        whole = (
            sentence.own
            and len(values) == len(names)
            and not _SECOND_VALUE.search(_first_clause(after))
            and _whole(_strip_names(scope), cohort)
        )
        origin = re.search(r"\b(?:from|since|after)\b[^|,]*", names_text)
        for index, value in enumerate(
            values if len(values) != len(names) else values[: len(names)]
        ):
            name = names[index] if len(values) == len(names) else names[0]
            k = "1" if match["low1"] else "2"
            single = len(values) == 1
            spread = ""
            if single and match[f"low{k}"]:
                said_range = (match[f"range{k}"] or "").lower()
                spread = (
                    "range" if said_range == "range" else "quartiles" if said_range else "interval"
                )
            yield Time(
                name,
                value.replace("·", "."),
                unit.rstrip("s") + "s",
                (match[f"low{k}"] or "").replace("·", ".") if single else "",
                (match[f"high{k}"] or "").replace("·", ".") if single else "",
                spread,
                (match[f"cl{k}"] or "") if single else "",
                "cohort" if whole else "",
                origin[0].strip() if origin else "",
                sentence.where,
            )


_SECOND_VALUE = re.compile(
    r"(?<![–−-])\b\d+(?:[.·]\d+)?\s*(?:months?|years?|weeks?|days?)\b(?!\s*[)\]])|\bvs\b|versus",
    re.I,
)


def _strip_names(text: str) -> str:
    """Without the endpoints' own words ("free survival" has no narrowing in it)."""
    text = re.sub(r"\b(?:as )?shown in (?:figure|fig\.?|table)\s*\w+,?", " ", text, flags=re.I)
    return re.sub(
        r"\bkaplan[–-]meier\b|time (?:to|on) [a-z ]+|period of treatment with [a-z]+|duration of [a-z ]+",
        " ",
        text,
        flags=re.I,
    )


def _endpoint_list(text: str) -> list[str]:
    found: list[tuple[int, str]] = []
    for name, pattern in (
        ("PFS", r"progression[- ]free survival|\bPFS\b"),
        ("OS", r"overall survival|\bOS\b"),
        ("DFS", r"disease[- ]free survival|\bDFS\b"),
        ("RFS", r"(?:recurrence|relapse)[- ]free survival|\bRFS\b"),
        ("CSS", r"cancer[- ]specific survival|\bCSS\b"),
        ("DOR", r"duration of response|\bDOR\b"),
    ):
        hit = re.search(pattern, text, re.I)
        if hit:
            found.append((hit.start(), name))
    if not found:
        if _FOLLOW_UP.search(text):
            return ["follow-up"]
        if _DURATION.search(text):
            return ["treatment"]
    elif _FOLLOW_UP.search(text) or _DURATION.search(text):
        return []
    return [name for _, name in sorted(found)]


# ---- landmark survival and events ---------------------------------------------------------

_LANDMARK = re.compile(
    r"(?P<times>\d+(?:\.\d+)?-?(?:\s*(?:,|and|, and|/)\s*\d+(?:\.\d+)?-?)*)[ -](?P<unit>year|month|yr)s?\b"
    r"(?P<name>[^.;%]{0,80}?)\b(?:was|were|of|[:=])\s*"
    r"(?P<values>\d+(?:[.·]\d+)?\s*%?(?:\s*(?:,|and|, and)\s*\d+(?:[.·]\d+)?\s*%?)*)(?P<after>[^.;]*)",
    re.I,
)
_DEATHS = re.compile(
    rf"{_BEFORE}(?P<count>{_INT})\s*(?P<people>{_PEOPLE})?\s*(?:[(\[]\s*(?P<percent>{_DEC})\s*%\s*[)\]]\s*)?"
    r"(?:(?:had|have)\s+)?(?P<what>deaths?|died|(?:disease )?progress(?:ed|ions?))\b",
    re.I,
)


def _landmarks(sentence: Sentence, cohort: str) -> Iterator[Landmark]:
    """Survival at fixed times: "the 1-, 2- and 3-year OS rates were 80, 60 and 40%"."""
    text = sentence.text
    for match in _LANDMARK.finditer(text):
        endpoint = endpoint_of(match["name"])
        times = re.findall(r"\d+(?:\.\d+)?", match["times"])
        values = re.findall(_DEC, match["values"])
        if not endpoint or len(times) != len(values) or "%" not in match["values"] + match["after"]:
            continue
        lead = re.split(r"[;:]|\band\b", text[: match.start()])[-1]
        scope = f"{lead} {match['name']} | {_first_clause(match['after'])}".replace(
            "respectively", ""
        )
        whole = sentence.own and not re.search(r"%", match["after"]) and _whole(scope, cohort)
        for time, value in zip(times, values, strict=True):
            yield Landmark(
                endpoint,
                time,
                {"yr": "year"}.get(match["unit"].lower(), match["unit"].lower()) + "s",
                value.replace("·", "."),
                population="cohort" if whole else "",
                where=sentence.where,
            )


def _events(sentence: Sentence, cohort: str) -> Iterator[Events]:
    """Deaths and progressions that a sentence counts."""
    if not sentence.own:
        return
    for match in _DEATHS.finditer(sentence.text):
        what = match["what"].lower()
        if what.startswith("progress") and not match["people"]:
            continue
        before = sentence.text[: match.start()]
        if _NOT_A_COUNT.search(before):
            continue
        whole = _whole(before.split(",")[-1] + " | " + sentence.text[match.end() :], cohort)
        yield Events(
            "OS" if what.startswith(("death", "died")) else "PFS",
            match["count"].replace(",", ""),
            (match["percent"] or "").replace("·", "."),
            "cohort" if whole else "",
            sentence.where,
        )


def label_counts(
    sentences: Sequence[Sentence], labels: Sequence[str]
) -> Iterator[tuple[str, str, str, Where]]:
    """Counts that a sentence gives to rows of a table: (label, count, percent, where).

    Only lists that match one to one are taken: "hand-foot syndrome, hypertension and diarrhea
    occurred in 22 (52.4%), 17 (40.5%) and 13 (31.0%), respectively".
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
            counts = list(_COUNT.finditer(clause))
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
    r"grade|severe|serious|arm\b|group|cohort|related to|led to|discontinu|reduction|among|of these|"
    r"of whom|versus|\bvs\b|compared|subgroup|patients (?:with|who)|treatment-related|immune"
)


# ---- ratios and p-values ------------------------------------------------------------------


def _ratios(sentence: Sentence) -> Iterator[Ratio]:
    for match in _RATIO.finditer(sentence.text):
        if not match["low"] and not match["p"]:
            continue
        kind = match["kind"].upper()
        name = "HR" if "H" in kind else "OR" if "O" in kind[:3] else "RR"
        relation = "" if match["relation"] in {None, "="} else match["relation"]
        test = (match["test"] or "").strip().lower()
        yield Ratio(
            "",
            name,
            endpoint_of(sentence.text),
            model_of(sentence.text),
            estimate=match["estimate"].replace("·", "."),
            low=(match["low"] or "").replace("·", "."),
            high=(match["high"] or "").replace("·", "."),
            confidence=match["level"] or "",
            p=f"{relation}{match['p']}".replace("·", ".") if match["p"] else "",
            test="log-rank" if "log" in test else "Wald" if test else "",
            population="own" if sentence.own else "",
            where=sentence.where,
        )


def _p_values(sentence: Sentence) -> Iterator[PValue]:
    if not sentence.own:
        return
    text = sentence.text
    model = model_of(text)
    negative = re.search(r"\b(?:not?|nor|neither|without|non-?significant)\b", text, re.I)
    positive = re.search(r"\b(?:significant(?:ly)?|independent(?:ly)?)\b", text, re.I)
    start = max(text.find(":") + 1, 0)
    for clause in re.split(r";", text[start:]):
        endpoint = endpoint_of(clause) or endpoint_of(text)
        before = 0
        for match in _PVALUE.finditer(clause):
            subject = clause[before : match.start()]
            before = match.end()
            subject = re.sub(r"^\s*(?:(?:,|and|for [A-Z]+)\s*)*", "", subject).strip()
            if len(subject) > 90 or not subject:
                continue
            relation = "" if match["relation"] == "=" else match["relation"]
            yield PValue(
                subject,
                f"{relation}{match['p']}".replace("·", "."),
                endpoint,
                model,
                (True if positive and not negative else None),
                sentence.where,
            )


# ---- facts in words -----------------------------------------------------------------------

_ADVERSE = (
    re.compile(
        r"\b(?:poor|high)[- ]risk\b[^.;]{0,40}\b(?:and|or|and/or)\s+(?:those with\s+)?(?:an?\s+)?"
        r"(?P<level>elevated|high|higher|increased)\s+(?P<subject>[A-Za-z][\w -]{1,40}?)(?:\s+levels?|\s+values?)?(?=[.,;)]|$)",
        re.I,
    ),
    re.compile(
        r"\b(?P<level>elevated|high|higher|increased)\s+(?:baseline\s+|serum\s+|pretreatment\s+)?(?P<subject>[A-Za-z][\w -]{1,40}?)"
        r"(?:\s+levels?|\s+values?)?\s+(?:was|were|is|are|had|has)?\s*(?:significantly\s+|independently\s+)*"
        r"(?:associated with|correlated with|related to|predict(?:ed|ive of|s)?|(?:a|an)?)\s*(?:a\s+|an\s+|significantly\s+|independent\s+)*"
        r"(?:poor|poorer|worse|shorter|inferior|unfavou?rable|adverse|lower)\b",
        re.I,
    ),
)
_METHODS: tuple[tuple[str, str], ...] = (
    ("log-rank", r"\blog[- ]?rank\b"),
    ("weights", r"inverse probability|\bIPTW\b|propensity|\bweighted\b|\bmatched\b|matching"),
    ("robust", r"\brobust (?:variance|standard|sandwich)|sandwich|\bGEE\b|cluster"),
    ("penalised", r"\bFirth|penali[sz]ed|\bLASSO\b|\bridge\b|elastic net|Bayesian|shrinkage"),
    ("time-varying", r"time[- ](?:varying|dependent) (?:cov|var|co|Cox|effect)|landmark"),
    ("interaction", r"\binteraction (?:term|test)|\bp for interaction"),
    ("imputation", r"\bmultiple(?:ly)? imput|\bimputed\b"),
    ("frailty", r"\bfrailty\b|mixed[- ]effects|random[- ]effects|\bmixed model"),
    ("competing", r"Fine[- ]?(?:and|&)?[- ]?Gray|subdistribution|competing[- ]risk"),
    ("wald", r"\bWald\b"),
    ("likelihood", r"\blikelihood[- ]ratio"),
    ("bootstrap", r"\bbootstrap"),
    ("one-sided", r"\b(?:one|1)[- ](?:sided|tailed)\b"),
    ("cox", r"\bCox\b|proportional hazards"),
)


def _facts(sentence: Sentence) -> Iterator[Fact]:
    text = sentence.text
    if sentence.where.section not in {sections.INTRODUCTION}:
        for name, pattern in _METHODS:
            if re.search(pattern, text, re.I):
                yield Fact("method", name, where=sentence.where)
    if not _CITED.search(text):
        for adverse in _ADVERSE:
            for match in adverse.finditer(text):
                yield Fact(
                    "adverse",
                    match["subject"].strip(),
                    "high",
                    endpoint_of(text),
                    "",
                    sentence.where,
                )
    if sentence.own and re.search(r"\b(?:stopp|discontinu|cease|terminat)", text, re.I):
        reasons = re.search(r"\b(?:due to|because of|owing to|for)\b(?P<what>.*)", text)
        counts = list(_COUNT.finditer(text))
        if reasons and counts and all(c.end() <= reasons.start() for c in counts):
            parts = re.split(
                r",\s*(?:and\s+)?|\s+and\s+", reasons["what"].split(", respectively")[0]
            )
            told = "respectively" in text or len(counts) == 1
            if told and len(parts) == len(counts):
                for part, count in zip(parts, counts, strict=True):
                    if re.search(r"progressi", part):
                        yield Fact(
                            "stopped-for-progression", "", "", "", count["count"], sentence.where
                        )
