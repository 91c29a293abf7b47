"""One cell of a table that prints a ratio with its interval, and perhaps its p."""

from __future__ import annotations

import re

from oncohort.dataclass import dataclass

_NUM = r"(?:\d{1,6}(?:[.·]\d{1,6})?|[.·]\d{1,6})"
_TO = r"\s*(?:[-–—−‐‑~]|to|,|;)\s*"
_RATIO_CELL = re.compile(
    rf"^(?:a?(?:HR|OR|RR)\s?[=:]?\s?)?(?P<estimate>{_NUM})\s?[,;]?\s?"
    r"(?P<open>[(\[])?\s?(?:(?P<level>9\d(?:\.\d)?)\s?%\s?(?:CI|C\.I\.)[:,=]?\s?)?"
    rf"(?P<low>{_NUM}){_TO}(?P<high>{_NUM})\s?[)\]]?\s?[*†‡§¶#a-c]{{0,3}}\s?"
    rf"(?:[,;]?\s?[(\[]?\s?p\s?(?P<relation>[=<>≤≥])\s?(?P<p>0?[.·]\d{{1,6}})\s?[)\]]?)?$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class RatioCell:
    """A ratio with its interval, as one cell prints them; ``p`` where it stands there too."""

    estimate: str
    low: str
    high: str
    level: str
    p: str


def ratio_cell(text: str) -> RatioCell | None:
    """Read "0.90 (0.71-1.13); P = 0.36", with or without stars, in either kind of brackets.

    Examples
    --------
    >>> ratio_cell("0.90 (0.71-1.13); P = 0.36")
    RatioCell(estimate='0.90', low='0.71', high='1.13', level='', p='0.36')
    >>> ratio_cell(".90 [95% CI .71, 1.13]**").low
    '.71'
    >>> ratio_cell("0.90 0.71") is None
    True
    """
    found = _RATIO_CELL.match(text.strip())
    if found is None or not (found["open"] or found["level"]):
        return None
    relation = "" if found["relation"] in {None, "="} else found["relation"]
    p = f"{relation}{found['p']}".replace("·", ".") if found["p"] else ""
    estimate, low, high = (found[k].replace("·", ".") for k in ("estimate", "low", "high"))
    return RatioCell(estimate, low, high, found["level"] or "", p)
