"""Best responses and response rates, said in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from oncohort.audit.extract.sentences import Sentence, denominator_of, first_clause, of_everyone
from oncohort.audit.extract.vocabulary import COUNT, DEC
from oncohort.published.model import (
    Level,
    Rate,
    Response,
)

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


def _mentions(text: str) -> list[tuple[int, str]]:
    found = []
    for name, pattern in _RESPONSES:
        spans = [m.start() for m in re.finditer(pattern, text)]
        if spans:
            # "complete response (CR)" is one mention.
            found.append((spans[0], name))
            found.extend((s, name) for a, s in pairwise(spans) if s - a > 40)
    return sorted(found)


def read_responses(sentence: Sentence, cohort: str) -> Iterator[Response]:
    if not sentence.own or re.search(
        r"\b(?:arm|group|versus|vs|lung|liver|bone)\b", _plain(sentence.text)
    ):
        return
    if re.search(r"\brates?\b", sentence.text) or "confirm" in sentence.text:
        return
    levels: list[Level] = []
    for clause in re.split(r";\s*", sentence.text):
        counts = list(COUNT.finditer(clause))
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


def read_rates(sentence: Sentence, cohort: str) -> Iterator[Rate]:
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
            rf"(?P<values>{DEC}\s*%?(?:\s*(?:,|and|, and)\s*{DEC}\s*%?)*)(?P<rest>.{{0,80}})",
            text[verb.end() :],
            re.S,
        )
        if not names or tail is None or "%" not in tail["values"]:
            continue
        values = re.findall(DEC, tail["values"])
        if len(values) != len(names):
            continue
        if len(values) > 1 and "respectively" not in tail["rest"]:
            continue
        rest = tail["rest"]
        own = sentence.own and of_everyone(head + " | " + first_clause(rest), cohort)
        ci = re.match(
            r"\s*+[(\[]\s*+(?:(?P<count>\d+)\s*+(?:/|(?:out )?of)\s*+(?P<of>\d+)\s*+[;,]?\s*+)?"
            r"(?:(?P<cl>9\d)\s*+%\s*+(?:CI|confidence "
            rf"interval)\s*+[:=,]?\s*+(?P<low>{DEC})\s*+%?\s*+(?:[-–—−]|to|"
            rf",)\s*+(?P<high>{DEC})\s*+%?)?\s*+[)\]]",
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
