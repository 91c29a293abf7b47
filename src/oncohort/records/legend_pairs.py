"""Pairs of a code and its word in a text, in the orders and with the signs that people write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from oncohort.vocabulary.words import level_words, plain

LONGEST = 2000
"""Of a text so many letters are looked at."""

_PAIR = re.compile(
    r"(?<![^\W_])(?P<code>[\w+*-]{1,6})\s*+[=:→]\s*+(?P<word>[^,;/|=:→()、。\n]{1,40}?)"
    r"(?=[^\S\n]*+(?:[,;/|()、。\n]|$)|\s++[\w+*-]{1,6}\s*+[=:→])"
)
"""`1 = alive`, `0: male`, `M=male`."""
_WORD = r"[^\W\d_][^\d,;/|=:→()、。\n]{0,39}?"
_TURNED = re.compile(rf"(?<![^\W_])(?P<word>{_WORD})\s*+[=:→]\s*+(?P<code>\d{{1,2}})(?![\w.])")
"""`alive = 0`."""
_WORD_IN_FRONT = re.compile(
    rf"(?<![^\W_])(?P<word>{_WORD})\s*+\(\s*+=?\s*+(?P<code>\d{{1,2}})\s*+\)"
)
"""`Dead (1)`."""
_WORD_IN_BRACKETS = re.compile(rf"(?<![\w.])(?P<code>\d{{1,2}})\s*+\(\s*+(?P<word>{_WORD})\s*+\)")
"""`1 (dead)`."""
_CODES = r"\d{1,2}(?:\s?[/|,]\s?\d{1,2}){1,5}"
_WORDS = r"[^\W\d_][^\W\d_ ]*(?:\s?[/|,]\s?[^\W\d_][^\W\d_ ]*){1,5}"
_LISTS = (
    re.compile(rf"(?<![\w.])(?P<codes>{_CODES})\s*+(?:=|:|→)\s*+(?P<words>{_WORDS})(?!\w)"),
    re.compile(rf"(?<!\w)(?P<words>{_WORDS})\s*+(?:=|:|→)\s*+(?P<codes>{_CODES})(?![\w.])"),
)
"""`0/1 = alive/dead`, `alive/dead = 0/1`."""
_JOINS = re.compile(r"^(?:and|or|und|oder|et|ou|y|o|e|if|when|wenn|si|se)\s+", re.IGNORECASE)


def normal(text: str) -> str:
    """A text as its pairs are looked for: wide signs as narrow ones, arrows as one sign.

    Examples
    --------
    >>> normal("0：生存 => x"), normal("0->a")
    ('0:生存 → x', '0→a')
    """
    plain_text = unicodedata.normalize("NFKC", text[:LONGEST])
    return re.sub(r"[=-]>|[➔➜⇒⟶]", "→", plain_text)


def signed_pairs(text: str) -> dict[str, str]:
    """Code = word of pairs that a sign or brackets bind, in either order.

    Examples
    --------
    >>> signed_pairs("1 = alive, 2 = dead"), signed_pairs("Dead (1) / Alive (0)")
    ({'1': 'alive', '2': 'dead'}, {'1': 'Dead', '0': 'Alive'})
    >>> signed_pairs("Vivant=0/Décédé=1"), signed_pairs("Status 0/1 = alive/dead")
    ({'0': 'Vivant', '1': 'Décédé'}, {'0': 'alive', '1': 'dead'})
    >>> signed_pairs("coded 1 (dead) and 0 (alive)"), signed_pairs("0→no; 1→yes")
    ({'1': 'dead', '0': 'alive'}, {'0': 'no', '1': 'yes'})
    >>> signed_pairs("Sex: 1=male, 2=female; Dead: 0=no, 1=yes")
    {}
    """
    found = normal(text)
    if listed := _of_lists(found):
        return listed
    told = [(m["code"], m["word"].strip()) for m in _PAIR.finditer(found)]
    forward = dict(told)
    if len({(c, w.casefold()) for c, w in told if c.isdigit()}) > sum(c.isdigit() for c in forward):
        return {}  # one code with two words: those of two columns
    sure = [c for c, w in forward.items() if c.isdigit() and not w.isdigit()]
    if len(sure) >= 2:
        return {c: w for c, w in forward.items() if c.isdigit() or not c.isalpha()}
    for pattern in (_TURNED, _WORD_IN_FRONT, _WORD_IN_BRACKETS):
        pairs = [(m["code"], _bare(m["word"])) for m in pattern.finditer(found)]
        if len(pairs) > 1 and _apart(pairs):
            return dict(pairs)
    turned = [(w, c) for c, w in forward.items() if w.isdigit() and not c.isdigit()]
    if turned and len(turned) == len(forward):
        return dict(turned) if _apart(turned) else {}
    return forward


def _of_lists(text: str) -> dict[str, str]:
    for pattern in _LISTS:
        for m in pattern.finditer(text):
            codes = re.split(r"\s?[/|,]\s?", m["codes"])
            words = re.split(r"\s?[/|,]\s?", m["words"])
            pairs = list(zip(codes, words, strict=False))
            if len(codes) == len(words) and _apart(pairs):
                return dict(pairs)
    return {}


def _bare(word: str) -> str:
    return _JOINS.sub("", word.strip()).strip()


def _apart(pairs: Iterable[tuple[str, str]]) -> bool:
    """Is each code, and each word, there once?"""
    pairs = list(pairs)
    codes, words = {c for c, _ in pairs}, {w.casefold() for _, w in pairs}
    return len(codes) == len(words) == len(pairs)


_TOKEN = re.compile(r"(?<![0-9A-Za-z_.])\d{1,2}(?![\d.%])")
_SPLIT = re.compile(r"[,;/|、\n]")
_EDGE = " \t-–—.:()[]*"
_MISSING_CODES = frozenset((9, 99))


@cache
def _meant() -> frozenset[str]:
    """Words that say what a code means: alive, dead, yes, no, male, present, ..."""
    columns = ("vital_status", "event", "flag", "sex", "level")
    return frozenset(w for c in columns for w in level_words(c) if len(w) > 1 or not w.isascii())


def loose_pairs(text: str) -> dict[str, str]:
    """Code = word where no sign binds them: `Status: 0 alive, 1 dead`, `alive 0, dead 1`.

    The codes must count up from 0 or 1 (9 and 99 may follow), and every word has to be one that
    is known to say what a code means.

    Examples
    --------
    >>> loose_pairs("Status: 0 alive, 1 dead"), loose_pairs("Vivo 0 / Muerto 1")
    ({'0': 'alive', '1': 'dead'}, {'0': 'Vivo', '1': 'Muerto'})
    >>> loose_pairs("Status 0-alive 1-dead"), loose_pairs("生存0 死亡1")
    ({'0': 'alive', '1': 'dead'}, {'0': '生存', '1': '死亡'})
    >>> loose_pairs("Cycle 1 Day 2"), loose_pairs("response at 1, 2"), loose_pairs("dead 12")
    ({}, {}, {})
    """
    found = normal(text)
    parts = [p for p in _SPLIT.split(found) if p.strip(_EDGE)]
    pieces = [_pieces(p) for p in parts]
    if len(parts) > 1:
        for forward in (True, False):
            pairs = [_one(p, forward=forward, first=nth == 0) for nth, p in enumerate(pieces)]
            good = [p for p in pairs if p is not None]
            if len(good) == len(pairs) and _counted(good):
                return dict(good)
    for p in pieces:
        for forward in (True, False):
            run = _run(p, forward=forward)
            if _counted(run):
                return dict(run)
    return {}


def _pieces(text: str) -> list[str]:
    """Codes and what stands between them, in order."""
    out: list[str] = []
    last = 0
    for m in _TOKEN.finditer(text):
        out += [text[last : m.start()].strip(_EDGE), m[0]]
        last = m.end()
    out.append(text[last:].strip(_EDGE))
    return [p for p in out if p]


def _one(pieces: list[str], *, forward: bool, first: bool) -> tuple[str, str] | None:
    """The pair of a part; the first part may begin with a name."""
    words = pieces[1:] if forward and first and len(pieces) == 3 else pieces
    if len(words) != 2:
        return None
    code, word = words if forward else (words[1], words[0])
    word = word.rsplit(":", 1)[-1].strip(_EDGE)
    return (code, word) if code.isdigit() and word and not word.isdigit() else None


def _run(pieces: list[str], *, forward: bool) -> list[tuple[str, str]]:
    """Pairs that follow each other without a sign between."""
    rest = list(pieces)
    if forward and rest and not rest[0].isdigit():
        rest = rest[1:]  # the name before them
    if len(rest) % 2 or len(rest) < 4:
        return []
    pairs = [(rest[i], rest[i + 1]) for i in range(0, len(rest), 2)]
    pairs = pairs if forward else [(code, word) for word, code in pairs]
    good = all(c.isdigit() and not w.isdigit() for c, w in pairs)
    return [(c, w.rsplit(":", 1)[-1].strip(_EDGE)) for c, w in pairs] if good else []


def _counted(pairs: list[tuple[str, str]]) -> bool:
    """Do the codes count up from 0 or 1, each with a word that says what a code means?"""
    if len(pairs) < 2 or not _apart(pairs) or not all(plain(w) in _meant() for _, w in pairs):
        return False
    codes = sorted(int(c) for c, _ in pairs if int(c) not in _MISSING_CODES)
    return (
        bool(codes) and codes[0] in (0, 1) and codes == list(range(codes[0], codes[0] + len(codes)))
    )
