"""Personal data in a chart: columns and texts that name somebody, and what to do about them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Literal

from oncohort.dataclass import dataclass
from oncohort.records.columns import as_list
from oncohort.records.composed_names import composed_kind
from oncohort.records.grid import Cell, Column
from oncohort.records.names import fold
from oncohort.records.values import text_of
from oncohort.vocabulary.phrases import one_of
from oncohort.vocabulary.plurals import counted
from oncohort.vocabulary.words import names, personal_names

Kind = Literal["name", "initials", "birth", "number", "phone", "email", "address", "text"]

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[a-z]{2,}", re.IGNORECASE)
_PHONE = re.compile(r"^(?:\+|00|0)[\d() /-]{7,19}$|^\(\d{2,5}\) ?[\d /-]{5,14}$")
_PHONE_IN = re.compile(
    rf"(?:\b{one_of('telephone')}\b[^\d(+\n]{{0,20}}|{one_of('telephone_unspaced')}[：: ]{{0,2}})"
    r"\+?[\d(][\d() /-]{4,19}"
    r"|(?<=[^\W\d_] )(?:\+\d{1,3} ?\d{2,4}|0\d{2,4})[ /-]\d{3,4} ?\d{3,5}(?!\d)",
    re.IGNORECASE,
)
_SPELLED_BIRTH = re.compile(
    rf"\b{one_of('born')}\b[. ]{{0,3}}{one_of('on_day')}?[: ]{{0,2}}"
    r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}",
    re.IGNORECASE,
)
_NHS = re.compile(r"^\d{3}[- ]\d{2}[- ]\d{4}$|^\d{3} \d{3} \d{4}$")
_NATIONAL = re.compile(
    r"^756\.\d{4}\.\d{4}\.\d{2}$"  # Switzerland
    r"|^\d{2}[01]\d[0-3]\d-[1-8]\d{6}$"  # Korea
    r"|^[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]$"  # Italy
    r"|^\d{3}\.\d{3}\.\d{3}-\d{2}$"  # Brazil
    r"|^[12] \d{2} [01]\d \d[\dAB] \d{3} \d{3}(?: \d{2})?$"  # France
)
"""Numbers that states give to people, by their shape."""
_TITLED = re.compile(
    rf"\b{one_of('title')}\.? +(?:med\.? +)?[A-ZÄÖÜÉÈÁÍÓÚÑÇ][a-zäöüßéèêáíóúñçã-]+"
    rf"|[一-龥]{{1,4}}{one_of('title_behind')}"
)
_COMMA_NAME = re.compile(r"^[A-ZÄÖÜÉ][a-zäöüßéè'-]+, ?[A-ZÄÖÜÉ][a-zäöüßéè'.-]+( [A-Z]\.)?$")
_TWO_NAMES = re.compile(r"^[A-ZÄÖÜÉ][a-zäöüßéè'-]+ [A-ZÄÖÜÉ][a-zäöüßéè'-]+$")
_NAME_PARTS = re.compile(r"[ ,;]+")
_FULL_NAME = re.compile(r"[^\W\d_a-zß-ÿ][\w'’.-]*(?: [\w'’.-]+){0,2} [^\W\d_a-zß-ÿ][\w'’.-]*")
"""First and last name, each with a capital letter, or of a script without."""
_STREET = re.compile(
    rf"^\d{{1,5}}[a-z]? [A-Z][\w ]+ {one_of('street')}\.?$"
    rf"|^[A-ZÄÖÜ][\wäöüß]+{one_of('street_ending')} ?\d+",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"^[A-Z]\. ?-?[A-Z]\.( ?-?[A-Z]\.)?$")
_NUMBER = re.compile(r"\s*[-+]?\d+([.,]\d+)?\s*")
_DATE = re.compile(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}(?: [\d:]+)?")
SAMPLED = 2000
_PATTERNS: tuple[tuple[Kind, re.Pattern[str], float], ...] = (
    ("email", _EMAIL, 0.2),
    ("number", _NHS, 0.6),
    ("number", _NATIONAL, 0.6),
    ("phone", _PHONE, 0.6),
    ("address", _STREET, 0.4),
    ("name", _COMMA_NAME, 0.5),
)
"""Kind, what a value looks like, and the share of values from which a column is of that kind."""

_ADVICE: Mapping[Kind, str] = {
    "name": "Drop the column",
    "initials": "Drop the column",
    "birth": "Replace it by the age at the start of treatment",
    "number": "Replace it by a study number of your own",
    "phone": "Drop the column",
    "email": "Drop the column",
    "address": "Drop the column",
    "text": "Read the texts and take the names out",
}
PERSONAL: Mapping[Kind, str] = {
    "name": "names of people",
    "initials": "initials",
    "birth": "dates of birth",
    "number": "hospital or insurance numbers",
    "phone": "telephone numbers",
    "email": "e-mail addresses",
    "address": "addresses",
    "text": "free text that names people",
}
"""Kinds of personal data, in words."""


@cache
def _id_names() -> frozenset[str]:
    return frozenset(fold(n) for n in names()["any"]["patient"])


@cache
def _by_name() -> Mapping[str, Kind]:
    out: dict[str, Kind] = {}
    for kind in PERSONAL:
        for name in personal_names(kind) if kind != "text" else ():
            out.setdefault(fold(name), kind)
    return out


def personal_kind(folded: str) -> Kind | None:
    """The kind of personal data that a folded column name means."""
    return _by_name().get(folded)


@dataclass(frozen=True, slots=True)
class Personal:
    """A column with personal data."""

    column: str
    kind: Kind
    evidence: str
    first: int
    """Index of the first row that shows it."""

    @property
    def words(self) -> str:
        """What the column holds, in words."""
        return PERSONAL[self.kind]

    @property
    def advice(self) -> str:
        """What to do."""
        return _ADVICE[self.kind]


def find_personal(
    headers: Sequence[str],
    columns: Sequence[Column],
    identifiers: Sequence[str] = (),
) -> list[Personal]:
    """Columns that identify people, by their names and by what they hold.

    Parameters
    ----------
    headers, columns
        The columns of a sheet; its first rows are enough.
    identifiers
        Columns that a data dictionary marks as identifiers.

    Nothing of the values is kept or shown: the evidence is a count.

    Examples
    --------
    >>> found = find_personal(("id", "Contact"), ([1, 2], ["ann@clinic.org", "bob@clinic.org"]))
    >>> [(p.column, p.kind) for p in found]
    [('Contact', 'email')]
    """
    out: list[Personal] = []
    for name, values in zip(headers, columns, strict=True):
        found = _one(name, values)
        if found is None and name in identifiers:
            found = Personal(name, "name", "the data dictionary marks it as an identifier", 0)
        if found is not None:
            out.append(found)
    return out


def _one(name: str, values: Column) -> Personal | None:
    kind = _named(name)
    if not isinstance(values, list):
        if values.dtype.is_numeric() and not kind:
            return None
        values = values.head(SAMPLED)
    sample = as_list(values)[:SAMPLED]
    if kind == "birth" and no_birth(name, [text_of(v) for v in sample if v is not None]):
        return None
    if kind is not None:
        first = next((i for i, v in enumerate(sample) if v is not None and text_of(v)), None)
        if first is None:
            return None
        return Personal(name, kind, f"the column is named {name!r}", first)
    texts = _Texts.of(sample)
    if texts.kinds < 0.02 * texts.total:
        return None  # a category: the same few words over and over
    return _within_texts(name, texts) or _whole_values(name, texts)


def people_in(found: Sequence[Personal], held: Mapping[str, Column]) -> frozenset[str]:
    """Names of people, their numbers and e-mail addresses, of columns that are called so.

    A column that only looks like names may hold drugs or towns. First and last name of one row
    belong together, in either order.

    Parameters
    ----------
    found
        What :func:`find_personal` found.
    held
        Values by column.

    Examples
    --------
    >>> columns = {"Name": ["Schmidt, Anna", "Hans Weber"]}
    >>> sorted(people_in(find_personal(tuple(columns), tuple(columns.values())), columns))
    ['Anna Schmidt', 'Hans Weber', 'Schmidt Anna', 'Weber Hans']
    """
    texts = {
        p.column: [" ".join(text_of(v).split()) for v in as_list(held[p.column])]
        for p in found
        if p.kind in ("name", "number", "email") and p.kind == _named(p.column) and p.column in held
    }
    numbers = [p.column for p in found if p.kind in ("number", "email") and p.column in texts]
    out = {v for column in numbers for v in texts[column]}
    named = [texts[p.column] for p in found if p.kind == "name" and p.column in texts]
    whole = {_NAME_PARTS.sub(" ", v) for column in named for v in column}
    parts = list(zip(*named, strict=True)) if len(named) > 1 else []
    whole |= {f"{a} {b}" for row in parts for a, b in pairwise(row)}
    for name in whole:
        if _FULL_NAME.fullmatch(name):
            first, _, last = name.rpartition(" ")
            out |= {name, f"{last} {first}"}
    return frozenset(out - {""})


def names_somebody(text: str) -> bool:
    """Does a text hold a title with a name, an address, a telephone number or a birth?

    Examples
    --------
    >>> names_somebody("asked Dr. Weiss"), names_somebody("Sunitinib, Sorafenib")
    (True, False)
    """
    return any(p.search(text) for p in (_TITLED, _EMAIL, _PHONE_IN, _SPELLED_BIRTH))


def no_birth(name: str, texts: Collection[str]) -> bool:
    """Is a name that may mean a birth another thing by its values?

    `DDN` is the date of the last news in French as well: all days are of this century then. `Dob`
    is the age in Croatian: all values are numbers of years.

    Examples
    --------
    >>> no_birth("DDN", ["12/03/2016", "2017-01-02"]), no_birth("DDN", ["12/03/1951"])
    (True, False)
    >>> no_birth("Dob", ["61", "48"]), no_birth("DOB", ["1961-02-03"])
    (True, False)
    """
    texts = [t for t in texts if t]
    if fold(name) == "ddn":
        years = [re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", t) for t in texts]
        return sum(any(y >= "2000" for y in found) for found in years) >= max(0.95 * len(texts), 1)
    if fold(name) == "dob":
        return bool(texts) and all(re.fullmatch(r"\d{1,3}([.,]\d+)?", t) for t in texts)
    return False


@dataclass(frozen=True, slots=True)
class _Texts:
    """The texts of a column that are no numbers: each is looked at once."""

    count: Mapping[str, int]
    first: Mapping[str, int]
    """The row in which it stands first."""
    total: int

    @staticmethod
    def of(values: Sequence[Cell]) -> _Texts:
        first: dict[str, int] = {}
        counts: Counter[str] = Counter()
        for i, v in enumerate(values):
            if isinstance(v, str):
                counts[v] += 1
                first.setdefault(v, i)
        words = {v: n for v, n in counts.items() if len(v) > 3 and not _NUMBER.fullmatch(v)}
        return _Texts(words, first, sum(words.values()))

    @property
    def kinds(self) -> int:
        """Different texts."""
        return len(self.count)

    def like(self, pattern: re.Pattern[str]) -> tuple[int, int]:
        """How many values match, and the first row of them."""
        hits = [
            v for v in self.count if pattern.search(v.strip()) and not _DATE.fullmatch(v.strip())
        ]
        return sum(self.count[v] for v in hits), min((self.first[v] for v in hits), default=0)


def _within_texts(name: str, texts: _Texts) -> Personal | None:
    """Numbers, addresses, births and titled names that stand within texts."""
    total = texts.total
    for inside in (_PHONE_IN, _EMAIL, _SPELLED_BIRTH):
        hits, at = texts.like(inside)
        if hits and (total < 2 or hits < 0.2 * total):
            count = counted(hits, "text")
            return Personal(name, "text", f"{count} with a number, an address or a birth", at)
        if hits and inside is not _EMAIL:
            kind: Kind = "phone" if inside is _PHONE_IN else "birth"
            return Personal(name, kind, f"{hits} of {total} values look so", at)
    titled, at = texts.like(_TITLED)
    if titled >= 0.8 * total and titled > 1:
        return Personal(name, "name", f"{titled} of {total} values are a title and a name", at)
    if titled:
        count = counted(titled, "text")
        return Personal(name, "text", f"{count} with a title and a name", at)
    return None


def _whole_values(name: str, texts: _Texts) -> Personal | None:
    """Values that are as a whole an address, a number, two names or initials."""
    total = texts.total
    if total < 2:
        return None
    is_id = fold(name) in _id_names()
    for looks, pattern, share in _PATTERNS:
        if is_id and looks in ("phone", "number"):
            continue  # 01-701-1015 is a study number
        hits, at = texts.like(pattern)
        if hits >= max(2, share * total):
            return Personal(name, looks, f"{hits} of {total} values look so", at)
    if texts.kinds < 5 or texts.kinds < 0.6 * total:
        return None  # names and initials differ from patient to patient
    two, at = texts.like(_TWO_NAMES)
    if two >= 0.8 * total and texts.kinds >= 0.9 * total:
        return Personal(name, "name", f"{two} of {total} values are two names", at)
    initials, at = texts.like(_INITIALS)
    if initials >= 0.8 * total:
        return Personal(name, "initials", f"{initials} of {total} values look so", at)
    return None


_OWNERS = re.compile(rf"^{one_of('owner')}(?: s)? | {one_of('of')} {one_of('the_patient')}$")


def _named(name: str) -> Kind | None:
    folded = fold(name)
    for form in (folded, folded.rstrip("0123456789").rstrip(), _OWNERS.sub("", folded)):
        kind = personal_kind(form)
        if kind is not None:
            return kind
    return composed_kind(name)
