"""Statements of how many patients the whole study has, where a paper makes two that differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from oncohort.audit.document import Table
from oncohort.audit.extract import sections
from oncohort.audit.extract.sentences import Sentence, words_to_digits
from oncohort.audit.extract.vocabulary import CITED, INT
from oncohort.published.model import Fact, Where

_PATIENTS = (
    rf"(?P<n>{INT})\s++(?P<kind>(?:(?!and\b|or\b|of\b)[A-Za-z-]+\s++){{0,3}}?)patients"
    r"(?!\s*+[,(]?\s*+\d)"
)
_STUDY = r"(?:this|the\s++present|our|the\s++current)\s++(?:[a-z-]+\s++)?(?:study|series)"
_INCLUDED = re.compile(
    rf"^(?:overall,\s++|in\s++total,\s++)?(?:a\s++total\s++of\s++|all\s++)?{_PATIENTS}(?P<narrow>[^.;()]*?)"
    r"(?<!\s)\s++(?:were|was)\s++(?:retrospectively\s++)?(?P<verb>included|enrolled|analy[sz]ed|studied)"
    rf"\s++in\s++{_STUDY}\.?$",
    re.I,
)
"""Without "in this study" the sentence before may have narrowed the patients."""
_STUDIED = re.compile(
    rf"^(?:{_STUDY}|we(?!\s++(?:\w+\s++)?analy))\s++(?:retrospectively\s++)?"
    r"(?P<verb>included|enrolled|analy[sz]ed|studied)\s++"
    rf"(?:a\s++total\s++of\s++)?{_PATIENTS}(?P<narrow>[^.;(),]*)\.?$",
    re.I,
)
_CHARACTERISTICS = re.compile(
    rf"\bcharacteristics\s++of\s++(?:the|all)\s++{_PATIENTS}"
    rf"(?:\s++included)?(?:\s++in\s++{_STUDY})?(?P<narrow>)(?=\s*+[.,;]|\s*+$|\s++are\b|\s++were\b)",
    re.I,
)
_ALL = re.compile(
    r"^(?:all(?:\s++patients)?|total|overall|(?:entire|whole)\s++cohort)\s*+[,/]?\s*+"
    rf"\(?\s*+n\s*+=\s*+(?P<n>{INT})\s*+\)?$",
    re.I,
)
_LABEL = re.compile(
    r"^(?:(?:patients?\s++and\s++)?methods|results|background|aim|patients|findings)\s*+[:.]\s*+",
    re.I,
)
_EXCUSE = re.compile(
    r"\bexclu|\bscreen|eligib|\bwithdr|\blost\s+to|\bdrop(?:ped|out|-out)|\bdeclin|\brefus|"
    r"\bincomplete|\bmissing|available|insufficient|evaluable|assessable|could\s+not\s+be|"
    r"\bdid\s+not\s+(?:start|receive|meet|undergo|complete|have)|intent|per[- ]protocol|"
    r"\bsafety\s+(?:population|set|analysis)|randomi|\btraining|validation|\bcohorts\b|"
    r"\bcontrols?\b|\barms?\b|healthy|matched|propensity|external|\bupdate|\bcut-?off\s+date|"
    r"\b(?:additional|another|further|other)\s+(?:\d+\s+)?patients|\bsubsets?\b|\bsub-?stud|"
    r"\bparts?\s+(?:one|two|1|2|A|B)\b|\bphase\s+I",
    re.I,
)
"""Words with which a paper explains, anywhere, why two numbers of patients differ."""
_CLASS = {"enrolled": "enrolled", "analysed": "analysed", "analyzed": "analysed"}
_EVERYDAY = frozenset({"consecutive", "adult", "included", "total"})


def read_sizes(sentences: Sequence[Sentence], tables: Sequence[Table]) -> list[Fact]:
    """Sizes of the whole cohort, if the paper states more than one and explains none away.

    Each fact has the kind ``cohort-size``, the size as ``value``, what was done to the patients
    (included, enrolled, analysed) as ``subject`` and what narrows them as ``level``.
    """
    found = [*_in_sentences(sentences), *_in_tables(tables)]
    if len({f.value for f in found}) < 2:
        return []
    text = [s.text for s in sentences]
    for table in tables:
        text += [table.caption, *table.notes, *(c for row in table.header for c in row)]
    return [] if any(_EXCUSE.search(t) for t in text) else found


def _in_sentences(sentences: Sequence[Sentence]) -> Iterator[Fact]:
    for sentence in sentences:
        section = sentence.where.section
        if section not in {sections.ABSTRACT, sections.METHODS, sections.RESULTS}:
            continue
        if not sentence.own and CITED.search(sentence.text):
            continue
        text = sections.RUN_IN.sub("", sentence.text, count=1)
        text = words_to_digits(_LABEL.sub("", text).strip())
        for pattern in (_INCLUDED, _STUDIED, _CHARACTERISTICS):
            match = pattern.search(text)
            if match:
                verb = match.groupdict().get("verb") or "included"
                yield _fact(match["n"], verb, match["kind"] + match["narrow"], sentence.where)
                break


def _in_tables(tables: Sequence[Table]) -> Iterator[Fact]:
    for table in tables:
        if not re.search(r"\bcharacteristics|\bdemographic", table.caption, re.I):
            continue
        match = _CHARACTERISTICS.search(table.caption)
        where = Where("table", table.label, quote=table.caption.strip())
        if match and match.end() >= len(table.caption.rstrip(" .")):
            yield _fact(match["n"], "included", match["kind"], where)
            continue
        for column in range(1, table.width):
            for heading in table.heading(column).split(" / ")[:1]:
                head = _ALL.match(heading.strip())
                if head and not re.search(r"\b(?:with|who|by|according)\b", table.caption):
                    yield _fact(
                        head["n"],
                        "included",
                        "",
                        Where("table", table.label, "", heading.strip(), table.page, heading),
                    )


def _fact(n: str, verb: str, narrow: str, where: Where) -> Fact:
    words = [w for w in re.findall(r"[a-z-]+", narrow.lower()) if w not in _EVERYDAY]
    return Fact(
        "cohort-size",
        _CLASS.get(verb.lower(), "included"),
        " ".join(words),
        "",
        n.replace(",", ""),
        where,
    )
