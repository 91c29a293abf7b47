"""Names of variables and levels: what counts as the same thing under two headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction

from oncohort.dataclass import dataclass
from oncohort.published.rounding import number

_SHORT = re.compile(r"(?<=[ -])\(([A-Z][A-Za-z0-9-]{1,9})s?\)")
_LAST_WORD = re.compile(r"(?<![A-Za-z0-9_'’-])[A-Za-z][\w'’-]{0,80}$")
_MOST_WORDS = 9
_DEFINITION = re.compile(
    r"(?:^|[;,.]\s*)([A-Za-z][A-Za-z0-9/-]{0,9})\s*[:=,]\s*([A-Za-z][A-Za-z \-]{4,90}?)(?=[;,.]|$)"
)

_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "or",
        "of",
        "the",
        "at",
        "in",
        "on",
        "to",
        "for",
        "with",
        "by",
        "from",
        "level",
        "levels",
        "feature",
        "features",
        "classification",
        "class",
        "status",
        "prior",
        "previous",
        "baseline",
        "serum",
        "plasma",
        "value",
        "values",
        "systemic",
        "type",
        "subtype",
        "group",
        "groups",
        "category",
        "categories",
        "versus",
        "vs",
        "v",
        "no",
        "yes",
        "n",
        "patients",
        "patient",
        "ref",
        "reference",
        "years",
        "year",
        "mg",
        "dl",
        "ml",
        "g",
        "l",
    ]
)
_SAME = {
    "gender": "sex",
    "metastases": "metastasis",
    "metastatic": "metastasis",
    "mets": "metastasis",
    "histology": "histolog",
    "histological": "histolog",
    "histologic": "histolog",
    "histopathology": "histolog",
    "bilateral": "bilateral",
    "elderly": "age",
    "karnofsky": "kps",
    "tumour": "tumor",
    "tumours": "tumor",
    "tumors": "tumor",
    "haemoglobin": "hemoglobin",
    "anaemia": "anemia",
    "diarrhoea": "diarrhea",
    "oedema": "edema",
    "leucocyte": "leukocyte",
    "neutrophils": "neutrophil",
    "platelets": "platelet",
}
_BENIGN = frozenset(
    {
        "primary", "tumor", "disease", "therapy", "treatment", "number", "diagnosis", "time",
        "start", "cell", "carcinoma", "rcc", "mrcc", "cancer", "system", "score", "model",
        "criteria", "index", "risk", "presence", "history", "initial", "pathological", "clinical",
        "rate", "count", "concentration", "blood", "total", "classification", "database",
        "consortium", "international", "renal", "performance",
    }
)  # fmt: skip
"""Words that one name of a variable may have more than another."""
_YES = frozenset({"yes", "positive", "present", "presence", "+", "with", "done", "performed"})
_NO = frozenset({"no", "negative", "absent", "absence", "none", "-", "−", "–", "without", "not"})
_OTHERS = frozenset({"others", "other", "rest", "remaining"})

VERSUS = re.compile(
    r"(?<!\s)\s*(?:\bversus\b|\bvs\b\.?|\bcompared with\b|\bcompared to\b)\s*", re.I
)


def abbreviations(text: str) -> dict[str, str]:
    """Short forms that the text defines: "C-reactive protein (CRP)", "CCC: clear cell cancer".

    Examples
    --------
    >>> abbreviations("the C-reactive protein (CRP) level")["crp"]
    'c-reactive protein'
    """
    found: dict[str, str] = {}
    for match in _SHORT.finditer(text):
        long = _initials(_words_before(text, match.start()), match[1])
        if long:
            found.setdefault(match[1].lower(), long.lower())
    return found


def _words_before(text: str, end: int) -> list[str]:
    """The words right before a bracket, nine at most, up to anything that is no word."""
    words: list[str] = []
    for token in reversed(text[max(0, end - 300) : end - 1].split(" ")):
        word = _LAST_WORD.search(token)
        if word is None:
            break
        words.insert(0, word[0])
        if word.start() > 0 or len(words) == _MOST_WORDS:
            break
    return words


def definitions(note: str) -> dict[str, str]:
    """Short forms that a table's footnote explains.

    Examples
    --------
    >>> definitions("CCC: clear cell cancer; OS, overall survival.")["os"]
    'overall survival'
    """
    found = {}
    for match in _DEFINITION.finditer(note):
        if _initials(match[2].split(), match[1]):
            found[match[1].lower()] = match[2].strip().lower()
    return found


def _initials(words: Sequence[str], short: str) -> str:
    """The last words whose initials can spell the short form, or nothing."""
    letters = re.sub(r"[^A-Za-z]", "", short).lower()
    if not letters or short.islower():
        return ""
    for start in range(len(words) - 1, -1, -1):
        tail = words[start:]
        if not tail[0] or tail[0][0].lower() != letters[0]:
            continue
        parts = [p for w in tail for p in re.split(r"[-/]", w) if p]
        spelled = "".join(p[0].lower() for p in parts)
        stream = " ".join(parts).lower()
        if _subsequence(letters, spelled) or (
            len(parts) <= len(letters) and _subsequence(letters, stream)
        ):
            return " ".join(tail)
    return ""


def _subsequence(short: str, long: str) -> bool:
    rest = iter(long)
    return all(letter in rest for letter in short)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Short and long forms of one paper."""

    pairs: tuple[tuple[str, str], ...] = ()

    def fold(self, text: str) -> str:
        """Lower case, with every long form written as its short form."""
        out = re.sub(r"\s+", " ", text.lower())
        for short, long in self.pairs:
            if long in out:
                out = re.sub(rf"(?<!\w){re.escape(long)}s?(?!\w)", short.replace("\\", r"\\"), out)
        return out


def dictionary(pairs: Iterable[tuple[str, str]]) -> Dictionary:
    """Longest long forms first, so that they are folded before their parts."""
    return Dictionary(tuple(sorted(set(pairs), key=lambda p: (-len(p[1]), p))))


def tokens(text: str, words: Dictionary | None = None) -> frozenset[str]:
    """Content words of a name, folded: what two names of one variable have in common.

    Examples
    --------
    >>> sorted(tokens("Number of lung metastases (%)"))
    ['lung', 'metastasis', 'number']
    """
    folded = words.fold(text) if words else text.lower()
    out = set()
    for token in re.findall(r"[a-zà-ÿ0-9]+(?:-[a-zà-ÿ0-9]+)*", folded):
        plain = _SAME.get(token, token)
        if plain in _STOP or (plain.isdigit()):
            continue
        if plain.endswith("s") and len(plain) > 4 and not plain.endswith(("ss", "is", "us")):
            plain = plain[:-1]
        out.add(_SAME.get(plain, plain))
    return frozenset(out)


def best_match(
    name: frozenset[str], candidates: Sequence[frozenset[str]], *, least: float = 0.5
) -> int | None:
    """Index of the one candidate that shares enough with the name; None if unsure.

    The weight of a word falls with the number of candidates that have it; the best candidate
    has to be clearly better than the next.
    """
    if not name:
        return None

    def weight(token: str) -> float:
        return 1.0 / max(sum(token in c for c in candidates), 1)

    scores = []
    for candidate in candidates:
        if not (name ^ candidate) <= _BENIGN:
            # "Lung metastasis" is not "brain metastasis", nor just any metastasis.
            scores.append(0.0)
            continue
        shared = sum(weight(t) for t in name & candidate)
        every = min(sum(weight(t) for t in name), sum(weight(t) for t in candidate))
        scores.append(shared / every if every else 0.0)
    order = sorted(range(len(candidates)), key=lambda k: -scores[k])
    if not order or scores[order[0]] < least:
        return None
    if len(order) > 1 and scores[order[1]] > scores[order[0]] - 0.2:
        return None
    return order[0]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A level that is a range: ``<0.8``, ``≥4``."""

    relation: str
    value: Fraction


_BEFORE = re.compile(r"(<=|>=|[<>≤≥≦≧⩽⩾])\s*(\d+(?:[.,]\d+)?)")
_AFTER = re.compile(
    r"(?<![\d.,])(\d+(?:[.,]\d+)?)\s*+(?:[a-zA-Z/%μµ]++\s*+)?(<=|>=|[<>≤≥≦≧⩽⩾])\s*$"
)
_FLIP = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_NORMAL = {"≤": "<=", "≥": ">=", "≦": "<=", "≧": ">=", "⩽": "<=", "⩾": ">="}


def threshold(text: str) -> Threshold | None:
    """Read a level that is one-sided: "<0.8 mg/dL", "4≤", "≥ 65 years".

    Examples
    --------
    >>> threshold("0.8 mg/dL≤") == threshold("≥0.8")
    True
    """
    plain = text.strip()
    hits = _BEFORE.findall(plain)
    after = _AFTER.search(plain)
    if len(hits) == 1 and not after:
        relation, digits = hits[0]
    elif after and not hits:
        relation = _FLIP[_NORMAL.get(after[2], after[2])]
        digits = after[1]
    else:
        return None
    read = number(digits.replace(",", "."))
    if read is None:
        return None
    return Threshold(_NORMAL.get(relation, relation), read.value)


def is_others(text: str) -> bool:
    """Whether a level means "all the others"."""
    words = set(re.findall(r"[a-z]+", text.lower()))
    return bool(words & _OTHERS) and len(words - _OTHERS) <= 1


def same_level(one: str, two: str, words: Dictionary | None = None) -> bool:
    """Whether two printed levels are the same one.

    Examples
    --------
    >>> same_level("yes", "Positive"), same_level("≥4", "4≤"), same_level("poor", "Favorable")
    (True, True, False)
    """
    first, second = threshold(one), threshold(two)
    if first is not None or second is not None:
        return first == second
    a, b = _level_words(one, words), _level_words(two, words)
    if not a or not b:
        return False
    for group in (_YES, _NO):
        if a <= group and b <= group:
            return True
    if ("non" in a) != ("non" in b) or (a & _NO != b & _NO and (a & _NO or b & _NO)):
        return False
    return a == b or a < b or b < a


def _level_words(text: str, words: Dictionary | None) -> frozenset[str]:
    folded = words.fold(text) if words else text.lower()
    folded = re.sub(r"\bnon[- ]", "non ", folded)
    folded = re.sub(r"\(%\)|\bn\b", " ", folded)
    found = re.findall(r"[a-zà-ÿ0-9+.]+(?:-[a-zà-ÿ0-9]+)*|^[-−–]$", folded.strip())
    drop = {"the", "of", "risk", "group", "cancer", "carcinoma", "patients", "years", "therapy"}
    kept = frozenset(f for f in found if f not in drop)
    return kept or frozenset(found)


_REFERENT = re.compile(
    r"^([^()\[\]]{1,80})[(\[]\s?(?:ref(?:erence|erent)?\.?\s?(?:group|category|level)?\s?[:=]?)\s?"
    r"([^()\[\]]{1,60})[)\]]$",
    re.I,
)
"""A row that says its reference: "10 mL (referent: 3 mL)"."""


def contrast(label: str) -> tuple[str, str, str, str] | None:
    """Split a row label into name, contrast, first side and second side.

    Examples
    --------
    >>> contrast("Gender (male versus female)")
    ('Gender', 'male versus female', 'male', 'female')
    >>> contrast("Age, ≥65 vs. <65 years")
    ('Age', '≥65 vs. <65 years', '≥65', '<65 years')
    >>> contrast("10 mL (referent: 3 mL)")
    ('10 mL', '10 mL versus 3 mL', '10 mL', '3 mL')
    >>> contrast("Hypertension") is None
    True
    """
    stated = _REFERENT.match(label)
    if stated and not VERSUS.search(label):
        level, reference = stated[1].strip(" ,;"), stated[2].strip()
        return level, f"{level} versus {reference}", level, reference
    if not VERSUS.search(label):
        return None
    inside = [m for m in re.finditer(r"[(\[]([^()\[\]]*)[)\]]", label) if VERSUS.search(m[1])]
    if len(inside) == 1:
        text = inside[0][1].strip()
        name = label[: inside[0].start()]
    elif inside:
        return None
    else:
        head = re.split(r"[:,;]\s*", label, maxsplit=1)
        if len(head) == 2 and VERSUS.search(head[1]) and not VERSUS.search(head[0]):
            name, text = head
        else:
            name, text = "", label
    sides = VERSUS.split(text)
    if len(sides) != 2 or not all(s.strip() for s in sides):
        return None
    name = re.sub(r"\([^()]*\)$", "", name.rstrip()).strip(" ,:;")
    return name, text.strip(), sides[0].strip(), sides[1].strip()
