"""Column names compared as people mean them: case, blanks, marks and units apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from oncohort.vocabulary.words import small

_UNIT = re.compile(r"[\(\[（［]([^()\[\]（）［］]{1,25})[\)\]）］]\s*$")


_EXPLAINED = re.compile(
    r"(?<!\s)\s*+[\(\[][^()\[\]]{0,120}(?:=|\b\d\s?:\s?[^\W\d]|\by/n\b|yes/no|ja/nein|oui/non|s[iíì]/no|sim/n[aã]o|tak/nie|ja/nee|ja/nej|s/n|j/n|o/n|t/n|m/f|f/m|m/w|w/m|dd|yyyy|tt\.mm)"
    r"[^()\[\]]{0,120}[\)\]]\s*$",
    re.IGNORECASE,
)
"""What explains values at the end of a header: `(1 = alive, 2 = dead)`, `(y/n)`."""


_CODE = re.compile(r"(?<![\w=])\w{1,2}\s?=\s?(?=[^\s=])")
"""`0=` of a legend at the end of a header, without brackets: `Status 0=alive 1=dead`."""


def _without_legend(text: str) -> str:
    codes = [m.start() for m in _CODE.finditer(text[:1000])]
    front = text[: codes[0]].rstrip(" :,;-\t\n") if len(codes) > 1 else text
    return front or text


_FORMAT = re.compile(
    r"(?<![\s,])[\s,]++(?:dd|tt|jj|gg)([./-])mm\1(?:yyyy|jjjj|aaaa|yy|jj|aa)$|(?<![\s,])[\s,]++(?:yyyy|jjjj|aaaa)([./-])mm\2"
    r"(?:dd|tt|jj|gg)$|(?<![\s,])[\s,]++mm([./-])dd\3(?:yyyy|yy)$",
    re.IGNORECASE,
)
"""How a date is written, at the end of a header: `Start dd.mm.yyyy`."""
_CHANNEL = re.compile(r":ch\d$|(?<=\w)_E\d{1,3}_C\d{1,3}(?:_\d{1,3})?$")
"""The channel behind the characteristics of samples in series of GEO, `age:ch1`; the event and the
form in exports of OpenClinica, `AGE_E1_C1`."""
FOOTNOTE = "¹²³⁴⁵⁶⁷⁸⁹†‡§¶ᵃᵇᶜᵈᵉᶠᵍ"
"""What points at a note below the table: `Age†`, `Start²`."""


def header_unit(name: str) -> str:
    """The unit in brackets at the end of a header; empty where there is none.

    Examples
    --------
    >>> header_unit("CRP (mg/dL)"), header_unit("Age"), header_unit("LD [cm]")
    ('mg/dL', '', 'cm')
    """
    found = _UNIT.search(name)
    if found is None:
        return ""
    inner = found.group(1).strip()
    # (yes/no), (1 = dead) and (date) explain values; they are no units.
    if re.search(r"=|\b\d\s?:\s?[^\W\d]|yes|no\b|date|dd|yyyy|y/n|、|,", inner, re.IGNORECASE):
        return ""
    return inner


def column_at(names: Sequence[str], wanted: str) -> int | None:
    """Where a column stands: the one of exactly this name, else the first that is alike.

    Two columns may differ in what stands in brackets alone, which :func:`fold` leaves out.

    Examples
    --------
    >>> names = ("Death (chart)", "Death (registry)", "Sex")
    >>> column_at(names, "Death (registry)"), column_at(names, "death"), column_at(names, "x")
    (1, 0, None)
    """
    if wanted in names:
        return list(names).index(wanted)
    folded = fold(wanted)
    return next((i for i, name in enumerate(names) if fold(name) == folded), None)


def columns_called(names: Sequence[str], wanted: Iterable[str]) -> frozenset[str]:
    """The columns that a list of names means: those of exactly these names, else all alike.

    Examples
    --------
    >>> sorted(columns_called(("Note (a)", "Note (b)", "Sex"), ["Note (b)", "sex"]))
    ['Note (b)', 'Sex']
    >>> sorted(columns_called(("Note (a)", "Note (b)", "Sex"), ["note"]))
    ['Note (a)', 'Note (b)']
    """
    asked = list(wanted)
    exact = set(asked) & set(names)
    alike = {fold(n) for n in asked if n not in exact}
    return frozenset(exact) | {n for n in names if alike and fold(n) in alike}


_ENDING = re.compile(r"(?<=[^\W\d_])\((?:e|es|s|a|as|os|la|ла|а)\)", re.IGNORECASE)
"""The ending of a word for women, or of many: `Décédé(e)`, `Fallecido(a)`."""


@lru_cache(maxsize=50_000)
def fold(name: str) -> str:
    """A name as it is compared: width, case, blanks and marks apart, without its unit.

    Examples
    --------
    >>> fold("Best  Response"), fold("best_response"), fold("Age (years)")
    ('best response', 'best response', 'age')
    >>> fold("Alive?"), fold("¿Vivo?"), fold("Sex:"), fold("Stage *"), fold("?")
    ('alive', 'vivo', 'sex', 'stage', '?')
    >>> fold("Start‡"), fold("Age²"), fold("AGE_E1_C1"), fold("BSA m²")
    ('start', 'age', 'age', 'bsa m2')
    >>> fold("Status 0=alive 1=dead"), fold("Start dd.mm.yyyy"), fold("p = 0.03"), fold("a=b")
    ('status', 'start', 'p = 0 03', 'a=b')
    """
    whole = str(name).strip()
    bare = whole.rstrip(FOOTNOTE)
    if len(bare) > 2 and bare[-2:].isalpha():  # `m²` is a unit
        whole = bare
    text = _CHANNEL.sub("", unicodedata.normalize("NFKC", whole))
    if header_unit(text):
        text = _UNIT.sub("", text)
    text = _ENDING.sub("", text)
    explained = _EXPLAINED.search(text)
    if explained is not None and explained.start() > 0:
        text = text[: explained.start()]
    text = _FORMAT.sub("", _without_legend(text)) or text
    folded = re.sub(r"[\s_\-./]+", " ", text).strip()
    # What asks, or points at a note, is no part of the name.
    return small(folded.lstrip("¿").rstrip("?:*† ") or folded)
