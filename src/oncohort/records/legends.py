"""Legends that a chart gives to its own codes: `Status (0 = alive, 1 = dead)`."""

from __future__ import annotations

import re
import unicodedata

from oncohort.records.legend_pairs import loose_pairs, normal, signed_pairs


def legend(text: str, *, fewest: int = 2) -> dict[str, str]:
    """Codes and words of a note; empty where it holds fewer than so many pairs.

    Examples
    --------
    >>> legend("1 = alive, 2 = dead"), legend("0: male; 1: female")
    ({'1': 'alive', '2': 'dead'}, {'0': 'male', '1': 'female'})
    >>> legend("0=alive 1=dead"), legend("red = dead"), legend("Age: 40 to 80")
    ({'0': 'alive', '1': 'dead'}, {}, {})
    >>> legend("alive=0, dead=1"), legend("Status: 0 alive, 1 dead")
    ({'0': 'alive', '1': 'dead'}, {'0': 'alive', '1': 'dead'})
    """
    found = signed_pairs(text)
    if len(found) < max(fewest, 2):
        found = loose_pairs(text) or found
    return found if len(found) >= fewest else {}


_CODED = re.compile(
    r"(?P<code>\d{1,2}) {0,2}[-–.)、]? {0,2}"
    r"(?P<word>[^\W\d_](?:[^\d,;/|，；、:=()]|/(?=[^\W\d_])){0,30}?) {0,2}"
    r"(?:[,;/|，；、] {0,2}(?=\d)|(?=\d)|$)"
)
_IN_BRACKETS = re.compile(r"[(\[（［]([^()\[\]（）［］]{3,200})[)\]）］]")
_ENDS = frozenset(("st", "nd", "rd", "th"))
_MISSING_CODES = frozenset((9, 99))


def unmarked_legend(text: str) -> dict[str, str]:
    """Codes that stand before their words without a sign between: `1男2女`, `0 no, 1 yes`.

    The codes must count up from 0 or 1 (9 and 99 may follow), and nothing else may stand there.

    Examples
    --------
    >>> unmarked_legend("1男2女"), unmarked_legend("0-no / 1-yes")
    ({'1': '男', '2': '女'}, {'0': 'no', '1': 'yes'})
    >>> unmarked_legend("1-progression/death, 0-none")
    {'1': 'progression/death', '0': 'none'}
    >>> unmarked_legend("1st, 2nd"), unmarked_legend("3 months 6 months"), unmarked_legend("0/1")
    ({}, {}, {})
    """
    plain = unicodedata.normalize("NFKC", text[:200]).strip()
    found: dict[str, str] = {}
    at = 0
    while at < len(plain):
        pair = _CODED.match(plain, at)
        if pair is None or pair["code"] in found:
            return {}
        found[pair["code"]] = pair["word"].strip()
        at = pair.end()
    codes = [int(c) for c in found if int(c) not in _MISSING_CODES]
    words = {w.casefold() for w in found.values()}
    if len(codes) < 2 or len(words) < len(found) or words & _ENDS:
        return {}
    first = min(codes)
    counted = sorted(codes) == list(range(first, first + len(codes)))
    return found if counted and first in (0, 1) else {}


def header_legend(name: str, *, fewest: int = 2) -> dict[str, str]:
    """The legend in a column's name, of so many codes at least.

    Examples
    --------
    >>> header_legend("Status (1=alive, 2=dead)"), header_legend("sex 0=F 1=M")
    ({'1': 'alive', '2': 'dead'}, {'0': 'F', '1': 'M'})
    >>> header_legend("性别（1男2女）"), header_legend("DCC (0 no, 1 yes)")
    ({'1': '男', '2': '女'}, {'0': 'no', '1': 'yes'})
    >>> header_legend("status [0: alive; 1: dead]"), header_legend("Scan (8:30)", fewest=1)
    ({'0': 'alive', '1': 'dead'}, {})
    >>> header_legend("生存状态(0存活 1死亡)"), header_legend("5年生存")
    ({'0': '存活', '1': '死亡'}, {})
    >>> header_legend("Dead (1) / Alive (0)"), header_legend("Status 0/1 = alive/dead")
    ({'1': 'Dead', '0': 'Alive'}, {'0': 'alive', '1': 'dead'})
    """
    text = normal(name)
    for bracket in _IN_BRACKETS.finditer(text):
        inner = bracket[1]
        signed = re.search(r"[=→]|\b\d\s*:\s*[^\W\d]|[^\W\d_]\s*:\s*\d(?!\d)", inner)
        found = signed_pairs(inner) if signed else {}
        found = found if len(found) >= fewest else unmarked_legend(inner)
        found = found if len(found) >= fewest else loose_pairs(inner)
        if len(found) >= fewest:
            return found
    whole = signed_pairs(text)
    if len(whole) >= 2:
        return whole
    if loose := loose_pairs(text):
        return loose
    at = re.search(r"[\w+*-]{1,6}\s*=", text)
    return legend(text[at.start() :], fewest=fewest) if at is not None else {}
