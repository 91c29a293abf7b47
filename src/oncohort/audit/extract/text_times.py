"""Median times, survival at fixed times, and numbers of events, said in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from oncohort.audit.extract.endpoints import endpoint_of
from oncohort.audit.extract.sentences import Sentence, first_clause, of_everyone
from oncohort.audit.extract.vocabulary import BEFORE, DEC, INT, NOT_A_COUNT, PEOPLE
from oncohort.published.model import (
    Events,
    Landmark,
    Time,
)

_TIME_UNIT = r"(?P<unit>months?|mos?\b|years?|yrs?\b|weeks?|days?)"


_CI = (
    r"(?:\s*+[(\[]\s*+(?:(?P<cl{k}>9\d)\s*+%\s*+(?:CI|C\.I\.|confidence intervals?(?: "
    r"\(CI\))?)\s*+[:=,]?\s*+|"
    r"(?P<range{k}>range|IQR|interquartile range)\s*+[:=,]?\s*+)"
    r"(?P<low{k}>\d+(?:[.·]\d+)?)\s*+(?:months?\s*+)?(?:[-–—−]|to|,)\s*+"
    r"(?P<high{k}>\d+(?:[.·]\d+)?|NR|NE|not (?:reached|estimable|evaluable))"
    r"\s*+(?:months?|years?|weeks?|days?)?\s*+[)\]])?"
)


_MEDIAN = re.compile(
    r"\bmedian\b(?P<names>[^.;]{0,220}?)\b(?:was|were|is|are|of|reached|[:=])\s*+"
    r"(?:estimated (?:at|to be)\s*+)?(?:only\s*+)?"
    r"(?P<v1>\d+(?:[.·]\d+)?)\s*+(?:(?:months?|years?|weeks?|days?)\b)?" + _CI.replace("{k}", "1")
    + r"(?P<more>(?:\s*+,?\s*+(?:and|,)\s*+\d+(?:[.·]\d+)?(?![\d%])(?:\s*+(?:months?|years?))?)*)"
    r"(?:\s*+" + _TIME_UNIT + r")?(?P<after>" + _CI.replace("{k}", "2")
    + r"(?:[^.;]|\.(?=\d)){0,400}?(?=\bmedian\b|;|\.(?!\d)|$))",
    re.I,
)  # fmt: skip
_DURATION = re.compile(
    r"(?:duration|period|length|time)\s+(?:of|on)\s+(?:[a-z-]+\s+){0,2}?"
    r"(?:treatment|therapy|exposure|administration)|"
    r"(?:treatment|therapy|exposure)\s+(?:duration|period|time)|"
    r"time to (?:treatment )?discontinuation",
    re.I,
)


_BOUNDS_NEXT = re.compile(r"\b(?:C\.?I\.?|intervals?|range|IQR)[)\]]?\s*$", re.I)
"""Before the bounds of a median that was not reached: "PFS was NR (95% CI: 8.2-NR)"."""
_SOME_FOLLOWED = re.compile(
    r"\balive\b|\bsurviv(?:ors?|ing)\b|\bthose\b|\bthese (?:patients|women|men|cases)\b", re.I
)
"""Whose follow-up is that of some patients: the survivors', or those spoken of before."""
_FOLLOW_UP = re.compile(r"follow[- ]?up|observation (?:period|time)", re.I)


def read_times(sentence: Sentence, cohort: str) -> Iterator[Time]:
    text = sentence.text
    for match in _MEDIAN.finditer(text):
        names_text = match["names"]
        if len(names_text) > 220 or text[: match.start()].endswith("mean and "):
            continue
        if _BOUNDS_NEXT.search(names_text):
            continue
        names = _endpoint_list(names_text)
        values = [match["v1"], *re.findall(r"\d+(?:[.·]\d+)?", match["more"] or "")]
        unit = match["unit"] or ""
        if not unit:
            inside = re.search(r"\b(months?|years?|weeks?|days?)\b", match[0][len(names_text) :])
            unit = inside[1] if inside else ""
        if not unit or not names:
            continue
        if len(values) != len(names):
            if len(names) != 1:
                continue
            values = values[:1]
        after = match["after"] or ""
        lead = re.split(r"[;:]", text[: match.start()])[-1]
        scope = f"{lead} {names_text} | {first_clause(after)}"
        if len(names) > 1:
            scope = scope.replace("respectively", "")
        alone = not (match["more"] or "").strip()
        whole = (
            sentence.own
            and len(values) == len(names)
            and (alone or len(names) > 1)
            and not _SECOND_VALUE.search(first_clause(after))
            and of_everyone(_strip_names(scope), cohort)
            and not (names == ["follow-up"] and _SOME_FOLLOWED.search(text))
        )
        origin = re.search(r"\b(?:from|since|after)\b[^|,]*", names_text)
        for index, value in enumerate(values):
            name = names[index] if len(values) == len(names) else names[0]
            k = "1" if match["low1"] else "2"
            single = (
                len(values) == 1 and (alone or bool(match["low1"])) and not _other_unit(match, unit)
            )
            spread = ""
            if single and match[f"low{k}"]:
                named = (match[f"range{k}"] or "").lower()
                spread = {"": "interval", "range": "range"}.get(named, "quartiles")
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


def _other_unit(match: re.Match[str], unit: str) -> bool:
    """Whether the brackets count in another unit than the median ("1.2 years (10-18 months)")."""
    inside = re.findall(r"[(\[][^()\[\]]*?\b(month|year|week|day|cycle)s?\b", match[0])
    return any(not unit.lower().startswith(u[:2].lower()) for u in inside)


_SECOND_VALUE = re.compile(
    r"(?<![–−-])\b\d+(?:[.·]\d+)?\s*(?:months?|years?|weeks?|days?)\b(?!\s*[)\]])|\bvs\b|versus",
    re.I,
)


def _strip_names(text: str) -> str:
    """Without the endpoints' own words ("free survival" has no narrowing in it)."""
    text = re.sub(r"\b(?:as )?shown in (?:figure|fig\.?|table)\s*\w+,?", " ", text, flags=re.I)
    return re.sub(
        r"\bkaplan[–-]meier\b|time (?:to|on) [a-z ]+|period of treatment with [a-z]+|"
        r"duration of [a-z ]+",
        " ",
        text,
        flags=re.I,
    )


def _endpoint_list(text: str) -> list[str]:
    found: list[tuple[int, str]] = []
    if _PART.search(text) or re.search(r"\bmeans? and medians?\b|^ and means?\b", text, re.I):
        return []
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
    elif _FOLLOW_UP.search(text) or _DURATION.search(text) or _OTHER_TIME.search(text):
        return []
    return [name for _, name in sorted(found)]


_OTHER_TIME = re.compile(r"\btimes?[- ]to[- ]|\bTT[A-Z]\b", re.I)
"""A further measure in the list, which has a value of its own."""


_PART = re.compile(
    r"\b(?:local|loco-?regional|metastatic|distant|intracranial|biochemical)[- ](?:progression|"
    r"recurrence|relapse|metastas[ie]s)[- ]free\b",
    re.I,
)
"""Freedom from progression of one kind only."""


_LANDMARK = re.compile(
    r"(?<![\d.])(?P<times>\d+(?:\.\d+)?-?(?:\s*(?:,|and|, and|/)\s*\d+(?:\.\d+)?-?){0,9})"
    r"[ -](?P<unit>year|month|yr)s?\b"
    r"(?P<name>[^.;%]{0,80}?)\b(?:was|were|of|[:=])\s*"
    r"(?P<values>\d+(?:[.·]\d+)?\s*%?(?:\s*(?:,|and|, and)\s*\d+(?:[.·]\d+)?\s*%?){0,9})"
    r"(?P<after>[^.;]*)",
    re.I,
)


_DEATHS = re.compile(
    rf"{BEFORE}(?P<count>{INT})\s*+(?P<people>{PEOPLE})?\s*+"
    rf"(?:[(\[]\s*+(?P<percent>{DEC})\s*+%\s*+[)\]]\s*+)?"
    r"(?:(?:had|have)\s+)?(?P<what>deaths?|died|(?:disease )?progress(?:ed|ions?))\b",
    re.I,
)


def read_landmarks(sentence: Sentence, cohort: str) -> Iterator[Landmark]:
    """Survival at fixed times: "the 1-, 2- and 3-year OS rates were 80, 60 and 40%"."""
    text = sentence.text
    if re.search(r"\b(?:assum|hypothes|expect|power\b|acceptable)", text, re.I):
        return
    for match in _LANDMARK.finditer(text):
        endpoint = endpoint_of(match["name"])
        times = re.findall(r"\d+(?:\.\d+)?", match["times"])
        values = re.findall(DEC, match["values"])
        if not endpoint or len(times) != len(values) or "%" not in match["values"]:
            continue
        if re.search(r"median|follow|year|month|\d", match["name"], re.I):
            continue
        lead = re.split(r"[;:]|\band\b", text[: match.start()])[-1]
        scope = f"{lead} {match['name']} | {first_clause(match['after'])}".replace(
            "respectively", ""
        )
        whole = sentence.own and not re.search(r"%", match["after"]) and of_everyone(scope, cohort)
        for time, value in zip(times, values, strict=True):
            yield Landmark(
                endpoint,
                time,
                {"yr": "year"}.get(match["unit"].lower(), match["unit"].lower()) + "s",
                value.replace("·", "."),
                population="cohort" if whole else "",
                where=sentence.where,
            )


def read_events(sentence: Sentence, cohort: str) -> Iterator[Events]:
    """Deaths and progressions that a sentence counts."""
    if not sentence.own:
        return
    for match in _DEATHS.finditer(sentence.text):
        what = match["what"].lower()
        if what.startswith("progress") and not match["people"]:
            continue
        before = sentence.text[: match.start()]
        if NOT_A_COUNT.search(before):
            continue
        whole = of_everyone(before.split(",")[-1] + " | " + sentence.text[match.end() :], cohort)
        yield Events(
            "OS" if what.startswith(("death", "died")) else "PFS",
            match["count"].replace(",", ""),
            (match["percent"] or "").replace("·", "."),
            "cohort" if whole else "",
            sentence.where,
        )
