"""Words that depend on a number, on a key or on their place in a sentence."""

from __future__ import annotations

import re
from datetime import date

from oncohort.endpoints.cohort import VariableInfo
from oncohort.vocabulary.plurals import plural


def were(n: float | None) -> str:
    """ "was" for one, else "were"."""
    return "was" if n == 1 else "were"


def patients(n: float | None) -> str:
    """ "patient" for one, else "patients"."""
    return plural(n, "patient")


def human(key: str) -> str:
    """A key as words: ``lost_to_follow_up`` to "lost to follow up"."""
    return key.replace("_", " ").strip()


def low_first(words: str) -> str:
    """First letter small, unless the word is an abbreviation ("IMDC risk") or a formula.

    Examples
    --------
    >>> low_first("Overall survival"), low_first("IMDC risk"), low_first("C-reactive protein")
    ('overall survival', 'IMDC risk', 'C-reactive protein')
    """
    head = words[:2]
    if len(head) == 2 and head[0].isupper() and head[1].islower():
        return words[0].lower() + words[1:]
    return words


COMMON = frozenset({
    "a", "absent", "adverse", "age", "alive", "all", "any", "baseline", "best", "bilateral",
    "body", "bone", "both", "brain", "cancer", "central", "chemotherapy", "chronic", "clear",
    "clinical", "combined", "complete", "concurrent", "current", "cytokine", "dead",
    "differentiated", "disease", "dose", "early", "elevated", "ethnicity", "ever", "family",
    "favorable", "favourable", "female", "first", "first-line", "former", "full", "gender",
    "good", "grade", "haemoglobin", "hemoglobin", "high", "higher", "histology", "history",
    "immunotherapy", "intermediate", "large", "last", "late", "left", "length", "line", "lines",
    "liver", "local", "location", "low", "lower", "lung", "lymph", "male", "maximum", "mean",
    "median", "menopausal", "metachronous", "metastases", "metastasis", "metastatic", "mild",
    "minimum", "mixed", "moderate", "monotherapy", "mucinous", "multiple", "mutant", "negative",
    "nephrectomy", "never", "no", "node", "nodes", "non-clear", "none", "normal", "not",
    "number", "older", "one", "other", "papillary", "partial", "pathological", "performance",
    "poor", "positive", "present", "previous", "primary", "prior", "progressive",
    "radiotherapy", "recurrent", "reduced", "response", "right", "risk", "sarcomatoid",
    "second", "second-line", "serum", "severe", "sex", "side", "single", "site", "sites",
    "size", "small", "smoker", "smoking", "squamous", "stable", "stage", "surgery", "surgical",
    "synchronous", "third", "three", "time", "total", "treatment", "tumor", "tumors", "tumour",
    "tumours", "two", "type", "unilateral", "unknown", "weight", "well", "white", "without",
    "year", "years", "yes", "young", "younger",
})  # fmt: skip
"""Words that lose their capital inside a sentence; any other name stays as it is written."""


DRUG = re.compile(
    r"(tinib|fenib|zumab|ximab|mumab|limus|platin|taxel|rubicin|tecan|citabine|parib)$"
)
"""Endings of generic names of drugs, which have no capital."""


def name_in_text(label: str) -> str:
    """A label of the chart inside a sentence: a name stays as written, a common word is small.

    Examples
    --------
    >>> name_in_text("Male"), name_in_text("Nagoya"), name_in_text("lumA")
    ('male', 'Nagoya', 'lumA')
    >>> name_in_text("Renal Cell Carcinoma"), name_in_text("Number of metastases")
    ('Renal Cell Carcinoma', 'number of metastases')
    """
    first, *others = label.split(" ")
    titled = any(w[:1].isupper() and w[1:].islower() for w in others)
    word = first.strip(",;:").lower()
    if titled or not first[1:].islower() or not (word in COMMON or DRUG.search(word)):
        return label
    return label[:1].lower() + label[1:]


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def date_words(day: date) -> str:
    """A date in words, whatever the locale.

    Examples
    --------
    >>> date_words(date(2017, 6, 30))
    '30 June 2017'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def up_first(words: str) -> str:
    """First letter large, unless the word has its own spelling ("mTOR", "pT stage").

    Examples
    --------
    >>> up_first("overall survival"), up_first("mTOR inhibitor")
    ('Overall survival', 'mTOR inhibitor')
    """
    first = words.split(" ")[0]
    return words if any(c.isupper() for c in first[1:]) else words[:1].upper() + words[1:]


def per_step(info: VariableInfo | None) -> str:
    """What the ratio of a number compares: one unit, or what the variable declares.

    Examples
    --------
    >>> from oncohort.endpoints.effects import Effect
    >>> per_step(VariableInfo("age", "Age", "continuous", unit="years", effect=Effect(per=10)))
    'per 10 years'
    """
    unit = "" if info is None else info.unit
    return (info.effect.step(unit) if info is not None else "") or _per_unit(unit)


def _per_unit(unit: str) -> str:
    """What one unit of a continuous covariate is.

    Examples
    --------
    >>> _per_unit("years"), _per_unit("mg/dL"), _per_unit("")
    ('per year', 'per 1 mg/dL', 'per unit')
    """
    if not unit:
        return "per unit"
    if unit in ("years", "months", "weeks", "days", "points", "sites", "metastases"):
        return f"per {'metastasis' if unit == 'metastases' else unit[:-1]}"
    return f"per 1 {unit}"
