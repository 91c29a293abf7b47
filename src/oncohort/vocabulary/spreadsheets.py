"""Texts that a spreadsheet would run, and how they are written so that it does not."""

from __future__ import annotations

import re
from typing import Any


def no_formula(value: object) -> Any:
    """A value that no spreadsheet takes for a formula.

    Examples
    --------
    >>> no_formula("=1+1"), no_formula(" @x"), no_formula("-5.2"), no_formula(3)
    ("'=1+1", "' @x", '-5.2', 3)
    """
    if not isinstance(value, str):
        return value
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", value.replace("\r", "\n"))
    head = text.lstrip(" \u00a0\n\ufeff")
    risky = value.startswith(("\t", "\r")) or (
        head.startswith(("=", "@", "+", "-", "\t")) and not re.fullmatch(r"[+-]?[\d.,]+\s*%?", head)
    )
    return f"'{text}" if risky else text
