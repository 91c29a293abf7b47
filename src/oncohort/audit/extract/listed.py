"""Intervals that a sentence lists one behind the other: which value each is of can't be told."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeVar

from oncohort.published.model import Landmark, Rate, Ratio, Time

_NUMBER = r"\d{0,6}(?:[.·]\d{1,6}|\d)"
_TO = r"\s{0,3}%?\s{0,3}(?:[-–—−‐‑]|to\b)\s{0,3}"
_AND = r"(?:vs\b\.?|versus\b|v\b\.?|and\b|or\b|,|;|/|compared (?:with|to)\b)"
_UNIT = r"(?:\s{0,3}(?:%|months?|mo|years?|weeks?|days?))?"
_BEHIND = re.compile(
    rf"{_UNIT}\s{{0,3}}[)\]]?\s{{0,3}}{_AND}\s{{0,3}}[(\[]?\s{{0,3}}"
    rf"(?:9\d\s?%\s?CI[:,=]?\s?)?{_NUMBER}{_TO}{_NUMBER}",
    re.I,
)
_AHEAD = re.compile(
    rf"{_NUMBER}{_TO}{_NUMBER}{_UNIT}\s{{0,3}}[)\]]?\s{{0,3}}{_AND}\s{{0,3}}[(\[]?\s{{0,3}}"
    r"(?:9\d\s?%\s?CI[:,=]?\s?)?$",
    re.I,
)


def listed(quote: str, low: str, high: str) -> bool:
    """Whether another interval stands right before or behind this one, with no value between.

    Examples
    --------
    >>> listed("PFS was 90.9% vs. 44.4% (95% CI 73.7%-100% vs. 11.9%-76.9%)", "73.7", "100")
    True
    >>> listed("HR 0.6 (0.4-0.9) and 0.8 (0.6-1.1)", "0.4", "0.9")
    False
    """
    quote = quote.replace("·", ".")
    pattern = rf"(?<![\d.]){re.escape(low)}{_TO}{re.escape(high)}(?![\d.]*\d)"
    return any(
        _BEHIND.match(quote, hit.end())
        or _AHEAD.search(quote[max(0, hit.start() - 60) : hit.start()])
        for hit in re.finditer(pattern, quote)
    )


_Read = TypeVar("_Read", Time, Landmark, Rate, Ratio)


def without_listed(read: _Read) -> _Read:
    """The figure without its interval, where that is one of a list."""
    if read.low and read.high and listed(read.where.quote, read.low, read.high):
        return replace(read, low="", high="")
    return read
