"""Legends that a chart gives to its own codes: `Status (0 = alive, 1 = dead)`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from oncohort.records.grid import Cell
from oncohort.records.names import fold

_PAIR = re.compile(
    r"(?P<code>[\w+*-]{1,6})\s*+[=:：＝]\s*+(?P<word>[^,;/|=:：＝()（）、，；\n]{1,40}?)"
    r"(?=[^\S\n]*+(?:[,;/|()（）、，；\n]|$)|\s++[\w+*-]{1,6}\s*+[=:：＝])"
)


def legend(text: str, *, fewest: int = 2) -> dict[str, str]:
    """Codes and words of a note; empty where it holds fewer than so many pairs.

    Examples
    --------
    >>> legend("1 = alive, 2 = dead"), legend("0: male; 1: female")
    ({'1': 'alive', '2': 'dead'}, {'0': 'male', '1': 'female'})
    >>> legend("0=alive 1=dead"), legend("red = dead"), legend("Age: 40 to 80")
    ({'0': 'alive', '1': 'dead'}, {}, {})
    """
    plain = unicodedata.normalize("NFKC", text[:2000])
    found = {m["code"]: m["word"].strip() for m in _PAIR.finditer(plain)}
    return found if len(found) >= fewest else {}


def codebook(
    rows: Sequence[Sequence[Cell]], columns: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """What the rows of a sheet of explanations say: column = {code = word}.

    A row is `Status | 1 | alive`, or `| 2 | dead` below it, or `Status | 1 = alive, 2 = dead`, or
    one cell `Status: 1 = alive, 2 = dead`.

    Parameters
    ----------
    columns
        Folded name = the chart's name, of the columns that may be explained.

    Examples
    --------
    >>> known = {"status": "Status", "sex": "Sex"}
    >>> codebook([["Status", 1, "alive"], [None, 2, "dead"], ["Sex", "0 = F; 1 = M"]], known)
    {'Status': {'1': 'alive', '2': 'dead'}, 'Sex': {'0': 'F', '1': 'M'}}
    """
    out: dict[str, dict[str, str]] = {}
    current: str | None = None
    for row in rows:
        cells = [_text(v) for v in row if v is not None and _text(v)]
        if not cells:
            continue
        if fold(cells[0]) in columns:
            current, cells = columns[fold(cells[0])], cells[1:]
        elif len(cells) == 1 and (found := _PAIR.search(cells[0])):
            named = fold(cells[0][: found.start()].strip(" :(-,"))
            current = columns.get(named)
        if current is None or not cells:
            continue
        meanings = next((pairs for c in cells if (pairs := legend(c))), {})
        if not meanings and len(cells) >= 2 and len(cells[0]) <= 6:
            meanings = {cells[0]: cells[1]}
        out.setdefault(current, {}).update(meanings)
    return {c: codes for c, codes in out.items() if len(codes) >= 2}


def _text(value: Cell) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return (f"{value:.0f}" if whole else str(value)).strip()


_CODED = re.compile(
    r"(?P<code>\d{1,2}) {0,2}[-–.)、]? {0,2}(?P<word>[^\W\d_][^\d,;/|，；、:=()]{0,30}?) {0,2}"
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
    """
    found = re.search(
        r"[(\[（［]([^()\[\]（）［］]*(?:=|\b\d\s*:\s*[^\W\d])[^()\[\]（）［］]*)[)\]）］]", name
    )
    if found is not None:
        return legend(found.group(1), fewest=fewest)
    for bracket in _IN_BRACKETS.finditer(name):
        coded = unmarked_legend(bracket[1])
        if len(coded) >= fewest:
            return coded
    at = re.search(r"[\w+*-]{1,6}\s*=", name)
    if at is not None:
        return legend(name[at.start() :], fewest=fewest)
    return {}
