"""Words and patterns that the readers of sentences share."""

from __future__ import annotations

import re

PEOPLE = (
    r"(?:patients?|cases?|subjects?|participants?|individuals?|men|women|males?|females?|pts|"
    r"persons?|people|children|adults|responders?)"
)


INT = r"(?:\d{1,3}(?:,\d{3})+|\d+)"


DEC = r"\d+(?:[.·]\d+)?"


BEFORE = r"(?<![\d.,/·–−'’-])(?<![A-Za-z])(?<!\d )"


COUNT = re.compile(
    rf"{BEFORE}(?P<count>{INT})(?:\s++(?:[a-z-]+\s++){{0,3}}{PEOPLE})?\s*+"
    rf"[(\[]\s*+(?P<percent>{DEC})\s*+%\s*+[)\]]"
)


NOUN = re.compile(PEOPLE + r"|\b(?:tumou?rs?|deaths?)\b", re.I)


NOT_A_COUNT = re.compile(
    r"(?:\bby\s*|\b(?:change|increase|decrease|reduction|improvement|difference|rise|drop|decline|"
    r"loss|gain|value|count|total score)s?\s+(?:of|was|were)\s*)$|"
    r"(?:\b(?:grades?|stages?|fig(?:ure)?s?\.?|tables?|day|week|month|year|cycles?|"
    r"\w{0,12}types?|clusters?|clades?|lineages?|exons?|codons?|chromosomes?|HPV|quintiles?|"
    r"deciles?|tiers?|zones?|items?|questions?|scenarios?|groups?|arms?|"
    r"phase|levels?|scores?|ages?d?|ps|ecog|kps|ctcae|class|line|points?|version|score of|median|"
    r"mean|ref\.?|T|N|M|G|sd|hr|or|p|quartile|tertile|category|aged|than|with|at least|up to|"
    r"over|about|"
    r"approximately|nearly|almost|around)\s*(?:of\s*)?|[<>≤≥=±~]\s*|\d\s*|[–−-]\s*)$",
    re.I,
)


GRADED = re.compile(
    r"\b(?:grades?|scores?|PS|ECOG|KPS|stages?|class|points|pT|cT|ISUP|Fuhrman|Gleason|ASA|Child|"
    r"Clavien|Charlson|lines?|sites?|organs?|lesions?|cycles?|factors?|nodes?)\b"
)


CITED = re.compile(
    r"\bet al\b|\[\s*\d+(?:\s*[,–-]\s*\d+)*\s*\]|"
    r"(?<=[A-Za-z,.])\s*\(\s*\d{1,3}(?:\s*[,–-]\s*\d{1,3})*\s*\)|"
    r"\bprevious(?:ly)? (?:stud|report|publish|trial)|\bother (?:stud|trial|series)|"
    r"\btrial\b.{0,400}\bshowed\b|"
    r"\breported (?:by|in|that|a|an)\b|\bmeta-analys|\bhistorical|\bpublished\b|\bthe literature\b",
    re.I,
)


OWN = re.compile(
    r"\b(?:(?:in|of|from|for)\s+)?(?:this|our|the present|the current)\s+(?:[a-z-]+\s+){0,2}"
    r"(?:study|series|cohort|population|analysis|patients|trial|experience)\b|\bwe (?:found|"
    r"observed)\b|\bthese (?:\d+ )?patients\b",
    re.I,
)


SUBGROUP = re.compile(
    r"\b(?:arms?|groups?|subgroups?|subsets?|subpopulations?|versus|vs|compared|comparison|"
    r"whereas|while|than|those|"
    r"who|whose|responders?|respectively for|stratified|according to|quartile|tertile|"
    r"placebo|control|training|validation|external|matched|per[- ]protocol|evaluable|"
    r"investigator|independent|central|blinded|BICR|IRC|update[ds]?|interim|cut-?off|"
    r"first|second|third|subsequent|1st|2nd|3rd|prior|line|PFS2|landmark|restricted|"
    r"(?:patients|cases|individuals|subjects|men|women|tumou?rs) (?:with|without|treated|"
    r"receiving|undergoing|on|in|achieving|having|under|over|aged)|"
    r"m[ea]n|wom[ea]n|males?|females?|boys|girls|(?:non-?)?smokers?|elderly|younger|older|"
    r"in (?!(?:months?|years?|weeks?|days?|total|all|our|this|these|figures?|fig|tables?|which|"
    r"the (?:present|entire|whole|overall|total|full|study|series|cohort))\b)(?=[A-Za-z])|"
    r"(?:with|without|for|among|after|following|before|between|within|under|receiving|on|if)\b)",
    re.I,
)
