"""Which encoding a text is in: the letters that its bytes give decide.

Nearly every byte is a letter of some code page, so that it can be decoded proves nothing. A text is
read in each page, and what comes out is judged as writing of the languages that use the page
(`vocabulary/letters.toml`): letters that the language has, capitals where words begin, one script
in one word, and words that charts are known to use.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from itertools import pairwise

from oncohort.dataclass import dataclass
from oncohort.vocabulary.boundaries import Parsed
from oncohort.vocabulary.words import foreign_words, plain

MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
SAMPLE = 20_000
"""Bytes of lines beyond ASCII from which the encoding is told."""
ENOUGH = 0.75
"""Share of the letters that a language must explain."""
APART = 0.03
"""By how much the best reading must be ahead of one that gives another text."""

_NEUTRAL = frozenset(
    "µμ°±≥≤²³¹€–—‘’“”„‚«»…×·•½¼¾ºª§©®™¿¡\xa0‰£№†√∆Δαβγ－、。，；：（）“”「」【】％～≧≦㎎㎏㎜㎝℃Ⅰ"
    "ⅡⅢⅣⅤⅥ①②③④⑤"
)
"""Signs that any language may use: they speak for no page."""
_WORD = re.compile(r"(?:[^\W\d_]|[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u064b-\u0652])+")
"""Letters in a row, with the vowel signs of Thai and Arabic."""
_ROW = {
    "western": re.compile(r"[^\x00-\x7f]{3}"),
    "baltic": re.compile(r"[^\x00-\x7f]{3}"),
    "central": re.compile(r"[^\x00-\x7f]{4}"),
    "turkish": re.compile(r"[^\x00-\x7f]{5}"),
}
"""Letters with accents in a row that no word of these languages has."""
FEW = 3
"""Letters below which a page of another script needs a known word."""


@dataclass(frozen=True)
class Told:
    """A text, the encoding that it was read in, and a reading of another page that does as well."""

    text: str
    encoding: str
    rival: str = ""


@dataclass(frozen=True)
class _Script:
    name: str
    pages: dict[str, float]
    """Page = how usual it is, beside others that give the same letters."""
    letters: dict[str, str]


@dataclass(frozen=True)
class _Reading:
    page: str
    text: str
    score: float
    explained: float


@cache
def _scripts() -> tuple[_Script, ...]:
    return tuple(
        _Script(name, part["pages"], part["letters"])
        for name, part in _file().items()
        if name != "words"
    )


@cache
def _file() -> dict[str, Parsed]:  # TOML: each table has its own shape
    raw = files("oncohort.vocabulary").joinpath("letters.toml").read_text("utf-8")
    return tomllib.loads(raw)


@cache
def _words() -> frozenset[str]:
    listed = (plain(word) for words in _file()["words"].values() for word in words)
    return foreign_words() | {word for word in listed if not word.isascii()}


_EAST: dict[str, tuple[tuple[range, ...], int]] = {
    # Syllables of Korean; a Chinese text has signs beyond them at once.
    "cp949": ((range(0xB0A1, 0xC8FF),), 0xA1),
    # Kana, then the usual ideographs (level 1) of each standard.
    "cp932": ((range(0x829F, 0x8397), range(0x889F, 0x9873)), 0x40),
    "euc_jp": ((range(0xA4A1, 0xA5F7), range(0xB0A1, 0xCFD4)), 0xA1),
    "gb18030": ((range(0xB0A1, 0xD7FA),), 0xA1),
    "big5": ((range(0xA440, 0xC67F),), 0x40),
}
"""Page = the two-byte codes of what is usual, and the least second byte."""


_HALF = re.compile("(?<![A-Za-z])[\uff61-\uff9f]{2,}(?![A-Za-z])")
"""Half-width kana, alone or in a row; beside a Latin letter they are its accents, misread."""


def _is_kana(sign: str) -> bool:
    return "\u3040" <= sign <= "\u30ff"


def _sample(data: bytes) -> bytes:
    """The lines that hold bytes beyond ASCII, as far as they serve."""
    out: list[bytes] = []
    size = 0
    for line in data.splitlines(keepends=True):
        if line.isascii():
            continue
        out.append(line[:SAMPLE])
        size += len(out[-1])
        if size >= SAMPLE:
            break
    return b"".join(out)


def _readable(data: bytes, page: str) -> str | None:
    try:
        return data.decode(page)
    except UnicodeDecodeError as error:
        # The sample may end within a letter.
        if error.start >= len(data) - 3 and error.start > 0:
            return data[: error.start].decode(page)
        return None


_WITHIN = re.compile(r"(?<=[^\W\d_])[±²³¹°µ¼½¾©®¿¡¶¦¬¤§×÷](?=[^\W\d_])")
"""Signs that never stand between two letters: one that does is a letter, misread."""


def _strange(text: str) -> list[str]:
    letters = (c for c in text if ord(c) > 127 and c not in _NEUTRAL)
    return [c for c in letters if not "\uff01" <= c <= "\uff5e"] + _WITHIN.findall(text)


def _is_word(word: str, row: re.Pattern[str] | None) -> bool:
    """Is a word written as words are: no capital after a small letter, one script, and in Latin
    letters (`row`) not many with accents in a row?"""
    if any(a.islower() and b.isupper() for a, b in pairwise(word)):
        return False
    if row is not None:
        return row.search(word) is None
    return not any(c.isascii() for c in word)


def _known(words: Iterable[str], whole: bool) -> int:
    """Letters of words that charts are known to use."""
    known = _words()
    total = 0
    for word in words:
        if whole:
            total += len(word) if plain(word) in known else 0
            continue
        total += max(
            (n for n in (2, 3, 4) for i in range(len(word) - n + 1) if word[i : i + n] in known),
            default=0,
        )
    return total


def _alphabetic(data: bytes) -> Iterator[_Reading]:
    for script in _scripts():
        row = _ROW.get(script.name)
        # Scripts share their bytes whole: which letters are frequent tells one from another.
        weight = 0.15 if row else 0.5
        for page, usual in script.pages.items():
            text = _readable(data, page)
            if text is None:
                continue
            strange = _strange(text)
            if not strange:
                yield _Reading(page, text, 1 + usual, 1)
                continue
            words = [w for w in _WORD.findall(text) if not w.isascii() and _is_word(w, row)]
            written = [c.lower() for w in words for c in w if ord(c) > 127]
            known = min(_known(words, whole=True) / len(strange), 1.0)
            if row is None and len(strange) < FEW and not known:
                continue
            for alphabet in script.letters.values():
                places = [alphabet.find(c) for c in written]
                hits = [1 - p / len(alphabet) for p in places if p >= 0]
                explained = len(hits) / len(strange)
                score = explained + weight * sum(hits) / len(strange) + 0.3 * known + usual
                yield _Reading(page, text, score, explained)


def _ideographic(data: bytes) -> Iterator[_Reading]:
    for page, (usual, trail) in _EAST.items():
        text = _readable(data, page)
        strange = _strange(text) if text else []
        if text is None or not strange:
            continue
        kana = sum(map(_is_kana, strange))
        good = 0.0
        for sign in strange:
            code = sign.encode(page)
            if len(code) == 2 and code[1] >= trail:
                good += any(int.from_bytes(code, "big") in part for part in usual)
        if page == "cp932" and good:
            good += 0.9 * sum(len(run) for run in _HALF.findall(text))
        explained = good / len(strange)
        words = _WORD.findall(text)
        known = min(_known(words, whole=False) / len(strange), 1.0)
        if len(strange) < FEW and not known:
            continue
        # Korean and Japanese would be signs of Chinese as well, never the other way round.
        own = 0.2 if page == "cp949" or (page == "euc_jp" and kana) else 0.1
        yield _Reading(page, text, explained + own + 0.3 * known, explained)


def _of_unicode(data: bytes) -> Told | None:
    """UTF-8, also with a few letters cut in two; UTF-16 without its mark."""
    for mark, name in MARKS:
        if data.startswith(mark):
            return Told(data.decode(name, errors="replace"), name)
    if b"\x00" in data[:4096]:
        halves = data[:4096:2].count(0), data[1:4096:2].count(0)
        for name, (none, some) in (("utf-16-le", halves), ("utf-16-be", halves[::-1])):
            if none == 0 and some > len(data[:4096]) / 10:
                return Told(data.decode(name, errors="replace"), name)
    try:
        return Told(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    whole = sum(ord(c) > 127 for c in text) - broken
    return Told(text, "utf-8", "broken") if whole > 5 * broken else None


def told(data: bytes) -> Told:
    """The text of a file, the name of its encoding, and whether that is certain.

    Parameters
    ----------
    data
        The bytes of the whole file.

    Returns
    -------
    Told
        ``rival`` is "" where the encoding is certain; else another that would do as well, or
        ``broken`` where a few letters of UTF-8 are cut in two (they are U+FFFD in the text).

    Examples
    --------
    >>> told("é".encode("cp1252")).text, told("性別,年齢,死亡".encode("cp932")).encoding
    ('é', 'cp932')
    >>> told("Пол,Возраст,Дата смерти".encode("cp1251")).encoding
    'cp1251'
    >>> told("住院号,性别,生存状态".encode("gb18030")).text
    '住院号,性别,生存状态'
    """
    known = _of_unicode(data)
    if known is not None:
        return known
    sample = _sample(data)
    readings = sorted((*_alphabetic(sample), *_ideographic(sample)), key=lambda r: -r.score)
    fit = [r for r in readings if r.explained >= ENOUGH]
    best = next(iter(fit), None)
    if best is None:
        page = "cp1252"
        strange = bool(_strange(sample.decode(page, errors="replace")))
        return Told(data.decode(page, errors="replace"), page, "another" if strange else "")
    rival = next((r.page for r in fit if r.text != best.text and r.score > best.score - APART), "")
    return Told(data.decode(best.page, errors="replace"), best.page, rival)
