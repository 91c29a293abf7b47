"""Texts made of a pattern's own parts, on which it takes the longest: what ends it comes last.

A search is slow where a part repeats and what must follow never comes: what stands before the
part, the part over and over, and a sign that fits nowhere. Or each beginning is a new start: what
stands before the part over and over. For each repeated part such texts are made, of digits, of
letters, of blanks, of marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

STYLES = ("1aA .-", "aA1 ,(", " \t\n1a", ".,-;:()%/1", "あ²\xa0é1a")
"""The signs that are taken first where a pattern lets several through."""
MANY = 20
"""A part that may come more often than this is tried as a repeated one."""
_END = "\x01!"


def _categories(name: str, sign: str) -> bool:
    kind = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}
    what = name.removeprefix("CATEGORY_").removeprefix("UNI_")
    wanted = not what.startswith("NOT_")
    return bool(re.match(kind[what.removeprefix("NOT_")], sign)) == wanted


def _fits(members: list[tuple[Any, Any]], sign: str) -> bool:
    negated, held = False, False
    for op, value in members:
        name = str(op)
        if name == "NEGATE":
            negated = True
        elif name == "LITERAL":
            held |= ord(sign) == value
        elif name == "RANGE":
            held |= value[0] <= ord(sign) <= value[1]
        elif name == "CATEGORY":
            held |= _categories(str(value), sign)
    return held != negated


def _one_of(members: list[tuple[Any, Any]], style: str) -> str:
    """A sign of a set, the first of the style that is in it."""
    for sign in style:
        if _fits(members, sign):
            return sign
    for op, value in members:
        if str(op) == "LITERAL":
            return chr(value)
        if str(op) == "RANGE":
            return chr(value[0])
    return next((chr(k) for k in range(33, 0x3100) if _fits(members, chr(k))), "")


def _sample(parts: Any, style: str, groups: dict[int, str]) -> str:
    """A short text that parts of a pattern match (their looks around are not asked)."""
    return "".join(_sample_of(str(op), value, style, groups) for op, value in parts)


def _sample_of(op: str, value: Any, style: str, groups: dict[int, str]) -> str:
    if op == "LITERAL":
        return chr(value)
    if op == "NOT_LITERAL":
        return next(sign for sign in style if ord(sign) != value)
    if op == "ANY":
        return style[0]
    if op == "IN":
        return _one_of(value, style)
    if op == "BRANCH":
        return _sample(value[1][STYLES.index(style) % len(value[1])], style, groups)
    if op == "SUBPATTERN":
        groups[value[0]] = _sample(value[3], style, groups)
        return groups[value[0]]
    if op == "ATOMIC_GROUP":
        return _sample(value, style, groups)
    if op in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return _sample(value[2], style, groups) * max(1, min(value[0], 4))
    if op == "GROUPREF":
        return groups.get(value, "")
    return ""  # places and looks around take no signs


def _repeated(parts: Any, before: str, style: str) -> Iterator[tuple[str, str]]:
    """Every repeated part: (what stands before it, the part once)."""
    for op, value in parts:
        name = str(op)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            if value[1] == re._constants.MAXREPEAT or value[1] > MANY:  # type: ignore[attr-defined]
                yield before, _sample(value[2], style, {})
            yield from _repeated(value[2], before, style)
        elif name == "BRANCH":
            for branch in value[1]:
                yield from _repeated(branch, before, style)
        elif name == "SUBPATTERN":
            yield from _repeated(value[3], before, style)
        elif name == "ATOMIC_GROUP":
            yield from _repeated(value, before, style)
        elif name in ("ASSERT", "ASSERT_NOT"):
            yield from _repeated(value[1], before, style)
        before += _sample_of(name, value, style, {})


@dataclass(frozen=True)
class Shape:
    """How a text of any size is made: a head, a run, and perhaps a second run in its other half."""

    head: str
    run: str
    second: str = ""

    def text(self, size: int) -> str:
        """The text of about this many signs."""
        half = size // 2 if self.second else size
        first = (self.head + self.run * (half // len(self.run) + 1))[:half]
        return first + (self.second * size)[: size - half] + _END


def shapes_of(pattern: re.Pattern[Any], styles: tuple[str, ...] = STYLES) -> list[Shape]:
    """The texts on which a pattern might be slow; none where nothing in it repeats."""
    text = pattern.pattern
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    flags = pattern.flags & ~re.UNICODE & ~re.LOCALE
    tree = re._parser.parse(text, flags)  # type: ignore[attr-defined]
    out: dict[Shape, None] = {}
    for style in styles:
        for before, part in dict.fromkeys(_repeated(tree, "", style)):
            for head, run in ((before, part), ("", before + part), ("", before), ("", part)):
                if run:
                    out[Shape(head, run)] = None
            if before and part:
                out[Shape("", before, part)] = None
                out[Shape("", before + part * 20)] = None
    return list(out)
