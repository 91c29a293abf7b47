"""P-values, methods and directions of effects, said in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from oncohort.audit.extract import sections
from oncohort.audit.extract.endpoints import endpoint_of, model_of
from oncohort.audit.extract.sentences import Sentence
from oncohort.audit.extract.vocabulary import CITED, COUNT
from oncohort.published.model import (
    Fact,
    PValue,
)

_PVALUE = re.compile(
    r"\(\s*(?:log[- ]?rank )?p\s*(?P<relation>[=<>≤≥])\s*(?P<p>\d*[.·]\d+)\s*\)", re.I
)


def read_p_values(sentence: Sentence) -> Iterator[PValue]:
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


_ADVERSE = (
    re.compile(
        r"\b(?:poor|high)[- ]risk\b[^.;]{0,40}\b(?:and|or|and/or)\s++(?:those with\s++)?"
        r"(?:an?\s++)?"
        r"(?P<level>elevated|high|higher|increased)\s++(?P<subject>[A-Za-z][\w "
        r"-]{1,40}?)(?:\s++levels?|\s++values?)?(?=[.,;)]|$)",
        re.I,
    ),
    re.compile(
        r"\b(?P<level>elevated|high|higher|increased)\s++(?:baseline\s++|serum\s++|"
        r"pretreatment\s++)?(?P<subject>[A-Za-z][\w -]{1,40}?)"
        r"(?:\s++levels?|\s++values?)?\s++(?:was|were|is|are|had|has)?\s*+(?:significantly\s++|"
        r"independently\s++)*+"
        r"(?:associated with|correlated with|related to|predict(?:ed|ive of|s)?|(?:a|"
        r"an)?)\s*+(?:a\s++|an\s++|significantly\s++|independent\s++)*+"
        r"(?:poor|poorer|worse|shorter|inferior|unfavou?rable|adverse|lower)\b",
        re.I,
    ),
)


_METHODS: tuple[tuple[str, str], ...] = (
    ("log-rank", r"\blog[- ]?rank\b"),
    ("weights", r"inverse probability|\bIPTW\b|propensity|\bweighted\b|\bmatched\b|matching"),
    (
        "weighted-shares",
        r"weighted (?:percent|proportion|prevalence|estimate|frequenc|data\b|sample|n\b)|"
        r"(?:sampling|survey|sample|post-?stratification) weights?\b|\bwere weighted\b",
    ),
    ("resampling", r"permutation|randomi[sz]ation test|bootstrap|monte carlo|jackknife"),
    ("mantel-haenszel", r"mantel[- –]haenszel|\bCMH\b|mcnemar|stratified (?:test|analys|chi)"),
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
    (
        "multiplicity",
        r"bonferroni|\bholm\b|hochberg|benjamini|false discovery|\bFDR\b|tukey|scheff[eé]|dunnett|"
        r"dunn's|games[- ]howell|[sš]id[aá]k|newman[- ]keuls|multiple (?:testing|comparison|test)|"
        r"(?:adjusted|corrected) p|p[- ]values? (?:were|was|are) (?:adjusted|corrected)|"
        r"post[- ]?hoc",
    ),
    ("sphericity", r"greenhouse|geisser|huynh|feldt|sphericity|mauchly|repeated[- ]measures?"),
    (
        "ranks",
        r"wilcoxon|mann[- –]whitney|kruskal|friedman|spearman|kendall|rank[- ]sum|signed[- ]rank|"
        r"\bU[- ]tests?\b|non-?parametric",
    ),
    (
        "pooled",
        r"\bwe (?:did|performed|conducted|undertook) (?:this|a) (?:systematic review|"
        r"meta-analysis)|\b(?:in|of) (?:this|our|the present) meta-analysis|"
        r"\bpooled (?:HR|OR|RR|hazard|odds|risk)",
    ),
    ("exact", r"\bfisher|\bexact (?:test|p|method)|permutation|monte carlo|randomi[sz]ation test"),
)


def read_facts(sentence: Sentence) -> Iterator[Fact]:
    text = sentence.text
    if sentence.where.section not in {sections.INTRODUCTION}:
        for name, pattern in _METHODS:
            if re.search(pattern, text, re.I):
                yield Fact("method", name, where=sentence.where)
        if sentence.own and re.search(r"\b(?:person|patient)[- ](?:years|months|days)\b", text):
            yield Fact("person-time", where=sentence.where)
    if not CITED.search(text):
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
        counts = list(COUNT.finditer(text))
        if reasons and counts and all(c.end() <= reasons.start() for c in counts):
            parts = re.split(
                r",\s*(?:and\s+)?|\sand\s+", reasons["what"].split(", respectively")[0]
            )
            told = "respectively" in text or len(counts) == 1
            if told and len(parts) == len(counts):
                for part, count in zip(parts, counts, strict=True):
                    if re.search(r"progressi", part):
                        yield Fact(
                            "stopped-for-progression", "", "", "", count["count"], sentence.where
                        )
